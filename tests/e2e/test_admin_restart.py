"""Restart and state: the app changes hands, nobody is lost (http.md 11, configuration.md 12)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from .at_once import Background
from .waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import HostFactory

    from .running_host import RunningHost

JSON = {"Content-Type": "application/json"}


def write(running: RunningHost, name: str, text: str) -> None:
    (running.folder / name).write_text(text)


def change(running: RunningHost, old: str, new: str) -> None:
    path = running.folder / "function_app.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def restart(running: RunningHost) -> dict[str, object]:
    response = running.post("/admin/host/restart", "")
    assert response.status == 200
    told: dict[str, object] = response.json()
    return told


def wait_answer(running: RunningHost, path: str, status: int, text: str | None = None) -> None:
    def answers() -> bool:
        response = running.get(path)
        return response.status == status and text in (None, response.text)

    wait_until(answers, f"{status} {text or ''} from {path}")


class TestRestart:
    def test_what_it_answers_11(self, host: HostFactory) -> None:
        running = host("by_hand")
        (before,) = running.worker_pids()
        told = restart(running)
        assert told["scriptPath"] == str(running.folder)
        assert told["isSelfHost"] is True
        wait_until(lambda: before not in running.worker_pids(), "the old worker to leave")
        assert len(running.worker_pids()) == 1
        assert running.get("/admin/host/status").json()["state"] == "Running"

    def test_the_code_is_loaded_again(self, host: HostFactory) -> None:
        running = host("by_hand")
        assert running.get("/api/show").text == "one"
        change(running, 'VERSION = "one"', 'VERSION = "the second"')
        restart(running)
        wait_answer(running, "/api/show", 200, "the second")

    def test_calls_run_on_and_the_old_workers_end_after_them(
        self, host: HostFactory, tmp_path: Path
    ) -> None:
        running = host("by_hand", env={"FUNCTIONS_WORKER_PROCESS_COUNT": "2"})
        wait_until(lambda: len(running.worker_pids()) == 2, "two workers")
        with Background(1) as background:
            call = background.start(lambda: running.get(f"/api/held?gate={tmp_path}/gate"))
            running.wait_log("waiting for ")
            # Rows change: all functions but this one go, and new ones come before it.
            change(running, '@app.route(route="show/{name?}")\ndef show', "def show")
            change(
                running,
                '@app.route(route="held")',
                (
                    '@app.route(route="aaa")\n'
                    "def aaa(req: func.HttpRequest) -> str:\n"
                    '    return "new"\n\n'
                    '@app.route(route="held")'
                ),
            )
            change(running, 'VERSION = "one"', 'VERSION = "two"')
            restart(running)
            wait_answer(running, "/api/aaa", 200, "new")
            assert running.get("/api/show").status == 404
            assert not call.done()
            (tmp_path / "gate").touch()
            response = call.result()
        assert (response.status, response.text) == (200, "one")
        # Its lines keep its name, whatever its row is called now.
        running.wait_log(r"Executed 'Functions\.held' \(Succeeded, ")
        assert "[Information held " in running.log()
        wait_until(lambda: len(running.worker_pids()) == 2, "the old workers to leave")
        assert running.get("/api/aaa").text == "new"

    def test_waiting_submissions_keep_their_function(
        self, host: HostFactory, tmp_path: Path
    ) -> None:
        running = host("by_hand", env={"PYTHON_THREADPOOL_THREAD_COUNT": "1"})

        def run(name: str, text: str) -> None:
            body = json.dumps({"input": text})
            assert running.post(f"/admin/functions/{name}", body, JSON).status == 202

        run("wait", f"{tmp_path}/gate")
        running.wait_log("waiting for ")
        # Far more than the Ring holds; the last ones are still with the host when the rows change.
        for _ in range(40):
            run("size", "x" * 15_000)
        run("tick", "")
        change(running, "def answer(", "def zzz(")
        restart(running)
        (tmp_path / "gate").touch()
        wait_until(lambda: running.log().count("size 15000") == 40, "all of them to run")
        running.wait_log(r"Executed 'Functions\.tick' \(Succeeded")
        assert running.log().count("Executed 'Functions.size' (Succeeded") == 40

    def test_no_request_is_lost(self, host: HostFactory) -> None:
        running = host("by_hand")
        with Background(4) as background:
            stop = []

            def ask() -> set[int]:
                found = set()
                while not stop:
                    found.add(running.get("/api/show").status)
                return found

            askers = [background.start(ask) for _ in range(3)]
            for number in range(4):
                change(running, 'VERSION = "', f'VERSION = "{number}')
                restart(running)
                expected = "".join(str(n) for n in reversed(range(number + 1))) + "one"
                wait_answer(running, "/api/show", 200, expected)
            stop.append(True)
            assert set().union(*(asker.result() for asker in askers)) == {200}

    def test_settings_are_read_again(self, host: HostFactory) -> None:
        running = host("by_hand")
        prefix = {"version": "2.0", "extensions": {"http": {"routePrefix": "v2"}}}
        write(running, "host.json", json.dumps(prefix))
        values = {
            "AzureWebJobsStorage": "UseDevelopmentStorage=true",
            "AzureWebJobs.held.Disabled": "1",
        }
        settings = {"IsEncrypted": False, "Values": values, "Host": {"LocalHttpPort": 1}}
        write(running, "local.settings.json", json.dumps(settings))
        restart(running)
        wait_answer(running, "/v2/show", 200)
        assert running.get("/api/show").status == 404
        functions = {f["name"]: f for f in running.get("/admin/functions").json()}
        assert functions["held"]["isDisabled"] is True

    def test_a_host_json_that_is_no_good(self, host: HostFactory) -> None:
        running = host("by_hand")
        write(running, "host.json", "{")
        restart(running)
        status = running.get("/admin/host/status").json()
        assert status["state"] == "Error"
        assert "Unable to parse host configuration file" in status["errors"][0]
        response = running.get("/api/show")
        assert (response.status, response.text) == (503, "Function host is not running.")
        body = json.dumps({"input": ""})
        assert running.post("/admin/functions/tick", body, JSON).status == 503
        write(running, "host.json", '{"version": "2.0"}')
        restart(running)
        wait_answer(running, "/api/show", 200)
        assert running.get("/admin/host/status").json()["state"] == "Running"

    def test_a_template_that_is_no_good(self, host: HostFactory) -> None:
        running = host("by_hand")
        change(running, "show/{name?}", "show/{name?}/{other")
        restart(running)
        running.wait_log(r"A host error has occurred during startup: ")
        assert running.get("/admin/host/status").json()["state"] == "Error"
        assert running.get("/api/held").status == 503
        change(running, "show/{name?}/{other", "show/{name?}")
        restart(running)
        wait_answer(running, "/api/show", 200)

    def test_an_app_that_cannot_be_imported(self, host: HostFactory) -> None:
        running = host("by_hand")
        good = (running.folder / "function_app.py").read_text()
        write(running, "function_app.py", "def broken(:\n")
        restart(running)
        wait_answer(running, "/api/show", 404)
        assert running.get("/admin/functions").json() == []
        write(running, "function_app.py", good)
        restart(running)
        wait_answer(running, "/api/show", 200, "one")

    def test_one_after_the_other(self, host: HostFactory) -> None:
        running = host("by_hand")
        for number in range(8):
            change(running, 'VERSION = "', f'VERSION = "{number}')
            restart(running)
        wait_answer(running, "/api/show", 200, "76543210one")
        wait_until(lambda: len(running.worker_pids()) == 1, "one worker to be left")
        # Those that were out of date before they were ready are ended without a word.
        assert not re.search(r"exited with code [^0]", running.log())

    def test_new_warnings_are_said(self, host: HostFactory) -> None:
        running = host("by_hand")
        values = {"FUNCTIONS_WORKER_DYNAMIC_CONCURRENCY_ENABLED": "1"}
        write(running, "local.settings.json", json.dumps({"IsEncrypted": False, "Values": values}))
        restart(running)
        running.wait_log(
            r"^\[\S+Z\] FUNCTIONS_WORKER_DYNAMIC_CONCURRENCY_ENABLED is not supported yet: "
        )

    def test_what_python_reads_when_it_starts(self, host: HostFactory) -> None:
        running = host("by_hand")
        values = {"AzureWebJobsStorage": "UseDevelopmentStorage=true", "PYTHONHASHSEED": "1"}
        settings = {"IsEncrypted": False, "Values": values}
        write(running, "local.settings.json", json.dumps(settings))
        restart(running)
        running.wait_log(r"A setting has changed that Python reads when it starts: ")
        assert running.get("/api/show").status == 200


class TestState:
    def put(self, running: RunningHost, state: str) -> int:
        return running.request("PUT", "/admin/host/state", JSON, json.dumps(state)).status

    def test_offline_and_back_11(self, host: HostFactory) -> None:
        running = host("by_hand")
        page = running.folder / "app_offline.htm"
        assert self.put(running, "running") == 200
        assert self.put(running, "offline") == 202
        response = running.get("/api/show")
        assert (response.status, response.body) == (503, page.read_bytes())
        assert running.get("/admin/host/status").json()["state"] == "Offline"
        assert self.put(running, "offline") == 200
        # A restart does not bring it back.
        restart(running)
        running.wait_log(r"Worker process started and initialized\.(.|\n)*Worker process started")
        assert running.get("/api/show").status == 503
        assert self.put(running, "running") == 202
        assert not page.exists()
        assert running.get("/api/show").text == "one"

    @pytest.mark.parametrize("body", ["", "offline", '"stopped"', "1", "null"])
    def test_anything_else_11(self, host: HostFactory, body: str) -> None:
        running = host("by_hand")
        assert running.request("PUT", "/admin/host/state", JSON, body).status == 400
        assert running.get("/admin/host/status").json()["state"] == "Running"


CODE = "def main(req):\n    return 'made by the admin API'\n"
CONFIG = {
    "bindings": [
        {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous"},
        {"type": "http", "direction": "out", "name": "$return"},
    ]
}


class TestFolders:
    """PUT and DELETE of function.json folders (http.md 11)."""

    def test_made_and_removed(self, host: HostFactory) -> None:
        running = host("returns_v1")
        body = json.dumps({"config": CONFIG, "files": {"__init__.py": CODE}})
        response = running.request("PUT", "/admin/functions/Made", JSON, body)
        assert (response.status, response.json()["name"]) == (201, "Made")
        wait_answer(running, "/api/made", 200, "made by the admin API")
        assert running.request("DELETE", "/admin/functions/made").status == 204
        wait_answer(running, "/api/made", 404)
        assert running.request("DELETE", "/admin/functions/made").status == 404

    def test_an_app_of_decorators(self, host: HostFactory) -> None:
        running = host("by_hand")
        body = json.dumps({"config": CONFIG})
        response = running.request("PUT", "/admin/functions/made", JSON, body)
        text = "Your app is currently in read only mode. Cannot create or update functions."
        assert (response.status, response.text) == (400, text)
