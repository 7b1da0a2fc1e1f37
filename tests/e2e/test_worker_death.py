"""A worker may die at any instruction: its callers get a 500, nobody else notices, it is replaced.

Each test has a host of its own and kills few workers, because a host gives up after several.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from .at_once import Background
from .running_host import exchange
from .waiting import PATIENCE, wait_until

if TYPE_CHECKING:
    from conftest import HostFactory

    from .messages import Response
    from .running_host import RunningHost

KILLED = r"SIGKILL|signal 9|code (-9|137)"
BROKEN = r"SIGSEGV|signal 11|code (-11|139)"


def wait_replaced(running: RunningHost, old: int) -> int:
    """Wait until another process than `old` answers; return its id."""

    def answered() -> int:
        response = running.get("/api/pid")
        assert response.status in (200, 500), response
        return int(response.text) if response.status == 200 and int(response.text) != old else 0

    return wait_until(answered, f"a replacement of worker {old}")


def assert_failed(response: Response) -> None:
    assert (response.status, response.body) == (500, b"")


@pytest.mark.parametrize(
    ("route", "log"),
    [
        ("leave_at_once", r"python exited with code 3 \(0x3\)"),
        ("break_memory", BROKEN),
        ("break_memory_async", BROKEN),
    ],
)
def test_a_function_that_kills_its_process(host: HostFactory, route: str, log: str) -> None:
    running = host("death")
    old = int(running.get("/api/pid").text)
    idle = running.connect()
    try:
        assert exchange(idle, "GET", "/api/pid").status == 200
        assert_failed(running.get(f"/api/{route}"))
        running.wait_log(log)
        wait_replaced(running, old)
        # The connection that was open all the time still is, and works.
        assert exchange(idle, "GET", "/api/pid").status == 200
        assert exchange(idle, "GET", "/api/pid_async").status == 200
    finally:
        idle.close()
    assert old not in running.worker_pids()


def test_calls_in_flight_get_their_500(host: HostFactory) -> None:
    running = host("death")
    old = int(running.get("/api/pid").text)
    connections = [running.connect() for _ in range(3)]
    try:
        with Background(3) as background:
            waiting = [
                background.start(
                    lambda c=connection, tag=tag: exchange(c, "GET", f"/api/wait_forever?tag={tag}")
                )
                for tag, connection in enumerate(connections)
            ]
            for tag in range(3):
                running.wait_log(f"waiting {tag}$")
            os.kill(old, signal.SIGKILL)
            for call in waiting:
                assert_failed(call.result())
        running.wait_log(KILLED)
        new = wait_replaced(running, old)
        for connection in connections:
            assert exchange(connection, "GET", "/api/pid").text == str(new)
    finally:
        for connection in connections:
            connection.close()


def test_a_worker_that_dies_idle_is_replaced_unasked(host: HostFactory) -> None:
    running = host("death")
    old = running.worker_pids()
    os.kill(old[0], signal.SIGKILL)
    wait_until(
        lambda: (pids := running.worker_pids()) and pids != old,
        "a replacement without a request",
    )
    running.wait_log(KILLED)
    assert running.get("/api/pid").status == 200


def test_a_death_with_a_large_body_in_hand(host: HostFactory) -> None:
    running = host("death")
    old = int(running.get("/api/pid").text)
    body = b"b" * (4 * 1024 * 1024)
    assert_failed(running.post("/api/die_half_way_through_a_body", body))
    running.wait_log(r"python exited with code 4 \(0x4\)")
    wait_replaced(running, old)


def test_a_death_in_one_worker_leaves_the_other_alone(host: HostFactory) -> None:
    running = host("death", env={"FUNCTIONS_WORKER_PROCESS_COUNT": "2"})
    first, second = wait_until(
        lambda: pids if len(pids := running.worker_pids()) == 2 else [], "two workers"
    )
    os.kill(first, signal.SIGKILL)
    wait_until(
        lambda: len(pids := running.worker_pids()) == 2 and first not in pids, "a replacement"
    )
    assert second in running.worker_pids()


@pytest.mark.parametrize("route", ["pid", "pid_async"])
def test_a_kill_under_load_drops_no_connection(host: HostFactory, route: str) -> None:
    running = host("death")
    (old,) = running.worker_pids()
    statuses: list[list[int]] = [[] for _ in range(8)]
    new_pids: set[int] = set()
    given_up = threading.Event()

    def load(number: int) -> None:
        # The connection never reconnects: a dropped one raises here.
        connection = running.connect()
        try:
            answered_by_new = 0
            while answered_by_new < 100 and not given_up.is_set():
                response = exchange(connection, "GET", f"/api/{route}")
                statuses[number].append(response.status)
                assert response.status in (200, 500)
                if response.status == 200 and int(response.text) != old:
                    new_pids.add(int(response.text))
                    answered_by_new += 1
        finally:
            connection.close()

    with Background(8) as background:
        calls = [background.start(lambda n=number: load(n)) for number in range(8)]
        try:
            wait_until(
                lambda: (
                    any(call.done() for call in calls) or min(len(seen) for seen in statuses) >= 50
                ),
                "50 answers on each connection",
            )
            os.kill(old, signal.SIGKILL)
            for call in calls:
                call.result(timeout=2 * PATIENCE)
        finally:
            given_up.set()
    assert len(new_pids) == 1
    # A connection waits for one answer at a time, so one kill costs it one answer at most.
    assert max(seen.count(500) for seen in statuses) <= 1
