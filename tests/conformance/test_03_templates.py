"""http.md 3: every form of a route template, with paths that match it and paths that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import templates
from .case import Case, each

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

ROWS: list[templates.Row] = [
    (
        "literal",
        "Some/Path",
        {
            "as-is": ("/Some/Path", {}),
            "other-case": ("/some/PATH", {}),
            "escaped": ("/%53ome/P%61th", {}),
            "other": ("/some/other", None),
            "shorter": ("/some", None),
            "longer": ("/some/path/more", None),
        },
    ),
    (
        "literal-signs",
        "a.b-c_d~e/é x",
        {"escaped": ("/a.b-c_d~e/%C3%A9%20x", {}), "no-pattern": ("/aXb-c_d~e/%C3%A9%20x", None)},
    ),
    (
        "parameter",
        "{id}",
        {
            "text": ("/abc", {"id": "abc"}),
            "number-stays-text": ("/007", {"id": "007"}),
            "escaped": ("/a%20b%3F%23", {"id": "a b?#"}),
            "utf-8": ("/%C3%A9%E2%82%AC", {"id": "é€"}),
            "plus-stays": ("/a+b", {"id": "a+b"}),
            "percent-stays": ("/100%25", {"id": "100%"}),
            "slash-stays-escaped": ("/a%2Fb", {"id": "a%2Fb"}),
            "case-kept": ("/AbC", {"id": "AbC"}),
            "empty": ("/", None),
            "missing": ("", None),
            "two-segments": ("/a/b", None),
        },
    ),
    (
        "parameter-name",
        "{MixedCase}/{under_score}",
        {"kept": ("/1/2", {"MixedCase": "1", "under_score": "2"})},
    ),
    (
        "two-parameters",
        "{a}/x/{b}",
        {"both": ("/1/x/2", {"a": "1", "b": "2"}), "no-middle": ("/1/y/2", None)},
    ),
    (
        "optional",
        "{id?}",
        {
            "given": ("/7", {"id": "7"}),
            "absent": ("", {}),
            "slash": ("/", {}),
            "two": ("/7/8", None),
        },
    ),
    (
        "optional-several",
        "{a}/{b?}/{c?}",
        {
            "all": ("/1/2/3", {"a": "1", "b": "2", "c": "3"}),
            "two": ("/1/2", {"a": "1", "b": "2"}),
            "one": ("/1", {"a": "1"}),
            "none": ("", None),
        },
    ),
    (
        "default",
        "{id=5}",
        {"given": ("/7", {"id": "7"}), "absent": ("", {"id": "5"})},
    ),
    (
        "default-text",
        "{a}/{b=two words}",
        {"given": ("/1/2", {"a": "1", "b": "2"}), "absent": ("/1", {"a": "1", "b": "two words"})},
    ),
    (
        "default-with-constraint",
        "{id:int=5}",
        {"given": ("/7", {"id": "7"}), "absent": ("", {"id": "5"}), "bad": ("/x", None)},
    ),
    (
        "constraint",
        "{id:int}",
        {"good": ("/7", {"id": "7"}), "bad": ("/x", None), "absent": ("", None)},
    ),
    (
        "constraints-several",
        "{id:int:min(1):max(9)}",
        {"all": ("/7", {"id": "7"}), "second-fails": ("/0", None), "third-fails": ("/10", None)},
    ),
    (
        "constraint-optional",
        "{id:int?}",
        {"given": ("/7", {"id": "7"}), "absent": ("", {}), "bad": ("/x", None)},
    ),
    (
        "catch-all",
        "{*path}",
        {
            "one": ("/a", {"path": "a"}),
            "several": ("/a/b/c", {"path": "a/b/c"}),
            "escaped-slash": ("/a/b%2Fc", {"path": "a/b%2Fc"}),
            "escaped": ("/a%20b/%C3%A9", {"path": "a b/é"}),
            "empty": ("", {}),
            "slash": ("/", {}),
        },
    ),
    (
        "catch-all-two-stars",
        "{**path}",
        {"several": ("/a/b", {"path": "a/b"}), "empty": ("", {})},
    ),
    (
        "catch-all-after-parameter",
        "{id}/{*rest}",
        {"both": ("/1/a/b", {"id": "1", "rest": "a/b"}), "first-only": ("/1", {"id": "1"})},
    ),
    (
        "catch-all-default",
        "{*path=a/b}",
        {"given": ("/c", {"path": "c"}), "absent": ("", {"path": "a/b"})},
    ),
    (
        "catch-all-constraint",
        "{*path:regex(^a/)}",
        {"good": ("/a/b", {"path": "a/b"}), "bad": ("/b/a", None)},
    ),
    (
        "one-segment",
        "{a}-{b}.{c}",
        {
            "all": ("/1-2.3", {"a": "1", "b": "2", "c": "3"}),
            "right-to-left": ("/1-2-3.4.5", {"a": "1-2", "b": "3.4", "c": "5"}),
            "no-first-literal": ("/12.3", None),
            "no-second-literal": ("/1-23", None),
            "empty-part": ("/-2.3", None),
        },
    ),
    (
        "one-segment-literal-first",
        "v{major}.{minor}",
        {"good": ("/v1.2", {"major": "1", "minor": "2"}), "bad": ("/1.2", None)},
    ),
    (
        "one-segment-optional",
        "{file}.{ext?}",
        {
            "both": ("/a.txt", {"file": "a", "ext": "txt"}),
            "dots": ("/a.b.txt", {"file": "a.b", "ext": "txt"}),
            "dropped-with-its-dot": ("/a", {"file": "a"}),
        },
    ),
    (
        "literal-braces",
        "a{{b}}c",
        {"braces": ("/a%7Bb%7Dc", {}), "no-parameter": ("/axc", None)},
    ),
]


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("seen", files=templates.files(ROWS))


@each(templates.cases("3", ROWS))
def test_template(running: RunningHost, case: Case) -> None:
    case.check(running)
