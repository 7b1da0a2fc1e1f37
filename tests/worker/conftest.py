"""`index_app`: write a tiny app, index it in a fork, report what was found.

A fork per app, because indexing imports user code once and for good; the parent has imported
`azure.functions`, as the process that workers are forked from has.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import azure.functions  # noqa: F401  (before the fork)
import pytest
from ferrofunc.worker.index import Function, Index, index, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TESTS = Path(__file__).parent.parent


@dataclass
class Report:
    """An Index that has crossed a process boundary."""

    root: Path
    model: str
    script_file: str
    error: dict[str, Any] | None
    functions: dict[str, dict[str, Any]]
    table: list[dict[str, Any]]
    user_files: list[str]
    output: str
    sys_path: list[str]
    cwd: str

    @property
    def only(self) -> dict[str, Any]:
        """The function of an app that has one."""
        assert self.error is None, self.error
        assert len(self.functions) == 1, list(self.functions)
        return next(iter(self.functions.values()))


def _error(error: Any) -> dict[str, Any] | None:
    if error is None:
        return None
    return {
        "kind": error.kind,
        "type": error.type_name,
        "message": error.message,
        "text": error.text,
        "stack": error.stack,
        "file": error.file,
        "line": error.line,
    }


def _function(function: Function) -> dict[str, Any]:
    user = function.user_function
    return {
        "name": function.name,
        "id": function.function_id,
        "directory": function.directory,
        "script_file": function.script_file,
        "entry_point": function.entry_point,
        "bindings": list(function.bindings),
        "retry": function.retry,
        "is_async": function.is_async,
        "returns": function.returns,
        "return_converter": function.return_converter,
        "return_annotation": repr(function.return_annotation),
        "error": _error(function.error),
        "model": function.model,
        "module": getattr(user, "__module__", None),
        # The user's function, so that a test can look into the module it came from.
        "told": user.tell() if hasattr(user, "tell") else None,
        "parameters": {
            p.name: {
                "kind": p.kind,
                "converter": p.converter,
                "annotation": repr(p.annotation),
                "keyword_only": p.keyword_only,
                "same_binding": any(p.binding is b for b in function.bindings),
            }
            for p in function.parameters
        },
        "parameter_order": [p.name for p in function.parameters],
    }


def _describe(found: Index) -> dict[str, Any]:
    return {
        "model": found.model,
        "script_file": found.script_file,
        "error": _error(found.error),
        "functions": {f.name: _function(f) for f in found.functions},
        "table": table(found),
        "user_files": list(found.user_files),
        "sys_path": sys.path,
        "cwd": str(Path.cwd()),
    }


def _in_fork(root: Path, environ: Mapping[str, str], output: Path, result: Path) -> None:
    """Index `root` in a child whose standard output goes to `output`."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert status == 0, f"the child ended with status {status}: {output.read_text()}"
        return
    code = 1
    try:
        written = os.open(output, os.O_WRONLY | os.O_CREAT)
        os.dup2(written, 1)
        os.dup2(written, 2)
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", 1, closefd=False)  # noqa: SIM115
        # What pytest put in place is not there in a worker.
        warnings.resetwarnings()
        logging.getLogger().handlers.clear()
        sys.path[:] = [p for p in sys.path if not p.startswith(str(TESTS))]
        found = index(root, environ)
        result.write_text(json.dumps(_describe(found)))
        code = 0
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)


@pytest.fixture
def index_app(tmp_path: Path) -> Callable[..., Report]:
    """Index an app given as {relative path: content}."""

    def run(files: Mapping[str, str], environ: Mapping[str, str] | None = None) -> Report:
        root = tmp_path / "app"
        for name, content in files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        output, result = tmp_path / "output", tmp_path / "result"
        _in_fork(root, environ or {}, output, result)
        return Report(root=root, output=output.read_text(), **json.loads(result.read_text()))

    return run


HTTP = (
    {"type": "httpTrigger", "direction": "in", "name": "req"},
    {"type": "http", "direction": "out", "name": "$return"},
)


@pytest.fixture
def v1_app() -> Callable[..., dict[str, str]]:
    """Write the files of one function.json folder: code, bindings, further top-level keys."""

    def files(
        code: str,
        bindings: object = HTTP,
        *,
        name: str = "Fn",
        script: str = "__init__.py",
        **keys: object,
    ) -> dict[str, str]:
        document = {"scriptFile": script, "bindings": bindings, **keys}
        return {f"{name}/{script}": code, f"{name}/function.json": json.dumps(document)}

    return files
