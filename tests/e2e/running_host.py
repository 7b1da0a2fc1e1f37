"""One running `ferrofunc start`, as tests hold it: where it listens, what it logs, how it ends.

It starts the command in a session of its own, so that a signal meant for it reaches nobody else,
and it never lets go of a process: whoever asks for a stop also learns whether anything was left.
Called by the fixtures in `tests/conftest.py`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

from . import processes
from .messages import Response
from .waiting import PATIENCE, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .processes import Process

READY = r"Worker process started and initialized\."
"""The line that tools wait for; it stands in the log once a worker can run functions."""

LOG_TAIL = 20_000
"""How many characters of a log go into a failure report."""


def command() -> list[str]:
    """The words that start the program under test.

    `FERROFUNC_COMMAND` names another program, for instance the official tool; the default is the
    `ferrofunc` beside the running interpreter, or else the package run as a module.
    """
    if words := os.environ.get("FERROFUNC_COMMAND"):
        return shlex.split(words)
    script = Path(sys.executable).with_name("ferrofunc")
    return [str(script)] if script.exists() else [sys.executable, "-m", "ferrofunc"]


def environment(home: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """A shell's environment with the interpreter's folder first on PATH, and nothing of the
    settings that the shell running the tests may hold. Temporary files lie in `home` too.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {"PATH": path, "HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8", **extra}


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RunningHost:
    """A host process and the app folder that it serves.

    Args:
        folder: the app folder, its working directory.
        port: the port that it was told to listen on.
        words: the words after the program's name.
        env: the whole environment.
        log_path: the file that takes its standard output and standard error.
    """

    def __init__(
        self, folder: Path, port: int, words: Sequence[str], env: Mapping[str, str], log_path: Path
    ) -> None:
        self.folder = folder
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log_path = log_path
        self.ended = False
        self._seen: set[Process] = set()
        with log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [*command(), *words],
                cwd=folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self.process.pid

    # What it says.

    def log(self) -> str:
        """Everything written so far to standard output and standard error."""
        return self.log_path.read_text(errors="replace")

    def wait_log(self, pattern: str, timeout: float = PATIENCE, start: int = 0) -> re.Match[str]:
        """Wait until the log, from character `start` on, matches `pattern` (multi-line mode)."""
        expression = re.compile(pattern, re.MULTILINE)

        def look() -> re.Match[str] | None:
            ended = self.process.poll() is not None
            found = expression.search(self.log()[start:])
            assert found or not ended, f"ended with {self.process.returncode} before {pattern!r}"
            return found

        return wait_until(look, f"{pattern!r} in the log", timeout)

    def wait_ready(self, pattern: str) -> None:
        """Wait until the ping answers 200 and the log matches `pattern`."""

        def answers() -> bool:
            assert self.process.poll() is None, f"ended with {self.process.returncode}"
            try:
                return self.request("GET", "/admin/host/ping").status == 200
            except (OSError, HTTPException):
                # Nobody listens yet.
                return False

        wait_until(answers, "an answer to GET /admin/host/ping")
        self.wait_log(pattern)

    # What it answers.

    def connect(self) -> HTTPConnection:
        """A new connection that never reconnects by itself: once dropped, it raises."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.connect()
        connection.auto_open = 0
        return connection

    def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | str | None = None,
    ) -> Response:
        """Send one request on a connection of its own and read the whole response."""
        with contextlib.closing(self.connect()) as connection:
            return exchange(connection, method, path, headers, body)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Response:
        """GET `path`."""
        return self.request("GET", path, headers)

    def post(
        self, path: str, body: bytes | str, headers: Mapping[str, str] | None = None
    ) -> Response:
        """POST `body` to `path`."""
        return self.request("POST", path, headers, body)

    def socket(self) -> socket.socket:
        """A connected socket that sends each piece as soon as it is written."""
        connected = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected

    def raw(self, data: bytes) -> bytes:
        """Send `data` on a new connection and return all that comes until the host closes it.

        `data` has to make the host close: `Connection: close`, HTTP/1.0, or a bad request.
        """
        with self.socket() as connected:
            # A host that has read enough may close before it has read everything.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connected.sendall(data)
            return read_to_end(connected)

    # Who it is.

    def worker_pids(self) -> list[int]:
        """The ids of the processes that hold user code: the host's grandchildren, oldest first.

        The host's own child is the process that they are forked from.
        """
        return [
            worker.pid
            for child in processes.children(self.pid)
            for worker in processes.children(child.pid)
        ]

    def family(self) -> set[Process]:
        """Every process that the host brought up and that still runs."""
        found = processes.family(self.pid)
        self._seen |= found
        return found

    # How it ends.

    def send_signal(self, number: int) -> None:
        """Send a signal to the host process alone."""
        self.process.send_signal(number)

    def wait_exit(self, timeout: float = PATIENCE) -> int:
        """Wait for the host process to end and return its exit code, negative for a signal."""
        code = self.process.wait(timeout)
        self.ended = True
        return code

    def stop(self) -> None:
        """Ask it to stop by SIGTERM; check that it ends with 0 and leaves no process behind.

        A host that the test has seen ending is only cleared of what may be left of it.
        Raises AssertionError with the end of the log otherwise, after ending what was left.
        """
        self.family()
        if self.ended:
            self._end_survivors()
            return
        self.ended = True
        self.send_signal(signal.SIGTERM)
        try:
            code: int | None = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            code = None
            self.process.kill()
            self.process.wait()
        # A process that was told to end is given the time to do it.
        with contextlib.suppress(AssertionError):
            wait_until(lambda: not processes.survivors(self._seen), "the last processes", 5)
        left = self._end_survivors()
        assert code == 0, f"SIGTERM ended in {code}, expected 0\n{self.log()[-LOG_TAIL:]}"
        assert not left, f"left behind: {left}\n{self.log()[-LOG_TAIL:]}"

    def _end_survivors(self) -> set[Process]:
        """Kill whatever was ever seen of the host and still runs, and return it."""
        left = processes.survivors(self._seen)
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        return left


def exchange(
    connection: HTTPConnection,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | str | None = None,
) -> Response:
    """Send one request on `connection` and read the whole response."""
    content = body.encode() if isinstance(body, str) else body
    connection.request(method, path, body=content, headers=dict(headers or {}))
    return Response.read_from(connection.getresponse())


def read_to_end(connected: socket.socket) -> bytes:
    """Everything that comes on `connected` until its peer closes it."""
    received = bytearray()
    # The host may reset instead of closing when it left bytes unread.
    with contextlib.suppress(ConnectionResetError):
        while piece := connected.recv(65536):
            received += piece
    return bytes(received)
