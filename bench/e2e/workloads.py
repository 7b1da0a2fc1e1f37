"""The workloads: what is asked of which servers, and what the right answer is.

Data only, in the words of `kinds.py`; `run.py` carries them out in this order. A workload's name is
the name in `--only`, in the results and in `targets.py`.
"""

from __future__ import annotations

import json
from dataclasses import replace

from kinds import Closed, Idle, Memory, Open, Request, Start, Transfer, Workload
from servers import FERROFUNC, GUARDED, HOST_KEY, ORIGIN, ROUTES_500

_KIB = 1024
_MIB = 1024 * _KIB


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


def _pieces() -> bytes:
    """What `/out` of `apps/streams` sends: pieces of 64 KiB that begin with their number."""
    rest = b"".join(b"%015d\n" % line for line in range(1, 64 * _KIB // 16))
    return b"".join(b"%015d\n" % number + rest for number in range(1024))


_HELLO = Request("/api/hello?name=bench", b"Hello, bench")
_KEYED = Request(
    _HELLO.path, _HELLO.expected, headers={"x-functions-key": HOST_KEY, "Origin": ORIGIN}
)
_JSON = _document()
_ITEM = Request("/items/7?limit=3", b'{"id":7,"name":"item 7","limit":3}', is_json=True)
_ORDER = Request(
    "/orders",
    b'{"customer":"Ada","lines":2,"total":13.5}',
    "POST",
    b'{"customer":"Ada","lines":[{"sku":"a-1","quantity":2,"price":1.5},'
    b'{"sku":"b-2","quantity":3,"price":3.5}]}',
    "application/json",
    is_json=True,
)
_STREAM = _pieces()
_UPLOAD = Request("/in", b"%d" % len(_STREAM), "POST", _STREAM, "application/octet-stream")
_UPLOAD_CHUNKED = replace(_UPLOAD, is_chunked=True)
_UPLOAD_SMALL = Request("/in", b"4", "POST", b"four", "application/octet-stream")
_BARE = (FERROFUNC, "uvicorn", "granian-rsgi", "socketify")
_ASGI = (FERROFUNC, "uvicorn", "granian-asgi")
_ECHO = (FERROFUNC, "uvicorn", "granian-rsgi")

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
        _BARE,
        Request("/api/hello_async?name=bench", b"Hello, bench"),
    ),
    Workload(
        "hello_library",
        "The first again, with the library's own class of responses.",
        Closed(64),
        (FERROFUNC, "uvicorn", "socketify"),
        _HELLO,
        settings={"FERROFUNC_NATIVE_RESPONSE": "0"},
    ),
    Workload(
        "hello_guarded",
        "What do keys, CORS, custom headers and request limits add to a small function?",
        Closed(64),
        (FERROFUNC, GUARDED),
        _KEYED,
        app="hello",
    ),
    Workload(
        "routes_500",
        "What do 500 routes cost more than 5?",
        Closed(64),
        (FERROFUNC, ROUTES_500),
        Request("/api/service200/items/7f3a", b"Item 7f3a"),
        app="routes",
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
        (FERROFUNC, "uvicorn", "granian-rsgi"),
        _HELLO,
    ),
    Workload(
        "open_2k",
        "The same at 2000 a second, where waking sleeping processes is most of the work.",
        Open(2_000),
        (FERROFUNC, "uvicorn"),
        _HELLO,
    ),
    Workload(
        "fastapi",
        "The same FastAPI app in all servers: a GET and a POST with a pydantic model, in turn.",
        Closed(64),
        _ASGI,
        _ITEM,
        in_turn=(_ORDER,),
        app="fastapi",
        asgi="shop:app",
    ),
    Workload(
        "echo_json",
        "1 KiB of JSON, parsed and written again by the function.",
        Closed(64),
        (*_BARE, "pure-host"),
        Request("/api/echo_json", _JSON, "POST", _JSON, "application/json", is_json=True),
    ),
    Workload("echo_1m", "1 MiB in, 1 MiB out.", Closed(8), (*_ECHO, "granian-wsgi"), _echo(_MIB)),
    Workload("echo_16m", "16 MiB in, 16 MiB out.", Closed(4), _ECHO, _echo(16 * _MIB)),
    Workload(
        "stream_out_64m",
        "64 MiB that an ASGI app sends in pieces of 64 KiB.",
        Transfer(4, len(_STREAM)),
        _ASGI,
        Request("/out", _STREAM),
        ready=_UPLOAD_SMALL,
        app="streams",
        asgi="pieces:app",
    ),
    Workload(
        "stream_in_64m",
        "64 MiB that an ASGI app receives piece by piece.",
        Transfer(4, len(_STREAM)),
        _ASGI,
        _UPLOAD,
        checked=(_UPLOAD_CHUNKED,),
        ready=_UPLOAD_SMALL,
        app="streams",
        asgi="pieces:app",
    ),
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
        (FERROFUNC, "uvicorn", "socketify"),
        _HELLO,
        most_rounds=1,
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
        most_rounds=1,
    ),
)

WORKLOADS = {workload.name: workload for workload in _ALL}
