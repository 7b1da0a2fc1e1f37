"""What becomes of a function's return value: status, headers, cookies, content type, body."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest

from .running_host import exchange

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

PLAIN = "text/plain; charset=utf-8"


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("returns")


@pytest.fixture(scope="module")
def running_v1(shared_host: HostFactory) -> RunningHost:
    return shared_host("returns_v1")


@pytest.mark.parametrize("route", ["wrong", "wrong_async"])
@pytest.mark.parametrize(
    ("kind", "type_name"),
    [
        ("none", "NoneType"),
        ("bytes", "bytes"),
        ("bytearray", "bytearray"),
        ("dict", "dict"),
        ("list", "list"),
        ("tuple", "tuple"),
        ("int", "int"),
        ("bool", "bool"),
        ("generator", "generator"),
    ],
)
def test_an_unsupported_type_is_a_500(
    running: RunningHost, route: str, kind: str, type_name: str
) -> None:
    seen = len(running.log())
    response = running.get(f"/api/{route}?type={kind}")
    assert (response.status, response.body) == (500, b"")
    assert response.header("content-type") is None
    text = (
        "Exception: TypeError: unable to encode outgoing TypedData: unsupported type "
        "\"<class 'azure.functions.http.HttpResponseConverter'>\" "
        f'for Python type "{type_name}"'
    )
    running.wait_log(re.escape(text), start=seen)


def test_a_forgotten_return_is_a_500(running: RunningHost) -> None:
    assert running.get("/api/forgotten_return").status == 500


@pytest.mark.parametrize("name", ["nothing", "nothing_async", "out_unset"])
def test_v1_without_an_output_value_is_204(running_v1: RunningHost, name: str) -> None:
    response = running_v1.get(f"/api/{name}")
    assert (response.status, response.body) == (204, b"")


def test_v1_value_without_a_return_binding_is_a_500(running_v1: RunningHost) -> None:
    response = running_v1.get("/api/unexpected")
    assert (response.status, response.body) == (500, b"")
    running_v1.wait_log(
        "Exception: RuntimeError: function 'unexpected' without a "
        r"\$return bindingreturned a non-None value"
    )


def test_v1_none_with_a_return_binding_is_a_500(running_v1: RunningHost) -> None:
    assert running_v1.get("/api/none_returned").status == 500
    running_v1.wait_log('for Python type "NoneType"')


def test_v1_out_parameters(running_v1: RunningHost) -> None:
    response = running_v1.get("/api/out_response")
    assert (response.status, response.text) == (202, "set")
    text = running_v1.get("/api/out_text")
    assert (text.status, text.text, text.header("content-type")) == (200, "as text", PLAIN)


def test_out_response(running: RunningHost) -> None:
    response = running.get("/api/out_response")
    assert (response.status, response.text) == (202, "set")
    assert response.header("x-out") == "yes"


def test_out_text_is_read_like_a_returned_str(running: RunningHost) -> None:
    response = running.post("/api/out_text", '{"body": "inner", "status": 201}')
    assert (response.status, response.text) == (201, "inner")


def test_out_never_set_is_204(running: RunningHost) -> None:
    assert running.get("/api/out_unset").status == 204


def test_out_beside_a_returned_value_is_a_500(running: RunningHost) -> None:
    assert running.get("/api/out_and_returned").status == 500
    running.wait_log(
        r"RuntimeError: function 'out_and_returned' without a \$return bindingreturned a non-None"
    )


STATUSES = [200, 201, 202, 204, 205, 299, 301, 304, 400, 401, 404, 418, 422, 429, 500, 503, 599]


@pytest.mark.parametrize("code", STATUSES)
def test_status_codes(running: RunningHost, code: int) -> None:
    response = running.get(f"/api/status/{code}")
    assert (response.status, response.body) == (code, b"")


@pytest.mark.parametrize("code", [400, 404, 500, 503])
def test_an_error_status_keeps_its_body_and_counts_as_success(
    running: RunningHost, code: int
) -> None:
    seen = len(running.log())
    response = running.get(f"/api/status_with_body/{code}")
    assert (response.status, response.text) == (code, f"body of {code}")
    running.wait_log(r"Executed 'Functions\.status_with_body' \(Succeeded, ", start=seen)


def test_http_status_and_texts(running: RunningHost) -> None:
    assert running.get("/api/enumerated").status == 201
    assert running.get("/api/status_text?code=201").status == 201
    assert running.get("/api/status_text?code=abc").status == 200


@pytest.mark.parametrize("code", ["42", "1000", "99999", "-1"])
def test_a_status_that_cannot_be_sent_is_a_500(running: RunningHost, code: str) -> None:
    seen = len(running.log())
    response = running.get(f"/api/status_text?code={code}")
    assert (response.status, response.body) == (500, b"")
    running.wait_log(f"expected a status code from 100 to 999, found {code}", start=seen)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_passed_through(running: RunningHost, code: int) -> None:
    response = running.get(f"/api/redirected?code={code}")
    assert (response.status, response.header("location")) == (code, "/api/elsewhere?x=1")


@pytest.mark.parametrize(
    ("kind", "body", "content_type"),
    [
        ("defaults", "é".encode(), PLAIN),
        ("no_body", b"", PLAIN),
        ("bytes", b"\x00\xff", PLAIN),
        ("bytearray", b"ba", PLAIN),
        ("json", b'{"a":1}', "application/json"),
        ("html", b"<p>\xe9</p>", "text/html; charset=latin-1"),
        ("own_header", b"<a/>", "application/xml"),
        ("own_header_lower", b"<a/>", "image/svg+xml"),
    ],
)
def test_body_and_content_type(
    running: RunningHost, kind: str, body: bytes, content_type: str
) -> None:
    response = running.get(f"/api/content_type?kind={kind}")
    assert (response.status, response.body) == (200, body)
    assert response.header("content-type") == content_type


def test_headers(running: RunningHost) -> None:
    response = running.get("/api/headers")
    assert response.header("x-one") == "1"
    assert response.header("x-two") == "two words"
    assert response.header("cache-control") == "no-store"
    assert parsedate_to_datetime(response.header("date") or "")
    assert response.header("x-ms-invocation-id") is None
    assert response.header("x-powered-by") is None


def test_the_last_of_repeated_headers_wins(running: RunningHost) -> None:
    assert running.get("/api/repeated_headers").header_list("x-repeated") == ["last"]


def test_a_newline_in_a_header_value_is_a_500(running: RunningHost) -> None:
    response = running.get("/api/injected_header")
    assert (response.status, response.header("x-injected")) == (500, None)
    running.wait_log("Exception: ValueError: ")


def test_a_body_of_another_type_fails_in_the_function(running: RunningHost) -> None:
    assert running.get("/api/wrong_body").status == 500
    running.wait_log(
        "Exception: TypeError: response is expected to be either of str, bytes, or bytearray, "
        "got dict"
    )


def test_a_subclass_is_a_response(running: RunningHost) -> None:
    response = running.get("/api/subclass")
    assert (response.status, response.text) == (203, "SHOUTED")


def test_head_has_the_headers_without_the_body(running: RunningHost) -> None:
    connection = running.connect()
    try:
        head = exchange(connection, "HEAD", "/api/headers")
        assert (head.status, head.body) == (200, b"")
        assert head.header("content-type") == PLAIN
        assert head.header("x-one") == "1"
        # A stray body would be read here as the head of the next response.
        assert exchange(connection, "GET", "/api/headers").text == "body"
    finally:
        connection.close()


COOKIES = [
    ("foo=bar", ["foo=bar; domain=; path="]),
    (
        "foo3=42; Max-Age=10000; Domain=example.com; Path=/; Secure; HttpOnly",
        ["foo3=42; max-age=10000; domain=example.com; path=/; secure; httponly"],
    ),
    (
        "foo=bar; Expires=Thu, 12 Jan 2017 13:55:08 GMT; Path=/",
        ["foo=bar; expires=Thu, 12 Jan 2017 13:55:08 GMT; domain=; path=/"],
    ),
    ("foo=bar; SameSite=None", ["foo=bar; domain=; path=; samesite=none"]),
    ("foo=bar; SameSite=Lax", ["foo=bar; domain=; path=; samesite=lax"]),
    ("foo=bar; SameSite=Strict", ["foo=bar; domain=; path=; samesite=strict"]),
    ("a=1\nb=2", ["a=1; domain=; path=", "b=2; domain=; path="]),
    ("foo=", []),
    ("foo=bar; Max-Age=soon", []),
]


@pytest.mark.parametrize(("sent", "expected"), COOKIES)
def test_cookies(running: RunningHost, sent: str, expected: list[str]) -> None:
    response = running.post("/api/cookies", sent)
    assert (response.status, response.text) == (200, "body")
    assert response.header_list("set-cookie") == expected


def test_a_cookie_with_a_broken_date_is_a_500(running: RunningHost) -> None:
    assert running.post("/api/cookies", "foo=bar; Expires=someday").status == 500
    running.wait_log("Can not parse value someday of expires in the cookie due to invalid format")


def test_a_response_that_is_returned_again_keeps_its_cookies(running: RunningHost) -> None:
    for _ in range(2):
        response = running.get("/api/shared_response")
        assert response.header("set-cookie") == "a=1; domain=; path=/"


def test_cookies_of_a_returned_str(running: RunningHost) -> None:
    returned = '{"body": "b", "cookies": [{"name": "a", "value": "1", "httpOnly": true}]}'
    response = running.post("/api/text", returned)
    assert (response.text, response.header("set-cookie")) == ("b", "a=1; domain=; path=; httponly")
