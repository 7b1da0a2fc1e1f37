"""Retry settings of one function, from either model, in the one shape function.json has.

`{"strategy": "fixedDelay", "maxRetryCount": 3, "delayInterval": "00:00:10"}`, or
`"exponentialBackoff"` with `minimumInterval` and `maximumInterval`; intervals stay text, as
`timespan` reads it (spec configuration 4.1, worker 4). Nothing is retried here: the host does
that. Called by both loaders.
"""

from __future__ import annotations

import time
from typing import Any

from ferrofunc.worker.load_error import MetadataError

# What the newest workers take when an exponential decorator leaves a bound out.
_NO_MINIMUM = "00:00:00"
_NO_MAXIMUM = "24855.03:14:07"  # 2147483647 seconds
_NEEDED = {
    "fixeddelay": ("fixedDelay", ("delayInterval",)),
    "exponentialbackoff": ("exponentialBackoff", ("minimumInterval", "maximumInterval")),
}


def from_decorator(setting: dict[str, Any] | None) -> dict[str, Any] | None:
    """Read what `@app.retry` left. None without one.

    Raises ValueError or TypeError, as the library's own workers do, for a count that is no
    number and an interval that is not `HH:MM:SS`.
    """
    if not setting:
        return None
    count = int(setting["max_retry_count"])
    if setting.get("strategy") == "fixed_delay":
        delay = setting.get("delay_interval")
        if delay is None:
            raise ValueError("the fixed_delay strategy of retry needs a delay_interval 'HH:MM:SS'")
        return {
            "strategy": "fixedDelay",
            "maxRetryCount": count,
            "delayInterval": _clock(delay),
        }
    minimum, maximum = setting.get("minimum_interval"), setting.get("maximum_interval")
    return {
        "strategy": "exponentialBackoff",
        "maxRetryCount": count,
        "minimumInterval": _NO_MINIMUM if minimum is None else _clock(minimum),
        "maximumInterval": _NO_MAXIMUM if maximum is None else _clock(maximum),
    }


def from_function_json(setting: Any) -> dict[str, Any] | None:
    """Read the `retry` object of a function.json. None without one.

    Raises MetadataError that names the part that is missing or wrong.
    """
    if setting is None:
        return None
    if not isinstance(setting, dict):
        raise MetadataError(f"'retry' must be an object, found {setting!r}.")
    # Late: an app of decorators never needs it.
    from ferrofunc import timespan

    given = {str(key).lower(): value for key, value in setting.items()}
    strategy = str(given.get("strategy", ""))
    if strategy.lower() not in _NEEDED:
        raise MetadataError(
            f"'retry.strategy' must be 'fixedDelay' or 'exponentialBackoff', found '{strategy}'."
        )
    spelled, intervals = _NEEDED[strategy.lower()]
    count = given.get("maxretrycount")
    if isinstance(count, bool) or not isinstance(count, int):
        raise MetadataError(
            f"'retry.maxRetryCount' must be a whole number (-1 for ever), found {count!r}."
        )
    policy: dict[str, Any] = {"strategy": spelled, "maxRetryCount": count}
    for interval in intervals:
        value = given.get(interval.lower())
        if not isinstance(value, str) or timespan.parse(value) is None:
            raise MetadataError(
                f"'retry.{interval}' must be a time such as '00:00:10', found {value!r}."
            )
        policy[interval] = value
    return policy


def _clock(text: str) -> str:
    parsed = time.strptime(text, "%H:%M:%S")
    return f"{parsed.tm_hour:02}:{parsed.tm_min:02}:{parsed.tm_sec:02}"
