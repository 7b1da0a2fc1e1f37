"""A gateway and one worker in this process, so that one side of a call can be timed alone.

The functions are async ones: `Link.drain` runs all that wait for them on the caller's thread, from
the Frame to the Outcome, and nothing else. The gateway works in its own thread, without the GIL.
Must never be read as a server's speed: `bench/e2e` measures that. Called by `test_micro.py`.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
import time
from typing import TYPE_CHECKING, Any

from ferrofunc._core import Gateway, Link, Plan
from ferrofunc.worker import context, support

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from ferrofunc._core import Row

CALLS = 32
"""Calls in one `drain`. Fewer than it takes in one batch, so that it ends with an empty Ring."""

_PATIENCE = 10.0
# The bell says that a Frame may be there, not that all of them are: this is for the rest of them.
_SETTLE = 0.001
# Answers come in far less, unless calls were left in the Ring.
_ANSWER = 0.5


class OneWorker:
    """Serves `functions`, each by its name, under the route `<name>/{id}`.

    `short` counts the times that `drain` left calls in the Ring: those timings are too small.

    Args:
        functions: The functions, with what their arguments are: `request` or `context`.
    """

    def __init__(
        self, functions: Mapping[str, tuple[Callable[..., Awaitable[Any]], list[str]]]
    ) -> None:
        self._gateway = Gateway(
            address="127.0.0.1",
            port=0,
            body_limit=1 << 20,
            function_timeout=None,
            system_level=None,
        )
        number, seat = self._gateway.add_worker()
        support.use_native_response()
        # Sync functions would need threads; there are none.
        self._link = Link(seat, support, 1, lambda: None)
        for descriptor in seat:
            os.close(descriptor)
        context.use_link(self._link)
        support.register()
        self._link.bind(
            [Plan(call, name, "", roles, []) for name, (call, roles) in functions.items()]
        )
        self._loop = asyncio.new_event_loop()
        self._link.start_tasks(self._loop)
        # The spare Task takes its first step and parks, as it has in a worker that runs.
        self._loop.run_until_complete(asyncio.sleep(0))
        self._gateway.deploy([_row(index, name) for index, name in enumerate(functions)], [number])
        self._client = socket.create_connection(("127.0.0.1", self._gateway.port), _PATIENCE)
        self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._expected = 0
        self.short = 0

    def fill(self, request: bytes) -> None:
        """Read the answers to the last calls, and have `CALLS` times `request` wait in the Ring."""
        self.read_answers()
        while _is_readable(self._link.async_descriptor(), _SETTLE):
            # A bell without a call: silenced, or it would be taken for the next calls.
            self._link.drain()
        self._client.sendall(request * CALLS)
        self._expected = CALLS
        if not _is_readable(self._link.async_descriptor(), _PATIENCE):
            raise TimeoutError(f"expected calls in the Ring within {_PATIENCE:g} s, found none")
        time.sleep(_SETTLE)

    def drain(self) -> None:
        """Run what waits in the Ring. This is what is timed."""
        self._link.drain()

    def close(self) -> None:
        """End the gateway; pending Tasks are dropped with the loop."""
        self._client.close()
        self._gateway.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def read_answers(self) -> None:
        """Read what is still to come. Raises ValueError for an answer that is no 200."""
        received = b""
        while received.count(b"HTTP/1.1 200 OK\r\n") < self._expected:
            if not _is_readable(self._client.fileno(), _ANSWER):
                self.short += 1
                self._link.drain()
            received += self._client.recv(1 << 20)
        if received.count(b"HTTP/1.1 ") != self._expected:
            raise ValueError(f"expected answers with status 200, found {received[:200]!r}")
        self._expected = 0


def _is_readable(descriptor: int, seconds: float) -> bool:
    return bool(select.select([descriptor], [], [], seconds)[0])


def _row(index: int, name: str) -> Row:
    # Without a level nothing is logged: the console is not what is measured.
    return {
        "row": index,
        "name": name,
        "template": f"{name}/{{id}}",
        "methods": None,
        "is_async": True,
        "failure": None,
        "refusal": None,
        "host_level": None,
        "user_level": None,
    }
