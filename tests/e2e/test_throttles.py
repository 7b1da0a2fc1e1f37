"""How many requests run at once, how many may wait, what the others get (http.md 9)."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import pytest

from .at_once import Background, at_once
from .messages import read_responses
from .running_host import read_to_end
from .waiting import wait_until

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    from conftest import HostFactory

    from .messages import Response
    from .running_host import RunningHost

LIMIT_LINE = r"Http request queue limit of {} has been exceeded\."


def limited(host: HostFactory, *, timeout: str = "00:30:00", **http: object) -> RunningHost:
    """A host of the app `throttles` with this in `extensions.http`."""
    content = {"version": "2.0", "functionTimeout": timeout, "extensions": {"http": http}}
    env = {"PYTHON_THREADPOOL_THREAD_COUNT": "16"}
    return host("throttles", files={"host.json": json.dumps(content)}, env=env)


class Turns:
    """Calls that run until `open` is called.

    Args:
        running: the host.
        gate: the file that they wait for.
        threads: where the calls are made.
    """

    def __init__(self, running: RunningHost, gate: Path, threads: Background) -> None:
        self._running = running
        self._gate = gate
        self._threads = threads

    def call(self, tag: str) -> Response:
        """Make a call and wait for its answer."""
        return self._running.get(f"/api/turn?tag={tag}&gate={self._gate}")

    def start(self, tag: str) -> Future[Response]:
        """Make a call that runs, or waits to."""
        return self._threads.start(lambda: self.call(tag))

    def began(self) -> list[str]:
        """The tags of the calls that have begun, in order."""
        lines = self._running.log().splitlines()
        return [line.split()[-2] for line in lines if line.endswith(" began")]

    def wait_began(self, count: int) -> None:
        """Wait until so many have begun."""
        wait_until(lambda: len(self.began()) >= count, f"{count} calls to begin")

    def open(self) -> None:
        """Let all of them end."""
        self._gate.touch()


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    return tmp_path / "gate"


def test_no_more_run_than_may_9(host: HostFactory) -> None:
    running = limited(host, maxConcurrentRequests=2)
    answers = at_once([lambda: running.get("/api/pair")] * 12)
    # Two were inside at the same time, again and again, and never three.
    assert [(answer.status, answer.text) for answer in answers] == [(200, "2")] * 12


def test_the_rest_queue_in_the_order_of_arrival_9(host: HostFactory, gate: Path) -> None:
    running = limited(host, maxConcurrentRequests=1)
    tags = [str(number) for number in range(8)]
    with contextlib.ExitStack() as stack, Background(1) as threads:
        turns = Turns(running, gate, threads)
        callers = [stack.enter_context(running.socket()) for _ in tags]
        for tag, caller in zip(tags, callers, strict=True):
            path = f"/api/turn?tag={tag}&gate={gate}"
            caller.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
            # What was sent before this was read before this.
            assert running.get("/admin/host/ping").status == 200
        turns.wait_began(1)
        assert turns.began() == ["0"]
        turns.open()
        answers = [read_responses(read_to_end(caller), ["GET"])[0][0] for caller in callers]
        assert [answer.text for answer in answers] == tags
    turns.wait_began(len(tags))
    assert turns.began() == tags


def test_a_limit_of_one_lets_everybody_through(host: HostFactory) -> None:
    running = limited(host, maxConcurrentRequests=1)
    answers = at_once([lambda: running.get("/api/quick")] * 40)
    assert [answer.text for answer in answers] == ["quick"] * 40


def test_pipelined_requests_wait_for_each_other(host: HostFactory) -> None:
    running = limited(host, maxConcurrentRequests=1)
    request = b"GET /api/quick HTTP/1.1\r\nHost: h\r\n\r\n"
    last = b"GET /api/quick HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    assert running.raw(request * 30 + last).count(b"200 OK") == 31


@pytest.mark.parametrize(
    ("http", "running_at_once"),
    [
        pytest.param({"maxConcurrentRequests": 1, "maxOutstandingRequests": 3}, 1, id="9-both"),
        pytest.param({"maxOutstandingRequests": 3}, 3, id="9-outstanding-alone"),
        pytest.param(
            {"maxConcurrentRequests": 9, "maxOutstandingRequests": 3}, 3, id="9-the-smaller-counts"
        ),
    ],
)
def test_one_too_many_is_refused(
    host: HostFactory, gate: Path, http: dict[str, int], running_at_once: int
) -> None:
    running = limited(host, **http)
    with Background(4) as threads:
        turns = Turns(running, gate, threads)
        started = [turns.start(str(number)) for number in range(3)]
        turns.wait_began(running_at_once)

        def refused() -> Response | None:
            # The third may still be on its way.
            answer = running.get("/api/quick")
            return answer if answer.status == 429 else None

        answer = wait_until(refused, "a refusal")
        assert answer.body == b""
        assert answer.header("x-function-scaleout") == "1"
        running.wait_log(LIMIT_LINE.format(3))
        # Limits stand before routing; the host's own requests are exempt.
        assert running.get("/nowhere").status == 429
        assert running.get("/admin/host/ping").status == 200
        assert running.get("/admin/host/status").status == 200
        assert len(turns.began()) == running_at_once
        turns.open()
        assert sorted(call.result().text for call in started) == ["0", "1", "2"]
    assert running.get("/api/quick").status == 200
    assert running.get("/nowhere").status == 404


def test_the_warning_does_not_flood(host: HostFactory, gate: Path) -> None:
    running = limited(host, maxOutstandingRequests=1)
    with Background(1) as threads:
        turns = Turns(running, gate, threads)
        started = turns.start("0")
        turns.wait_began(1)
        for _ in range(40):
            assert running.get("/api/quick").status == 429
        turns.open()
        assert started.result().status == 200
    lines = [line for line in running.log().splitlines() if "queue limit" in line]
    assert len(lines) == 10


@pytest.mark.parametrize("limit", [-1, None])
def test_without_a_limit_all_run_9(host: HostFactory, gate: Path, limit: int | None) -> None:
    running = limited(host, maxConcurrentRequests=limit, maxOutstandingRequests=limit)
    with Background(12) as threads:
        turns = Turns(running, gate, threads)
        started = [turns.start(str(number)) for number in range(12)]
        turns.wait_began(12)
        turns.open()
        assert {call.result().status for call in started} == {200}


def test_streams_count_until_their_end_9(host: HostFactory) -> None:
    content = {
        "version": "2.0",
        "extensions": {"http": {"routePrefix": "", "maxConcurrentRequests": 2}},
    }
    running = host("asgi", files={"host.json": json.dumps(content)})
    answers = at_once([lambda: running.get("/streamed")] * 12)
    assert {answer.text[-9:] for answer in answers} == {"piece 99\n"}
    body = b"b" * 300_000
    answers = at_once([lambda: running.post("/bytes", body)] * 12)
    assert {answer.body == body for answer in answers} == {True}
    assert running.get("/nowhere").status == 404


def test_dynamic_throttles_are_accepted_and_never_act_9(host: HostFactory) -> None:
    running = limited(host, dynamicThrottlesEnabled=True)
    answers = at_once([lambda: running.get("/api/quick")] * 20)
    assert {answer.status for answer in answers} == {200}
    assert "dynamicThrottles" not in running.log()


def test_a_call_that_times_out_gives_up_its_place(host: HostFactory, gate: Path) -> None:
    running = limited(host, timeout="00:00:01", maxConcurrentRequests=1)
    with Background(2) as threads:
        turns = Turns(running, gate, threads)
        first = turns.start("0")
        turns.wait_began(1)
        second = threads.start(lambda: running.get("/api/quick"))
        assert first.result().status == 500
        # Its worker ends with it; the one that waited is run by the next.
        assert second.result().status == 200


def test_a_worker_that_dies_gives_up_its_places(host: HostFactory) -> None:
    running = limited(host, maxConcurrentRequests=1, maxOutstandingRequests=2)
    for _ in range(3):
        assert running.get("/api/die").status == 500
        assert running.get("/api/quick").status == 200


def test_a_limit_that_makes_no_sense_stops_the_start(host: HostFactory) -> None:
    content = {"version": "2.0", "extensions": {"http": {"maxConcurrentRequests": 0}}}
    running = host("throttles", files={"host.json": json.dumps(content)}, ready=None)
    assert running.wait_exit() == 1
    assert "maxConcurrentRequests to be at least 1, or -1 for no limit, found 0." in running.log()
