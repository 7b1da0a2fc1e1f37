"""Clients that speak TLS to a running host: whole requests, sockets, and handshakes in pieces.

All but `Pieces` are the standard library's `ssl` as programs use it. Called by the tests of TLS.
"""

from __future__ import annotations

import contextlib
import ssl
from http.client import HTTPSConnection
from typing import TYPE_CHECKING

from .running_host import READY, exchange
from .waiting import PATIENCE

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conftest import HostFactory

    from .messages import Response
    from .running_host import RunningHost


def start(host: HostFactory, app: str = "echo", *words: str | Path, **more: object) -> RunningHost:
    """A host of `app` that speaks TLS, with these words after `--useHttps`, once it is ready."""
    args = ["--useHttps", *map(str, words)]
    running = host(app, args=args, ready=None, **more)  # type: ignore[arg-type]
    running.wait_log(READY)
    return running


def own_certificate(running: RunningHost) -> Path:
    """Where the host keeps the certificate that it makes itself."""
    return running.folder.parent / "home" / ".cache" / "ferrofunc" / "https" / "localhost.pem"


def trusting(certificate: Path | None) -> ssl.SSLContext:
    """A client's context that trusts one certificate; None: that trusts everybody."""
    context = ssl.create_default_context(cafile=certificate)
    if certificate is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def connect(running: RunningHost, context: ssl.SSLContext) -> HTTPSConnection:
    """A new connection that never reconnects by itself."""
    connection = HTTPSConnection("localhost", running.port, timeout=PATIENCE, context=context)
    connection.connect()
    connection.auto_open = 0
    return connection


def request(
    running: RunningHost,
    context: ssl.SSLContext,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """GET `path`, or POST `body` to it, on a connection of its own."""
    with contextlib.closing(connect(running, context)) as connection:
        return exchange(connection, "GET" if body is None else "POST", path, headers, body)


def secure_socket(
    running: RunningHost, context: ssl.SSLContext, session: ssl.SSLSession | None = None
) -> ssl.SSLSocket:
    """A socket after the handshake. An end without close_notify raises SSLEOFError."""
    return context.wrap_socket(
        running.socket(),
        server_hostname="localhost",
        suppress_ragged_eofs=False,
        session=session,
    )


def read_to_end(connected: ssl.SSLSocket) -> bytes:
    """Everything up to the host's close_notify."""
    received = bytearray()
    while piece := connected.recv(65536):
        received += piece
    return bytes(received)


class Pieces:
    """A client that hands out the bytes it would send, and takes in the bytes it is given.

    Args:
        running: the host to connect to.
        context: whom it trusts.
    """

    def __init__(self, running: RunningHost, context: ssl.SSLContext) -> None:
        self.socket: socket.socket = running.socket()
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = context.wrap_bio(self._in, self._out, server_hostname="localhost")

    def close(self) -> None:
        """Close the socket, without a word."""
        self.socket.close()

    def hello(self) -> bytes:
        """The first bytes of the handshake."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self._session.do_handshake()
        return self._out.read()

    def shake_hands(self, size: int = 1 << 20) -> None:
        """Do the handshake, sending at most `size` bytes at a time. `hello` is not sent again."""
        while True:
            try:
                self._session.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.send_out(size)
                self._take_in()
        self.send_out(size)

    def encrypt(self, data: bytes) -> bytes:
        """One record with `data` in it."""
        self._session.write(data)
        return self._out.read()

    def say_end(self) -> bytes:
        """The record that says that nothing more will come."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self._session.unwrap()
        return self._out.read()

    def waits_for_close(self) -> bool:
        """Wait until the host closes the connection; whether bytes came before that."""
        count = 0
        while piece := self.socket.recv(65536):
            count += len(piece)
        return count > 0

    def send_out(self, size: int) -> None:
        """Send what waits to be sent, at most `size` bytes at a time."""
        for piece in pieces(self._out.read(), size):
            self.socket.sendall(piece)

    def read_to_end(self) -> bytes:
        """Everything up to the host's close_notify."""
        received = bytearray()
        while True:
            try:
                piece = self._session.read(65536)
            except ssl.SSLZeroReturnError:
                return bytes(received)
            except ssl.SSLWantReadError:
                self._take_in()
            else:
                if not piece:
                    return bytes(received)
                received += piece

    def _take_in(self) -> None:
        data = self.socket.recv(65536)
        if data:
            self._in.write(data)
        else:
            self._in.write_eof()


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """`data` cut into pieces of `size` bytes."""
    for at in range(0, len(data), size):
        yield data[at : at + size]
