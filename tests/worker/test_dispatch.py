"""`plan`: what the core calls for a Function, with which arguments, and what that answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import azure.functions as func  # noqa: TC002 - annotations are read at run time
import pytest
from ferrofunc._core import Plan
from ferrofunc.worker import dispatch
from ferrofunc.worker.function import Function, function_id
from ferrofunc.worker.load_error import LoadError
from ferrofunc.worker.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable

TRIGGER = {"type": "httpTrigger", "direction": "in", "name": "req"}
RETURN = {"type": "http", "direction": "out", "name": "$return"}
NAMED = {"type": "http", "direction": "out", "name": "response"}
QUEUE = {"type": "queue", "direction": "out", "name": "message", "queueName": "q"}
TIMER = {"type": "timerTrigger", "direction": "in", "name": "timer"}


class Recorded:
    """Stands for the core's `Plan`, which does not show what it was made of."""

    def __init__(
        self,
        call: Callable[..., Any],
        name: str,
        directory: str,
        positional: list[str],
        keywords: list[tuple[str, str]],
    ) -> None:
        # The core checks the roles.
        Plan(call, name, directory, positional, keywords)
        self.call = call
        self.name = name
        self.directory = directory
        self.positional = positional
        self.keywords = keywords

    def run(self, request: object, context: object = None) -> Any:
        """Call it as the core does."""
        value = {"request": request, "context": context}
        result = self.call(
            *[value[role] for role in self.positional],
            **{name: value[role] for name, role in self.keywords},
        )
        return asyncio.run(result) if asyncio.iscoroutine(result) else result


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Recorded]:
    """Plan a user function with these bindings, as the v1 loader would find it."""
    monkeypatch.setattr(dispatch, "Plan", Recorded)

    def make(
        call: Callable[..., Any], *bindings: dict[str, Any], error: LoadError | None = None
    ) -> Recorded:
        signature = validate("Fn", call, bindings, "v1") if error is None else None
        function = Function(
            name="Fn",
            function_id=function_id("Fn"),
            directory="folder",
            script_file="",
            entry_point="",
            bindings=bindings,
            retry=None,
            user_function=call if signature else None,
            is_async=asyncio.iscoroutinefunction(call),
            parameters=signature.parameters if signature else (),
            returns=signature.returns if signature else False,
            error=error,
            model="v1",
        )
        made: Any = dispatch.plan(function)
        assert (made.name, made.directory) == ("Fn", "folder")
        return made

    return make


def load_error(text: str) -> LoadError:
    return LoadError(
        kind="load", type_name="ValueError", message=text, stack="", file=None, line=None
    )


def test_the_common_function_is_called_directly(plan: Callable[..., Recorded]) -> None:
    def main(req: func.HttpRequest) -> str:
        return f"got {req}"

    made = plan(main, TRIGGER, RETURN)
    assert (made.call, made.positional, made.keywords) == (main, ["request"], [])


def test_an_async_function_is_called_directly(plan: Callable[..., Recorded]) -> None:
    async def main(req: func.HttpRequest, context: func.Context) -> str:
        return f"got {req} {context}"

    made = plan(main, TRIGGER, RETURN)
    assert (made.call, made.positional) == (main, ["request", "context"])
    assert made.run("R", "C") == "got R C"


def test_arguments_keep_the_order_of_the_signature(plan: Callable[..., Recorded]) -> None:
    def main(context, req):
        return context, req

    assert plan(main, TRIGGER, RETURN).run("R", "C") == ("C", "R")


def test_keyword_only_parameters(plan: Callable[..., Recorded]) -> None:
    def main(req, *, context):
        return req, context

    made = plan(main, TRIGGER, RETURN)
    assert (made.positional, made.keywords) == (["request"], [("context", "context")])
    assert made.run("R", "C") == ("R", "C")


def test_the_trigger_may_have_any_name(plan: Callable[..., Recorded]) -> None:
    def main(anything):
        return anything

    made = plan(main, {**TRIGGER, "name": "anything"}, RETURN)
    assert made.run("R") == "R"


def test_a_binding_called_context_is_no_context(plan: Callable[..., Recorded]) -> None:
    def main(context):
        return context

    made = plan(main, {**TRIGGER, "name": "context"}, RETURN)
    assert made.positional == ["request"]


def sync_out(req, response):
    assert response.get() is None
    response.set("first")
    response.set(req)
    assert response.get() == req


async def async_out(req, response):
    await asyncio.sleep(0)
    sync_out(req, response)


@pytest.mark.parametrize("call", [sync_out, async_out])
def test_the_last_value_of_a_named_output_is_the_response(
    plan: Callable[..., Recorded], call: Callable[..., Any]
) -> None:
    made = plan(call, TRIGGER, NAMED)
    assert made.positional == ["request"]
    assert [made.run(request) for request in ("one", "two")] == ["one", "two"]


def test_outputs_are_new_for_each_call(plan: Callable[..., Recorded]) -> None:
    seen = []

    def main(req, response):
        assert response.get() is None
        seen.append(response)
        response.set(req)

    made = plan(main, TRIGGER, NAMED)
    made.run("one")
    made.run("two")
    assert seen[0] is not seen[1]


def test_an_output_that_was_never_set_is_204(plan: Callable[..., Recorded]) -> None:
    def main(req, response):
        assert response

    answer = plan(main, TRIGGER, NAMED).run("R")
    assert (answer.status_code, answer.get_body()) == (204, b"")


def sync_nothing(req, context):
    assert (req, context) == ("R", "C")


async def async_nothing(req, context):
    sync_nothing(req, context)


@pytest.mark.parametrize("call", [sync_nothing, async_nothing])
def test_without_any_output_it_is_204(
    plan: Callable[..., Recorded], call: Callable[..., Any]
) -> None:
    made = plan(call, TRIGGER)
    assert made.positional == ["request", "context"]
    answer = made.run("R", "C")
    assert (answer.status_code, answer.get_body()) == (204, b"")


@pytest.mark.parametrize("bindings", [(TRIGGER,), (TRIGGER, NAMED)])
def test_a_value_without_a_return_binding(
    plan: Callable[..., Recorded], bindings: tuple[dict[str, Any], ...]
) -> None:
    def one(req):
        return "value"

    def two(req, response):
        response.set("set")
        return "value"

    with pytest.raises(RuntimeError) as caught:
        plan(one if len(bindings) == 1 else two, *bindings).run("R")
    # The missing space is the original's.
    text = "function 'Fn' without a $return bindingreturned a non-None value"
    assert str(caught.value) == text


def test_a_return_binding_of_another_type_is_no_response(plan: Callable[..., Recorded]) -> None:
    def main(req):
        return "into the queue"

    made = plan(main, TRIGGER, {**QUEUE, "name": "$return"})
    assert made.run("R").status_code == 204


def test_another_output_beside_the_response(plan: Callable[..., Recorded]) -> None:
    def main(req, message):
        message.set("into the queue")
        return "answer"

    assert plan(main, TRIGGER, RETURN, QUEUE).run("R") == "answer"


def test_what_the_function_raises_goes_through(plan: Callable[..., Recorded]) -> None:
    def main(req, response):
        raise KeyError("own")

    with pytest.raises(KeyError, match="own"):
        plan(main, TRIGGER, NAMED).run("R")


def test_a_function_that_did_not_load_fails_each_call(plan: Callable[..., Recorded]) -> None:
    made = plan(lambda req: "never", TRIGGER, RETURN, error=load_error("broken"))
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"^ValueError: broken$"):
            made.run("R")


def test_a_request_cannot_be_a_str(plan: Callable[..., Recorded]) -> None:
    def main(req: str) -> str:
        return req

    with pytest.raises(ValueError) as caught:
        plan(main, TRIGGER, RETURN).run("R")
    text = "unexpected type of data received for the \"generic\" binding : 'http'"
    assert str(caught.value) == text


class Invocation:
    """Stands for the core's request where there is none: it holds what the trigger brings."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def get_body(self) -> bytes:
        return self._data


class TestOtherTriggers:
    """A trigger that is not HTTP: the bytes of the Invocation become its parameter."""

    def test_sync(self, plan: Callable[..., Recorded]) -> None:
        seen = []

        def main(timer: func.TimerRequest, context: func.Context) -> None:
            seen.append((timer.past_due, context))

        made = plan(main, TIMER)
        assert made.positional == ["request", "context"]
        assert made.run(Invocation(b""), "C").status_code == 204
        assert seen == [(False, "C")]

    def test_async(self, plan: Callable[..., Recorded]) -> None:
        seen = []

        async def main(timer):
            await asyncio.sleep(0)
            seen.append(type(timer).__name__)

        assert plan(main, TIMER).run(Invocation(b"")).status_code == 204
        assert seen == ["TimerRequest"]

    def test_a_value_without_a_return_binding(self, plan: Callable[..., Recorded]) -> None:
        def main(timer):
            return "value"

        with pytest.raises(RuntimeError) as caught:
            plan(main, TIMER).run(Invocation(b""))
        text = "function 'Fn' without a $return bindingreturned a non-None value"
        assert str(caught.value) == text

    def test_a_value_where_the_type_allows_it(self, plan: Callable[..., Recorded]) -> None:
        def main(event):
            return "value"

        other = {"type": "somethingTrigger", "direction": "in", "name": "event"}
        assert plan(main, other).run(Invocation(b"")).status_code == 204

    def test_an_http_response_all_the_same(self, plan: Callable[..., Recorded]) -> None:
        def main(timer):
            return "answer"

        made = plan(main, TIMER, RETURN)
        assert made.call is not main
        assert made.run(Invocation(b"")) == "answer"

    def test_what_the_converter_raises_goes_through(self, plan: Callable[..., Recorded]) -> None:
        def main(event):
            raise AssertionError("never called")

        grid = {"type": "eventGridTrigger", "direction": "in", "name": "event"}
        with pytest.raises(ValueError):
            plan(main, grid).run(Invocation(b"not JSON"))
