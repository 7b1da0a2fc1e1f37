"""Looks at processes through /proc: who is whose child, who is still there.

It only looks; it never signals. A process is known by its id together with its start time, because
ids are used again. Zombies count as gone: they hold nothing but their id, and who reaps them is
the business of their parent.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One line of /proc/<pid>/stat, as far as the tests care.

    Attributes:
        pid: its id.
        parent: the id of its parent.
        session: the session it belongs to.
        started: clock ticks between boot and its start.
    """

    pid: int
    parent: int
    session: int
    started: int


def running() -> dict[int, Process]:
    """Every process that is neither dead nor a zombie, by id."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            # It ended between the listing and the look.
            continue
        # The second field, the command in parentheses, may itself hold spaces and parentheses.
        fields = stat.rpartition(")")[2].split()
        if fields[0] not in "ZX":
            process = Process(int(entry.name), int(fields[1]), int(fields[3]), int(fields[19]))
            found[process.pid] = process
    return found


def children(pid: int) -> list[Process]:
    """The direct children of `pid`, oldest first."""
    found = [process for process in running().values() if process.parent == pid]
    return sorted(found, key=lambda process: (process.started, process.pid))


def family(pid: int) -> set[Process]:
    """Every descendant of `pid`, and every process of the session that `pid` leads.

    The session catches those whose parent died before them.
    """
    processes = running()
    found = {process for process in processes.values() if process.session == pid}
    generation = {pid}
    while generation:
        generation = {p.pid for p in processes.values() if p.parent in generation}
        found |= {processes[child] for child in generation}
    return {process for process in found if process.pid != pid}


def survivors(processes: set[Process]) -> set[Process]:
    """Those of `processes` that still run."""
    alive = running()
    return {p for p in processes if p.pid in alive and alive[p.pid].started == p.started}
