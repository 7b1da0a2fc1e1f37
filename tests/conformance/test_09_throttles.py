"""http.md 9: how many requests may run, how many may wait, and what the others get."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from e2e.at_once import at_once
from e2e.messages import read_responses
from e2e.running_host import exchange, read_to_end

from .case import LOG_PATIENCE, Case, each
from .functions import function, host_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import HostFactory
    from e2e.running_host import RunningHost

FUNCTIONS = {**function("Busy", "from busy import main\n"), **function("Fine")}


def most_at_once(running: RunningHost, calls: int) -> int:
    """How many of `calls` sent together ran together; all of them must succeed."""
    assert running.get("/api/Busy?reset=1").text == "reset"
    answers = at_once([lambda: running.get("/api/Busy?for=0.1") for _ in range(calls)])
    assert [answer.status for answer in answers] == [200] * calls
    return max(int(answer.text.removeprefix("most ")) for answer in answers)


@pytest.mark.parametrize(
    ("settings", "calls", "expected"),
    [
        pytest.param({}, 12, 12, id="http-9-unbounded-by-default"),
        pytest.param(
            {"maxConcurrentRequests": -1, "maxOutstandingRequests": -1},
            12,
            12,
            id="http-9-minus-one-is-unbounded",
        ),
        pytest.param({"maxConcurrentRequests": 2}, 6, 2, id="http-9-concurrency-alone"),
        pytest.param(
            {"maxConcurrentRequests": 3, "maxOutstandingRequests": 6},
            6,
            3,
            id="http-9-the-rest-queue",
        ),
        pytest.param({"dynamicThrottlesEnabled": True}, 12, 12, id="http-9-dynamic-never-triggers"),
    ],
)
def test_concurrency(
    host: HostFactory, settings: dict[str, object], calls: int, expected: int
) -> None:
    running = host("seen", files={**FUNCTIONS, **host_json(**settings)})
    assert most_at_once(running, calls) == expected


@pytest.fixture(scope="module")
def full(shared_host: HostFactory) -> RunningHost:
    settings = host_json(maxConcurrentRequests=1, maxOutstandingRequests=3)
    return shared_host("seen", files={**FUNCTIONS, **settings})


@contextlib.contextmanager
def three_calls(full: RunningHost, gate: Path) -> Iterator[None]:
    """One call that runs and two that queue, while the block runs; all must succeed in the end.

    They wait for the file `gate`.
    """
    request = f"GET /api/Busy?gate={gate}&tag=t HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    seen = len(full.log())
    with contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(full.socket()) for _ in range(3)]
        for connected in waiting:
            connected.sendall(request.encode())
        full.wait_log("entered t$", LOG_PATIENCE, seen)
        # Answered after whatever came before it was read.
        assert full.get("/admin/host/ping").status == 200
        try:
            yield
        finally:
            gate.touch()
        for connected in waiting:
            (response,), _ = read_responses(read_to_end(connected), ["GET"])
            assert response.status == 200


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    return tmp_path / "gate"


def test_beyond_the_queue(full: RunningHost, gate: Path) -> None:
    seen = len(full.log())
    with three_calls(full, gate):
        refused = full.get("/api/Fine")
        assert (refused.status, refused.body) == (429, b"")
        assert refused.header("x-function-scaleout") == "1"
        full.wait_log(r"Http request queue limit of 3 has been exceeded\.", LOG_PATIENCE, seen)
    assert full.get("/api/Fine").status == 200


@each(
    [
        Case("http-9-admin-is-exempt-ping", "GET /admin/host/ping"),
        Case("http-9-admin-is-exempt-status", "GET /admin/host/status"),
        Case("http-9-admin-is-exempt-functions", "GET /admin/functions"),
        Case("http-9-refused-with-a-body", "POST /api/Fine", 429, b"", payload=b"body"),
        Case("http-9-refused-in-any-function", "GET /api/Busy", 429, b""),
    ]
)
def test_while_full(full: RunningHost, gate: Path, case: Case) -> None:
    with three_calls(full, gate):
        case.check(full)


def test_a_connection_goes_on_after_a_refusal(full: RunningHost, gate: Path) -> None:
    connection = full.connect()
    try:
        with three_calls(full, gate):
            assert exchange(connection, "POST", "/api/Fine", body=b"body").status == 429
        assert exchange(connection, "POST", "/api/Fine", body=b"body").status == 200
    finally:
        connection.close()
