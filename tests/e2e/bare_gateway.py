"""A gateway without host and workers, inside the test's own process.

For what the gateway tells Python, and for what Python tells it, when nothing else may have a say.
Functions can be deployed; one that is reached answers 500 at once, by its `failure`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ferrofunc._core import Gateway

from .running_host import RunningHost, exchange
from .waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from http.client import HTTPConnection

    from .messages import Response

RULES: dict[str, Any] = {
    "cors_origins": (),
    "has_cors_credentials": False,
    "custom_headers": (),
    "hsts": None,
    "hsts_excluded_hosts": (),
    "max_concurrent": None,
    "max_outstanding": None,
    "is_auth_enabled": False,
}


class BareGateway:
    """A gateway on a free loopback port; leaving the block ends it.

    Args:
        rules: what differs from `RULES`.
    """

    def __init__(self, **rules: Any) -> None:
        self.gateway = Gateway(
            address="127.0.0.1",
            port=0,
            certificate=None,
            body_limit=1 << 20,
            function_timeout=None,
            system_level=None,
            rules={**RULES, **rules},  # type: ignore[typeddict-item]
        )
        self.port = self.gateway.port

    def __enter__(self) -> BareGateway:
        return self

    def __exit__(self, *_: object) -> None:
        self.gateway.close()

    connect = RunningHost.connect

    def deploy(self, names: Sequence[str], level: str = "function") -> None:
        """Deploy functions of these names at `/api/NAME`."""
        rows: list[Any] = [
            {
                "row": number,
                "name": name,
                "template": f"api/{name}",
                "methods": None,
                "is_async": False,
                "is_stream": False,
                "retry": None,
                "failure": "there is no worker",
                "auth_level": level,
                "is_disabled": False,
                "host_level": None,
                "user_level": None,
            }
            for number, name in enumerate(names)
        ]
        self.gateway.deploy(rows, [])

    def get(self, path: str, headers: dict[str, str] | None = None) -> Response:
        """GET `path` on a connection of its own."""
        connection: HTTPConnection = self.connect()  # type: ignore[misc]
        try:
            return exchange(connection, "GET", path, headers)
        finally:
            connection.close()

    def event(self, kind: str) -> dict[str, Any]:
        """The next event, which has to be of this kind."""
        event = wait_until(self.gateway.try_event, f"an event of kind {kind}")
        assert event["kind"] == kind
        return event
