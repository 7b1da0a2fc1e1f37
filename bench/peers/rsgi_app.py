"""Bare RSGI application for granian: the lowest cost at which an RSGI app gives our answers.

Must never do more than the answer needs: it stands for the server, not for a framework.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

SLEEP_SECONDS = 0.01
_TEXT = [("content-type", "text/plain; charset=utf-8")]
_BYTES = [("content-type", "application/octet-stream")]
_JSON = [("content-type", "application/json")]


async def _hello(scope: Any, protocol: Any) -> None:
    protocol.response_str(200, _TEXT, "Hello, " + scope.query_string.partition("name=")[2])


async def _sleep(scope: Any, protocol: Any) -> None:  # noqa: ARG001
    await asyncio.sleep(SLEEP_SECONDS)
    protocol.response_str(200, _TEXT, "slept")


async def _echo(scope: Any, protocol: Any) -> None:  # noqa: ARG001
    protocol.response_bytes(200, _BYTES, await protocol())


async def _echo_json(scope: Any, protocol: Any) -> None:  # noqa: ARG001
    protocol.response_str(200, _JSON, json.dumps(json.loads(await protocol())))


_HANDLERS = {
    "/api/hello": _hello,
    "/api/hello_async": _hello,
    "/api/sleep_async": _sleep,
    "/api/echo": _echo,
    "/api/echo_json": _echo_json,
}


async def app(scope: Any, protocol: Any) -> None:
    await _HANDLERS[scope.path](scope, protocol)
