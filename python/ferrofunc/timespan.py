"""Durations as host.json writes them: .NET `TimeSpan` text (configuration.md, preamble).

`[-]d`, `[-]hh:mm`, `[-][d.]hh:mm:ss[.fraction]` and `[-]d:hh:mm:ss[.fraction]`. Two traps are kept
because apps live with them: a bare number is **days**, and `24:00:00`, whose first part cannot be
an hour, is twenty-four days. Used by `host_json`; knows nothing of settings.
"""

from __future__ import annotations

import re

MAX_TEXT = "10675199.02:48:05.4775807"
_MAX_SECONDS = 10675199 * 86400 + 2 * 3600 + 48 * 60 + 5.4775807

_FORM = (
    r"(?P<sign>-)?"
    r"(?:(?P<days>\d+)"
    r"|(?:(?P<left>\d+)(?P<dot>[.:]))?(?P<hours>\d+):(?P<minutes>\d+)"
    r"(?::(?P<seconds>\d+)(?:\.(?P<fraction>\d+))?)?)"
)


def parse(text: str) -> float | None:
    """Return the seconds that `text` means, or None when it is not a timespan.

    Args:
        text: What stands in the file, blanks around it allowed.
    """
    match = re.fullmatch(_FORM, text.strip())
    if match is None:
        return None
    total = _seconds(match)
    if total is None or total > _MAX_SECONDS:
        return None
    return -total if match["sign"] else total


def _seconds(match: re.Match[str]) -> float | None:
    if match["days"] is not None:
        return float(int(match["days"]) * 86400)
    days, hours, minutes = int(match["left"] or 0), int(match["hours"]), int(match["minutes"])
    seconds = int(match["seconds"] or 0)
    is_three_numbers = match["dot"] == ":" and match["seconds"] is None
    # Three numbers with colons read as h:m:s first, as d:h:m when that overflows.
    if is_three_numbers and days < 24:
        days, hours, minutes, seconds = 0, days, hours, minutes
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    fraction = float(f"0.{match['fraction']}") if match["fraction"] else 0.0
    return days * 86400 + hours * 3600 + minutes * 60 + seconds + fraction
