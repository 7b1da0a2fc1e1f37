"""One request to the host, as endpoints see it, and what they may know and do.

`Call` is made by `router` of an event of the gateway. `HostView` is the host at that moment, `Acts`
what it does when asked; the supervisor and the desk stand behind them, and tests.
"""

from __future__ import annotations

import json

from ferrofunc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Protocol

    from ferrofunc.host.admin.answer import Later, Response
    from ferrofunc.host.functions import Function
    from ferrofunc.host.keys.store import KeyStore
    from ferrofunc.settings import Settings

    class Acts(Protocol):
        """What endpoints ask the host to do. No call here waits."""

        @property
        def keys(self) -> KeyStore:
            """The app's keys."""

        @property
        def is_draining(self) -> bool:
            """Whether listeners are stopped so that work can end."""

        def drain(self) -> None:
            """Stop listeners; what runs goes on."""

        def resume(self) -> None:
            """Start listeners again."""

        def restart(self, reason: str) -> None:
            """Load the app again, in new workers that take over when they are ready."""

        def look_offline(self) -> None:
            """Notice that app_offline.htm has come or gone."""

        def publish_keys(self) -> None:
            """Let changed keys count."""

        def submit(
            self,
            function: Function,
            data: bytes,
            request: Request | None = None,
            then: Callable[[str | None], None] | None = None,
        ) -> None:
            """Run a function once. `then` gets None, or why it failed."""

        def try_warm_up(self) -> bool:
            """Tell whether this host is still cold. From then on it is not."""

        def log(self, level: str, text: str) -> None:
            """Print a line, whatever the levels are."""

        def in_background(self, work: Callable[[], Response]) -> Later:
            """Let a thread find the answer."""


class HostView(Record):
    """The host at one moment.

    `state` is Default, Starting, Initialized, Running, Error, Stopping, Stopped or Offline.
    `uptime_ms` counts from the start of the process. `errors` are why the host is in state Error.
    `pid` is the host's process, `workers` those of the workers.
    """

    settings: Settings
    functions: Sequence[Function]
    state: str
    uptime_ms: int
    errors: Sequence[str] = ()
    pid: int = 0
    workers: Sequence[int] = ()

    @property
    def is_alive(self) -> bool:
        """Whether functions can be listed and run (http.md 1.4)."""
        return self.state in ("Initialized", "Running")

    def function(self, name: str) -> Function | None:
        """Return a function by its name, in any case."""
        return next((f for f in self.functions if f.name.lower() == name.lower()), None)


class Request(Record):
    """A request that an HTTP function is shown when it is run by hand."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]


class Call(Record):
    """A request and the host it came to.

    `path` is as sent, without the query and a slash at its end; `parts` are the pieces of it that
    the endpoint's pattern names, decoded. `query` has the first value of each name. Names in
    `query` and `headers` are lower case. `base_url` is scheme and authority as the client used
    them, without a slash at the end. `level` is what the caller's key proves: anonymous, function,
    system or admin; `system_key` names the key at level system. `running` counts calls that run or
    wait for a worker.
    """

    method: str
    path: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    level: str
    system_key: str | None
    running: int
    view: HostView
    acts: Acts

    @property
    def href(self) -> str:
        """The address of what was asked for."""
        return f"{self.base_url}{self.path}"

    def json(self) -> object:
        """Return the body as JSON.

        Raises:
            ValueError: It is none, or empty.
        """
        return json.loads(self.body.decode("utf-8-sig"))
