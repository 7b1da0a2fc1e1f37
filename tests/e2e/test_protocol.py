"""HTTP/1.1 as it goes over the wire: raw bytes in, raw bytes out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .messages import Response, read_responses
from .running_host import exchange, read_to_end

if TYPE_CHECKING:
    from socket import socket

    from conftest import HostFactory

    from .running_host import RunningHost

CLOSE = b"Host: h\r\nConnection: close\r\n"


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("echo")


def post(body: bytes, route: str = "echo", extra: bytes = b"Host: h\r\n") -> bytes:
    """The bytes of a POST of `body`."""
    length = str(len(body)).encode()
    head = b"POST /api/" + route.encode() + b" HTTP/1.1\r\n" + extra
    return head + b"Content-Length: " + length + b"\r\n\r\n" + body


def read_one(connected: socket, method: str = "POST") -> Response:
    """Read one whole response with a Content-Length or without a body."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connected.recv(1)
        assert piece, f"closed after {received!r}"
        received += piece
    # The head is read byte by byte, so that nothing of a following response is taken.
    (head,), _ = read_responses(received, ["HEAD"])
    length = int(head.header("content-length") or 0)
    while method != "HEAD" and length > 0:
        piece = connected.recv(length)
        assert piece, f"closed within the body of {received!r}"
        received += piece
        length -= len(piece)
    (response,), rest = read_responses(received, [method])
    assert rest == b""
    return response


def test_keep_alive(running: RunningHost) -> None:
    connection = running.connect()
    try:
        for number in range(50):
            body = str(number).encode()
            assert exchange(connection, "POST", "/api/echo", body=body).body == body
    finally:
        connection.close()


def test_connection_close_is_obeyed(running: RunningHost) -> None:
    received = running.raw(post(b"once", extra=CLOSE))
    (response,), rest = read_responses(received, ["POST"])
    assert (response.status, response.body, rest) == (200, b"once", b"")
    assert (response.header("connection") or "").lower() == "close"


@pytest.mark.parametrize("route", ["echo", "echo_async"])
def test_pipelined_requests_are_answered_in_order(running: RunningHost, route: str) -> None:
    bodies = [str(number).encode() * (number + 1) for number in range(40)]
    sent = b"".join(post(body, route) for body in bodies) + post(b"last", extra=CLOSE)
    responses, rest = read_responses(running.raw(sent), ["POST"] * 41)
    assert [response.body for response in responses] == [*bodies, b"last"]
    assert rest == b""


def test_a_slow_answer_is_not_overtaken_in_a_pipeline(running: RunningHost) -> None:
    sent = post(b"slow", "echo_late") + post(b"fast") + post(b"last", "echo_async", CLOSE)
    responses, rest = read_responses(running.raw(sent), ["POST"] * 3)
    assert [response.body for response in responses] == [b"slow", b"fast", b"last"]
    assert rest == b""


def test_a_pipeline_with_other_kinds_of_answers(running: RunningHost) -> None:
    sent = (
        b"GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n"
        b"HEAD /api/echo HTTP/1.1\r\nHost: h\r\n\r\n"
        b"GET /admin/host/status HTTP/1.1\r\nHost: h\r\n\r\n" + post(b"last", extra=CLOSE)
    )
    methods = ["GET", "HEAD", "GET", "POST"]
    responses, rest = read_responses(running.raw(sent), methods)
    assert [response.status for response in responses] == [404, 200, 200, 200]
    assert (responses[3].body, rest) == (b"last", b"")


def test_http_1_0_closes_after_the_answer(running: RunningHost) -> None:
    received = running.raw(b"POST /api/echo HTTP/1.0\r\nContent-Length: 3\r\n\r\nold")
    (response,), rest = read_responses(received, ["POST"])
    assert (response.status, response.body, rest) == (200, b"old", b"")
    assert response.header("transfer-encoding") is None


def test_head_sends_no_body(running: RunningHost) -> None:
    received = running.raw(b"HEAD /api/large?size=100 HTTP/1.1\r\n" + CLOSE + b"\r\n")
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert body == b""


def test_expect_100_continue(running: RunningHost) -> None:
    head, _, body = post(b"body", extra=b"Expect: 100-continue\r\n" + CLOSE).partition(b"\r\n\r\n")
    with running.socket() as connected:
        connected.sendall(head + b"\r\n\r\n")
        interim = b""
        while not interim.endswith(b"\r\n\r\n"):
            interim += connected.recv(1)
        assert interim.startswith(b"HTTP/1.1 100 ")
        connected.sendall(body)
        (response,), rest = read_responses(read_to_end(connected), ["POST"])
    assert (response.status, response.body, rest) == (200, b"body", b"")


def test_expect_100_continue_without_waiting(running: RunningHost) -> None:
    received = running.raw(post(b"body", extra=b"Expect: 100-continue\r\n" + CLOSE))
    (response,), rest = read_responses(received, ["POST"])
    assert (response.status, response.body, rest) == (200, b"body", b"")


CHUNKED = (
    b"POST /api/echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n"
    b"4;name=value\r\nwire\r\n00b\r\n, in chunks\r\n0\r\nX-Trailer: t\r\n\r\n"
)


def test_a_chunked_upload_split_at_every_byte(running: RunningHost) -> None:
    with running.socket() as connected:
        for split in range(len(CHUNKED)):
            connected.sendall(CHUNKED[:split])
            # Gives the first part the time to arrive alone.
            time.sleep(0.001)
            connected.sendall(CHUNKED[split:])
            response = read_one(connected)
            assert (response.status, response.body) == (200, b"wire, in chunks")


def test_a_request_that_arrives_byte_by_byte(running: RunningHost) -> None:
    with running.socket() as connected:
        for sent in (CHUNKED, post(b"wire, in chunks")):
            for byte in sent:
                connected.sendall(bytes([byte]))
                time.sleep(0.0005)
            response = read_one(connected)
            assert (response.status, response.body) == (200, b"wire, in chunks")


def test_a_chunked_upload_and_the_next_request_in_one_piece(running: RunningHost) -> None:
    received = running.raw(CHUNKED + CHUNKED + post(b"last", extra=CLOSE))
    responses, rest = read_responses(received, ["POST"] * 3)
    bodies = [response.body for response in responses]
    assert (bodies, rest) == ([b"wire, in chunks"] * 2 + [b"last"], b"")


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(pieces=st.lists(st.binary(min_size=1, max_size=3000), max_size=8))
def test_any_body_in_any_chunks(running: RunningHost, pieces: list[bytes]) -> None:
    head = b"POST /api/echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + CLOSE + b"\r\n"
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    received = running.raw(head + chunks + b"0\r\n\r\n")
    (response,), rest = read_responses(received, ["POST"])
    assert (response.status, response.body, rest) == (200, b"".join(pieces), b"")


BOUNDARIES = [0, 1, 4095, 4096, 65535, 65536, 65537, 262143, 262144, 262145, 1 << 20]


@pytest.mark.parametrize("route", ["echo", "echo_async"])
@pytest.mark.parametrize("size", BOUNDARIES)
def test_bodies_come_back_byte_exact(running: RunningHost, route: str, size: int) -> None:
    body = (bytes(range(256)) * (size // 256 + 1))[:size]
    response = running.post(f"/api/{route}", body)
    assert response.status == 200
    assert response.body == body
