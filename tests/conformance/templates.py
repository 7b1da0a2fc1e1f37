"""Many templates in one app: each gets a function of its own, and a literal of its own in front.

Called by the tables of section 3. The literal keeps the templates apart, so that the order of the
functions plays no part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .case import Case
from .functions import function

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Row = tuple[str, str, "Mapping[str, tuple[str, Mapping[str, str] | None]]"]
"""Name, template, and by name a path with the route parameters that it gives; None: no match."""


def files(rows: Sequence[Row]) -> dict[str, str]:
    """The files of the app that has the template of every row."""
    found: dict[str, str] = {}
    for index, (_, template, _) in enumerate(rows):
        found |= function(f"f{index:03}", route=f"t{index:03}/{template}")
    return found


def cases(section: str, rows: Sequence[Row]) -> Iterator[Case]:
    """A case for every path of every row."""
    for index, (name, _, paths) in enumerate(rows):
        for kind, (path, params) in paths.items():
            request = f"GET /api/t{index:03}{path}"
            case_name = f"http-{section}-{name}-{kind}"
            if params is None:
                yield Case(case_name, request, 404, b"")
            else:
                seen = {"function": f"f{index:03}", "route_params": dict(params)}
                yield Case(case_name, request, seen=seen)
