"""The workloads: what is asked of which servers, and what the right answer is.

Data only; `run.py` carries them out in this order. A workload's name is the name in `--only`, in
the results and in `targets.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from servers import FERROFUNC

_KIB = 1024
_MIB = 1024 * _KIB


@dataclass(frozen=True)
class Request:
    """One HTTP request and the body that answers it (as JSON value where it is JSON)."""

    path: str
    expected: bytes
    method: str = "GET"
    body: bytes = b""
    content_type: str = ""

    def is_answered_by(self, status: int, body: bytes) -> bool:
        """Whether status and body are the right answer."""
        if status != 200:
            return False
        if self.content_type != "application/json":
            return body == self.expected
        try:
            return bool(json.loads(body) == json.loads(self.expected))
        except ValueError:
            return False


@dataclass(frozen=True)
class Closed:
    """Closed loop: each connection sends again as soon as it is answered."""

    connections: int


@dataclass(frozen=True)
class Open:
    """Open loop: requests leave at a constant rate whatever the server does."""

    rate: int
    connections: int = 64


@dataclass(frozen=True)
class Idle:
    """Nothing is sent; CPU of the whole process tree."""


@dataclass(frozen=True)
class Start:
    """Process start to first 200, `times` starts a round."""

    times: int = 5


@dataclass(frozen=True)
class Memory:
    """Memory of the whole process tree after start and after a closed-loop load."""

    connections: int = 64


@dataclass(frozen=True)
class Workload:
    """A question, the servers it is put to, and how."""

    name: str
    question: str
    load: Closed | Open | Idle | Start | Memory
    servers: tuple[str, ...]
    request: Request
    app: str = "http"
    settings: dict[str, str] = field(default_factory=dict)


def _document() -> bytes:
    """A JSON object of exactly 1 KiB: numbers, text, a list, nesting."""
    order = {"id": 81735, "paid": True, "total": 129.95, "note": None}
    items = [{"sku": f"item-{n:03}", "quantity": n, "price": n * 1.25} for n in range(1, 13)]
    document = {"order": order, "items": items, "padding": ""}
    document["padding"] = "x" * (_KIB - len(json.dumps(document)))
    return json.dumps(document).encode()


def _echo(size: int) -> Request:
    # Not constant, so that a body put together wrongly does not pass for the right one.
    body = b"".join(b"%015d\n" % n for n in range(size // 16))
    return Request("/api/echo", body, "POST", body, "application/octet-stream")


_HELLO = Request("/api/hello?name=bench", b"Hello, bench")
_JSON = _document()
_BARE = (FERROFUNC, "uvicorn", "granian-rsgi", "socketify")
_ECHO = (FERROFUNC, "uvicorn", "granian-rsgi", "granian-wsgi", "pure-host")

_ALL = (
    Workload(
        "hello",
        "What does a small sync function cost under full load?",
        Closed(64),
        (*_BARE, "pure-host"),
        _HELLO,
    ),
    Workload(
        "hello_async",
        "The same function as `async def`.",
        Closed(64),
        (*_BARE, "pure-host"),
        Request("/api/hello_async?name=bench", b"Hello, bench"),
    ),
    Workload(
        "one_connection",
        "How long does a lone client wait?",
        Closed(1),
        _BARE,
        _HELLO,
    ),
    Workload(
        "open_10k",
        "How long do requests wait that arrive 10000 times a second, come what may?",
        Open(10_000),
        _BARE,
        _HELLO,
    ),
    Workload(
        "open_2k",
        "The same at 2000 a second, where waking sleeping processes is most of the work.",
        Open(2_000),
        _BARE,
        _HELLO,
    ),
    Workload(
        "echo_json",
        "1 KiB of JSON, parsed and written again by the function.",
        Closed(64),
        (*_BARE, "granian-wsgi", "pure-host"),
        Request("/api/echo_json", _JSON, "POST", _JSON, "application/json"),
    ),
    Workload("echo_1m", "1 MiB in, 1 MiB out.", Closed(8), _ECHO, _echo(_MIB)),
    Workload("echo_16m", "16 MiB in, 16 MiB out.", Closed(4), _ECHO, _echo(16 * _MIB)),
    Workload(
        "sleep_sync",
        "Sync functions that wait 10 ms: 256 threads, 256 connections (25.6k/s is the limit).",
        Closed(256),
        (FERROFUNC, "granian-wsgi"),
        Request("/api/sleep_sync", b"slept"),
        settings={"PYTHON_THREADPOOL_THREAD_COUNT": "256"},
    ),
    Workload(
        "sleep_async",
        "Async functions that wait 10 ms: 1000 connections (100k/s is the limit).",
        Closed(1000),
        (FERROFUNC, "granian-rsgi", "uvicorn"),
        Request("/api/sleep_async", b"slept"),
    ),
    Workload(
        "idle",
        "Does a host that nobody calls use the CPU?",
        Idle(),
        (*_BARE, "pure-host"),
        _HELLO,
    ),
    Workload(
        "start",
        "How long from starting the process to the first 200?",
        Start(),
        (FERROFUNC, "uvicorn", "granian-rsgi", "pure-host"),
        _HELLO,
        app="hello",
    ),
    Workload(
        "memory",
        "How much memory do all processes hold together?",
        Memory(),
        (FERROFUNC, "uvicorn", "granian-rsgi", "pure-host"),
        _HELLO,
        app="hello",
    ),
)

WORKLOADS = {workload.name: workload for workload in _ALL}
