"""Who gives up waiting for `receive` loses nothing by it, and leaves nothing behind."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from .messages import read_responses
from .running_host import read_to_end
from .streamed import chunked, head, read_until

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

DATA = bytes(range(256)) * 4000
CLOSE = "Connection: close"


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("streaming_awaited")


@pytest.mark.parametrize("size", [500, 100_000])
def test_no_byte_is_lost_to_a_wait_that_was_given_up(running: RunningHost, size: int) -> None:
    body = chunked(DATA, size)
    half = len(body) // 2
    seen = len(running.log())
    with running.socket() as connected:
        connected.sendall(head("POST", "/impatient", "Transfer-Encoding: chunked", CLOSE))
        running.wait_log("gave up waiting$", start=seen)
        connected.sendall(body[:half])
        for at in range(half, len(body), 50_000):
            connected.sendall(body[at : at + 50_000])
        (response,), _ = read_responses(read_to_end(connected), ["POST"])
    assert response.text == f"{hashlib.md5(DATA).hexdigest()} True"


def test_waits_that_were_given_up_leave_nothing(running: RunningHost) -> None:
    assert running.get("/abandoned").text == "0"


def test_receive_and_send_can_be_tasks(running: RunningHost) -> None:
    assert running.post("/as_tasks", b"body").text == "body[]"


def test_an_app_that_asks_whether_its_client_has_left(running: RunningHost) -> None:
    seen = len(running.log())
    with running.socket() as connected:
        connected.sendall(head("GET", "/polled"))
        read_until(connected, b"data: x\n\n")
    running.wait_log("saw that the client has left$", start=seen)


def test_the_end_is_told_to_all_who_wait(running: RunningHost) -> None:
    assert running.get("/two_listeners").text == "answered"
    running.wait_log(r"both heard \['http.disconnect', 'http.disconnect'\]$")
