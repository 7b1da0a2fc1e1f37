"""The app's own retry policy, and what a policy means in numbers (configuration.md 4.1).

A function's policy is read by the worker and wins; this reads `retry` of host.json, and turns
either into what the gateway counts by. Called by `settings` and `host.functions`.
"""

from __future__ import annotations

from ferrofunc import timespan
from ferrofunc.errors import HostJsonError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ferrofunc.host_json import HostConfig

_NEEDED = {
    "fixeddelay": ("fixedDelay", ("delayInterval",)),
    "exponentialbackoff": ("exponentialBackoff", ("minimumInterval", "maximumInterval")),
}


def from_host_json(config: HostConfig) -> dict[str, Any] | None:
    """Return `retry` of host.json in the shape of function.json, None without one.

    Raises:
        HostJsonError: A part is missing or is not what it must be.
    """
    strategy = config.text("retry:strategy")
    count = config.text("retry:maxRetryCount")
    if not strategy and not count:
        return None
    known = _NEEDED.get((strategy or "").lower())
    if known is None:
        raise HostJsonError(
            "Expected 'retry.strategy' to be 'fixedDelay' or 'exponentialBackoff', found "
            f"'{strategy or ''}'."
        )
    try:
        policy: dict[str, Any] = {"strategy": known[0], "maxRetryCount": int(count or "")}
    except ValueError as error:
        raise HostJsonError(
            "Expected 'retry.maxRetryCount' to be a whole number (-1 for ever), found "
            f"'{count or ''}'."
        ) from error
    for name in known[1]:
        value = config.text(f"retry:{name}")
        if value is None or timespan.parse(value) is None:
            raise HostJsonError(
                f"Expected 'retry.{name}' to be a time such as '00:00:10', found '{value or ''}'."
            )
        policy[name] = value
    return policy


def numbers(policy: Mapping[str, Any]) -> tuple[int, float, float]:
    """Return most attempts after the first (-1 for ever), first and longest wait in seconds."""
    if "delayInterval" in policy:
        least = longest = _seconds(policy["delayInterval"])
    else:
        least, longest = _seconds(policy["minimumInterval"]), _seconds(policy["maximumInterval"])
    return max(-1, int(policy["maxRetryCount"])), least, max(least, longest)


def _seconds(text: str) -> float:
    # Checked by whoever read it.
    return max(0.0, timespan.parse(text) or 0.0)
