"""Keys: which opens what, where it goes, what callers without one get (http.md 8)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from .at_once import Background
from .bare_gateway import BareGateway
from .known_keys import FUNCTIONS, HOST, MASTER, SYSTEM

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

KEYED_COMMAND = f"{sys.executable} {Path(__file__).with_name('known_keys.py')}"

LEVELS = {
    "keyed": "function",
    "other": "FUNCTION",
    "silent": None,
    "of_system": "system",
    "of_admin": "Admin",
    "of_user": "user",
    "closed": "function",
}
KEYS = {
    "none": None,
    "wrong": "wrong",
    "own": FUNCTIONS["keyed"][0],
    "of-another": FUNCTIONS["other"][0],
    "host": HOST[0],
    "second-host": HOST[1],
    "system": SYSTEM["durabletask_extension"],
    "master": MASTER,
}


def files() -> dict[str, str]:
    """The app `auth` with a function of each level."""
    code = (Path(__file__).parents[1] / "apps/auth/open/__init__.py").read_text()
    config = json.loads((Path(__file__).parents[1] / "apps/auth/open/function.json").read_text())
    made = {}
    for name, level in LEVELS.items():
        trigger = {k: v for k, v in config["bindings"][0].items() if k != "authLevel"}
        if level is not None:
            trigger["authLevel"] = level
        content = {**config, "bindings": [trigger, config["bindings"][1]]}
        made[f"{name}/function.json"] = json.dumps(content)
        made[f"{name}/__init__.py"] = code
    made["shut/function.json"] = json.dumps(config)
    made["shut/__init__.py"] = code
    return made


DISABLED = {"AzureWebJobs.closed.Disabled": "true", "AzureWebJobs.shut.Disabled": "true"}


@pytest.fixture(scope="module")
def keyed(shared_host: HostFactory) -> RunningHost:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FERROFUNC_COMMAND", KEYED_COMMAND)
        return shared_host("auth", files=files(), env=DISABLED, args=["--enableAuth"])


@pytest.fixture(scope="module")
def unkeyed(shared_host: HostFactory) -> RunningHost:
    return shared_host("auth", files=files(), env=DISABLED)


# Function -> the keys that open it.
OPENED_BY = {
    "open": set(KEYS),
    "keyed": {"own", "host", "second-host", "master"},
    "other": {"of-another", "host", "second-host", "master"},
    "silent": {"host", "second-host", "master"},
    "of_system": {"system", "master"},
    "of_admin": {"master"},
    "of_user": {"master"},
}


@pytest.mark.parametrize(
    ("function", "key"),
    [
        pytest.param(function, key, id=f"8.2-{function}-{key}")
        for function in OPENED_BY
        for key in KEYS
    ],
)
def test_which_key_opens_what(keyed: RunningHost, function: str, key: str) -> None:
    text = KEYS[key]
    headers = {} if text is None else {"X-Functions-Key": text}
    query = "" if text is None else f"?code={quote(text, safe='')}"
    by_header = keyed.get(f"/api/{function}", headers)
    by_query = keyed.get(f"/api/{function}{query}")
    expected = 200 if key in OPENED_BY[function] else 401
    assert (by_header.status, by_query.status) == (expected, expected)
    if expected == 401:
        assert (by_header.body, by_query.body) == (b"", b"")
        assert by_header.header("www-authenticate") is None


@pytest.mark.parametrize(
    ("query", "header", "status"),
    [
        pytest.param("?code=" + MASTER, None, 200, id="8.2-query"),
        pytest.param("?CODE=" + MASTER, None, 200, id="8.2-query-in-any-case"),
        pytest.param("?a=b&code=" + MASTER, None, 200, id="8.2-query-later"),
        pytest.param(f"?code={MASTER}&code=wrong", None, 200, id="8.2-first-of-two"),
        pytest.param(f"?code=wrong&code={MASTER}", None, 401, id="8.2-second-of-two"),
        pytest.param("?code=" + MASTER, "wrong", 401, id="8.2-header-hides-query"),
        pytest.param("?code=wrong", MASTER, 200, id="8.2-header-wins"),
        pytest.param("?code=" + MASTER.upper(), None, 401, id="8.3-comparison-is-exact"),
        pytest.param("?code=" + MASTER[:-1], None, 401, id="8.3-comparison-is-whole"),
        pytest.param("?code=", None, 401, id="8.2-empty"),
    ],
)
def test_where_a_key_goes(keyed: RunningHost, query: str, header: str | None, status: int) -> None:
    headers = {} if header is None else {"x-functions-key": header}
    assert keyed.get(f"/api/of_admin{query}", headers).status == status


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        pytest.param("/api/nowhere", "none", 404, id="8.3-unknown-function-before-keys"),
        pytest.param("/api/nowhere", "wrong", 404, id="8.3-unknown-function-wrong-key"),
        pytest.param("/api/closed", "none", 401, id="8.3-disabled-without-key"),
        pytest.param("/api/closed", "wrong", 401, id="8.3-disabled-wrong-key"),
        pytest.param("/api/closed", "host", 404, id="8.3-disabled-good-key"),
        pytest.param("/api/closed", "master", 200, id="8.3-disabled-unless-admin"),
        pytest.param("/api/shut", "none", 404, id="8.3-disabled-anonymous"),
        pytest.param("/api/shut", "host", 404, id="8.3-disabled-anonymous-good-key"),
    ],
)
def test_statuses(keyed: RunningHost, path: str, key: str, status: int) -> None:
    text = KEYS[key]
    response = keyed.get(path, {} if text is None else {"x-functions-key": text})
    assert response.status == status
    assert status == 200 or response.body == b""


def test_the_code_stays_in_the_request_8_3(keyed: RunningHost) -> None:
    body = keyed.get(f"/api/keyed?code={HOST[0]}").text
    assert body == f"{HOST[0]} http://127.0.0.1:{keyed.port}/api/keyed?code={HOST[0]}"


def test_no_key_is_logged(keyed: RunningHost) -> None:
    keyed.get("/api/keyed?code=a-wrong-secret", {"x-functions-key": "another-wrong-secret"})
    for text in ("wrong-secret", MASTER, *HOST, *SYSTEM.values(), *FUNCTIONS["keyed"]):
        assert text not in keyed.log()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *[pytest.param(f"/api/{name}", 200, id=f"8.1-{name}") for name in OPENED_BY],
        pytest.param("/api/closed", 200, id="8.1-disabled-runs"),
        pytest.param("/api/shut", 404, id="8.1-disabled-anonymous-does-not"),
        pytest.param("/api/nowhere", 404, id="8.1-unknown"),
        pytest.param("/admin/host/status", 200, id="8.1-admin"),
        pytest.param("/admin/functions", 200, id="8.1-admin-functions"),
    ],
)
@pytest.mark.parametrize("key", [None, "wrong"])
def test_without_enable_auth(unkeyed: RunningHost, path: str, status: int, key: str | None) -> None:
    assert unkeyed.get(path, {} if key is None else {"x-functions-key": key}).status == status


class TestEvents:
    """What the gateway tells Python, so that it can guard the admin API and read new keys."""

    @pytest.mark.parametrize(
        ("key", "level", "system_key"),
        [
            pytest.param(None, "anonymous", None, id="8.2-none"),
            pytest.param("wrong", "anonymous", None, id="8.2-wrong"),
            pytest.param("of f", "function", None, id="8.2-key-of-a-function"),
            pytest.param("host", "function", None, id="8.2-host-key"),
            pytest.param("system", "system", "x_extension", id="8.2-system-key"),
            pytest.param("master", "admin", None, id="8.2-master"),
        ],
    )
    @pytest.mark.parametrize("path", ["/admin/x", "/runtime/webhooks/x", "/"])
    def test_level_of_a_request_to_the_host(
        self, path: str, key: str | None, level: str, system_key: str | None
    ) -> None:
        with BareGateway(is_auth_enabled=True) as bare, Background(1) as threads:
            bare.gateway.set_keys("master", ["host"], {"x_extension": "system"}, {"f": ["of f"]})
            bare.deploy(["f"])
            headers = {} if key is None else {"x-functions-key": key}
            answer = threads.start(lambda: bare.get(path, headers))
            if key == "wrong":
                bare.event("unknown_key")
            event = bare.event("admin")
            assert (event["level"], event["system_key"]) == (level, system_key)
            assert event["is_secure"] is False
            bare.gateway.answer(event["key"], 204, [], b"")
            assert answer.result().status == 204

    def test_level_without_auth_is_admin_8_1(self) -> None:
        with BareGateway() as bare, Background(1) as threads:
            answer = threads.start(lambda: bare.get("/admin/x?code=wrong"))
            event = bare.event("admin")
            assert event["level"] == "admin"
            bare.gateway.answer(event["key"], 204, [], b"")
            assert answer.result().status == 204
            assert bare.gateway.try_event() is None

    def test_new_keys_8_3(self) -> None:
        with BareGateway(is_auth_enabled=True) as bare:
            bare.deploy(["F"])
            opens = {"x-functions-key": "new"}
            # Reached is 500 here: there is no worker.
            assert bare.get("/api/f", opens).status == 401
            bare.event("unknown_key")
            bare.gateway.set_keys("master", [], {}, {"f": ["new"]})
            assert bare.get("/api/f", opens).status == 500
            bare.gateway.set_keys("master", ["new"], {}, {})
            assert bare.get("/api/f", opens).status == 500
            bare.gateway.set_keys("master", [], {}, {"g": ["new"]})
            assert bare.get("/api/f", opens).status == 401
            bare.deploy(["other", "g"])
            assert bare.get("/api/g", opens).status == 500
            assert bare.get("/api/other", opens).status == 401

    def test_an_unknown_key_is_told_once_a_minute_8_3(self) -> None:
        with BareGateway(is_auth_enabled=True) as bare:
            bare.deploy(["f"])
            for number in range(20):
                assert bare.get("/api/f", {"x-functions-key": f"wrong {number}"}).status == 401
            assert bare.get("/api/f").status == 401
            bare.event("unknown_key")
            assert bare.gateway.try_event() is None

    @pytest.mark.parametrize("level", ["anonymous", "user", "function", "system", "admin"])
    def test_an_empty_key_opens_nothing(self, level: str) -> None:
        with BareGateway(is_auth_enabled=True) as bare:
            bare.gateway.set_keys("", [""], {"x": ""}, {"f": [""]})
            bare.deploy(["f"], level)
            expected = 500 if level == "anonymous" else 401
            for path in ("/api/f", "/api/f?code="):
                assert bare.get(path).status == expected
                assert bare.get(path, {"x-functions-key": ""}).status == expected
