"""`context`: the objects behind the attributes of a Function's context."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from ferrofunc.worker import context
from ferrofunc.worker.context import RetryContext, ThreadLocalStorage, make_trace_context

if TYPE_CHECKING:
    from collections.abc import Callable

RUNNING = "0f0e0d0c-0b0a-0908-0706-050403020100"
OWN = "11111111-2222-3333-4444-555555555555"
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class FakeLink:
    """A core that runs `RUNNING` in the thread that made it, and nothing elsewhere."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def current_invocation_id(self) -> str | None:
        return RUNNING if threading.get_ident() == self._thread else None


@pytest.fixture
def _linked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_link", None)
    context.use_link(FakeLink())  # type: ignore[arg-type]


def in_thread(ask: Callable[[], Any]) -> Any:
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(ask()))
    thread.start()
    thread.join()
    return answers[0]


def test_without_a_worker_there_is_no_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_link", None)
    assert ThreadLocalStorage().invocation_id is None


@pytest.mark.usefixtures("_linked")
def test_the_id_of_what_runs_here() -> None:
    storage = ThreadLocalStorage()
    assert storage.invocation_id == RUNNING
    assert in_thread(lambda: storage.invocation_id) is None


@pytest.mark.usefixtures("_linked")
def test_a_thread_may_take_on_an_id() -> None:
    storage = ThreadLocalStorage()

    def adopt() -> tuple[str | None, str | None, str | None]:
        storage.invocation_id = OWN
        adopted = storage.invocation_id, storage.explicit
        storage.invocation_id = None
        return *adopted, storage.invocation_id

    assert in_thread(adopt) == (OWN, OWN, None)
    assert storage.invocation_id == RUNNING


@pytest.mark.usefixtures("_linked")
def test_none_gives_back_the_running_id() -> None:
    storage = ThreadLocalStorage()
    storage.invocation_id = OWN
    storage.invocation_id = None
    assert storage.invocation_id == RUNNING


def test_a_thread_keeps_what_else_it_stores() -> None:
    storage = ThreadLocalStorage()
    storage.connection = "mine"
    assert in_thread(lambda: hasattr(storage, "connection")) is False
    assert storage.connection == "mine"


def test_the_trace_of_the_request() -> None:
    trace = make_trace_context(PARENT, "vendor=1", RUNNING)
    assert (trace.trace_parent, trace.trace_state) == (PARENT, "vendor=1")
    assert trace.attributes["InvocationId"] == RUNNING


def test_a_trace_without_a_state() -> None:
    assert make_trace_context(PARENT, None, RUNNING).trace_state == ""


@pytest.mark.parametrize("parent", [None, ""])
def test_a_request_without_a_trace_begins_one(parent: str | None) -> None:
    trace = make_trace_context(parent, None, RUNNING)
    assert trace.trace_parent == "00-0f0e0d0c0b0a09080706050403020100-0706050403020100-00"


def test_the_deprecated_names_of_the_trace() -> None:
    trace = make_trace_context(PARENT, "vendor=1", RUNNING)
    assert trace.Traceparent == trace.trace_parent
    assert trace.Tracestate == trace.trace_state
    assert trace.Attributes is trace.attributes


def test_no_retry_is_active() -> None:
    retry = RetryContext()
    assert (retry.retry_count, retry.max_retry_count) == (0, 0)
    assert retry.rpc_exception is None
    assert retry.exception is None


def test_the_documented_name_of_the_exception() -> None:
    retry = RetryContext()
    retry.rpc_exception = object()
    assert retry.exception is retry.rpc_exception
