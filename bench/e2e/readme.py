"""Puts the newest result's summary into README.md: `python bench/e2e/readme.py [RESULT.json]`.

Between the two markers stands what this writes, and nothing typed by hand. Newest is the latest
date among the results in `bench/results` that ran to their end and measured `hello`. Must never
choose the best of several, nor leave out a server that failed or a target that was missed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import render
import targets
from launch import BENCH
from servers import FERROFUNC, SERVERS, is_own

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGIN, END = "<!-- speed:begin -->", "<!-- speed:end -->"
_README = BENCH.parent / "README.md"
_MAIN = "hello"
_MAIN_COLUMNS = ("requests_per_second", "p50_us", "p99_us", "cpu_us_per_request")
# The figures by which a kind of load is compared.
_FIGURES = {
    "closed": ("requests_per_second",),
    "open": ("p99_us",),
    "transfer": ("mib_per_second", "pss_peak_mib"),
    "idle": ("cpu_percent",),
    "start": ("first_200_ms",),
    "memory": ("pss_load_mib",),
}
# The one by which ferrofunc is compared with itself in another form.
_OWN_FIGURE = "cpu_us_per_request"


class SummaryError(Exception):
    """No result to show, or no place for it."""


def newest(directory: Path) -> Path:
    """The newest such result in `directory`. Raises SummaryError if there is none."""
    dated = []
    for path in directory.glob("*.json"):
        result = json.loads(path.read_text())
        names = [workload["name"] for workload in result["workloads"]]
        if _MAIN in names and not result["interrupted"]:
            dated.append((result["machine"]["date"], path))
    if not dated:
        raise SummaryError(
            f"expected a result with {_MAIN} in {directory.name}, found none; run `make bench`"
        )
    return max(dated)[1]


def summary(result: dict[str, Any], source: str) -> str:
    """The Markdown for `result`, whose file has the name `source` without its ending."""
    return "\n".join(
        [
            *_conditions(result, source),
            *_main(result),
            *_others(result),
            *_own(result),
            *_remarks(result),
        ]
    )


def _conditions(result: dict[str, Any], source: str) -> Iterator[str]:
    machine, durations = result["machine"], result["durations"]
    yield (
        f"Measured on {machine['date'][:10]} at commit {machine['commit']}: {machine['cpu']}, "
        f"{machine['cpus']} CPUs shared with the load generator. Medians (minimum to maximum) over "
        f"{durations['rounds']} rounds of {durations['seconds']} s; ratios are taken round by "
        f"round. All of it: [{source}](bench/results/{source}.md)."
    )
    yield ""


def _main(result: dict[str, Any]) -> list[str]:
    workload = next((w for w in result["workloads"] if w["name"] == _MAIN), None)
    if workload is None:
        raise SummaryError(f"expected a result with {_MAIN}, found none in it")
    rounds = workload["rounds"]
    labels = [render.LABELS[name] for name in _MAIN_COLUMNS]
    rows = []
    for server in dict.fromkeys(figures["server"] for figures in rounds):
        figures = [render.spread(targets.values(rounds, server, name)) for name in _MAIN_COLUMNS]
        rows.append([server, *figures, _ratio(rounds, "requests_per_second", server)])
    header = [f"`{_MAIN}`", *labels, f"{FERROFUNC} ÷ it, req/s"]
    return [workload["question"], "", *render.table(header, rows)]


def _others(result: dict[str, Any]) -> list[str]:
    others = [w for w in result["workloads"] if w["name"] != _MAIN and _peers(w)]
    if not others:
        return []
    measured = {peer for workload in others for peer in _peers(workload)}
    peers = [name for name in SERVERS if name in measured]
    rows = []
    for workload in others:
        rounds = workload["rounds"]
        for name in _FIGURES[workload["load"]["kind"]]:
            ours = render.spread(targets.values(rounds, FERROFUNC, name))
            ratios = [_ratio(rounds, name, peer) for peer in peers]
            rows.append([f"`{workload['name']}`", render.LABELS[name], ours, *ratios])
    header = ["workload", "figure", FERROFUNC, *(f"÷ {peer}" for peer in peers)]
    title = "The other workloads, and ferrofunc's figure over each peer's:"
    return [title, "", *render.table(header, rows)]


def _peers(workload: dict[str, Any]) -> set[str]:
    return {figures["server"] for figures in workload["rounds"] if not is_own(figures["server"])}


def _own(result: dict[str, Any]) -> list[str]:
    """ferrofunc beside itself in another form."""
    rows = []
    for workload in result["workloads"]:
        rounds = workload["rounds"]
        for form in dict.fromkeys(figures["server"] for figures in rounds):
            if form != FERROFUNC and is_own(form):
                plain, formed = (targets.values(rounds, s, _OWN_FIGURE) for s in (FERROFUNC, form))
                ratio = targets.ratios(rounds, _OWN_FIGURE, FERROFUNC, of=form)
                spreads = [render.spread(figures) for figures in (plain, formed, ratio)]
                rows.append([f"`{workload['name']}`", workload["question"], *spreads])
    if not rows:
        return []
    header = ["workload", "question", "without", "with", "with ÷ without"]
    return [f"What costs extra, in {render.LABELS[_OWN_FIGURE]}:", "", *render.table(header, rows)]


def _ratio(rounds: list[dict[str, Any]], name: str, peer: str) -> str:
    return render.spread([] if peer == FERROFUNC else targets.ratios(rounds, name, peer))


def _remarks(result: dict[str, Any]) -> Iterator[str]:
    reached = targets.reached(result)
    missed = [r for r in reached if not r.is_reached]
    yield f"Targets reached: {len(reached) - len(missed)} of {len(reached)}."
    for each in missed:
        target = each.target
        label = render.target_label(target)
        found = "nothing" if each.value is None else render.number(each.value)
        reason = f"; {each.objection}" if each.objection else ""
        yield f"- `{target.workload}`, {label}: found {found}, expected {_bound(target)}{reason}."
    rounds = [(w["name"], figures) for w in result["workloads"] for figures in w["rounds"]]
    for name, figures in rounds:
        if "failed" in figures:
            yield f"- `{name}`, {figures['server']}, round {figures['round']}: failed."
    noisy = sum(targets.is_noisy(figures) for _, figures in rounds)
    if noisy:
        yield (
            f"- In {noisy} of {len(rounds)} measurements other programs used the CPU as well; the "
            "full report names them."
        )


def _bound(target: targets.Target) -> str:
    if target.at_least is not None:
        return f"at least {target.at_least:g}"
    return f"at most {target.at_most:g}"


def insert(readme: str, text: str) -> str:
    """`readme` with `text` between the markers. Raises SummaryError if they are not there once."""
    if readme.count(BEGIN) != 1 or readme.count(END) != 1:
        raise SummaryError(f"expected {BEGIN} and {END} once each in the README")
    head, _, rest = readme.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{text}\n{END}{tail}"


def main(arguments: list[str]) -> int:
    if len(arguments) > 1:
        print("usage: readme.py [RESULT.json]", file=sys.stderr)
        return 1
    try:
        path = Path(arguments[0]) if arguments else newest(BENCH / "results")
        text = summary(json.loads(path.read_text()), path.stem)
        _README.write_text(insert(_README.read_text(), text))
    except SummaryError as error:
        print(f"readme.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
