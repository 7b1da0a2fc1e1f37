"""http.md 3.1: every constraint, with texts that pass it and texts that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

import pytest

from . import templates
from .case import Case, each

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

GUID = "00112233-4455-6677-8899-aabbccddeeff"
GUID_X = "%7B0x00112233,0x4455,0x6677,%7B0x88,0x99,0xaa,0xbb,0xcc,0xdd,0xee,0xff%7D%7D"


class Constraint(NamedTuple):
    """One row of the table; the texts stand by name, escaped where a path demands it."""

    name: str
    text: str
    passing: dict[str, str]
    failing: dict[str, str]


CONSTRAINTS = [
    Constraint(
        "int",
        "int",
        {
            "plain": "7",
            "zeros": "007",
            "minus": "-7",
            "plus": "+7",
            "space": "%207",
            "space-behind": "7%20",
            "greatest": "2147483647",
            "least": "-2147483648",
        },
        {
            "letters": "x",
            "beyond": "2147483648",
            "below": "-2147483649",
            "point": "1.0",
            "thousands": "1,000",
            "exponent": "1e3",
            "hexadecimal": "0x1",
            "sign-behind": "7-",
            "two-signs": "--7",
            "sign-alone": "-",
            "space-within": "1%202",
            "space-alone": "%20",
            "other-digits": "%D9%A7",
        },
    ),
    Constraint(
        "long",
        "long",
        {
            "plain": "7",
            "space-and-sign": "%20-7%20",
            "greatest": "9223372036854775807",
            "least": "-9223372036854775808",
        },
        {"beyond": "9223372036854775808", "below": "-9223372036854775809", "letters": "x"},
    ),
    Constraint(
        "bool",
        "bool",
        {"true": "true", "false": "false", "upper": "TRUE", "mixed": "False", "space": "%20true"},
        {"number": "1", "yes": "yes", "letter": "t", "more": "truer"},
    ),
    Constraint(
        "datetime",
        "datetime",
        {
            "date": "2016-12-31",
            "minutes": "2016-12-31%2019:32",
            "half-day": "2016-12-31%207:32pm",
            "sortable": "2016-12-31T19:32:10",
            "zulu": "2016-12-31T19:32:10Z",
            "offset": "2016-12-31T19:32:10.123+01:00",
            "american": "12-31-2016",
            "month-by-name": "31%20December%202016",
            "leap-day": "2016-02-29",
        },
        {
            "month-13": "2016-13-01",
            "day-30-in-february": "2016-02-30",
            "hour-25": "2016-12-31%2025:00",
            "number": "7",
            "letters": "x",
        },
    ),
    Constraint(
        "decimal",
        "decimal",
        {
            "point": "49.99",
            "thousands": "-1,000.01",
            "sign-behind": "5-",
            "point-first": ".5",
            "point-last": "5.",
            "space": "%205%20",
            "greatest": "79228162514264337593543950335",
        },
        {
            "exponent": "1e5",
            "parentheses": "(5)",
            "currency": "$5",
            "two-points": "1.2.3",
            "nan": "NaN",
            "beyond": "79228162514264337593543950336",
            "letters": "x",
        },
    ),
    *(
        Constraint(
            name,
            name,
            {
                "point": "1.234",
                "thousands": "1,234.5",
                "exponent": "1e10",
                "exponent-signed": "-1.5E-3",
                "nan": "NaN",
                "infinity": "Infinity",
                "minus-infinity": "-Infinity",
                "space": "%205%20",
            },
            {"letters": "x", "sign-behind": "5-", "exponent-empty": "1e", "parentheses": "(5)"},
        )
        for name in ("double", "float")
    ),
    Constraint(
        "guid",
        "guid",
        {
            "n": GUID.replace("-", ""),
            "d": GUID,
            "d-upper": GUID.upper(),
            "b": f"%7B{GUID}%7D",
            "p": f"({GUID})",
            "x": GUID_X,
        },
        {
            "short": GUID[:-1],
            "letter-beyond-f": f"{GUID[:-1]}g",
            "brace-open": f"%7B{GUID}",
            "mixed-brackets": f"%7B{GUID})",
            "letters": "x",
        },
    ),
    Constraint(
        "minlength",
        "minlength(4)",
        {"equal": "abcd", "longer": "abcde", "not-ascii": "%C3%A9%C3%A9%C3%A9%C3%A9"},
        {"shorter": "abc", "not-ascii-shorter": "%C3%A9%C3%A9"},
    ),
    Constraint(
        "maxlength",
        "maxlength(4)",
        {"equal": "abcd", "shorter": "a", "not-ascii": "%C3%A9%C3%A9%C3%A9%C3%A9"},
        {"longer": "abcde"},
    ),
    Constraint("length-exact", "length(3)", {"equal": "abc"}, {"shorter": "ab", "longer": "abcd"}),
    Constraint(
        "length-between",
        "length(2,4)",
        {"least": "ab", "between": "abc", "greatest": "abcd"},
        {"shorter": "a", "longer": "abcde"},
    ),
    Constraint(
        "min",
        "min(18)",
        {"equal": "18", "greater": "19", "space": "%2018", "beyond-int": "9223372036854775807"},
        {"less": "17", "letters": "x", "point": "18.5", "beyond-long": "9223372036854775808"},
    ),
    Constraint("min-negative", "min(-3)", {"equal": "-3", "zero": "0"}, {"less": "-4"}),
    Constraint(
        "max",
        "max(120)",
        {"equal": "120", "less": "-5"},
        {"greater": "121", "letters": "x"},
    ),
    Constraint(
        "range",
        "range(18,120)",
        {"least": "18", "between": "50", "greatest": "120", "plus": "+50"},
        {"less": "17", "greater": "121", "letters": "x"},
    ),
    Constraint(
        "alpha",
        "alpha",
        {"lower": "abc", "upper": "XYZ", "mixed": "aBc"},
        {"digit": "a1", "accent": "%C3%A9", "dash": "a-b", "space": "a%20b"},
    ),
    Constraint(
        "regex-anchored",
        r"regex(^\d{{3}}-\d{{2}}$)",
        {"match": "123-45"},
        {"before": "x123-45", "behind": "123-456", "short": "12-45"},
    ),
    Constraint(
        "regex-unanchored",
        "regex(b.d)",
        {"within": "abcde", "other-case": "aBXDe", "whole": "bcd"},
        {"nowhere": "bd"},
    ),
    Constraint(
        "regex-classes",
        r"regex(^[a-f]+\w?$)",
        {"match": "abcf9", "other-case": "ABC"},
        {"outside": "xyz"},
    ),
    Constraint(
        "regex-alternatives",
        "regex(^(cat|dog)s?$)",
        {"first": "cat", "second": "dogs"},
        {"neither": "cow"},
    ),
    Constraint(
        "regex-look-ahead", r"regex(^(?!admin)\w+$)", {"match": "user"}, {"refused": "Admins"}
    ),
    Constraint("required", "required", {"text": "x", "space": "%20"}, {"empty": ""}),
    Constraint(
        "file",
        "file",
        {"extension": "a.txt", "two": "a.tar.gz", "name-empty": ".gitignore"},
        {"none": "a", "extension-empty": "a."},
    ),
    Constraint(
        "nonfile", "nonfile", {"none": "a", "extension-empty": "a."}, {"extension": "a.txt"}
    ),
    Constraint("name-in-any-case", "INT", {"plain": "7"}, {"letters": "x"}),
]

ROWS: list[templates.Row] = [
    (
        constraint.name,
        f"{{v:{constraint.text}}}",
        {
            **{
                kind: (f"/{text}", {"v": unquote(text)})
                for kind, text in constraint.passing.items()
            },
            **{f"not-{kind}": (f"/{text}", None) for kind, text in constraint.failing.items()},
        },
    )
    for constraint in CONSTRAINTS
]

OTHERS: list[templates.Row] = [
    (
        "alpha-passes-empty",
        "{v:alpha?}/{w?}",
        {"absent": ("", {}), "digit": ("/1", None)},
    ),
    (
        "file-of-a-catch-all",
        "{*p:file}",
        {"last-has-one": ("/a/b.txt", {"p": "a/b.txt"}), "only-the-first": ("/a.txt/b", None)},
    ),
    (
        "nonfile-of-a-catch-all",
        "{*p:nonfile}",
        {"only-the-first": ("/a.txt/b", {"p": "a.txt/b"}), "last-has-one": ("/a/b.txt", None)},
    ),
    (
        "in-one-segment",
        "{name}.{ext:alpha}",
        {"good": ("/a.txt", {"name": "a", "ext": "txt"}), "bad": ("/a.t1", None)},
    ),
    (
        "name-of-a-parameter-in-any-case",
        "{Id:int}/{ID2:int}",
        {"kept": ("/1/2", {"Id": "1", "ID2": "2"})},
    ),
]


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("seen", files=templates.files([*ROWS, *OTHERS]))


@each(templates.cases("3.1", [*ROWS, *OTHERS]))
def test_constraint(running: RunningHost, case: Case) -> None:
    case.check(running)
