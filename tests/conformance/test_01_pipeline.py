"""http.md 1: what happens to a request before any function sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from e2e.messages import read_responses
from e2e.waiting import wait_until

from .case import Case, each
from .functions import function

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

LIMIT = 1000


@pytest.fixture(scope="module")
def limited(shared_host: HostFactory) -> RunningHost:
    env = {"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": str(LIMIT)}
    return shared_host("seen", files=function("Seen"), env=env)


@each(
    [
        Case("http-1.2-limit-below", "POST /api/Seen", payload=b"b" * (LIMIT - 1)),
        Case("http-1.2-limit-equal", "POST /api/Seen", payload=b"b" * LIMIT),
        Case("http-1.2-limit-of-the-home-page", "POST /", payload=b"b" * LIMIT),
        Case("http-1-no-route", "GET /nowhere", 404, b"", fields={"content-type": None}),
        Case("http-1-no-route-with-a-body", "POST /nowhere", 404, b"", payload=b"body"),
    ]
)
def test_pipeline(limited: RunningHost, case: Case) -> None:
    case.check(limited)


CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param(b"Content-Length: 1001\r\n\r\n" + b"b" * 1001, id="http-1.2-beyond-the-limit"),
        pytest.param(b"Content-Length: 1001\r\n\r\n", id="http-1.2-announced-beyond-the-limit"),
        pytest.param(
            CHUNKED + b"3e9\r\n" + b"b" * 1001 + b"\r\n0\r\n\r\n",
            id="http-1.2-chunk-beyond-the-limit",
        ),
        pytest.param(
            CHUNKED + b"1f4\r\n" + b"b" * 500 + b"\r\n1f5\r\n" + b"b" * 501 + b"\r\n0\r\n\r\n",
            id="http-1.2-chunks-beyond-the-limit",
        ),
    ],
)
def test_too_large(limited: RunningHost, rest: bytes) -> None:
    received = limited.raw(b"POST /api/Seen HTTP/1.1\r\nHost: h\r\n" + rest)
    (response,), behind = read_responses(received, ["POST"])
    assert (response.status, behind) == (413, b"")


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("seen", files=function("Seen"))


def test_the_default_limit(running: RunningHost) -> None:
    head = b"POST /api/Seen HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n"
    (response,), _ = read_responses(running.raw(head % 104857601), ["POST"])
    assert response.status == 413
    with running.socket() as connected:
        connected.sendall(
            head.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n") % 104857600
        )
        assert connected.recv(65536).startswith(b"HTTP/1.1 100 ")


def test_requests_wait_for_the_worker(host: HostFactory) -> None:
    files = function("Started", "from starting import main\n")
    running = host("seen", files=files, ready=None)

    def is_listening() -> bool:
        try:
            running.connect().close()
        except OSError:
            return False
        return True

    wait_until(is_listening, "an open port")
    assert running.get("/admin/host/ping").status == 200
    assert "initialized" not in running.log(), "expected to ask before the worker is there"
    assert running.get("/api/Started").body == b"started"
