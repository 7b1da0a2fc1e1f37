"""What a process tree has used: CPU time and memory, read from the kernel.

The tree of a server is its root process, every descendant, and every process of its session (which
keeps those whose parent died). Must never count the load generator. Called by `runner.py`;
`launch.py` uses the tree to stop all of it.
"""

from __future__ import annotations

import os
import resource
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_MIB_IN_KIB = 1024
_SNAPSHOT_TRIES = 5
# Often enough to see the peaks of a transfer, seldom enough to take no CPU worth naming.
_WATCH_SECONDS = 0.1
# Linux's id for the CPU clock of another process (clock_getcpuclockid): ~pid << 3 | this.
_CPUCLOCK_SCHED = 2


@dataclass(frozen=True)
class _Stat:
    pid: int
    parent: int
    session: int
    state: str
    reaped_children_seconds: float


@dataclass(frozen=True)
class Memory:
    """Memory of a tree in MiB: `pss` shares out what is shared, `uss` is private alone."""

    pss: float
    uss: float
    processes: int


def _try_stat(pid: int) -> _Stat | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command name, in parentheses, may hold spaces and parentheses.
    fields = text.rpartition(")")[2].split()
    reaped = (int(fields[13]) + int(fields[14])) / _TICKS_PER_SECOND
    return _Stat(pid, int(fields[1]), int(fields[3]), fields[0], reaped)


def _tree(root: int) -> list[_Stat]:
    stats = [
        stat
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and (stat := _try_stat(int(entry.name)))
    ]
    children: dict[int, list[_Stat]] = {}
    for stat in stats:
        children.setdefault(stat.parent, []).append(stat)
    found = {stat.pid: stat for stat in stats if root in (stat.pid, stat.session)}
    unvisited = list(found)
    while unvisited:
        for child in children.get(unvisited.pop(), ()):
            if child.pid not in found:
                found[child.pid] = child
                unvisited.append(child.pid)
    return list(found.values())


def live_pids(root: int) -> list[int]:
    """The processes of the tree of `root` that still run (zombies do not)."""
    return [stat.pid for stat in _tree(root) if stat.state != "Z"]


def cpu_seconds(root: int) -> float:
    """CPU time of the whole tree so far: all threads, dead ones too, and reaped children.

    Raises RuntimeError if processes come and go faster than they can be read.
    """
    for _ in range(_SNAPSHOT_TRIES):
        total = 0.0
        try:
            for stat in _tree(root):
                clock = (~stat.pid << 3) | _CPUCLOCK_SCHED
                total += time.clock_gettime(clock) + stat.reaped_children_seconds
        except OSError:
            # It died after we listed it; its time is now its parent's. Read all anew.
            continue
        return total
    raise RuntimeError(
        f"expected the process tree of {root} to hold still for one reading, "
        f"found processes ending in {_SNAPSHOT_TRIES} of {_SNAPSHOT_TRIES}; is a worker crashing?"
    )


def memory(root: int) -> Memory:
    """Memory of the whole tree now."""
    return _memory(live_pids(root))


def _memory(pids: list[int]) -> Memory:
    pss = private = processes = 0
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            sizes = {}
            for line in rollup.splitlines()[1:]:
                name, _, rest = line.partition(":")
                sizes[name] = int(rest.split()[0])
            pss += sizes["Pss"]
            private += sizes["Private_Clean"] + sizes["Private_Dirty"]
            processes += 1
    return Memory(pss / _MIB_IN_KIB, private / _MIB_IN_KIB, processes)


class MemoryWatch:
    """The largest memory of a tree while this context is open, in MiB of PSS.

    The tree's processes are those at the start: none is expected to come.
    """

    def __init__(self, root: int) -> None:
        self._pids = live_pids(root)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.start = _memory(self._pids).pss
        self.peak = self.start

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        is_over = False
        while not is_over:
            is_over = self._is_over.wait(_WATCH_SECONDS)
            self.peak = max(self.peak, _memory(self._pids).pss)


def machine_busy_seconds() -> float:
    """CPU time that the whole machine has spent on anything, stolen time included."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _idle, _iowait, irq, softirq, steal = (int(field) for field in fields)
    return (user + nice + system + irq + softirq + steal) / _TICKS_PER_SECOND


def ended_children_seconds() -> float:
    """CPU time of our own ended children: the load generator, while the server still runs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@dataclass(frozen=True)
class Usage:
    """CPU of a stretch of time, in seconds and cores."""

    seconds: float
    server_cpu_seconds: float
    server_cores: float
    client_cores: float
    foreign_cores: float


class UsageMeter:
    """CPU of server, load generator and everything else from its making until `read`."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._start = self._now()

    def _now(self) -> tuple[float, float, float, float, float]:
        return (
            time.monotonic(),
            cpu_seconds(self._root),
            ended_children_seconds(),
            time.process_time(),
            machine_busy_seconds(),
        )

    def read(self) -> Usage:
        """What was used since this meter was made."""
        pairs = zip(self._start, self._now(), strict=True)
        seconds, server, client, harness, machine = (after - before for before, after in pairs)
        # The machine's counter has ticks of 10 ms: a small negative rest means none.
        foreign = max(0.0, machine - server - client - harness)
        return Usage(seconds, server, server / seconds, client / seconds, foreign / seconds)
