"""The processes below the host: one zygote, and the workers it forks.

Knows how to start, watch and end them, and nothing of what they do. Everything is noticed through
descriptors that the supervisor's loop watches; no call here waits, except `end`.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ferrofunc.settings import Settings

_MESSAGE = 1 << 16
_MODULE = "ferrofunc.worker.zygote"
_HINTS: dict[int, str] = {
    signal.SIGKILL: " (killed from outside, or by the system for want of memory)",
    signal.SIGSEGV: " (a crash in native code; its stack is above, if Python could tell)",
    signal.SIGABRT: " (native code gave up)",
}


class Zygote:
    """The running zygote.

    `control` is readable when a worker began or ended, or when the zygote itself has ended.
    """

    def __init__(self, settings: Settings) -> None:
        own, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        its.set_inheritable(True)
        python = settings.python_executable
        self.control = own
        self.pid = os.posix_spawn(
            python,
            [python, "-m", _MODULE, str(its.fileno()), settings.app_root],
            _environment(settings),
            # A session of its own: Ctrl-C at the terminal is the host's to handle.
            setsid=True,
        )
        its.close()

    def fork(self, start: Mapping[str, Any], descriptors: Sequence[int]) -> None:
        """Ask for a worker. `descriptors`: those of its seat, then its stdout and stderr.

        Raises:
            OSError: The zygote has ended.
        """
        socket.send_fds(self.control, [json.dumps(start).encode()], list(descriptors))

    def receive(self) -> tuple[dict[str, Any] | None, int | None]:
        """Return the next message and the process descriptor that came with it.

        (None, None) means that the zygote has ended.
        """
        try:
            message, descriptors, _, _ = socket.recv_fds(self.control, _MESSAGE, 1)
        except ConnectionResetError:
            return None, None
        if not message:
            return None, None
        return json.loads(message), descriptors[0] if descriptors else None

    def end(self) -> int:
        """End the zygote, and by its end all workers. Returns its wait status."""
        self.control.close()
        _, status = os.waitpid(self.pid, 0)
        return status


def _environment(settings: Settings) -> dict[str, str]:
    environment = dict(settings.environment)
    if settings.python_executable != sys.executable:
        # Another interpreter finds this package where this one has it.
        own = __file__.rpartition("/ferrofunc/")[0]
        paths = [p for p in (environment.get("PYTHONPATH"), own) if p]
        environment["PYTHONPATH"] = os.pathsep.join(paths)
    return environment


def kill(pid: int) -> None:
    """End a process at once; one that has ended already is as good."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def describe_end(status: int) -> tuple[int, str]:
    """Return the exit code as shells count it and what it means, from a wait status."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        try:
            name = signal.Signals(number).name
        except ValueError:
            name = f"signal {number}"
        return 128 + number, f"killed by {name}{_HINTS.get(number, '')}"
    code = os.WEXITSTATUS(status)
    return code, "it left by itself" if code else "it left without an error"
