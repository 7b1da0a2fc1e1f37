"""http.md 5.4 and 5.5: how a response is framed, its header fields, its cookies."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest
from e2e.messages import read_responses
from e2e.running_host import exchange

from .case import Case, each

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("returns")


NOT_ADDED = dict.fromkeys(
    ("x-ms-invocation-id", "request-context", "x-powered-by", "set-cookie", "x-arr-log-id")
)


@each(
    [
        Case("http-5.4-differs-server", "GET /api/headers", fields={"server": "ferrofunc"}),
        Case(
            "http-5.4-differs-content-length",
            "GET /api/headers",
            body="body",
            fields={"content-length": "4", "transfer-encoding": None},
        ),
        Case("http-5.4-empty", "GET /api/status/200", body=b"", fields={"content-length": "0"}),
        Case("http-5.4-nothing-added", "GET /api/headers", fields=NOT_ADDED),
        Case(
            "http-1.3-request-id-is-not-echoed",
            "GET /api/headers",
            send={"X-ARR-LOG-ID": "a1b2"},
            fields=NOT_ADDED,
        ),
        Case(
            "http-5.4-head",
            "HEAD /api/headers",
            body=b"",
            fields={"content-type": "text/plain; charset=utf-8", "x-one": "1"},
        ),
        Case(
            "http-5.4-web-socket-is-an-ordinary-get",
            "GET /api/headers",
            send={
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            },
            body="body",
            fields={"upgrade": None},
        ),
        Case("http-5.5-fields", "GET /api/headers", fields={"x-one": "1", "x-two": "two words"}),
        Case(
            "http-5.5-last-of-a-name-wins",
            "GET /api/repeated_headers",
            fields={"x-repeated": "last"},
        ),
        Case("http-5.5-line-end-in-a-value", "GET /api/injected_header", 500, b""),
    ]
)
def test_fields(running: RunningHost, case: Case) -> None:
    case.check(running)


def test_date(running: RunningHost) -> None:
    assert parsedate_to_datetime(running.get("/api/headers").header("date") or "").tzinfo


def test_keep_alive(running: RunningHost) -> None:
    connection = running.connect()
    try:
        assert exchange(connection, "HEAD", "/api/headers").body == b""
        assert exchange(connection, "GET", "/api/nowhere").status == 404
        assert exchange(connection, "GET", "/api/wrong?type=none").status == 500
        assert exchange(connection, "GET", "/api/headers").body == b"body"
    finally:
        connection.close()


def test_http_2_is_not_spoken_in_the_clear(running: RunningHost) -> None:
    received = running.raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    (response,), _ = read_responses(received, ["GET"])
    assert response.status in (400, 505)


def cookie(name: str, text: str, *expected: str, status: int = 200) -> object:
    return pytest.param(text, list(expected), status, id=f"http-5.5-cookie-{name}")


BARE = "; domain=; path="


@pytest.mark.parametrize(
    ("text", "expected", "status"),
    [
        cookie("no-attributes", "foo=bar", f"foo=bar{BARE}"),
        cookie(
            "all-attributes",
            "foo3=42; Max-Age=10000; Domain=example.com; Path=/; Secure; HttpOnly",
            "foo3=42; max-age=10000; domain=example.com; path=/; secure; httponly",
        ),
        cookie(
            "expires",
            "foo=bar; Expires=Thu, 12 Jan 2017 13:55:08 GMT",
            f"foo=bar; expires=Thu, 12 Jan 2017 13:55:08 GMT{BARE}",
        ),
        cookie("same-site-none", "foo=bar; SameSite=None", f"foo=bar{BARE}; samesite=none"),
        cookie("same-site-lax", "foo=bar; SameSite=Lax", f"foo=bar{BARE}; samesite=lax"),
        cookie("same-site-strict", "foo=bar; SameSite=Strict", f"foo=bar{BARE}; samesite=strict"),
        cookie("same-site-unset", "foo=bar; Secure", f"foo=bar{BARE}; secure"),
        cookie(
            "attributes-in-any-case",
            "foo=bar; PATH=/; hTTPonly",
            "foo=bar; domain=; path=/; httponly",
        ),
        cookie("several-fields", "a=1\nb=2; Path=/", f"a=1{BARE}", "b=2; domain=; path=/"),
        cookie("encoded-anew", 'a="b c"', f"a=b%20c{BARE}"),
        cookie("empty-value", "foo="),
        cookie("no-cookie", "no equals sign"),
        cookie("expires-no-date", "foo=bar; Expires=someday", status=500),
        cookie("max-age-no-number", "foo=bar; Max-Age=soon"),
        cookie("secure-with-a-value", "foo=bar; Secure=strange"),
        cookie("http-only-with-a-value", "foo=bar; HttpOnly=strange"),
        cookie("a-bad-one-beside-a-good-one", "foo=\na=1", f"a=1{BARE}"),
    ],
)
def test_cookies(running: RunningHost, text: str, expected: list[str], status: int) -> None:
    seen = len(running.log())
    response = running.post("/api/cookies", text)
    assert response.status == status
    assert response.header_list("set-cookie") == expected
    if status == 500:
        assert response.body == b""
        running.wait_log(
            r"Can not parse value someday of expires in the cookie due to invalid format\.",
            10,
            seen,
        )


def test_differs_cookies_of_a_response_used_twice(running: RunningHost) -> None:
    answers = [running.get("/api/shared_response") for _ in range(2)]
    assert [answer.header("set-cookie") for answer in answers] == ["a=1; domain=; path=/"] * 2
