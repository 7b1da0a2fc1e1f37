"""A host behind `--useHttps`, and requests to it that accept the certificate it made itself.

Called by the tables that need TLS.
"""

from __future__ import annotations

import ssl
from http.client import HTTPSConnection
from typing import TYPE_CHECKING

from e2e.messages import Response
from e2e.waiting import PATIENCE, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import HostFactory
    from e2e.running_host import RunningHost


def trusting() -> ssl.SSLContext:
    """A client's context that takes any certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def get(running: RunningHost, path: str, headers: Mapping[str, str] | None = None) -> Response:
    """GET `path` over TLS on a connection of its own."""
    connection = HTTPSConnection("127.0.0.1", running.port, timeout=PATIENCE, context=trusting())
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        return Response.read_from(connection.getresponse())
    finally:
        connection.close()


def start(host: HostFactory, files: Mapping[str, str]) -> RunningHost:
    """Start a host with `--useHttps` on app `seen` and wait until it answers."""
    running = host("seen", files=files, args=["--useHttps"], ready=None)

    def answers() -> bool:
        assert running.process.poll() is None, running.log()
        try:
            return get(running, "/admin/host/ping").status == 200
        except OSError:
            return False

    wait_until(answers, "an answer over TLS")
    return running
