"""Functions that fail: what the caller sees, what the log says, and that nothing else suffers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
STAMP = r"^\[[^]]+Z\] "

LEAVING = [
    "SystemExit",
    "KeyboardInterrupt",
    "CancelledError",
    "GeneratorExit",
    "OwnBaseException",
    "StopIteration",
]


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("failures")


@pytest.mark.parametrize("name", ["raising", "raising_async", "raising_after_suspension"])
def test_an_exception_is_an_empty_500_and_a_dump_in_the_log(
    running: RunningHost, name: str
) -> None:
    seen = len(running.log())
    response = running.get(f"/api/{name}")
    assert (response.status, response.body) == (500, b"")
    assert response.header("content-type") is None
    executed = running.wait_log(
        rf"{STAMP}Executed 'Functions\.{name}' \(Failed, Id=({GUID}), Duration=\d+ms\)$",
        start=seen,
    )
    executing = rf"{STAMP}Executing 'Functions\.{name}' \(.*, Id={executed[1]}\)$"
    running.wait_log(executing, start=seen)
    dump = running.wait_log(
        rf"Exception while executing function: Functions\.{name}.*Result: Failure\n"
        rf"{STAMP}Exception: ValueError: x\n{STAMP}Stack:\s*?(?:\n{STAMP})?\s*"
        r"(?:Traceback \(most recent call last\):\n\[[^]]+Z\] +)?(File .*)\n",
        start=seen,
    )
    # The first frame a user reads is the user's own.
    assert "function_app.py" in dump[1]
    running.wait_log(r'File "[^"]*function_app\.py", line 19, in deeper$', start=seen)


def test_the_cause_is_in_the_dump(running: RunningHost) -> None:
    assert running.get("/api/chained").status == 500
    running.wait_log(rf"{STAMP}Exception: RuntimeError: two\n{STAMP}lines$")
    running.wait_log(r"KeyError: 'the cause'$")


def test_an_exception_without_a_text(running: RunningHost) -> None:
    assert running.get("/api/unprintable").status == 500
    running.wait_log(
        r"Unhandled exception in function\. Could not serialize original exception message\."
    )


@pytest.mark.parametrize("name", ["raised_response", "endless_recursion"])
def test_other_ways_to_raise(running: RunningHost, name: str) -> None:
    response = running.get(f"/api/{name}")
    assert (response.status, response.body) == (500, b"")
    running.wait_log(rf"Executed 'Functions\.{name}' \(Failed, ")
    assert running.get("/api/fine").text == "fine"


@pytest.mark.parametrize("name", ["leaving", "leaving_async", "leaving_after_suspension"])
@pytest.mark.parametrize("kind", LEAVING)
def test_what_is_no_exception_is_a_failure_too(running: RunningHost, name: str, kind: str) -> None:
    seen, workers = len(running.log()), running.worker_pids()
    response = running.get(f"/api/{name}?kind={kind}")
    assert (response.status, response.body) == (500, b"")
    assert running.get("/api/fine").text == "fine"
    assert running.get("/api/fine_async").text == "fine"
    running.wait_log(rf"Executed 'Functions\.{name}' \(Failed, ", start=seen)
    assert running.worker_pids() == workers


@pytest.fixture(scope="module")
def running_v1(shared_host: HostFactory) -> RunningHost:
    return shared_host("failures_v1")


@pytest.mark.parametrize(
    ("name", "log"),
    [
        (
            "broken_import",
            r"ModuleNotFoundError: No module named 'module_that_does_not_exist'\. Cannot find "
            r"module\. Please check the requirements\.txt file for the missing module\.",
        ),
        ("broken_import", r'File "[^"]*broken_import/__init__\.py", line 3'),
        ("broken_syntax", r"SyntaxError: unterminated string literal"),
        ("broken_syntax", r'File "[^"]*broken_syntax/__init__\.py", line 2'),
        (
            "missing_entry",
            r"cannot load function missing_entry: function main\(\) is not present in "
            r".*missing_entry",
        ),
        (
            "bad_signature",
            r"cannot load the bad_signature function: the following parameters are declared in "
            r"Python but not in .*\{'request'\}",
        ),
    ],
)
def test_a_v1_function_that_fails_to_load(running_v1: RunningHost, name: str, log: str) -> None:
    running_v1.wait_log(rf"Worker failed to load function: '{name}' with functionId: ")
    running_v1.wait_log(log)
    for _ in range(2):
        response = running_v1.get(f"/api/{name}")
        assert (response.status, response.body) == (500, b"")
    assert running_v1.get("/api/fine").text == "fine"


@pytest.fixture(scope="module")
def running_load(shared_host: HostFactory) -> RunningHost:
    return shared_host("failures_load")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "extra_parameter",
            r"the following parameters are declared in Python but not in .*"
            r"\{'nobody_binds_this'\}",
        ),
        (
            "wrong_trigger_type",
            r"'req' binding type \"httpTrigger\" and dataType \"None\" in function\.json do not "
            r"match the corresponding function parameter's Python type annotation "
            r"\"TimerRequest\"",
        ),
        (
            "wrong_return_type",
            r"Python return annotation \"dict\" does not match binding type \"http\"",
        ),
        (
            "wrong_context",
            r"the \"context\" parameter is expected to be of type azure\.functions\.Context, got ",
        ),
        ("bare_out", r"binding bare has invalid Out annotation "),
    ],
)
def test_a_v2_function_that_fails_to_load(running_load: RunningHost, name: str, text: str) -> None:
    running_load.wait_log(rf"FunctionLoadError: cannot load the {name} function: {text}")
    response = running_load.get(f"/api/{name}")
    assert (response.status, response.body) == (500, b"")
    assert running_load.get("/api/fine").text == "fine"


def test_an_app_that_fails_to_index_names_the_line(host: HostFactory) -> None:
    running = host("failures_index", ready="Worker failed to index functions")
    running.wait_log(r'File "[^"]*function_app\.py", line 11, in <module>')
    running.wait_log("RuntimeError: import of the app fails here")
    assert running.get("/api/never_indexed").status == 404
    assert running.get("/admin/host/ping").status == 200
