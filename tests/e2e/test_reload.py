"""Saving a file of the app: its functions are served anew, and no caller notices the restart.

Each new text differs in length from the one before it: Python takes a compiled file for current
when source size and whole second are the same, whoever runs it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from .at_once import Background
from .running_host import exchange
from .waiting import PATIENCE, wait_until

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

APP = """
import azure.functions as func
from text import TEXT

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route()
def {name}(req):
    return TEXT
"""


def start(host: HostFactory) -> RunningHost:
    """A host whose function returns "first"."""
    files = {"function_app.py": APP.format(name="current"), "text.py": "TEXT = 'first'\n"}
    running = host("hello", files=files)
    assert running.get("/api/current").text == "first"
    return running


def test_saving_a_module_serves_its_new_text(host: HostFactory) -> None:
    running = start(host)
    connection = running.connect()
    try:
        for text in ("second", "third"):
            (running.folder / "text.py").write_text(f"TEXT = '{text}'\n")
            wait_until(
                lambda text=text: exchange(connection, "GET", "/api/current").text == text,
                f"the {text} text, on the connection of the first",
            )
    finally:
        connection.close()


def test_functions_come_and_go(host: HostFactory) -> None:
    running = start(host)
    (running.folder / "function_app.py").write_text(APP.format(name="under_a_new_name"))
    wait_until(lambda: running.get("/api/under_a_new_name").status == 200, "the new function")
    assert running.get("/api/current").status == 404


def test_requests_during_a_restart_wait(host: HostFactory) -> None:
    running = start(host)
    seen: list[list[str]] = [[] for _ in range(4)]
    given_up = threading.Event()

    def ask(number: int) -> None:
        connection = running.connect()
        try:
            while not given_up.is_set() and "second" not in seen[number]:
                response = exchange(connection, "GET", "/api/current")
                assert (response.status, response.text in ("first", "second")) == (200, True)
                seen[number].append(response.text)
        finally:
            connection.close()

    with Background(4) as background:
        calls = [background.start(lambda n=number: ask(n)) for number in range(4)]
        try:
            (running.folder / "text.py").write_text("TEXT = 'second'\n")
            for call in calls:
                call.result(timeout=PATIENCE)
        finally:
            given_up.set()
    assert [texts[-1] for texts in seen] == ["second"] * 4


def test_a_broken_module_and_its_repair(host: HostFactory) -> None:
    running = start(host)
    (running.folder / "text.py").write_text("TEXT = 'unclosed\n")
    running.wait_log("Worker failed to index functions")
    running.wait_log(r'File "[^"]*text\.py", line 1')
    assert running.get("/api/current").status == 404
    (running.folder / "text.py").write_text("TEXT = 'repaired'\n")
    wait_until(lambda: running.get("/api/current").text == "repaired", "the repaired module")


def test_a_broken_host_json_and_its_repair(host: HostFactory) -> None:
    running = start(host)
    path = running.folder / "host.json"
    path.write_text("{broken")
    wait_until(
        lambda: running.get("/admin/host/status").json()["state"] == "Error", "the state Error"
    )
    response = running.get("/api/current")
    assert (response.status, response.text) == (503, "Function host is not running.")
    path.write_text('{"version": "2.0", "extensions": {"http": {"routePrefix": "v2"}}}')
    wait_until(lambda: running.get("/v2/current").text == "first", "the new prefix")
