"""http.md 11: the admin endpoints by which the host is restarted, drained and taken off line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from e2e.waiting import wait_until

from .case import LOG_PATIENCE
from .functions import function

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

JSON = {"Content-Type": "application/json"}
RESTART_KEYS = {
    "isSelfHost",
    "secretsPath",
    "scriptPath",
    "logPath",
    "testDataPath",
    "hasParentScope",
    "isStandbyConfiguration",
    "isFileSystemReadOnly",
    "isScmRunFromPackage",
}


def state(running: RunningHost) -> str:
    return str(running.get("/admin/host/status").json()["state"])


def put_state(running: RunningHost, text: object) -> int:
    return running.request("PUT", "/admin/host/state", JSON, json.dumps(text)).status


def test_restart(host: HostFactory) -> None:
    running = host("seen", files=function("Seen"))
    pids = running.worker_pids()
    response = running.post("/admin/host/restart", b"")
    assert response.status == 200
    assert response.json().keys() >= RESTART_KEYS
    assert response.json()["scriptPath"] == str(running.folder)
    wait_until(lambda: set(running.worker_pids()).isdisjoint(pids), "new workers", LOG_PATIENCE)
    assert running.get("/api/Seen").status == 200
    assert state(running) == "Running"


def test_state(host: HostFactory) -> None:
    running = host("seen", files=function("Seen"))
    page = running.folder / "app_offline.htm"
    assert put_state(running, "running") == 200
    assert put_state(running, "offline") == 202
    wait_until(page.exists, "app_offline.htm", LOG_PATIENCE)
    wait_until(lambda: state(running) == "Offline", "state Offline", LOG_PATIENCE)
    assert put_state(running, "offline") == 200
    assert running.get("/api/Seen").status == 503
    # What needs a running host says so.
    response = running.get("/admin/functions")
    assert (response.status, response.text) == (503, "Function host is not running.")
    assert put_state(running, "running") == 202
    wait_until(lambda: state(running) == "Running", "state Running", LOG_PATIENCE)
    assert not page.exists()
    assert running.get("/api/Seen").status == 200


def test_state_that_is_none(host: HostFactory) -> None:
    running = host("seen", files=function("Seen"))
    assert [put_state(running, text) for text in ("asleep", "", None)] == [400] * 3
    assert running.get("/api/Seen").status == 200


def test_drain_and_resume(host: HostFactory) -> None:
    running = host("seen", files=function("Seen"))

    def drained() -> dict[str, object]:
        found: dict[str, object] = running.get("/admin/host/drain/status").json()
        return found

    assert drained() == {"state": "Disabled", "outstandingInvocations": 0, "outstandingRetries": 0}
    assert running.post("/admin/host/drain", b"").status == 202
    wait_until(lambda: drained()["state"] == "Completed", "state Completed", LOG_PATIENCE)
    resumed = running.post("/admin/host/resume", b"")
    assert (resumed.status, resumed.json()) == (200, {"state": "Running"})
    assert drained()["state"] == "Disabled"
    assert running.get("/api/Seen").status == 200


def test_log(host: HostFactory) -> None:
    running = host("seen", files=function("Seen"))
    entries = [
        {"Level": "Warning", "FunctionName": "Seen", "Source": "test", "Message": "said from afar"},
        {"Level": "Error", "FunctionName": "", "Source": "test", "Message": "said without a name"},
    ]
    assert running.post("/admin/host/log", json.dumps(entries), JSON).status == 200
    running.wait_log("said from afar", LOG_PATIENCE)
    running.wait_log("said without a name", LOG_PATIENCE)
    refused = running.post("/admin/host/log", "null", JSON)
    assert refused.status == 400
    assert "An array of log entry objects is expected." in refused.text
