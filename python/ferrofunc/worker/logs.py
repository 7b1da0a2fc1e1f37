"""Everything user code says, on its way to the host's console (spec worker 7).

The root logger gets one handler; `sys.stdout` and `sys.stderr` become streams of lines. Each line
carries the id of the Invocation that runs where it was said, which the compiled core knows. What
is written to the file descriptors by C code goes through pipes instead and carries no id.
Installed before user code is imported, so that import time is heard as well.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from ferrofunc.worker.context import THREAD_LOCAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ferrofunc._core import Link

_SYSTEM = ("azure_functions_worker", "azure.functions", "ferrofunc.")
_TRUE = frozenset({"1", "true", "t", "yes", "y"})
DEBUG, INFORMATION, WARNING, ERROR = 10, 20, 30, 40


def install(link: Link, environ: Mapping[str, str], user_level: int, system_level: int) -> None:
    """Send log records and printed lines through `link`.

    Args:
        link: The worker's link.
        environ: Read for PYTHON_ENABLE_DEBUG_LOGGING.
        user_level: Records of the user below this level are not sent.
        system_level: The same for the library's own loggers.
    """
    root = logging.getLogger()
    wants_debug = environ.get("PYTHON_ENABLE_DEBUG_LOGGING", "").strip().lower() in _TRUE
    root.setLevel(logging.DEBUG if wants_debug else logging.INFO)
    root.addHandler(LinkHandler(link, user_level, system_level))
    logging.captureWarnings(False)
    sys.stdout = LineStream(link, sys.__stdout__, "stdout", user_level)
    sys.stderr = LineStream(link, sys.__stderr__, "stderr", user_level)
    os.register_at_fork(after_in_child=_detach)


def _detach() -> None:
    """Leave the Link to the worker: a process that user code forks writes to its descriptors."""
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, LinkHandler):
            root.removeHandler(handler)
            root.addHandler(logging.StreamHandler(sys.__stderr__))


class LinkHandler(logging.Handler):
    """Forwards each record as one message."""

    def __init__(self, link: Link, user_level: int, system_level: int) -> None:
        super().__init__(min(user_level, system_level))
        self._link = link
        self._user_level = user_level
        self._system_level = system_level

    def handle(self, record: logging.LogRecord) -> Any:
        """Emit `record` if the filters let it pass. Takes no lock: the link needs none."""
        kept = self.filter(record)
        if kept:
            # From Python 3.12 on a filter may put another record in its place.
            self.emit(kept if isinstance(kept, logging.LogRecord) else record)
        return kept

    def emit(self, record: logging.LogRecord) -> None:
        """Send `record`; what goes wrong in formatting it is reported as logging does."""
        is_system = record.name.startswith(_SYSTEM)
        if record.levelno < (self._system_level if is_system else self._user_level):
            return
        try:
            text = self.format(record)
        except Exception:
            self.handleError(record)
            return
        level = min(max(record.levelno, 0), 255)
        self._link.log(level, record.name, _sendable(text), THREAD_LOCAL.explicit)

    def createLock(self) -> None:  # noqa: N802 - logging's name
        """Make no lock: a forked worker would have to renew it."""
        self.lock = None


class LineStream(io.TextIOBase):
    """A text stream whose lines become console messages, each thread's apart.

    Args:
        link: The worker's link.
        under: The stream it stands for; `buffer` and `fileno` are that one's.
        name: 'stdout' or 'stderr'.
        user_level: Lines below this level are not sent.
    """

    def __init__(self, link: Link, under: io.TextIOBase | None, name: str, user_level: int) -> None:
        self._link = link
        self._under = under
        self._name = name
        self._user_level = user_level
        # By thread. What a thread leaves behind is still there when the worker ends.
        self._begun: dict[int, str] = {}

    @property
    def name(self) -> str:
        """`<stdout>` or `<stderr>`."""
        return f"<{self._name}>"

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Always UTF-8."""
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        """How what cannot be encoded is written."""
        return "backslashreplace"

    @property
    def buffer(self) -> io.BufferedIOBase:
        """The binary stream below, for those who write bytes."""
        if self._under is None:
            raise AttributeError("buffer")
        return self._under.buffer  # type: ignore[attr-defined, no-any-return]

    def fileno(self) -> int:
        """Return the descriptor of the stream below."""
        if self._under is None:
            raise io.UnsupportedOperation("fileno")
        return self._under.fileno()

    def isatty(self) -> bool:
        """Return False: whether the console is a terminal is the host's affair."""
        return False

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Send the lines that `text` completes and keep the rest for this thread's next write."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        thread = threading.get_ident()
        begun = self._begun.pop(thread, "") + text
        head, newline, rest = begun.rpartition("\n")
        if rest:
            self._begun[thread] = rest
        if newline:
            self._send(head)
        return len(text)

    def flush(self) -> None:
        """Send what this thread has begun; in the main thread, what any has begun."""
        own = threading.get_ident()
        is_main = own == threading.main_thread().ident
        for thread in list(self._begun) if is_main else [own]:
            rest = self._begun.pop(thread, "")
            if rest:
                self._send(rest)

    def _send(self, text: str) -> None:
        if self._name == "stdout":
            self._send_as(INFORMATION, text)
        else:
            for line in text.split("\n"):
                self._send_as(stderr_level(line), line)

    def _send_as(self, level: int, text: str) -> None:
        if level >= self._user_level:
            # A message without text would be no line at all.
            self._link.log(level, self._name, _sendable(text) or " ", THREAD_LOCAL.explicit)


def _sendable(text: str) -> str:
    """Spell out what UTF-8 cannot hold: half a surrogate pair."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def stderr_level(text: str) -> int:
    """Return how much a line of standard error matters (spec cli 2.3)."""
    lowered = text.lower()
    if "warn" in lowered:
        return WARNING
    if any(word in lowered for word in ("error", "fail", "severe", "unhandled exception")):
        return ERROR
    return INFORMATION
