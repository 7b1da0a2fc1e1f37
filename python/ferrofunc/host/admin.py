"""Answers to `/admin` requests and `/`, computed from what the host knows (http.md 3.3 and 11).

Pure functions: data in, a `Response` out. What needs the host to act (running a function, stopping,
restarting) is the supervisor's and is asked before `respond`. Called for each request that no
function claims.
"""

from __future__ import annotations

import json

from ferrofunc.host import home_page
from ferrofunc.host.version import RUNTIME_VERSION, RUNTIME_VERSION_DETAILS
from ferrofunc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ferrofunc.host.functions import Function
    from ferrofunc.settings import Settings

_ALIVE = ("Initialized", "Running")
_BUNDLE = "extensionBundle"
_ANONYMOUS = ("admin/host/ping", "admin/warmup")


class Response(Record):
    """What to send back. `headers` name the content type, never the length."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class HostView(Record):
    """The host at one moment.

    `state` is Default, Starting, Initialized, Running, Error, Stopping, Stopped or Offline.
    `base_url` is the scheme and authority the client used, without a slash at the end.
    `uptime_ms` counts from the start of the process. `errors` are why the host is in state Error.
    """

    settings: Settings
    functions: Sequence[Function]
    state: str
    base_url: str
    uptime_ms: int
    errors: Sequence[str] = ()


NOT_FOUND = Response(status=404, headers=(), body=b"")
UNAUTHORIZED = Response(status=401, headers=(), body=b"")
_PING = Response(status=200, headers=(("Cache-Control", "no-store, no-cache"),), body=b"")
_NOT_RUNNING = Response(
    status=503,
    headers=(("Content-Type", "text/plain; charset=utf-8"),),
    body=b"Function host is not running.",
)


def respond(method: str, path: str, view: HostView) -> Response:
    """Return the answer to a request; 404 for whatever is not known here.

    Args:
        method: As sent.
        path: Decoded, without the query; case and one slash at the end do not matter.
        view: The host now.
    """
    if path in ("", "/"):
        return home(view.settings)
    is_open = path.strip("/").lower() in _ANONYMOUS
    if view.settings.is_auth_enabled and not is_open:
        return UNAUTHORIZED
    match [method, *path.strip("/").lower().split("/")]:
        case ["GET", "admin", "host", "status"]:
            return host_status(view)
        case ["GET" | "POST", "admin", "host", "ping"]:
            return _PING
        case ["GET", "admin", "functions", *rest]:
            return _functions(rest, view)
    return NOT_FOUND


def home(settings: Settings) -> Response:
    """Return the home page, or 204 when it is switched off (http.md 3.3)."""
    if settings.is_homepage_disabled:
        return Response(status=204, headers=(), body=b"")
    return Response(
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=home_page.HTML.encode(),
    )


def host_status(view: HostView) -> Response:
    """Return `/admin/host/status`: who answers and in what state it is (http.md 11)."""
    status: dict[str, object] = {
        "id": view.settings.host_id,
        "state": view.state,
        "version": RUNTIME_VERSION,
        "versionDetails": RUNTIME_VERSION_DETAILS,
        "processUptime": view.uptime_ms,
        "functionAppContentEditingState": "Unknown",
    }
    bundle = {key: view.settings.host_config.text(f"{_BUNDLE}:{key}") for key in ("id", "version")}
    if all(bundle.values()):
        status[_BUNDLE] = bundle
    if view.errors:
        status["errors"] = list(view.errors)
    return _json(status)


def _functions(rest: Sequence[str], view: HostView) -> Response:
    if view.state not in _ALIVE:
        return _NOT_RUNNING
    if not rest:
        return _json([describe(function, view) for function in view.functions])
    function = next((f for f in view.functions if f.name.lower() == rest[0]), None)
    if function is None:
        return NOT_FOUND
    match rest[1:]:
        case []:
            return _json(describe(function, view))
        case ["status"]:
            errors = [error for error in (function.error, function.failure) if error is not None]
            return _json({"errors": errors} if errors else {})
    return NOT_FOUND


def describe(function: Function, view: HostView) -> dict[str, object]:
    """Return the official description of a function (http.md 11); absent values are null.

    Args:
        function: One function.
        view: The host now; the links begin with its `base_url`.
    """
    files = f"{view.base_url}/admin/vfs"
    script = _below(function.script_file, view.settings.app_root)
    url = function.invoke_url(view.base_url)
    return {
        "name": function.name,
        "script_root_path_href": f"{files}/{function.name}/",
        "script_href": f"{files}/{script}",
        "config_href": f"{files}/{function.name}/function.json",
        "test_data_href": None,
        "href": f"{view.base_url}/admin/functions/{function.name}",
        "invoke_url_template": None if url is None else url.lower(),
        "language": "python",
        "config": {
            "name": function.name,
            "entryPoint": function.entry_point,
            "scriptFile": script,
            "language": "python",
            "functionDirectory": function.directory,
            "bindings": list(function.bindings),
        },
        "files": None,
        "test_data": None,
        "isDisabled": function.is_disabled,
        "isDirect": False,
        "isProxy": False,
    }


def _below(path: str, root: str) -> str:
    return path.removeprefix(root.rstrip("/") + "/")


def _json(value: object) -> Response:
    return Response(
        status=200,
        headers=(("Content-Type", "application/json; charset=utf-8"),),
        body=json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(),
    )
