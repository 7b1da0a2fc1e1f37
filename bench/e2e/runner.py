"""One measurement: start a server, put one workload to it, read what it took, stop it.

Must never report a figure whose answers were not checked before and after. Called by `run.py`.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

import loads
import measure
from kinds import Closed, Idle, Memory, Open, Start, Transfer
from launch import running

if TYPE_CHECKING:
    from pathlib import Path

    from kinds import Workload
    from launch import Running
    from servers import Server

# Imports finish and allocators settle before a server counts as idle.
_SETTLE_SECONDS = 1.0
_MIB = 1024 * 1024


@dataclass(frozen=True)
class Durations:
    """How many rounds, and how long each part of one takes in seconds."""

    rounds: int
    seconds: int
    warmup_seconds: int
    idle_seconds: int


def _check_all(workload: Workload, run: Running) -> None:
    """Raises ServerError unless every request of the workload gets its right answer now."""
    for request in workload.requests:
        run.check(request)


class Runner:
    """Carries out workloads; one method per kind of load."""

    def __init__(self, durations: Durations, ferrofunc: Path, scratch: Path) -> None:
        self._durations = durations
        self._ferrofunc = ferrofunc
        self._scratch = scratch

    def measure(self, workload: Workload, server: Server) -> dict[str, Any]:
        """One round of one server. Raises ServerError if it fails at any point of it."""
        load = workload.load
        if isinstance(load, Start):
            return self._start(workload, server, load)
        with running(server, workload, self._ferrofunc, self._scratch) as run:
            if isinstance(load, Idle):
                figures = self._idle(run)
            elif isinstance(load, Memory):
                figures = self._memory(workload, run, load)
            elif isinstance(load, Transfer):
                figures = self._transfer(workload, run, load)
            else:
                figures = self._load(workload, run, load)
            _check_all(workload, run)
        return {**figures, "killed": run.killed}

    def _send(
        self, workload: Workload, run: Running, load: Closed | Open | Transfer, seconds: int
    ) -> loads.Load:
        try:
            if isinstance(load, Open):
                return loads.open_loop(load, workload.request, run.port, seconds)
            if isinstance(load, Transfer):
                return loads.transfer(load, workload.request, run.port, seconds, self._scratch)
            return loads.closed_loop(load, workload, run.port, seconds, self._scratch)
        except loads.LoadError as error:
            code = run.process.poll()
            fate = "is still running" if code is None else f"exited with code {code}"
            raise run.error(f"{error} (the server {fate})") from error

    def _send_measured(
        self, workload: Workload, run: Running, load: Closed | Open | Transfer
    ) -> tuple[loads.Load, measure.Usage, dict[str, Any]]:
        """What the generator saw, what that took, and the figures that all loads have."""
        warmup = self._send(workload, run, load, self._durations.warmup_seconds)
        meter = measure.UsageMeter(run.pid)
        seen = self._send(workload, run, load, self._durations.seconds)
        usage = meter.read()
        if seen.requests == 0:
            raise run.error(f"expected answers, found none in {self._durations.seconds} s of load")
        figures = {
            "requests": seen.requests,
            "p50_us": seen.p50,
            "p90_us": seen.p90,
            "p99_us": seen.p99,
            "max_us": seen.longest,
            "server_cores": usage.server_cores,
            "client_cores": usage.client_cores,
            "foreign_cores": usage.foreign_cores,
            "errors": Counter(warmup.errors) + Counter(seen.errors),
        }
        return seen, usage, figures

    def _load(self, workload: Workload, run: Running, load: Closed | Open) -> dict[str, Any]:
        _check_all(workload, run)
        seen, usage, figures = self._send_measured(workload, run, load)
        rate = seen.requests / seen.seconds
        figures["requests_per_second"] = rate
        figures["cpu_us_per_request"] = usage.server_cpu_seconds * 1e6 / seen.requests
        figures["pss_mib"] = measure.memory(run.pid).pss
        if seen.send_lag_p99 is not None:
            figures["send_lag_p99_us"] = seen.send_lag_p99
        if len(workload.request.body) >= _MIB:
            figures["mib_per_second"] = rate * len(workload.request.body) / _MIB
        return figures

    def _transfer(self, workload: Workload, run: Running, load: Transfer) -> dict[str, Any]:
        time.sleep(_SETTLE_SECONDS)
        with measure.MemoryWatch(run.pid) as watch:
            _check_all(workload, run)
            seen, usage, figures = self._send_measured(workload, run, load)
        moved = seen.requests * load.bytes_each / _MIB
        return {
            **figures,
            "mib_per_second": moved / seen.seconds,
            "cpu_us_per_mib": usage.server_cpu_seconds * 1e6 / moved,
            "pss_start_mib": watch.start,
            "pss_peak_mib": watch.peak,
            "pss_growth_mib": watch.peak - watch.start,
        }

    def _idle(self, run: Running) -> dict[str, Any]:
        time.sleep(_SETTLE_SECONDS)
        meter = measure.UsageMeter(run.pid)
        time.sleep(self._durations.idle_seconds)
        usage = meter.read()
        return {
            "cpu_percent": usage.server_cores * 100,
            "foreign_cores": usage.foreign_cores,
            "processes": measure.memory(run.pid).processes,
        }

    def _start(self, workload: Workload, server: Server, load: Start) -> dict[str, Any]:
        samples = []
        killed = 0
        # The first start of a round warms the page cache and is not counted.
        for is_counted in (False, *[True] * load.times):
            with running(server, workload, self._ferrofunc, self._scratch) as run:
                if is_counted:
                    samples.append(run.first_200_seconds * 1e3)
            killed += run.killed
        return {"first_200_ms": median(samples), "samples_ms": samples, "killed": killed}

    def _memory(self, workload: Workload, run: Running, load: Memory) -> dict[str, Any]:
        time.sleep(_SETTLE_SECONDS)
        start = measure.memory(run.pid)
        seen = self._send(workload, run, Closed(load.connections), self._durations.seconds)
        after = measure.memory(run.pid)
        return {
            "pss_start_mib": start.pss,
            "uss_start_mib": start.uss,
            "pss_load_mib": after.pss,
            "uss_load_mib": after.uss,
            "processes": after.processes,
            "errors": seen.errors,
        }
