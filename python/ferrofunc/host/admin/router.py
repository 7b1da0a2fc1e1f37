"""Which endpoint answers: one table of all of them, and who may ask (http.md 8.3 and 11).

A path finds its endpoint first, then the caller's level is judged; a method that a path does not
have is as unknown as the path. Called by the desk for each request that no function claims.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote

from ferrofunc.host.admin import (
    download,
    folders,
    functions,
    home,
    host,
    keys,
    lifecycle,
    run,
    webhooks,
)
from ferrofunc.host.admin.answer import NOT_FOUND, empty
from ferrofunc.host.admin.call import Call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ferrofunc.host.admin.answer import Answer
    from ferrofunc.host.admin.call import Acts, HostView

    Endpoint = tuple[str, str, str, Callable[[Call], Answer]]

_ANONYMOUS, _SYSTEM, _ADMIN = "anonymous", "system", "admin"
_OPENS = {
    _ANONYMOUS: ("anonymous", "function", "system", "admin"),
    _SYSTEM: ("system", "admin"),
    _ADMIN: ("admin",),
}
_BUNDLE = "admin/host/extensionbundle/v1"

# Methods, path, level, answer. `{x}` is one piece of the path, `{*x}` all that is left of it.
ENDPOINTS: tuple[Endpoint, ...] = (
    ("GET", "admin/host/status", _ADMIN, host.status),
    ("GET POST", "admin/host/ping", _ANONYMOUS, host.ping),
    ("GET", "admin/host/processes", _ADMIN, host.processes),
    ("GET", "admin/host/config", _ADMIN, host.config),
    ("GET", "admin/host/extensions", _ADMIN, host.extensions),
    ("GET", f"{_BUNDLE}/templates", _ADMIN, host.bundle),
    ("GET", f"{_BUNDLE}/bindings", _ADMIN, host.bundle),
    ("GET", f"{_BUNDLE}/resources", _ADMIN, host.bundle),
    ("POST", "admin/host/log", _ADMIN, host.log),
    ("POST", "admin/host/synctriggers", _ADMIN, host.synctriggers),
    ("POST", "admin/host/scale/status", _ADMIN, host.scale_status),
    ("POST", "admin/host/restart", _ADMIN, lifecycle.restart),
    ("PUT", "admin/host/state", _ADMIN, lifecycle.state),
    ("POST", "admin/host/drain", _ADMIN, lifecycle.drain),
    ("GET", "admin/host/drain/status", _ADMIN, lifecycle.drain_status),
    ("POST", "admin/host/resume", _ADMIN, lifecycle.resume),
    ("GET POST", "admin/warmup", _ANONYMOUS, run.warmup),
    ("GET", "admin/functions", _ADMIN, functions.every),
    ("GET", "admin/functions/download", _ADMIN, download.app),
    ("GET", "admin/functions/{name}", _ADMIN, functions.one),
    ("POST", "admin/functions/{name}", _ADMIN, run.by_hand),
    ("PUT", "admin/functions/{name}", _ADMIN, folders.put),
    ("DELETE", "admin/functions/{name}", _ADMIN, folders.delete),
    ("GET", "admin/functions/{name}/status", _ADMIN, functions.status),
    ("GET", "admin/functions/{function}/keys", _ADMIN, keys.every),
    ("GET", "admin/functions/{function}/keys/{key}", _ADMIN, keys.one),
    ("POST PUT", "admin/functions/{function}/keys/{key}", _ADMIN, keys.put),
    ("DELETE", "admin/functions/{function}/keys/{key}", _ADMIN, keys.delete),
    ("GET", "admin/host/{scope}", _ADMIN, keys.every),
    ("GET", "admin/host/{scope}/{key}", _ADMIN, keys.one),
    ("POST PUT", "admin/host/{scope}/{key}", _ADMIN, keys.put),
    ("DELETE", "admin/host/{scope}/{key}", _ADMIN, keys.delete),
    (
        "GET POST PUT DELETE OPTIONS",
        "runtime/webhooks/{extension}/{*rest}",
        _SYSTEM,
        webhooks.dispatch,
    ),
)


def respond(event: Mapping[str, Any], view: HostView, acts: Acts) -> Answer:
    """Return the answer to a request; 404 for whatever is not known here.

    Args:
        event: The gateway's `admin` event.
        view: The host now.
        acts: What it does when asked.
    """
    path = event["path"].rstrip("/")
    if not path:
        return home.page(view.settings)
    for methods, pattern, level, answer in ENDPOINTS:
        if event["method"] in methods.split():
            parts = _match(pattern, path)
            if parts is not None:
                call = _call(event, path, parts, view, acts)
                if call.level not in _OPENS[level]:
                    return empty(401 if call.level == _ANONYMOUS else 403)
                return answer(call)
    return NOT_FOUND


def _match(pattern: str, path: str) -> dict[str, str] | None:
    """Return the named pieces of a path, decoded; None if it is not of this pattern."""
    asked, pieces = path[1:].split("/"), pattern.split("/")
    parts = {}
    for index, piece in enumerate(pieces):
        if piece.startswith("{*"):
            parts[piece[2:-1]] = unquote("/".join(asked[index:]))
            return parts
        if index >= len(asked):
            return None
        found = unquote(asked[index])
        if piece.startswith("{"):
            if not found:
                return None
            parts[piece[1:-1]] = found
        elif found.lower() != piece:
            return None
    return parts if len(asked) == len(pieces) else None


def _call(
    event: Mapping[str, Any], path: str, parts: dict[str, str], view: HostView, acts: Acts
) -> Call:
    headers: dict[str, str] = {}
    for name, value in event["headers"]:
        headers.setdefault(name.lower(), value)
    query: dict[str, str] = {}
    for name, value in parse_qsl(event["query"], keep_blank_values=True):
        query.setdefault(name.lower(), value)
    host_name = headers.get("host")
    return Call(
        method=event["method"],
        path=path,
        parts=parts,
        query=query,
        headers=headers,
        body=event["body"],
        base_url=f"{view.settings.scheme}://{host_name}" if host_name else view.settings.base_url,
        level=event.get("level") or (_ANONYMOUS if view.settings.is_auth_enabled else _ADMIN),
        system_key=event.get("system_key"),
        running=event.get("running", 0),
        view=view,
        acts=acts,
    )
