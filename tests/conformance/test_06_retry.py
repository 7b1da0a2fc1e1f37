"""http.md 6 and configuration.md 4.1: a call that fails is made again while its caller waits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .case import LOG_PATIENCE
from .functions import function

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

ATTEMPTS = """
import json

ATTEMPTS = {}

def main(req, context):
    seen = ATTEMPTS.setdefault(req.params["tag"], [])
    retry = context.retry_context
    seen.append([context.invocation_id, retry.retry_count, retry.max_retry_count])
    if len(seen) <= int(req.params["failures"]):
        raise ValueError("not yet")
    return "tried " + json.dumps(seen)
"""

FIXED = {"strategy": "fixedDelay", "maxRetryCount": 2, "delayInterval": "00:00:00.100"}
GROWING = {
    "strategy": "exponentialBackoff",
    "maxRetryCount": 1,
    "minimumInterval": "00:00:00.050",
    "maximumInterval": "00:00:00.200",
}


def retried(name: str, policy: dict[str, object]) -> dict[str, str]:
    files = function(name, ATTEMPTS)
    document = json.loads(files[f"{name}/function.json"])
    return {**files, f"{name}/function.json": json.dumps({**document, "retry": policy})}


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    files = {
        **function("HostLevel", ATTEMPTS),
        **retried("FunctionLevel", GROWING),
        "host.json": json.dumps({"version": "2.0", "retry": FIXED}),
    }
    return shared_host("seen", files=files)


def test_success_in_the_end(running: RunningHost) -> None:
    seen = len(running.log())
    response = running.get("/api/HostLevel?tag=end&failures=2")
    assert response.status == 200
    attempts = json.loads(response.text.removeprefix("tried "))
    assert [attempt[1:] for attempt in attempts] == [[0, 2], [1, 2], [2, 2]]
    assert len({attempt[0] for attempt in attempts}) == 3, "each attempt is a new invocation"
    for attempt in attempts:
        running.wait_log(rf"Executing 'Functions\.HostLevel' .*{attempt[0]}", LOG_PATIENCE, seen)
    running.wait_log(
        "Waiting for `00:00:00.1000000` before retrying function execution. Next attempt: '1'. "
        "Max retry count: '2'.",
        LOG_PATIENCE,
        seen,
    )


def test_failure_in_the_end(running: RunningHost) -> None:
    seen = len(running.log())
    response = running.get("/api/HostLevel?tag=never&failures=9")
    assert (response.status, response.body) == (500, b"")
    attempts = json.loads(running.get("/api/HostLevel?tag=never&failures=0").text[len("tried ") :])
    assert len(attempts) == 4, "three of the failing call, one of the call that asks"
    running.wait_log("Function execution failed after '2' retries.", LOG_PATIENCE, seen)


def test_the_functions_own_policy_wins(running: RunningHost) -> None:
    response = running.get("/api/FunctionLevel?tag=own&failures=1")
    attempts = json.loads(response.text.removeprefix("tried "))
    assert [attempt[1:] for attempt in attempts] == [[0, 1], [1, 1]]
    assert running.get("/api/FunctionLevel?tag=more&failures=2").status == 500


def test_success_at_once(running: RunningHost) -> None:
    assert running.get("/api/HostLevel?tag=once&failures=0").status == 200


def test_warning_for_a_trigger_without_official_retries(running: RunningHost) -> None:
    assert running.get("/api/HostLevel?tag=warned&failures=1").status == 200
    running.wait_log(
        "Soon retries will not be supported for function 'HostLevel'. For more information, "
        "please visit http://aka.ms/func-retry-policies.",
        LOG_PATIENCE,
    )
