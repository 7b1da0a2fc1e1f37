"""Everything user code says, on its way to the host's console (spec worker 7).

The root logger gets one handler; `sys.stdout` and `sys.stderr` become streams of lines. Each line
carries the id of the Invocation that runs where it was said, which the compiled core knows. What
is written to the file descriptors by C code goes through pipes instead and carries no id.
Installed before user code is imported, so that import time is heard as well.
"""

from __future__ import annotations

import io
import logging
import sys
import threading
from typing import TYPE_CHECKING

from ferrofunc.worker.context import THREAD_LOCAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ferrofunc._core import Link

_SYSTEM = ("azure_functions_worker", "azure.functions", "ferrofunc.")
_TRUE = frozenset({"1", "true", "t", "yes", "y"})
INFORMATION, WARNING, ERROR = 20, 30, 40


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


class LinkHandler(logging.Handler):
    """Forwards each record as one message."""

    def __init__(self, link: Link, user_level: int, system_level: int) -> None:
        super().__init__(min(user_level, system_level))
        self._link = link
        self._user_level = user_level
        self._system_level = system_level

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
        self._link.log(level, record.name, text, THREAD_LOCAL.explicit)

    def createLock(self) -> None:  # noqa: N802 - logging's name
        """Need no lock: the link is a single producer already."""
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
        self._begun = threading.local()

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
        begun: str = getattr(self._begun, "text", "") + text
        head, newline, rest = begun.rpartition("\n")
        self._begun.text = rest
        if newline:
            self._send(head)
        return len(text)

    def flush(self) -> None:
        """Send what has no line end yet."""
        rest: str = getattr(self._begun, "text", "")
        if rest:
            self._begun.text = ""
            self._send(rest)

    def _send(self, text: str) -> None:
        level = INFORMATION if self._name == "stdout" else stderr_level(text)
        if level >= self._user_level:
            clean = text.encode("utf-8", "backslashreplace").decode("utf-8")
            self._link.log(level, self._name, clean or " ", THREAD_LOCAL.explicit)


def stderr_level(text: str) -> int:
    """Return how much a line of standard error matters (spec cli 2.3)."""
    lowered = text.lower()
    if "warn" in lowered:
        return WARNING
    if any(word in lowered for word in ("error", "fail", "severe", "unhandled exception")):
        return ERROR
    return INFORMATION
