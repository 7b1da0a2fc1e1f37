"""Functions with the request and responses of the FastAPI extension (http.md 7)."""

from __future__ import annotations

import hashlib
import socket
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

BODY = bytes(range(256)) * 4096 * 8


@pytest.fixture(scope="module")
def app(shared_host: HostFactory) -> RunningHost:
    return shared_host("fastapi_extension")


def begin(app: RunningHost, path: str) -> socket.socket:
    """Send a request and leave its response to be read."""
    connected = socket.create_connection(("127.0.0.1", app.port), timeout=20)
    connected.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connected


def read_until(connected: socket.socket, end: bytes) -> bytes:
    received = b""
    while end not in received:
        piece = connected.recv(65536)
        assert piece, f"closed after {received!r}"
        received += piece
    return received


def test_sample_download(app: RunningHost) -> None:
    response = app.get("/api/stream")
    assert response.header("content-type") == "text/event-stream; charset=utf-8"
    events = response.text.split("\n\n")
    assert events[0] == "data: {'temperature': 20, 'humidity': 50}"
    assert len(events) == 11


def test_sample_upload_arrives_in_chunks(app: RunningHost) -> None:
    seen = app.post("/api/streaming_upload", BODY).json()
    assert seen["md5"] == hashlib.md5(BODY).hexdigest()
    assert seen["chunks"] > 2


def test_events_arrive_as_they_are_made(app: RunningHost) -> None:
    with begin(app, "/api/on_demand") as connected:
        read_until(connected, b"data: 0\n\n")
        for number in range(1, 4):
            assert app.post("/api/more", b"").json() == "released"
            read_until(connected, b"data: %d\n\n" % number)


def test_a_client_that_leaves_closes_the_generator(app: RunningHost) -> None:
    start = len(app.log())
    connected = begin(app, "/api/on_demand")
    read_until(connected, b"data: 0\n\n")
    connected.close()
    app.wait_log("the generator was closed", start=start)


def test_a_client_that_leaves_cancels_the_function(app: RunningHost) -> None:
    start = len(app.log())
    connected = begin(app, "/api/for_ever")
    app.wait_log(r"Executing 'Functions\.for_ever'", start=start)
    connected.close()
    app.wait_log("the function was cancelled", start=start)
    failed = app.wait_log(r"^\[[^]]*\] Exception: (.*)$", start=start)
    assert failed[1].startswith("RuntimeError: the client left before ")


def test_def_runs_in_a_thread_and_keeps_its_id(app: RunningHost) -> None:
    start = len(app.log())
    response = app.get("/api/in_a_thread/7?a=b")
    assert response.json() == {
        "route": {"number": "7"},
        "query": {"a": "b"},
        "is_main": False,
        "function": "in_a_thread",
    }
    app.wait_log(r"\[Information in_a_thread [0-9a-f-]{36}\] said in a thread", start=start)


def test_models_and_http_exceptions_are_answered_as_fastapi_does(app: RunningHost) -> None:
    assert app.get("/api/model").json() == {"name": "bolt", "count": 1}
    refused = app.get("/api/refused")
    assert (refused.status, refused.json()) == (418, {"detail": "short and stout"})


def test_classic_functions_work_beside_them(app: RunningHost) -> None:
    assert app.get("/api/classic?name=Ada").text == "classic Ada"
