"""Requests that break the protocol are refused, their connection closed, and the host goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .messages import read_responses

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

GET = b"GET /api/echo HTTP/1.1\r\n"
POST = b"POST /api/echo HTTP/1.1\r\nHost: h\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

REFUSED = [
    # The request line.
    ("no target", b"GET\r\nHost: h\r\n\r\n", {400}),
    ("no version", b"GET /api/echo\r\nHost: h\r\n\r\n", {400, 505}),
    ("four words", b"GET /api/echo HTTP/1.1 more\r\nHost: h\r\n\r\n", {400}),
    ("bad method", b"GE@T /api/echo HTTP/1.1\r\nHost: h\r\n\r\n", {400}),
    ("empty method", b" /api/echo HTTP/1.1\r\nHost: h\r\n\r\n", {400}),
    ("bad version", b"GET /api/echo HTTP/1.x\r\nHost: h\r\n\r\n", {400, 505}),
    ("other protocol", b"GET /api/echo ICY/1.1\r\nHost: h\r\n\r\n", {400, 505}),
    ("version 2", b"GET /api/echo HTTP/2.0\r\nHost: h\r\n\r\n", {505}),
    ("version 9", b"GET /api/echo HTTP/9.9\r\nHost: h\r\n\r\n", {400, 505}),
    ("NUL in the target", b"GET /api/\0echo HTTP/1.1\r\nHost: h\r\n\r\n", {400}),
    ("long target", b"GET /api/" + b"e" * 9000 + b" HTTP/1.1\r\nHost: h\r\n\r\n", {414}),
    ("TLS instead of HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {400}),
    ("CONNECT", b"CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n", {400, 501}),
    # Header fields.
    ("no Host", GET + b"\r\n", {400}),
    ("two Hosts", GET + b"Host: a\r\nHost: b\r\n\r\n", {400}),
    ("no colon", GET + b"Host: h\r\nX-Broken\r\n\r\n", {400}),
    ("space before colon", GET + b"Host: h\r\nX-Broken : v\r\n\r\n", {400}),
    ("empty name", GET + b"Host: h\r\n: v\r\n\r\n", {400}),
    ("NUL in a value", GET + b"Host: h\r\nX-Broken: a\0b\r\n\r\n", {400}),
    ("bare CR in a value", GET + b"Host: h\r\nX-Broken: a\rb\r\n\r\n", {400}),
    ("folded line", GET + b"Host: h\r\nX-Broken: a\r\n b\r\n\r\n", {400}),
    ("space before the first field", GET + b" X-Broken: a\r\nHost: h\r\n\r\n", {400}),
    ("too many", GET + b"Host: h\r\n" + b"X-N: 1\r\n" * 200 + b"\r\n", {431}),
    ("too large", GET + b"Host: h\r\nX-L: " + b"v" * 40000 + b"\r\n\r\n", {431}),
    ("unknown expectation", POST + b"Expect: tea\r\nContent-Length: 1\r\n\r\nx", {400, 417}),
    # Body framing.
    ("length no number", POST + b"Content-Length: five\r\n\r\n12345", {400}),
    ("length negative", POST + b"Content-Length: -5\r\n\r\n12345", {400}),
    ("length signed", POST + b"Content-Length: +5\r\n\r\n12345", {400}),
    ("length hexadecimal", POST + b"Content-Length: 0x5\r\n\r\n12345", {400}),
    ("length empty", POST + b"Content-Length:\r\n\r\n12345", {400}),
    ("lengths differ", POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345", {400}),
    ("length list", POST + b"Content-Length: 5, 6\r\n\r\n12345", {400}),
    ("length overflows", POST + b"Content-Length: 99999999999999999999\r\n\r\n", {400, 413}),
    ("body too large", POST + b"Content-Length: 104857601\r\n\r\n", {413}),
    (
        "length and chunked",
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        {400},
    ),
    ("unknown coding", POST + b"Transfer-Encoding: gzip\r\n\r\n", {400, 501}),
    ("chunked not last", POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n", {400, 501}),
    ("chunked twice", POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", {400, 501}),
    ("obscured chunked", POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", {400, 501}),
    (
        "chunked in HTTP/1.0",
        b"POST /api/echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        {400, 501},
    ),
    ("chunk size no number", CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n", {400}),
    ("chunk size empty", CHUNKED + b"\r\nhello\r\n0\r\n\r\n", {400}),
    ("chunk size negative", CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n", {400}),
    ("chunk size with prefix", CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n", {400}),
    ("chunk size overflows", CHUNKED + b"fffffffffffffffff\r\nhello\r\n", {400, 413}),
    ("chunk longer than its size", CHUNKED + b"3\r\nhello\r\n0\r\n\r\n", {400}),
    ("chunk size ended by LF", CHUNKED + b"5\nhello\r\n0\r\n\r\n", {400}),
]


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("echo")


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [case[1:] for case in REFUSED],
    ids=[case[0].replace(" ", "-") for case in REFUSED],
)
def test_refused(running: RunningHost, sent: bytes, statuses: set[int]) -> None:
    # It returns at all because the host closes the connection.
    received = running.raw(sent)
    (response,), rest = read_responses(received, ["GET"])
    assert response.status in statuses
    assert rest == b"", "nothing is answered after a refusal"
    assert running.post("/api/echo", b"alive").body == b"alive"


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [case[1:] for case in REFUSED],
    ids=[case[0].replace(" ", "-") for case in REFUSED],
)
def test_refused_after_a_good_request(
    running: RunningHost, sent: bytes, statuses: set[int]
) -> None:
    good = POST + b"Content-Length: 4\r\n\r\ngood"
    (first, second), rest = read_responses(running.raw(good + sent), ["POST", "GET"])
    assert (first.status, first.body) == (200, b"good")
    assert (second.status in statuses, rest) == (True, b"")


def limited(body: bytes) -> tuple[bytes, bytes]:
    """A POST of `body` by length and in two chunks."""
    close = b"Connection: close\r\n"
    half = len(body) // 2
    chunks = [body[:half], body[half:]]
    return (
        POST + close + b"Content-Length: %d\r\n\r\n" % len(body) + body,
        POST
        + close
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
        + b"0\r\n\r\n",
    )


def test_the_limit_of_the_body_size(host: HostFactory) -> None:
    running = host("echo", env={"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "1000"})
    for sent in limited(b"b" * 1000):
        (response,), _ = read_responses(running.raw(sent), ["POST"])
        assert (response.status, len(response.body)) == (200, 1000)
    for sent in limited(b"b" * 1001):
        (response,), _ = read_responses(running.raw(sent), ["POST"])
        assert response.status == 413
    assert running.post("/api/echo", b"alive").body == b"alive"


ACCEPTED = [
    ("empty line first", b"\r\n" + POST + b"Connection: close\r\nContent-Length: 1\r\n\r\nx"),
    ("absolute target", b"POST http://h/api/echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"),
    ("tabs around a value", POST + b"Connection:\tclose\t\r\nContent-Length: \t1 \r\n"),
    ("bytes above 127", POST + b"X-Latin: \xe9\r\nConnection: close\r\nContent-Length: 1\r\n"),
    ("90 fields", POST + b"X-N: 1\r\n" * 87 + b"Connection: close\r\nContent-Length: 1\r\n"),
    ("long value", POST + b"X-L: " + b"v" * 20000 + b"\r\nConnection: close\r\n"),
]


@pytest.mark.parametrize(
    "head", [case[1] for case in ACCEPTED], ids=[case[0].replace(" ", "-") for case in ACCEPTED]
)
def test_unusual_but_allowed(running: RunningHost, head: bytes) -> None:
    if not head.endswith(b"x"):
        length = b"" if b"Content-Length" in head else b"Content-Length: 1\r\n"
        head += length + b"\r\nx"
    (response,), rest = read_responses(running.raw(head), ["POST"])
    assert (response.status, response.body, rest) == (200, b"x", b"")


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(noise=st.binary(max_size=400), after_a_line=st.booleans())
def test_noise_never_harms_the_host(running: RunningHost, noise: bytes, after_a_line: bool) -> None:
    with running.socket() as connected:
        connected.sendall((GET if after_a_line else b"") + noise)
    assert running.post("/api/echo", b"alive").body == b"alive"
