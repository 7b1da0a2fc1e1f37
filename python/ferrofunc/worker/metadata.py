"""The host's rules for a function's definition, checked before anything of it runs.

Names, binding names, one trigger: a function that breaks one is "in error" and has neither
route nor listener, while the others go on (spec configuration 10.1, 10.2). Whether the bindings
fit the Python signature is `validate`'s question. Called by both loaders.
"""

from __future__ import annotations

import re
from typing import Any

from ferrofunc.worker.binding import is_trigger
from ferrofunc.worker.load_error import MetadataError

_FUNCTION_NAME = re.compile(r"[a-z][a-z0-9_\-]{0,127}", re.IGNORECASE | re.ASCII)
_BINDING_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,127}|\$return")
_DIRECTIONS = ("in", "out", "inout")


def check(name: str, bindings: tuple[dict[str, Any], ...]) -> None:
    """Refuse a definition the host refuses. Raises MetadataError with the host's text."""
    if not _FUNCTION_NAME.fullmatch(name) or name.lower() == "host":
        raise MetadataError(f"'{name}' is not a valid function name.")
    if not bindings:
        raise MetadataError("At least one binding must be declared.")
    seen: set[str] = set()
    for binding in bindings:
        _check_binding(binding)
        known = binding["name"].lower()
        if known in seen:
            raise MetadataError(
                f"Multiple bindings with name '{binding['name']}' discovered. "
                "Binding names must be unique."
            )
        seen.add(known)
    triggers = sum(is_trigger(binding) for binding in bindings)
    if triggers == 0:
        raise MetadataError(
            "No trigger binding specified. A function must have a trigger input binding."
        )
    if triggers > 1:
        raise MetadataError(
            "Multiple trigger bindings defined. A function can only have a single trigger binding."
        )


def _check_binding(binding: dict[str, Any]) -> None:
    name, kind, direction = binding.get("name"), binding.get("type"), binding["direction"]
    if not kind or not isinstance(kind, str):
        raise MetadataError(
            f"Binding '{'' if name is None else name}' is invalid. Bindings must specify a Type."
        )
    if not isinstance(name, str) or not _BINDING_NAME.fullmatch(name):
        raise MetadataError(
            f"The binding name {'' if name is None else name} is invalid. "
            "Please assign a valid name to the binding."
        )
    if direction not in _DIRECTIONS:
        raise MetadataError(
            f"The direction of binding '{name}' is {direction!r}; expected 'in' or 'out'."
        )
    if name == "$return" and direction != "out":
        raise MetadataError("$return bindings must specify a direction of 'out'.")
    if kind.lower() == "http" and direction != "out":
        raise MetadataError("Http binding can only be used for output.")
