"""Uploads that stream: as they come to ASGI apps, gathered for WSGI apps, complete or cut off."""

from __future__ import annotations

import contextlib
import hashlib
import time
from typing import TYPE_CHECKING

import pytest

from .at_once import Background, at_once
from .messages import read_responses
from .running_host import exchange, read_to_end
from .streamed import LAST_CHUNK, chunked, head, read_until

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

CLOSE = "Connection: close"
CHUNKED = "Transfer-Encoding: chunked"
LARGE = bytes(range(256)) * (8 << 12)
"""8 MiB."""
STALLED = 50
"""More clients than a worker has threads."""


@pytest.fixture(scope="module", params=["streaming_asgi", "streaming_wsgi"])
def running(request: pytest.FixtureRequest, shared_host: HostFactory) -> RunningHost:
    return shared_host(request.param)


@pytest.fixture(scope="module")
def asgi(shared_host: HostFactory) -> RunningHost:
    return shared_host("streaming_asgi")


def sum_of(data: bytes) -> dict[str, object]:
    """What the path /md5 of the test apps answers."""
    return {"md5": hashlib.md5(data).hexdigest(), "total": len(data)}


@pytest.mark.parametrize("size", [0, 1, 16 << 10, (16 << 10) + 1, 100_000, 8 << 20])
def test_an_upload_with_its_length(running: RunningHost, size: int) -> None:
    assert running.post("/md5", LARGE[:size]).json() == sum_of(LARGE[:size])


@pytest.mark.parametrize(
    ("total", "size"), [(20_000, 1), (100_000, 7), (8 << 20, 1000), (8 << 20, 1 << 20)]
)
def test_a_chunked_upload(running: RunningHost, total: int, size: int) -> None:
    body = chunked(LARGE[:total], size)
    (response,), _ = read_responses(
        running.raw(head("POST", "/md5", CHUNKED, CLOSE) + body), ["POST"]
    )
    assert response.json() == sum_of(LARGE[:total])


def test_one_byte_in_each_packet(running: RunningHost) -> None:
    data = LARGE[:300]
    with running.socket() as connected:
        for byte in head("POST", "/md5", CHUNKED, CLOSE) + chunked(data, 1):
            connected.sendall(bytes([byte]))
        (response,), _ = read_responses(read_to_end(connected), ["POST"])
    assert response.json() == sum_of(data)


def test_a_chunked_upload_that_comes_in_odd_pieces(running: RunningHost) -> None:
    """Its memory is asked for in an odd size, filled beyond that, and moved when it grows."""
    data = LARGE[:500_000]
    with running.socket() as connected:
        connected.sendall(head("POST", "/md5", CHUNKED, CLOSE))
        for start, end in [(0, 1000), (1000, 67_000), (67_000, len(data))]:
            connected.sendall(b"%x\r\n%b\r\n" % (end - start, data[start:end]))
            # Read apart from what follows, most times; nothing depends on it but what is tried.
            time.sleep(0.1)
        connected.sendall(LAST_CHUNK)
        (response,), _ = read_responses(read_to_end(connected), ["POST"])
    assert response.json() == sum_of(data)


def test_uploads_at_once(running: RunningHost) -> None:
    answers = at_once([lambda: running.post("/md5", LARGE).json() for _ in range(4)])
    assert answers == [sum_of(LARGE)] * 4


def test_echoes_of_large_bodies(running: RunningHost) -> None:
    def echoed() -> bytes:
        with running.socket() as connected, Background(1) as background:
            # An app that answers as it reads needs a client that reads as it sends.
            received = background.start(lambda: read_to_end(connected))
            connected.sendall(head("POST", "/echo", f"Content-Length: {len(LARGE)}", CLOSE) + LARGE)
            (response,), _ = read_responses(received.result(), ["POST"])
        return response.body

    assert [body == LARGE for body in at_once([echoed] * 4)] == [True] * 4


def test_an_asgi_app_reads_while_its_client_still_sends(asgi: RunningHost) -> None:
    seen = len(asgi.log())
    with asgi.socket() as connected:
        connected.sendall(head("POST", "/md5", "Content-Length: 200000", CLOSE) + LARGE[:100_000])
        asgi.wait_log("the first bytes are here$", start=seen)
        connected.sendall(LARGE[100_000:200_000])
        (response,), _ = read_responses(read_to_end(connected), ["POST"])
    assert response.json() == sum_of(LARGE[:200_000])


def test_an_asgi_app_answers_while_its_client_still_sends(asgi: RunningHost) -> None:
    with asgi.socket() as connected:
        connected.sendall(head("POST", "/echo", CHUNKED, CLOSE))
        received = b""
        for word in (b"one", b"two", b"three"):
            connected.sendall(b"%x\r\n%b\r\n" % (len(word), word))
            received += read_until(connected, word)
        connected.sendall(b"0\r\n\r\n")
        received += read_to_end(connected)
    (response,), rest = read_responses(received, ["POST"])
    assert (response.body, rest) == (b"onetwothree", b"")


@pytest.mark.parametrize("field", ["Content-Length: 100000", CHUNKED])
def test_continue_before_an_upload(running: RunningHost, field: str) -> None:
    data = LARGE[:100_000]
    with running.socket() as connected:
        connected.sendall(head("POST", "/md5", field, "Expect: 100-continue", CLOSE))
        assert read_until(connected, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        connected.sendall(chunked(data, 10_000) if field == CHUNKED else data)
        (response,), _ = read_responses(read_to_end(connected), ["POST"])
    assert response.json() == sum_of(data)


@pytest.mark.parametrize("field", ["Content-Length", "chunks"])
def test_an_answer_before_the_end_of_an_upload(running: RunningHost, field: str) -> None:
    """The rest is dropped; the connection goes on, or is closed after the answer."""
    connection = running.connect()
    data = LARGE[:500_000]
    try:
        if field == "chunks":
            connection.request("POST", "/early", iter([data[:1000], data[1000:]]))
        else:
            connection.request("POST", "/early", data)
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, b"no thanks")
        if not response.will_close:
            assert exchange(connection, "GET", "/pid").text.isdigit()
    finally:
        connection.close()


def test_an_answer_while_an_upload_stalls(asgi: RunningHost) -> None:
    with asgi.socket() as connected:
        connected.sendall(head("POST", "/early", "Content-Length: 100000") + LARGE[:70_000])
        received = read_until(connected, b"no thanks")
        # The rest comes after the answer, and then the next request.
        connected.sendall(LARGE[:30_000] + head("GET", "/pid", CLOSE))
        received += read_to_end(connected)
    (first, second), _ = read_responses(received, ["POST", "GET"])
    assert first.text == "no thanks"
    assert second.text.isdigit()


def test_an_upload_that_nobody_wants_ends_after_its_answer(asgi: RunningHost) -> None:
    """More than the host reads for the sake of the next request: it closes, the answer arrives."""
    with asgi.socket() as connected:
        connected.sendall(head("POST", "/early", "Content-Length: 100000000") + LARGE[:70_000])
        received = read_until(connected, b"no thanks")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(12):
                connected.sendall(LARGE)
        received += read_to_end(connected)
    (response,), _ = read_responses(received, ["POST"])
    assert response.text == "no thanks"


@pytest.mark.parametrize("path", ["/until_gone", "/md5"])
def test_a_malformed_chunk_in_the_middle(asgi: RunningHost, path: str) -> None:
    seen = len(asgi.log())
    with asgi.socket() as connected:
        connected.sendall(head("POST", path, CHUNKED) + b"186a0\r\n" + LARGE[:100_000] + b"\r\n")
        asgi.wait_log("got [1-9][0-9]* bytes$|the first bytes are here$", start=seen)
        connected.sendall(b"xyz\r\n")
        received = read_to_end(connected)
    assert received == b"" or received.startswith(b"HTTP/1.1 400 ")
    if path == "/until_gone":
        asgi.wait_log("heard http.disconnect$", start=seen)
    asgi.wait_log(r"Executed 'Functions\.http_app_func' ", start=seen)
    assert asgi.get("/pid").text.isdigit()


def test_a_malformed_chunk_never_reaches_a_wsgi_app(shared_host: HostFactory) -> None:
    wsgi = shared_host("streaming_wsgi")
    received = wsgi.raw(head("POST", "/md5", CHUNKED) + b"5\r\nhello\r\nxyz\r\n")
    assert received.startswith(b"HTTP/1.1 400 ")
    assert "Executing" not in wsgi.log()


def test_a_client_that_leaves_an_upload(asgi: RunningHost) -> None:
    seen = len(asgi.log())
    with asgi.socket() as connected:
        connected.sendall(head("POST", "/until_gone", "Content-Length: 200000") + LARGE[:100_000])
        asgi.wait_log("got [1-9][0-9]* bytes$", start=seen)
    asgi.wait_log("heard http.disconnect$", start=seen)


def test_stalled_uploads_hold_up_nobody(running: RunningHost) -> None:
    data = LARGE[:200_000]
    with contextlib.ExitStack() as stack:
        stalled = [stack.enter_context(running.socket()) for _ in range(STALLED)]
        for connected in stalled:
            connected.sendall(
                head("POST", "/md5", f"Content-Length: {len(data)}", CLOSE) + data[:100_000]
            )
        for _ in range(20):
            assert running.get("/pid").text.isdigit()
        assert running.post("/md5", LARGE).json() == sum_of(LARGE)
        for connected in stalled:
            connected.sendall(data[100_000:])
        for connected in stalled:
            (response,), _ = read_responses(read_to_end(connected), ["POST"])
            assert response.json() == sum_of(data)
