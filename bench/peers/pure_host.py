"""A pure-Python Azure Functions host: what the same app costs without a line of Rust.

Loads `function_app.py` from the current directory through the library's own index, builds the
library's `HttpRequest` for each request and reads its `HttpResponse`. Leaner than a real host on
purpose: no keys, no logs, no timeouts, and sync functions run inline on the loop, so one that
waits stops the others. Run by uvicorn with `--factory pure_host:make_app`.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import azure.functions as func


def _table() -> dict[tuple[str, str], tuple[Any, bool]]:
    sys.path.insert(0, str(Path.cwd()))
    import function_app

    table = {}
    for function in function_app.app.get_functions():
        trigger = function.get_trigger()
        user_function = function.get_user_function()
        path = f"/api/{trigger.route or function.get_function_name()}"
        for method in trigger.methods or ("GET", "POST"):
            name = getattr(method, "value", method)
            table[name, path] = (user_function, inspect.iscoroutinefunction(user_function))
    return table


async def _read(receive: Any) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message["body"])
        if not message.get("more_body"):
            return b"".join(chunks)


def _request(scope: Any, body: bytes) -> func.HttpRequest:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    host = headers.get("host", "localhost")
    return func.HttpRequest(
        scope["method"],
        f"http://{host}{scope['path']}" + (f"?{query}" if query else ""),
        headers=headers,
        params=dict(parse_qsl(query, keep_blank_values=True)),
        route_params={},
        body=body,
    )


async def _send(send: Any, response: func.HttpResponse) -> None:
    body = response.get_body()
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in response.headers.items()
    ]
    content_type = f"{response.mimetype}; charset={response.charset}"
    headers.append((b"content-type", content_type.encode("latin-1")))
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def make_app() -> Any:
    table = _table()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        entry = table.get((scope["method"], scope["path"]))
        if entry is None:
            await _send(send, func.HttpResponse(status_code=404))
            return
        user_function, is_async = entry
        request = _request(scope, await _read(receive))
        response = user_function(request)
        if is_async:
            response = await response
        await _send(send, response)

    return app
