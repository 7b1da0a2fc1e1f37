"""`loose_json`: what counts as JSON for a returned text, and in which form it is written."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from ferrofunc.worker.loose_json import DEEPEST, parse, plain, write
from hypothesis import given, settings
from hypothesis import strategies as st

DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'a': 'it\\'s', 'b': 'say \"hi\"'}", {"a": "it's", "b": 'say "hi"'}),
        ("{name: 1, $other_2: 2}", {"name": 1, "$other_2": 2}),
        ("[1, 2,]", [1, 2]),
        ('{"a": 1,}', {"a": 1}),
        ("/* first */ [1, // one\n 2]", [1, 2]),
        ("[0x1F, 010, -07, 1., .5, undefined]", [31, 8, -7, 1.0, 0.5, None]),
        ('{"a": "line\nbreak"}', {"a": "line\nbreak"}),
        ('{"a": 1, "a": 2}', {"a": 2}),
    ],
)
def test_more_than_json_is_read(text: str, value: Any) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "{'a': True}",
        "[INFO] started",
        "[see below]",
        "{not json}",
        '{"a": 1} and more',
        '{"a": }',
        "[1",
        "1 2",
        "12 apples",
        "08",
        "0xG",
        "2024-01-31",
        "10:30",
        "-",
        "- item",
        "'open",
        '{"a": "\\x"}',
        "[" * 100_000,
        "[1 2 @]",
    ],
)
def test_what_is_no_json(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


# A slow machine is no failure.
unhurried = settings(deadline=None)


@unhurried
@given(DOCUMENTS)
def test_indented_as_the_standard_library_does(value: Any) -> None:
    assert write(value, "  ") == json.dumps(value, indent=2, ensure_ascii=False)


@unhurried
@given(DOCUMENTS)
def test_compact_as_the_standard_library_does(value: Any) -> None:
    assert write(value, None) == json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@unhurried
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_keep_their_value(value: float) -> None:
    text = write([value], None)[1:-1]
    assert float(text) == value
    assert "." in text or "E" in text


@pytest.mark.parametrize(
    ("value", "inside", "alone"),
    [
        (1.0, "1.0", "1"),
        (-0.0, "-0.0", "-0"),
        (1.10, "1.1", "1.1"),
        (0.0001, "0.0001", "0.0001"),
        (0.00001, "1E-05", "1E-05"),
        (1e14, "100000000000000.0", "100000000000000"),
        (1e15, "1E+15", "1E+15"),
        (-1.5e300, "-1.5E+300", "-1.5E+300"),
        (1234567890123456.0, "1234567890123456.0", "1234567890123456"),
        (math.inf, '"Infinity"', "Infinity"),
        (-math.inf, '"-Infinity"', "-Infinity"),
        (math.nan, '"NaN"', "NaN"),
    ],
)
def test_numbers_have_the_official_form(value: float, inside: str, alone: str) -> None:
    assert (write([value], None), plain(value)) == (f"[{inside}]", alone)


def test_depth_has_a_limit() -> None:
    deepest = "[" * DEEPEST + "]" * DEEPEST
    assert write(parse(deepest), None) == deepest
    with pytest.raises(ValueError, match="deeper than 64"):
        write([parse(deepest)], None)
