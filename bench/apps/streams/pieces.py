"""The ASGI app that is measured with large bodies: `/out` sends 64 MiB in pieces of 64 KiB, `/in`
counts the bytes of what it receives piece by piece. Neither ever holds a whole body.
"""

from __future__ import annotations

from typing import Any

PIECES = 1024
PIECE_BYTES = 64 * 1024
# Each piece is a new object, as it is when it was read from somewhere, and says its number.
_REST = b"".join(b"%015d\n" % line for line in range(1, PIECE_BYTES // 16))


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["path"] == "/out":
        await _start(send)
        for number in range(PIECES):
            piece = b"%015d\n" % number + _REST
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    else:
        received, more_body = 0, True
        while more_body:
            message = await receive()
            received += len(message["body"])
            more_body = message.get("more_body", False)
        await _start(send)
        await send({"type": "http.response.body", "body": b"%d" % received, "more_body": False})


async def _start(send: Any) -> None:
    headers = [(b"content-type", b"application/octet-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _lifespan(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
