"""Functions run by data: POST /admin/functions/NAME, warmup, Event Grid (http.md 11 and 11.1)."""

from __future__ import annotations

import json
import re
import signal
from typing import TYPE_CHECKING, Any

import pytest

from .waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import HostFactory

    from .running_host import RunningHost

JSON = {"Content-Type": "application/json"}
GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
REASON = r"Reason='This function was programmatically called via the host APIs\.'"


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("by_hand")


def run(running: RunningHost, name: str, text: str = "") -> None:
    """Run a function by hand: it is accepted at once."""
    response = running.post(f"/admin/functions/{name}", json.dumps({"input": text}), JSON)
    assert (response.status, response.body) == (202, b"")


def ended(running: RunningHost, name: str, how: str, start: int = 0) -> str:
    """Wait for both lines of a call and return its id."""
    found = running.wait_log(
        rf"Executing 'Functions\.{name}' \({REASON}, Id=({GUID})\)$", start=start
    )
    running.wait_log(
        rf"Executed 'Functions\.{name}' \({how}, Id={found[1]}, Duration=\d+ms\)$", start=start
    )
    return found[1]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        pytest.param("tick", "", r"tick False {id}", id="11-timer"),
        pytest.param("tick", "test", r"tick False {id}", id="11-timer-ignores-its-input"),
        pytest.param("TAKE", "größe", r"took größe", id="11-queue-in-any-case"),
        pytest.param("take_async", '{{"a": 1}}', r'took {{"a": 1}}', id="11-async-as-text"),
        pytest.param("size", "x" * 15_000, r"size 15000", id="11-in-the-frame"),
        pytest.param("size", "x" * 5_000_000, r"size 5000000", id="11-in-the-arena"),
    ],
)
def test_what_the_function_gets(running: RunningHost, name: str, text: str, line: str) -> None:
    start = len(running.log())
    run(running, name, text.replace("{{", "{").replace("}}", "}"))
    own = name.lower()
    identifier = ended(running, own, "Succeeded", start)
    expected = line.replace("{{", "{").replace("}}", "}").replace("{id}", identifier)
    assert f"[Information {own} {identifier}] {expected}\n" in running.log()[start:]


def shown(running: RunningHost, text: str) -> list[Any]:
    start = len(running.log())
    run(running, "show", text)
    ended(running, "show", "Succeeded", start)
    found: list[Any] = json.loads(running.wait_log(r"shown (\[.*\])$", start=start)[1])
    return found


def test_an_http_function_without_input_11(running: RunningHost) -> None:
    url = f"http://127.0.0.1:{running.port}/api/show/"
    assert shown(running, "") == ["GET", url, {}, ""]


def test_an_http_function_with_input_11(running: RunningHost) -> None:
    url = f"http://127.0.0.1:{running.port}/api/show/"
    assert shown(running, "text") == ["POST", url, {}, "text"]


def test_an_http_function_with_a_described_request_11(running: RunningHost) -> None:
    described = {
        "method": "put",
        "queryStringParams": [{"name": "a", "value": "b c"}],
        "headers": [{"name": "Host", "value": "ignored"}],
        "body": "text",
    }
    method, _, params, body = shown(running, json.dumps(described))
    assert (method, params, body) == ("PUT", {"a": "b c"}, "text")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        pytest.param("fail", "", "RuntimeError: on purpose", id="11-exception"),
        pytest.param(
            "answer",
            "",
            "RuntimeError: function 'answer' without a $return bindingreturned a non-None value",
            id="11-worker-3.3-value-without-return",
        ),
        pytest.param("blob", "in/x", "reads no blobs", id="11-data-of-a-service"),
        pytest.param("grid", "no JSON", "JSONDecodeError: ", id="11-data-of-another-shape"),
    ],
)
def test_failures_are_told_by_the_log(
    running: RunningHost, name: str, text: str, message: str
) -> None:
    start = len(running.log())
    run(running, name, text)
    ended(running, name, "Failed", start)
    running.wait_log(rf"^\S+ Exception: .*{re.escape(message)}", start=start)


def test_what_would_be_lost_is_not_run_11(running: RunningHost) -> None:
    start = len(running.log())
    run(running, "write")
    running.wait_log(r"Executed 'Functions\.write' \(Failed, Id=", start=start)
    running.wait_log(r"The binding type\(s\) 'queue' are not supported", start=start)
    assert "never reached" not in running.log()


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        pytest.param("tick", "", 400, id="11-no-body"),
        pytest.param("tick", "null", 400, id="11-null"),
        pytest.param("tick", "{", 400, id="11-broken"),
        pytest.param("nobody", '{"input": ""}', 404, id="11-unknown"),
    ],
)
def test_refused(running: RunningHost, name: str, body: str, status: int) -> None:
    assert running.post(f"/admin/functions/{name}", body, JSON).status == status


def test_a_disabled_function_runs_11(host: HostFactory) -> None:
    env = {"AzureWebJobs.tick.Disabled": "true", "AzureWebJobs.show.Disabled": "1"}
    running = host("by_hand", env=env)
    for name in ("tick", "show"):
        run(running, name)
        ended(running, name, "Succeeded")


def test_warmup_11(host: HostFactory) -> None:
    running = host("by_hand", args=["--enableAuth"])
    for method in ("GET", "POST"):
        response = running.request(method, "/admin/warmup")
        assert (response.status, response.body) == (200, b"")
        # The first answer comes when the function has ended, the second has nothing to wait for.
        assert running.log().count("warm by WarmUpContext") == 1
    ended(running, "warmup", "Succeeded")


class TestEventGrid:
    PATH = "/runtime/webhooks/eventgrid?functionName=grid"

    def post(self, running: RunningHost, kind: str, body: object, path: str = PATH) -> Any:
        headers = {**JSON, "aeg-event-type": kind}
        return running.post(path, json.dumps(body), headers)

    def event(self, data: str) -> dict[str, str]:
        time = "2026-01-01T00:00:00Z"
        return {"id": data, "subject": "s", "eventType": "t", "eventTime": time, "data": data}

    def test_validation_11_1(self, running: RunningHost) -> None:
        body = [{"data": {"validationCode": "0000-1111"}}]
        response = self.post(running, "SubscriptionValidation", body)
        assert (response.status, response.json()) == (200, {"validationResponse": "0000-1111"})

    def test_notification_11_1(self, running: RunningHost) -> None:
        start = len(running.log())
        events = [self.event(name) for name in ("one", "two", "three")]
        response = self.post(running, "Notification", events)
        assert (response.status, response.body) == (202, b"")
        # Answered after the last has ended.
        log = running.log()[start:]
        assert {"one", "two", "three"} == set(re.findall(r"\] event (\w+)$", log, re.MULTILINE))

    def test_a_failure_11_1(self, running: RunningHost) -> None:
        response = self.post(running, "Notification", [self.event("good"), self.event("bad")])
        assert (response.status, response.text) == (500, "ValueError: a bad event")

    def test_others_11_1(self, running: RunningHost) -> None:
        assert self.post(running, "Unsubscribe", None).status == 202
        assert self.post(running, "Other", []).status == 400
        path = "/runtime/webhooks/eventgrid?functionName=tick"
        response = self.post(running, "Notification", [], path)
        assert (response.status, response.text) == (404, "cannot find function: 'tick'")
        assert running.post("/runtime/webhooks/nobody", "").status == 404


class TestTheOneRoad:
    """Timeout, death and stop treat these calls as all others."""

    def test_a_timeout(self, host: HostFactory) -> None:
        files = {"host.json": '{"version": "2.0", "functionTimeout": "00:00:01"}'}
        running = host("by_hand", files=files)
        run(running, "wait", "/nowhere")
        running.wait_log(r"Timeout value of 00:00:01 exceeded by function 'Functions\.wait'")
        ended(running, "wait", "Failed")
        run(running, "tick")
        ended(running, "tick", "Succeeded")

    def test_the_death_of_the_worker(self, host: HostFactory) -> None:
        running = host("by_hand")
        run(running, "leave")
        ended(running, "leave", "Failed")
        running.wait_log(r"python exited with code 3 \(0x3\)")
        # Nobody serves yet: it waits for the next worker.
        run(running, "tick")
        ended(running, "tick", "Succeeded")

    def test_a_stop_waits_for_it(self, host: HostFactory, tmp_path: Path) -> None:
        running = host("by_hand")
        run(running, "wait", str(tmp_path / "gate"))
        running.wait_log(r"waiting for ")
        assert running.get("/admin/host/drain/status").json()["outstandingInvocations"] == 1
        running.send_signal(signal.SIGTERM)
        # The port closes first.
        wait_until(lambda: not is_open(running), "the port to be closed")
        (tmp_path / "gate").touch()
        assert running.wait_exit() == 0
        assert "went through" in running.log()
        assert re.search(r"Executed 'Functions\.wait' \(Succeeded", running.log())

    def test_more_than_there_is_room_for(self, host: HostFactory, tmp_path: Path) -> None:
        running = host("by_hand", env={"PYTHON_THREADPOOL_THREAD_COUNT": "1"})
        run(running, "wait", str(tmp_path / "gate"))
        running.wait_log(r"waiting for ")
        # 40 of these fill the Ring of 256 KiB several times over.
        for _ in range(40):
            run(running, "size", "x" * 15_000)
        assert running.get("/admin/host/drain/status").json()["outstandingInvocations"] == 41
        (tmp_path / "gate").touch()
        wait_until(lambda: running.log().count("size 15000") == 40, "all of them to run")
        counted = running.log().count("Executed 'Functions.size' (Succeeded")
        assert counted == 40


def is_open(running: RunningHost) -> bool:
    """Whether connections are accepted."""
    try:
        running.socket().close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("app", ["asgi", "wsgi"])
def test_a_web_framework_is_shown_a_request_too(host: HostFactory, app: str) -> None:
    running = host(app)
    (name,) = [one["name"] for one in running.get("/admin/functions").json()]
    for text in ("", "x" * 100_000):
        start = len(running.log())
        run(running, name, text)
        ended(running, name, "Succeeded", start)
    assert running.get("/admin/host/drain/status").json()["outstandingInvocations"] == 0
