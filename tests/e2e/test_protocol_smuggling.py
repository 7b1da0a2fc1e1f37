"""Requests that two servers could read differently: a second one hides in each of them.

Whatever the host makes of such a request, the hidden one never runs, nothing is answered after the
first answer, and the next client is served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .messages import read_responses

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

HIDDEN = b"GET /api/smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
LINE = b"POST /api/echo HTTP/1.1\r\n"
POST = LINE + b"Host: h\r\n"
END = b"0\r\n\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(END + HIDDEN)
ENDS_BEFORE = b"\r\n" + END + HIDDEN
"""A body whose chunks end before the hidden request; by `LENGTH` that belongs to it."""
CHUNKED = b"Transfer-Encoding: chunked\r\n"
WITHIN = b"\r\n%x\r\n%b\r\n%b" % (len(HIDDEN), HIDDEN, END)
"""A body of which the hidden request is one chunk."""


def coded(value: bytes) -> bytes:
    """A request with a length and this transfer coding, however it is obscured."""
    return POST + LENGTH + b"Transfer-Encoding:" + value + b"\r\n" + ENDS_BEFORE


def measured(field: bytes, body: bytes = b"12345") -> bytes:
    """A request with this Content-Length field."""
    return POST + field + b"\r\n\r\n" + body + HIDDEN


def chunked(body: bytes) -> bytes:
    """A request with this chunked body."""
    return POST + CHUNKED + b"\r\n" + body + HIDDEN


REFUSED = {
    # Both a length and a coding.
    "CL.TE": POST + LENGTH + CHUNKED + ENDS_BEFORE,
    "TE.CL": POST + CHUNKED + b"Content-Length: 4\r\n" + WITHIN,
    "TE.CL zero": POST + CHUNKED + b"Content-Length: 0\r\n" + WITHIN,
    "CL.TE lower case": POST.lower() + LENGTH.lower() + CHUNKED.lower() + ENDS_BEFORE,
    # A coding obscured, so that one of two servers overlooks it.
    "TE.TE unknown": coded(b" xchunked"),
    "TE.TE identity": coded(b" identity"),
    "TE.TE quoted": coded(b' "chunked"'),
    "TE.TE parameter": coded(b" chunked;q=1"),
    "TE.TE upper case": coded(b" CHUNKED"),
    "TE.TE tab": coded(b"\tchunked"),
    "TE.TE no space": coded(b"chunked"),
    "TE.TE chunked first": coded(b" chunked, identity"),
    "TE.TE chunked last": coded(b" identity, chunked"),
    "TE.TE comma first": coded(b" ,chunked"),
    "TE.TE vertical tab": coded(b" \x0bchunked"),
    "TE.TE form feed": coded(b" chunked\x0c"),
    "TE.TE NUL": coded(b" chunked\0"),
    "TE.TE no-break space": coded(b" \xa0chunked"),
    "TE.TE two lines": coded(b" chunked\r\nTransfer-Encoding: x"),
    "TE.TE two lines, other order": coded(b" x\r\nTransfer-Encoding: chunked"),
    "TE.TE twice": coded(b" chunked\r\nTransfer-Encoding: chunked"),
    "TE.TE space before colon": POST + LENGTH + b"Transfer-Encoding : chunked\r\n" + ENDS_BEFORE,
    "TE.TE tab before colon": POST + LENGTH + b"Transfer-Encoding\t: chunked\r\n" + ENDS_BEFORE,
    "TE.TE space before name": POST + LENGTH + b" Transfer-Encoding: chunked\r\n" + ENDS_BEFORE,
    "TE.TE line break in name": POST + LENGTH + b"Transfer-\r\nEncoding: chunked\r\n" + ENDS_BEFORE,
    "TE.TE line break after name": POST
    + LENGTH
    + b"Transfer-Encoding\r\n: chunked\r\n"
    + ENDS_BEFORE,
    "TE.TE bare LF before": POST + LENGTH + b"X: x\nTransfer-Encoding: chunked\r\n" + ENDS_BEFORE,
    "TE.TE bare CR before": POST + LENGTH + b"X: x\rTransfer-Encoding: chunked\r\n" + ENDS_BEFORE,
    "TE.TE folded": POST + LENGTH + b"Transfer-Encoding:\r\n chunked\r\n" + ENDS_BEFORE,
    "TE.TE folded into another": POST
    + LENGTH
    + b"X: x\r\n Transfer-Encoding: chunked\r\n"
    + ENDS_BEFORE,
    "TE.TE NUL in name": POST + LENGTH + b"Transfer\0-Encoding: chunked\r\n" + ENDS_BEFORE,
    "TE alone, unknown": POST + b"Transfer-Encoding: x\r\n" + WITHIN,
    "TE alone, unknown before": POST + b"Transfer-Encoding: x, chunked\r\n" + WITHIN,
    "TE in HTTP/1.0": POST.replace(b"/1.1", b"/1.0") + CHUNKED + WITHIN,
    # A length that can be read in two ways.
    "CL twice, different": measured(b"Content-Length: 5\r\nContent-Length: 6"),
    "CL twice, equal": measured(b"Content-Length: 5\r\nContent-Length: 5"),
    "CL twice, other case": measured(b"Content-Length: 5\r\ncontent-length: 0"),
    "CL list": measured(b"Content-Length: 5, 5"),
    "CL plus": measured(b"Content-Length: +5"),
    "CL minus": measured(b"Content-Length: -5"),
    "CL minus zero": measured(b"Content-Length: -0"),
    "CL space within": measured(b"Content-Length: 5 0"),
    "CL hexadecimal": measured(b"Content-Length: 0x5"),
    "CL point": measured(b"Content-Length: 5.0"),
    "CL exponent": measured(b"Content-Length: 5e0"),
    "CL underscore": measured(b"Content-Length: 5_0"),
    "CL empty": measured(b"Content-Length: "),
    "CL quoted": measured(b'Content-Length: "5"'),
    "CL other digits": measured(b"Content-Length: \xd9\xa5"),
    "CL vertical tab": measured(b"Content-Length: \x0b5"),
    "CL NUL": measured(b"Content-Length: 5\0"),
    "CL beyond 64 bits": measured(b"Content-Length: 18446744073709551621"),
    "CL far too long": measured(b"Content-Length: " + b"9" * 500),
    "CL folded": measured(b"Content-Length:\r\n 5"),
    "CL space before colon": measured(b"Content-Length : 5"),
    # Lines that end in another way.
    "LF ends every line": (POST + b"Content-Length: 5\r\n\r\n12345").replace(b"\r\n", b"\n")
    + HIDDEN,
    "LF ends the head": LINE + b"Host: h\r\nContent-Length: 5\n\r\n12345" + HIDDEN,
    "LF is the blank line": LINE + b"Host: h\r\nContent-Length: 5\r\n\n12345" + HIDDEN,
    "LF ends the request line": LINE.replace(b"\r", b"") + b"Host: h\r\n\r\n" + HIDDEN,
    "CR CR LF": POST + b"X: x\r\r\nContent-Length: 5\r\n\r\n12345" + HIDDEN,
    "folded value": POST + b"X: a\r\n\tb\r\n\r\n" + HIDDEN,
    "folded before the first field": LINE + b" X: a\r\nHost: h\r\n\r\n" + HIDDEN,
    # Names and targets.
    "NUL in a name": POST + b"X\0Y: v\r\n\r\n" + HIDDEN,
    "NUL in a value": POST + b"X: a\0b\r\n\r\n" + HIDDEN,
    "NUL in the method": POST.replace(b"POST", b"PO\0ST") + b"\r\n" + HIDDEN,
    "NUL in the target": POST.replace(b"echo", b"ec\0ho") + b"\r\n" + HIDDEN,
    "byte above 127 in a name": POST + b"X\xe9: v\r\n\r\n" + HIDDEN,
    "bracket in a name": POST + b"X(Y): v\r\n\r\n" + HIDDEN,
    "space in a name": POST + b"X Y: v\r\n\r\n" + HIDDEN,
    "no name": POST + b": v\r\n\r\n" + HIDDEN,
    "no colon": POST + b"X\r\n\r\n" + HIDDEN,
    "space in the target": POST.replace(b"echo", b"ec ho") + b"\r\n" + HIDDEN,
    "tab after the method": POST.replace(b"POST ", b"POST\t") + b"\r\n" + HIDDEN,
    "two spaces after the method": POST.replace(b"POST ", b"POST  ") + b"\r\n" + HIDDEN,
    "fragment in the target": POST.replace(b"echo ", b"echo#f ") + b"\r\n" + HIDDEN,
    "no slash in the target": POST.replace(b"/api/echo", b"api/echo") + b"\r\n" + HIDDEN,
    # Two opinions on the host.
    "Host twice": POST + b"Host: i\r\n\r\n" + HIDDEN,
    "Host twice, equal": POST + b"Host: h\r\n\r\n" + HIDDEN,
    "Host missing": LINE + b"\r\n" + HIDDEN,
    "Host with a path": LINE + b"Host: h/admin\r\n\r\n" + HIDDEN,
    "Host with a user": LINE + b"Host: u@h\r\n\r\n" + HIDDEN,
    "Host list": LINE + b"Host: h, i\r\n\r\n" + HIDDEN,
    "Host with a space": LINE + b"Host: h i\r\n\r\n" + HIDDEN,
    "absolute target, other host": POST.replace(b"/api", b"http://i/api") + b"\r\n" + HIDDEN,
    "absolute target, other port": POST.replace(b"/api", b"http://h:81/api") + b"\r\n" + HIDDEN,
    "absolute target, user": POST.replace(b"/api", b"http://u@h/api") + b"\r\n" + HIDDEN,
    "absolute target, no host": POST.replace(b"/api", b"http:///api") + b"\r\n" + HIDDEN,
    "absolute target, no Host": LINE.replace(b"/api", b"http://h/api") + b"\r\n" + HIDDEN,
    # Chunks that can be read in two ways.
    "chunk size signed": chunked(b"+5\r\nhello\r\n" + END),
    "chunk size negative": chunked(b"-5\r\nhello\r\n" + END),
    "chunk size with a prefix": chunked(b"0x5\r\nhello\r\n" + END),
    "chunk size after a space": chunked(b" 5\r\nhello\r\n" + END),
    "chunk size before a space": chunked(b"5 \r\nhello\r\n" + END),
    "chunk size with an underscore": chunked(b"0_5\r\nhello\r\n" + END),
    "chunk size NUL": chunked(b"5\0\r\nhello\r\n" + END),
    "chunk size beyond 64 bits": chunked(b"10000000000000005\r\nhello\r\n" + END),
    "chunk size padded": chunked(b"0" * 30 + b"5\r\nhello\r\n" + END),
    "chunk size very long": chunked(b"5" * 5000 + b"\r\nhello\r\n" + END),
    "chunk size empty": chunked(b"\r\nhello\r\n" + END),
    "chunk size ended by LF": chunked(b"5\nhello\r\n" + END),
    "chunk size ended by CR": chunked(b"5\rhello\r\n" + END),
    "chunk data ended by LF": chunked(b"5\r\nhello\n" + END),
    "chunk data ended by nothing": chunked(b"5\r\nhello" + END),
    "chunk data longer": chunked(b"5\r\nhello!!\r\n" + END),
    "chunk extension ended by LF": chunked(b"5;a=b\nhello\r\n" + END),
    "chunk extension with CR": chunked(b"5;a=\rb\r\nhello\r\n" + END),
    "chunk extension with NUL": chunked(b"5;a=\0\r\nhello\r\n" + END),
    "chunk extension without semicolon": chunked(b"5 a=b\r\nhello\r\n" + END),
    "chunk extension too long": chunked(b"5;a=" + b"b" * 9000 + b"\r\nhello\r\n" + END),
    "last chunk ended by LF": chunked(b"5\r\nhello\r\n0\n\r\n"),
    "trailer ended by LF": chunked(b"5\r\nhello\r\n0\r\nX: y\n\r\n"),
    "blank line of the trailer is LF": chunked(b"5\r\nhello\r\n0\r\n\n"),
    "trailer with a length": chunked(b"5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n"),
    "trailer with a coding": chunked(b"5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    "trailer with a host": chunked(b"5\r\nhello\r\n0\r\nHost: i\r\n\r\n"),
    "trailer folded": chunked(b"5\r\nhello\r\n0\r\nX: y\r\n z\r\n\r\n"),
    "trailer that is a request": chunked(b"5\r\nhello\r\n0\r\n"),
    # Another protocol.
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + HIDDEN,
    "HTTP/0.9": b"GET /api/echo\r\n" + HIDDEN,
    "HTTP/1.2 digits": POST.replace(b"1.1", b"1.10") + b"\r\n" + HIDDEN,
    "unknown expectation": POST + b"Expect: 200-ok\r\nContent-Length: 5\r\n\r\n12345" + HIDDEN,
}

STATUSES = {400, 413, 414, 417, 431, 501, 505}


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("smuggling")


def assert_nothing_was_smuggled(running: RunningHost) -> None:
    """The next request, on a connection of its own, is answered; no hidden one ever ran."""
    assert running.get("/api/count").body == b"0"


@pytest.mark.parametrize("name", REFUSED)
def test_refused(running: RunningHost, name: str) -> None:
    (response,), rest = read_responses(running.raw(REFUSED[name]), ["GET"])
    assert (response.status in STATUSES, response.body, rest) == (True, b"", b""), response
    assert (response.header("connection") or "").lower() == "close"
    assert_nothing_was_smuggled(running)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_two_pieces(running: RunningHost, name: str) -> None:
    # As a slow proxy in front would send it: first all but the hidden request, then that.
    sent = REFUSED[name]
    at = len(sent) - len(HIDDEN) if sent.endswith(HIDDEN) else len(sent) // 2
    with running.socket() as connected:
        connected.sendall(sent[:at])
        received = b""
        try:
            connected.sendall(sent[at:])
            while piece := connected.recv(65536):
                received += piece
        except (BrokenPipeError, ConnectionResetError):
            # Refused and closed before the rest was read.
            pass
    if received:
        (response,), rest = read_responses(received, ["GET"])
        assert (response.status in STATUSES, rest) == (True, b"")
    assert_nothing_was_smuggled(running)


CLOSE = b"Connection: close\r\n"
BODY = HIDDEN + b"\r\n0\r\n\r\n" + HIDDEN


def length(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunks(*pieces: bytes, last: bytes = END) -> bytes:
    return b"\r\n" + b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in pieces) + last


ALLOWED = {
    "hidden in a body by length": (POST + CLOSE + length(BODY), BODY),
    "hidden in a body of GET": (POST.replace(b"POST", b"GET") + CLOSE + length(BODY), BODY),
    "hidden in chunks": (POST + CLOSE + CHUNKED + chunks(BODY[:9], BODY[9:]), BODY),
    "hidden behind a close": (POST + CLOSE + length(b"12345") + HIDDEN, b"12345"),
    "hidden behind an HTTP/1.0 request": (
        POST.replace(b"1.1", b"1.0") + length(b"12345") + HIDDEN,
        b"12345",
    ),
    "length with zeros": (POST + CLOSE + b"Content-Length: 0005\r\n\r\n12345" + HIDDEN, b"12345"),
    "length among spaces": (POST + CLOSE + b"Content-Length: \t5 \r\n\r\n12345" + HIDDEN, b"12345"),
    "coding in another case": (
        POST + CLOSE + b"tRANSFER-eNCODING: ChunKed\r\n" + chunks(b"hello") + HIDDEN,
        b"hello",
    ),
    "coding with an underscore is another field": (
        POST + CLOSE + b"Transfer_Encoding: chunked\r\n" + length(b"12345") + HIDDEN,
        b"12345",
    ),
    "chunk extension": (
        POST + CLOSE + CHUNKED + b'\r\n5;a=b;c="d e"\r\nhello\r\n' + END + HIDDEN,
        b"hello",
    ),
    "chunk size with zeros": (POST + CLOSE + CHUNKED + b"\r\n0005\r\nhello\r\n" + END, b"hello"),
    "chunk size in upper case": (
        POST + CLOSE + CHUNKED + b"\r\nA\r\n0123456789\r\n" + END,
        b"0123456789",
    ),
    "last chunk of several zeros": (
        POST + CLOSE + CHUNKED + chunks(b"hello", last=b"000\r\n\r\n") + HIDDEN,
        b"hello",
    ),
    "trailer": (
        POST + CLOSE + CHUNKED + chunks(b"hello", last=b"0\r\nX-Sum: 1\r\n\r\n") + HIDDEN,
        b"hello",
    ),
    "absolute target": (
        POST.replace(b"/api", b"http://h/api") + CLOSE + length(b"12345") + HIDDEN,
        b"12345",
    ),
    "upgrade to HTTP/2": (
        POST
        + b"Connection: close, Upgrade, HTTP2-Settings\r\n"
        + b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
        + length(b"12345")
        + HIDDEN,
        b"12345",
    ),
    "length named by Connection": (
        POST + b"Connection: close, Content-Length\r\n" + length(b"12345") + HIDDEN,
        b"12345",
    ),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(running: RunningHost, name: str) -> None:
    sent, body = ALLOWED[name]
    (response,), rest = read_responses(running.raw(sent), ["POST"])
    assert (response.status, response.body, rest) == (200, body, b"")
    assert_nothing_was_smuggled(running)


def test_what_follows_a_body_is_the_next_request(running: RunningHost) -> None:
    # The counterpart: where both ends agree, the second request is one and is answered.
    for first in (POST + length(b"12345"), POST + CHUNKED + chunks(b"12345")):
        received = running.raw(first + POST + CLOSE + length(HIDDEN))
        responses, rest = read_responses(received, ["POST", "POST"])
        assert [response.body for response in responses] == [b"12345", HIDDEN]
        assert rest == b""
    assert_nothing_was_smuggled(running)
