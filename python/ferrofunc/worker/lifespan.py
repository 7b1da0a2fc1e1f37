"""The lifespan of ASGI applications: started before the worker is ready, shut down when it leaves.

Each application goes through it once per worker. One that does not know the protocol (it raises
before it has said anything) runs without; one that says that it cannot start makes each of its
calls fail, as with the official adapter (spec http 5.6).
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ferrofunc.worker.function import Application

_LOG = logging.getLogger("azure.functions.AsgiMiddleware")
PATIENCE = 10.0
"""Seconds an application may take to shut down."""


class Lifespan:
    """The lifespan of one application, on the loop that is running."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self._messages: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._answer: asyncio.Future[str] | None = None
        self._task: asyncio.Task[None] | None = None

    async def start_up(self) -> bool:
        """Return False if the application says that it cannot start."""
        versions = {"version": "3.0", "spec_version": "2.3"}
        scope = {
            "type": "lifespan",
            "asgi": versions,
            "asgi.version": "2.1",
            "asgi.spec_version": "2.1",
            "state": self.application.state,
        }
        self._task = asyncio.create_task(
            self.application.call(scope, self._messages.get, self._send)
        )
        answer = await self._ask("lifespan.startup")
        return answer != "lifespan.startup.failed"

    async def shut_down(self) -> None:
        """Let the application clean up; one that takes too long is left behind with a warning."""
        if self._task is None or self._task.done():
            return
        try:
            await asyncio.wait_for(self._ask("lifespan.shutdown"), PATIENCE)
        except asyncio.TimeoutError:
            _LOG.warning("The ASGI application did not shut down within %g seconds.", PATIENCE)

    async def _ask(self, message: str) -> str | None:
        """Send `message` and return the answer; None if the application has ended without one."""
        assert self._task is not None
        self._answer = asyncio.get_running_loop().create_future()
        await self._messages.put({"type": message})
        waiting: set[asyncio.Future[Any]] = {self._task, self._answer}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if self._answer.done():
            return self._answer.result()
        error = None if self._task.cancelled() else self._task.exception()
        if error is not None:
            # Also the way in which an application says that it has no lifespan.
            _LOG.debug("The ASGI application has no lifespan: %r", error)
        return None

    async def _send(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind.endswith(".failed"):
            phase = "startup" if kind == "lifespan.startup.failed" else "shutdown"
            if message.get("message"):
                _LOG.error("Failed ASGI %s with message '%s'.", phase, message["message"])
            else:
                _LOG.error("Failed ASGI %s event.", phase)
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(kind)


async def refuse(*_call: Any) -> None:
    """Stand in for an application that could not start."""
    raise RuntimeError("ASGI middleware startup failed.")
