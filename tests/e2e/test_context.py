"""The context that a function may ask for, and the trace in it."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

TRACE_PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("context")


@pytest.mark.parametrize(
    ("route", "name"), [("in_thread", "in_thread"), ("in_loop", "InLoop")], ids=["sync", "async"]
)
def test_what_it_holds(running: RunningHost, route: str, name: str) -> None:
    seen = running.get(f"/api/{route}").json()
    invocation_id = seen["invocation_id"]
    assert str(uuid.UUID(invocation_id)) == invocation_id
    assert seen["own_invocation_id"] == invocation_id
    assert seen["function_name"] == name
    assert seen["function_directory"] == str(running.folder)
    assert seen["thread_local_is_real"] is True
    assert (seen["retry_count"], seen["max_retry_count"]) == (0, 0)
    assert seen["tracer"] == "set by an extension"
    running.wait_log(rf"Executing 'Functions\.{name}' \(.*, Id={invocation_id}\)")


def test_function_directory_of_a_v1_function(host: HostFactory) -> None:
    describe = "def main(req, context):\n    return context.function_directory\n"
    running = host("v1_samples", files={"typed/__init__.py": describe})
    assert running.get("/api/typed").text == str(running.folder / "typed")


def test_trace_parent_is_made_when_the_caller_sends_none(running: RunningHost) -> None:
    seen = running.get("/api/in_thread").json()
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", seen["trace_parent"])
    assert seen["deprecated_trace_parent"] == seen["trace_parent"]


def test_the_callers_trace_flows_through(running: RunningHost) -> None:
    headers = {"traceparent": TRACE_PARENT, "tracestate": "vendor=value"}
    seen = running.get("/api/in_thread", headers).json()
    assert seen["trace_parent"].split("-")[1] == TRACE_PARENT.split("-")[1]
    assert seen["trace_state"] == "vendor=value"
    assert seen["deprecated_trace_state"] == "vendor=value"


def test_trace_attributes_are_a_mapping_of_strings(running: RunningHost) -> None:
    attributes = running.get("/api/attributes").json()
    assert all(isinstance(value, str) for value in attributes.values())
