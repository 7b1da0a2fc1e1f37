"""The servers that are measured: how each is started, and from where.

Data only; `launch.py` runs it. Every server listens on 127.0.0.1, runs one worker, and writes no
access log. In `arguments` and `directory`, `{port}`, `{app}` (the app folder of the workload),
`{peers}` (bench/peers), `{peers_bin}` and `{ferrofunc}` are filled in at start.
"""

from __future__ import annotations

from dataclasses import dataclass

FERROFUNC = "ferrofunc"


@dataclass(frozen=True)
class Server:
    """One server: a command line and the folder it starts in."""

    name: str
    about: str
    arguments: tuple[str, ...]
    directory: str


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
        ("{ferrofunc}", "start", "--port", "{port}"),
        "{app}",
    ),
    Server(
        "uvicorn",
        "bare ASGI app, httptools, uvloop",
        (*_UVICORN, "asgi_app:app"),
        "{peers}",
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
