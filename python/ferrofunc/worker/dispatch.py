"""Make each Function ready to run: one `Plan` per row of the table, built when the app is indexed.

A Function that takes the request (and perhaps the context) and returns its response is called by
the compiled core directly. Any other gets a wrapper here, which does per call only what depends
on the call: the trigger's value where the trigger is not HTTP, fresh `Out` objects, the check of
the result, the choice of the response. Nothing is looked up per call. Follows spec worker 3.3 and
6.1, http 5.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import azure.functions as func

from ferrofunc._core import Plan
from ferrofunc.worker import lifespan, trigger_data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ferrofunc.worker.function import Function, Parameter


class Out:
    """Where a Function puts the value of an output binding. The last value set wins."""

    def __init__(self) -> None:
        self._value: Any = None

    def set(self, value: Any) -> None:
        """Give the output its value."""
        self._value = value

    def get(self) -> Any:
        """Return the value; None before `set`."""
        return self._value


def plan(function: Function, *, failed: bool = False) -> Plan:
    """Return how to call `function`. `failed`: its application has said that it cannot start."""
    refusal = _refusal(function)
    if refusal is not None:
        return Plan(refusal, function.name, function.directory, [], [])
    assert function.user_function is not None
    application = function.application
    if application is not None:
        name, directory = function.name, function.directory
        if application.kind == "wsgi":
            return Plan.wsgi(application.call, name, directory)
        call = lifespan.refuse if failed else application.call
        return Plan.asgi(call, name, directory, application.state)
    if _is_direct(function):
        positional = [_role(p) for p in function.parameters if not p.keyword_only]
        keywords = [(p.name, _role(p)) for p in function.parameters if p.keyword_only]
        return Plan(function.user_function, function.name, function.directory, positional, keywords)
    wrapper = _async_wrapper(function) if function.is_async else _sync_wrapper(function)
    needs_context = any(p.kind == "context" for p in function.parameters)
    roles = ["request", "context"] if needs_context else ["request"]
    return Plan(wrapper, function.name, function.directory, roles, [])


def _role(parameter: Parameter) -> str:
    return "context" if parameter.kind == "context" else "request"


def _is_direct(function: Function) -> bool:
    return _returns_response(function) and all(
        p.kind == "context" or (_is_http_trigger(p) and p.converter != "generic")
        for p in function.parameters
    )


def _is_http_trigger(parameter: Parameter) -> bool:
    binding = parameter.binding or {}
    return parameter.kind == "trigger" and str(binding.get("type", "")).lower() == "httptrigger"


def _returns_response(function: Function) -> bool:
    return any(_is_http_output(b) and b["name"] == "$return" for b in function.bindings)


def _is_http_output(binding: dict[str, Any]) -> bool:
    return str(binding.get("type", "")).lower() == "http"


def _refusal(function: Function) -> Callable[[], Any] | None:
    """Why the Function cannot run at all, as a callable that raises it."""
    error: Exception | None = None
    if function.error is not None:
        error = RuntimeError(function.error.text)
    elif any(_is_http_trigger(p) and p.converter == "generic" for p in function.parameters):
        error = ValueError("unexpected type of data received for the \"generic\" binding : 'http'")
    if error is None:
        return None
    raised = error

    def refuse() -> Any:
        raise raised.with_traceback(None)

    return refuse


def _arguments(function: Function) -> Callable[[Any, Any], tuple[dict[str, Any], list[Out]]]:
    """Return what makes the keyword arguments of one call, and its `Out` objects."""
    triggers = [p.name for p in function.parameters if _is_http_trigger(p)]
    decoders = [
        (p.name, trigger_data.decoder(p))
        for p in function.parameters
        if p.kind == "trigger" and not _is_http_trigger(p)
    ]
    contexts = [p.name for p in function.parameters if p.kind == "context"]
    outs = [p.name for p in function.parameters if p.kind == "out"]

    def arguments(request: Any, context: Any) -> tuple[dict[str, Any], list[Out]]:
        made = [Out() for _ in outs]
        values = dict.fromkeys(triggers, request)
        for name, decode in decoders:
            values[name] = decode(request.get_body())
        values.update(dict.fromkeys(contexts, context))
        values.update(zip(outs, made, strict=True))
        return values, made

    return arguments


def _conclusion(function: Function) -> Callable[[Any, Sequence[Out]], Any]:
    """Return what makes the response of one call out of its result and its outputs."""
    name = function.name
    returns = function.returns
    returns_response = _returns_response(function)
    outs = [p for p in function.parameters if p.kind == "out"]
    responses = [
        i for i, p in enumerate(outs) if p.binding is not None and _is_http_output(p.binding)
    ]

    def conclude(result: Any, made: Sequence[Out]) -> Any:
        if result is not None and not returns:
            raise RuntimeError(
                f"function {name!r} without a $return bindingreturned a non-None value"
            )
        if returns_response:
            return result
        for index in responses:
            value = made[index].get()
            if value is not None:
                return value
        return func.HttpResponse(status_code=204)

    return conclude


def _sync_wrapper(function: Function) -> Callable[..., Any]:
    call, arguments, conclude = function.user_function, _arguments(function), _conclusion(function)
    assert call is not None

    def run(request: Any, context: Any = None) -> Any:
        values, made = arguments(request, context)
        return conclude(call(**values), made)

    return run


def _async_wrapper(function: Function) -> Callable[..., Any]:
    call, arguments, conclude = function.user_function, _arguments(function), _conclusion(function)
    assert call is not None

    async def run(request: Any, context: Any = None) -> Any:
        values, made = arguments(request, context)
        return conclude(await call(**values), made)

    return run
