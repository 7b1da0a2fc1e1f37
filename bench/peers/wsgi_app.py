"""Bare WSGI application for granian's blocking threads: the peer for sync functions that wait.

Must never do more than the answer needs: it stands for the server, not for a framework.
"""

from __future__ import annotations

import json
import time
from typing import Any

SLEEP_SECONDS = 0.01


def _hello(environ: Any) -> tuple[str, bytes]:
    body = "Hello, " + environ["QUERY_STRING"].partition("name=")[2]
    return "text/plain; charset=utf-8", body.encode()


def _sleep(environ: Any) -> tuple[str, bytes]:  # noqa: ARG001
    time.sleep(SLEEP_SECONDS)
    return "text/plain; charset=utf-8", b"slept"


def _echo(environ: Any) -> tuple[str, bytes]:
    return "application/octet-stream", environ["wsgi.input"].read()


def _echo_json(environ: Any) -> tuple[str, bytes]:
    return "application/json", json.dumps(json.loads(environ["wsgi.input"].read())).encode()


_HANDLERS = {
    "/api/hello": _hello,
    "/api/sleep_sync": _sleep,
    "/api/echo": _echo,
    "/api/echo_json": _echo_json,
}


def app(environ: Any, start_response: Any) -> list[bytes]:
    content_type, body = _HANDLERS[environ["PATH_INFO"]](environ)
    start_response("200 OK", [("content-type", content_type), ("content-length", str(len(body)))])
    return [body]
