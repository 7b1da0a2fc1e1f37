"""How a host ends: running calls finish, nobody new comes in, nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from . import processes
from .at_once import Background
from .running_host import exchange
from .waiting import wait_until

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

SHARED_MEMORY = Path("/dev/shm")
"""Where named segments would be left behind."""

SIGNALS = [signal.SIGTERM, signal.SIGINT]


def start(host: HostFactory, tmp_path: Path) -> tuple[RunningHost, Path]:
    """A host of the shutdown app, and the folder in which its calls leave their marks."""
    folder = tmp_path / "meeting"
    folder.mkdir()
    return host("shutdown", env={"MEETING_FOLDER": str(folder)}), folder


def refuses(running: RunningHost) -> bool:
    """Whether a new connection is refused."""
    with socket.socket() as probe:
        probe.settimeout(10)
        try:
            probe.connect(("127.0.0.1", running.port))
        except ConnectionRefusedError:
            return True
        except ConnectionResetError:
            return False
        return False


def wait_nobody_left(running: RunningHost, before: set[processes.Process]) -> None:
    """Wait until every process of `before` is gone, and whatever those started since."""
    wait_until(
        lambda: not processes.survivors(before | running.family()), "the last process to end"
    )


def assert_ended_clean(running: RunningHost, before: set[processes.Process]) -> None:
    """Wait for exit code 0, and for every process of `before` to be gone."""
    assert running.wait_exit() == 0
    wait_nobody_left(running, before)
    assert "Traceback" not in running.log()


@pytest.mark.parametrize("route", ["finish_later", "finish_later_async"])
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_running_call_finishes(
    host: HostFactory, tmp_path: Path, number: signal.Signals, route: str
) -> None:
    running, folder = start(host, tmp_path)
    before = running.family()
    with Background(1) as background:
        call = background.start(lambda: running.get(f"/api/{route}"))
        wait_until((folder / "entered").exists, "the call to enter its function")
        running.send_signal(number)
        wait_until(lambda: refuses(running), "new connections to be refused")
        (folder / "released").touch()
        response = call.result()
    assert (response.status, response.text) == (200, "finished")
    assert_ended_clean(running, before)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_an_idle_host_ends_clean(host: HostFactory, tmp_path: Path, number: signal.Signals) -> None:
    shared = set(SHARED_MEMORY.iterdir())
    running, _ = start(host, tmp_path)
    before = running.family()
    assert len(before) >= 1
    connection = running.connect()
    try:
        assert exchange(connection, "GET", "/api/hello").text == "hello"
        assert len(exchange(connection, "GET", "/api/large").body) == 8 * 1024 * 1024
        # The connection stays open and idle: it must not keep the host.
        running.send_signal(number)
        assert_ended_clean(running, before)
    finally:
        connection.close()
    assert set(SHARED_MEMORY.iterdir()) <= shared


HEAD = "import azure.functions as func\napp = func.FunctionApp(http_auth_level='ANONYMOUS')\n"
SYNC = "@app.route()\ndef threads(req): return 'answered'\n"
ASYNC = "@app.route()\nasync def tasks(req): return 'answered'\n"


@pytest.mark.parametrize(
    ("code", "routes"),
    [
        (SYNC, ["threads"]),
        (ASYNC, ["tasks"]),
        (SYNC + ASYNC, ["threads", "tasks"]),
        ("", []),
    ],
    ids=["sync", "async", "both", "none"],
)
def test_a_worker_leaves_by_itself(host: HostFactory, code: str, routes: list[str]) -> None:
    levels = {"version": "2.0", "logging": {"logLevel": {"default": "Debug"}}}
    files = {"function_app.py": HEAD + code, "host.json": json.dumps(levels)}
    running = host("hello", files=files)
    for route in routes * 3:
        assert running.get(f"/api/{route}").text == "answered"
    before = running.family()
    running.send_signal(signal.SIGTERM)
    assert_ended_clean(running, before)
    assert "python exited with code 0 (0x0)" in running.log()


def test_ctrl_c_in_a_terminal_reaches_every_process(host: HostFactory, tmp_path: Path) -> None:
    running, folder = start(host, tmp_path)
    before = running.family()
    with Background(1) as background:
        call = background.start(lambda: running.get("/api/finish_later"))
        wait_until((folder / "entered").exists, "the call to enter its function")
        # A terminal signals its whole foreground group, workers included.
        os.killpg(running.pid, signal.SIGINT)
        wait_until(lambda: refuses(running), "new connections to be refused")
        (folder / "released").touch()
        assert call.result().text == "finished"
    assert_ended_clean(running, before)
    assert "KeyboardInterrupt" not in running.log()


def call_without_end(running: RunningHost, folder: Path, route: str) -> socket.socket:
    """A connection whose call is inside the function `route`, for good."""
    caller = running.socket()
    caller.sendall(f"GET /api/{route} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
    wait_until((folder / route).exists, f"the call to enter {route}")
    return caller


def test_calls_that_never_end_do_not_keep_the_host(host: HostFactory, tmp_path: Path) -> None:
    running, folder = start(host, tmp_path)
    before = running.family()
    with (
        call_without_end(running, folder, "never_finish"),
        call_without_end(running, folder, "never_finish_async"),
    ):
        running.send_signal(signal.SIGTERM)
        assert running.wait_exit() == 0
    wait_nobody_left(running, before)
    assert "2 running call(s) did not end in time." in running.log()


def test_a_second_ctrl_c_leaves_nothing(host: HostFactory, tmp_path: Path) -> None:
    running, folder = start(host, tmp_path)
    before = running.family()
    with call_without_end(running, folder, "never_finish"):
        running.send_signal(signal.SIGINT)
        wait_until(lambda: running.process.poll() is not None or refuses(running), "the first")
        if running.process.poll() is None:
            running.send_signal(signal.SIGINT)
        running.wait_exit()
    wait_nobody_left(running, before)


def test_a_signal_during_start_up_leaves_nothing(host: HostFactory) -> None:
    slow = "import time\nimport azure.functions as func\ntime.sleep(1)\napp = func.FunctionApp()\n"
    running = host("shutdown", files={"function_app.py": slow}, ready=None)
    before = wait_until(running.family, "its first child")
    running.send_signal(signal.SIGTERM)
    running.wait_exit()
    wait_nobody_left(running, before)


def test_workers_never_outlive_a_killed_host(host: HostFactory, tmp_path: Path) -> None:
    running, _ = start(host, tmp_path)
    before = running.family()
    assert {process.pid for process in before} >= set(running.worker_pids())
    running.send_signal(signal.SIGKILL)
    assert running.wait_exit() == -signal.SIGKILL
    wait_nobody_left(running, before)
