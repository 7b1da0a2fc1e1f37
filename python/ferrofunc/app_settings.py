"""Looking up an app setting the way the host's configuration does (configuration.md 1).

The exact name wins; then the name in any case, with `:` and `__` the same. Used by `settings`,
`host.functions` and `host.checks`. It reads a given environment, never the process's own.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def canonical(name: str) -> str:
    """Return the one spelling under which equal names meet: lower case, `:` between parts."""
    return name.replace("__", ":").lower()


def find(environment: Mapping[str, str], name: str) -> str | None:
    """Return the value of the setting `name`, or None when nothing sets it.

    Args:
        environment: The variables of the host, local.settings.json included.
        name: The setting's name, with `:` or `__` between its parts.
    """
    if name in environment:
        return environment[name]
    wanted = canonical(name)
    for candidate, value in environment.items():
        if canonical(candidate) == wanted:
            return value
    return None


def is_on(value: str | None) -> bool:
    """Return whether a switch of the host is on: `1` or `true` in any case."""
    return value is not None and value.strip().lower() in ("1", "true")


def is_connection_known(environment: Mapping[str, str], name: str) -> bool:
    """Return whether `name` is a connection string or an identity section (configuration.md 9).

    An empty string counts: it says that somebody thought of it, and the listener will complain.

    Args:
        environment: The variables of the host, local.settings.json included.
        name: What a binding's `connection` says.
    """
    bare = canonical(name)
    wanted = (bare, f"connectionstrings:{bare}")
    below = tuple(f"{path}:" for path in wanted)
    known = (canonical(candidate) for candidate in environment)
    return any(name in wanted or name.startswith(below) for name in known)
