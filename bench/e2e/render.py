"""Turns a result into Markdown: `python bench/e2e/render.py results/<date>-<commit>.json`.

Must never hold a number of its own: every figure comes out of the JSON. Called by `run.py` and
`readme.py` too.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import targets
from servers import FERROFUNC

if TYPE_CHECKING:
    from collections.abc import Sequence

LABELS = {
    "requests_per_second": "req/s",
    "mib_per_second": "MiB/s",
    "p50_us": "p50 µs",
    "p99_us": "p99 µs",
    "send_lag_p99_us": "send lag p99 µs",
    "cpu_us_per_request": "CPU µs/req",
    "cpu_us_per_mib": "CPU µs/MiB",
    "pss_mib": "PSS MiB",
    "server_cores": "server cores",
    "client_cores": "client cores",
    "foreign_cores": "foreign cores",
    "cpu_percent": "CPU %",
    "first_200_ms": "first 200 ms",
    "pss_start_mib": "PSS after start MiB",
    "pss_load_mib": "PSS after load MiB",
    "pss_peak_mib": "PSS peak MiB",
    "pss_growth_mib": "PSS growth MiB",
    "uss_start_mib": "USS after start MiB",
    "uss_load_mib": "USS after load MiB",
    "processes": "processes",
}
_RATES = ("requests_per_second", "mib_per_second")
_LOAD = ("p50_us", "p99_us", "cpu_us_per_request", "pss_mib", "server_cores", "client_cores")
_COLUMNS = {
    "closed": (*_RATES, *_LOAD, "foreign_cores"),
    "open": ("requests_per_second", *_LOAD, "send_lag_p99_us", "foreign_cores"),
    "transfer": (
        *("mib_per_second", "cpu_us_per_mib", "pss_start_mib", "pss_peak_mib", "pss_growth_mib"),
        *("server_cores", "client_cores", "foreign_cores"),
    ),
    "idle": ("cpu_percent", "processes", "foreign_cores"),
    "start": ("first_200_ms",),
    "memory": ("pss_start_mib", "pss_load_mib", "uss_start_mib", "uss_load_mib", "processes"),
}
_HEADLINE = (
    *("requests_per_second", "p50_us", "p99_us", "cpu_us_per_request"),
    *("mib_per_second", "cpu_us_per_mib", "pss_growth_mib"),
    *("cpu_percent", "first_200_ms", "pss_start_mib", "pss_load_mib"),
)
_RATIOS = {
    "closed": ("requests_per_second", "p99_us", "cpu_us_per_request"),
    "open": ("p50_us", "p99_us", "cpu_us_per_request"),
    "transfer": ("mib_per_second", "cpu_us_per_mib"),
    "idle": (),
    "start": ("first_200_ms",),
    "memory": ("pss_start_mib", "pss_load_mib"),
}


def number(value: float) -> str:
    """A figure with as many digits as mean something."""
    if isinstance(value, int):
        return str(value)
    if value >= 10_000:
        return f"{value / 1000:.1f}k"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(values: Sequence[float]) -> str:
    """`median (min-max)`, or the one value."""
    if not values:
        return "-"
    middle = number(median(values))
    if len(values) == 1:
        return middle
    return f"{middle} ({number(min(values))}–{number(max(values))})"  # noqa: RUF001


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table, and an empty one."""
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows), ""]


def headline(figures: dict[str, Any]) -> str:
    """One measurement in a few words, for the progress line."""
    if "failed" in figures:
        return f"FAILED: {figures['failed']['reason']}"
    parts = [f"{LABELS[name]} {number(figures[name])}" for name in _HEADLINE if name in figures]
    if figures.get("errors"):
        parts.append(f"ERRORS {_errors(figures['errors'])}")
    return ", ".join(parts)


def _errors(errors: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in errors.items())


def target_label(target: targets.Target) -> str:
    """What a target bounds, in words."""
    name = "" if target.of == FERROFUNC else f"{target.of}: "
    divisor = f" ÷ {target.divisor}" if target.divisor else ""
    return f"{name}{LABELS[target.metric]}{divisor}"


def _machine(result: dict[str, Any]) -> list[str]:
    machine, durations = result["machine"], result["durations"]
    rows = [(name, str(machine[name])) for name in ("date", "commit", "cpu", "cpus", "memory")]
    rows += [(name, str(machine[name])) for name in ("kernel", "load_average_before", "wrk")]
    for owner, versions in machine["versions"].items():
        found = ", ".join(f"{name} {version or 'missing'}" for name, version in versions.items())
        rows.append((f"versions ({owner})", found or "environment missing"))
    rows.append(("durations", ", ".join(f"{name} {value}" for name, value in durations.items())))
    lines = table(("measured", "with"), rows)
    if result["interrupted"]:
        lines += ["**Interrupted: the rounds below are not all there.**", ""]
    lines += table(("server", "what"), list(result["servers"].items()))
    return lines


def _targets(result: dict[str, Any]) -> list[str]:
    rows = []
    for reached in targets.reached(result):
        target = reached.target
        bound, sign = (
            (target.at_least, "≥") if target.at_least is not None else (target.at_most, "≤")
        )
        verdict = "reached" if reached.is_reached else "**not reached**"
        if reached.objection:
            verdict = f"no verdict: {reached.objection}"
        elif reached.is_noisy:
            verdict += " (other programs used the CPU: measure again)"
        figure = "-" if reached.value is None else number(reached.value)
        rows.append((target.workload, target_label(target), f"{sign} {bound:g}", figure, verdict))
    return ["## Targets", "", *table(("workload", "figure", "target", "found", "verdict"), rows)]


def _workload(workload: dict[str, Any]) -> list[str]:
    rounds, kind = workload["rounds"], workload["load"]["kind"]
    load = ", ".join(f"{name} {value}" for name, value in workload["load"].items())
    asked = f"`{workload['method']} {workload['path']}`"
    if workload["body_bytes"]:
        asked += f" with {workload['body_bytes']} bytes"
    asked += "".join(f", `{each}` in turn" for each in workload.get("in_turn", ()))
    settings = "".join(f"; {name}={value}" for name, value in workload["settings"].items())
    lines = [f"## {workload['name']}", "", workload["question"], ""]
    lines += [f"{asked}; {load}{settings}", ""]

    columns = [name for name in _COLUMNS[kind] if any(name in figures for figures in rounds)]
    header = ["server", *(LABELS[name] for name in columns)]
    header += [f"{FERROFUNC} ÷ it, {LABELS[name]}" for name in _RATIOS[kind]]
    rows = []
    for server in dict.fromkeys(figures["server"] for figures in rounds):
        has_failed = any("failed" in f for f in rounds if f["server"] == server)
        row = [f"{server} (failed)" if has_failed else server]
        row += [spread(targets.values(rounds, server, name)) for name in columns]
        for name in _RATIOS[kind]:
            ratios = [] if server == FERROFUNC else targets.ratios(rounds, name, server)
            row.append(spread(ratios))
        rows.append(row)
    lines += table(header, rows)
    for figures in rounds:
        lines += _remarks(figures)
    return lines


def _remarks(figures: dict[str, Any]) -> list[str]:
    """What a reader must know about one measurement before believing the table."""
    who = f"{figures['server']}, round {figures['round']}"
    lines = []
    if "failed" in figures:
        failure = figures["failed"]
        lines += [f"**{who} failed:** {failure['reason']}", ""]
        if failure["log_tail"]:
            lines += ["````text", failure["log_tail"].rstrip(), "````", ""]
    if figures.get("errors"):
        lines += [f"**{who} answered with errors:** {_errors(figures['errors'])}", ""]
    if targets.is_noisy(figures):
        lines += [f"{who}: other programs used {figures['foreign_cores']:.1f} cores.", ""]
    if figures.get("killed"):
        lines += [f"{who}: processes that had to be killed at the end: {figures['killed']}.", ""]
    return lines


def markdown(result: dict[str, Any]) -> str:
    """The whole report. Figures are medians over rounds, with minimum and maximum."""
    lines = ["# End-to-end benchmark", ""]
    lines += ["Medians over interleaved rounds (minimum to maximum); ratios are taken round by"]
    lines += ["round. How to read each table: `bench/README.md`.", ""]
    lines += _machine(result) + _targets(result)
    for workload in result["workloads"]:
        lines += _workload(workload)
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: render.py RESULT.json", file=sys.stderr)
        return 1
    print(markdown(json.loads(Path(arguments[0]).read_text())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
