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
    shown = traceback.TracebackException.from_exception(error, compact=True)
    stack = _frames(shown)
    earlier = shown.__cause__ or (None if shown.__suppress_context__ else shown.__context__)
    while earlier is not None:
        stack += "Caused by:\n" + "".join(earlier.format_exception_only()) + _frames(earlier)
        earlier = earlier.__cause__ or (
            None if earlier.__suppress_context__ else earlier.__context__
        )
    group = getattr(shown, "exceptions", None)
    for member in group or ():
        stack += "Including:\n" + "".join(member.format_exception_only()) + _frames(member)
    return message, stack.rstrip("\n")


def _frames(shown: traceback.TracebackException) -> str:
    frames = [frame for frame in shown.stack if not frame.filename.startswith(_OWN_FOLDER)]
    return "".join(traceback.StackSummary.from_list(frames).format())
