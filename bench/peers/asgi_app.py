"""Bare ASGI application for uvicorn: the lowest cost at which an ASGI app gives our answers.

Must never do more than the answer needs: it stands for the server, not for a framework.
Sync workloads have no meaning here; `hello` and `hello_async` are one handler.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

SLEEP_SECONDS = 0.01


async def _read(receive: Any) -> bytes:
    message = await receive()
    if not message.get("more_body"):
        body: bytes = message["body"]
        return body
    chunks = [message["body"]]
    while message.get("more_body"):
        message = await receive()
        chunks.append(message["body"])
    return b"".join(chunks)


async def _hello(scope: Any, receive: Any) -> tuple[bytes, bytes]:  # noqa: ARG001
    return b"text/plain; charset=utf-8", b"Hello, " + scope["query_string"].partition(b"name=")[2]


async def _sleep(scope: Any, receive: Any) -> tuple[bytes, bytes]:  # noqa: ARG001
    await asyncio.sleep(SLEEP_SECONDS)
    return b"text/plain; charset=utf-8", b"slept"


async def _echo(scope: Any, receive: Any) -> tuple[bytes, bytes]:  # noqa: ARG001
    return b"application/octet-stream", await _read(receive)


async def _echo_json(scope: Any, receive: Any) -> tuple[bytes, bytes]:  # noqa: ARG001
    return b"application/json", json.dumps(json.loads(await _read(receive))).encode()


_HANDLERS = {
    "/api/hello": _hello,
    "/api/hello_async": _hello,
    "/api/sleep_async": _sleep,
    "/api/echo": _echo,
    "/api/echo_json": _echo_json,
}


async def app(scope: Any, receive: Any, send: Any) -> None:
    content_type, body = await _HANDLERS[scope["path"]](scope, receive)
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
