"""Large responses of ordinary functions, which go out in parts."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from .at_once import at_once
from .messages import read_responses
from .running_host import exchange, read_to_end
from .streamed import head

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

SIZE = 8 << 20
BODIES = {"bytes": b"b" * SIZE, "text": b"t" * SIZE, "wide": "é".encode() * (SIZE // 2)}


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("large")


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("route", ["threads", "tasks"])
def test_large_responses_at_once(running: RunningHost, route: str, kind: str) -> None:
    calls = [lambda: running.get(f"/api/{route}/{kind}/8") for _ in range(4)]
    for response in at_once(calls):
        assert response.status == 200
        assert response.header("content-length") == str(SIZE)
        assert response.body == BODIES[kind]


def test_echoes_on_connections_that_stay(running: RunningHost) -> None:
    """Four connections that send and get 4 MiB ten times each come to an end."""
    body = b"e" * (4 << 20)

    def echoed() -> int:
        connection = running.connect()
        try:
            return sum(
                exchange(connection, "POST", "/api/echo", body=body).body == body for _ in range(10)
            )
        finally:
            connection.close()

    assert at_once([echoed] * 4) == [10] * 4


@pytest.mark.parametrize("route", ["threads", "tasks"])
def test_a_client_that_only_listens_gets_all(running: RunningHost, route: str) -> None:
    with running.socket() as connected:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        connected.sendall(head("GET", f"/api/{route}/bytes/8", "Connection: close"))
        received = connected.recv(1)
        # More is to come than the kernel takes at once.
        connected.shutdown(socket.SHUT_WR)
        (response,), _ = read_responses(received + read_to_end(connected), ["GET"])
    assert response.body == BODIES["bytes"]


@pytest.mark.parametrize("route", ["threads", "tasks"])
def test_readers_that_leave_hold_up_nobody(running: RunningHost, route: str) -> None:
    for _ in range(8):
        with running.socket() as connected:
            connected.sendall(head("GET", f"/api/{route}/bytes/8"))
            assert connected.recv(1000).startswith(b"HTTP/1.1 200 ")
    assert running.get("/api/quick").text == "quick"
    assert running.get(f"/api/{route}/text/8").body == BODIES["text"]
