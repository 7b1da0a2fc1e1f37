"""What a Function's `context` is made of, and the id that its log lines carry.

The compiled core makes the Context and asks these factories when an attribute is touched for the
first time. `THREAD_LOCAL` is the user's door to the invocation id (spec worker 6.3 and 6.4).
"""

from __future__ import annotations

import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ferrofunc._core import InvocationId, Link

INVOCATION: ContextVar[InvocationId | None] = ContextVar("ferrofunc_invocation", default=None)

_link: Link | None = None


def use_link(link: Link) -> None:
    """Tell whom to ask for the id of the Invocation that runs here. Called once per worker."""
    global _link
    _link = link


class ThreadLocalStorage(threading.local):
    """Per-thread storage, the same object for all Invocations.

    `invocation_id` is what the user has set in this thread, else the id of the Invocation that
    this thread (or task) runs, else None. The text is made when somebody asks.
    """

    explicit: str | None = None

    @property
    def invocation_id(self) -> str | None:
        """The id that log records of this thread carry."""
        if self.explicit is not None:
            return self.explicit
        return None if _link is None else _link.current_invocation_id()

    @invocation_id.setter
    def invocation_id(self, value: str | None) -> None:
        self.explicit = value


THREAD_LOCAL = ThreadLocalStorage()


class TraceContext:
    """Distributed tracing headers of one Invocation (spec worker 6.3).

    `trace_parent` and `trace_state` are W3C texts; `attributes` is a dict. The capitalised names
    are the deprecated ones.
    """

    def __init__(self, parent: str, state: str, attributes: dict[str, str]) -> None:
        self.trace_parent = parent
        self.trace_state = state
        self.attributes = attributes

    @property
    def Traceparent(self) -> str:  # noqa: N802 - the library's old name
        """Deprecated name of `trace_parent`."""
        return self.trace_parent

    @property
    def Tracestate(self) -> str:  # noqa: N802 - the library's old name
        """Deprecated name of `trace_state`."""
        return self.trace_state

    @property
    def Attributes(self) -> dict[str, str]:  # noqa: N802 - the library's old name
        """Deprecated name of `attributes`."""
        return self.attributes


class RetryContext:
    """Which attempt this is (spec worker 6.3). Both counts are 0 when no retry is active.

    `exception` is the name that the documentation gives to `rpc_exception`.
    """

    def __init__(self, retry_count: int = 0, max_retry_count: int = 0) -> None:
        self.retry_count = retry_count
        self.max_retry_count = max_retry_count
        self.rpc_exception: Any = None

    @property
    def exception(self) -> Any:
        """Why the attempt before this one failed; None for the first."""
        return self.rpc_exception


def make_trace_context(parent: str | None, state: str | None, invocation_id: str) -> TraceContext:
    """Return the trace context of a request, or a new trace if it brought none.

    Args:
        parent: The `traceparent` header.
        state: The `tracestate` header.
        invocation_id: 36 characters; the id of the new trace is made of it.
    """
    digits = invocation_id.replace("-", "")
    made = parent or f"00-{digits}-{digits[16:]}-00"
    attributes = {"InvocationId": invocation_id, "Category": "Host.Results"}
    return TraceContext(made, state or "", attributes)
