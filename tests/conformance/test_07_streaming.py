"""http.md 7 and worker.md 11: functions of an app that imports the FastAPI extension."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

import pytest
from e2e.messages import read_responses
from e2e.running_host import read_to_end

from .case import LOG_PATIENCE, Case, each

if TYPE_CHECKING:
    from socket import socket

    from conftest import HostFactory
    from e2e.running_host import RunningHost


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("streaming", env={"PYTHON_ENABLE_INIT_INDEXING": "1"})


METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE")


@each(
    [
        *(
            Case(
                f"http-7-method-{method}",
                f"{method} /api/seen/007/a/b%2Fc?x=1&x=%20",
                send={"X-MiXeD": "One"},
                seen={
                    "method": method,
                    "query": "x=1&x=%20",
                    "path_params": {"id": "007", "rest": "a/b%2Fc"},
                },
            )
            for method in METHODS
        ),
        Case("http-7-method-HEAD", "HEAD /api/seen/1", body=b""),
        Case("http-7-path", "GET /api/seen/1", seen={"path": "/api/seen/1"}),
        Case("http-7-body", "POST /api/seen/1", payload=b"a\0\xff", seen={"body": "a\0\xff"}),
        Case("http-7-no-route", "GET /api/nowhere", 404, b""),
    ]
)
def test_request(running: RunningHost, case: Case) -> None:
    case.check(running)


def test_request_headers(running: RunningHost) -> None:
    headers = running.get("/api/seen/1", {"X-MiXeD": "One", "Cookie": "a=1"}).json()["headers"]
    assert (headers["x-mixed"], headers["cookie"]) == ("One", "a=1")
    assert headers["host"] == f"127.0.0.1:{running.port}"


def test_invocation_id(running: RunningHost) -> None:
    headers = running.get("/api/seen/1").json()["headers"]
    invocation = str(uuid.UUID(headers["x-ms-invocation-id"]))
    running.wait_log(rf"Executing 'Functions\.seen' \(.*, Id={invocation}\)", LOG_PATIENCE)
    running.wait_log(rf"Executed 'Functions\.seen' \(Succeeded, Id={invocation}, ", LOG_PATIENCE)


def returned(kind: str, status: int, body: str | bytes, **fields: str | None) -> list[Case]:
    expected = {key.replace("_", "-"): value for key, value in fields.items()}
    return [
        Case(
            f"http-7-returns-{name}{kind}",
            f"GET /api/{route}/{kind}",
            status,
            body,
            fields=expected,
        )
        for name, route in (("", "returned"), ("by-def-", "returned_by_def"))
    ]


def plain(kind: str, body: str) -> Case:
    return Case(
        f"http-7-returns-{kind.replace('_', '-')}",
        f"GET /api/{kind}",
        body=body,
        fields={"content-type": "application/json"},
    )


@each(
    [
        *returned("response", 201, b"\x00\xff", content_type="application/x-own", x_own="yes"),
        *returned("json", 200, '{"a":1}', content_type="application/json"),
        *returned("html", 200, "<p>é</p>", content_type="text/html; charset=utf-8"),
        # Not read as JSON first, as a str of an ordinary function is.
        *returned("plain", 200, '{"a": 1}', content_type="text/plain; charset=utf-8"),
        *returned("redirect", 307, "", location="/api/elsewhere"),
        *returned("file", 200, '{"version": "2.0"}\n', content_type="application/json"),
        *returned("cookies", 200, "", set_cookie="A=b c; Path=/x; Max-Age=5"),
        *returned("empty", 204, ""),
        plain("a_str", '"text"'),
        plain("a_dict", '{"a":1}'),
        plain("a_list", '[1,"x"]'),
        plain("an_int", "7"),
        plain("a_float", "1.5"),
        plain("a_bool", "true"),
        plain("a_model", '{"name":"tea","price":1.5}'),
        Case("http-7-unannotated-is-a-fastapi-request", "GET /api/unannotated"),
    ]
)
def test_returned(running: RunningHost, case: Case) -> None:
    case.check(running)


@each(
    [
        Case(
            "http-7-exception",
            "GET /api/raising",
            500,
            log=r"Executed 'Functions\.raising' \(Failed, ",
        ),
        Case(
            "http-7-exception-log",
            "GET /api/raising",
            500,
            log="ValueError: raised in a streaming function",
        ),
        Case(
            "http-7-returns-none",
            "GET /api/returned/none",
            500,
            log="ValueError: No http response found for invocation",
        ),
    ]
)
def test_failure(running: RunningHost, case: Case) -> None:
    case.check(running)


def test_the_other_kind_works_beside_it(running: RunningHost) -> None:
    # http-7-differs-mixed: a load error in the official host.
    response = running.get("/api/of_the_other_kind")
    assert (response.status, response.text) == (200, "classic")


def read_until(connected: socket, end: bytes) -> bytes:
    """What arrives on `connected` up to the first `end`, that included."""
    received = b""
    while end not in received:
        piece = connected.recv(65536)
        assert piece, f"closed after {received!r}"
        received += piece
    return received


CLOSE = b"Host: h\r\nConnection: close\r\n\r\n"


def test_a_piece_arrives_before_the_next_is_made(running: RunningHost) -> None:
    with running.socket() as connected:
        connected.sendall(b"GET /api/gated HTTP/1.1\r\n" + CLOSE)
        received = read_until(connected, b"first")
        assert b"second" not in received
        assert re.search(rb"(?im)^content-type: text/event-stream(; charset=utf-8)?\r$", received)
        assert running.get("/api/open_gate").text == "open"
        received += read_to_end(connected)
    (response,), rest = read_responses(received, ["GET"])
    assert (response.status, response.body, rest) == (200, b"firstsecond", b"")
    assert response.header("content-length") is None


def test_a_function_reads_a_body_while_it_is_sent(running: RunningHost) -> None:
    seen = len(running.log())
    piece = b"p" * 100_000
    with running.socket() as connected:
        connected.sendall(
            b"POST /api/upload HTTP/1.1\r\nContent-Length: 200000\r\n" + CLOSE + piece
        )
        running.wait_log("the first piece of the upload is here$", LOG_PATIENCE, seen)
        connected.sendall(piece)
        (response,), _ = read_responses(read_to_end(connected), ["POST"])
    assert response.json() == {"total": 200_000}


def test_a_chunked_upload(running: RunningHost) -> None:
    chunks = b"5\r\nhello\r\n" * 1000 + b"0\r\n\r\n"
    head = b"POST /api/upload HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + CLOSE
    (response,), _ = read_responses(running.raw(head + chunks), ["POST"])
    assert response.json() == {"total": 5000}


def test_a_caller_that_leaves_ends_the_generator(running: RunningHost) -> None:
    with running.socket() as connected:
        connected.sendall(b"GET /api/endless HTTP/1.1\r\nHost: h\r\n\r\n")
        read_until(connected, b"piece")
    running.wait_log("the generator was closed$", LOG_PATIENCE)


def test_a_failure_in_the_middle_cuts_the_connection(running: RunningHost) -> None:
    received = running.raw(b"GET /api/broken_off HTTP/1.1\r\nHost: h\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 200 ")
    assert b"first" in received
    assert not received.endswith(b"0\r\n\r\n"), "expected no proper end"
    running.wait_log("ValueError: in the middle of a stream", LOG_PATIENCE)


def test_no_cookie_or_redirect_is_followed(running: RunningHost) -> None:
    response = running.get("/api/returned/redirect")
    assert (response.status, response.header("location")) == (307, "/api/elsewhere")
