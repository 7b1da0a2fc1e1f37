"""Answers under /admin and at / (http.md 3.3 and 11)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from ferrofunc import __version__
from ferrofunc.host import admin

from .making import App, build, http, row, trigger

if TYPE_CHECKING:
    from pathlib import Path

BASE = "http://localhost:7071"
JSON = (("Content-Type", "application/json; charset=utf-8"),)


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


def view(app: App, *rows: dict[str, object], **more: object) -> admin.HostView:
    fields: dict[str, Any] = {
        "settings": app.load(),
        "functions": build(app, *rows),
        "state": "Running",
        "base_url": BASE,
        "uptime_ms": 1234,
        **more,
    }
    return admin.HostView(**fields)


def get(app: App, path: str, *rows: dict[str, object], **more: object) -> admin.Response:
    return admin.respond("GET", path, view(app, *rows, **more))


class TestStatus:
    def test_shape(self, app: App) -> None:
        app.local({"AzureFunctionsWebHost__hostid": "my-host"})
        response = get(app, "/admin/host/status")
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
        response = get(app, "/admin/host/status", state="Error", errors=["host.json is broken"])
        status = json.loads(response.body)
        assert (status["state"], status["errors"]) == ("Error", ["host.json is broken"])

    def test_extension_bundle(self, app: App) -> None:
        app.host_json(extensionBundle={"id": "Some.Bundle", "version": "[4.*, 5.0.0)"})
        status = json.loads(get(app, "/admin/host/status").body)
        assert status["extensionBundle"] == {"id": "Some.Bundle", "version": "[4.*, 5.0.0)"}

    @pytest.mark.parametrize("path", ["/admin/host/status/", "/ADMIN/Host/Status"])
    def test_case_and_last_slash_do_not_matter(self, app: App, path: str) -> None:
        assert get(app, path).status == 200


class TestPing:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize("state", ["Running", "Starting", "Error"])
    def test_empty_and_uncached(self, app: App, method: str, state: str) -> None:
        response = admin.respond(method, "/admin/host/ping", view(app, state=state))
        assert (response.status, response.body) == (200, b"")
        assert response.headers == (("Cache-Control", "no-store, no-cache"),)


class TestFunctions:
    def test_description(self, app: App) -> None:
        script = f"{app.root}/function_app.py"
        functions = json.loads(
            get(app, "/admin/functions", row("Hello", http("Items/{Id}"), scriptFile=script)).body
        )
        assert functions == [
            {
                "name": "Hello",
                "script_root_path_href": f"{BASE}/admin/vfs/Hello/",
                "script_href": f"{BASE}/admin/vfs/function_app.py",
                "config_href": f"{BASE}/admin/vfs/Hello/function.json",
                "test_data_href": None,
                "href": f"{BASE}/admin/functions/Hello",
                "invoke_url_template": f"{BASE}/api/items/{{id}}",
                "language": "python",
                "config": {
                    "name": "Hello",
                    "entryPoint": "Hello",
                    "scriptFile": "function_app.py",
                    "language": "python",
                    "functionDirectory": "/app",
                    "bindings": http("Items/{Id}"),
                },
                "files": None,
                "test_data": None,
                "isDisabled": False,
                "isDirect": False,
                "isProxy": False,
            }
        ]

    def test_links_begin_with_what_the_client_used(self, app: App) -> None:
        found = json.loads(
            get(app, "/admin/functions", row("f"), base_url="http://10.0.0.1:80").body
        )
        assert found[0]["href"] == "http://10.0.0.1:80/admin/functions/f"

    def test_disabled_and_broken_ones_are_there(self, app: App) -> None:
        app.local({"AzureWebJobs.a.Disabled": "1"})
        found = json.loads(get(app, "/admin/functions", row("a"), row("b", http("admin"))).body)
        assert [(f["name"], f["isDisabled"]) for f in found] == [("a", True), ("b", False)]

    def test_without_http_there_is_no_url(self, app: App) -> None:
        found = json.loads(get(app, "/admin/functions", row("t", trigger("timerTrigger"))).body)
        assert found[0]["invoke_url_template"] is None

    def test_one_by_name_in_any_case(self, app: App) -> None:
        one = get(app, "/admin/functions/hELLO", row("Hello"), row("other"))
        assert json.loads(one.body)["name"] == "Hello"

    def test_none(self, app: App) -> None:
        assert get(app, "/admin/functions").body == b"[]"

    @pytest.mark.parametrize("path", ["/admin/functions/x", "/admin/functions/x/status"])
    def test_unknown(self, app: App, path: str) -> None:
        assert get(app, path, row("f")).status == 404

    @pytest.mark.parametrize("path", ["", "/f", "/f/status"])
    def test_host_that_does_not_run(self, app: App, path: str) -> None:
        response = get(app, f"/admin/functions{path}", row("f"), state="Error")
        assert (response.status, response.body) == (503, b"Function host is not running.")


class TestFunctionStatus:
    def test_healthy(self, app: App) -> None:
        response = get(app, "/admin/functions/f/status", row("f"))
        assert (response.status, response.body) == (200, b"{}")

    @pytest.mark.parametrize("kind", ["metadata", "load"])
    def test_errors(self, app: App, kind: str) -> None:
        broken = row("f", error="it broke", errorKind=kind)
        response = get(app, "/admin/functions/f/status", broken)
        assert json.loads(response.body) == {"errors": ["it broke"]}


class TestHomePage:
    """http.md 3.3."""

    @pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
    def test_any_method(self, app: App, method: str) -> None:
        response = admin.respond(method, "/", view(app))
        assert response.status == 200
        assert response.headers == (("Content-Type", "text/html; charset=utf-8"),)

    def test_is_complete_in_itself(self, app: App) -> None:
        page = get(app, "/").body.decode()
        assert page.startswith("<!doctype html>")
        assert "prefers-color-scheme: dark" in page
        assert not any(outside in page for outside in ("http:", "https:", "src=", "<script"))

    def test_switched_off(self, app: App) -> None:
        response = get(app.local({"AzureWebJobsDisableHomepage": "true"}), "/")
        assert (response.status, response.headers, response.body) == (204, (), b"")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/admin/host/status"),
        ("GET", "/admin"),
        ("GET", "/admin/host"),
        ("GET", "/admin/host/ping/more"),
        ("GET", "/admin/functions/f/other"),
        ("GET", "/administrators"),
        ("GET", "/api/unknown"),
    ],
)
def test_everything_else_is_404(app: App, method: str, path: str) -> None:
    response = admin.respond(method, path, view(app, row("f")))
    assert (response.status, response.headers, response.body) == (404, (), b"")
