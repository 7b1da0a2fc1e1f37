"""The zygote: a process that has imported what every worker needs, and forks into each of them.

Started by the host with the number of its end of a socket pair, and the app root.
Each message with descriptors asks for a worker; each answer names a process that began or ended.
It has no threads and no event loop, so that forking it is safe, and it never runs user code.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from ferrofunc.allocator import TUNING
from ferrofunc.worker import paths

_MESSAGE = 1 << 20
_DESCRIPTORS = 8


def main() -> int:
    """Serve the host until it closes the socket."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for name, value in TUNING.items():
        if os.environ.get(name) == value:
            del os.environ[name]
    # Imports make no garbage worth looking for, and looking takes a tenth of their time.
    gc.disable()
    paths.prepare(Path(sys.argv[2]), os.environ)
    from ferrofunc import _core
    from ferrofunc.worker import main as worker_main  # imports azure.functions

    _core.die_with_parent()
    del worker_main
    # What is here now lives as long as the process: no collector need touch, and so copy, it.
    gc.freeze()
    gc.enable()
    return Zygote(control).serve()


class Zygote:
    """Forks on demand and tells what became of its children."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._children: dict[int, int] = {}

    def serve(self) -> int:
        """Return when the host is gone; its workers are killed by the kernel then."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._control:
                    message, descriptors = self._receive()
                    if not message:
                        return 0
                    self._fork(json.loads(message), descriptors)
                else:
                    self._bury(key.fd, key.data)

    def _receive(self) -> tuple[bytes, list[int]]:
        """Return the next message of the host; an empty one when it is gone."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self._control, _MESSAGE, _DESCRIPTORS)
        except ConnectionResetError:
            # It left without reading the last words from here.
            return b"", []
        return message, descriptors

    def _fork(self, start: dict[str, object], descriptors: list[int]) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_worker(start, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        process = os.pidfd_open(pid)
        self._children[process] = pid
        self._selector.register(process, selectors.EVENT_READ, start["worker"])
        answer = json.dumps({"kind": "began", "worker": start["worker"], "pid": pid})
        # Without a host the socket says so next, and there is nobody to tell.
        with suppress(ConnectionError):
            socket.send_fds(self._control, [answer.encode()], [process])

    def _bury(self, process: int, worker: object) -> None:
        self._selector.unregister(process)
        os.close(process)
        pid = self._children.pop(process)
        _, status = os.waitpid(pid, 0)
        answer = {"kind": "ended", "worker": worker, "pid": pid, "status": status}
        with suppress(ConnectionError):
            self._control.send(json.dumps(answer).encode())

    def _become_worker(self, start: dict[str, object], descriptors: list[int]) -> NoReturn:
        from ferrofunc import _core
        from ferrofunc.worker import main as worker_main

        code = 1
        try:
            _core.die_with_parent()
            self._selector.close()
            self._control.close()
            for process in self._children:
                os.close(process)
            *seat, out, err = descriptors
            os.dup2(out, 1)
            os.dup2(err, 2)
            os.close(out)
            os.close(err)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.environ.update(start.pop("environment"))  # type: ignore[call-overload]
            worker_main.run(start, seat)  # type: ignore[arg-type]
            code = 0
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 1
        except BaseException:
            import traceback

            # The Link may be what failed: this goes to the descriptor, which the host reads.
            traceback.print_exc(file=sys.__stderr__)
        finally:
            _leave(code)


def _leave(code: int) -> NoReturn:
    """End a worker as a Python process ends, and without returning into the zygote's frames."""
    import atexit
    import logging

    try:
        atexit._run_exitfuncs()
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            if stream is not None and not stream.closed:
                stream.flush()
    finally:
        os._exit(code)
