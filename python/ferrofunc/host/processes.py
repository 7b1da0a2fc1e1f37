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

from ferrofunc.allocator import TUNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ferrofunc.settings import Settings

_MESSAGE = 1 << 16
# Not `-m`: that puts the current directory first on the path, and with it whatever lies there
# under the name of a standard module.
_PROGRAM = (
    "import sys; sys.path[:1] = [p for p in sys.path[:1] if p]; "
    "from ferrofunc.worker.zygote import main; sys.exit(main())"
)
_HINTS: dict[int, str] = {
    signal.SIGKILL: " (killed from outside, or by the system for want of memory)",
    signal.SIGSEGV: " (a crash in native code; its stack is above, if Python could tell)",
    signal.SIGABRT: " (native code gave up)",
}


class Zygote:
    """The running zygote.

    It is started before the settings are read, because what it imports takes longer than all the
    rest of a start; `fork` brings the environment that they make. `control` is readable when a
    worker began or ended, or when the zygote itself has ended.

    Args:
        python: The interpreter to run.
        app_root: The project root.
        environment: The variables it starts with.
    """

    def __init__(self, python: str, app_root: str, environment: Mapping[str, str]) -> None:
        own, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        its.set_inheritable(True)
        self.control = own
        self._python = python
        self._app_root = app_root
        self._environment = dict(environment)
        self.pid = os.posix_spawn(
            python,
            [python, "-c", _PROGRAM, str(its.fileno()), app_root],
            {**TUNING, **_reach_package(python, self._environment)},
            # A session of its own: Ctrl-C at the terminal is the host's to handle.
            setsid=True,
        )
        its.close()

    def fits(self, settings: Settings) -> bool:
        """Tell whether its workers can be what `settings` ask for.

        They cannot be another interpreter, nor have another value of a variable that the
        interpreter or the dynamic linker reads when a process starts.
        """
        return (self._python, self._app_root) == (
            settings.python_executable,
            settings.app_root,
        ) and not any(_is_read_at_start(name) for name in self._changes(settings))

    def _changes(self, settings: Settings) -> dict[str, str]:
        own = self._environment
        return {n: v for n, v in settings.environment.items() if own.get(n) != v}

    def fork(
        self, start: Mapping[str, Any], settings: Settings, descriptors: Sequence[int]
    ) -> None:
        """Ask for a worker. `descriptors`: those of its seat, then its stdout and stderr.

        Raises:
            OSError: The zygote has ended.
        """
        message = json.dumps({**start, "environment": self._changes(settings)})
        socket.send_fds(self.control, [message.encode()], list(descriptors))

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

    def end(self) -> None:
        """End the zygote at once, and by its end all workers."""
        kill(self.pid)
        self.bury()

    def bury(self) -> int:
        """Wait for the end of a zygote that is ending, and return its wait status."""
        self.control.close()
        _, status = os.waitpid(self.pid, 0)
        return status


def start(settings: Settings) -> Zygote:
    """Start a zygote for what `settings` say."""
    return Zygote(settings.python_executable, settings.app_root, settings.environment)


def _reach_package(python: str, environment: dict[str, str]) -> dict[str, str]:
    if python == sys.executable:
        return environment
    # Another interpreter finds this package where this one has it.
    own = __file__.rpartition("/ferrofunc/")[0]
    paths = [p for p in (environment.get("PYTHONPATH"), own) if p]
    return {**environment, "PYTHONPATH": os.pathsep.join(paths)}


def _is_read_at_start(name: str) -> bool:
    # PYTHONPATH and the like; PYTHON_ENABLE_… and its kin are the worker's own settings.
    interpreter = name.startswith("PYTHON") and not name.startswith("PYTHON_")
    return interpreter or name.startswith(("LD_", "MALLOC_", "GLIBC_")) or name == "TZ"


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
