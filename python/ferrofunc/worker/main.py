"""The life of a worker: attach, load the app, serve, leave.

Runs in a process that the zygote has just forked. The main thread keeps the event loop, so that
libraries which install signal handlers work; without async Functions there is no loop and it only
waits. Nothing here knows the host; all it says goes through the Link.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from ferrofunc._core import Link
from ferrofunc.worker import context, dispatch, index, logs, native_response, pool_size, support

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Mapping, Sequence

    from ferrofunc.worker.function import Function
    from ferrofunc.worker.lifespan import Lifespan


class Start(TypedDict):
    """What the host tells a new worker."""

    worker: int
    app_root: str
    user_level: int
    system_level: int


def run(start: Start, descriptors: list[int]) -> None:
    """Serve until the gateway says stop.

    Args:
        start: What the host tells.
        descriptors: Region, request bodies, sync bell, async bell, outcome bell, help bell.
    """
    faulthandler.enable()
    environ = os.environ
    threads, complaint = pool_size.pool_size(environ)
    wants_native = native_response.is_wanted(environ)
    if wants_native:
        support.use_native_response()
    link = Link(descriptors, support, threads, lambda: _start_thread(link))
    for descriptor in descriptors:
        os.close(descriptor)
    context.use_link(link)
    support.register()
    logs.install(link, environ, start["user_level"], start["system_level"])
    if complaint is not None:
        link.log(logs.WARNING, "ferrofunc", complaint)
    why_not = native_response.why_not
    if wants_native and why_not is not None and start["system_level"] <= logs.DEBUG:
        link.log(logs.DEBUG, "ferrofunc", why_not)
    found = index.index(Path(start["app_root"]), environ)
    error = found.error
    table = {
        "functions": index.table(found),
        "error": None if error is None else error.text,
        "errorStack": None if error is None else error.stack,
        "userFiles": found.user_files,
    }
    kinds = {function.is_async for function in found.functions}
    if kinds != {True}:
        # Without any Function they still wait for the word to leave.
        link.start_threads()
    if True in kinds:
        _serve_tasks(link, table, found.functions)
    else:
        link.bind([dispatch.plan(function) for function in found.functions])
        link.ready(json.dumps(table).encode())
        link.wait_stopped()


def _start_thread(link: Link) -> None:
    threading.Thread(target=_serve, args=(link,), name="ferrofunc-sync", daemon=True).start()


def _serve(link: Link) -> None:
    try:
        link.serve()
    except BaseException:
        # The Ring can no longer be read. Nothing more would be answered: end, and be replaced.
        traceback.print_exc(file=sys.__stderr__)
        os._exit(1)


def _serve_tasks(link: Link, table: Mapping[str, object], functions: Sequence[Function]) -> None:
    event_loop = _new_event_loop()
    import asyncio

    asyncio.set_event_loop(event_loop)
    lifespans = event_loop.run_until_complete(_start_up(functions))
    failed = {id(span.application) for span, has_started in lifespans if not has_started}
    link.bind(
        [
            dispatch.plan(function, failed=id(function.application) in failed)
            for function in functions
        ]
    )
    link.start_tasks(event_loop)
    event_loop.add_reader(link.async_descriptor(), link.drain)
    link.ready(json.dumps(table).encode())
    try:
        event_loop.run_forever()
    finally:
        for span, has_started in lifespans:
            if has_started:
                event_loop.run_until_complete(span.shut_down())
        event_loop.run_until_complete(event_loop.shutdown_asyncgens())


async def _start_up(functions: Sequence[Function]) -> list[tuple[Lifespan, bool]]:
    """Start every ASGI application, and tell which have started."""
    found = [function.application for function in functions if function.application is not None]
    wanted = [application for application in found if application.has_lifespan]
    if not wanted:
        return []
    from ferrofunc.worker.lifespan import Lifespan

    spans = [Lifespan(application) for application in wanted]
    return [(span, await span.start_up()) for span in spans]


def _new_event_loop() -> AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        import asyncio

        return asyncio.new_event_loop()
    fast: AbstractEventLoop = uvloop.new_event_loop()
    return fast
