"""Ends that nobody planned: clients and workers that leave, readers that are slow, a stop."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .messages import read_responses
from .running_host import read_to_end
from .streamed import LAST_CHUNK, head, letters, read_until
from .waiting import wait_until

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

APPS = ["streaming_asgi", "streaming_wsgi"]


@pytest.fixture(scope="module", params=APPS)
def running(request: pytest.FixtureRequest, shared_host: HostFactory) -> RunningHost:
    return shared_host(request.param)


def memory(running: RunningHost) -> int:
    """The bytes that host and workers hold, shared ones counted once between them (PSS)."""
    total = 0
    for process in [running.pid, *running.worker_pids()]:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) << 10
    return total


def test_a_client_that_leaves_closes_the_generator(running: RunningHost) -> None:
    seen = len(running.log())
    with running.socket() as connected:
        connected.sendall(head("GET", "/endless"))
        read_until(connected, b"piece\n")
    running.wait_log("the generator was closed$", start=seen)
    running.wait_log(r"Executed 'Functions\.http_app_func' ", start=seen)
    assert running.get("/pid").text.isdigit()


def test_a_client_that_leaves_cancels_a_generator_that_waits(shared_host: HostFactory) -> None:
    running = shared_host("streaming_asgi")
    with running.socket() as connected:
        connected.sendall(head("GET", "/events/2"))
        read_until(connected, b"data: 0\n\n")
    running.wait_log("the events were closed$")


def test_a_client_that_leaves_without_reading(running: RunningHost) -> None:
    seen = len(running.log())
    with running.socket() as connected:
        connected.sendall(head("GET", "/pieces/1000/1000000"))
        assert connected.recv(100)
    running.wait_log(r"Executed 'Functions\.http_app_func' ", start=seen)
    assert running.get("/pid").text.isdigit()


def test_a_client_that_only_listens_gets_all(shared_host: HostFactory) -> None:
    """One that has closed its sending side; an ASGI app hears of that as of a client that left."""
    running = shared_host("streaming_wsgi")
    with running.socket() as connected:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        connected.sendall(head("GET", "/pieces/40/1000000", "Connection: close"))
        received = connected.recv(1)
        # More is to come than the kernel takes at once.
        connected.shutdown(socket.SHUT_WR)
        (response,), _ = read_responses(received + read_to_end(connected), ["GET"])
    assert response.body == letters(40, 1_000_000)


@pytest.mark.parametrize("app", APPS)
def test_a_worker_killed_in_the_middle(host: HostFactory, app: str) -> None:
    running = host(app)
    (worker,) = running.worker_pids()
    with running.socket() as connected:
        connected.sendall(head("GET", "/events/2"))
        received = read_until(connected, b"data: 0\n\n")
        os.kill(worker, signal.SIGKILL)
        received += read_to_end(connected)
    assert not received.endswith(LAST_CHUNK)
    assert running.process.poll() is None
    assert int(running.get("/pid").text) != worker


def test_a_slow_reader_costs_no_memory(running: RunningHost) -> None:
    """Of 1 GiB 64 MiB are read, with pauses; then the reader leaves."""
    running.get("/pieces/100/1000000")
    before, most = memory(running), 0
    seen = len(running.log())
    with running.socket() as connected:
        connected.sendall(head("GET", "/pieces/1024/1048576"))
        for _ in range(8):
            left = 8 << 20
            while left:
                left -= len(connected.recv(min(left, 1 << 16)))
            running.get("/pid")
            most = max(most, memory(running))
    running.wait_log(r"Executed 'Functions\.http_app_func' ", start=seen)
    assert most - before < 10 << 20
    assert memory(running) - before < 10 << 20


def test_slow_readers_hold_up_nobody(running: RunningHost) -> None:
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(running.socket()) for _ in range(10)]
        for connected in readers:
            connected.sendall(head("GET", "/pieces/40/1000000", "Connection: close"))
            assert connected.recv(1)
        for _ in range(20):
            assert running.get("/pid").text.isdigit()
        for connected in readers:
            received = b"H" + read_to_end(connected)
            (response,), _ = read_responses(received, ["GET"])
            assert response.body == letters(40, 1_000_000)


def test_open_event_streams_hold_up_nobody(shared_host: HostFactory) -> None:
    running = shared_host("streaming_asgi")
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(running.socket()) for _ in range(10)]
        for connected in readers:
            connected.sendall(head("GET", "/events/1", "Connection: close"))
            read_until(connected, b"data: 0\n\n")
        for _ in range(20):
            assert running.get("/pid").text.isdigit()
        for _ in readers:
            running.get("/open")
        for connected in readers:
            assert read_to_end(connected).endswith(LAST_CHUNK)


def test_requests_are_answered_after_much_was_streamed(host: HostFactory) -> None:
    """Word of new calls is not lost after 64 MiB, while one thread is in an open stream."""
    running = host("streaming_wsgi")
    assert len(running.get("/pieces/64/1048576").body) == 64 << 20
    with running.socket() as connected:
        connected.sendall(head("GET", "/events/2"))
        read_until(connected, b"data: 0\n\n")
        for _ in range(10):
            assert running.get("/pid").text.isdigit()


@pytest.mark.parametrize("app", APPS)
def test_a_stop_ends_open_streams(host: HostFactory, app: str) -> None:
    running = host(app)
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(running.socket()) for _ in range(3)]
        for connected in readers:
            connected.sendall(head("GET", "/events/2"))
            read_until(connected, b"data: 0\n\n")
        before = running.family()
        running.send_signal(signal.SIGTERM)
        assert running.wait_exit() == 0
        for connected in readers:
            assert not read_to_end(connected).endswith(LAST_CHUNK)
    wait_until(lambda: not (before & running.family()), "the last process to end")
