"""http.md 10: Strict-Transport-Security, which is sent over TLS only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import secure
from .functions import function, host_json

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

FIELD = "strict-transport-security"


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    hsts = {
        "isEnabled": True,
        "maxAge": "10.00:00:00",
        "includeSubDomains": True,
        "preload": True,
        "excludedHosts": ["excluded.example"],
    }
    return secure.start(shared_host, {**function("Plain"), **host_json(hsts=hsts)})


@pytest.mark.parametrize(
    ("path", "host", "value"),
    [
        pytest.param(
            "/api/Plain",
            "example.org",
            "max-age=864000; includeSubDomains; preload",
            id="http-10-hsts",
        ),
        pytest.param(
            "/nowhere",
            "example.org",
            "max-age=864000; includeSubDomains; preload",
            id="http-10-hsts-not-found",
        ),
        pytest.param("/api/Plain", "excluded.example", None, id="http-10-hsts-excluded"),
        pytest.param(
            "/api/Plain", "EXCLUDED.example:81", None, id="http-10-hsts-excluded-any-case"
        ),
        pytest.param("/api/Plain", "localhost", None, id="http-10-hsts-localhost"),
        pytest.param("/api/Plain", "127.0.0.1", None, id="http-10-hsts-127.0.0.1"),
        pytest.param("/api/Plain", "[::1]", None, id="http-10-hsts-ipv6"),
    ],
)
def test_hsts(running: RunningHost, path: str, host: str, value: str | None) -> None:
    assert secure.get(running, path, {"Host": host}).header(FIELD) == value


@pytest.mark.parametrize(
    ("hsts", "value"),
    [
        pytest.param({"isEnabled": True}, "max-age=2592000", id="http-10-hsts-default-age"),
        pytest.param({"isEnabled": False}, None, id="http-10-hsts-off"),
    ],
)
def test_defaults(host: HostFactory, hsts: dict[str, object], value: str | None) -> None:
    running = secure.start(host, {**function("Plain"), **host_json(hsts=hsts)})
    assert secure.get(running, "/api/Plain", {"Host": "example.org"}).header(FIELD) == value
