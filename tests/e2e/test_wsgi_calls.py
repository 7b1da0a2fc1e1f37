"""What PEP 3333 asks of a server besides bodies: `write`, `close`, the context of a generator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("streaming_wsgi")


def test_what_is_written_comes_first(running: RunningHost) -> None:
    assert running.get("/written").text == "written, twice, then returned"


def test_a_result_is_closed(running: RunningHost) -> None:
    assert running.get("/closing").text == "ab"
    running.wait_log("the result was closed$")


def test_context_variables_last_from_pull_to_pull(running: RunningHost) -> None:
    """10 MB: many threads resume the generator, always in its own context."""
    for _ in range(2):
        lines = running.get("/counted/1000").text.splitlines()
        assert [int(line) for line in lines[::1000]] == list(range(1000))
