"""http.md 8.2 and 8.3: with `--enableAuth`, which key opens what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import key_files
from .case import Case, each
from .functions import function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import HostFactory
    from e2e.running_host import RunningHost

LEVELS = ("anonymous", "function", "system", "admin")
FUNCTIONS = {
    **{k: v for level in LEVELS for k, v in function(f"F{level}", authLevel=level).items()},
    **function("Other", authLevel="function"),
    **function("Post", authLevel="function", methods=["post"]),
    **function("Off", authLevel="function"),
    **function("OffAnonymous"),
}
OFF = {"AzureWebJobs.Off.Disabled": "1", "AzureWebJobs.OffAnonymous.Disabled": "1"}
NAMES = [f"F{level}" for level in LEVELS] + ["Other", "Post", "Off"]


@pytest.fixture(scope="module")
def running(shared_host: HostFactory, tmp_path_factory: pytest.TempPathFactory) -> RunningHost:
    temporary = tmp_path_factory.mktemp("keys")
    key_files.write(temporary, {name: key_files.OWN.format(name) for name in NAMES})
    env = {**key_files.environment(temporary), **OFF}
    return shared_host("seen", files=FUNCTIONS, env=env, args=["--enableAuth"])


KEYS = {
    "none": None,
    "wrong": "wrong",
    "own": key_files.OWN,
    "another-functions": key_files.OWN.format("Other"),
    "host": key_files.HOST,
    "second-host": key_files.SECOND_HOST,
    "system": key_files.SYSTEM,
    "master": key_files.MASTER,
}
OPENS = {
    "anonymous": set(KEYS),
    "function": {"own", "host", "second-host", "master"},
    "system": {"system", "master"},
    "admin": {"master"},
}


def matrix() -> Iterator[Case]:
    for level, opening in OPENS.items():
        for kind, key in KEYS.items():
            path = f"/api/F{level}"
            value = None if key is None else key.format(f"F{level}")
            status, body = (200, None) if kind in opening else (401, b"")
            expected = {"status": status} if body is None else {"status": status, "body": body}
            name = f"http-8.2-{level}-{kind}"
            if value is None:
                yield Case(name, f"GET {path}", **expected)
            else:
                header = {"x-functions-key": value}
                code = value.replace("=", "%3D")
                yield Case(f"{name}-by-header", f"GET {path}", send=header, **expected)
                yield Case(f"{name}-by-code", f"GET {path}?code={code}", **expected)


@each(matrix())
def test_level_and_key(running: RunningHost, case: Case) -> None:
    case.check(running)


RIGHT = {"x-functions-key": key_files.HOST}
WRONG = {"x-functions-key": "wrong"}
MASTER = {"x-functions-key": key_files.MASTER}
CODE = f"code={key_files.HOST}"
OWN_OF_OFF = key_files.OWN.format("Off")


@each(
    [
        Case(
            "http-8.2-header-name-in-any-case",
            "GET /api/Ffunction",
            send={"X-Functions-KEY": key_files.HOST},
        ),
        Case("http-8.2-code-in-any-case", f"GET /api/Ffunction?CODE={key_files.HOST}"),
        Case("http-8.2-header-before-code-right", "GET /api/Ffunction?code=wrong", send=RIGHT),
        Case(
            "http-8.2-header-before-code-wrong", f"GET /api/Ffunction?{CODE}", 401, b"", send=WRONG
        ),
        Case("http-8.2-first-code-right", f"GET /api/Ffunction?{CODE}&code=wrong"),
        Case("http-8.2-first-code-wrong", f"GET /api/Ffunction?code=wrong&{CODE}", 401, b""),
        Case("http-8.2-code-among-others", f"GET /api/Ffunction?a=1&{CODE}&b=2"),
        Case("http-8.3-exact-case", f"GET /api/Ffunction?code={key_files.HOST.upper()}", 401, b""),
        Case("http-8.3-exact-length", f"GET /api/Ffunction?code={key_files.HOST}x", 401, b""),
        Case("http-8.3-exact-prefix", f"GET /api/Ffunction?code={key_files.HOST[:-1]}", 401, b""),
        Case("http-8.3-empty-code", "GET /api/Ffunction?code=", 401, b""),
        Case(
            "http-8.3-code-stays",
            f"GET /api/Ffunction?{CODE}&a=1",
            seen={"params": {"code": key_files.HOST, "a": "1"}},
        ),
        Case("http-8.3-body-is-not-needed", "POST /api/Ffunction", 401, b"", payload=b"body"),
        Case("http-8.3-unknown-before-keys", "GET /api/nowhere", 404, b""),
        Case("http-8.3-wrong-method-before-keys", "GET /api/Post", 404, b""),
        Case("http-8.3-keys-before-disabled", "GET /api/Off", 401, b""),
        Case("http-8.3-keys-before-disabled-wrong", "GET /api/Off", 401, b"", send=WRONG),
        Case("http-8.3-disabled", f"GET /api/Off?{CODE}", 404, b""),
        Case("http-8.3-disabled-with-its-key", f"GET /api/Off?code={OWN_OF_OFF}", 404, b""),
        Case("http-8.3-disabled-anonymous", "GET /api/OffAnonymous", 404, b""),
        Case("http-8.3-disabled-runs-for-an-admin", "GET /api/Off", send=MASTER),
        Case("http-8.3-home-page", "GET /"),
        Case("http-8.3-admin-no-key", "GET /admin/host/status", 401),
        Case("http-8.3-admin-unknown-key", "GET /admin/host/status", 401, send=WRONG),
        Case("http-8.3-admin-host-key", "GET /admin/host/status", 403, send=RIGHT),
        Case(
            "http-8.3-admin-system-key",
            "GET /admin/host/status",
            403,
            send={"x-functions-key": key_files.SYSTEM},
        ),
        Case("http-8.3-admin-master", "GET /admin/host/status", send=MASTER),
        Case(
            "http-8.3-admin-master-by-code",
            f"GET /admin/functions?code={key_files.MASTER.replace('=', '%3D')}",
        ),
        Case("http-8.3-admin-functions-no-key", "GET /admin/functions", 401),
        Case("http-8.3-ping-is-open", "GET /admin/host/ping"),
        Case("http-8.3-ping-is-open-with-a-wrong-key", "GET /admin/host/ping", send=WRONG),
        Case("http-8.3-warmup-is-open", "GET /admin/warmup"),
        Case(
            "http-8.6-client-principal-opens-nothing",
            "GET /api/Ffunction",
            401,
            b"",
            send={"x-ms-client-principal": "e30=", "x-ms-client-principal-id": "me"},
        ),
    ]
)
def test_status(running: RunningHost, case: Case) -> None:
    case.check(running)


def test_no_key_is_logged(running: RunningHost) -> None:
    running.get(f"/api/Ffunction?{CODE}")
    running.get("/admin/functions", MASTER)
    log = running.log()
    assert key_files.HOST not in log
    assert key_files.MASTER not in log
