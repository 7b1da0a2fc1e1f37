"""Runs several calls at the same time, one thread each, and gathers their results.

Called by tests that need calls in flight together. A thread that outlives `PATIENCE` fails the
test instead of hanging it.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

from .waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Run every call in a thread of its own and return the results in the order of `calls`.

    The first exception raised by a call is raised here.
    """
    with ThreadPoolExecutor(max_workers=len(calls)) as threads:
        futures = [threads.submit(call) for call in calls]
        wait(futures, timeout=2 * PATIENCE)
        return [future.result(timeout=PATIENCE) for future in futures]


class Background:
    """Calls that run while the test goes on; leaving the block waits for them.

    Args:
        size: how many may run at the same time.
    """

    def __init__(self, size: int) -> None:
        self._threads = ThreadPoolExecutor(max_workers=size)

    def __enter__(self) -> Background:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=True)

    def start(self, call: Callable[[], T]) -> Future[T]:
        """Start `call` now and return its future."""
        return self._threads.submit(call)
