"""The admin API's desk: takes requests from the gateway, and does what endpoints ask for.

It has what only the admin API needs: the keys, which submissions somebody waits for, whether the
host drains or is warm. What is the supervisor's (workers, the app's functions, its state) it asks
of the supervisor. Made when the first request comes, or at the start when keys are checked. One
thread but for `in_background`.
"""

from __future__ import annotations

from ferrofunc.errors import KeyStoreError
from ferrofunc.host.admin import router, webhooks
from ferrofunc.host.admin.answer import Later, Response, as_text, empty
from ferrofunc.host.keys import place, store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import Any, Protocol

    from ferrofunc._core import Gateway
    from ferrofunc.host.admin.call import HostView, Request
    from ferrofunc.host.functions import Function

    class Supervisor(Protocol):
        """What the desk needs of the host."""

        def view(self) -> HostView:
            """The host now."""

        def restart(self, reason: str) -> None:
            """Load the app again in new workers."""

        def look_offline(self) -> None:
            """Notice that app_offline.htm has come or gone."""


_STORES = ("files", "")


def _told(error: KeyStoreError) -> str:
    return error.message if error.hint is None else f"{error.message} {error.hint}"


class Desk:
    """Answers `admin` events.

    Args:
        gateway: Where answers go.
        supervisor: Of the running host.
    """

    def __init__(self, gateway: Gateway, supervisor: Supervisor) -> None:
        self._gateway = gateway
        self._supervisor = supervisor
        self._keys: store.KeyStore | None = None
        self._awaited: dict[int, Callable[[str | None], None]] = {}
        self._is_warm = False
        self._told_place: Path | None = None
        self.is_draining = False

    # --- events

    def take(self, event: dict[str, Any]) -> None:
        """Answer a request, now or later."""
        key = event["key"]

        def answer(response: Response) -> None:
            self._gateway.answer(key, response.status, list(response.headers), response.body)

        try:
            found = router.respond(event, self._supervisor.view(), self)
        except KeyStoreError as error:
            self.log("Error", _told(error))
            found = as_text(error.message, 500)
        except Exception:
            # Whatever a request brings, the host goes on (http.md 1.5).
            found = self._failed()
        if isinstance(found, Later):
            found.start(answer)
        else:
            answer(found)

    def on_outcome(self, event: dict[str, Any]) -> None:
        """A submission has ended: tell whoever waits for it."""
        then = self._awaited.pop(event["key"], None)
        if then is not None:
            then(event["failure"])

    def on_unknown_key(self) -> None:
        """A key that nobody knows was used: it may have been written into a file (http.md 8.3)."""
        if self._keys is not None:
            self._keys.forget()
        self.publish_keys()

    def on_reload(self) -> None:
        """Another table is in force, and its workers are new ones."""
        self._is_warm = False

    # --- acts

    @property
    def keys(self) -> store.KeyStore:
        """The app's keys; no file is touched yet."""
        settings = self._supervisor.view().settings
        # A restart has read new settings: the keys may lie elsewhere.
        if self._keys is None or not self._keys.is_of(settings):
            kind = settings.setting(place.KIND_SETTING) or ""
            if kind.lower() not in _STORES:
                self.log(
                    "Warning",
                    f"{place.KIND_SETTING} is '{kind}', which is not supported yet: keys are kept "
                    "in files.",
                )
            self._keys = store.KeyStore(settings, lambda line: self.log("Warning", line))
        return self._keys

    def publish_keys(self) -> None:
        """Give the gateway all keys, making those that are missing. Without `--enableAuth`: no."""
        view = self._supervisor.view()
        if not view.settings.is_auth_enabled:
            return
        try:
            self._publish(view.functions)
        except KeyStoreError as error:
            self.log(
                "Error",
                f"{_told(error)} No key is valid now: every call that needs one is answered 401.",
            )

    def _publish(self, functions: Iterable[Function]) -> None:
        keys = self.keys
        functions = list(functions)
        system = keys.system()
        if self._told_place != keys.folder:
            self._told_place = keys.folder
            self.log("Information", f"Access keys are kept in '{keys.folder}'.")
        for extension in webhooks.present(functions):
            if store.find(system, extension.key_name) is None:
                name, value, _ = keys.put(store.SYSTEM, extension.key_name)
                system[name] = value
        self._gateway.set_keys(
            keys.master(),
            list(keys.host().values()),
            system,
            {
                function.name.lower(): list(keys.function(function.name).values())
                for function in functions
                if function.auth_level == "function" and function.error is None
            },
        )

    def drain(self) -> None:
        """Stop listeners: there are none but HTTP's, which the official host leaves open too."""
        self.is_draining = True

    def resume(self) -> None:
        """End draining."""
        self.is_draining = False

    def restart(self, reason: str) -> None:
        """Load the app again in new workers."""
        self._supervisor.restart(reason)

    def look_offline(self) -> None:
        """Notice that app_offline.htm has come or gone."""
        self._supervisor.look_offline()

    def submit(
        self,
        function: Function,
        data: bytes,
        request: Request | None = None,
        then: Callable[[str | None], None] | None = None,
    ) -> None:
        """Run a function once."""
        if request is None:
            key = self._gateway.submit(function.index, data)
        else:
            key = self._gateway.submit(
                function.index,
                data,
                method=request.method,
                target=request.target,
                headers=request.headers,
            )
        if then is not None:
            self._awaited[key] = then

    def try_warm_up(self) -> bool:
        """Tell whether the host is still cold, and count it as warm from now on."""
        was_warm, self._is_warm = self._is_warm, True
        return not was_warm

    def log(self, level: str, text: str) -> None:
        """Print a line."""
        self._gateway.log(level, text)

    def in_background(self, work: Callable[[], Response]) -> Later:
        """Let a thread find the answer. It does not keep the host from ending."""
        import threading

        def start(answer: Callable[[Response], None]) -> None:
            def run() -> None:
                try:
                    found = work()
                except Exception:
                    # Without an answer the client would wait for ever.
                    found = self._failed()
                answer(found)

            threading.Thread(target=run, name="ferrofunc-admin", daemon=True).start()

        return Later(start=start)

    def _failed(self) -> Response:
        """Log the exception that is being handled; the client learns nothing of it."""
        import traceback

        self.log("Error", f"An admin request failed.\n{traceback.format_exc()}")
        return empty(500)
