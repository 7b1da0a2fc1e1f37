"""http.md 10: customHeaders on every answer; what proxies.json and HSTS do on plain HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .case import LOG_PATIENCE, Case, each
from .functions import function, host_json

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

OWN = """
import azure.functions as func

def main(req):
    headers = {"X-Frame-Options": "SAMEORIGIN", "x-second": "own"}
    return func.HttpResponse("own", headers=headers)
"""
FUNCTIONS = {
    **function("Plain"),
    **function("Own", OWN),
    **function("Failing", "def main(req):\n    raise ValueError\n"),
    **function("Nothing", "def main(req):\n    return ''\n"),
}
CUSTOM = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Second": "custom",
    "X-Empty-Not": "a, b; c=1",
}
ALL = {name.lower(): value for name, value in CUSTOM.items()}


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    settings = host_json(customHeaders=CUSTOM, hsts={"isEnabled": True, "maxAge": "10.00:00:00"})
    return shared_host("seen", files={**FUNCTIONS, **settings, "proxies.json": "{}"})


@each(
    [
        Case("http-10-custom-function", "GET /api/Plain", fields=ALL),
        Case("http-10-custom-post", "POST /api/Plain", payload=b"body", fields=ALL),
        Case("http-10-custom-head", "HEAD /api/Plain", fields=ALL),
        Case("http-10-custom-empty-answer", "GET /api/Nothing", body="", fields=ALL),
        Case("http-10-custom-failure", "GET /api/Failing", 500, b"", fields=ALL),
        Case("http-10-custom-not-found", "GET /nowhere", 404, b"", fields=ALL),
        Case("http-10-custom-home-page", "GET /", fields=ALL),
        Case("http-10-custom-admin", "GET /admin/host/status", fields=ALL),
        Case("http-10-custom-ping", "GET /admin/host/ping", fields=ALL),
        Case(
            "http-10-the-functions-own-wins",
            "GET /api/Own",
            body="own",
            fields={**ALL, "x-frame-options": "SAMEORIGIN", "x-second": "own"},
        ),
        Case(
            "http-10-hsts-not-on-plain-http",
            "GET /api/Plain",
            fields={"strict-transport-security": None},
        ),
        Case(
            "http-10-hsts-not-on-plain-http-with-another-host",
            "GET /api/Plain",
            send={"Host": "example.org"},
            fields={"strict-transport-security": None},
        ),
        Case(
            "http-10-azure-headers-mean-nothing",
            "GET /api/Plain",
            send={"X-Azure-FDID": "x", "X-FUNCTIONS-SOMETHING": "y"},
            fields=ALL,
        ),
    ]
)
def test_headers(running: RunningHost, case: Case) -> None:
    case.check(running)


def test_proxies_are_ignored_with_a_warning(running: RunningHost) -> None:
    running.wait_log("Warning: Proxies are not supported in Azure Functions v4", LOG_PATIENCE)


def test_from_the_environment(host: HostFactory) -> None:
    env = {"AzureFunctionsJobHost__extensions__http__customHeaders__X-Env": "yes"}
    running = host("seen", files=FUNCTIONS, env=env)
    assert running.get("/api/Plain").header("x-env") == "yes"
