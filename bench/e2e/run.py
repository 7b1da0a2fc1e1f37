"""Measures ferrofunc beside its peers: `python bench/e2e/run.py [--only hello,start] [--rounds 3]`.

Every workload runs its servers in interleaved rounds (A B C A B C ...), each time from a fresh
start, with checked answers before and after the measured stretch. Writes `<date>-<commit>.json`
and the `.md` rendered from it. Must never drop a server that failed: it is in the result, with the
end of its log.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import loads
import machine
import render
from kinds import Open, Transfer
from launch import BENCH, ServerError
from runner import Durations, Runner
from servers import SERVERS
from workloads import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kinds import Workload
    from servers import Server


def _plan(
    workloads: list[Workload], servers: list[str], rounds: int
) -> Iterator[tuple[Workload, int, Server]]:
    for workload in workloads:
        for number in range(1, min(rounds, workload.most_rounds or rounds) + 1):
            for name in workload.servers:
                if name in servers:
                    yield workload, number, SERVERS[name]


def _carry_out(options: argparse.Namespace, result: dict[str, Any]) -> None:
    """Fills `result` as it goes, so that an interrupted run keeps what it has."""
    plan = list(_plan(options.only, options.servers, options.rounds))
    entries: dict[str, dict[str, Any]] = {}
    failed: set[tuple[str, str]] = set()
    with tempfile.TemporaryDirectory(prefix="ferrofunc-bench-") as scratch:
        runner = Runner(_durations(options), options.ferrofunc, Path(scratch))
        started = time.monotonic()
        for done, (workload, number, server) in enumerate(plan, start=1):
            if workload.name not in entries:
                entries[workload.name] = _entry(workload)
                result["workloads"].append(entries[workload.name])
            # One failure answers for the workload: the next rounds would wait for the same.
            if (workload.name, server.name) in failed:
                continue
            place = f"{done}/{len(plan)}{_left(started, done - 1, len(plan))}"
            step = f"[{place}] {workload.name}, round {number}, {server.name}"
            _progress(f"{step} ...", is_final=False)
            figures: dict[str, Any] = {"round": number, "server": server.name}
            try:
                figures |= runner.measure(workload, server)
            except ServerError as error:
                failed.add((workload.name, server.name))
                figures["failed"] = {"reason": error.reason, "log_tail": error.log_tail}
            entries[workload.name]["rounds"].append(figures)
            _progress(f"{step}: {render.headline(figures)}", is_final=True)


def _entry(workload: Workload) -> dict[str, Any]:
    return {
        "name": workload.name,
        "question": workload.question,
        "load": {"kind": type(workload.load).__name__.lower(), **asdict(workload.load)},
        "method": workload.request.method,
        "path": workload.request.path,
        "in_turn": [f"{each.method} {each.path}" for each in workload.in_turn],
        "body_bytes": len(workload.request.body),
        "settings": workload.settings,
        "rounds": [],
    }


def _left(started: float, done: int, planned: int) -> str:
    """How long the rest takes if it is like what is done; nothing before there is any."""
    if not done:
        return ""
    seconds = (time.monotonic() - started) / done * (planned - done)
    return f", {seconds / 60:.0f} min left" if seconds >= 90 else f", {seconds:.0f} s left"


def _progress(line: str, *, is_final: bool) -> None:
    """One line that is overwritten on a terminal, one line per measurement elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="\n" if is_final else "", file=sys.stderr, flush=True)
    elif is_final:
        print(line, file=sys.stderr, flush=True)


def _write(result: dict[str, Any], directory: Path) -> Path:
    """Writes the JSON and the Markdown, beside an earlier result of the same day and commit."""
    directory.mkdir(parents=True, exist_ok=True)
    stem = f"{result['machine']['date'][:10]}-{result['machine']['commit']}"
    path = directory / f"{stem}.json"
    count = 1
    while path.exists():
        count += 1
        path = directory / f"{stem}-{count}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    path.with_suffix(".md").write_text(render.markdown(result))
    return path.with_suffix(".md")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure ferrofunc beside its peers.")

    def names(known: dict[str, Any]) -> Any:
        def split(text: str) -> list[str]:
            chosen = [name for name in text.split(",") if name]
            if unknown := [name for name in chosen if name not in known]:
                raise argparse.ArgumentTypeError(
                    f"expected some of {', '.join(known)}; found {', '.join(unknown)}"
                )
            return chosen

        return split

    def positive(text: str) -> int:
        if not text.isdecimal() or int(text) == 0:
            raise argparse.ArgumentTypeError(f"expected a whole number above 0, found {text!r}")
        return int(text)

    parser.add_argument("--rounds", type=positive, default=3)
    parser.add_argument("--seconds", type=positive, default=2, help="measured, a round")
    parser.add_argument("--warmup", type=positive, default=1, help="seconds of load before")
    parser.add_argument("--idle-seconds", type=positive, default=5)
    parser.add_argument(
        "--only", type=names(WORKLOADS), default=list(WORKLOADS), help=",".join(WORKLOADS)
    )
    parser.add_argument(
        "--servers", type=names(SERVERS), default=list(SERVERS), help=",".join(SERVERS)
    )
    parser.add_argument("--out", type=Path, default=BENCH / "results")
    parser.add_argument(
        "--ferrofunc",
        type=Path,
        default=BENCH.parent / ".venv" / "bin" / "ferrofunc",
        help="the ferrofunc command to measure (default: the project's .venv)",
    )
    options = parser.parse_args(arguments)
    options.only = [workload for name, workload in WORKLOADS.items() if name in options.only]
    options.ferrofunc = options.ferrofunc.absolute()
    return options


def _durations(options: argparse.Namespace) -> Durations:
    return Durations(options.rounds, options.seconds, options.warmup, options.idle_seconds)


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        loads.wrk_path()
        for kind, generator in ((Open, "openloop"), (Transfer, "bulk")):
            if any(isinstance(workload.load, kind) for workload in options.only):
                loads.own_path(generator)
    except loads.LoadError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, _interrupt)
    result: dict[str, Any] = {
        "machine": machine.describe(options.ferrofunc),
        "durations": asdict(_durations(options)),
        "servers": {name: SERVERS[name].about for name in options.servers},
        "interrupted": False,
        "workloads": [],
    }
    try:
        _carry_out(options, result)
    except KeyboardInterrupt:
        result["interrupted"] = True
    if any(workload["rounds"] for workload in result["workloads"]):
        print(_write(result, options.out))
    if result["interrupted"]:
        return 128 + signal.SIGINT
    rounds = [figures for workload in result["workloads"] for figures in workload["rounds"]]
    return 1 if any("failed" in figures for figures in rounds) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
