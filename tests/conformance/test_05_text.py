"""http.md 5.3: a returned `str` is read as JSON first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .case import Case, each

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import HostFactory
    from e2e.running_host import RunningHost

PLAIN = "text/plain; charset=utf-8"


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("returns")


def text(name: str, returned: str, body: str, status: int = 200, **fields: str | None) -> Case:
    expected = {"content-type": PLAIN, **{key.replace("_", "-"): v for key, v in fields.items()}}
    return Case(
        f"http-5.3-{name}", "POST /api/text", status, body, fields=expected, payload=returned
    )


TEXTS = [
    # 1: nothing.
    text("empty", "", ""),
    text("white-space", " \r\n\t ", ""),
    text("null", "null", ""),
    text("null-among-white-space", " null\n", ""),
    # 2: an object with a body is a response.
    text("response", '{"body": "inner"}', "inner"),
    text("response-status", '{"body": "b", "status": 201}', "b", 201),
    text("response-status-code", '{"body": "b", "statusCode": 202}', "b", 202),
    text("response-status-as-text", '{"body": "b", "status": "203"}', "b", 203),
    text("response-names-in-any-case", '{"Body": "b", "STATUSCODE": 202}', "b", 202),
    text("response-headers", '{"body": "b", "headers": {"X-One": "1"}}', "b", x_one="1"),
    text(
        "response-content-type",
        '{"body": "<a/>", "headers": {"content-type": "application/xml"}}',
        "<a/>",
        content_type="application/xml",
    ),
    text(
        "response-cookies",
        '{"body": "b", "cookies": [{"name": "a", "value": "1", "httpOnly": true}]}',
        "b",
        set_cookie="a=1; domain=; path=; httponly",
    ),
    text(
        "response-body-object",
        '{"body": {"a": [1, 2]}}',
        '{"a":[1,2]}',
        content_type="application/json",
    ),
    text("response-body-list", '{"body": [1, "x"]}', '[1,"x"]', content_type="application/json"),
    text("response-body-null", '{"body": null, "status": 201}', "", 201),
    text(
        "differs-content-negotiation-is-ignored",
        '{"body": "b", "enableContentNegotiation": true}',
        "b",
    ),
    # 3: another object or array is indented.
    text("object", '{"a":1}', '{\n  "a": 1\n}'),
    text("object-order-kept", '{"b":1,"a":2}', '{\n  "b": 1,\n  "a": 2\n}'),
    text(
        "object-nested",
        '{"a":{"b":[1,"x",null]},"c":{}}',
        '{\n  "a": {\n    "b": [\n      1,\n      "x",\n      null\n    ]\n  },\n  "c": {}\n}',
    ),
    text("object-empty", "{}", "{}"),
    text("list", "[1,2]", "[\n  1,\n  2\n]"),
    text("list-empty", "[]", "[]"),
    text("object-not-ascii", '{"a":"é€"}', '{\n  "a": "é€"\n}'),
    text("number-normalised", '{"a":1.50}', '{\n  "a": 1.5\n}'),
    text("differs-date-as-it-was", '["2017-01-12T13:55:08Z"]', '[\n  "2017-01-12T13:55:08Z"\n]'),
    # 4: a scalar is its plain text.
    text("string", '"hello"', "hello"),
    text("string-escapes", '"a\\nb\\u00e9"', "a\nbé"),
    text("number", "12", "12"),
    text("number-negative", "-12", "-12"),
    text("number-point", "1.0", "1"),
    text("number-zeros", "007", "7"),
    text("true", "true", "True"),
    text("false", "false", "False"),
    # 5: anything else is sent as it is.
    text("plain", "plain", "plain"),
    text("plain-words", "two words", "two words"),
    text("plain-not-ascii", "ä €", "ä €"),
    text("plain-braces", "{not json}", "{not json}"),
    text("plain-behind-json", '{"a": 1} and more', '{"a": 1} and more'),
    text("plain-markup", "<p>x</p>", "<p>x</p>"),
    text("plain-white-space-kept", " x ", " x "),
]


def of_route(route: str, kind: str) -> Iterator[Case]:
    for case in TEXTS:
        name = case.name.replace("5.3-", f"5.3-{kind}-")
        yield Case(**{**vars(case), "name": name, "request": f"POST /api/{route}"})


@each([*TEXTS, *of_route("out_text", "out")])
def test_text(running: RunningHost, case: Case) -> None:
    case.check(running)
