"""http.md 11: `POST /admin/functions/{name}` runs a function once, whatever starts it otherwise."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .case import Case, each

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

JSON = {"Content-Type": "application/json"}
BY_THE_API = "Reason='This function was programmatically called via the host APIs.'"


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("admin", env={"AzureWebJobs.Disabled.Disabled": "1"})


def run(name: str, function: str, text: str, log: str) -> Case:
    return Case(
        f"http-11-run-{name}",
        f"POST /admin/functions/{function}",
        202,
        b"",
        send=JSON,
        payload=json.dumps({"input": text}),
        log=log,
    )


@each(
    [
        run("timer", "MyTimer", "", "the timer ran, past due: "),
        run("timer-reason", "MyTimer", "", rf"Executing 'Functions\.MyTimer' \({BY_THE_API}, Id="),
        run("timer-result", "MyTimer", "", r"Executed 'Functions\.MyTimer' \(Succeeded, "),
        run("name-in-any-case", "mytimer", "", "the timer ran"),
        run("outcome-plays-no-part", "Failing", "", r"Executed 'Functions\.Failing' \(Failed, "),
        run("disabled", "Disabled", "", "the disabled function ran$"),
        run("text", "Message", "hello queue", "the message is hello queue$"),
        run("json-as-text", "Message", '{"a": 1}', r'the message is \{"a": 1\}$'),
    ]
)
def test_run(running: RunningHost, case: Case) -> None:
    case.check(running)


@each(
    [
        Case(
            f"http-11-run-{name}",
            f"POST /admin/functions/{function}",
            status,
            send=JSON,
            payload=payload,
        )
        for name, function, status, payload in [
            ("unknown", "Nobody", 404, '{"input": ""}'),
            ("no-body", "MyTimer", 400, ""),
            ("null", "MyTimer", 400, "null"),
            ("no-json", "MyTimer", 400, "{broken"),
        ]
    ]
)
def test_refused(running: RunningHost, case: Case) -> None:
    case.check(running)
