"""Clients that send or read a little at a time get what others get, and nobody waits for them.

Beside `test_protocol_patience`, where clients stand still; here they move, slowly.
"""

from __future__ import annotations

import contextlib
import hashlib
import socket
from typing import TYPE_CHECKING

import pytest

from .messages import read_responses
from .running_host import read_to_end
from .waiting import PATIENCE

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

MIB = 1 << 20
CLOSE = b"Host: h\r\nConnection: close\r\n"


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    # One thread: whoever held it up would hold everybody up.
    return shared_host("echo", env={"PYTHON_THREADPOOL_THREAD_COUNT": "1"})


def assert_serves(running: RunningHost) -> None:
    for route in ("echo", "echo_async"):
        response = running.post(f"/api/{route}", b"served")
        assert (response.status, response.body) == (200, b"served")


def chunked(body: bytes, size: int, route: str = "echo") -> bytes:
    """A request with `body` in chunks of `size` bytes."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%x;n=1\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    head = b"POST /api/%b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" % route.encode() + CLOSE
    return head + b"\r\n" + chunks + b"0\r\nX-Trailer: t\r\n\r\n"


def test_heads_and_chunks_byte_by_byte_side_by_side(running: RunningHost) -> None:
    bodies = [bytes([number]) * (20 + number) for number in range(40)]
    requests = [chunked(body, 7, ("echo", "echo_async")[n % 2]) for n, body in enumerate(bodies)]
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(running.socket()) for _ in requests]
        for at in range(max(map(len, requests))):
            for connected, request in zip(clients, requests, strict=True):
                if at < len(request):
                    connected.sendall(request[at : at + 1])
            if at % 50 == 0:
                assert_serves(running)
        for connected, body in zip(clients, bodies, strict=True):
            (response,), rest = read_responses(read_to_end(connected), ["POST"])
            assert (response.status, response.body, rest) == (200, body, b"")


def test_a_body_of_tiny_chunks(running: RunningHost) -> None:
    body = bytes(range(256)) * 64
    (response,), rest = read_responses(running.raw(chunked(body, 1)), ["POST"])
    assert (response.status, response.body, rest) == (200, body, b"")


def narrow(running: RunningHost) -> socket.socket:
    """A connection whose client keeps only a few KiB that it has not read."""
    connected = socket.socket()
    connected.settimeout(PATIENCE)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connected.connect(("127.0.0.1", running.port))
    return connected


def test_a_slow_reader_of_32_mib(running: RunningHost) -> None:
    size = 32 * MIB
    expected = hashlib.sha256(b"0123456789abcdef" * (size // 16)).digest()
    with narrow(running) as connected:
        connected.sendall(b"GET /api/large?size=%d HTTP/1.1\r\n" % size + CLOSE + b"\r\n")
        received = bytearray(connected.recv(1000))
        for _ in range(200):
            # A little is read, and everybody else is served.
            received += connected.recv(1000)
            assert running.post("/api/echo", b"served").body == b"served"
        received += read_to_end(connected)
    (response,), rest = read_responses(bytes(received), ["GET"])
    assert (response.status, len(response.body), rest) == (200, size, b"")
    assert hashlib.sha256(response.body).digest() == expected


def test_a_slow_reader_gets_pipelined_answers_in_order(running: RunningHost) -> None:
    sizes = [3 * MIB, 5, 0, 2 * MIB, 17]
    sent = b"".join(b"GET /api/large?size=%d HTTP/1.1\r\nHost: h\r\n\r\n" % n for n in sizes)
    last = b"POST /api/echo HTTP/1.1\r\nContent-Length: 4\r\n" + CLOSE + b"\r\nlast"
    with narrow(running) as connected:
        connected.sendall(sent + last)
        received = bytearray()
        for _ in range(100):
            received += connected.recv(1000)
        assert_serves(running)
        received += read_to_end(connected)
    responses, rest = read_responses(bytes(received), ["GET"] * len(sizes) + ["POST"])
    assert [len(response.body) for response in responses] == [*sizes, 4]
    assert (responses[-1].body, rest) == (b"last", b"")


def test_a_client_that_sends_no_more_still_gets_its_answer(running: RunningHost) -> None:
    for route in ("echo", "echo_async", "echo_late"):
        with running.socket() as connected:
            head = b"POST /api/%b HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nhalf"
            connected.sendall(head % route.encode())
            connected.shutdown(socket.SHUT_WR)
            (response,), rest = read_responses(read_to_end(connected), ["POST"])
            assert (response.status, response.body, rest) == (200, b"half", b"")


@pytest.mark.parametrize("sent", [0, 1, 20, 60, 100])
def test_a_client_that_ends_within_a_request(running: RunningHost, sent: int) -> None:
    request = b"POST /api/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n" + b"b" * 99
    with running.socket() as connected:
        connected.sendall(request[:sent])
        connected.shutdown(socket.SHUT_WR)
        # Nothing, or a refusal; in any case an end.
        received = read_to_end(connected)
    assert not received or received.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 408 "))
    assert_serves(running)
