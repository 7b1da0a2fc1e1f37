"""http.md 11: what the admin API tells about the host and its functions."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from .case import LOG_PATIENCE, Case, each

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

OFF = {"AzureWebJobs.Disabled.Disabled": "1"}
EMPTY = {"content-type": None}


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("admin", env=OFF)


@pytest.fixture(scope="module")
def status(running: RunningHost) -> dict[str, Any]:
    response = running.get("/admin/host/status")
    assert response.status == 200
    assert (response.header("content-type") or "").startswith("application/json")
    found: dict[str, Any] = response.json()
    return found


@pytest.mark.parametrize(
    ("key", "pattern"),
    [
        pytest.param(key, kind, id=f"http-11-status-{key}")
        for key, kind in [
            ("id", str),
            ("state", str),
            ("version", str),
            ("versionDetails", str),
            ("processUptime", int),
            ("functionAppContentEditingState", str),
        ]
    ],
)
def test_status(status: dict[str, Any], key: str, pattern: type) -> None:
    assert isinstance(status[key], pattern)


def test_status_values(status: dict[str, Any]) -> None:
    assert status["state"] == "Running"
    assert 0 < len(status["id"]) <= 32
    assert status["version"].startswith("4.")
    assert status["versionDetails"].startswith("4.")
    assert status["functionAppContentEditingState"] in ("Unknown", "Allowed", "NotAllowed")
    assert None not in status.values(), "expected nulls to be left out"
    assert "errors" not in status


def test_status_as_xml(running: RunningHost) -> None:
    response = running.get("/admin/host/status", {"Accept": "text/xml"})
    assert response.status == 200
    assert "xml" in (response.header("content-type") or "")
    assert "Running" in response.text


def test_status_names_the_bundle(host: HostFactory) -> None:
    bundle = {"id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)"}
    text = json.dumps({"version": "2.0", "extensionBundle": bundle})
    running = host("hello", files={"host.json": text})
    assert running.get("/admin/host/status").json()["extensionBundle"]["id"] == bundle["id"]


CACHE = {"cache-control": "no-store, no-cache"}


@each(
    [
        Case("http-11-ping-GET", "GET /admin/host/ping", body=b"", fields=CACHE),
        Case("http-11-ping-POST", "POST /admin/host/ping", body=b"", fields=CACHE),
        Case("http-11-ping-check-health", "GET /admin/host/ping?checkHealth=1", body=b""),
        Case("http-11-ping-in-any-case", "GET /Admin/Host/PING/", body=b""),
        Case("http-11-unknown", "GET /admin/nowhere", 404),
        Case("http-11-unknown-host", "GET /admin/host/nowhere", 404),
        Case("http-11-alone", "GET /admin", 404),
        Case("http-11-sync-triggers", "POST /admin/host/synctriggers", json={"status": "success"}),
        Case(
            "http-11-scale-status",
            "POST /admin/host/scale/status",
            400,
            send={"Content-Type": "application/json"},
            payload="{}",
        ),
        Case("http-11-config", "GET /admin/host/config"),
        Case("http-11-extensions", "GET /admin/host/extensions"),
        Case("http-11-one-function-unknown", "GET /admin/functions/Nobody", 404),
        Case("http-11-function-status", "GET /admin/functions/MyTimer/status", json={}),
        Case("http-11-function-status-unknown", "GET /admin/functions/Nobody/status", 404),
        Case("http-11-warmup-GET", "GET /admin/warmup", body=b""),
        Case("http-11-warmup-POST", "POST /admin/warmup", body=b"", payload=b""),
    ]
)
def test_admin(running: RunningHost, case: Case) -> None:
    case.check(running)


def test_scale_status_says_why(running: RunningHost) -> None:
    response = running.post("/admin/host/scale/status", "{}")
    assert "Runtime scale monitoring is not enabled." in response.text


def test_processes(running: RunningHost) -> None:
    processes = running.get("/admin/host/processes").json()["processes"]
    assert processes
    for process in processes:
        assert isinstance(process["processId"], int)
        assert isinstance(process["processName"], str)
        assert {"debugEngine", "isEligibleForOpenInBrowser"} <= process.keys()


@pytest.fixture(scope="module")
def functions(running: RunningHost) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in running.get("/admin/functions").json()}


KEYS = (
    "script_root_path_href",
    "script_href",
    "config_href",
    "test_data_href",
    "href",
    "invoke_url_template",
    "language",
    "config",
    "files",
    "test_data",
    "isDisabled",
    "isDirect",
    "isProxy",
)


@pytest.mark.parametrize("key", [pytest.param(k, id=f"http-11-function-{k}") for k in KEYS])
def test_function_has(functions: dict[str, dict[str, Any]], key: str) -> None:
    assert key in functions["items"]


def test_functions(running: RunningHost, functions: dict[str, dict[str, Any]]) -> None:
    assert set(functions) == {"Disabled", "Failing", "items", "Message", "MyTimer", "warmup"}
    assert [name for name, one in functions.items() if one["isDisabled"]] == ["Disabled"]
    items = functions["items"]
    assert items["language"] == "python"
    assert items["invoke_url_template"] == f"{running.url}/api/items/{{id:int}}"
    assert items["href"].endswith("/admin/functions/items")
    assert functions["MyTimer"]["invoke_url_template"] is None
    config = items["config"]
    assert {"name", "entryPoint", "scriptFile", "language", "functionDirectory"} <= config.keys()
    assert (config["name"], config["scriptFile"]) == ("items", "function_app.py")
    kinds = {binding["type"] for binding in config["bindings"]}
    assert kinds == {"httpTrigger", "http"}


def test_one_function(running: RunningHost, functions: dict[str, dict[str, Any]]) -> None:
    assert running.get("/admin/functions/items").json() == functions["items"]
    assert running.get("/admin/functions/MYTIMER").json() == functions["MyTimer"]


def test_status_of_a_function_in_error(host: HostFactory) -> None:
    running = host("routes")
    errors = running.get("/admin/functions/e_conflicts/status").json()["errors"]
    assert any("conflicts with one or more built in routes" in error for error in errors)


def test_download(running: RunningHost) -> None:
    response = running.get("/admin/functions/download?includeCsproj=false&includeAppSettings=false")
    assert response.status == 200
    assert response.header("content-type") == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.body)) as archive:
        names = archive.namelist()
        script = archive.read("function_app.py")
    assert "host.json" in names
    assert "local.settings.json" not in names
    assert script == (running.folder / "function_app.py").read_bytes()


def test_warmup_runs_once(host: HostFactory) -> None:
    running = host("admin")
    assert [running.get("/admin/warmup").status for _ in range(3)] == [200] * 3
    running.wait_log("the warm-up ran$", LOG_PATIENCE)
    running.get("/admin/host/ping")
    assert running.log().count("the warm-up ran") == 1
