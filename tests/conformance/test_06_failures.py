"""http.md 6: what the caller sees and what the log says when a call fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from e2e.running_host import exchange

from .case import LOG_PATIENCE, Case, each
from .functions import function

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def failing(name: str, member: str) -> dict[str, str]:
    return function(name, f"from failing import {member} as main\n")


FUNCTIONS = {
    **function("Fine"),
    **failing("Divide", "divide"),
    **failing("HttpException", "http_exception"),
    **failing("Response", "response"),
    **failing("End", "end"),
    **failing("Sleep", "sleep"),
    **failing("SleepAsync", "sleep_async"),
    **function("Import", "import module_that_is_not_there\n\ndef main(req): ...\n"),
    **function("Signature", "def main(req, nobody_binds_this): ...\n"),
    **function("Exit", "import sys\n\ndef main(req):\n    sys.exit(3)\n"),
}


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("seen", files=FUNCTIONS)


def failed(name: str, function_name: str, log: str) -> Case:
    return Case(
        f"http-6-{name}",
        f"GET /api/{function_name}",
        500,
        b"",
        fields={"content-type": None, "content-length": "0"},
        log=log,
    )


def executed(function_name: str) -> str:
    return rf"Executed 'Functions\.{function_name}' \(Failed, Id={GUID}, Duration=\d+ms\)$"


@each(
    [
        failed("exception-line", "Divide", executed("Divide")),
        failed(
            "exception-differs-in-its-source",
            "Divide",
            r"\] Exception while executing function: Functions\.Divide.*Result: Failure$",
        ),
        failed("exception-type", "Divide", r"\] Exception: ZeroDivisionError: .*by zero$"),
        failed("exception-stack", "Divide", r"\] Stack:"),
        failed("exception-frame", "Divide", r'File "[^"]*failing\.py", line \d+, in divide$'),
        failed("http-exception-is-one-like-others", "HttpException", "HTTPException: 404$"),
        failed("raised-response", "Response", executed("Response")),
        failed("not-loaded-line", "Import", executed("Import")),
        failed("not-loaded-import", "Import", "No module named 'module_that_is_not_there'"),
        failed("not-loaded-signature", "Signature", r"FunctionLoadError: .*'nobody_binds_this'"),
        failed("differs-sys-exit-fails-the-call-alone", "Exit", executed("Exit")),
    ]
)
def test_failure(running: RunningHost, case: Case) -> None:
    case.check(running)
    assert running.get("/api/Fine").status == 200


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, id=f"http-6-not-loaded-{n}-said-at-the-start")
        for n in ("Import", "Signature")
    ],
)
def test_load_message(running: RunningHost, name: str) -> None:
    line = rf"Worker failed to load function: '{name}' with functionId: '{GUID}'\.$"
    running.wait_log(line, LOG_PATIENCE)


def test_worker_that_ends(running: RunningHost) -> None:
    seen, pids = len(running.log()), running.worker_pids()
    response = running.get("/api/End")
    assert (response.status, response.body) == (500, b"")
    running.wait_log(r"python exited with code 3 \(0x3\)", LOG_PATIENCE, seen)
    # The next call waits for the worker that takes its place.
    assert running.get("/api/Fine").status == 200
    assert running.worker_pids() != pids


def test_caller_that_leaves(running: RunningHost) -> None:
    with running.socket() as connected:
        connected.sendall(b"GET /api/Sleep?for=0.25 HTTP/1.1\r\nHost: h\r\n\r\n")
        running.wait_log(r"sleeping 0\.25$", LOG_PATIENCE)
    running.wait_log(r"slept 0\.25$", LOG_PATIENCE)
    running.wait_log(r"Executed 'Functions\.Sleep' \(Succeeded, ", LOG_PATIENCE)


def test_app_that_fails_to_index(host: HostFactory) -> None:
    script = "raise RuntimeError('import of the app fails')\n"
    running = host(
        "hello", files={"function_app.py": script}, ready="Worker failed to index functions"
    )
    running.wait_log("RuntimeError: import of the app fails", LOG_PATIENCE)
    running.wait_log(r"No job functions found\.", LOG_PATIENCE)
    response = running.get("/api/hello")
    assert (response.status, response.body) == (404, b"")
    assert running.get("/").status == 200


@pytest.fixture(scope="module")
def hurried(shared_host: HostFactory) -> RunningHost:
    settings = json.dumps({"version": "2.0", "functionTimeout": "00:00:01"})
    files = {**FUNCTIONS, "host.json": settings}
    return shared_host("seen", files=files, args=["--verbose"])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Sleep", id="http-6-timeout"),
        pytest.param("SleepAsync", id="http-6-timeout-async"),
    ],
)
def test_timeout(hurried: RunningHost, name: str) -> None:
    seen = len(hurried.log())
    response = hurried.get(f"/api/{name}?for=30")
    assert (response.status, response.body) == (500, b"")
    said = hurried.wait_log(
        rf"Timeout value of 00:00:01 exceeded by function 'Functions\.{name}' \(Id: '({GUID})'\)\. "
        r"Initiating cancellation\.$",
        LOG_PATIENCE,
        seen,
    )
    hurried.wait_log(
        "A function timeout has occurred. Restarting worker process executing invocationId "
        f"'{said[1]}'",
        LOG_PATIENCE,
        seen,
    )
    hurried.wait_log(r"Restart of language worker process\(es\) completed\.", LOG_PATIENCE, seen)
    assert hurried.get("/api/Fine").status == 200


def test_the_call_after_a_timeout(hurried: RunningHost) -> None:
    connection = hurried.connect()
    try:
        assert exchange(connection, "GET", "/api/Sleep?for=30").status == 500
        # None of them to the worker that is about to be ended.
        statuses = [exchange(connection, "GET", "/api/Fine").status for _ in range(5)]
    finally:
        connection.close()
    assert statuses == [200] * 5
