"""Starts a server on a free port, waits for its first right answer, and stops all of it.

Must never leave a process behind, not on Ctrl-C either, and must never signal a process that is
not of the tree it started. Called by `run.py`.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import measure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kinds import Request, Workload
    from servers import Server

BENCH = Path(__file__).resolve().parent.parent
READY_SECONDS = 20.0
_ANSWER_SECONDS = 20.0
_STOP_SECONDS = 5.0
_POLL_SECONDS = 0.001
_PIECE_BYTES = 64 * 1024
_LOG_TAIL_BYTES = 3000
# Settings of the caller's own shell would change what is measured.
_FOREIGN_SETTINGS = (
    *("AZUREFUNCTIONS", "AZUREWEBJOBS", "FUNCTIONS_", "PYTHON", "VIRTUAL_ENV"),
    *("BENCH_", "FERROFUNC_", "GRANIAN_", "UVICORN_"),
)


class ServerError(Exception):
    """A server that did not start or answered wrongly, with the end of its log."""

    def __init__(self, reason: str, log_tail: str) -> None:
        super().__init__(reason)
        self.reason = _without_paths(reason)
        self.log_tail = _without_paths(log_tail)


def _without_paths(text: str) -> str:
    """Results are published: where they were measured is nobody's business."""
    return text.replace(str(BENCH.parent), "<repository>").replace(str(Path.home()), "~")


@dataclass
class Running:
    """A started server. `killed` counts the processes that had to be killed at its end."""

    server: Server
    process: subprocess.Popen[bytes]
    port: int
    log: Path
    first_200_seconds: float = 0.0
    killed: int = 0

    @property
    def pid(self) -> int:
        """Root of the process tree."""
        return self.process.pid

    def error(self, reason: str) -> ServerError:
        """An error about this server that carries the end of its log."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - _LOG_TAIL_BYTES))
            return ServerError(reason, log.read().decode(errors="replace"))

    def check(self, request: Request) -> None:
        """Raises ServerError unless `request` gets its right answer now."""
        try:
            status, body = _exchange(self.port, request)
        except (OSError, http.client.HTTPException) as error:
            raise self.error(f"expected an answer to {request.path}, found {error!r}") from error
        if not request.is_answered_by(status, body):
            raise self.error(
                f"expected status 200 and {len(request.expected)} bytes {request.expected[:60]!r} "
                f"from {request.path}, found {status} and {len(body)} bytes {body[:60]!r}"
            )


def _exchange(port: int, request: Request) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)
    headers = dict(request.headers)
    if request.content_type:
        headers["Content-Type"] = request.content_type
    # Of pieces it does not know the length, so it sends chunks.
    body = _pieces(request.body) if request.is_chunked else request.body or None
    try:
        connection.request(request.method, request.path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), _PIECE_BYTES):
        yield body[start : start + _PIECE_BYTES]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(settings: dict[str, str], bin_directory: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(_FOREIGN_SETTINGS)
    }
    # The server's own environment first, as if it were activated.
    path = f"{bin_directory}{os.pathsep}{kept.get('PATH', os.defpath)}"
    return {**kept, "PATH": path, **settings}


def _wait_ready(running: Running, request: Request, started: float) -> None:
    last = "no connection"
    while time.perf_counter() - started < READY_SECONDS:
        try:
            status, body = _exchange(running.port, request)
        except (OSError, http.client.HTTPException) as error:
            last = repr(error)
        else:
            if status == 200:
                running.first_200_seconds = time.perf_counter() - started
                running.check(request)
                return
            last = f"status {status}, {body[:200]!r}"
        code = running.process.poll()
        if code is not None:
            raise running.error(f"exited with code {code} before its first 200")
        time.sleep(_POLL_SECONDS)
    raise running.error(
        f"expected a 200 from {request.path} within {READY_SECONDS:g} s, last found {last}"
    )


def _stop(running: Running) -> None:
    """Asks the root to end, then kills what is left of its tree."""
    # A second Ctrl-C must not interrupt the clearing up after the first.
    stops = (signal.SIGINT, signal.SIGTERM)
    previous = [signal.signal(number, signal.SIG_IGN) for number in stops]
    try:
        running.process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        while measure.live_pids(running.pid) and time.monotonic() < deadline:
            running.process.poll()
            time.sleep(0.01)
        for pid in measure.live_pids(running.pid):
            running.killed += 1
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        running.process.wait()
    finally:
        for number, handler in zip(stops, previous, strict=True):
            signal.signal(number, handler)


@contextmanager
def running(
    server: Server, workload: Workload, ferrofunc: Path, scratch: Path
) -> Iterator[Running]:
    """The server, started for `workload` and ready; stopped on leaving.

    Raises ServerError if it cannot be started or does not answer rightly in `READY_SECONDS`.
    """
    port = _free_port()
    app, peers = BENCH / "apps" / workload.app, BENCH / "peers"
    names = {
        "port": str(port),
        "app": str(app),
        "apps": str(BENCH / "apps"),
        "asgi": workload.asgi or "asgi_app:app",
        "asgi_folder": str(app if workload.asgi else peers),
        "peers": str(peers),
        "peers_bin": str(BENCH / ".peers" / "bin"),
        "ferrofunc": str(ferrofunc),
        "scratch": str(scratch),
    }
    arguments = [argument.format_map(names) for argument in server.arguments]
    own_settings = {name: value.format_map(names) for name, value in server.settings.items()}
    for name, text in server.files.items():
        path = Path(name.format_map(names))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text)
    log = scratch / f"{server.name}.log"
    started = time.perf_counter()
    try:
        with log.open("wb") as output:
            process = subprocess.Popen(
                arguments,
                cwd=server.directory.format_map(names),
                env=_environment(workload.settings | own_settings, Path(arguments[0]).parent),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C is ours to handle, and the session marks the tree.
                start_new_session=True,
            )
    except OSError as error:
        hint = (
            "build ferrofunc into .venv"
            if "ferrofunc" in arguments[0]
            else "run bench/peers/setup.sh"
        )
        raise ServerError(
            f"cannot run {Path(arguments[0]).name}: {error.strerror}; {hint}", ""
        ) from error
    server_run = Running(server, process, port, log)
    try:
        _wait_ready(server_run, workload.ready or workload.request, started)
        yield server_run
    finally:
        _stop(server_run)
