"""An async function runs as a task like any other: what asyncio and anyio promise holds in it.

Each probe is a coroutine of `tests/apps/probes`, awaited in the function's first step, before
anything has suspended, because a host that runs first steps by itself breaks there first.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from .at_once import at_once
from .running_host import exchange
from .waiting import wait_until

if TYPE_CHECKING:
    from conftest import HostFactory

    from .messages import Response
    from .running_host import RunningHost

PROBES = [
    "anyio_scope_cancelled_in_the_first_step",
    "anyio_sleep_and_deadline",
    "anyio_streams_and_threads",
    "anyio_task_group",
    "async_generator_is_closed",
    "cancelled_by_a_callback",
    "cancelled_by_a_child",
    "cancelled_child",
    "cancelled_in_the_first_step",
    "cancelled_with_a_message",
    "cancelling_is_counted",
    "child_process",
    "contextvar_seen_by_a_callback",
    "contextvar_seen_by_a_child_and_a_thread",
    "contextvar_set_before_suspension",
    "contextvar_starts_unset_and_is_left_dirty",
    "contextvar_token_across_suspension",
    "current_task",
    "current_task_in_a_child",
    "default_executor",
    "gather_shield_and_as_completed",
    "locks_queues_and_semaphores",
    "main_thread_loop",
    "wait_for_result_and_timeout",
]
PROBES_3_11 = [
    "nested_timeouts",
    "runner_free_loop_features",
    "task_group",
    "task_group_with_a_failing_child",
    "timeout_after_a_suspension",
    "timeout_already_over",
    "timeout_in_the_first_step",
    "timeout_not_reached",
]
if sys.version_info >= (3, 11):
    PROBES += PROBES_3_11


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("probes")


def assert_held(response: Response) -> None:
    assert (response.status, response.text) == (200, "held")


def test_every_probe_is_listed(running: RunningHost) -> None:
    assert running.get("/api/names").json() == sorted(PROBES)


@pytest.mark.parametrize("name", PROBES)
def test_probe(running: RunningHost, name: str) -> None:
    # Twice on one connection: what the first run leaves behind must not reach the second.
    connection = running.connect()
    try:
        for _ in range(2):
            assert_held(exchange(connection, "GET", f"/api/probe/{name}"))
    finally:
        connection.close()


def test_probes_side_by_side(running: RunningHost) -> None:
    # The signal handler of this one belongs to the whole process.
    shared = [name for name in PROBES if name != "main_thread_loop"] * 4
    for response in at_once([lambda n=n: running.get(f"/api/probe/{n}") for n in shared]):
        assert_held(response)


def test_a_cancellation_left_behind_reaches_nobody_else(running: RunningHost) -> None:
    for _ in range(5):
        assert running.get("/api/cancel_self_and_return").status in (200, 500)
        for name in ("current_task", "wait_for_result_and_timeout", "cancelling_is_counted"):
            assert_held(running.get(f"/api/probe/{name}"))


@pytest.mark.parametrize("query", ["tag=at-once", "tag=suspended&suspend=1"])
def test_done_callbacks_of_the_current_task_run(running: RunningHost, query: str) -> None:
    tag = running.get(f"/api/add_done_callback?{query}").text
    wait_until(
        lambda: running.get("/api/done_callbacks").json().count(tag) == 1,
        f"the done callback of {tag}",
    )


def test_an_aiohttp_session_is_shared_by_all_calls(running: RunningHost) -> None:
    url = quote(f"{running.url}/api/probe/current_task", safe="")
    answers = at_once([lambda: running.get(f"/api/fetch?url={url}") for _ in range(20)])
    for response in [*answers, running.get(f"/api/fetch?url={url}")]:
        assert_held(response)
