"""`/admin/host`: what tools ask to learn whom they talk to (http.md 11).

Nothing here changes anything, apart from lines for the log.
"""

from __future__ import annotations

from ferrofunc.host.admin.answer import BAD_REQUEST, Response, as_json, as_text, empty
from ferrofunc.host.version import RUNTIME_VERSION, RUNTIME_VERSION_DETAILS
from ferrofunc.log_levels import NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ferrofunc.host.admin.call import Call, HostView
    from ferrofunc.host_json import HostConfig

_BUNDLE = "extensionBundle"
_NOT_CACHED = (("Cache-Control", "no-store, no-cache"),)
_LEVELS = {
    "off": None,
    "error": "Error",
    "warning": "Warning",
    "info": "Information",
    "verbose": "Debug",
}
_LEVEL_NAMES = tuple(_LEVELS)
_CONCURRENCY = {
    "dynamicConcurrencyEnabled": False,
    "maximumFunctionConcurrency": 500,
    "cpuThreshold": 0.8,
    "snapshotPersistenceEnabled": True,
}


def status(call: Call) -> Response:
    """Return who answers and in what state it is, as JSON or, if asked for, XML."""
    told = _status(call.view)
    if "text/xml" not in call.headers.get("accept", "").lower():
        return as_json(told)
    return Response(
        status=200,
        headers=(("Content-Type", "text/xml; charset=utf-8"),),
        body=f'<?xml version="1.0" encoding="utf-8"?>{_xml("HostStatus", told)}'.encode(),
    )


def _status(view: HostView) -> dict[str, object]:
    told: dict[str, object] = {
        "id": view.settings.host_id,
        "state": view.state,
        "version": RUNTIME_VERSION,
        "versionDetails": RUNTIME_VERSION_DETAILS,
        "processUptime": view.uptime_ms,
        "functionAppContentEditingState": "Unknown",
    }
    bundle = {key: view.settings.host_config.text(f"{_BUNDLE}:{key}") for key in ("id", "version")}
    if all(bundle.values()):
        told[_BUNDLE] = bundle
    if view.errors:
        told["errors"] = list(view.errors)
    return told


def _xml(name: str, value: object) -> str:
    """Return a value as an element; members are called as in .NET, with a capital."""
    from xml.sax.saxutils import escape

    if isinstance(value, dict):
        inside = "".join(_xml(key[0].upper() + key[1:], one) for key, one in value.items())
    elif isinstance(value, list):
        inside = "".join(_xml("string", one) for one in value)
    else:
        inside = escape(str(value))
    return f"<{name}>{inside}</{name}>"


def ping(_call: Call) -> Response:
    """Return 200, uncached. With `checkHealth` too: nothing here throttles the host."""
    return Response(status=200, headers=_NOT_CACHED)


def processes(call: Call) -> Response:
    """Return the host's process and those of its workers."""
    view = call.view
    found = [
        (view.pid, "ferrofunc", ""),
        *((worker, "python", "python") for worker in view.workers),
    ]
    return as_json(
        {
            "processes": [
                {
                    "processId": pid,
                    "processName": name,
                    "debugEngine": engine,
                    "isEligibleForOpenInBrowser": False,
                }
                for pid, name, engine in found
            ]
        }
    )


def config(call: Call) -> Response:
    """Return the options in force: of the one extension that is here, and of concurrency."""
    settings = call.view.settings
    given = settings.host_config
    http: dict[str, object] = {
        "routePrefix": settings.route_prefix,
        "maxOutstandingRequests": _number(given, "extensions:http:maxOutstandingRequests"),
        "maxConcurrentRequests": _number(given, "extensions:http:maxConcurrentRequests"),
        "dynamicThrottlesEnabled": False,
        "enableChunkedRequestBinding": False,
    }
    return as_json({"extensions": {"http": http}, "concurrency": _CONCURRENCY})


def _number(given: HostConfig, path: str) -> int:
    text = given.text(path) or ""
    return int(text) if text.lstrip("-").isdigit() else -1


def extensions(call: Call) -> Response:
    """Return the installed .NET extensions, of which there are none."""
    return as_json({"extensions": [], "links": [{"rel": "self", "href": call.href}]})


def bundle(_call: Call) -> Response:
    """Return 404: there is no extension bundle whose content could be shown."""
    return as_text("Extension bundle is not configured.", 404)


def synctriggers(_call: Call) -> Response:
    """Return success: nobody outside must be told of the triggers."""
    return as_json({"status": "success"})


def scale_status(_call: Call) -> Response:
    """Return 400: nothing here scales."""
    return as_text("Runtime scale monitoring is not enabled.", 400)


def log(call: Call) -> Response:
    """Put lines into the log, each under the rules for its function's category."""
    try:
        entries = call.json()
    except ValueError:
        entries = None
    if not isinstance(entries, list):
        return as_text("An array of log entry objects is expected.", 400)
    lines = [_line(entry) for entry in entries if isinstance(entry, dict)]
    if len(lines) < len(entries):
        return BAD_REQUEST
    levels = call.view.settings.log_levels
    for level, function, message in lines:
        category = f"Function.{function}" if function else "Host.General"
        least = levels.level_of(category, is_user=bool(function))
        if level is not None and NAMES.index(level) >= NAMES.index(least):
            call.acts.log(level, message)
    return empty(200)


def _line(entry: dict[str, object]) -> tuple[str | None, str, str]:
    """Return level, function and message of a log entry, whose names ignore case."""
    given = {str(name).lower(): value for name, value in entry.items()}
    named = given.get("level", "info")
    if isinstance(named, int) and 0 <= named < len(_LEVEL_NAMES):
        named = _LEVEL_NAMES[named]
    level = _LEVELS.get(str(named).lower(), "Information")
    return level, str(given.get("functionname") or ""), str(given.get("message") or "")
