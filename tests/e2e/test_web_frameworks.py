"""Flask by WSGI and FastAPI by ASGI: the guide's samples, and what an app sees behind them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from .at_once import at_once

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost


def test_flask_sample_v1(host: HostFactory) -> None:
    running = host("v1_wsgi")
    response = running.get("/hello/Ada")
    assert (response.status, response.text) == (200, "hello Ada")
    assert response.header("content-type") == "text/html; charset=utf-8"
    assert running.get("/nowhere").status == 404
    assert running.post("/hello/Ada", b"").status == 405
    running.wait_log(r"\] Python HTTP trigger function processed a request\.$")


def test_fastapi_sample_v1(host: HostFactory) -> None:
    running = host("v1_asgi")
    response = running.get("/hello/Ada")
    assert (response.status, response.json()) == (200, {"name": "Ada"})
    assert response.header("content-type") == "application/json"
    missing = running.get("/nowhere")
    assert (missing.status, missing.json()) == (404, {"detail": "Not Found"})


def test_flask_sample_v2(host: HostFactory) -> None:
    response = host("v2_wsgi").get("/return_http")
    assert (response.status, response.text) == (200, "<h1>Hello World™</h1>")
    assert response.header("content-type") == "text/html; charset=utf-8"


def test_fastapi_sample_v2(host: HostFactory) -> None:
    response = host("v2_asgi").get("/return_http_no_body")
    assert (response.status, response.body) == (200, b"")
    assert response.header("content-type") == "text/plain; charset=utf-8"


@pytest.fixture(scope="module")
def wsgi(shared_host: HostFactory) -> RunningHost:
    return shared_host("wsgi")


@pytest.fixture(scope="module")
def asgi(shared_host: HostFactory) -> RunningHost:
    return shared_host("asgi")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_wsgi_app_sees_the_request(wsgi: RunningHost, method: str) -> None:
    headers = {"X-Custom": "yes", "Content-Type": "text/x-own"}
    response = wsgi.request(method, "/echo/a%20b/c?x=1&x=2&empty=", headers, "body text")
    assert response.status == 200
    seen = response.json()
    assert uuid.UUID(seen.pop("invocation"))
    assert seen == {
        "method": method,
        "path": "/echo/a b/c",
        "rest": "a b/c",
        "query": "x=1&x=2&empty=",
        "args": {"x": ["1", "2"], "empty": [""]},
        "body": "body text",
        "content_type": "text/x-own",
        "custom": "yes",
        "script_name": "",
        "function": "http_app_func",
    }


def test_wsgi_redirect_is_passed_through(wsgi: RunningHost) -> None:
    response = wsgi.get("/moved")
    assert (response.status, response.header("location")) == (302, "/echo/there")


def test_wsgi_status_from_500_on_keeps_its_body(wsgi: RunningHost) -> None:
    response = wsgi.get("/failing")
    assert response.status >= 500
    assert response.body
    wsgi.wait_log(r"Executed 'Functions\.http_app_func' \(Succeeded, ")


def test_asgi_app_sees_the_request(asgi: RunningHost) -> None:
    response = asgi.get("/scope/a%20b/c?x=1&y=", {"X-Custom": "yes"})
    assert response.status == 200
    seen = response.json()
    assert uuid.UUID(seen.pop("invocation"))
    assert seen == {
        "method": "GET",
        "path": "/scope/a b/c",
        "query": "x=1&y=",
        "root_path": "",
        "custom": "yes",
        "function": "http_app_func",
    }


def test_asgi_validation_and_json(asgi: RunningHost) -> None:
    item = {"Content-Type": "application/json"}
    created = asgi.post("/items/7?verbose=true", '{"name": "tea", "price": 2.5}', item)
    assert created.status == 201
    assert created.json() == {"id": 7, "item": {"name": "tea", "price": 2.5}, "verbose": True}
    assert asgi.post("/items/seven", "{}", item).status == 422


def test_asgi_body_is_byte_exact(asgi: RunningHost) -> None:
    body = bytes(range(256)) * 5000
    response = asgi.post("/bytes", body)
    assert (response.status, response.body) == (200, body)


def test_asgi_sync_endpoint(asgi: RunningHost) -> None:
    assert asgi.get("/sync").json() == {"ran": "in a thread"}


def test_asgi_streamed_response_arrives_whole(asgi: RunningHost) -> None:
    expected = "".join(f"piece {number}\n" for number in range(100))
    assert asgi.get("/streamed").text == expected


def test_asgi_status_from_500_on_keeps_its_page(asgi: RunningHost) -> None:
    response = asgi.get("/failing")
    assert (response.status, response.text) == (503, "the page of the app")


def test_asgi_exception_is_a_500(asgi: RunningHost) -> None:
    assert asgi.get("/raising").status == 500
    asgi.wait_log("ValueError: raised inside FastAPI")


def test_asgi_lifespan_starts_once(asgi: RunningHost) -> None:
    asgi.get("/sync")
    answers = at_once([lambda: asgi.get("/started") for _ in range(8)])
    assert [answer.json() for answer in answers] == [["once"]] * 8
