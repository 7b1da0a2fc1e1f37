"""What workers write to their file descriptors 1 and 2, line by line, on its way to the console.

Python's own `print` does not come this way: it is native code, faulthandler and the interpreter
that write here, so that no Invocation is known. A worker that never ends a line costs a bounded
buffer.
"""

from __future__ import annotations

import os
import selectors
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ferrofunc._core import Gateway

_LONGEST = 1 << 16


class Lines:
    """One pipe. It unregisters and closes itself when the last writer is gone."""

    def __init__(
        self, pipe: int, name: str, gateway: Gateway, selector: selectors.BaseSelector
    ) -> None:
        os.set_blocking(pipe, False)
        self._pipe = pipe
        self._name = name
        self._gateway = gateway
        self._selector = selector
        self._begun = b""
        selector.register(pipe, selectors.EVENT_READ, self.read)

    def read(self) -> None:
        """Take what is there."""
        try:
            data = os.read(self._pipe, _LONGEST)
        except BlockingIOError:
            return
        if not data:
            self._selector.unregister(self._pipe)
            os.close(self._pipe)
            self._say(self._begun)
            return
        head, newline, rest = (self._begun + data).rpartition(b"\n")
        if newline:
            self._say(head)
        if len(rest) > _LONGEST:
            self._say(rest)
            rest = b""
        self._begun = rest

    def _say(self, data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        if text.strip():
            level = "Information" if self._name == "stdout" else level_of(text)
            self._gateway.log(level, text)


def level_of(text: str) -> str:
    """Return how much text on standard error matters (cli.md 2.3)."""
    lowered = text.lower()
    if "warn" in lowered:
        return "Warning"
    if any(word in lowered for word in ("error", "fail", "severe", "unhandled exception")):
        return "Error"
    return "Information"


def is_coloured() -> bool:
    """Tell whether the console understands colours."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ
