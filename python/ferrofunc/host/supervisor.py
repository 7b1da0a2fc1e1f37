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

from ferrofunc import errors, project
from ferrofunc._core import Gateway
from ferrofunc.host import banner, certificate, notices, output, processes
from ferrofunc.host import functions as host_functions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ferrofunc._core import Certificate, Row, Rules
    from ferrofunc.host.admin.call import HostView
    from ferrofunc.host.admin.desk import Desk
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
        CertificateError: The server certificate cannot be used.
        PortTakenError: The port is in use.
        FerrofuncError: The host cannot start.
    """
    if not zygote.fits(settings):
        zygote.end()
        zygote = processes.start(settings)
    try:
        own = certificate.load(settings)
        gateway = _listen(settings, own)
        certificate.introduce(own, gateway)
    except BaseException:
        zygote.end()
        raise
    supervisor = Supervisor(settings, gateway, zygote)
    try:
        return supervisor.serve()
    finally:
        supervisor.close()


def _listen(settings: Settings, own: Certificate | None) -> Gateway:
    import errno

    try:
        return Gateway(
            address=settings.address,
            port=settings.port,
            certificate=own,
            body_limit=settings.body_size_limit,
            function_timeout=settings.function_timeout,
            system_level=None if (level := settings.log_levels.system) == "None" else level,
            rules=_rules(settings),
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise errors.PortTakenError(settings.port) from error
        raise errors.FerrofuncError(
            f"Cannot listen on {settings.address} port {settings.port}: "
            f"{os.strerror(error.errno or 0)}.",
            hint="Choose an address of this machine with --address, or another port with --port.",
        ) from error


def _rules(settings: Settings) -> Rules:
    rules = settings.http_rules
    return {
        "cors_origins": rules.cors_origins,
        "has_cors_credentials": rules.has_cors_credentials,
        "custom_headers": rules.custom_headers,
        "hsts": rules.hsts,
        "hsts_excluded_hosts": rules.hsts_excluded_hosts,
        "max_concurrent": rules.max_concurrent,
        "max_outstanding": rules.max_outstanding,
        "is_auth_enabled": settings.is_auth_enabled,
    }


def _number(level: str) -> int:
    return _LEVELS.get(level, _SILENT)


class Worker:
    """One worker process, from the request for it to its end.

    `generation` counts how often the app was loaded anew before it was started.
    """

    def __init__(self, id: int, generation: int) -> None:  # noqa: A002 - the gateway's word for it
        self.id = id
        self.generation = generation
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
        self._functions: tuple[Function, ...] = ()
        self._shape: list[tuple[Any, ...]] | None = None
        self._errors: list[str] = []
        self._state = "Starting"
        self._is_offline = False
        self._generation = 0
        # The generation whose table is in force; the one before is replaced by its first worker.
        self._served_generation = 0
        self._own_desk: Desk | None = None
        self._timed_out = 0
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
        self._gateway.watch(self._settings.app_root)
        self.look_offline()
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

    # --- offline

    @property
    def state(self) -> str:
        """The host's state, in the official words (http.md 11)."""
        return "Offline" if self._is_offline else self._state

    def look_offline(self) -> None:
        """Answer every request with app_offline.htm while the app's folder has it (http.md 1)."""
        path = project.path_of(self._settings.app_root, project.APP_OFFLINE)
        try:
            page = project.read_bytes(path)
        except OSError as error:
            # It is there: somebody wants the app to be offline.
            self._gateway.log("Error", f"Cannot read {path}: {error.strerror}.")
            page = b""
        was_offline, self._is_offline = self._is_offline, page is not None
        if self._is_offline or was_offline:
            self._gateway.set_offline(page)
        if self._is_offline and not was_offline:
            self._gateway.log(
                "Warning",
                f"The app is offline: {project.APP_OFFLINE} in its folder answers every request.",
            )
        elif was_offline and not self._is_offline:
            self._gateway.log("Warning", "The app is no longer offline.")

    # --- the admin API

    @property
    def _desk(self) -> Desk:
        # Late: a start without keys needs nothing of it.
        if self._own_desk is None:
            from ferrofunc.host.admin.desk import Desk

            self._own_desk = Desk(self._gateway, self)
        return self._own_desk

    def view(self) -> HostView:
        """What the admin API may know of the host at this moment."""
        from ferrofunc.host.admin.call import HostView

        return HostView(
            settings=self._settings,
            functions=self._functions,
            state=self.state,
            uptime_ms=int((time.monotonic() - self._began) * 1000),
            errors=self._errors,
            pid=os.getpid(),
            workers=[worker.pid for worker in self._workers.values() if worker.pid is not None],
        )

    def restart(self, reason: str) -> None:
        """Load the app again: new workers take over when the first of them is ready.

        host.json and local.settings.json are read again. If that fails, the host is in state Error
        until it is restarted with better ones (configuration.md 12).
        """
        if self._is_stopping:
            return
        self._gateway.log("Information", f"Restarting host: {reason}.")
        self.look_offline()
        before = self._settings.warnings
        try:
            self._settings = self._settings.restarted()
        except errors.FerrofuncError as error:
            self._errors = []
            self._fail(error.message if error.hint is None else f"{error.message} {error.hint}")
            return
        for line in self._settings.warnings:
            if line not in before:
                self._gateway.log("Warning", line)
        if self._zygote is not None and not self._zygote.fits(self._settings):
            self._gateway.log(
                "Warning",
                "A setting has changed that Python reads when it starts: stop ferrofunc and start "
                "it again for it to count.",
            )
        for worker in self._workers.values():
            if worker.generation > self._served_generation:
                # It still loads what is out of date already.
                worker.is_expected_to_end = True
                if worker.pid is not None:
                    processes.kill(worker.pid)
        self._generation += 1
        self._restarts.clear()
        self._quick_deaths = 0
        for _ in range(self._settings.process_count):
            self._start_worker()

    def _fail(self, message: str) -> None:
        """Answer 503 to every call, but stay there for the admin API."""
        self._gateway.log("Error", f"A host error has occurred during startup: {message}")
        self._state = "Error"
        self._errors = [*self._errors, message]
        self._gateway.set_failed(True)

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
        self._workers[worker_id] = Worker(worker_id, self._generation)
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
            if worker.generation == self._generation:
                self._count_death(worker)
                self._plan_restart(None)

    def _on_worker_ended(self, worker: Worker, status: int) -> None:
        code, meaning = processes.describe_end(status)
        if worker.is_expected_to_end:
            self.say("Debug", f"python exited with code {code} (0x{code:X})")
            return
        reason = worker.reason or meaning
        self._gateway.log("Error", f"python exited with code {code} (0x{code:X}): {reason}.")
        if worker.generation == self._generation:
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
        if worker is None or self._is_stopping or worker.generation != self._generation:
            return
        worker.served_since = time.monotonic()
        table = json.loads(event["table"])
        shape = [(row["name"], row["isAsync"], row["bindings"]) for row in table["functions"]]
        if shape == self._shape and worker.generation == self._served_generation:
            if self._state != "Error":
                self._gateway.activate(worker.id)
        else:
            is_first = self._shape is None
            self._shape, self._served_generation = shape, worker.generation
            if self._try_deploy(table, worker, is_first):
                self._replace_others(worker)
        if self._timed_out:
            self._timed_out -= 1
            self.say("Information", "Restart of language worker process(es) completed.")

    def _replace_others(self, worker: Worker) -> None:
        """Let those that loaded another table end: the app has changed between two imports."""
        for other in list(self._workers.values()):
            if other.generation < worker.generation:
                other.is_expected_to_end = True
                self._gateway.retire(other.id)
            elif other is not worker and other.served_since is not None:
                other.is_expected_to_end = True
                self._start_worker()

    def _try_deploy(self, table: dict[str, Any], worker: Worker, is_first: bool) -> bool:
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
        if settings.is_auth_enabled:
            self._desk.publish_keys()
        try:
            self._gateway.deploy(rows, [worker.id])
        except Exception as error:
            # One template that cannot be compiled stops the official host as well (http.md 3).
            self._fail(str(error))
            if is_first:
                self._exit_code = 1
                self._stop()
            return False
        if self._state == "Error":
            self._gateway.set_failed(False)
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
        else:
            self._desk.on_reload()
        return True

    def _row(self, function: Function) -> Row:
        levels = self._settings.log_levels
        name, is_routed = function.name, function.is_routed

        def shown(category: str) -> str | None:
            level = levels.level_of(category, is_user=True)
            return None if level == "None" else level

        return {
            "row": function.index,
            "name": name,
            "template": function.template if is_routed else None,
            "methods": function.methods,
            "is_async": function.is_async,
            "is_stream": function.is_stream,
            "failure": function.failure,
            # What no request can start is as closed as can be.
            "auth_level": function.auth_level if is_routed and function.auth_level else "admin",
            "is_disabled": function.is_disabled,
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
        if worker is not None and worker.pid is not None and worker.reason is None:
            self._timed_out += 1
            worker.reason = "ended by the host because a function ran too long"
            processes.kill(worker.pid)

    def _on_changed(self, event: dict[str, Any]) -> None:
        if any(name.lower() == project.APP_OFFLINE for name in event["names"]):
            self.look_offline()

    def _on_unknown_key(self, _event: dict[str, Any]) -> None:
        self._desk.on_unknown_key()

    def _on_outcome(self, event: dict[str, Any]) -> None:
        self._desk.on_outcome(event)

    def _on_admin(self, event: dict[str, Any]) -> None:
        self._desk.take(event)

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
