"""customHeaders and HSTS of host.json on each kind of response (http.md 10)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from . import tls_clients

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

HEADERS = {"X-Content-Type-Options": "nosniff", "X-Own": "of host.json", "Server": "renamed"}
SCRIPT = """
import azure.functions as func

app = func.FunctionApp()


@app.route()
def plain(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("plain")


@app.route()
async def own(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("own", headers={"x-own": "of the function", "server": "mine"})


@app.route()
def text(req: func.HttpRequest) -> str:
    return "text"


@app.route()
def nothing(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(status_code=204)


@app.route()
def failing(req: func.HttpRequest) -> func.HttpResponse:
    raise ValueError("on purpose")


@app.route()
def unsendable(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("never", headers={"X-Bad": "a\\r\\nb"})
"""


def host_json(**http: object) -> str:
    return json.dumps({"version": "2.0", "extensions": {"http": http}})


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    http = {"customHeaders": HEADERS, "hsts": {"isEnabled": True, "excludedHosts": []}}
    files = {"host.json": host_json(**http), "function_app.py": SCRIPT}
    return shared_host("hello", files=files, args=["--cors", "https://a.example"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/api/plain", 200, id="10-function"),
        pytest.param("/api/text", 200, id="10-text"),
        pytest.param("/api/nothing", 204, id="10-no-content"),
        pytest.param("/api/failing", 500, id="10-failure"),
        pytest.param("/api/unsendable", 500, id="10-unsendable"),
        pytest.param("/nowhere", 404, id="10-no-route"),
        pytest.param("/", 200, id="10-home"),
        pytest.param("/admin/host/ping", 200, id="10-admin"),
        pytest.param("/admin/nowhere", 404, id="10-admin-no-route"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_response_has_them(running: RunningHost, path: str, status: int, method: str) -> None:
    response = running.request(method, path)
    if method == "GET" or not path.startswith("/admin"):
        assert response.status == status
    assert {name: response.header(name) for name in HEADERS} == HEADERS


def test_the_functions_own_win_10(running: RunningHost) -> None:
    response = running.get("/api/own")
    assert response.header("x-own") == "of the function"
    assert response.header("server") == "mine"
    assert response.header("x-content-type-options") == "nosniff"


def test_a_preflight_has_none_1(running: RunningHost) -> None:
    # CORS stands before the pipeline that adds them.
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "PUT"}
    response = running.request("OPTIONS", "/api/plain", asked)
    assert response.status == 204
    assert response.header("x-own") is None
    response = running.get("/api/plain", {"Origin": "https://a.example"})
    assert response.header("access-control-allow-origin") == "https://a.example"
    assert response.header("x-own") == "of host.json"


def test_a_refused_key_has_them(host: HostFactory) -> None:
    files = {"host.json": host_json(customHeaders=HEADERS), "function_app.py": SCRIPT}
    response = host("hello", files=files, args=["--enableAuth"]).get("/api/plain")
    assert (response.status, response.header("x-own")) == (401, "of host.json")


@pytest.mark.parametrize("name", ["localhost", "example.com"])
def test_hsts_is_for_https_alone_10(running: RunningHost, name: str) -> None:
    assert running.get("/api/plain", {"Host": name}).header("strict-transport-security") is None


@pytest.fixture(scope="module")
def secure(shared_host: HostFactory) -> RunningHost:
    hsts = {
        "isEnabled": True,
        "maxAge": "01:00:00",
        "preload": True,
        "excludedHosts": ["b.example"],
    }
    files = {"host.json": host_json(hsts=hsts), "function_app.py": SCRIPT}
    return tls_clients.start(shared_host, "hello", files=files)


@pytest.mark.parametrize(
    ("name", "is_told"),
    [
        pytest.param("a.example", True, id="10-any"),
        pytest.param("a.example:7071", True, id="10-any-with-port"),
        pytest.param("b.example", False, id="10-excluded"),
        pytest.param("B.Example:443", False, id="10-excluded-in-any-case"),
        pytest.param("localhost", False, id="10-localhost"),
        pytest.param("127.0.0.1:7071", False, id="10-loopback"),
        pytest.param("[::1]:7071", False, id="10-loopback-6"),
    ],
)
@pytest.mark.parametrize("path", ["/api/plain", "/nowhere", "/", "/admin/host/ping"])
def test_hsts(secure: RunningHost, name: str, is_told: bool, path: str) -> None:
    context = tls_clients.trusting(tls_clients.own_certificate(secure))
    response = tls_clients.request(secure, context, path, headers={"Host": name})
    expected = "max-age=3600; preload" if is_told else None
    assert response.header("strict-transport-security") == expected


def test_a_streamed_response_has_them(host: HostFactory) -> None:
    http = {"customHeaders": HEADERS, "routePrefix": ""}
    running = host("asgi", files={"host.json": host_json(**http)}, args=["--cors", "*"])
    response = running.get("/streamed", {"Origin": "https://a.example"})
    assert response.text.endswith("piece 99\n")
    assert {name: response.header(name) for name in HEADERS} == HEADERS
    assert response.header("access-control-allow-origin") == "*"


def test_from_the_environment(host: HostFactory) -> None:
    name = "AzureFunctionsJobHost__extensions__http__customHeaders__X-From"
    running = host("hello", env={name: "the environment"})
    assert running.get("/api/hello").header("x-from") == "the environment"


@pytest.mark.parametrize("value", ["a\r\nb", "\u0000"])
def test_what_cannot_be_sent_stops_the_start(host: HostFactory, value: str) -> None:
    files = {"host.json": host_json(customHeaders={"X-Bad": value})}
    running = host("hello", files=files, ready=None)
    assert running.wait_exit() == 1
    assert "Expected extensions.http.customHeaders to hold" in running.log()
