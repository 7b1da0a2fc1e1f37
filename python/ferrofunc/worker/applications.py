"""Web applications behind the library's adapters: found at index time and called without them.

`AsgiFunctionApp`, `WsgiFunctionApp`, and the `main` of a middleware are doors to an ASGI or WSGI
application. The worker calls the application itself, so that bodies stream both ways (spec http
5.6). FERROFUNC_NATIVE_APPLICATIONS=0 leaves the adapters in place. Called by `index`; nothing is
looked up per call.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from ferrofunc.worker.function import Application, Function

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SETTING = "FERROFUNC_NATIVE_APPLICATIONS"
_OFF = ("0", "false", "no")
_METHODS = ("_handle", "handle", "_handle_async", "handle_async")


def recognise(function: Function, environ: Mapping[str, str]) -> Function:
    """Return `function`, with its application if it is a door to one and nothing else."""
    if environ.get(SETTING, "").strip().lower() in _OFF:
        return function
    if function.user_function is None or not _is_plain(function):
        return function
    application = _behind(function.user_function)
    if application is None:
        return function
    is_asgi = application.kind == "asgi"
    values = {**vars(function), "application": application, "is_async": is_asgi}
    return Function(**values)


def _is_plain(function: Function) -> bool:
    """Whether an HTTP request comes in, its response goes out, and there is no other binding."""
    kinds = sorted(str(binding.get("type", "")).lower() for binding in function.bindings)
    return kinds == ["http", "httptrigger"] and function.returns


def _behind(call: Callable[..., Any]) -> Application | None:
    from azure.functions import AsgiMiddleware, WsgiMiddleware

    owner = getattr(call, "__self__", None)
    if isinstance(owner, (AsgiMiddleware, WsgiMiddleware)):
        return _of(owner, has_lifespan=False) if call.__name__ in _METHODS else None
    if getattr(call, "__module__", "") != "azure.functions.decorators.function_app":
        return None
    # The library's own function: what it calls is in its closure.
    for cell in getattr(call, "__closure__", None) or ():
        found = cell.cell_contents
        if isinstance(found, (AsgiMiddleware, WsgiMiddleware)):
            return _of(found, has_lifespan=isinstance(found, AsgiMiddleware))
    return None


def _of(middleware: Any, *, has_lifespan: bool) -> Application | None:
    from azure.functions import AsgiMiddleware

    # A subclass may do more than its base.
    if type(middleware).__module__.partition(".")[0] != "azure":
        return None
    is_asgi = isinstance(middleware, AsgiMiddleware)
    call = getattr(middleware, "_app", None)
    if call is None:
        return None
    return Application(
        kind="asgi" if is_asgi else "wsgi",
        call=_coroutine_function(call) if is_asgi else call,
        state=getattr(middleware, "state", {}),
        has_lifespan=has_lifespan,
    )


def _coroutine_function(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return `call`, wrapped if what it returns is awaitable but may be no coroutine."""
    if inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(
        getattr(call, "__call__", None)  # noqa: B004 - its kind is asked, not whether it is there
    ):
        return call

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await call(scope, receive, send)

    return application
