"""An exception of user code, as the log shows it (spec worker 6.2).

Called by the compiled core for each Invocation that fails. It must not raise, whatever the
exception's own methods do: the core has a text for that case.
"""

from __future__ import annotations

import traceback
from pathlib import Path

_OWN_FOLDER = str(Path(__file__).parent)


def describe(error: BaseException) -> tuple[str, str]:
    """Return the message and the stack of `error`: the user's frames first, then its causes."""
    try:
        message = f"{type(error).__name__}: {error}"
    except Exception:
        message = "Unhandled exception in function. Could not serialize original exception message."
    try:
        shown = traceback.TracebackException.from_exception(error, compact=True)
        stack = _frames(shown) + _notes(shown) + _related(shown)
    except Exception as broken:
        # An exception may define attributes that fail when they are read.
        stack = f"no stack: formatting it raised {type(broken).__name__}"
    return message, stack.rstrip("\n")


def _related(shown: traceback.TracebackException) -> str:
    """The causes of an exception, each after the one it led to, and the members of groups."""
    told = _members(shown)
    earlier = _cause(shown)
    while earlier is not None:
        told += "Caused by:\n" + _whole(earlier) + _members(earlier)
        earlier = _cause(earlier)
    return told


def _cause(shown: traceback.TracebackException) -> traceback.TracebackException | None:
    return shown.__cause__ or (None if shown.__suppress_context__ else shown.__context__)


def _members(shown: traceback.TracebackException) -> str:
    group: list[traceback.TracebackException] = getattr(shown, "exceptions", None) or []
    return "".join("Including:\n" + _whole(member) + _related(member) for member in group)


def _whole(shown: traceback.TracebackException) -> str:
    return "".join(shown.format_exception_only()) + _frames(shown)


def _notes(shown: traceback.TracebackException) -> str:
    notes = getattr(shown, "__notes__", None)
    return "".join(f"{note}\n" for note in notes) if isinstance(notes, list) else ""


def _frames(shown: traceback.TracebackException) -> str:
    frames = [frame for frame in shown.stack if not frame.filename.startswith(_OWN_FOLDER)]
    return "".join(traceback.StackSummary.from_list(frames).format())
