"""Why an app, or one function of it, could not be loaded, in the words users search for.

Turns an exception of user code into a `LoadError`: the official text, a traceback that starts
at the user's own code, and the file and line to look at. Must never raise, whatever the
exception does. The loaders call it; the host prints what it made.

    RuntimeError
    └── FunctionLoadError      the bindings and the Python signature do not fit
    ValueError
    ├── MetadataError          the definition of the function is refused by the host
    └── InvalidFileNameError   PYTHON_SCRIPT_FILE_NAME is not a Python file name
"""

from __future__ import annotations

import importlib
import traceback
from pathlib import Path
from typing import Literal

from ferrofunc.record import Record
from ferrofunc.worker.paths import is_user_file

_OWN_FOLDER = str(Path(__file__).parent)
_MACHINERY = (_OWN_FOLDER, str(importlib.__file__), "<frozen importlib")


class FunctionLoadError(RuntimeError):
    """The bindings of a function and its Python signature do not fit (spec worker 3.1)."""

    def __init__(self, function_name: str, message: str) -> None:
        super().__init__(f"cannot load the {function_name} function: {message}")


class MetadataError(ValueError):
    """A function's definition breaks a rule of the host (spec configuration 10.1, 10.2)."""


class InvalidFileNameError(ValueError):
    """PYTHON_SCRIPT_FILE_NAME is not a Python file name (spec worker 1)."""

    def __init__(self, file_name: str) -> None:
        super().__init__(f"Invalid file name: {file_name}")


class LoadError(Record):
    """One failure to load.

    `kind` 'metadata': the definition itself is refused, so the function has no route and no
    listener. `kind` 'load': the function is known, and each call of it fails. `stack` begins at
    the user's code, with the import machinery left out. `file` and `line` point into the app
    when its code is to blame, and are None otherwise.
    """

    kind: Literal["metadata", "load"]
    type_name: str
    message: str
    stack: str
    file: str | None
    line: int | None

    @property
    def text(self) -> str:
        """The one line to show: `TypeName: message`, or the bare message of a metadata error."""
        return self.message if self.kind == "metadata" else f"{self.type_name}: {self.message}"


def from_exception(exc: BaseException, app_root: Path) -> LoadError:
    """Describe `exc`, raised while the app below `app_root` was being loaded. Never raises."""
    file, line = _where(exc, app_root)
    return LoadError(
        kind="metadata" if isinstance(exc, MetadataError) else "load",
        type_name=type(exc).__name__,
        message=_message(exc),
        stack=_stack(exc),
        file=file,
        line=line,
    )


def _message(exc: BaseException) -> str:
    if isinstance(exc, SystemExit):
        return (
            f"the app called sys.exit({exc.code!r}) while it was being imported. Importing must "
            'come to an end; put the call under `if __name__ == "__main__":` or remove it.'
        )
    try:
        return str(exc)
    except Exception:
        return "Unhandled exception in function. Could not serialize original exception message."


def _where(exc: BaseException, app_root: Path) -> tuple[str | None, int | None]:
    if isinstance(exc, SyntaxError) and exc.filename and is_user_file(exc.filename, app_root):
        return exc.filename, exc.lineno
    place: tuple[str | None, int | None] = (None, None)
    for frame, line in traceback.walk_tb(exc.__traceback__):
        if is_user_file(frame.f_code.co_filename, app_root):
            place = frame.f_code.co_filename, line
    return place


def _stack(exc: BaseException) -> str:
    try:
        report = traceback.TracebackException.from_exception(exc)
        _drop_machinery(report)
        return "".join(report.format())
    except Exception as broken:
        # An exception may define attributes that fail when they are read.
        return f"{type(exc).__name__}: no traceback, formatting it raised {type(broken).__name__}\n"


def _drop_machinery(report: traceback.TracebackException) -> None:
    pending: list[traceback.TracebackException | None] = [report]
    while pending:
        part = pending.pop()
        if part is None:
            continue
        part.stack[:] = [f for f in part.stack if not f.filename.startswith(_MACHINERY)]
        pending += [part.__cause__, part.__context__, *(getattr(part, "exceptions", None) or ())]
