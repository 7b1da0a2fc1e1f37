"""Bounded waits: a condition is polled until it holds or patience ends.

No test here asserts how long something took; a bound only turns "never" into a failure. The bounds
are generous because the machine may be busy. Called by the host handle and by tests.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

PATIENCE = 45.0
"""Seconds after which something that should have happened is held to have failed."""

POLL = 0.01
"""Seconds between two looks at a condition."""


def wait_until(
    condition: Callable[[], T | None],
    what: str,
    timeout: float = PATIENCE,
) -> T:
    """Return the first truthy value of `condition`, looked at every `POLL` seconds.

    Raises AssertionError naming `what` when `timeout` seconds pass without one.
    """
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout:.0f} s in vain for {what}; last seen: {value!r}")
        time.sleep(POLL)
