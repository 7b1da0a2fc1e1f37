"""The home page and the admin endpoints that tools read."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("routes")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_home_page(running: RunningHost, method: str) -> None:
    response = running.request(method, "/")
    assert response.status == 200
    assert (response.header("content-type") or "").startswith("text/html")
    assert "up and running" in response.text


def test_home_page_can_be_switched_off(host: HostFactory) -> None:
    response = host("hello", env={"AzureWebJobsDisableHomepage": "true"}).get("/")
    assert (response.status, response.body) == (204, b"")


def test_a_function_can_claim_the_home_page(host: HostFactory) -> None:
    files = {"host.json": '{"version": "2.0", "extensions": {"http": {"routePrefix": ""}}}'}
    script = (
        "import azure.functions as func\n"
        "app = func.FunctionApp()\n"
        '@app.route(route="{*path}")\n'
        "def anything(req):\n"
        '    return "mine: " + req.route_params.get("path", "nothing")\n'
    )
    running = host("hello", files={**files, "function_app.py": script})
    assert running.get("/").text == "mine: nothing"
    assert running.get("/a/b").text == "mine: a/b"
    assert running.get("/admin/host/ping").body == b""


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_ping(running: RunningHost, method: str) -> None:
    response = running.request(method, "/admin/host/ping")
    assert (response.status, response.body) == (200, b"")
    cache = {part.strip() for part in (response.header("cache-control") or "").split(",")}
    assert cache == {"no-store", "no-cache"}


def test_status(running: RunningHost) -> None:
    response = running.get("/admin/host/status")
    assert response.status == 200
    assert (response.header("content-type") or "").startswith("application/json")
    status = response.json()
    assert status["state"] == "Running"
    assert 0 < len(status["id"]) <= 32
    assert status["version"].startswith("4.")
    assert status["versionDetails"].startswith("4.")
    assert isinstance(status["processUptime"], int)
    assert status["functionAppContentEditingState"] in ("Unknown", "Allowed", "NotAllowed")
    assert None not in status.values()


def test_functions(running: RunningHost) -> None:
    response = running.get("/admin/functions")
    assert response.status == 200
    functions = {function["name"]: function for function in response.json()}
    assert {"hello", "RenamedFunction", "b_items", "locked"} <= set(functions)
    items = functions["b_items"]
    assert items["language"] == "python"
    assert items["isDisabled"] is False
    assert items["invoke_url_template"].endswith("/api/items/{id:int}")
    assert items["href"].endswith("/admin/functions/b_items")
    assert functions["RenamedFunction"]["invoke_url_template"].endswith("/api/renamedfunction")
    trigger, output = sorted(items["config"]["bindings"], key=lambda b: b["type"] == "http")
    assert trigger["type"] == "httpTrigger"
    assert trigger["name"] == "req"
    assert trigger["direction"].lower() == "in"
    assert trigger["authLevel"].lower() == "anonymous"
    assert trigger["route"] == "items/{id:int}"
    assert (output["type"], output["name"]) == ("http", "$return")


def test_one_function(running: RunningHost) -> None:
    listed = {function["name"]: function for function in running.get("/admin/functions").json()}
    assert running.get("/admin/functions/hello").json() == listed["hello"]
    assert running.get("/admin/functions/nobody").status == 404


def test_status_of_a_function(running: RunningHost) -> None:
    assert running.get("/admin/functions/hello/status").json() == {}
    errors = running.get("/admin/functions/e_conflicts/status").json()["errors"]
    assert "conflicts with one or more built in routes" in errors[0]
    assert running.get("/admin/functions/nobody/status").status == 404


def test_a_disabled_function(host: HostFactory) -> None:
    running = host("routes", env={"AzureWebJobs.hello.Disabled": "1"})
    running.wait_log(r"^\s*Function hello is disabled\.$")
    assert running.get("/api/hello").status == 404
    functions = {one["name"]: one for one in running.get("/admin/functions").json()}
    assert functions["hello"]["isDisabled"] is True
    assert functions["locked"]["isDisabled"] is False


@pytest.mark.parametrize(
    ("method", "path", "status", "content"),
    [
        pytest.param("GET", "/admin/host/extensions", 200, '"extensions":[]', id="11-extensions"),
        pytest.param("GET", "/admin/host/config", 200, '"routePrefix":"api"', id="11-config"),
        pytest.param(
            "POST", "/admin/host/synctriggers", 200, '{"status":"success"}', id="11-synctriggers"
        ),
        pytest.param(
            "POST",
            "/admin/host/scale/status",
            400,
            "Runtime scale monitoring is not enabled.",
            id="11-scale-status",
        ),
        *[
            pytest.param(
                "GET",
                f"/admin/host/extensionBundle/v1/{part}",
                404,
                "Extension bundle is not configured.",
                id=f"11-bundle-{part}",
            )
            for part in ("templates", "bindings", "resources")
        ],
        pytest.param("POST", "/admin/host/resume", 200, '{"state":"Running"}', id="11-resume"),
        pytest.param("GET", "/admin/host/ping?checkHealth=1", 200, "", id="11-ping-check-health"),
        pytest.param("GET", "/admin/warmup", 200, "", id="11-warmup-without-function"),
        pytest.param("GET", "/admin/vfs/function_app.py", 404, "", id="11-vfs-not-there"),
        pytest.param("GET", "/admin/nowhere", 404, "", id="11-unknown"),
        pytest.param("GET", "/runtime/webhooks/nobody", 404, "", id="11.1-unknown-extension"),
    ],
)
def test_endpoints(running: RunningHost, method: str, path: str, status: int, content: str) -> None:
    response = running.request(method, path)
    assert response.status == status
    assert content in response.text
    assert content or response.body == b""


def test_status_as_xml_11(running: RunningHost) -> None:
    response = running.get("/admin/host/status", {"Accept": "text/xml"})
    assert response.header("content-type") == "text/xml; charset=utf-8"
    assert ElementTree.fromstring(response.body).findtext("State") == "Running"


def test_processes_11(running: RunningHost) -> None:
    processes = running.get("/admin/host/processes").json()["processes"]
    assert [one["processId"] for one in processes] == [running.pid, *running.worker_pids()]


def test_log_11(running: RunningHost) -> None:
    entries = [{"Level": "Warning", "FunctionName": "hello", "Message": "from outside"}]
    assert running.post("/admin/host/log", json.dumps(entries)).status == 200
    running.wait_log(r"^\[\S+Z\] from outside$")
    response = running.post("/admin/host/log", "null")
    assert (response.status, response.text) == (400, "An array of log entry objects is expected.")


def test_drain_11(host: HostFactory) -> None:
    running = host("hello")

    def status() -> dict[str, object]:
        told: dict[str, object] = running.get("/admin/host/drain/status").json()
        return told

    idle = {"outstandingInvocations": 0, "outstandingRetries": 0}
    assert status() == {"state": "Disabled", **idle}
    assert running.post("/admin/host/drain", "").status == 202
    assert status() == {"state": "Completed", **idle}
    # HTTP has no listener that could be stopped.
    assert running.get("/api/hello").status == 200
    assert running.post("/admin/host/resume", "").json() == {"state": "Running"}
    assert status() == {"state": "Disabled", **idle}


def test_download_11(host: HostFactory) -> None:
    files = {".funcignore": "*.md\n", "notes.md": "x", "data/rows.csv": "1,2\n"}
    running = host("hello", files=files)
    response = running.get("/admin/functions/download")
    assert response.status == 200
    assert response.header("content-disposition") == 'attachment; filename="functions.zip"'
    packed = zipfile.ZipFile(io.BytesIO(response.body))
    assert packed.read("data/rows.csv") == b"1,2\n"
    names = set(packed.namelist())
    assert {"function_app.py", "host.json"} <= names
    assert not names & {"notes.md", ".funcignore", "local.settings.json"}
    response = running.get("/admin/functions/download?includeAppSettings=true")
    assert "local.settings.json" in zipfile.ZipFile(io.BytesIO(response.body)).namelist()
