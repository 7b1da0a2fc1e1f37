"""A host that admin endpoints can be asked of: real settings, functions and keys, and acts that are
noted instead of done.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ferrofunc.host.admin import router
from ferrofunc.host.admin.answer import Later, Response
from ferrofunc.host.admin.call import HostView
from ferrofunc.host.keys.store import KeyStore

from .making import App, build

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ferrofunc.host.admin.call import Request
    from ferrofunc.host.functions import Function

BASE = "http://localhost:7071"


class Submitted:
    """A function that was to be run."""

    def __init__(
        self,
        function: Function,
        data: bytes,
        request: Request | None,
        then: Callable[[str | None], None] | None,
    ) -> None:
        self.name = function.name
        self.data = data
        self.request = request
        self.then = then


class AdminHost:
    """The host of an app, and what it was asked to do.

    Args:
        app: The app's folder; its temporary folder is `tmp` in it.
        rows: Of the worker's Function table.
        view: What differs in the view of the host; `is_auth_enabled` is an option of the start.
    """

    def __init__(self, app: App, *rows: dict[str, Any], **view: Any) -> None:
        (app.root / "tmp").mkdir(exist_ok=True)
        environ = {"TMPDIR": str(app.root / "tmp"), **view.pop("environ", {})}
        options = {"is_auth_enabled": view.pop("is_auth_enabled", False)}
        self.view = HostView(
            **{
                "settings": app.load(environ, **options),
                "functions": build(app, *rows),
                "state": "Running",
                "uptime_ms": 1234,
                **view,
            }
        )
        self.warnings: list[str] = []
        self.keys = KeyStore(self.view.settings, self.warnings.append)
        self.done: list[str] = []
        self.submitted: list[Submitted] = []
        self.lines: list[tuple[str, str]] = []
        self.is_draining = False
        self.is_cold = True

    # --- acts

    def drain(self) -> None:
        self.is_draining = True

    def resume(self) -> None:
        self.is_draining = False

    def restart(self, reason: str) -> None:
        self.done.append(f"restart: {reason}")

    def look_offline(self) -> None:
        self.done.append("look offline")

    def publish_keys(self) -> None:
        self.done.append("publish keys")

    def submit(
        self,
        function: Function,
        data: bytes,
        request: Request | None = None,
        then: Callable[[str | None], None] | None = None,
    ) -> None:
        self.submitted.append(Submitted(function, data, request, then))

    def try_warm_up(self) -> bool:
        was_cold, self.is_cold = self.is_cold, False
        return was_cold

    def log(self, level: str, text: str) -> None:
        self.lines.append((level, text))

    def in_background(self, work: Callable[[], Response]) -> Later:
        return Later(start=lambda answer: answer(work()))

    # --- requests

    def ask(
        self,
        method: str,
        path: str,
        body: object = b"",
        headers: Mapping[str, str] | None = None,
        **event: object,
    ) -> Response | Later:
        """The answer to a request as the gateway tells of it. A body that is no bytes is JSON."""
        split = urlsplit(path)
        told: dict[str, object] = {
            "method": method,
            "path": split.path,
            "query": split.query,
            "headers": list({"Host": BASE.partition("//")[2], **(headers or {})}.items()),
            "body": body if isinstance(body, bytes) else json.dumps(body).encode(),
            **event,
        }
        return router.respond(told, self.view, self)

    def now(self, method: str, path: str, *more: Any, **event: Any) -> Response:
        """An answer that has to be there at once."""
        answer = self.ask(method, path, *more, **event)
        assert isinstance(answer, Response)
        return answer

    def later(self, method: str, path: str, *more: Any, **event: Any) -> list[Response]:
        """Where an answer will be that may not be there at once."""
        answer = self.ask(method, path, *more, **event)
        assert isinstance(answer, Later)
        found: list[Response] = []
        answer.start(found.append)
        return found
