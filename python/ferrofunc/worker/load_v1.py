"""Load an app of function.json folders (the v1 model, spec worker 3, configuration 10).

Each folder directly below the app root that holds a function.json is one function. Whatever is
wrong with one of them becomes its `Function.error`, and the others go on. Called by `index`.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from ferrofunc.worker import function_json, load_error, metadata, paths, retry
from ferrofunc.worker.function import Function, function_id
from ferrofunc.worker.import_user import import_user_module
from ferrofunc.worker.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_ENTRY_POINT = "main"


def load(app_root: Path) -> list[Function]:
    """Load every function of the app. Raises nothing for a function that is wrong."""
    folders = function_json.folders(app_root)
    if folders:
        paths.install_app_namespace(app_root)
    return [_load_function(app_root, folder) for folder in folders]


def _load_function(app_root: Path, folder: Path) -> Function:
    known: dict[str, Any] = {"script_file": "", "entry_point": _ENTRY_POINT, "bindings": ()}
    error = None
    user_function = None
    signature = None
    policy = None
    try:
        definition = function_json.read(folder)
        known["entry_point"] = definition.entry_point or _ENTRY_POINT
        known["bindings"] = definition.bindings
        metadata.check(folder.name, definition.bindings)
        script = function_json.script_file(folder, definition)
        known["script_file"] = str(script)
        policy = retry.from_function_json(definition.retry)
        user_function = _user_function(folder, script, known["entry_point"])
        signature = validate(folder.name, user_function, definition.bindings, "v1")
    except KeyboardInterrupt:
        raise
    except BaseException as exc:
        error = load_error.from_exception(exc, app_root)
    loaded = error is None and signature is not None
    return Function(
        name=folder.name,
        function_id=function_id(folder.name),
        directory=str(folder),
        retry=policy,
        user_function=user_function if loaded else None,
        is_async=loaded and inspect.iscoroutinefunction(user_function),
        parameters=signature.parameters if signature else (),
        returns=signature.returns if signature else False,
        return_converter=signature.return_converter if signature else None,
        return_annotation=signature.return_annotation if signature else None,
        error=error,
        model="v1",
        **known,
    )


def _user_function(folder: Path, script: Path, entry_point: str) -> Callable[..., Any]:
    """Import the script as a module of `__app__` and take the entry point out of it."""
    try:
        relative = script.relative_to(folder.parent)
    except ValueError:
        raise RuntimeError(
            f"script path {script} is not relative to the specified directory {folder}"
        ) from None
    if relative.suffix != ".py":
        raise RuntimeError(f"cannot load function {folder.name}: invalid Python filename {script}")
    parts = [paths.APP_NAMESPACE, *relative.parts[:-1]]
    if relative.stem.lower() != "__init__":
        # `package.__init__` by name would execute the package a second time.
        parts.append(relative.stem)
    module = import_user_module(".".join(parts))
    found = getattr(module, entry_point, None)
    if not callable(found):
        raise RuntimeError(
            f"cannot load function {folder.name}: function {entry_point}() is not present in "
            f"{relative}"
        )
    return found  # type: ignore[no-any-return]
