"""Index an app: import it once and say which functions it has, as `Index`.

The only entry into loading; called once in each worker, before it takes an Invocation. Whatever
user code does while it is imported (SystemExit too) ends in a `LoadError`, never in a dead
worker. What it prints is shown.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferrofunc.worker import applications, load_error, load_v2, paths, stream_functions
from ferrofunc.worker.function import Function, Index, Model, Parameter
from ferrofunc.worker.load_error import LoadError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Function", "Index", "LoadError", "Parameter", "index", "table"]


def index(app_root: Path, environ: Mapping[str, str]) -> Index:
    """Import the app below `app_root` and find its functions.

    Reads PYTHON_SCRIPT_FILE_NAME and PYTHONPATH from `environ`. Makes `app_root` the current
    directory and puts `sys.path` in order first. Raises nothing but KeyboardInterrupt: a
    failure is in `Index.error` or in the `Function.error` of the one function it concerns.
    Call it once in a process; modules stay imported.
    """
    root = Path(os.path.normpath(Path(app_root).absolute()))
    paths.prepare(root, environ)
    model: Model = "v1"
    script = ""
    functions: list[Function] = []
    error: LoadError | None = None
    try:
        os.chdir(root)
        name = load_v2.script_name(environ)
        if (root / name).is_file():
            model, script = "v2", str(root / name)
            functions = load_v2.load(root, name)
        if not functions:
            # An entry file without functions leaves the app to its function.json folders.
            # Imported late too: an app of decorators never needs it.
            from ferrofunc.worker import load_v1

            functions = load_v1.load(root)
            model = "v1" if functions or not script else "v2"
    except KeyboardInterrupt:
        raise
    except BaseException as exc:
        error = load_error.from_exception(exc, root)
    finally:
        # User code may have closed or replaced it; what it printed must not wait in a buffer.
        with suppress(AttributeError, OSError, ValueError):
            sys.stdout.flush()
    return Index(
        model=model,
        script_file=script,
        functions=tuple(
            stream_functions.recognise(applications.recognise(function, environ), environ)
            for function in sorted(functions, key=lambda f: (f.name.lower(), f.name))
        ),
        error=error,
        user_files=paths.imported_user_files(root),
    )


def table(index: Index) -> list[dict[str, Any]]:
    """Return the Function table as data, ready for JSON, in the order of `index.functions`.

    `error` and `errorStack` are None for a function that loaded. `errorKind` is 'metadata' for
    a definition that is refused (no route, no listener) and 'load' for a function that is known
    but whose every call fails.
    """
    return [
        {
            "name": function.name,
            "functionId": function.function_id,
            "scriptFile": function.script_file,
            "entryPoint": function.entry_point,
            "directory": function.directory,
            "bindings": list(function.bindings),
            "isAsync": function.is_async,
            "isStream": function.application is not None and function.is_async,
            "retry": function.retry,
            "error": function.error.text if function.error else None,
            "errorStack": function.error.stack if function.error else None,
            "errorKind": function.error.kind if function.error else None,
        }
        for function in index.functions
    ]
