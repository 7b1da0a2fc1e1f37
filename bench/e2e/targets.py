"""What ferrofunc is to reach, as data; and whether a result reaches it.

A target bounds a figure of ferrofunc, or the ratio of that figure to a peer's, to that of ferrofunc
in another form, or to its own in another workload, taken round by round. Must never call a figure
reached that was not measured, or that came with errors. Called by `render.py` and `readme.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from servers import FERROFUNC, GUARDED, ROUTES_500

if TYPE_CHECKING:
    from collections.abc import Sequence

Round = dict[str, Any]

# Above this many cores of other programs a round says little.
_NOISY_CORES = 0.5


@dataclass(frozen=True)
class Target:
    """A bound on `metric` of the server `of` in `workload`, or on its ratio to another figure: that
    of `beside` in the same workload, or its own in `beside_workload`.
    """

    workload: str
    metric: str
    at_least: float | None = None
    at_most: float | None = None
    beside: str | None = None
    of: str = FERROFUNC
    beside_workload: str | None = None

    @property
    def divisor(self) -> str | None:
        """The name of what the figure is divided by."""
        return self.beside or self.beside_workload

    @property
    def parties(self) -> tuple[tuple[str, str], ...]:
        """The workloads and servers that the target needs."""
        ours = (self.workload, self.of)
        if self.beside:
            return ours, (self.workload, self.beside)
        return (ours, (self.beside_workload, self.of)) if self.beside_workload else (ours,)

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
    Target("hello", "requests_per_second", at_least=2.6, beside="uvicorn"),
    Target("hello", "requests_per_second", at_least=1.9, beside="socketify"),
    Target("hello", "cpu_us_per_request", at_most=10.5),
    Target("hello_async", "requests_per_second", at_least=1.8, beside="uvicorn"),
    Target("hello_async", "cpu_us_per_request", at_most=1.12, beside_workload="hello"),
    Target("hello_library", "requests_per_second", at_least=2.0, beside="uvicorn"),
    Target("hello_library", "requests_per_second", at_least=1.5, beside="socketify"),
    Target("hello_library", "cpu_us_per_request", at_most=12.5),
    Target("hello_guarded", "cpu_us_per_request", at_most=1.03, beside=FERROFUNC, of=GUARDED),
    # The same, within what two runs of one server differ.
    Target("routes_500", "cpu_us_per_request", at_most=1.05, beside=FERROFUNC, of=ROUTES_500),
    Target("one_connection", "p50_us", at_most=125),
    Target("open_10k", "p99_us", at_most=1.0, beside="uvicorn"),
    Target("fastapi", "requests_per_second", at_least=1.15, beside="uvicorn"),
    Target("stream_out_64m", "mib_per_second", at_least=1.0, beside="uvicorn"),
    Target("stream_out_64m", "pss_growth_mib", at_most=10),
    Target("stream_in_64m", "mib_per_second", at_least=1.1, beside="uvicorn"),
    Target("stream_in_64m", "pss_growth_mib", at_most=10),
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
    return list(_by_round(rounds, server, metric).values())


def ratios(rounds: Sequence[Round], metric: str, beside: str, of: str = FERROFUNC) -> list[float]:
    """The figure of `of` over that of `beside`, for each round that has both."""
    return _quotients(_by_round(rounds, of, metric), _by_round(rounds, beside, metric))


def _by_round(rounds: Sequence[Round], server: str, metric: str) -> dict[int, float]:
    return {r["round"]: r[metric] for r in rounds if r["server"] == server and metric in r}


def _quotients(ours: dict[int, float], theirs: dict[int, float]) -> list[float]:
    return [ours[number] / theirs[number] for number in sorted(ours) if theirs.get(number)]


def _objection(workloads: dict[str, Sequence[Round]], target: Target) -> str:
    for workload, server in target.parties:
        name = server if workload == target.workload else f"{server} in {workload}"
        of_server = [r for r in workloads.get(workload, ()) if r["server"] == server]
        if not of_server:
            return f"{name} not measured"
        if any("failed" in r for r in of_server):
            return f"{name} failed"
        if any(r.get("errors") for r in of_server):
            return f"{name} answered with errors"
    return ""


def reached(result: dict[str, Any]) -> list[Reached]:
    """Every target with the figure that `result` holds for it."""
    workloads = {workload["name"]: workload["rounds"] for workload in result["workloads"]}
    outcome = []
    for target in TARGETS:
        of_parties = [
            _by_round(workloads.get(workload, ()), server, target.metric)
            for workload, server in target.parties
        ]
        figures = _quotients(*of_parties) if target.divisor else list(of_parties[0].values())
        value = median(figures) if figures else None
        noisy = any(
            is_noisy(r)
            for workload, server in target.parties
            for r in workloads.get(workload, ())
            if r["server"] == server
        )
        outcome.append(Reached(target, value, _objection(workloads, target), noisy))
    return outcome
