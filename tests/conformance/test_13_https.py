"""http.md 13 and cli.md 4: HTTPS on the port of the host."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from e2e.messages import read_responses

from . import secure
from .functions import function

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return secure.start(shared_host, function("Seen"))


def test_the_url_says_https(running: RunningHost) -> None:
    seen = secure.get(running, "/api/Seen?x=1", {"Host": "example.org"}).json()
    assert seen["url"] == "https://example.org/api/Seen?x=1"


def test_the_functions_are_listed_with_https(running: RunningHost) -> None:
    running.wait_log(rf"^\tSeen:  https://localhost:{running.port}/api/Seen$", 10)


def test_plain_http_is_refused(running: RunningHost) -> None:
    received = running.raw(b"GET /api/Seen HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert not re.match(rb"HTTP/1\.1 200", received)


def test_several_requests_on_a_connection(running: RunningHost) -> None:
    import socket

    with (
        socket.create_connection(("127.0.0.1", running.port), timeout=20) as plain,
        secure.trusting().wrap_socket(plain, server_hostname="localhost") as connected,
    ):
        request = b"GET /api/Seen?n=%d HTTP/1.1\r\nHost: h\r\n%b\r\n"
        connected.sendall(request % (1, b"") + request % (2, b"Connection: close\r\n"))
        received = b""
        while piece := connected.recv(65536):
            received += piece
    responses, rest = read_responses(received, ["GET", "GET"])
    assert [answer.json()["params"]["n"] for answer in responses] == ["1", "2"]
    assert rest == b""
