"""Responses that stream: pieces arrive as they are made, and their ends are honest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .at_once import at_once
from .messages import read_responses
from .running_host import exchange, read_to_end
from .streamed import LAST_CHUNK, head, letters, read_until

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

CLOSE = "Connection: close"


@pytest.fixture(scope="module", params=["streaming_asgi", "streaming_wsgi"])
def running(request: pytest.FixtureRequest, shared_host: HostFactory) -> RunningHost:
    return shared_host(request.param)


def test_an_event_arrives_before_the_next_is_made(running: RunningHost) -> None:
    with running.socket() as connected:
        connected.sendall(head("GET", "/events/4", CLOSE))
        received = b""
        for number in range(4):
            received += read_until(connected, b"data: %d\n\n" % number)
            assert b"data: %d\n" % (number + 1) not in received
            assert running.get("/open").text == "open"
        received += read_to_end(connected)
    (response,), rest = read_responses(received, ["GET"])
    assert (response.status, rest) == (200, b"")
    assert response.text == "".join(f"data: {number}\n\n" for number in range(4))
    assert response.header("transfer-encoding") == "chunked"
    assert response.header("content-length") is None


@pytest.mark.parametrize(
    ("count", "size"), [(1, 1), (3, 0), (100, 1000), (40, 200_000), (2, 1 << 23)]
)
def test_a_streamed_body_is_complete(running: RunningHost, count: int, size: int) -> None:
    response = running.get(f"/pieces/{count}/{size}")
    assert (response.status, response.body) == (200, letters(count, size))


def test_a_streamed_body_with_its_length(running: RunningHost) -> None:
    response = running.get("/pieces/40/10000?length=400000")
    assert response.body == letters(40, 10000)
    assert response.header("content-length") == "400000"
    assert response.header("transfer-encoding") is None


@pytest.mark.parametrize("size", [10, 100_000])
def test_a_body_shorter_than_its_length_is_cut(running: RunningHost, size: int) -> None:
    received = running.raw(head("GET", f"/pieces/3/{size}?length={4 * size}"))
    answer, _, body = received.partition(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert f"content-length: {4 * size}".encode() in answer.lower()
    assert body == letters(3, size)


@pytest.mark.parametrize("size", [10, 100_000])
def test_a_body_longer_than_its_length_is_cut(running: RunningHost, size: int) -> None:
    received = running.raw(head("GET", f"/pieces/4/{size}?length={4 * size - 1}"))
    answer, _, body = received.partition(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert f"content-length: {4 * size - 1}".encode() in answer.lower()
    # What goes beyond is not sent in part: the client must see that something is wrong.
    assert len(body) < 4 * size - 1
    running.wait_log("A streamed response is longer than its Content-Length said")


def test_an_exception_in_the_middle_cuts_the_body(running: RunningHost) -> None:
    received = running.raw(head("GET", "/broken_off"))
    assert received.startswith(b"HTTP/1.1 200 ")
    assert b"first" in received
    assert not received.endswith(LAST_CHUNK)
    running.wait_log("ValueError: in the middle of a body")
    running.wait_log(r"Executed 'Functions\.http_app_func' \(Failed, ")


def test_head_gets_the_fields_alone(running: RunningHost) -> None:
    received = running.raw(head("HEAD", "/pieces/40/100000") + head("GET", "/pid", CLOSE))
    (first, second), rest = read_responses(received, ["HEAD", "GET"])
    assert (first.status, first.body) == (200, b"")
    assert second.text.isdigit()
    assert rest == b""


def test_head_gets_the_length_that_the_app_says(running: RunningHost) -> None:
    path = "/told?length=12345"
    (response,), rest = read_responses(running.raw(head("HEAD", path, CLOSE)), ["HEAD"])
    assert (response.status, response.header("content-length"), rest) == (200, "12345", b"")


def test_no_content_has_no_body_and_no_length(running: RunningHost) -> None:
    received = running.raw(head("GET", "/no_content") + head("GET", "/pid", CLOSE))
    (first, second), _ = read_responses(received, ["GET", "GET"])
    assert (first.status, first.body) == (204, b"")
    assert first.header("transfer-encoding") is None
    assert second.text.isdigit()


def test_a_connection_lives_on_after_a_streamed_response(running: RunningHost) -> None:
    connection = running.connect()
    try:
        for _ in range(3):
            response = exchange(connection, "GET", "/pieces/30/50000")
            assert response.body == letters(30, 50000)
            assert exchange(connection, "GET", "/pid").text.isdigit()
    finally:
        connection.close()


def test_pipelined_responses_keep_their_order(running: RunningHost) -> None:
    with running.socket() as connected:
        connected.sendall(
            head("GET", "/events/2")
            + head("GET", "/pid")
            + head("GET", "/pieces/20/100000")
            + head("GET", "/pid", CLOSE)
        )
        received = read_until(connected, b"data: 0\n\n")
        running.get("/open")
        received += read_until(connected, b"data: 1\n\n")
        running.get("/open")
        received += read_to_end(connected)
    responses, rest = read_responses(received, ["GET"] * 4)
    assert [response.status for response in responses] == [200] * 4
    assert responses[0].body == b"data: 0\n\ndata: 1\n\n"
    assert responses[1].text.isdigit()
    assert responses[2].body == letters(20, 100000)
    assert responses[3].text.isdigit()
    assert rest == b""


def test_http_1_0_gets_the_body_until_the_close(running: RunningHost) -> None:
    received = running.raw(head("GET", "/pieces/20/100000", version="1.0"))
    answer, _, body = received.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in answer.lower()
    assert body == letters(20, 100000)


def test_streams_at_once(running: RunningHost) -> None:
    bodies = at_once([lambda: running.get("/pieces/100/50000").body for _ in range(8)])
    assert bodies == [letters(100, 50000)] * 8
