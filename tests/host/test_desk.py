"""The desk: where answers go, what is awaited, which keys the gateway gets (http.md 8.3, 8.4)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from ferrofunc.host.admin.answer import empty
from ferrofunc.host.admin.desk import Desk
from ferrofunc.host.keys.store import HOST

from .admin_host import AdminHost
from .making import App, http, row, trigger

if TYPE_CHECKING:
    from pathlib import Path

    from ferrofunc.host.admin.call import HostView


class Gateway:
    """Notes what the desk asks of the gateway."""

    def __init__(self) -> None:
        self.answers: dict[int, tuple[int, bytes]] = {}
        self.answered = threading.Event()
        self.lines: list[tuple[str, str]] = []
        self.submitted: list[tuple[int, bytes, dict[str, Any]]] = []
        self.keys: list[tuple[Any, ...]] = []

    def answer(self, key: int, status: int, headers: object, body: bytes) -> None:
        assert key not in self.answers
        self.answers[key] = (status, body)
        self.answered.set()

    def log(self, level: str, text: str) -> None:
        self.lines.append((level, text))

    def submit(self, row: int, body: bytes, **head: Any) -> int:
        self.submitted.append((row, body, head))
        return 100 + len(self.submitted)

    def set_keys(self, *keys: Any) -> None:
        self.keys.append(keys)


class Supervisor:
    """A host that does nothing by itself."""

    def __init__(self, view: HostView) -> None:
        self._view = view
        self.done: list[str] = []

    def view(self) -> HostView:
        return self._view

    def change(self, view: HostView) -> None:
        self._view = view

    def restart(self, reason: str) -> None:
        self.done.append(reason)

    def look_offline(self) -> None:
        self.done.append("look offline")


class Bench:
    """A desk, and what stands around it."""

    def __init__(self, app: App, *rows: dict[str, Any], **view: Any) -> None:
        self.gateway = Gateway()
        self.host = AdminHost(app, *rows, **view)
        self.supervisor = Supervisor(self.host.view)
        gateway: Any = self.gateway
        self.desk = Desk(gateway, self.supervisor)
        self._next = 0

    def take(self, method: str, path: str, body: bytes = b"", **headers: str) -> int:
        self._next += 1
        self.desk.take(
            {
                "key": self._next,
                "method": method,
                "path": path.partition("?")[0],
                "query": path.partition("?")[2],
                "headers": list(headers.items()),
                "body": body,
            }
        )
        return self._next


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


def test_an_answer_at_once(app: App) -> None:
    bench = Bench(app)
    key = bench.take("GET", "/admin/host/ping")
    assert bench.gateway.answers == {key: (200, b"")}


def test_an_answer_when_the_function_has_ended(app: App) -> None:
    bench = Bench(app, row("a"), row("w", trigger("warmupTrigger")))
    key = bench.take("GET", "/admin/warmup")
    assert bench.gateway.submitted == [(1, b"", {})]
    assert bench.gateway.answers == {}
    bench.desk.on_outcome({"key": 101, "succeeded": False, "failure": "why"})
    assert bench.gateway.answers == {key: (200, b"")}
    # Told once; a submission that nobody waits for tells nobody.
    bench.desk.on_outcome({"key": 101, "succeeded": True, "failure": None})
    bench.desk.on_outcome({"key": 7, "succeeded": True, "failure": None})


def test_new_workers_are_cold(app: App) -> None:
    bench = Bench(app, row("w", trigger("warmupTrigger")))
    for _ in range(2):
        bench.take("GET", "/admin/warmup")
    assert len(bench.gateway.submitted) == 1
    bench.desk.on_reload()
    bench.take("GET", "/admin/warmup")
    assert len(bench.gateway.submitted) == 2


def test_a_request_for_an_http_function(app: App) -> None:
    bench = Bench(app, row("f"))
    bench.take("POST", "/admin/functions/f", b'{"input": "x"}', Host="h")
    (submitted,) = bench.gateway.submitted
    head = {"method": "POST", "target": "/api/f", "headers": (("host", "h"),)}
    assert submitted == (0, b"x", head)


def test_a_thread_answers(app: App) -> None:
    bench = Bench(app)
    key = bench.take("GET", "/admin/functions/download")
    assert bench.gateway.answered.wait(30)
    assert bench.gateway.answers[key][0] == 200


def test_a_thread_that_fails_answers_too(app: App) -> None:
    bench = Bench(app)
    later = bench.desk.in_background(lambda: 1 / 0)  # type: ignore[arg-type,return-value]
    done = threading.Event()
    answers: list[object] = []

    def answer(response: object) -> None:
        answers.append(response)
        done.set()

    later.start(answer)
    assert done.wait(30)
    assert [getattr(one, "status", None) for one in answers] == [empty(500).status]
    assert "ZeroDivisionError" in bench.gateway.lines[0][1]


def test_a_request_that_nobody_thought_of(app: App) -> None:
    bench = Bench(app, row("f"))
    key = bench.take("POST", "/admin/functions/f", b"[" * 200_000)
    assert bench.gateway.answers[key] == (500, b"")
    (line,) = bench.gateway.lines
    assert line[0] == "Error"
    assert "RecursionError" in line[1]


class TestKeys:
    def rows(self) -> list[dict[str, Any]]:
        return [
            row("Open", http(authLevel="anonymous")),
            row("Closed"),
            row("timer", trigger("timerTrigger")),
            row("grid", trigger("eventGridTrigger")),
            row("admin", http("admin")),
        ]

    def test_without_auth_there_are_none(self, app: App) -> None:
        bench = Bench(app, *self.rows())
        bench.desk.publish_keys()
        bench.desk.on_unknown_key()
        assert (bench.gateway.keys, bench.gateway.lines) == ([], [])
        assert list((app.root / "tmp").iterdir()) == []

    def test_what_the_gateway_gets(self, app: App) -> None:
        bench = Bench(app, *self.rows(), is_auth_enabled=True)
        bench.desk.publish_keys()
        ((master, host, system, functions),) = bench.gateway.keys
        store = bench.host.keys
        assert (master, host) == (store.master(), list(store.host().values()))
        assert system == store.system()
        assert list(system) == ["eventgrid_extension"]
        # The others open without a key, or need another.
        assert functions == {"closed": list(store.function("closed").values())}
        line = f"Access keys are kept in '{store.folder}'."
        assert bench.gateway.lines == [("Information", line)]

    def test_a_second_time(self, app: App) -> None:
        bench = Bench(app, *self.rows(), is_auth_enabled=True)
        bench.desk.publish_keys()
        bench.desk.publish_keys()
        assert bench.gateway.keys[0] == bench.gateway.keys[1]
        assert len(bench.gateway.lines) == 1

    def test_a_key_that_was_written_into_a_file(self, app: App) -> None:
        bench = Bench(app, *self.rows(), is_auth_enabled=True)
        bench.desk.publish_keys()
        bench.host.keys.put(HOST, "by hand", "new key")
        bench.desk.on_unknown_key()
        assert "new key" not in bench.gateway.keys[0][1]
        assert "new key" in bench.gateway.keys[1][1]

    def test_a_place_that_cannot_be_used(self, app: App) -> None:
        (app.root / "tmp").mkdir()
        (app.root / "tmp/secrets").write_text("")
        bench = Bench(app, *self.rows(), is_auth_enabled=True)
        bench.desk.publish_keys()
        assert bench.gateway.keys == []
        level, text = bench.gateway.lines[-1]
        assert level == "Error"
        assert "every call that needs one is answered 401" in text
        assert "FUNCTIONS_SECRETS_PATH" in text

    def test_asked_for_where_it_cannot_be_used(self, app: App) -> None:
        (app.root / "tmp").mkdir()
        (app.root / "tmp/secrets").write_text("")
        bench = Bench(app, row("f"))
        key = bench.take("GET", "/admin/host/keys")
        status, body = bench.gateway.answers[key]
        assert status == 500
        assert b"on the way to the access keys" in body
        assert bench.gateway.lines[0][0] == "Error"

    @pytest.mark.parametrize("kind", ["blob", "KeyVault", "kubernetes"])
    def test_another_store(self, app: App, kind: str) -> None:
        app.local({"AzureWebJobsSecretStorageType": kind})
        bench = Bench(app)
        bench.take("GET", "/admin/host/keys")
        (line,) = bench.gateway.lines
        assert line == (
            "Warning",
            f"AzureWebJobsSecretStorageType is '{kind}', which is not supported yet: keys are "
            "kept in files.",
        )

    def test_other_settings_after_a_restart(self, app: App, tmp_path: Path) -> None:
        bench = Bench(app, *self.rows(), is_auth_enabled=True)
        bench.desk.publish_keys()
        elsewhere = {"FUNCTIONS_SECRETS_PATH": str(tmp_path / "elsewhere")}
        again = AdminHost(app, *self.rows(), is_auth_enabled=True, environ=elsewhere)
        bench.supervisor.change(again.view)
        bench.desk.publish_keys()
        assert bench.gateway.keys[0] != bench.gateway.keys[1]
        assert bench.gateway.keys[1][0] == again.keys.master()
        said = [text for _, text in bench.gateway.lines]
        assert said[1] == f"Access keys are kept in '{tmp_path / 'elsewhere'}'."

    def test_files_asked_for(self, app: App) -> None:
        app.local({"AzureWebJobsSecretStorageType": "Files"})
        bench = Bench(app)
        bench.take("GET", "/admin/host/keys")
        assert bench.gateway.lines == []

    def test_no_value_is_logged(self, app: App) -> None:
        bench = Bench(app, *self.rows(), is_auth_enabled=True)
        bench.desk.publish_keys()
        bench.take("PUT", "/admin/host/keys/mine", b'{"value": "not to be seen"}')
        said = str(bench.gateway.lines)
        assert "not to be seen" not in said
        assert bench.host.keys.master() not in said
