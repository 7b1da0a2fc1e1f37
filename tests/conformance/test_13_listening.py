"""http.md 13: where the host listens, and the limits of what it reads."""

from __future__ import annotations

import json
import re
import socket
from typing import TYPE_CHECKING

import pytest
from e2e.messages import read_responses
from e2e.running_host import exchange, free_port

from .functions import function

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

FUNCTIONS = {**function("Seen"), **function("Sleep", "from failing import sleep as main\n")}


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("seen", files=FUNCTIONS)


def listeners(port: int) -> set[str]:
    """The addresses that are listened on at `port`, as the kernel writes them."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table) as lines:  # noqa: PTH123
            for line in lines.readlines()[1:]:
                local, _, state = line.split()[1:4]
                address, _, number = local.rpartition(":")
                if state == "0A" and int(number, 16) == port:
                    found.add(address)
    return found


def test_loopback_is_the_default(running: RunningHost) -> None:
    assert listeners(running.port) == {"0100007F"}


def test_another_address(host: HostFactory) -> None:
    running = host("seen", files=FUNCTIONS, args=["--address", "127.0.0.2"], ready=None)
    running.wait_log(r"Worker process started and initialized\.", 20)
    assert listeners(running.port) == {"0200007F"}
    with socket.create_connection(("127.0.0.2", running.port)) as connected:
        connected.sendall(b"GET /api/Seen HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        assert connected.recv(12) == b"HTTP/1.1 200"


def test_address_and_port_of_the_file(host: HostFactory) -> None:
    port = free_port()
    settings = {
        "IsEncrypted": False,
        "Values": {},
        "Host": {"LocalHttpPort": port, "LocalHttpAddress": "127.0.0.3"},
    }
    files = {**FUNCTIONS, "local.settings.json": json.dumps(settings)}
    running = host("seen", files=files, port=port, tell_port=False, ready=None)
    running.wait_log(r"Worker process started and initialized\.", 20)
    assert listeners(port) == {"0300007F"}


HEAD = b"GET /api/Seen HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"


def target(length: int) -> bytes:
    """A request line of this length, its end not counted."""
    start, end = b"GET /api/Seen?", b" HTTP/1.1"
    return start + b"x" * (length - len(start) - len(end)) + end


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(
            target(8190) + b"\r\nHost: h\r\nConnection: close\r\n\r\n", 200, id="http-13-line-8-kib"
        ),
        pytest.param(target(8193) + b"\r\nHost: h\r\n\r\n", 414, id="http-13-line-longer"),
        pytest.param(HEAD + b"X-N: 1\r\n" * 98 + b"\r\n", 200, id="http-13-100-fields"),
        pytest.param(HEAD + b"X-N: 1\r\n" * 99 + b"\r\n", 431, id="http-13-101-fields"),
        pytest.param(HEAD + b"X-L: " + b"v" * 32000 + b"\r\n\r\n", 200, id="http-13-head-32-kib"),
        pytest.param(HEAD + b"X-L: " + b"v" * 32768 + b"\r\n\r\n", 431, id="http-13-head-larger"),
    ],
)
def test_limits(running: RunningHost, sent: bytes, status: int) -> None:
    (response,), rest = read_responses(running.raw(sent), ["GET"])
    assert (response.status, rest) == (status, b"")


def test_one_connection_serves_many_requests(running: RunningHost) -> None:
    connection = running.connect()
    try:
        for number in range(100):
            answer = exchange(connection, "POST", f"/api/Seen?n={number}", body=b"b")
            assert answer.json()["params"] == {"n": str(number)}
    finally:
        connection.close()


def test_a_stop_lets_running_calls_end(host: HostFactory) -> None:
    running = host("seen", files=FUNCTIONS)
    with running.socket() as connected:
        connected.sendall(b"GET /api/Sleep?for=0.5 HTTP/1.1\r\nHost: h\r\n\r\n")
        running.wait_log(r"sleeping 0\.5$", 10)
        running.stop()
        assert re.match(rb"HTTP/1\.1 200 ", connected.recv(65536))
    with pytest.raises(ConnectionRefusedError):
        running.connect()
