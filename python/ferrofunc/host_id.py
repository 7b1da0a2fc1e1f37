"""The host's name among those that share a storage account (configuration.md 6.2).

Computed as the official host computes it, so that leases and hubs made by the one are found by the
other. Called by `settings`.
"""

from __future__ import annotations

import os
import re

from ferrofunc.errors import SettingsError

SETTING = "AzureFunctionsWebHost:hostId"
MAX_LENGTH = 32

_VALID = r"[a-z0-9](?:-?[a-z0-9])*"


def decide(root: str, given: str | None) -> tuple[str, list[str]]:
    """Return the host id, and warnings.

    Args:
        root: The project root.
        given: The setting's value, None or '' when it is not set.

    Raises:
        SettingsError: The given id has other characters, or more than 32.
    """
    if not given:
        return _default(root, os.uname().nodename), []
    if len(given) > MAX_LENGTH or not re.fullmatch(_VALID, given):
        raise SettingsError(
            f"Expected the host id '{SETTING}' to be 1 to {MAX_LENGTH} lower case letters, digits "
            f"and single dashes, none at an end; found '{given}'."
        )
    return given, [
        "Host id explicitly set in configuration. This is not a recommended configuration and may "
        "lead to unexpected behavior."
    ]


def _default(root: str, machine: str) -> str:
    name = "".join(c for c in machine.partition(".")[0] if c.isalnum()).lower()
    return f"{name}-{_path_hash(root)}"[:MAX_LENGTH].rstrip("-")


def _path_hash(text: str) -> int:
    value = 23
    # The multiplication overflows a signed 32-bit integer; that is part of the result.
    for unit in memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H"):
        value = (value * 31 + unit) & 0xFFFFFFFF
    return abs(value - (1 << 32) if value >= 1 << 31 else value)
