"""http.md 1.4: `app_offline.htm` takes the app off line, and its removal brings it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from e2e.waiting import wait_until

from .functions import function

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

PAGE = "<html><body>Back soon.</body></html>"


def wait_status(running: RunningHost, status: int) -> None:
    wait_until(lambda: running.get("/api/Seen").status == status, f"an answer {status}", 15)


@pytest.fixture(scope="module")
def offline(shared_host: HostFactory) -> RunningHost:
    running = shared_host("seen", files=function("Seen"))
    assert running.get("/api/Seen").status == 200
    (running.folder / "app_offline.htm").write_text(PAGE)
    wait_status(running, 503)
    return running


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", "/api/Seen", id="http-1.4-offline-function"),
        pytest.param("POST", "/api/Seen", id="http-1.4-offline-function-POST"),
        pytest.param("GET", "/nowhere", id="http-1.4-offline-unknown"),
        pytest.param("GET", "/", id="http-1.4-offline-home-page"),
    ],
)
def test_every_request_gets_the_page(offline: RunningHost, method: str, path: str) -> None:
    response = offline.request(method, path)
    assert (response.status, response.text) == (503, PAGE)
    assert (response.header("content-type") or "").startswith("text/html")


def test_admin_goes_on(offline: RunningHost) -> None:
    assert offline.get("/admin/host/ping").status == 200
    status = offline.get("/admin/host/status")
    assert (status.status, status.json()["state"]) == (200, "Offline")


def test_removal_brings_it_back(host: HostFactory) -> None:
    running = host("seen", files={**function("Seen"), "app_offline.htm": PAGE}, ready=None)

    def is_offline() -> bool:
        try:
            return running.get("/api/Seen").text == PAGE
        except OSError:
            return False

    wait_until(is_offline, "the page", 15)
    (running.folder / "app_offline.htm").unlink()
    wait_status(running, 200)
    assert running.get("/admin/host/status").json()["state"] == "Running"
