"""The host's main thread: owns the gateway and the workers, and keeps both in being.

One loop over descriptors: events of the gateway, words of the zygote, what workers write to their
pipes, signals, and the time of the next restart. It never touches a request, imports no user code,
and does nothing that takes long.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import time

from ferrofunc import errors
from ferrofunc._core import Gateway
from ferrofunc.host import admin, banner, notices, output, processes
from ferrofunc.host import functions as host_functions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ferrofunc._core import Row
    from ferrofunc.host.functions import Function
    from ferrofunc.settings import Settings

PATIENCE = 10.0
"""Seconds that running calls may take after the first Ctrl-C or SIGTERM."""
_GRACE = 2.0
"""Seconds that workers may take to leave after that."""
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STABLE = 10.0
"""A worker that served this many seconds starts the count of quick deaths anew."""

_LEVELS = {"Trace": 5, "Debug": 10, "Information": 20, "Warning": 30, "Error": 40, "Critical": 50}
_SILENT = 100


def run(settings: Settings, zygote: processes.Zygote) -> int:
    """Serve the app until told to stop. Returns the exit code.

    Args:
        settings: What the host was told.
        zygote: Started by the command line, ended here.

    Raises:
        PortTakenError: The port is in use.
        FerrofuncError: The host cannot start.
    """
    if not zygote.fits(settings):
        zygote.end()
        zygote = processes.start(settings)
    try:
        gateway = _listen(settings)
    except BaseException:
        zygote.end()
        raise
    supervisor = Supervisor(settings, gateway, zygote)
    try:
        return supervisor.serve()
    finally:
        supervisor.close()


def _listen(settings: Settings) -> Gateway:
    import errno

    try:
        return Gateway(
            address=settings.address,
            port=settings.port,
            body_limit=settings.body_size_limit,
            function_timeout=settings.function_timeout,
            system_level=None if (level := settings.log_levels.system) == "None" else level,
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise errors.PortTakenError(settings.port) from error
        raise errors.FerrofuncError(
            f"Cannot listen on {settings.address} port {settings.port}: "
            f"{os.strerror(error.errno or 0)}.",
            hint="Choose an address of this machine with --address, or another port with --port.",
        ) from error


def _number(level: str) -> int:
    return _LEVELS.get(level, _SILENT)


class Worker:
    """One worker process, from the request for it to its end."""

    def __init__(self, id: int) -> None:  # noqa: A002 - the gateway's word for it
        self.id = id
        self.pid: int | None = None
        self.served_since: float | None = None
        self.is_expected_to_end = False
        self.reason: str | None = None


class Supervisor:
    """The state of the running host."""

    def __init__(self, settings: Settings, gateway: Gateway, zygote: processes.Zygote) -> None:
        self._settings = settings
        self._gateway = gateway
        self._zygote: processes.Zygote | None = zygote
        self._selector = selectors.DefaultSelector()
        self._workers: dict[int, Worker] = {}
        self._restarts: list[float] = []
        self._quick_deaths = 0
        self._is_timeout_restart = False
        self._functions: tuple[Function, ...] = ()
        self._shape: list[tuple[Any, ...]] | None = None
        self._errors: list[str] = []
        self._state = "Starting"
        self._began = time.monotonic()
        self._is_stopping = False
        self._stopped = False
        self._deadline: float | None = None
        self._system = _number(settings.log_levels.system)
        self._exit_code = 0

    # --- the loop

    def serve(self) -> int:
        """Run until stopped."""
        self._watch_signals()
        self._selector.register(self._gateway.fileno(), selectors.EVENT_READ, self._on_gateway)
        self._watch_zygote()
        for _ in range(self._settings.process_count):
            self._start_worker()
        while not self._is_over():
            for key, _ in self._selector.select(self._pause()):
                key.data()
            self._restart_due()
        return self._exit_code

    def close(self) -> None:
        """Leave no process and no thread behind."""
        for worker in self._workers.values():
            if worker.pid is not None:
                processes.kill(worker.pid)
        if self._zygote is not None:
            self._zygote.end()
        self._gateway.close()

    def _is_over(self) -> bool:
        if not self._stopped:
            return False
        late = self._deadline is not None and time.monotonic() >= self._deadline
        return late or not any(worker.pid for worker in self._workers.values())

    def _pause(self) -> float | None:
        times = [*self._restarts, *([] if self._deadline is None else [self._deadline])]
        return max(0.0, min(times) - time.monotonic()) if times else None

    def say(self, level: str, text: str) -> None:
        """Log for the system: shown from the configured level on."""
        if _LEVELS[level] >= self._system:
            self._gateway.log(level, text)

    # --- signals

    def _watch_signals(self) -> None:
        own, its = socket.socketpair()
        own.setblocking(False)
        its.setblocking(False)
        self._signals = own, its
        signal.set_wakeup_fd(its.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        self._selector.register(own, selectors.EVENT_READ, self._on_signal)

    def _on_signal(self) -> None:
        numbers = self._signals[0].recv(64)
        if not any(number in (signal.SIGINT, signal.SIGTERM) for number in numbers):
            return
        if self._is_stopping:
            self._gateway.log("Warning", "Stopping at once; running calls are cut off.")
            self._stopped, self._deadline = True, time.monotonic()
            return
        self._stop()

    def _stop(self) -> None:
        self._is_stopping = True
        self._state = "Stopping"
        self._restarts.clear()
        self.say("Information", "Application is shutting down...")
        for worker in self._workers.values():
            worker.is_expected_to_end = True
        self._gateway.stop(PATIENCE)

    # --- workers

    def _start_worker(self) -> None:
        worker_id, seat = self._gateway.add_worker()
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        levels = self._settings.log_levels
        start = {
            "worker": worker_id,
            "app_root": self._settings.app_root,
            "user_level": _number(levels.least_user()),
            "system_level": _number(levels.system),
        }
        descriptors = [*seat, out_write, err_write]
        self._workers[worker_id] = Worker(worker_id)
        try:
            if self._zygote is None:
                self._zygote = processes.start(self._settings)
                self._watch_zygote()
            self._zygote.fork(start, self._settings, descriptors)
        except OSError as error:
            self._workers.pop(worker_id)
            self._plan_restart(f"A worker could not be started: {error}.")
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        for pipe, name in ((out_read, "stdout"), (err_read, "stderr")):
            output.Lines(pipe, name, self._gateway, self._selector)

    def _watch_zygote(self) -> None:
        if self._zygote is not None:
            self._selector.register(self._zygote.control, selectors.EVENT_READ, self._on_zygote)

    def _on_zygote(self) -> None:
        if self._zygote is None:
            return
        message, process = self._zygote.receive()
        if message is None:
            self._on_zygote_ended()
            return
        worker = self._workers.get(message["worker"])
        if message["kind"] == "began":
            if process is not None:
                self._gateway.attach(message["worker"], process)
                os.close(process)
            if worker is not None:
                worker.pid = message["pid"]
        elif worker is not None:
            del self._workers[worker.id]
            self._on_worker_ended(worker, message["status"])

    def _on_zygote_ended(self) -> None:
        if self._zygote is None:
            return
        self._selector.unregister(self._zygote.control)
        status = self._zygote.bury()
        self._zygote = None
        lost = [worker for worker in self._workers.values() if not worker.is_expected_to_end]
        self._workers.clear()
        if self._is_stopping:
            return
        code, meaning = processes.describe_end(status)
        self._gateway.log(
            "Error", f"The process that starts workers ended with code {code}: {meaning}."
        )
        if self._shape is None and self._quick_deaths >= 2:
            self._gateway.log("Critical", "It cannot start; see the messages above.")
            self._exit_code, self._stopped = 1, True
            return
        for worker in lost:
            self._count_death(worker)
            self._plan_restart(None)

    def _on_worker_ended(self, worker: Worker, status: int) -> None:
        code, meaning = processes.describe_end(status)
        if worker.is_expected_to_end:
            self.say("Debug", f"python exited with code {code} (0x{code:X})")
            return
        reason = worker.reason or meaning
        self._gateway.log("Error", f"python exited with code {code} (0x{code:X}): {reason}.")
        self._count_death(worker)
        self._plan_restart(None)

    def _count_death(self, worker: Worker) -> None:
        now = time.monotonic()
        served = 0.0 if worker.served_since is None else now - worker.served_since
        self._quick_deaths = 0 if served >= _STABLE else self._quick_deaths + 1

    def _plan_restart(self, reason: str | None) -> None:
        """Start a replacement: at once after the first death, later and later if they go on."""
        if self._is_stopping:
            return
        pause = 0.0
        if self._quick_deaths > 1:
            pause = min(_FIRST_PAUSE * 2 ** (self._quick_deaths - 2), _LONGEST_PAUSE)
        if reason is not None:
            pause = max(pause, _FIRST_PAUSE)
            self._gateway.log("Error", reason)
        if pause:
            self._gateway.log("Warning", f"Starting a new worker in {pause:g} seconds.")
        self._restarts.append(time.monotonic() + pause)

    def _restart_due(self) -> None:
        now = time.monotonic()
        due = [when for when in self._restarts if when <= now]
        self._restarts = [when for when in self._restarts if when > now]
        for _ in due:
            self._start_worker()

    # --- the gateway's events

    def _on_gateway(self) -> None:
        while (event := self._gateway.try_event()) is not None:
            getattr(self, f"_on_{event['kind']}")(event)

    def _on_ready(self, event: dict[str, Any]) -> None:
        worker = self._workers.get(event["worker"])
        if worker is None or self._is_stopping:
            return
        worker.served_since = time.monotonic()
        table = json.loads(event["table"])
        shape = [(row["name"], row["isAsync"], row["bindings"]) for row in table["functions"]]
        if shape == self._shape:
            self._gateway.activate(worker.id)
            if self._is_timeout_restart:
                self._is_timeout_restart = False
                self.say("Information", "Restart of language worker process(es) completed.")
            return
        is_first = self._shape is None
        self._shape = shape
        self._replace_others(worker)
        self._deploy(table, worker, is_first)

    def _replace_others(self, worker: Worker) -> None:
        """Let those that serve another table end: the app has changed between two imports."""
        for other in [w for w in self._workers.values() if w.served_since is not None]:
            if other is not worker:
                other.is_expected_to_end = True
                self._start_worker()

    def _deploy(self, table: dict[str, Any], worker: Worker, is_first: bool) -> None:
        settings = self._settings
        self._errors = []
        if table["error"] is not None:
            self._errors.append(table["error"])
            self._gateway.log(
                "Error",
                "Worker failed to index functions\n"
                f"Result: Failure\nException: {table['error']}\nStack: {table['errorStack']}",
            )
        self._functions = host_functions.build(table["functions"], settings)
        rows = [self._row(function) for function in self._functions]
        try:
            self._gateway.deploy(rows, [worker.id])
        except Exception as error:
            # One template that cannot be compiled stops the official host as well (http.md 3).
            self._gateway.log("Error", f"A host error has occurred during startup: {error}")
            self._state, self._exit_code = "Error", 1
            self._errors.append(str(error))
            self._stop()
            return
        self._state = "Running"
        for line in notices.mapping(self._functions, settings):
            self.say("Information", line)
        for line in notices.errors(self._functions):
            self._gateway.log("Error", line)
        for line in notices.warnings(self._functions):
            self._gateway.log("Warning", line)
        self._gateway.log("Information", "Worker process started and initialized.")
        if is_first:
            lines = banner.functions(self._functions, settings, is_coloured=output.is_coloured())
            self._gateway.print("\n".join(lines))
            self._gateway.log(
                "Information",
                f"Host lock lease acquired by instance ID '{settings.host_id:0>32}'.",
            )

    def _row(self, function: Function) -> Row:
        levels = self._settings.log_levels
        name = function.name
        is_closed = self._settings.is_auth_enabled and function.auth_level != "anonymous"

        def shown(category: str) -> str | None:
            level = levels.level_of(category, is_user=True)
            return None if level == "None" else level

        return {
            "row": function.index,
            "name": name,
            "template": function.template if function.is_routed else None,
            "methods": function.methods,
            "is_async": function.is_async,
            "failure": function.failure,
            "refusal": 401 if is_closed else None,
            "host_level": shown(f"Function.{name}"),
            "user_level": shown(f"Function.{name}.User"),
        }

    def _on_gone(self, event: dict[str, Any]) -> None:
        if event["in_flight"]:
            self._gateway.log(
                "Error",
                f"{event['in_flight']} running call(s) ended with their worker and were answered "
                "500.",
            )

    def _on_corrupt(self, event: dict[str, Any]) -> None:
        worker = self._workers.get(event["worker"])
        self._gateway.log(
            "Error", f"A worker can no longer be trusted and is ended: {event['reason']}."
        )
        if worker is not None and worker.pid is not None:
            processes.kill(worker.pid)

    def _on_timed_out(self, event: dict[str, Any]) -> None:
        worker = self._workers.get(event["worker"])
        self._gateway.log(
            "Warning",
            "A function timeout has occurred. Restarting worker process executing invocationId "
            f"'{event['id']}'.",
        )
        if worker is not None and worker.pid is not None:
            worker.reason = "ended by the host because a function ran too long"
            self._is_timeout_restart = True
            processes.kill(worker.pid)

    def _on_admin(self, event: dict[str, Any]) -> None:
        host = next((v for name, v in event["headers"] if name.lower() == "host"), None)
        view = admin.HostView(
            settings=self._settings,
            functions=self._functions,
            state=self._state,
            base_url=self._settings.base_url if host is None else f"http://{host}",
            uptime_ms=int((time.monotonic() - self._began) * 1000),
            errors=self._errors,
        )
        answer = admin.respond(event["method"], event["path"], view)
        self._gateway.answer(event["key"], answer.status, list(answer.headers), answer.body)

    def _on_stopped(self, event: dict[str, Any]) -> None:
        if event["unfinished"]:
            self._gateway.log(
                "Warning", f"{event['unfinished']} running call(s) did not end in time."
            )
        self._stopped = True
        self._deadline = time.monotonic() + _GRACE

    def _on_failed(self, event: dict[str, Any]) -> None:
        self._gateway.log("Critical", f"The gateway has failed: {event['reason']}.")
        self._stopped, self._deadline, self._exit_code = True, time.monotonic(), 1
