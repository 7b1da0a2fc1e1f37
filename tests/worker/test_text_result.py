"""`text_result`: a returned `str`, beyond the cases of `tests/e2e/test_return_text.py`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ferrofunc.worker.text_result import PLAIN, read

TEXT = ("Content-Type", PLAIN)
JSON = ("Content-Type", "application/json")


NO_JSON = ["plain", "[INFO] started", "{'a': True}", "12 apples", '"\\ud800"']


@pytest.mark.parametrize("text", NO_JSON)
def test_no_json_is_sent_as_it_is(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize("text", ["", " \r\n\t", "\u00a0", "null", " null "])
def test_nothing_is_an_empty_body(text: str) -> None:
    assert read(text) == (200, [TEXT], "")


def test_key_order_is_kept() -> None:
    assert read('{"b":1,"a":[{}]}') == (200, [TEXT], '{\n  "b": 1,\n  "a": [\n    {}\n  ]\n}')


def test_the_text_of_a_dict_is_json() -> None:
    assert read(str({"a": "b"})) == (200, [TEXT], '{\n  "a": "b"\n}')


@pytest.mark.parametrize(
    ("content", "body", "content_type"),
    [
        ("inner", "inner", TEXT),
        ('{"a":1}', '{"a":1}', TEXT),
        (None, "", TEXT),
        (True, "True", TEXT),
        (1.0, "1", TEXT),
        ({"a": [1, 2]}, '{"a":[1,2]}', JSON),
        ([], "[]", JSON),
    ],
)
def test_body_of_a_response_object(content: Any, body: str, content_type: tuple[str, str]) -> None:
    assert read(json.dumps({"body": content})) == (200, [content_type], body)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"status": 201}, 201),
        ({"STATUS": "201"}, 201),
        ({"statusCode": 202, "status": 201}, 202),
        ({"status": None}, 200),
        ({"status": True}, 200),
        ({"status": "abc"}, 200),
        ({"status": 201.0}, 200),
        ({"status": {}}, 200),
    ],
)
def test_status_of_a_response_object(given: dict[str, Any], status: int) -> None:
    assert read(json.dumps({**given, "body": ""})) == (status, [TEXT], "")


@pytest.mark.parametrize("status", [99, 1000, -1, "0"])
def test_a_status_that_cannot_be_sent(status: object) -> None:
    with pytest.raises(ValueError, match=f"from 100 to 999, found {status}"):
        read(json.dumps({"body": "", "status": status}))


def test_headers_of_a_response_object() -> None:
    headers = {"X-A": "1", "x-b": 2, "x-c": None, "x-d": False, "CONTENT-TYPE": "text/csv"}
    assert read(json.dumps({"body": "a,b", "headers": headers})) == (
        200,
        [("X-A", "1"), ("x-b", "2"), ("x-d", "False"), ("CONTENT-TYPE", "text/csv")],
        "a,b",
    )


@pytest.mark.parametrize("headers", ["X-A: 1", ["X-A"], None, 7])
def test_headers_that_are_no_object_are_none(headers: object) -> None:
    assert read(json.dumps({"body": "b", "headers": headers})) == (200, [TEXT], "b")


def test_cookies_of_a_response_object() -> None:
    cookies = [
        {"name": "a", "value": "1"},
        {"Name": "b", "value": "x y", "maxAge": 60, "httpOnly": True, "secure": False},
        {"name": "c", "value": ""},
        {"value": "without a name"},
        "no object",
    ]
    assert read(json.dumps({"body": "", "cookies": cookies})) == (
        200,
        [
            TEXT,
            ("Set-Cookie", "a=1; domain=; path="),
            ("Set-Cookie", "b=x%20y; max-age=60; domain=; path=; httponly"),
        ],
        "",
    )


def test_without_a_body_it_is_no_response_object() -> None:
    assert read('{"status":201}') == (200, [TEXT], '{\n  "status": 201\n}')
