"""http.md 8.1: without `--enableAuth` every caller is Admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .case import Case, each
from .functions import function

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

LEVELS = ("anonymous", "user", "function", "system", "admin")
FUNCTIONS = {
    **{k: v for level in LEVELS for k, v in function(f"F{level}", authLevel=level).items()},
    **function("Default", authLevel=None),
    **function("Upper", authLevel="ADMIN"),
    **function("Off"),
    **function("OffFunction", authLevel="function"),
}
OFF = {"AzureWebJobs.Off.Disabled": "1", "AzureWebJobs.OffFunction.Disabled": "true"}


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("seen", files=FUNCTIONS, env=OFF)


@each(
    [
        *(Case(f"http-8.1-{level}-no-key", f"GET /api/F{level}") for level in LEVELS),
        *(Case(f"http-8.1-{level}-wrong-code", f"GET /api/F{level}?code=no") for level in LEVELS),
        *(
            Case(
                f"http-8.1-{level}-wrong-header",
                f"GET /api/F{level}",
                send={"x-functions-key": "no"},
            )
            for level in LEVELS
        ),
        Case("http-8.2-level-in-any-case", "GET /api/Upper"),
        Case("http-8.2-level-missing", "GET /api/Default"),
        Case(
            "http-8.1-code-is-a-parameter", "GET /api/Fadmin?code=c", seen={"params": {"code": "c"}}
        ),
        Case("http-8.1-admin-status", "GET /admin/host/status"),
        Case("http-8.1-admin-functions", "GET /admin/functions"),
        Case("http-8.1-admin-wrong-key", "GET /admin/functions", send={"x-functions-key": "no"}),
        Case("http-8.1-disabled-anonymous", "GET /api/Off", 404, b""),
        Case("http-8.1-disabled-runs-for-an-admin", "GET /api/OffFunction"),
    ]
)
def test_everybody_is_admin(running: RunningHost, case: Case) -> None:
    case.check(running)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        pytest.param("Default", "function", id="http-8.2-function-is-the-default"),
        pytest.param("Fadmin", "admin", id="http-8.2-level-is-listed"),
    ],
)
def test_listed_level(running: RunningHost, name: str, level: str) -> None:
    config = running.get(f"/admin/functions/{name}").json()["config"]
    assert (config["bindings"][0].get("authLevel") or "function").lower() == level
