"""What ferrofunc is to reach, as data; and whether a result reaches it.

A target either bounds a figure of ferrofunc or the ratio of that figure to a peer's, taken round by
round. Must never call a figure reached that was not measured, or that came with errors.
Called by `render.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from servers import FERROFUNC

if TYPE_CHECKING:
    from collections.abc import Sequence

Round = dict[str, Any]

# Above this many cores of other programs a round says little.
_NOISY_CORES = 0.5


@dataclass(frozen=True)
class Target:
    """A bound on `metric` of ferrofunc in `workload`, or on its ratio to that of `beside`."""

    workload: str
    metric: str
    at_least: float | None = None
    at_most: float | None = None
    beside: str | None = None

    def is_met_by(self, value: float) -> bool:
        """Whether `value` lies within the bound."""
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )


@dataclass(frozen=True)
class Reached:
    """The figure for a target, and what stands against believing it (empty if nothing)."""

    target: Target
    value: float | None
    objection: str
    is_noisy: bool

    @property
    def is_reached(self) -> bool:
        """Whether the target is met, with nothing against it."""
        return self.value is not None and not self.objection and self.target.is_met_by(self.value)


TARGETS = (
    Target("hello", "requests_per_second", at_least=2.0, beside="uvicorn"),
    Target("hello", "requests_per_second", at_least=1.5, beside="socketify"),
    Target("hello", "cpu_us_per_request", at_most=12.5),
    Target("hello_async", "requests_per_second", at_least=1.8, beside="uvicorn"),
    Target("one_connection", "p50_us", at_most=125),
    Target("open_10k", "p99_us", at_most=1.0, beside="uvicorn"),
    Target("sleep_sync", "requests_per_second", at_least=1.1, beside="granian-wsgi"),
    Target("sleep_async", "requests_per_second", at_least=1.0, beside="granian-rsgi"),
    Target("echo_1m", "requests_per_second", at_least=1.15, beside="uvicorn"),
    Target("echo_1m", "cpu_us_per_request", at_most=0.7, beside="uvicorn"),
    Target("echo_16m", "requests_per_second", at_least=1.15, beside="uvicorn"),
    Target("echo_16m", "cpu_us_per_request", at_most=0.7, beside="uvicorn"),
    # 0 % to one decimal.
    Target("idle", "cpu_percent", at_most=0.05),
    Target("start", "first_200_ms", at_most=250),
    Target("memory", "pss_start_mib", at_most=55),
    Target("memory", "pss_load_mib", at_most=55),
)


def is_noisy(figures: Round) -> bool:
    """Whether other programs used so much CPU that the round says little."""
    return bool(figures.get("foreign_cores", 0.0) > _NOISY_CORES)


def values(rounds: Sequence[Round], server: str, metric: str) -> list[float]:
    """The figure of `server` in each round that has one."""
    return [r[metric] for r in rounds if r["server"] == server and metric in r]


def ratios(rounds: Sequence[Round], metric: str, beside: str) -> list[float]:
    """ferrofunc's figure over that of `beside`, for each round that has both."""
    ours, theirs = (
        {r["round"]: r[metric] for r in rounds if r["server"] == server and metric in r}
        for server in (FERROFUNC, beside)
    )
    return [ours[number] / theirs[number] for number in sorted(ours) if theirs.get(number)]


def _objection(rounds: Sequence[Round], target: Target) -> str:
    servers = (FERROFUNC, target.beside) if target.beside else (FERROFUNC,)
    for server in servers:
        of_server = [r for r in rounds if r["server"] == server]
        if not of_server:
            return f"{server} not measured"
        if any("failed" in r for r in of_server):
            return f"{server} failed"
        if any(r.get("errors") for r in of_server):
            return f"{server} answered with errors"
    return ""


def reached(result: dict[str, Any]) -> list[Reached]:
    """Every target with the figure that `result` holds for it."""
    by_name = {workload["name"]: workload["rounds"] for workload in result["workloads"]}
    outcome = []
    for target in TARGETS:
        rounds = by_name.get(target.workload, [])
        if target.beside:
            figures = ratios(rounds, target.metric, target.beside)
        else:
            figures = values(rounds, FERROFUNC, target.metric)
        value = median(figures) if figures else None
        parties = (FERROFUNC, target.beside)
        noisy = any(is_noisy(r) for r in rounds if r["server"] in parties)
        outcome.append(Reached(target, value, _objection(rounds, target), noisy))
    return outcome
