"""The request body as a function sees it: bytes, JSON, forms and files."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from .messages import read_responses

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

NO_JSON = {"error": "HTTP request does not contain valid JSON data", "chained": True}

URL_ENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=cut"}


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("request")


def body_seen(running: RunningHost, head: str, sent: bytes) -> bytes:
    """Send `sent` after these head lines, and return the body that the function saw."""
    lines = [*head.splitlines(), "Host: h", "Connection: close", "", ""]
    received = running.raw("\r\n".join(lines).encode() + sent)
    (response,), rest = read_responses(received, ["POST"])
    assert (response.status, rest) == (200, b"")
    assert response.json()["body_type"] == "bytes"
    return base64.b64decode(response.json()["body"])


def test_no_body_is_empty_bytes(running: RunningHost) -> None:
    assert body_seen(running, "GET /api/inspect HTTP/1.1", b"") == b""
    assert body_seen(running, "POST /api/inspect HTTP/1.1\nContent-Length: 0", b"") == b""


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_a_body_is_delivered_with_every_method(running: RunningHost, method: str) -> None:
    head = f"{method} /api/inspect HTTP/1.1\nContent-Length: 5"
    assert body_seen(running, head, b"a\0\xff\r\n") == b"a\0\xff\r\n"


def test_a_chunked_body_is_delivered(running: RunningHost) -> None:
    head = "POST /api/inspect HTTP/1.1\nTransfer-Encoding: chunked"
    sent = b"3\r\nabc\r\nA;ext=1\r\n0123456789\r\n0\r\nX-Trailer: t\r\n\r\n"
    assert body_seen(running, head, sent) == b"abc0123456789"


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", None])
@pytest.mark.parametrize("body", [b'{"a": "\xc3\xa9"}', b"[1, 2]", b"null", b'"text"', b" 7 "])
def test_json(running: RunningHost, body: bytes, content_type: str | None) -> None:
    expected = {b"[1, 2]": [1, 2], b"null": None, b'"text"': "text", b" 7 ": 7}
    headers = {"Content-Type": content_type} if content_type else {}
    seen = running.post("/api/json_body", body, headers).json()
    assert seen["value"] == expected.get(body, {"a": "é"})
    assert seen["parsed_again"] is (body not in expected)


@pytest.mark.parametrize("body", [b"", b"{", b"name=Bob", b"\xff\xfe", b"{'a': 1}", b"{} x"])
def test_no_json_is_a_value_error(running: RunningHost, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert running.post("/api/json_body", body, headers).json() == NO_JSON


def form(
    running: RunningHost, body: bytes, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    seen: dict[str, Any] = running.post("/api/form", body, headers).json()
    assert seen["types"] == ["ImmutableMultiDict", "ImmutableMultiDict"]
    assert seen["parsed_once"] is True
    assert seen["body_length"] == len(body)
    return seen


def test_url_encoded_form(running: RunningHost) -> None:
    seen = form(running, b"a=1&b=x+y&a=2&c=%C3%A9&d=", URL_ENCODED)
    assert seen["all"] == {"a": ["1", "2"], "b": ["x y"], "c": ["é"], "d": [""]}
    assert seen["first"] == {"a": "1", "b": "x y", "c": "é", "d": ""}
    assert seen["files"] == []


def test_multipart_form_with_files(running: RunningHost) -> None:
    content = bytes(range(256))
    body = (
        b'--cut\r\nContent-Disposition: form-data; name="title"\r\n\r\nA title\r\n'
        b'--cut\r\nContent-Disposition: form-data; name="doc"; filename="a b.bin"\r\n'
        b"Content-Type: application/x-own\r\nX-Part: yes\r\n\r\n" + content + b"\r\n"
        b'--cut\r\nContent-Disposition: form-data; name="doc"; filename="second.txt"\r\n\r\n'
        b"second\r\n--cut--\r\n"
    )
    seen = form(running, body, MULTIPART)
    assert seen["all"] == {"title": ["A title"]}
    first, second = seen["files"]
    assert first == {
        "field": "doc",
        "filename": "a b.bin",
        "content_type": "application/x-own",
        "x_part": "yes",
        "content": base64.b64encode(content).decode(),
    }
    assert (second["field"], second["filename"]) == ("doc", "second.txt")
    assert base64.b64decode(second["content"]) == b"second"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"a=1", {}),
        (b"a=1", {"Content-Type": "text/plain"}),
        (b"--cut\r\nbroken", MULTIPART),
        (b"a=1", {"Content-Type": "multipart/form-data"}),
        (b"", URL_ENCODED),
    ],
    ids=["no content type", "other content type", "broken", "no boundary", "empty"],
)
def test_anything_else_is_an_empty_form(
    running: RunningHost, body: bytes, headers: dict[str, str]
) -> None:
    seen = form(running, body, headers)
    assert (seen["all"], seen["files"]) == ({}, [])


def test_an_async_function_sees_the_same(running: RunningHost) -> None:
    body = bytes(range(256)) * 1024
    seen = running.post("/api/in_loop?a=1&a=2", body).json()
    assert seen["params"] == {"a": "1,2"}
    assert base64.b64decode(seen["body"]) == body
