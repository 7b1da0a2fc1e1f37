"""Lists and descriptions of functions, and function.json folders (http.md 11)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from .admin_host import BASE, AdminHost
from .making import App, http, row, trigger

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


def get(app: App, path: str, *rows: dict[str, Any], **view: Any) -> Any:
    return json.loads(AdminHost(app, *rows, **view).now("GET", path).body)


class TestList:
    def test_description(self, app: App) -> None:
        script = f"{app.root}/function_app.py"
        functions = get(
            app, "/admin/functions", row("Hello", http("Items/{Id}"), scriptFile=script)
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
        host = AdminHost(app, row("f"))
        found = host.now("GET", "/admin/functions", b"", {"Host": "10.0.0.1:80"})
        assert json.loads(found.body)[0]["href"] == "http://10.0.0.1:80/admin/functions/f"

    def test_disabled_and_broken_ones_are_there(self, app: App) -> None:
        app.local({"AzureWebJobs.a.Disabled": "1"})
        found = get(app, "/admin/functions", row("a"), row("b", http("admin")))
        assert [(f["name"], f["isDisabled"]) for f in found] == [("a", True), ("b", False)]

    def test_without_http_there_is_no_url(self, app: App) -> None:
        found = get(app, "/admin/functions", row("t", trigger("timerTrigger")))
        assert found[0]["invoke_url_template"] is None

    def test_one_by_name_in_any_case(self, app: App) -> None:
        assert get(app, "/admin/functions/hELLO", row("Hello"), row("other"))["name"] == "Hello"

    def test_none(self, app: App) -> None:
        assert get(app, "/admin/functions") == []

    @pytest.mark.parametrize("path", ["/admin/functions/x", "/admin/functions/x/status"])
    def test_unknown(self, app: App, path: str) -> None:
        assert AdminHost(app, row("f")).now("GET", path).status == 404

    @pytest.mark.parametrize("path", ["", "/f", "/f/status"])
    @pytest.mark.parametrize("state", ["Error", "Starting", "Offline"])
    def test_host_that_does_not_run(self, app: App, path: str, state: str) -> None:
        response = AdminHost(app, row("f"), state=state).now("GET", f"/admin/functions{path}")
        assert (response.status, response.body) == (503, b"Function host is not running.")


class TestStatus:
    def test_healthy(self, app: App) -> None:
        assert get(app, "/admin/functions/f/status", row("f")) == {}

    @pytest.mark.parametrize("kind", ["metadata", "load"])
    def test_errors(self, app: App, kind: str) -> None:
        broken = row("f", error="it broke", errorKind=kind)
        assert get(app, "/admin/functions/f/status", broken) == {"errors": ["it broke"]}


CONFIG = {"bindings": [{"type": "timerTrigger", "name": "t", "schedule": "0 * * * * *"}]}


class TestPut:
    def test_creates(self, app: App) -> None:
        host = AdminHost(app)
        body = {"config": CONFIG, "files": {"__init__.py": "x = 1\n", "more/data.txt": "y"}}
        response = host.now("PUT", "/admin/functions/New-one", body)
        assert response.status == 201
        told = json.loads(response.body)
        assert (told["name"], told["config"]) == ("New-one", CONFIG)
        assert told["href"] == f"{BASE}/admin/functions/New-one"
        folder = app.root / "New-one"
        assert json.loads((folder / "function.json").read_text()) == CONFIG
        assert (folder / "__init__.py").read_text() == "x = 1\n"
        assert (folder / "more/data.txt").read_text() == "y"
        assert host.done == ["restart: function 'New-one' was written by the admin API"]

    def test_replaces_all_files_if_there_are_any(self, app: App) -> None:
        app.write("F/function.json", {"bindings": []}).write("F/old.py", "old")
        host = AdminHost(app, row("F", trigger("timerTrigger")))
        assert host.now("PUT", "/admin/functions/f", {"config": CONFIG}).status == 201
        assert (app.root / "F/old.py").exists()
        assert json.loads((app.root / "F/function.json").read_text()) == CONFIG
        files = {"config": CONFIG, "files": {"new.py": "new"}}
        assert host.now("PUT", "/admin/functions/f", files).status == 201
        names = sorted(path.name for path in (app.root / "F").iterdir())
        assert names == ["function.json", "new.py"]
        assert not (app.root / "f").exists()

    @pytest.mark.parametrize("name", ["1st", "a.b", "host", "%2e%2e", "a%2Fb", "a b", "x" * 129])
    def test_bad_names(self, app: App, name: str) -> None:
        response = AdminHost(app).now("PUT", f"/admin/functions/{name}", {"config": CONFIG})
        assert response.status == 400
        assert response.body.endswith(b" is not a valid function name")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"null",
            {"config": None},
            {"config": CONFIG, "files": ["x"]},
            {"config": CONFIG, "files": {"a.py": 1}},
            {"config": CONFIG, "files": {"../a.py": "x"}},
            {"config": CONFIG, "files": {"b/../../a.py": "x"}},
            {"config": CONFIG, "files": {"/a.py": "x"}},
            {"config": CONFIG, "files": {"a\0.py": "x"}},
            {"config": CONFIG, "files": {"": "x"}},
        ],
    )
    def test_bad_bodies_write_nothing(self, app: App, body: object) -> None:
        host = AdminHost(app)
        before = sorted(app.root.rglob("*"))
        assert host.now("PUT", "/admin/functions/f", body).status == 400
        assert sorted(app.root.rglob("*")) == before
        assert host.done == []

    def test_an_app_of_decorators_is_never_written_to(self, app: App) -> None:
        app.write("function_app.py", "")
        response = AdminHost(app).now("PUT", "/admin/functions/f", {"config": CONFIG})
        assert response.status == 400
        assert response.body == (
            b"Your app is currently in read only mode. Cannot create or update functions."
        )
        assert not (app.root / "f").exists()

    def test_links_are_not_followed(
        self, app: App, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        (elsewhere / "function.json").write_text("{}")
        (app.root / "f").symlink_to(elsewhere)
        host = AdminHost(app)
        body = {"config": CONFIG, "files": {"a.py": "x"}}
        assert host.now("PUT", "/admin/functions/f", body).status == 400
        assert host.now("DELETE", "/admin/functions/f").status == 400
        assert [path.name for path in elsewhere.iterdir()] == ["function.json"]


class TestDelete:
    def test_removes_the_folder(self, app: App) -> None:
        app.write("F/function.json", {}).write("F/a/b.py", "").write("other/function.json", {})
        host = AdminHost(app, row("F"))
        response = host.now("DELETE", "/admin/functions/f")
        assert (response.status, response.body) == (204, b"")
        assert not (app.root / "F").exists()
        assert (app.root / "other").exists()
        assert host.done == ["restart: function 'f' was removed by the admin API"]

    @pytest.mark.parametrize("name", ["nobody", "data", "%2e%2e", ".", "host.json"])
    def test_what_is_no_function_stays(self, app: App, name: str) -> None:
        app.write("data/kept.txt", "")
        host = AdminHost(app)
        assert host.now("DELETE", f"/admin/functions/{name}").status == 404
        assert (app.root / "data/kept.txt").exists()
        assert host.done == []

    def test_an_app_of_decorators(self, app: App) -> None:
        app.write("function_app.py", "").write("f/function.json", {})
        assert AdminHost(app, row("f")).now("DELETE", "/admin/functions/f").status == 400
        assert (app.root / "f").exists()
