"""What a function may be called (configuration.md 10.1), for whatever makes a file of a name."""

from __future__ import annotations

import re

_FUNCTION = re.compile(r"[a-z][a-z0-9_\-]{0,127}", re.IGNORECASE | re.ASCII)


def is_valid(name: str) -> bool:
    """Tell whether a function may have this name."""
    return _FUNCTION.fullmatch(name) is not None and name.lower() != "host"
