"""Raw clients of streamed bodies: heads as bytes, and reading as far as a test wants to.

Called by the tests of streaming.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

LAST_CHUNK = b"0\r\n\r\n"
"""What ends a chunked body; without it the body is not complete."""


def head(method: str, path: str, *fields: str, version: str = "1.1") -> bytes:
    """A request's head as bytes."""
    lines = [f"{method} {path} HTTP/{version}", "Host: h", *fields, "", ""]
    return "\r\n".join(lines).encode()


def read_until(connected: socket.socket, end: bytes) -> bytes:
    """All that comes on `connected` up to the first `end`, and what came along with it."""
    received = bytearray()
    while end not in received:
        piece = connected.recv(65536)
        assert piece, f"closed before {end!r}, after {bytes(received[-200:])!r}"
        received += piece
    return bytes(received)


def letters(count: int, size: int) -> bytes:
    """What the path `/pieces/COUNT/SIZE` of the test apps answers."""
    return b"".join(bytes([97 + number % 26]) * size for number in range(count))


def chunked(data: bytes, size: int) -> bytes:
    """`data` as a chunked body of chunks of `size` bytes."""
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + LAST_CHUNK
