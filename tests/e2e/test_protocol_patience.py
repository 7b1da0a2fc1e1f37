"""Clients that are slow, large, many or gone hold nobody else up."""

from __future__ import annotations

import contextlib
import hashlib
import signal
import socket
from typing import TYPE_CHECKING

import pytest

from .at_once import at_once
from .messages import read_responses
from .running_host import read_to_end

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

MIB = 1 << 20


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    # One thread: whoever held it up would hold everybody up.
    return shared_host("echo", env={"PYTHON_THREADPOOL_THREAD_COUNT": "1"})


def assert_serves(running: RunningHost) -> None:
    for route in ("echo", "echo_async"):
        response = running.post(f"/api/{route}", b"served")
        assert (response.status, response.body) == (200, b"served")


def test_500_half_sent_heads(running: RunningHost) -> None:
    with contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(running.socket()) for _ in range(500)]
        for connected in waiting:
            connected.sendall(b"POST /api/echo HTTP/1.1\r\nHost: h\r\nContent-Le")
        assert_serves(running)
        for connected in waiting:
            connected.sendall(b"ngth: 2\r\nConnection: close\r\n\r\nok")
        for connected in waiting:
            (response,), rest = read_responses(read_to_end(connected), ["POST"])
            assert (response.status, response.body, rest) == (200, b"ok", b"")


@pytest.mark.parametrize("route", ["echo", "echo_async"])
def test_half_sent_bodies(running: RunningHost, route: str) -> None:
    body = b"b" * (2 * MIB)
    head = f"POST /api/{route} HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n"
    with contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(running.socket()) for _ in range(8)]
        for connected in waiting:
            connected.sendall(head.encode() + b"Connection: close\r\n\r\n" + body[:MIB])
        assert_serves(running)
        for connected in waiting:
            connected.sendall(body[MIB:])
            (response,), rest = read_responses(read_to_end(connected), ["POST"])
            assert response.status == 200
            assert (len(response.body), response.body == body, rest) == (len(body), True, b"")


def test_slow_readers_of_large_responses(running: RunningHost) -> None:
    size = 32 * MIB
    head = f"GET /api/large?size={size} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    expected = hashlib.sha256(b"0123456789abcdef" * (size // 16)).digest()
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(running.socket()) for _ in range(3)]
        for connected in slow:
            connected.sendall(head.encode())
        # The first byte of each shows that its response is on the way and cannot all be gone.
        first = [connected.recv(1) for connected in slow]
        for _ in range(20):
            assert_serves(running)
        for connected, byte in zip(slow, first, strict=True):
            received = byte + read_to_end(connected)
            (response,), rest = read_responses(received, ["GET"])
            assert (response.status, len(response.body), rest) == (200, size, b"")
            assert hashlib.sha256(response.body).digest() == expected


@pytest.mark.parametrize("route", ["echo", "echo_async"])
def test_16_mib_come_back_byte_exact(running: RunningHost, route: str) -> None:
    body = bytes(range(256)) * (16 * MIB // 256)
    response = running.post(f"/api/{route}", body)
    assert (response.status, len(response.body)) == (200, len(body))
    assert response.body == body


def test_large_bodies_side_by_side(running: RunningHost) -> None:
    bodies = [bytes([number]) * (4 * MIB + number) for number in range(6)]
    answers = at_once([lambda b=body: running.post("/api/echo_async", b) for body in bodies])
    assert [answer.body == body for answer, body in zip(answers, bodies, strict=True)] == [True] * 6


def test_callers_that_leave(running: RunningHost) -> None:
    for number in range(5):
        tag = f"left-{number}"
        with running.socket() as connected:
            path = f"/api/outlives_its_caller?tag={tag}"
            connected.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
            running.wait_log(f"{tag} entered$")
        # The function runs to its end all the same.
        running.wait_log(f"{tag} finished$")
    assert_serves(running)


def test_a_caller_whose_end_comes_with_its_request(running: RunningHost) -> None:
    with running.socket() as connected:
        # The host sees both at once, and no third thing will wake it.
        running.send_signal(signal.SIGSTOP)
        connected.sendall(b"GET /api/echo HTTP/1.1\r\nHost: h\r\n\r\n")
        connected.shutdown(socket.SHUT_WR)
        running.send_signal(signal.SIGCONT)
        (response,), rest = read_responses(read_to_end(connected), ["GET"])
    assert (response.status, rest) == (200, b"")


def test_callers_that_leave_within_a_body(running: RunningHost) -> None:
    for sent in (0, 1, 70_000, 3 * MIB):
        for _ in range(5):
            with running.socket() as connected:
                connected.sendall(
                    b"POST /api/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4194304\r\n\r\n"
                    + b"b" * sent
                )
    assert_serves(running)


def test_callers_that_leave_within_a_response(running: RunningHost) -> None:
    for _ in range(10):
        with running.socket() as connected:
            connected.sendall(b"GET /api/large?size=8000000 HTTP/1.1\r\nHost: h\r\n\r\n")
            assert connected.recv(1) == b"H"
    assert_serves(running)
