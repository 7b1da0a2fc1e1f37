"""http.md 3: templates that stop the start, each with the sentence that its author searches for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .case import LOG_PATIENCE
from .functions import function, host_json

if TYPE_CHECKING:
    from conftest import HostFactory

INCOMPLETE = (
    "There is an incomplete parameter in the route template. Check that each '{' character has a "
    "matching '}' character."
)

REFUSED = [
    (
        "repeated-name",
        "{a}/x/{A}",
        "The route parameter name 'A' appears more than one time in the route template.",
    ),
    (
        "touching-parameters",
        "{a}{b}",
        "A path segment cannot contain two consecutive parameters. They must be separated by a '/' "
        "or by a literal string.",
    ),
    (
        "optional-not-at-the-end",
        "{a?}x",
        "An optional parameter must be at the end of the segment.",
    ),
    ("default-with-question-mark", "{a=1?}", "An optional parameter cannot have default value."),
    (
        "catch-all-not-last",
        "{*a}/b",
        "A catch-all parameter can only appear as the last segment of the route template.",
    ),
    ("brace-not-closed", "x/{a", INCOMPLETE),
    ("brace-not-opened", "x/a}", INCOMPLETE),
    (
        "question-mark-in-a-literal",
        "a?b",
        "The literal section 'a?b' is invalid. Literal sections cannot contain the '?' character.",
    ),
    (
        "two-slashes",
        "a//b",
        "The route template separator character '/' cannot appear consecutively.",
    ),
    (
        "tilde",
        "~x",
        "The route template cannot start with a '~' character unless followed by a '/'.",
    ),
    ("unknown-constraint", "{a:nope}", "The constraint entry 'a' - 'nope' on the route "),
]


@pytest.mark.parametrize(
    ("template", "sentence"),
    [pytest.param(*row[1:], id=f"http-3-refused-{row[0]}") for row in REFUSED],
)
def test_a_template_that_stops_the_start(host: HostFactory, template: str, sentence: str) -> None:
    # Without a prefix, which would stand before a tilde.
    files = {**function("Broken", route=template), **host_json(routePrefix="")}
    running = host("seen", files=files, ready=None)
    running.wait_log(re.escape(sentence), LOG_PATIENCE)
    assert running.wait_exit() == 1


def test_a_tilde_before_a_slash(host: HostFactory) -> None:
    files = {**function("Tilde", route="~/x"), **host_json(routePrefix="")}
    assert host("seen", files=files).get("/x").json()["function"] == "Tilde"
