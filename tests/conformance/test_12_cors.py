"""http.md 12: CORS of the local tool, which stands before routing and applies to every path."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from e2e.messages import read_responses

from .case import Case, each
from .functions import function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import HostFactory
    from e2e.running_host import RunningHost

ONE = "https://a.example"
OTHER = "http://b.example:8080"
STRANGER = "https://c.example"
ORIGIN = "access-control-allow-origin"
HEADERS = "access-control-allow-headers"
METHODS = "access-control-allow-methods"
CREDENTIALS = "access-control-allow-credentials"
NONE = dict.fromkeys(
    (
        ORIGIN,
        HEADERS,
        METHODS,
        CREDENTIALS,
        "access-control-expose-headers",
        "access-control-max-age",
    )
)

OWN = """
import azure.functions as func

def main(req):
    return func.HttpResponse("own", headers={"Access-Control-Allow-Origin": "https://own.example"})
"""
FUNCTIONS = {
    **function("Seen"),
    **function("Get", methods=["get"]),
    **function("Options", methods=["options"]),
    **function("Failing", "def main(req):\n    raise ValueError\n"),
    **function("Own", OWN),
}


def local_settings(**host: object) -> dict[str, str]:
    document = {"IsEncrypted": False, "Values": {}, "Host": host}
    return {"local.settings.json": json.dumps(document)}


def preflight(name: str, path: str, origin: str, **fields: str | None) -> Case:
    expected = {**NONE, **{key.replace("_", "-"): value for key, value in fields.items()}}
    send = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "x-one, Content-Type",
    }
    return Case(f"http-12-{name}", f"OPTIONS {path}", 204, b"", fields=expected, send=send)


def allowed(origin: str, **more: str | None) -> dict[str, str | None]:
    """The fields of an allowed preflight, as keywords."""
    return {
        ORIGIN: origin,
        HEADERS: "x-one, Content-Type",
        METHODS: "PUT",
        **{key.replace("_", "-"): value for key, value in more.items()},
    }


def simple(
    name: str, request: str, origin: str | None, status: int = 200, **fields: str | None
) -> Case:
    expected = {**NONE, **{key.replace("_", "-"): value for key, value in fields.items()}}
    send = {} if origin is None else {"Origin": origin}
    return Case(f"http-12-{name}", request, status, fields=expected, send=send)


@pytest.fixture(scope="module")
def star(shared_host: HostFactory) -> RunningHost:
    return shared_host("seen", files=FUNCTIONS, args=["--cors", "*"])


@each(
    [
        preflight("star-preflight", "/api/Seen", ONE, **allowed("*")),
        preflight("star-preflight-unknown-path", "/nowhere", ONE, **allowed("*")),
        preflight("star-preflight-home-page", "/", ONE, **allowed("*")),
        preflight("star-preflight-admin", "/admin/host/status", ONE, **allowed("*")),
        preflight("star-preflight-method-not-served", "/api/Get", ONE, **allowed("*")),
        simple("star-simple", "GET /api/Seen", ONE, **{ORIGIN: "*"}),
        simple("star-no-origin", "GET /api/Seen", None),
        simple("star-not-found", "GET /nowhere", ONE, 404, **{ORIGIN: "*"}),
        simple("star-failure", "GET /api/Failing", ONE, 500, **{ORIGIN: "*"}),
        simple("star-admin", "GET /admin/host/status", ONE, **{ORIGIN: "*"}),
        simple("star-home-page", "GET /", ONE, **{ORIGIN: "*"}),
        simple("star-null-origin", "GET /api/Seen", "null", **{ORIGIN: "*"}),
        simple("star-no-vary", "GET /api/Seen", ONE, vary=None, **{ORIGIN: "*"}),
    ]
)
def test_star(star: RunningHost, case: Case) -> None:
    case.check(star)


def test_options_without_a_request_method_is_no_preflight(star: RunningHost) -> None:
    response = star.request("OPTIONS", "/api/Options", {"Origin": ONE})
    assert (response.status, response.json()["function"]) == (200, "Options")
    assert response.header(ORIGIN) == "*"


def test_options_without_an_origin_is_no_preflight(star: RunningHost) -> None:
    sent = {"Access-Control-Request-Method": "PUT"}
    assert star.request("OPTIONS", "/api/Options", sent).json()["function"] == "Options"


def test_a_preflight_asks_for_no_headers(star: RunningHost) -> None:
    sent = {"Origin": ONE, "Access-Control-Request-Method": "DELETE"}
    response = star.request("OPTIONS", "/api/Seen", sent)
    assert (response.status, response.header(METHODS)) == (204, "DELETE")
    assert response.header(HEADERS) is None


def test_an_own_header_is_not_doubled(star: RunningHost) -> None:
    assert len(star.get("/api/Own", {"Origin": ONE}).header_list(ORIGIN)) == 1


def test_a_preflight_with_a_body_and_the_next_request(star: RunningHost) -> None:
    sent = (
        b"OPTIONS /api/Seen HTTP/1.1\r\nHost: h\r\nOrigin: https://a.example\r\n"
        b"Access-Control-Request-Method: PUT\r\nContent-Length: 4\r\n\r\nbody"
        b"GET /api/Seen HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    )
    responses, rest = read_responses(star.raw(sent), ["OPTIONS", "GET"])
    assert ([response.status for response in responses], rest) == ([204, 200], b"")


@pytest.fixture(scope="module")
def two(shared_host: HostFactory) -> RunningHost:
    host = local_settings(CORS=f"{ONE},{OTHER.upper()}", CORSCredentials=True)
    return shared_host("seen", files={**FUNCTIONS, **host})


def two_origins() -> Iterator[Case]:
    for name, origin in (("first", ONE), ("second", OTHER)):
        credentials = {CREDENTIALS: "true"}
        yield preflight(
            f"list-{name}-preflight", "/api/Seen", origin, **allowed(origin), **credentials
        )
        yield simple(f"list-{name}", "GET /api/Seen", origin, **{ORIGIN: origin}, **credentials)
        yield simple(
            f"list-{name}-not-found", "GET /no", origin, 404, **{ORIGIN: origin}, **credentials
        )
        yield simple(
            f"list-{name}-vary",
            "GET /api/Seen",
            origin,
            vary="Origin",
            **{ORIGIN: origin},
            **credentials,
        )
    for name, origin in (
        ("stranger", STRANGER),
        ("other-scheme", "http://a.example"),
        ("other-port", "https://a.example:8080"),
        ("no-port", "http://b.example"),
        ("trailing-slash", f"{ONE}/"),
        ("longer", f"{ONE}.evil.example"),
        ("subdomain", "https://x.a.example"),
        ("null", "null"),
    ):
        yield preflight(f"list-{name}-preflight", "/api/Seen", origin)
        # The function runs all the same: who may read the answer is the browser's affair.
        yield simple(f"list-{name}", "GET /api/Seen", origin)
    yield simple("list-no-origin", "GET /api/Seen", None)


@each(two_origins())
def test_list(two: RunningHost, case: Case) -> None:
    case.check(two)


def test_the_flag_wins_over_the_file(host: HostFactory) -> None:
    files = {**FUNCTIONS, **local_settings(CORS=ONE)}
    running = host("seen", files=files, args=["--cors", STRANGER, "--cors-credentials"])
    answered = running.get("/api/Seen", {"Origin": STRANGER})
    assert (answered.header(ORIGIN), answered.header(CREDENTIALS)) == (STRANGER, "true")
    # With one origin there is nothing to vary by.
    assert answered.header("vary") is None
    assert running.get("/api/Seen", {"Origin": ONE}).header(ORIGIN) is None


@pytest.mark.parametrize(
    ("configured", "origin", "answer"),
    [
        pytest.param(f"{ONE}/", ONE, None, id="http-12-a-slash-in-the-setting-never-matches"),
        pytest.param("HTTPS://A.Example", ONE, ONE, id="http-12-the-setting-in-any-case"),
        pytest.param(
            "https://bücher.example",
            "https://xn--bcher-kva.example",
            "https://xn--bcher-kva.example",
            id="http-12-international-host",
        ),
        pytest.param(f"*,{ONE}", STRANGER, None, id="http-12-star-among-others"),
    ],
)
def test_how_the_setting_is_read(
    host: HostFactory, configured: str, origin: str, answer: str | None
) -> None:
    running = host("seen", files={**FUNCTIONS, **local_settings(CORS=configured)})
    found = running.get("/api/Seen", {"Origin": origin}).header(ORIGIN)
    if configured.startswith("*"):
        # A star among others allows everybody, or means nothing; it never names the stranger alone.
        assert found in (None, "*", STRANGER)
    else:
        assert found == answer


def test_star_with_credentials_stops_the_start(host: HostFactory) -> None:
    args = ["--cors", "*", "--cors-credentials"]
    running = host("seen", files=FUNCTIONS, args=args, ready=None)
    assert running.wait_exit(15) == 1
    assert "wildcard" in running.log()
    assert "credentials" in running.log()


@pytest.fixture(scope="module")
def without(shared_host: HostFactory) -> RunningHost:
    return shared_host("seen", files=FUNCTIONS)


@each(
    [
        simple("off-simple", "GET /api/Seen", ONE),
        Case(
            "http-12-off-options-reach-the-function",
            "OPTIONS /api/Options",
            send={"Origin": ONE, "Access-Control-Request-Method": "PUT"},
            fields=NONE,
            seen={"function": "Options"},
        ),
        Case(
            "http-12-off-options-not-served",
            "OPTIONS /api/Get",
            404,
            b"",
            send={"Origin": ONE, "Access-Control-Request-Method": "GET"},
            fields=NONE,
        ),
        Case(
            "http-12-off-own-header-passes",
            "GET /api/Own",
            send={"Origin": ONE},
            fields={ORIGIN: "https://own.example"},
        ),
    ]
)
def test_nothing_configured(without: RunningHost, case: Case) -> None:
    case.check(without)


def test_a_preflight_needs_no_key(host: HostFactory) -> None:
    files = function("Locked", authLevel="function")
    running = host("seen", files=files, args=["--cors", ONE, "--enableAuth"])
    sent = {"Origin": ONE, "Access-Control-Request-Method": "GET"}
    response = running.request("OPTIONS", "/api/Locked", sent)
    assert (response.status, response.header(ORIGIN)) == (204, ONE)
    refused = running.get("/api/Locked", {"Origin": ONE})
    assert (refused.status, refused.header(ORIGIN)) == (401, ONE)
