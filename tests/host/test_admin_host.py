"""Answers under /admin/host and at / (http.md 3.3 and 11)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from ferrofunc import __version__
from ferrofunc.host.admin import router

from .admin_host import BASE, AdminHost
from .making import App, row

if TYPE_CHECKING:
    from pathlib import Path

JSON = (("Content-Type", "application/json; charset=utf-8"),)


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


class TestStatus:
    def test_shape(self, app: App) -> None:
        app.local({"AzureFunctionsWebHost__hostid": "my-host"})
        response = AdminHost(app).now("GET", "/admin/host/status")
        assert (response.status, response.headers) == (200, JSON)
        status = json.loads(response.body)
        assert status == {
            "id": "my-host",
            "state": "Running",
            "version": status["version"],
            "versionDetails": status["versionDetails"],
            "processUptime": 1234,
            "functionAppContentEditingState": "Unknown",
        }
        assert status["version"].startswith("4.")
        assert status["versionDetails"].endswith(f"+ferrofunc.{__version__}")

    def test_errors_of_a_host_in_state_error(self, app: App) -> None:
        host = AdminHost(app, state="Error", errors=["host.json is broken"])
        status = json.loads(host.now("GET", "/admin/host/status").body)
        assert (status["state"], status["errors"]) == ("Error", ["host.json is broken"])

    def test_extension_bundle(self, app: App) -> None:
        app.host_json(extensionBundle={"id": "Some.Bundle", "version": "[4.*, 5.0.0)"})
        status = json.loads(AdminHost(app).now("GET", "/admin/host/status").body)
        assert status["extensionBundle"] == {"id": "Some.Bundle", "version": "[4.*, 5.0.0)"}

    def test_as_xml(self, app: App) -> None:
        app.host_json(extensionBundle={"id": "a<b", "version": "1"})
        host = AdminHost(app, state="Error", errors=["one", "two & more"])
        response = host.now("GET", "/admin/host/status", b"", {"Accept": "text/xml"})
        assert response.headers == (("Content-Type", "text/xml; charset=utf-8"),)
        root = ElementTree.fromstring(response.body)
        assert root.tag == "HostStatus"
        assert (root.findtext("State"), root.findtext("ProcessUptime")) == ("Error", "1234")
        assert root.findtext("ExtensionBundle/Id") == "a<b"
        assert [error.text for error in root.findall("Errors/string")] == ["one", "two & more"]

    @pytest.mark.parametrize("path", ["/admin/host/status/", "/ADMIN/Host/Status"])
    def test_case_and_last_slash_do_not_matter(self, app: App, path: str) -> None:
        assert AdminHost(app).now("GET", path).status == 200


class TestPing:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize("state", ["Running", "Starting", "Error", "Offline"])
    @pytest.mark.parametrize("query", ["", "?checkHealth=1"])
    def test_empty_and_uncached(self, app: App, method: str, state: str, query: str) -> None:
        response = AdminHost(app, state=state).now(method, f"/admin/host/ping{query}")
        assert (response.status, response.body) == (200, b"")
        assert response.headers == (("Cache-Control", "no-store, no-cache"),)


def test_processes(app: App) -> None:
    host = AdminHost(app, pid=10, workers=[11, 12])
    processes = json.loads(host.now("GET", "/admin/host/processes").body)["processes"]
    assert [process["processId"] for process in processes] == [10, 11, 12]
    assert processes[1] == {
        "processId": 11,
        "processName": "python",
        "debugEngine": "python",
        "isEligibleForOpenInBrowser": False,
    }


def test_config(app: App) -> None:
    http = {"routePrefix": "v2", "maxOutstandingRequests": 5}
    app.host_json(extensions={"http": http}).local({"Secret": "never shown"})
    response = AdminHost(app).now("GET", "/admin/host/config")
    told = json.loads(response.body)
    assert told["extensions"]["http"]["routePrefix"] == "v2"
    assert told["extensions"]["http"]["maxOutstandingRequests"] == 5
    assert told["extensions"]["http"]["maxConcurrentRequests"] == -1
    assert told["concurrency"]["dynamicConcurrencyEnabled"] is False
    assert b"never shown" not in response.body


def test_extensions(app: App) -> None:
    told = json.loads(AdminHost(app).now("GET", "/admin/host/extensions").body)
    href = f"{BASE}/admin/host/extensions"
    assert told == {"extensions": [], "links": [{"rel": "self", "href": href}]}


@pytest.mark.parametrize("part", ["templates", "bindings", "resources"])
def test_bundle(app: App, part: str) -> None:
    response = AdminHost(app).now("GET", f"/admin/host/extensionBundle/v1/{part}")
    assert (response.status, response.body) == (404, b"Extension bundle is not configured.")


def test_synctriggers(app: App) -> None:
    response = AdminHost(app).now("POST", "/admin/host/synctriggers")
    assert (response.status, json.loads(response.body)) == (200, {"status": "success"})


def test_scale_status(app: App) -> None:
    response = AdminHost(app).now("POST", "/admin/host/scale/status")
    assert response.status == 400
    assert response.body == b"Runtime scale monitoring is not enabled."


class TestLog:
    def entry(self, level: object, function: str | None, message: str) -> dict[str, object]:
        return {"Level": level, "FunctionName": function, "Source": "tool", "Message": message}

    def test_lines(self, app: App) -> None:
        host = AdminHost(app)
        entries = [
            self.entry("Error", "f", "one"),
            self.entry("info", "f", "two"),
            {"level": 2, "functionName": "f", "message": "three"},
        ]
        assert host.now("POST", "/admin/host/log", entries).status == 200
        assert host.lines == [("Error", "one"), ("Information", "two"), ("Warning", "three")]

    def test_levels_in_force_decide(self, app: App) -> None:
        app.host_json(logging={"logLevel": {"Function.quiet": "Error", "Function.mute": "None"}})
        host = AdminHost(app)
        entries = [
            self.entry("Warning", "quiet", "hidden"),
            self.entry("Error", "quiet", "shown"),
            self.entry("Error", "mute", "hidden"),
            self.entry("Verbose", "f", "hidden"),
            self.entry("Info", None, "hidden, as the host's own lines are"),
            self.entry("Off", "f", "hidden"),
        ]
        host.now("POST", "/admin/host/log", entries)
        assert host.lines == [("Error", "shown")]

    @pytest.mark.parametrize("body", [b"null", b"", b"{}", b"not JSON"])
    def test_no_array(self, app: App, body: bytes) -> None:
        response = AdminHost(app).now("POST", "/admin/host/log", body)
        assert response.status == 400
        assert response.body == b"An array of log entry objects is expected."

    def test_an_entry_that_is_no_object(self, app: App) -> None:
        host = AdminHost(app)
        assert host.now("POST", "/admin/host/log", [self.entry("Error", "f", "m"), 1]).status == 400
        assert host.lines == []


class TestHomePage:
    """http.md 3.3."""

    @pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
    def test_any_method(self, app: App, method: str) -> None:
        response = AdminHost(app).now(method, "/")
        assert response.status == 200
        assert response.headers == (("Content-Type", "text/html; charset=utf-8"),)

    def test_open_to_everybody(self, app: App) -> None:
        host = AdminHost(app, is_auth_enabled=True)
        assert host.now("GET", "/", level="anonymous").status == 200

    def test_is_complete_in_itself(self, app: App) -> None:
        page = AdminHost(app).now("GET", "/").body.decode()
        assert page.startswith("<!doctype html>")
        assert "prefers-color-scheme: dark" in page
        assert not any(outside in page for outside in ("http:", "https:", "src=", "<script"))

    def test_switched_off(self, app: App) -> None:
        host = AdminHost(app.local({"AzureWebJobsDisableHomepage": "true"}))
        response = host.now("GET", "/")
        assert (response.status, response.headers, response.body) == (204, (), b"")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/admin/host/status"),
        ("GET", "/admin"),
        ("GET", "/admin/host"),
        ("GET", "/admin/host/ping/more"),
        ("GET", "/admin/host/restart"),
        ("GET", "/admin/functions/f/other"),
        ("GET", "/admin/functions//status"),
        ("GET", "/administrators"),
        ("GET", "/api/unknown"),
        ("GET", "/runtime"),
        ("GET", "/runtime/webhooks"),
        ("GET", "/admin/vfs/function_app.py"),
    ],
)
def test_everything_else_is_404(app: App, method: str, path: str) -> None:
    response = AdminHost(app, row("f")).now(method, path)
    assert (response.status, response.headers, response.body) == (404, (), b"")


class TestLevels:
    """http.md 8.3 and 11: no or an unknown key is 401, a key that is too weak 403."""

    def paths(self, needed: str) -> list[tuple[str, str]]:
        return [
            (methods.split()[0], "/" + pattern.replace("{", "").replace("}", ""))
            for methods, pattern, level, _ in router.ENDPOINTS
            if level == needed
        ]

    def test_every_endpoint_has_a_known_level(self) -> None:
        assert {level for _, _, level, _ in router.ENDPOINTS} == {"anonymous", "system", "admin"}

    def test_open_ones(self) -> None:
        paths = {path for _, path in self.paths("anonymous")}
        assert paths == {"/admin/host/ping", "/admin/warmup"}

    @pytest.mark.parametrize(
        ("level", "status"),
        [("anonymous", 401), ("function", 403), ("system", 403)],
    )
    def test_admin_endpoints(self, app: App, level: str, status: int) -> None:
        host = AdminHost(app, row("name"), is_auth_enabled=True)
        for method, path in self.paths("admin"):
            response = host.now(method, path, level=level, system_key="x_extension")
            assert (path, response.status, response.body) == (path, status, b"")
        assert (host.done, host.submitted, host.lines) == ([], [], [])

    def test_without_a_word_from_the_gateway(self, app: App) -> None:
        assert AdminHost(app).now("GET", "/admin/host/status").status == 200
        closed = AdminHost(app, is_auth_enabled=True)
        assert closed.now("GET", "/admin/host/status").status == 401

    def test_unknown_paths_need_no_key(self, app: App) -> None:
        host = AdminHost(app, is_auth_enabled=True)
        assert host.now("GET", "/admin/nowhere", level="anonymous").status == 404
