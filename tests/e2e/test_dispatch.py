"""How calls share a worker: threads for sync functions, one loop for async ones, processes.

That calls overlap is proven by barriers inside the functions, never by how long something took.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .at_once import Background, at_once
from .waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import HostFactory

    from .running_host import RunningHost


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("dispatch", env={"PYTHON_THREADPOOL_THREAD_COUNT": "4"})


def test_as_many_sync_calls_overlap_as_there_are_threads(running: RunningHost) -> None:
    answers = at_once([lambda: running.get("/api/meet?name=four&parties=4") for _ in range(4)])
    assert [answer.status for answer in answers] == [200] * 4
    assert len({answer.json()["thread"] for answer in answers}) == 4
    assert len({answer.json()["pid"] for answer in answers}) == 1


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_no_more_sync_calls_overlap_than_there_are_threads(host: HostFactory, threads: int) -> None:
    running = host("dispatch", env={"PYTHON_THREADPOOL_THREAD_COUNT": str(threads)})
    path = f"/api/meet_and_count?name=all&parties={threads}"
    answers = at_once([lambda: running.get(path) for _ in range(threads * 6)])
    assert max(answer.json() for answer in answers) == threads


def test_by_default_several_sync_calls_overlap(host: HostFactory) -> None:
    # min(32, cpu + 4) is at least five.
    running = host("dispatch")
    answers = at_once([lambda: running.get("/api/meet?name=five&parties=5") for _ in range(5)])
    assert [answer.status for answer in answers] == [200] * 5


@pytest.mark.parametrize(
    ("value", "warning"),
    [
        ("many", "PYTHON_THREADPOOL_THREAD_COUNT must be an integer"),
        (
            "0",
            r"PYTHON_THREADPOOL_THREAD_COUNT must be set to a value between 1 and sys\.maxint\. "
            r"Reverting to default value for max_workers",
        ),
    ],
)
def test_a_bad_thread_count_is_reported_and_ignored(
    host: HostFactory, value: str, warning: str
) -> None:
    running = host("dispatch", env={"PYTHON_THREADPOOL_THREAD_COUNT": value}, args=["--verbose"])
    running.wait_log(warning)
    answers = at_once([lambda: running.get("/api/meet?name=two&parties=2") for _ in range(2)])
    assert [answer.status for answer in answers] == [200] * 2


def test_async_calls_overlap_on_one_loop_of_the_main_thread(running: RunningHost) -> None:
    answers = at_once([lambda: running.get("/api/gather?name=a&parties=50") for _ in range(50)])
    assert [answer.status for answer in answers] == [200] * 50
    seen = [answer.json() for answer in answers]
    assert all(one["is_main_thread"] for one in seen)
    assert len({one["thread"] for one in seen}) == 1
    assert len({one["task"] for one in seen}) == 50
    later = running.get("/api/gather?name=b&parties=1").json()
    assert {one["loop"] for one in seen} == {later["loop"]}


def test_blocked_threads_do_not_stop_async_calls(running: RunningHost) -> None:
    with Background(8) as background:
        held = [background.start(lambda: running.get("/api/hold?name=h")) for _ in range(8)]
        running.wait_log("hold h entered")
        # All four threads are taken and four calls wait; only the loop can let them go.
        assert running.get("/api/release_async?name=h").json() is True
        assert [call.result().json() for call in held] == [True] * 8


def test_a_blocked_loop_does_not_stop_sync_calls(running: RunningHost) -> None:
    with Background(1) as background:
        held = background.start(lambda: running.get("/api/hold_loop?name=l"))
        running.wait_log("hold_loop l entered")
        assert running.get("/api/release?name=l").json() is True
        assert held.result().json() is True


GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.mark.parametrize(
    ("route", "kind", "query"),
    [
        ("identify", "sync", ""),
        ("identify_async", "async", ""),
        ("identify_async", "async", "&suspend=1"),
    ],
)
def test_invocation_ids_are_unique_and_logged(
    host: HostFactory, route: str, kind: str, query: str
) -> None:
    running = host("dispatch")
    tags = [str(tag) for tag in range(64)]
    answers = at_once(
        [lambda tag=tag: running.get(f"/api/{route}?tag={tag}{query}") for tag in tags]
    )
    ids = {}
    for tag, answer in zip(tags, answers, strict=True):
        seen_tag, ids[tag] = answer.json()
        assert seen_tag == tag
    assert len(set(ids.values())) == len(tags)
    for number in ids.values():
        running.wait_log(rf"Executed 'Functions\.{route}' \(Succeeded, Id={number}, ")
    log = running.log()
    assert sorted(re.findall(rf"Executing '.*Id=({GUID})\)", log)) == sorted(ids.values())
    assert sorted(re.findall(rf"Executed '.*Id=({GUID}),", log)) == sorted(ids.values())
    assert dict(re.findall(rf"tag (\d+) {kind} id ({GUID})$", log, re.MULTILINE)) == ids


def test_answers_reach_their_own_callers(running: RunningHost) -> None:
    tags = [str(tag) for tag in range(60)]
    answers = at_once([lambda tag=tag: running.get(f"/api/slow?tag={tag}") for tag in tags])
    assert [answer.json() for answer in answers] == tags


def test_two_worker_processes_are_both_used(host: HostFactory, tmp_path: Path) -> None:
    running = host(
        "dispatch",
        env={"FUNCTIONS_WORKER_PROCESS_COUNT": "2", "PYTHON_THREADPOOL_THREAD_COUNT": "1"},
    )
    wait_until(lambda: len(running.worker_pids()) == 2, "two worker processes")
    rounds = iter(range(100))

    def met() -> set[int]:
        folder = tmp_path / f"meeting-{next(rounds)}"
        folder.mkdir()
        path = f"/api/meet_across_processes?folder={folder}&bound=1"
        # One thread per worker: two calls that are inside together are in two processes.
        seen = [answer.json() for answer in at_once([lambda: running.get(path)] * 2)]
        return {one["pid"] for one in seen} if all(one["met"] for one in seen) else set()

    assert wait_until(met, "two calls in two processes") == set(running.worker_pids())


def test_one_worker_process_by_default(running: RunningHost) -> None:
    assert running.worker_pids() == [running.get("/api/pid").json()]
