"""http.md 5.6, worker.md 8.4, 8.5: what ASGI and WSGI apps are called with, and their answers."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from .case import LOG_PATIENCE, Case, each

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

HEADERS = {"X-MiXeD": "One", "Content-Type": "text/x-own"}
TARGET = "a%20b/%C3%A9?x=1&y=%20"


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("scopes")


@pytest.fixture(scope="module")
def scope(running: RunningHost) -> dict[str, Any]:
    seen: dict[str, Any] = running.post(f"/api/asgi/{TARGET}", b"body", HEADERS).json()
    return {**seen["scope"], "messages": seen["messages"]}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param(key, value, id=f"http-5.6-asgi-{key}")
        for key, value in [
            ("type", "http"),
            ("asgi.version", "2.1"),
            ("asgi.spec_version", "2.1"),
            ("http_version", "1.1"),
            ("method", "POST"),
            ("scheme", "http"),
            ("path", "/api/asgi/a b/é"),
            # The decoded path in bytes again, not what was sent.
            ("raw_path", "/api/asgi/a b/é".encode().decode("latin-1")),
            ("query_string", "x=1&y=%20"),
            ("root_path", ""),
            ("client", None),
            ("azure_functions.function_name", "by_asgi"),
            ("messages", [{"type": "http.request", "body": "body", "more_body": False}]),
        ]
    ],
)
def test_asgi_scope(scope: dict[str, Any], key: str, value: object) -> None:
    assert key in scope
    assert scope[key] == value


def test_asgi_headers(scope: dict[str, Any]) -> None:
    headers = dict(scope["headers"])
    assert headers["x-mixed"] == "One"
    assert headers["content-type"] == "text/x-own"
    assert all(name == name.lower() for name, _ in scope["headers"])


def test_asgi_server(running: RunningHost, scope: dict[str, Any]) -> None:
    assert scope["server"] == ["127.0.0.1", running.port]


CONTEXT_KEYS = ("function_directory", "thread_local_storage", "trace_context", "retry_context")


@pytest.mark.parametrize(
    "key", [pytest.param(key, id=f"http-5.6-asgi-azure_functions.{key}") for key in CONTEXT_KEYS]
)
def test_asgi_context(scope: dict[str, Any], key: str) -> None:
    assert scope[f"azure_functions.{key}"]


def test_asgi_invocation_id(scope: dict[str, Any]) -> None:
    assert uuid.UUID(scope["azure_functions.invocation_id"])


@pytest.fixture(scope="module")
def environ(running: RunningHost) -> dict[str, Any]:
    seen: dict[str, Any] = running.post(f"/api/wsgi/{TARGET}", b"body", HEADERS).json()
    return {**seen["environ"], "body": seen["body"]}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param(key, value, id=f"http-5.6-wsgi-{key}")
        for key, value in [
            ("REQUEST_METHOD", "POST"),
            ("SCRIPT_NAME", ""),
            ("QUERY_STRING", "x=1&y=%20"),
            ("CONTENT_TYPE", "text/x-own"),
            ("CONTENT_LENGTH", "4"),
            ("SERVER_NAME", "127.0.0.1"),
            ("SERVER_PROTOCOL", "HTTP/1.1"),
            ("HTTP_X_MIXED", "One"),
            ("HTTP_CONTENT_TYPE", "text/x-own"),
            ("HTTP_CONTENT_LENGTH", "4"),
            ("wsgi.version", [1, 0]),
            ("wsgi.url_scheme", "http"),
            ("wsgi.multithread", False),
            ("wsgi.multiprocess", False),
            ("wsgi.run_once", False),
            ("azure_functions.function_name", "by_wsgi"),
            ("body", "body"),
        ]
    ],
)
def test_wsgi_environ(environ: dict[str, Any], key: str, value: object) -> None:
    assert key in environ
    assert environ[key] == value


def test_wsgi_path(running: RunningHost) -> None:
    environ = running.get("/api/wsgi/a%20b/c").json()["environ"]
    assert environ["PATH_INFO"] == "/api/wsgi/a b/c"


@pytest.mark.parametrize(
    "key", [pytest.param(key, id=f"http-5.6-wsgi-azure_functions.{key}") for key in CONTEXT_KEYS]
)
def test_wsgi_context(environ: dict[str, Any], key: str) -> None:
    assert environ[f"azure_functions.{key}"]


OWN = {"x-own": "yes", "content-type": "application/json"}


@each(
    [
        Case(
            "http-5.6-asgi-answer",
            "GET /api/asgi/",
            fields={**OWN, "set-cookie": "a=1; domain=; path="},
        ),
        Case("http-5.6-asgi-status-from-500-on-is-kept", "GET /api/asgi/failing", 503, fields=OWN),
        Case(
            "http-5.6-asgi-exception",
            "GET /api/asgi/raising",
            500,
            b"",
            log="ValueError: raised inside the ASGI app",
        ),
        Case("http-5.6-wsgi-answer", "GET /api/wsgi/", fields=OWN),
        Case(
            "http-5.6-wsgi-status-from-500-on-is-an-empty-500",
            "GET /api/wsgi/failing",
            500,
            b"",
            log=r"Executed 'Functions\.by_wsgi' \(Failed, ",
        ),
        Case(
            "http-5.6-wsgi-exception",
            "GET /api/wsgi/raising",
            500,
            b"",
            log="ValueError: raised inside the WSGI app",
        ),
    ]
)
def test_answer(running: RunningHost, case: Case) -> None:
    case.check(running)


@pytest.fixture(scope="module")
def whole(shared_host: HostFactory) -> RunningHost:
    return shared_host("lifespan")


SEVEN = ("GET", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "PUT")


@each(
    [
        *(Case(f"http-5.6-app-method-{m}", f"{m} /any/thing") for m in SEVEN),
        Case("http-5.6-app-other-method", "PROPFIND /any/thing", 404, b""),
        Case("http-5.6-app-root", "GET /", body="once"),
        Case("http-5.6-lifespan-starts-once", "GET /again", body="once"),
    ]
)
def test_app(whole: RunningHost, case: Case) -> None:
    case.check(whole)


def test_app_is_one_function(whole: RunningHost) -> None:
    (function,) = whole.get("/admin/functions").json()
    trigger = next(b for b in function["config"]["bindings"] if b["type"] == "httpTrigger")
    assert function["name"] == "http_app_func"
    assert trigger["authLevel"].lower() == "function"
    assert trigger["route"] == "/{*route}"


def test_lifespan_that_fails(host: HostFactory) -> None:
    running = host("lifespan", env={"FAIL_STARTUP": "1"})
    response = running.get("/")
    assert (response.status, response.body) == (500, b"")
    running.wait_log("RuntimeError: ASGI middleware startup failed.", LOG_PATIENCE)
