"""http.md 2: which URL and which methods a function answers to, and what the start says of it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from e2e.messages import read_responses

from .case import Case, each
from .functions import function, host_json

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

FUNCTIONS = {
    **function("Hello", route="hello", methods=["get"]),
    **function("NoRoute"),
    **function("NullRoute", route=None),
    **function("EmptyRoute", route=""),
    **function("Setting", route="%ROUTE%"),
    **function("AnyMethod", route="any"),
    **function("NullMethods", route="null", methods=None),
    **function("NoMethods", route="none", methods=[]),
    **function("Mixed", route="mixed", methods=["Put", "PATCH", "delete"]),
}


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("seen", files=FUNCTIONS, env={"ROUTE": "resolved"}, args=["--verbose"])


def reached(name: str, request: str, function_name: str) -> Case:
    return Case(f"http-2-{name}", request, seen={"function": function_name})


def missed(name: str, request: str) -> Case:
    fields = {"allow": None, "content-type": None}
    return Case(f"http-2-{name}", request, 404, b"", fields=fields)


METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"]


@each(
    [
        reached("prefix-is-api", "GET /api/hello", "Hello"),
        missed("prefix-is-needed", "GET /hello"),
        missed("prefix-alone", "GET /api"),
        reached("route-missing", "GET /api/NoRoute", "NoRoute"),
        reached("route-missing-any-case", "GET /api/noroute", "NoRoute"),
        reached("route-null", "GET /api/NullRoute", "NullRoute"),
        reached("route-empty", "GET /api/EmptyRoute", "EmptyRoute"),
        missed("route-beside-name", "GET /api/Mixed"),
        missed("setting-in-a-route-is-not-resolved", "GET /api/resolved"),
        reached("setting-in-a-route-is-literal", "GET /api/%25ROUTE%25", "Setting"),
        reached("method-given", "GET /api/hello", "Hello"),
        reached("method-sent-in-lower-case", "get /api/hello", "Hello"),
        reached("methods-in-any-case-1", "PUT /api/mixed", "Mixed"),
        reached("methods-in-any-case-2", "PATCH /api/mixed", "Mixed"),
        reached("methods-in-any-case-3", "DELETE /api/mixed", "Mixed"),
        missed("methods-not-among-several", "GET /api/mixed"),
        *(missed(f"wrong-method-is-404-{m}", f"{m} /api/hello") for m in METHODS[1:]),
        *(missed(f"methods-empty-{m}", f"{m} /api/none") for m in ("GET", "POST", "OPTIONS")),
    ]
)
def test_route(running: RunningHost, case: Case) -> None:
    case.check(running)


@each(
    [
        Case(f"http-2-methods-{kind}-{method}", f"{method} /api/{route}")
        for kind, route in (("missing", "any"), ("null", "null"))
        for method in METHODS
    ]
)
def test_no_methods_are_all_methods(running: RunningHost, case: Case) -> None:
    response = case.check(running)
    assert bool(response.body) is (not case.request.startswith("HEAD"))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("Initializing function HTTP routes", id="http-2-log-initializing"),
        pytest.param(
            r"Mapped function route 'api/any' \[all\] to 'AnyMethod'", id="http-2-log-all"
        ),
        pytest.param(
            r"(?i:Mapped function route 'api/hello' \[get\] to 'Hello')", id="http-2-log-one-method"
        ),
        pytest.param(
            r"(?i:Mapped function route 'api/mixed' \[put,patch,delete\] to 'Mixed')",
            id="http-2-log-several-methods",
        ),
        pytest.param("Mapped function route 'api/NoRoute'", id="http-2-log-name-as-route"),
        pytest.param("Mapped function route 'api/%ROUTE%'", id="http-2-log-setting"),
    ],
)
def test_startup_log(running: RunningHost, line: str) -> None:
    running.wait_log(line, 10)


def test_startup_log_without_routes(host: HostFactory) -> None:
    running = host("hello", files={"function_app.py": EMPTY_V2}, args=["--verbose"])
    running.wait_log("No HTTP routes mapped", 10)


EMPTY_V2 = "import azure.functions as func\napp = func.FunctionApp()\n"


@pytest.fixture(scope="module")
def running_v2(shared_host: HostFactory) -> RunningHost:
    return shared_host("routes")


@each(
    [
        Case("http-2-v2-name-is-the-route", "GET /api/strict/7", json={"id": "7"}),
        Case("http-2-v2-function-name-changes-the-url", "GET /api/renamedfunction", body="renamed"),
        missed("v2-name-of-the-python-function", "GET /api/renamed"),
        Case("http-2-v2-no-methods-GET", "GET /api/renamedfunction", body="renamed"),
        Case("http-2-v2-no-methods-OPTIONS", "OPTIONS /api/renamedfunction", body="renamed"),
        Case("http-2-v2-no-methods-HEAD", "HEAD /api/renamedfunction", body=""),
        Case("http-2-v2-methods", "GET /api/hello", body="hello"),
        missed("v2-wrong-method", "POST /api/hello"),
    ]
)
def test_v2(running_v2: RunningHost, case: Case) -> None:
    case.check(running_v2)


def prefixed(name: str, prefix: str, path: str, params: dict[str, str], other: str):
    return pytest.param(prefix, path, params, other, id=f"http-2-prefix-{name}")


@pytest.mark.parametrize(
    ("prefix", "path", "params", "other"),
    [
        prefixed("empty", "", "/hello", {}, "/api/hello"),
        prefixed("other", "v2", "/v2/hello", {}, "/hello"),
        prefixed("slashes-trimmed", "/v2/", "/v2/hello", {}, "/v2//hello"),
        prefixed("several-segments", "a/b", "/a/b/hello", {}, "/a/hello"),
        prefixed(
            "with-parameter", "{tenant}/v1", "/acme/v1/hello", {"tenant": "acme"}, "/v1/hello"
        ),
    ],
)
def test_prefix(
    host: HostFactory, prefix: str, path: str, params: dict[str, str], other: str
) -> None:
    files = {**function("Hello", route="hello"), **host_json(routePrefix=prefix)}
    running = host("seen", files=files)
    seen = running.get(path).json()
    assert (seen["function"], seen["route_params"]) == ("Hello", params)
    assert running.get(other).status == 404


def test_a_slash_first_in_a_route_under_no_prefix(host: HostFactory) -> None:
    files = {**function("Rest", route="/{*route}"), **host_json(routePrefix="")}
    running = host("seen", files=files)
    assert running.get("/any/thing").json()["route_params"] == {"route": "any/thing"}


@pytest.mark.parametrize(
    ("name", "route"),
    [
        pytest.param("Slash", "/x", id="http-2-slash-first-under-a-prefix"),
        pytest.param("Asgi", "/{*route}", id="http-2-web-framework-under-a-prefix"),
    ],
)
def test_a_slash_first_in_a_route_stops_the_start(host: HostFactory, name: str, route: str) -> None:
    running = host("seen", files=function(name, route=route), ready=None)
    running.wait_log("The route template separator character '/' cannot appear consecutively", 20)
    assert running.wait_exit() == 1


def test_a_method_is_not_changed_on_its_way(running: RunningHost) -> None:
    with contextlib.closing(running.connect()) as connection:
        connection.request("PROPFIND", "/api/any")
        assert b'"method": "PROPFIND"' in connection.getresponse().read()
    received = running.raw(b"get /api/hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    (response,), _ = read_responses(received, ["GET"])
    # The worker's object says it in upper case, as the library does.
    assert response.json()["method"] == "GET"
