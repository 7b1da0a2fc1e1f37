"""The servers that are measured: how each is started, and from where.

Data only; `launch.py` runs it. Every server listens on 127.0.0.1, runs one worker, and writes no
access log. In `arguments`, `directory`, `settings` and the names of `files` are filled in at start:
`{port}`, `{app}` (the app folder of the workload), `{apps}`, `{asgi}` (module and name of the ASGI
app), `{asgi_folder}`, `{peers}` (bench/peers), `{peers_bin}`, `{ferrofunc}` and `{scratch}`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

FERROFUNC = "ferrofunc"
GUARDED = "ferrofunc-guarded"
ROUTES_500 = "ferrofunc-500-routes"

ORIGIN = "http://example.org"
HOST_KEY = "bench-host-key"
# Where the host looks for the files of its keys.
_KEYS_FOLDER = "{scratch}/keys"


@dataclass(frozen=True)
class Server:
    """One server: a command line and the folder it starts in, environment variables of its own, and
    files that are written before it starts.
    """

    name: str
    about: str
    arguments: tuple[str, ...]
    directory: str
    settings: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def is_own(name: str) -> bool:
    """Whether this is ferrofunc, in whatever form, and no peer."""
    return name == FERROFUNC or name.startswith(f"{FERROFUNC}-")


def _key(name: str, value: str) -> dict[str, object]:
    return {"name": name, "value": value, "encrypted": False}


_KEYS = {
    "masterKey": _key("master", "bench-master-key"),
    "functionKeys": [_key("default", HOST_KEY)],
    "systemKeys": [],
}
_START = ("{ferrofunc}", "start", "--port", "{port}")

_UVICORN = (
    "{peers_bin}/uvicorn",
    *("--host", "127.0.0.1", "--port", "{port}"),
    *("--loop", "uvloop", "--http", "httptools", "--ws", "none", "--lifespan", "off"),
    *("--log-level", "warning", "--no-access-log"),
)
_GRANIAN = (
    "{peers_bin}/granian",
    *("--host", "127.0.0.1", "--port", "{port}", "--workers", "1"),
    *("--http", "1", "--no-ws", "--loop", "uvloop", "--runtime-mode", "st"),
    *("--log-level", "warning", "--no-access-log"),
)

_ALL = (
    Server(
        FERROFUNC,
        "the project: host, gateway and one worker",
        _START,
        "{app}",
    ),
    Server(
        GUARDED,
        "the project with keys, CORS, custom headers and request limits",
        (*_START, "--enableAuth", "--cors", ORIGIN),
        "{apps}/guarded",
        {"FUNCTIONS_SECRETS_PATH": _KEYS_FOLDER, "AzureWebJobsSecretStorageType": "files"},
        {f"{_KEYS_FOLDER}/host.json": json.dumps(_KEYS)},
    ),
    Server(
        ROUTES_500,
        "the project with 500 routes in place of 5",
        _START,
        "{app}",
        {"BENCH_ROUTES": "500"},
    ),
    Server(
        "uvicorn",
        "ASGI app (bare, or the one that ferrofunc runs), httptools, uvloop",
        (*_UVICORN, "{asgi}"),
        "{asgi_folder}",
    ),
    Server(
        "granian-asgi",
        "the ASGI app that ferrofunc runs, single-threaded runtime, uvloop",
        (*_GRANIAN, "--interface", "asginl", "{asgi}"),
        "{asgi_folder}",
    ),
    Server(
        "granian-rsgi",
        "bare RSGI app, single-threaded runtime, uvloop",
        (*_GRANIAN, "--interface", "rsgi", "rsgi_app:app"),
        "{peers}",
    ),
    Server(
        "granian-wsgi",
        "bare WSGI app, 256 blocking threads",
        (*_GRANIAN, "--interface", "wsgi", "--blocking-threads", "256", "wsgi_app:app"),
        "{peers}",
    ),
    Server(
        "socketify",
        "bare handlers on uWebSockets",
        ("{peers_bin}/python", "socketify_app.py", "{port}"),
        "{peers}",
    ),
    Server(
        "pure-host",
        "uvicorn and azure.functions objects, the same app, sync functions inline",
        (*_UVICORN, "--app-dir", "{peers}", "--factory", "pure_host:make_app"),
        "{app}",
    ),
)

SERVERS = {server.name: server for server in _ALL}
