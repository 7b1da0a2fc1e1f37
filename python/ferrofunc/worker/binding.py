"""The one shape of a binding: a plain dict as function.json has it.

Both models end here, so nothing after it knows which model a binding came from. Must give
JSON-ready values only, and must never fill in what the host decides (default methods, routes
of function.json folders). Called by `load_v1` and `load_v2`.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

# Keys whose spelling matters to us; function.json may write them in any case.
_KEYS = (
    "type",
    "name",
    "direction",
    "dataType",
    "cardinality",
    "connection",
    "authLevel",
    "methods",
    "route",
)
_CANONICAL = {key.lower(): key for key in _KEYS}
_LOWER = frozenset({"direction", "dataType", "cardinality", "accessRights", "authLevel"})


def normalise(raw: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of `raw` with canonical keys and values.

    Enums become their text, in the case function.json uses; `direction` is 'in' when absent.
    Raises TypeError for a value that JSON cannot hold, in the words of the json module.
    """
    binding: dict[str, Any] = {}
    for key, value in raw.items():
        key = _CANONICAL.get(key.lower(), key)
        value = _plain(value)
        if key in _LOWER and isinstance(value, str):
            value = value.lower()
        elif key == "methods" and value is not None:
            named = [value] if isinstance(value, str) else value
            value = [str(method) for method in named]
        binding[key] = value
    binding.setdefault("direction", "in")
    return binding


def is_trigger(binding: dict[str, Any]) -> bool:
    """Tell whether a binding starts its function: the type's name says so, in any case."""
    return str(binding.get("type", "")).lower().endswith("trigger")


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, str) else value.name.lower()
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
