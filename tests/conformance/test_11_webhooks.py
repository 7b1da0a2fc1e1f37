"""http.md 11.1: `/runtime/webhooks`, and the Event Grid events that arrive there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from . import key_files
from .case import LOG_PATIENCE, Case, each

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import HostFactory
    from e2e.running_host import RunningHost

SCRIPT = """
import logging

import azure.functions as func

app = func.FunctionApp()

@app.function_name("OnEvent")
@app.event_grid_trigger(arg_name="event")
def on_event(event: func.EventGridEvent) -> None:
    if event.subject == "bad":
        raise ValueError("a bad event")
    logging.info("event %s of %s holds %s", event.id, event.event_type, event.get_json())
"""
HOOK = "/runtime/webhooks/eventgrid?functionName=OnEvent"
EVENT = {
    "id": "e1",
    "topic": "t",
    "subject": "s",
    "eventType": "kind",
    "eventTime": "2024-01-01T00:00:00Z",
    "dataVersion": "1",
    "data": {"a": 1},
}
VALIDATION = {
    **EVENT,
    "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
    "data": {"validationCode": "the code"},
}
HELD = r"event e1 of kind holds \{'a': 1\}$"


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("hello", files={"function_app.py": SCRIPT})


def hook(
    name: str, kind: str | None, payload: object, status: int, path: str = HOOK, **expected: object
) -> Case:
    send = {"Content-Type": "application/json"}
    if kind is not None:
        send["aeg-event-type"] = kind
    text = json.dumps(payload)
    return Case(f"http-11.1-{name}", f"POST {path}", status, send=send, payload=text, **expected)


@each(
    [
        hook(
            "validation",
            "SubscriptionValidation",
            [VALIDATION],
            200,
            json={"validationResponse": "the code"},
        ),
        hook("array", "Notification", [EVENT], 202, log=HELD),
        hook("one-event", "Notification", EVENT, 202, log=HELD),
        hook("exception", "Notification", [{**EVENT, "subject": "bad"}], 500),
        hook("unsubscribe", "Unsubscribe", [EVENT], 202),
        hook("other-kind", "Nonsense", [EVENT], 400),
        hook("no-kind", None, [EVENT], 400),
        hook(
            "unknown-function",
            "Notification",
            [EVENT],
            404,
            "/runtime/webhooks/eventgrid?functionName=Nobody",
        ),
        hook("path-in-any-case", "Notification", [EVENT], 202, HOOK.replace("runtime", "Runtime")),
        Case("http-11.1-unknown-extension", "POST /runtime/webhooks/nobody", 404),
        Case("http-11.1-no-extension", "POST /runtime/webhooks", 404),
        Case("http-11.1-other-method", "PATCH /runtime/webhooks/eventgrid", 404),
    ]
)
def test_hook(running: RunningHost, case: Case) -> None:
    case.check(running)


def test_an_unknown_function_is_named(running: RunningHost) -> None:
    response = running.post(
        "/runtime/webhooks/eventgrid?functionName=Nobody",
        json.dumps([EVENT]),
        {"aeg-event-type": "Notification"},
    )
    assert "cannot find function: 'Nobody'" in response.text


@pytest.fixture(scope="module")
def guarded(shared_host: HostFactory, tmp_path_factory: pytest.TempPathFactory) -> RunningHost:
    temporary = tmp_path_factory.mktemp("keys")
    key_files.write(temporary, {})
    host_file = key_files.folder(temporary) / "host.json"
    add_system_key(host_file)
    return shared_host(
        "hello",
        files={"function_app.py": SCRIPT},
        env=key_files.environment(temporary),
        args=["--enableAuth"],
    )


OWN = "the-key-of-event-grid"


def add_system_key(host_file: Path) -> None:
    """Give the extension the key that it would make for itself."""
    document = json.loads(host_file.read_text())
    own = {"name": "eventgrid_extension", "value": OWN, "encrypted": False}
    document["systemKeys"].append(own)
    host_file.write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("key", "statuses"),
    [
        pytest.param(None, {401, 403}, id="http-11.1-no-key"),
        pytest.param("wrong", {401, 403}, id="http-11.1-wrong-key"),
        pytest.param(key_files.HOST, {401, 403}, id="http-11.1-host-key"),
        pytest.param(key_files.SYSTEM, {401, 403}, id="http-11.1-key-of-another-extension"),
        pytest.param(OWN, {202}, id="http-11.1-its-own-key"),
        pytest.param(key_files.MASTER, {202}, id="http-11.1-master"),
    ],
)
def test_key(guarded: RunningHost, key: str | None, statuses: set[int]) -> None:
    code = "" if key is None else f"&code={key.replace('=', '%3D')}"
    headers = {"aeg-event-type": "Notification", "Content-Type": "application/json"}
    seen = len(guarded.log())
    response = guarded.post(HOOK + code, json.dumps([EVENT]), headers)
    assert response.status in statuses
    if statuses == {202}:
        guarded.wait_log(HELD, LOG_PATIENCE, seen)
