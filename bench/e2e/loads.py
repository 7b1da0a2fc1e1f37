"""Runs the load generators and reads their counts: wrk (closed loop), openloop (constant rate) and
bulk (large bodies).

All load from processes of their own, so that no Python of ours stands between clock and server.
Must never drop an error they report. Called by `runner.py` and `run.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launch import BENCH

if TYPE_CHECKING:
    from kinds import Closed, Open, Request, Transfer, Workload

_SCRIPT = Path(__file__).resolve().parent / "wrk.lua"
# Far above any answer's time; wrk counts slower answers as errors.
_WRK_TIMEOUT = "10s"
# A generator that outlives its run by this much has hung.
_GRACE_SECONDS = 30


class LoadError(Exception):
    """A load generator that is missing, failed, or reported what cannot be."""


@dataclass(frozen=True)
class Load:
    """What one run of a generator saw. Times in microseconds."""

    requests: int
    seconds: float
    p50: float
    p90: float
    p99: float
    longest: float
    errors: dict[str, int]
    send_lag_p99: float | None = None


def wrk_path() -> str:
    """Where wrk is. Raises LoadError if it is not installed."""
    path = shutil.which("wrk")
    if path is None:
        raise LoadError("expected wrk in PATH, found none; on Debian: apt-get install wrk")
    return path


def own_path(name: str) -> Path:
    """Where one of our own generators was built. Raises LoadError if it was not."""
    targets = [BENCH / name / "target"]
    if target := os.environ.get("CARGO_TARGET_DIR"):
        targets.insert(0, Path(target))
    for path in (directory / "release" / name for directory in targets):
        if path.exists():
            return path
    raise LoadError(f"expected bench/{name} to be built, found no binary; run peers/setup.sh")


def _run(arguments: list[str], seconds: int) -> dict[str, Any]:
    """Runs a generator to its end and reads the JSON object on its last line."""
    name = Path(arguments[0]).name
    try:
        # Kills the generator itself on a timeout and on Ctrl-C.
        finished = subprocess.run(
            arguments, capture_output=True, text=True, timeout=seconds + _GRACE_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise LoadError(f"expected {name} to end after {seconds} s, found it hanging") from error
    lines = finished.stdout.strip().splitlines()
    if finished.returncode != 0 or not lines or not lines[-1].startswith("{"):
        raise LoadError(
            f"expected {name} to end with JSON, found exit code {finished.returncode} and "
            f"{(finished.stderr or finished.stdout)[-500:]!r}"
        )
    counts: dict[str, Any] = json.loads(lines[-1])
    return counts


def _body_file(request: Request, scratch: Path, name: str) -> str:
    """A file with the request's body, the empty text without one."""
    if not request.body:
        return ""
    file = scratch / name
    file.write_bytes(request.body)
    return str(file)


def _seen(counts: dict[str, Any], shortest: int) -> Load:
    """What wrk or bulk counted. Raises LoadError if answers were shorter than expected."""
    requests = counts["requests"]
    if counts["bytes"] < requests * shortest:
        raise LoadError(
            f"expected at least {shortest} bytes in each of {requests} answers, "
            f"found {counts['bytes']} in all"
        )
    return Load(
        requests,
        counts["seconds"],
        counts["p50_us"],
        counts["p90_us"],
        counts["p99_us"],
        counts["max_us"],
        {name: count for name, count in counts["errors"].items() if count},
    )


def closed_loop(load: Closed, workload: Workload, port: int, seconds: int, scratch: Path) -> Load:
    """Loads with wrk. Raises LoadError if it fails or the answers were shorter than expected."""
    requests = (workload.request, *workload.in_turn)
    arguments = [wrk_path(), "-t", "1", "-c", str(load.connections), "-d", f"{seconds}s"]
    arguments += ["--timeout", _WRK_TIMEOUT, "-s", str(_SCRIPT)]
    for name, value in workload.request.headers.items():
        arguments += ["-H", f"{name}: {value}"]
    arguments += [f"http://127.0.0.1:{port}{workload.request.path}", "--"]
    for index, request in enumerate(requests):
        body = _body_file(request, scratch, f"body-{index}")
        arguments += [request.method, request.path, body, request.content_type]
    return _seen(_run(arguments, seconds), min(len(request.expected) for request in requests))


def transfer(load: Transfer, request: Request, port: int, seconds: int, scratch: Path) -> Load:
    """Loads with bulk. Raises LoadError as `closed_loop`."""
    arguments = [str(own_path("bulk")), "--url", f"http://127.0.0.1:{port}{request.path}"]
    arguments += ["--seconds", str(seconds), "--connections", str(load.connections)]
    if body := _body_file(request, scratch, "body"):
        arguments += ["--body", body, "--content-type", request.content_type]
    return _seen(_run(arguments, seconds), len(request.expected))


def open_loop(load: Open, request: Request, port: int, seconds: int) -> Load:
    """Loads with openloop; latencies count from the scheduled times."""
    arguments = [str(own_path("openloop")), "--url", f"http://127.0.0.1:{port}{request.path}"]
    arguments += ["--rate", str(load.rate), "--connections", str(load.connections)]
    counts = _run([*arguments, "--seconds", str(seconds)], seconds)
    latency = {name: value or 0.0 for name, value in counts["latency_us"].items()}
    return Load(
        counts["answered"],
        counts["seconds"],
        latency["p50"],
        latency["p90"],
        latency["p99"],
        latency["max"],
        {name: counts[name] for name in ("failed", "unanswered", "reconnects") if counts[name]},
        counts["send_lag_us"]["p99"],
    )
