"""HTTPS: whatever works over a plain socket works over TLS, with real clients and bad ones."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from . import tls_clients
from .at_once import Background, at_once
from .certificates import openssl
from .messages import read_responses
from .running_host import exchange
from .waiting import wait_until

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

MIB = 1 << 20


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    levels = {"AzureFunctionsJobHost__logging__logLevel__default": "Debug"}
    return tls_clients.start(shared_host, env=levels)


@pytest.fixture(scope="module")
def context(running: RunningHost) -> ssl.SSLContext:
    return tls_clients.trusting(tls_clients.own_certificate(running))


def assert_serves(running: RunningHost, context: ssl.SSLContext) -> None:
    for route in ("echo", "echo_async"):
        response = tls_clients.request(running, context, f"/api/{route}", b"served")
        assert (response.status, response.body) == (200, b"served")


# Clients as they are.


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("version", ["--tlsv1.3", "--tls-max=1.2"])
def test_curl(running: RunningHost, name: str, version: str) -> None:
    ended = subprocess.run(
        ["curl", "--silent", "--show-error", "--fail", *version.split("="), "--data", "sent",
         "--cacert", tls_clients.own_certificate(running),
         "--write-out", " %{http_version} %{ssl_verify_result}",
         f"https://{name}:{running.port}/api/echo"],
        capture_output=True,
        text=True,
        timeout=60,
    )  # fmt: skip
    assert (ended.stdout, ended.stderr) == ("sent 1.1 0", "")


def test_httpx(running: RunningHost, context: ssl.SSLContext) -> None:
    with httpx.Client(verify=context, base_url=f"https://localhost:{running.port}/api/") as client:
        for size in (0, 1, 100_000, 3 * MIB):
            body = os.urandom(size)
            assert client.post("echo", content=body).content == body
            assert client.post("echo_async", content=iter([body])).content == body


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_openssl(running: RunningHost, tmp_path: Path, version: str) -> None:
    said = openssl(
        tmp_path, "s_client", "-connect", f"localhost:{running.port}", version,
        "-CAfile", tls_clients.own_certificate(running), "-verify_return_error",
        "-alpn", "h2,http/1.1",
    )  # fmt: skip
    assert "Verify return code: 0 (ok)" in said
    assert "ALPN protocol: http/1.1" in said


def test_what_is_too_old_or_too_new_is_refused(
    running: RunningHost, context: ssl.SSLContext
) -> None:
    other = tls_clients.trusting(tls_clients.own_certificate(running))
    other.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError, match=r"(?i)no.application.protocol"):
        tls_clients.secure_socket(running, other)
    assert_serves(running, context)


def test_strict_verification(running: RunningHost) -> None:
    strict = tls_clients.trusting(tls_clients.own_certificate(running))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    assert_serves(running, strict)


def test_a_session_is_resumed(running: RunningHost, context: ssl.SSLContext) -> None:
    request = b"GET /api/echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    with tls_clients.secure_socket(running, context) as first:
        first.sendall(request)
        assert tls_clients.read_to_end(first)
        session = first.session
    with tls_clients.secure_socket(running, context, session) as second:
        assert second.session_reused
        second.sendall(request)
        assert tls_clients.read_to_end(second).startswith(b"HTTP/1.1 200 ")


# Requests and responses.


@pytest.mark.parametrize("route", ["echo", "echo_async"])
@pytest.mark.parametrize("size", [16 << 10, (16 << 10) + 1, MIB, 16 * MIB])
def test_bodies_come_back_byte_exact(
    running: RunningHost, context: ssl.SSLContext, route: str, size: int
) -> None:
    body = os.urandom(size)
    response = tls_clients.request(running, context, f"/api/{route}", body)
    assert (response.status, len(response.body)) == (200, size)
    assert response.body == body


def test_keep_alive(running: RunningHost, context: ssl.SSLContext) -> None:
    with contextlib.closing(tls_clients.connect(running, context)) as connection:
        for number in range(60):
            body = bytes([number]) * (number**3)
            assert exchange(connection, "POST", "/api/echo", body=body).body == body
            assert exchange(connection, "GET", "/api/echo").body == b""


@pytest.mark.parametrize("size", [1 << 20, 100, 1], ids=["at once", "in records", "in bytes"])
def test_pipelining(running: RunningHost, context: ssl.SSLContext, size: int) -> None:
    requests = [
        f"POST /api/{('echo', 'echo_async', 'echo_late')[n % 3]} HTTP/1.1\r\nHost: h\r\n"
        f"Content-Length: {n * 100}\r\n{'Connection: close' if n == 19 else 'X-N: n'}\r\n\r\n"
        .encode() + bytes([n]) * (n * 100)
        for n in range(20)
    ]  # fmt: skip
    with tls_clients.secure_socket(running, context) as connected:
        for piece in tls_clients.pieces(b"".join(requests), size):
            connected.sendall(piece)
        responses, rest = read_responses(tls_clients.read_to_end(connected), ["POST"] * 20)
    assert [response.body for response in responses] == [bytes([n]) * (n * 100) for n in range(20)]
    assert rest == b""


def test_byte_by_byte(running: RunningHost, context: ssl.SSLContext) -> None:
    head = b"POST /api/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"
    with contextlib.closing(tls_clients.Pieces(running, context)) as client:
        client.shake_hands(1)
        for piece in tls_clients.pieces(client.encrypt(head + b"whole"), 1):
            client.socket.sendall(piece)
        (response,), rest = read_responses(client.read_to_end(), ["POST"])
    assert (response.status, response.body, rest) == (200, b"whole", b"")


def test_chunked_and_continue(running: RunningHost, context: ssl.SSLContext) -> None:
    head = (
        b"POST /api/echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
        b"Expect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with tls_clients.secure_socket(running, context) as connected:
        connected.sendall(head)
        assert connected.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connected.sendall(b"5\r\nfirst\r\n" + b"10000\r\n" + b"x" * 65536 + b"\r\n")
        connected.sendall(b"0\r\n\r\n")
        (response,), rest = read_responses(tls_clients.read_to_end(connected), ["POST"])
    assert (response.body, rest) == (b"first" + b"x" * 65536, b"")


def test_refused_requests(running: RunningHost, context: ssl.SSLContext) -> None:
    with tls_clients.secure_socket(running, context) as connected:
        connected.sendall(b"POST /api/echo HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n" + b"x" * MIB)
        # The answer and the word of the end come through although much was left unread.
        (response,), rest = read_responses(tls_clients.read_to_end(connected), ["POST"])
    assert (response.status, rest) == (400, b"")


def anonymous_memory(pid: int) -> int:
    """Bytes of memory that are a process's own."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"RssAnon:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024


def test_slow_readers(running: RunningHost, context: ssl.SSLContext) -> None:
    size = 16 * MIB
    head = f"GET /api/large?size={size} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode()
    expected = hashlib.sha256(b"0123456789abcdef" * (size // 16)).digest()
    assert_serves(running, context)
    before = anonymous_memory(running.pid)
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(tls_clients.secure_socket(running, context)) for _ in range(8)]
        for connected in slow:
            connected.sendall(head)
        first = [connected.recv(1) for connected in slow]
        for _ in range(20):
            assert_serves(running, context)
        # What nobody reads stays with the worker that made it: it is not encrypted ahead.
        assert anonymous_memory(running.pid) - before < 8 * MIB
        for connected, byte in zip(slow, first, strict=True):
            received = byte + tls_clients.read_to_end(connected)
            (response,), rest = read_responses(received, ["GET"])
            assert (response.status, len(response.body), rest) == (200, size, b"")
            assert hashlib.sha256(response.body).digest() == expected


def test_an_echo_read_slowly(running: RunningHost, context: ssl.SSLContext) -> None:
    body = os.urandom(16 * MIB)
    head = (
        f"POST /api/echo HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    received = bytearray()
    with tls_clients.secure_socket(running, context) as connected:
        connected.sendall(head.encode() + body)
        while piece := connected.recv(4096):
            received += piece
            if len(received) % 50 == 0:
                time.sleep(0.001)
    (response,), rest = read_responses(bytes(received), ["POST"])
    assert (response.body == body, rest) == (True, b"")


def test_many_at_once(running: RunningHost, context: ssl.SSLContext) -> None:
    bodies = [os.urandom(number * 40_000) for number in range(24)]
    calls = [
        lambda b=body: tls_clients.request(running, context, "/api/echo_async", b)
        for body in bodies
    ]
    answers = at_once(calls)
    assert [answer.body == body for answer, body in zip(answers, bodies, strict=True)] == [
        True
    ] * 24


# Peers that are slow, gone, or something else.


def test_200_half_sent_handshakes(running: RunningHost, context: ssl.SSLContext) -> None:
    request = b"GET /api/echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    with contextlib.ExitStack() as stack:
        waiting = []
        for number in range(200):
            client = tls_clients.Pieces(running, context)
            stack.callback(client.close)
            hello = client.hello()
            half = number % len(hello)
            client.socket.sendall(hello[:half])
            waiting.append((client, hello[half:]))
        assert_serves(running, context)
        for client, rest_of_hello in waiting:
            client.socket.sendall(rest_of_hello)
            client.shake_hands()
            client.socket.sendall(client.encrypt(request))
            (response,), _ = read_responses(client.read_to_end(), ["GET"])
            assert response.status == 200


def test_peers_that_leave(running: RunningHost, context: ssl.SSLContext) -> None:
    for step in range(6):
        client = tls_clients.Pieces(running, context)
        hello = client.hello()
        client.socket.sendall(hello[: (0, 1, 50, len(hello), len(hello), len(hello))[step]])
        if step >= 4:
            client.shake_hands()
        if step == 5:
            client.socket.sendall(
                client.encrypt(
                    b"POST /api/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\nhalf"
                )
            )
        client.close()
    for _ in range(5):
        with tls_clients.secure_socket(running, context) as connected:
            connected.sendall(b"GET /api/large?size=8000000 HTTP/1.1\r\nHost: h\r\n\r\n")
            assert connected.recv(1) == b"H"
    assert_serves(running, context)


@pytest.mark.parametrize("is_shut", [False, True])
def test_a_peer_whose_end_comes_with_its_request(
    running: RunningHost, context: ssl.SSLContext, is_shut: bool
) -> None:
    with contextlib.closing(tls_clients.Pieces(running, context)) as client:
        client.shake_hands()
        sent = client.encrypt(b"GET /api/echo HTTP/1.1\r\nHost: h\r\n\r\n")
        # The host sees all of it at once, and no later thing will wake it.
        running.send_signal(signal.SIGSTOP)
        client.socket.sendall(sent if is_shut else sent + client.say_end())
        if is_shut:
            client.socket.shutdown(socket.SHUT_WR)
        running.send_signal(signal.SIGCONT)
        assert client.waits_for_close()
    assert_serves(running, context)


@pytest.mark.parametrize("rubbish", [b"\x16\x03\x01\xff\xff", b"\x80" * 100, b"\x00"])
def test_rubbish(running: RunningHost, context: ssl.SSLContext, rubbish: bytes) -> None:
    start = len(running.log())
    answer = running.raw(rubbish + b"\x00" * 20_000)
    # An alert, if anything.
    assert answer[:1] in (b"", b"\x15")
    running.wait_log(r"A TLS connection failed: ", start=start)
    assert_serves(running, context)


def test_a_client_that_does_not_trust_us(running: RunningHost, context: ssl.SSLContext) -> None:
    start = len(running.log())
    with pytest.raises(ssl.SSLCertVerificationError):
        tls_clients.secure_socket(running, ssl.create_default_context())
    running.wait_log(r"A TLS connection failed: received fatal alert", start=start)
    assert_serves(running, context)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /api/echo HTTP/1.1\r\nHost: h\r\n\r\n",
        b"POST /api/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n" + b"x" * 500_000,
    ],
    ids=["GET", "POST"],
)
def test_a_plain_request(
    running: RunningHost, context: ssl.SSLContext, request_bytes: bytes
) -> None:
    start = len(running.log())
    (response,), rest = read_responses(running.raw(request_bytes), ["GET"])
    assert response.status == 400
    assert response.header("content-type") == "text/plain; charset=utf-8"
    assert response.header("connection") == "close"
    assert response.text == (
        "This port serves HTTPS, and the request came without TLS. Begin the URL with https://.\n"
    )
    assert rest == b""
    running.wait_log(r"Refused a request with 400: it came without TLS", start=start)
    assert_serves(running, context)


# What the app and its user see.

URL = """
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route()
def url(req):
    return req.url
"""


def test_everything_says_https(host: HostFactory) -> None:
    running = tls_clients.start(host, "echo", files={"function_app.py": URL})
    context = tls_clients.trusting(tls_clients.own_certificate(running))
    base = f"https://localhost:{running.port}"
    assert tls_clients.request(running, context, "/api/url?a=b").text == f"{base}/api/url?a=b"
    running.wait_log(rf"^\turl: +{base}/api/url$")
    described = tls_clients.request(running, context, "/admin/functions").json()
    assert described[0]["href"] == f"{base}/admin/functions/url"
    assert described[0]["invoke_url_template"] == f"{base}/api/url"


@pytest.mark.parametrize("route", ["finish_later", "finish_later_async"])
def test_a_graceful_stop(host: HostFactory, tmp_path: Path, route: str) -> None:
    running = tls_clients.start(host, "shutdown", env={"MEETING_FOLDER": str(tmp_path)})
    context = tls_clients.trusting(tls_clients.own_certificate(running))
    half = tls_clients.Pieces(running, context)
    half.socket.sendall(half.hello()[:50])
    with (
        contextlib.closing(half),
        tls_clients.secure_socket(running, context) as idle,
        Background(1) as background,
    ):
        call = background.start(lambda: tls_clients.request(running, context, f"/api/{route}"))
        wait_until((tmp_path / "entered").exists, "the call to enter its function")
        running.send_signal(signal.SIGTERM)
        # The end is said, not just made.
        assert tls_clients.read_to_end(idle) == b""
        (tmp_path / "released").touch()
        response = call.result()
    assert (response.status, response.text) == (200, "finished")
    assert running.wait_exit() == 0
