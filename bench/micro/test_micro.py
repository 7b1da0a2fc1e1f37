"""What single steps of the worker cost, beside the classes of `azure.functions` for the same step.

`pytest bench/micro --benchmark-only`; how to read it stands in `bench/README.md`. Each test also
checks what it timed, so a step that is skipped cannot pass for a fast one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import azure.functions as func
import pytest
from azure.functions.http import HttpRequest as LibraryRequest
from azure.functions.http import HttpResponseConverter
from ferrofunc.worker.native_response import library_class, native_class
from one_worker import CALLS, OneWorker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_benchmark.fixture import BenchmarkFixture

DOCUMENT = {"id": 7, "items": [{"sku": f"item-{n:03}", "price": n * 1.25} for n in range(28)]}
BODY = json.dumps(DOCUMENT).encode()
HEADERS = {
    "Host": "localhost:7071",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "application/json",
    "Accept-Language": "en-US,en;q=0.5",
    "Content-Type": "application/json",
    "X-Request-Id": "0b3f6c1e",
}
QUERY = "name=bench&page=2&sort=price"


def _bytes_of(name: str, body: bytes = b"") -> bytes:
    fields = "".join(f"{field}: {value}\r\n" for field, value in HEADERS.items())
    head = f"POST /{name}/7?{QUERY} HTTP/1.1\r\n{fields}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _library_request() -> LibraryRequest:
    # What the official worker does once it has decoded the host's message into dictionaries.
    return LibraryRequest(
        "POST",
        f"http://localhost:7071/keep/7?{QUERY}",
        headers=HEADERS,
        params={"name": "bench", "page": "2", "sort": "price"},
        route_params={"id": "7"},
        body_type="bytes",
        body=BODY,
    )


KEPT: list[func.HttpRequest] = []
RESPONSE = native_class("Hello, bench")


async def keep(req: func.HttpRequest) -> str:
    KEPT.append(req)
    return "kept"


async def text(_req: func.HttpRequest) -> str:
    return "Hello, bench"


async def text_with_context(_req: func.HttpRequest, _context: func.Context) -> str:
    return "Hello, bench"


async def params_touched(req: func.HttpRequest) -> str:
    return f"Hello, {req.params['name']}"


async def header_touched(req: func.HttpRequest) -> str:
    return f"Hello, {req.headers['x-request-id']}"


async def response_kept(_req: func.HttpRequest) -> func.HttpResponse:
    return RESPONSE


async def response(_req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("Hello, bench")


class Derived(native_class):
    """As many apps have one."""

    def __init__(self, body: str) -> None:
        super().__init__(body, mimetype="application/json")


async def response_derived(_req: func.HttpRequest) -> func.HttpResponse:
    return Derived("{}")


async def response_of_the_library(_req: func.HttpRequest) -> func.HttpResponse:
    return library_class("Hello, bench")


async def response_with_headers(_req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("{}", headers={"X-One": "1"}, mimetype="application/json")


CALLED = (
    text,
    text_with_context,
    params_touched,
    header_touched,
    response_kept,
    response,
    response_derived,
    response_of_the_library,
    response_with_headers,
)


@pytest.fixture(scope="module")
def worker() -> Iterator[OneWorker]:
    functions = {f.__name__: (f, ["request"]) for f in (keep, *CALLED)}
    functions["text_with_context"] = (text_with_context, ["request", "context"])
    started = OneWorker(functions)
    yield started
    started.close()


@pytest.fixture(scope="module", params=["ferrofunc", "library"])
def request_of(request: pytest.FixtureRequest, worker: OneWorker) -> func.HttpRequest:
    """One request, of either class."""
    if request.param == "library":
        return _library_request()
    worker.fill(_bytes_of("keep", BODY))
    worker.drain()
    return KEPT[-1]


TOUCHED: dict[str, tuple[Callable[[func.HttpRequest], Any], Any]] = {
    "method": (lambda req: req.method, "POST"),
    "url": (lambda req: req.url.partition("://")[2], f"localhost:7071/keep/7?{QUERY}"),
    "headers_get": (lambda req: req.headers.get("X-Request-Id"), "0b3f6c1e"),
    "params_get": (lambda req: req.params.get("name"), "bench"),
    "route_params_get": (lambda req: req.route_params.get("id"), "7"),
    "get_body": (lambda req: req.get_body(), BODY),
    "get_json": (lambda req: req.get_json(), DOCUMENT),
}


@pytest.mark.benchmark(max_time=0.2)
@pytest.mark.parametrize("name", TOUCHED)
def test_request(benchmark: BenchmarkFixture, request_of: func.HttpRequest, name: str) -> None:
    touch, expected = TOUCHED[name]
    benchmark.group = f"request: {name}, touched before"
    assert benchmark(touch, request_of) == expected


@pytest.mark.benchmark(group=f"{CALLS} calls in the worker: Frame, request, function, Outcome")
@pytest.mark.parametrize("function", CALLED, ids=lambda function: function.__name__)
def test_calls(benchmark: BenchmarkFixture, worker: OneWorker, function: Any) -> None:
    request = _bytes_of(function.__name__)
    benchmark.pedantic(
        worker.drain, setup=lambda: worker.fill(request), rounds=300, warmup_rounds=30
    )
    worker.read_answers()
    benchmark.extra_info["rounds with calls left over"] = worker.short


@pytest.mark.benchmark(group="library: what the calls above contain or replace", max_time=0.2)
def test_library_makes_a_request(benchmark: BenchmarkFixture) -> None:
    assert benchmark(_library_request).get_body() == BODY


MADE: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "trivial": (lambda _: _Trivial(), None),
    "text": (lambda cls: cls("Hello, bench"), None),
    "bytes": (lambda cls: cls(b"Hello, bench"), None),
    "status": (lambda cls: cls("no", status_code=404), None),
    "json": (lambda cls: cls("{}", mimetype="application/json"), None),
    "one_header": (lambda cls: cls("{}", headers={"X-One": "1"}), None),
    "text_and_body": (lambda cls: cls("Hello, bench").get_body(), b"Hello, bench"),
    "text_and_status": (lambda cls: cls("Hello, bench").status_code, 200),
    "text_and_headers": (lambda cls: len(cls("Hello, bench").headers), 0),
}


class _Trivial:
    __slots__ = ()


@pytest.mark.parametrize("cls", [native_class, library_class], ids=["ferrofunc", "library"])
@pytest.mark.parametrize("name", MADE)
def test_response(benchmark: BenchmarkFixture, cls: Any, name: str) -> None:
    make, expected = MADE[name]
    benchmark.group = f"response: {name}"
    # A single one is of the size of the clock's own cost.
    found = benchmark.pedantic(make, (cls,), rounds=200, iterations=1000, warmup_rounds=5)
    assert isinstance(found, (cls, _Trivial)) if expected is None else found == expected


@pytest.mark.benchmark(group="library: what the calls above contain or replace", max_time=0.2)
def test_library_makes_and_encodes_a_response(benchmark: BenchmarkFixture) -> None:
    def make_and_encode() -> Any:
        # A new one each time: encoding writes into it.
        return HttpResponseConverter.encode(func.HttpResponse("Hello, bench"), expected_type=None)

    assert benchmark(make_and_encode).value["body"].value == b"Hello, bench"
