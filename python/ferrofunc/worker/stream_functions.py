"""Functions that take the HTTP extension's request, as ASGI applications (spec http 7).

The official worker runs a web server of its own for them, and the host forwards requests to it.
Here each is called over the Rings: its request reads the body as it comes, its response streams,
and classic functions may stand beside it. A client that leaves cancels the function and its
response. Called by `index` once the app is imported; imports FastAPI only for apps that have it.
"""

from __future__ import annotations

import asyncio
import contextvars
from functools import partial
from typing import TYPE_CHECKING, Any

from ferrofunc.worker import stream_types
from ferrofunc.worker.function import Application, Function

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from concurrent.futures import Executor


def recognise(function: Function, environ: Mapping[str, str]) -> Function:
    """Return `function`, as an application if it takes the extension's request."""
    call = function.user_function
    if call is None or function.application is not None:
        return function
    trigger = next((p for p in function.parameters if p.kind == "trigger"), None)
    if trigger is None or trigger.binding is None:
        return function
    if str(trigger.binding.get("type", "")).lower() != "httptrigger":
        return function
    is_untyped = trigger.annotation is None and stream_types.are_for_all(environ)
    if not is_untyped and not stream_types.is_request(trigger.annotation):
        return function
    takes_context = any(p.kind == "context" for p in function.parameters)
    run = _runner(call, trigger.name, is_async=function.is_async, takes_context=takes_context)
    application = Application(kind="asgi", call=_application(run), state={}, has_lifespan=False)
    return Function(**{**vars(function), "application": application, "is_async": True})


def _runner(
    call: Callable[..., Any], name: str, *, is_async: bool, takes_context: bool
) -> Callable[[Any, Any], Awaitable[Any]]:
    """Return what calls the user's function with a request and a context."""

    def arguments(request: Any, context: Any) -> dict[str, Any]:
        return {name: request, "context": context} if takes_context else {name: request}

    async def run_async(request: Any, context: Any) -> Any:
        return await call(**arguments(request, context))

    async def run_in_thread(request: Any, context: Any) -> Any:
        # The context carries the invocation id to the thread.
        bound = partial(call, **arguments(request, context))
        run = contextvars.copy_context().run
        return await asyncio.get_running_loop().run_in_executor(_threads(), run, bound)

    return run_async if is_async else run_in_thread


_pool: Executor | None = None


def _threads() -> Executor:
    """Return the threads of `def` functions, as many as classic ones have."""
    global _pool
    if _pool is None:
        import os
        from concurrent.futures import ThreadPoolExecutor

        from ferrofunc.worker.pool_size import pool_size

        _pool = ThreadPoolExecutor(pool_size(os.environ)[0], "ferrofunc-stream")
    return _pool


def _application(run: Callable[[Any, Any], Awaitable[Any]]) -> Callable[..., Awaitable[None]]:
    from fastapi.encoders import jsonable_encoder
    from fastapi.exception_handlers import http_exception_handler
    from fastapi.responses import JSONResponse
    from starlette.exceptions import HTTPException
    from starlette.responses import Response

    request_class = stream_types.request_class()
    assert request_class is not None

    async def application(scope: Any, receive: Any, send: Any) -> None:
        call = receive.__self__
        call.cancel_when_gone(asyncio.current_task())
        scope["path_params"] = call.route_params
        # By this header the official worker knows which request belongs to which invocation.
        invocation_id = call.context.invocation_id
        scope["headers"].append((b"x-ms-invocation-id", invocation_id.encode()))
        request = request_class(scope, receive, send)
        try:
            result = await run(request, call.context)
        except HTTPException as error:
            # FastAPI answers these itself; the function has failed all the same.
            response = await http_exception_handler(request, error)
            await response(scope, receive, send)
            raise
        if result is None:
            raise ValueError(f"No http response found for invocation {invocation_id}")
        if not isinstance(result, Response):
            result = JSONResponse(jsonable_encoder(result))
        await result(scope, receive, send)

    return application
