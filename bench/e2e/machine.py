"""Where and with what a result was measured: date, commit, CPU, kernel, versions.

Must never hold a path or a host name of the machine: results are published. Called by `run.py`.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from launch import BENCH

_SHARED_PACKAGES = ("uvloop", "azure-functions", "fastapi", "pydantic")
_PEER_PACKAGES = ("uvicorn", "httptools", "granian", "socketify", *_SHARED_PACKAGES)
_OWN_PACKAGES = ("ferrofunc", *_SHARED_PACKAGES)
_READ_VERSIONS = """
import importlib.metadata, json, platform, sys
found = {"python": platform.python_version()}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        found[name] = None
print(json.dumps(found))
"""


def _output(*arguments: str) -> str:
    """What a command prints, empty if it cannot be run."""
    try:
        finished = subprocess.run(arguments, capture_output=True, text=True, cwd=BENCH)
    except OSError:
        return ""
    return finished.stdout.strip()


def _field(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


def _versions(python: Path, packages: tuple[str, ...]) -> dict[str, str | None]:
    printed = _output(str(python), "-c", _READ_VERSIONS, *packages)
    versions: dict[str, str | None] = json.loads(printed) if printed else {}
    return versions


def commit() -> str:
    """The short commit, with `-dirty` if the work tree differs from it."""
    short = _output("git", "rev-parse", "--short", "HEAD")
    if not short:
        return "uncommitted"
    is_dirty = bool(_output("git", "status", "--porcelain", "--untracked-files=no"))
    return f"{short}-dirty" if is_dirty else short


def describe(ferrofunc: Path) -> dict[str, Any]:
    """All of it, as it goes into the result."""
    wrk = _output("wrk", "-v").split("\n", 1)[0].split(" Copyright")[0]
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "commit": commit(),
        "cpu": _field("/proc/cpuinfo", "model name"),
        "cpus": len(os.sched_getaffinity(0)),
        "memory": _field("/proc/meminfo", "MemTotal"),
        "kernel": platform.release(),
        "load_average_before": os.getloadavg()[0],
        "wrk": wrk,
        "versions": {
            "ferrofunc": _versions(ferrofunc.parent / "python", _OWN_PACKAGES),
            "peers": _versions(BENCH / ".peers" / "bin" / "python", _PEER_PACKAGES),
        },
    }
