"""The request as a function sees it: method, URL, headers, query string, and its guarantees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .messages import read_responses

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("request")


def inspect(running: RunningHost, lines: str, body: bytes = b"") -> dict[str, Any]:
    """Send exactly these head lines, and return what the function saw."""
    head = "\r\n".join([*lines.splitlines(), "Connection: close", "", ""])
    (response,), rest = read_responses(running.raw(head.encode("latin-1") + body), ["GET"])
    assert (response.status, rest) == (200, b"")
    seen: dict[str, Any] = response.json()
    return seen


@pytest.mark.parametrize(
    "method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "M-SEARCH"]
)
def test_every_method_arrives(running: RunningHost, method: str) -> None:
    response = running.request(method, "/api/inspect")
    assert (response.status, response.json()["method"]) == (200, method)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("x=1&X=2&y=", {"x": "1,2"}),
        ("name=Mathew&name=Amy", {"name": "Mathew,Amy"}),
        ("a=&b=1", {"b": "1"}),
        ("flag", {}),
        ("flag&a=1", {"a": "1"}),
        ("a=1&&b=2&", {"a": "1", "b": "2"}),
        ("a=one+two&b=%41%20%2B", {"a": "one two", "b": "A +"}),
        ("a=x%3Dy%26z", {"a": "x=y&z"}),
        ("a=b=c", {"a": "b=c"}),
        ("%6Eame=v", {"name": "v"}),
        ("q=%C3%A9%E2%82%AC", {"q": "é€"}),
        ("code=secret", {"code": "secret"}),
        ("Name=kept", {"Name": "kept"}),
        ("a=1;b=2", {"a": "1;b=2"}),
        ("list[]=1&list[]=2", {"list[]": "1,2"}),
        ("a=%", {"a": "%"}),
        ("a=%zz", {"a": "%zz"}),
    ],
)
def test_params(running: RunningHost, query: str, expected: dict[str, str]) -> None:
    assert running.get(f"/api/inspect?{query}").json()["params"] == expected


def test_headers_are_exactly_what_was_sent(running: RunningHost) -> None:
    seen = inspect(
        running,
        "GET /api/inspect HTTP/1.1\nHost: example.org:81\nX-MiXeD: One\nX-Empty:\n"
        "X-Twice: first\nX-Other: o\nx-twice:  second \nCookie: a=1; b=2",
    )
    assert dict(seen["headers"]) == {
        "host": "example.org:81",
        "x-mixed": "One",
        "x-empty": "",
        "x-twice": "first,second",
        "x-other": "o",
        "cookie": "a=1; b=2",
        "connection": "close",
    }
    assert len(seen["headers"]) == len(dict(seen["headers"]))


@pytest.mark.parametrize("name", ["x-custom", "X-Custom", "X-CUSTOM"])
def test_header_lookup_ignores_case(running: RunningHost, name: str) -> None:
    assert running.get(f"/api/header?name={name}", {"X-Custom": "value"}).json() == {
        "get": "value",
        "in": True,
        "default": "default",
        "missing_in": False,
        "length_is_count": True,
    }


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/api/inspect", "http://example.org/api/inspect"),
        ("/api/inspect?a=1&b=%20+", "http://example.org/api/inspect?a=1&b=%20+"),
        ("/API/Inspect/", "http://example.org/API/Inspect/"),
        ("http://example.org/api/inspect?x=1", "http://example.org/api/inspect?x=1"),
    ],
)
def test_url_is_absolute(running: RunningHost, target: str, expected: str) -> None:
    seen = inspect(running, f"GET {target} HTTP/1.1\nHost: example.org")
    assert seen["url"] == expected


def test_url_keeps_the_port_of_the_host_header(running: RunningHost) -> None:
    url = running.get("/api/inspect?q=1").json()["url"]
    assert url == f"http://127.0.0.1:{running.port}/api/inspect?q=1"


def test_kinds_of_its_members(running: RunningHost) -> None:
    kinds = running.get("/api/kinds?a=1&b=2").json()
    assert kinds == dict.fromkeys(kinds, True)


def test_nothing_can_be_changed_but_attributes_can_be_added(running: RunningHost) -> None:
    outcome = running.get("/api/frozen?a=1").json()
    assert outcome.pop("new attribute") == "set by a decorator"
    attributes = {key: value for key, value in outcome.items() if key.endswith(" attribute")}
    assert attributes == dict.fromkeys(attributes, "AttributeError")
    items = {key: value for key, value in outcome.items() if key.endswith(" item")}
    assert items == dict.fromkeys(items, "TypeError")
    assert len(attributes) == 7
    assert len(items) == 4


def test_a_request_stays_readable_after_its_call(running: RunningHost) -> None:
    for call in range(1, 4):
        response = running.get(f"/api/kept?call={call}", {"X-Call": str(call)})
        # Other requests in between reuse whatever the kept one may point into.
        for _ in range(20):
            running.get("/api/inspect?fill=" + "f" * 2000, {"X-Fill": "g" * 2000})
        if call > 1:
            assert response.json() == ["GET", {"call": str(call - 1)}, str(call - 1)]
