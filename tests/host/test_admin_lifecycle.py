"""Restart, state, drain and resume (http.md 11)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .admin_host import AdminHost
from .making import App

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


@pytest.mark.parametrize("state", ["Running", "Error", "Offline"])
def test_restart(app: App, state: str) -> None:
    app.local({"FUNCTIONS_LOG_PATH": "/logs", "FUNCTIONS_TEST_DATA_PATH": "/data"})
    host = AdminHost(app, state=state)
    response = host.now("POST", "/admin/host/restart")
    assert response.status == 200
    assert json.loads(response.body) == {
        "isSelfHost": True,
        "secretsPath": str(host.keys.folder),
        "scriptPath": str(app.root),
        "logPath": "/logs",
        "testDataPath": "/data",
        "hasParentScope": False,
        "isStandbyConfiguration": False,
        "isFileSystemReadOnly": False,
        "isScmRunFromPackage": False,
    }
    assert host.done == ["restart: asked for by the admin API"]
    assert not host.keys.folder.exists()


class TestState:
    def put(self, host: AdminHost, wanted: object) -> int:
        return host.now("PUT", "/admin/host/state", wanted).status

    @pytest.mark.parametrize("wanted", ["offline", "Offline"])
    @pytest.mark.parametrize("state", ["Running", "Starting", "Error"])
    def test_offline(self, app: App, wanted: str, state: str) -> None:
        host = AdminHost(app, state=state)
        assert self.put(host, wanted) == 202
        assert "offline" in (app.root / "app_offline.htm").read_text()
        assert host.done == ["look offline"]

    def test_running(self, app: App) -> None:
        app.write("app_offline.htm", "page")
        host = AdminHost(app, state="Offline")
        assert self.put(host, "running") == 202
        assert not (app.root / "app_offline.htm").exists()
        assert host.done == ["look offline"]

    @pytest.mark.parametrize(("state", "wanted"), [("Running", "running"), ("Offline", "offline")])
    def test_already_so(self, app: App, state: str, wanted: str) -> None:
        host = AdminHost(app, state=state)
        assert self.put(host, wanted) == 200
        assert host.done == []

    @pytest.mark.parametrize("wanted", ["stopped", "", None, 1, {"state": "offline"}, b"", b"off"])
    def test_anything_else(self, app: App, wanted: object) -> None:
        host = AdminHost(app)
        assert self.put(host, wanted) == 400
        assert host.done == []

    @pytest.mark.parametrize("state", ["Starting", "Error"])
    def test_running_is_not_to_be_had(self, app: App, state: str) -> None:
        assert self.put(AdminHost(app, state=state), "running") == 400

    def test_a_folder_that_cannot_be_written_to(self, app: App) -> None:
        (app.root / "app_offline.htm").mkdir()
        host = AdminHost(app)
        response = host.now("PUT", "/admin/host/state", "offline")
        assert response.status == 500
        assert b"app_offline.htm" in response.body
        assert host.done == []


def test_drain(app: App) -> None:
    host = AdminHost(app)

    def status(running: int) -> dict[str, object]:
        response = host.now("GET", "/admin/host/drain/status", running=running)
        told: dict[str, object] = json.loads(response.body)
        assert (response.status, told["outstandingRetries"]) == (200, 0)
        return told

    assert (status(2)["state"], status(2)["outstandingInvocations"]) == ("Disabled", 2)
    response = host.now("POST", "/admin/host/drain")
    assert (response.status, response.body) == (202, b"")
    assert (status(2)["state"], status(2)["outstandingInvocations"]) == ("InProgress", 2)
    assert (status(0)["state"], status(0)["outstandingInvocations"]) == ("Completed", 0)
    response = host.now("POST", "/admin/host/resume")
    assert (response.status, json.loads(response.body)) == (200, {"state": "Running"})
    assert status(0)["state"] == "Disabled"


@pytest.mark.parametrize("state", ["Starting", "Error", "Offline", "Stopping"])
def test_resume_of_a_host_that_does_not_run(app: App, state: str) -> None:
    assert AdminHost(app, state=state).now("POST", "/admin/host/resume").status == 409
