"""A returned `str`: read as JSON first, as the official host does, and sent as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

PLAIN = "text/plain; charset=utf-8"


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("returns")


@pytest.mark.parametrize("route", ["text", "text_async"])
@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        ("plain", "plain"),
        ("ä €", "ä €"),
        ("{not json}", "{not json}"),
        ('{"a": 1} and more', '{"a": 1} and more'),
        ("two words", "two words"),
        ("", ""),
        (" \r\n\t", ""),
        ("null", ""),
        ('{"a":1}', '{\n  "a": 1\n}'),
        ('{"b":{"c":[1,"x",null]},"a":true}', None),
        ("[1,2]", "[\n  1,\n  2\n]"),
        ("[]", "[]"),
        ("{}", "{}"),
        ('"hello"', "hello"),
        ("1.0", "1"),
        ("007", "7"),
        ("-12", "-12"),
        ("true", "True"),
        ("false", "False"),
    ],
)
def test_text(running: RunningHost, route: str, returned: str, expected: str | None) -> None:
    if expected is None:
        expected = (
            '{\n  "b": {\n    "c": [\n      1,\n      "x",\n      null\n    ]\n  },\n  "a": true\n}'
        )
    response = running.post(f"/api/{route}", returned)
    assert (response.status, response.text) == (200, expected)
    assert response.header("content-type") == PLAIN


def test_an_object_with_a_body_is_a_response(running: RunningHost) -> None:
    returned = '{"body": "inner", "status": 201, "headers": {"x-one": "1", "x-two": "2"}}'
    response = running.post("/api/text", returned)
    assert (response.status, response.text) == (201, "inner")
    assert (response.header("x-one"), response.header("x-two")) == ("1", "2")


def test_names_in_such_an_object_ignore_case(running: RunningHost) -> None:
    response = running.post("/api/text", '{"Body": "inner", "STATUSCODE": 202}')
    assert (response.status, response.text) == (202, "inner")


def test_an_inner_object_is_compact_json(running: RunningHost) -> None:
    response = running.post("/api/text", '{"body": {"a": [1, 2]}, "statusCode": "203"}')
    assert (response.status, response.text) == (203, '{"a":[1,2]}')


def test_the_headers_of_such_an_object_set_the_content_type(running: RunningHost) -> None:
    returned = '{"body": "<a/>", "headers": {"content-type": "application/xml"}}'
    response = running.post("/api/text", returned)
    assert (response.text, response.header("content-type")) == ("<a/>", "application/xml")


def test_a_header_that_cannot_be_sent_is_a_500(running: RunningHost) -> None:
    returned = '{"body": "b", "headers": {"x-a": "a\\r\\nx-injected: yes"}}'
    response = running.post("/api/text", returned)
    assert (response.status, response.header("x-injected")) == (500, None)
