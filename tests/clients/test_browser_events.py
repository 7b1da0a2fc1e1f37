"""Server-sent events from a streaming function, read by a page of another origin one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .visiting import another_origin, visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import HostFactory


def test_events_arrive_one_by_one(
    host: HostFactory, program: Callable[[str], str], node: str
) -> None:
    with another_origin() as origin:
        running = host(
            "browser_events",
            args=["--cors", origin, "--cors-credentials"],
            env={"PYTHON_ENABLE_INIT_INDEXING": "1"},
        )
        told = visit(node, program("chromium"), f"{origin}/events.html?host={running.url}")
    assert told["outcome"] == {"events": [f"tick {number}" for number in range(4)]}
    assert (told["console"], told["thrown"], told["failed"]) == ([], [], [])
