"""Cross-origin requests, answered before any function is looked for (http.md 12)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import HostFactory

    from .messages import Response
    from .running_host import RunningHost

A, B, EVIL = "https://a.example", "http://b.example:3000", "https://evil.example"
ALLOW_ORIGIN = "access-control-allow-origin"
ALLOW_CREDENTIALS = "access-control-allow-credentials"
ALLOW_HEADERS = "access-control-allow-headers"
ALLOW_METHODS = "access-control-allow-methods"


@pytest.fixture(scope="module")
def two(shared_host: HostFactory) -> RunningHost:
    """Two origins and credentials, from local.settings.json."""
    host = {"CORS": f"{A},{B}", "CORSCredentials": True}
    local = {"IsEncrypted": False, "Values": {}, "Host": host}
    return shared_host("cors", files={"local.settings.json": json.dumps(local)})


@pytest.fixture(scope="module")
def one(shared_host: HostFactory) -> RunningHost:
    """One origin, from the command line."""
    return shared_host("cors", args=["--cors", A])


@pytest.fixture(scope="module")
def star(shared_host: HostFactory) -> RunningHost:
    return shared_host("cors", args=["--cors", "*"])


@pytest.fixture(scope="module")
def off(shared_host: HostFactory) -> RunningHost:
    return shared_host("cors")


def cors(response: Response) -> dict[str, str]:
    """What the response says of CORS; each name may come once only."""
    names = {name.lower() for name, _ in response.headers}
    found = {name for name in names if name.startswith("access-control-")} | ({"vary"} & names)
    return {name: response.header(name) or "" for name in sorted(found)}


PREFLIGHT = {"Access-Control-Request-Method": "PUT"}
BOTH = {ALLOW_ORIGIN: A, ALLOW_CREDENTIALS: "true", "vary": "Origin"}

# Every path: a function's, none at all, the home page, the host's own.
PATHS = [
    pytest.param("/api/plain", 200, id="12-function"),
    pytest.param("/api/failing", 500, id="12-failing-function"),
    pytest.param("/nowhere", 404, id="12-no-route"),
    pytest.param("/", 200, id="12-home"),
    pytest.param("/admin/host/ping", 200, id="12-admin"),
    pytest.param("/admin/host/status", 200, id="12-admin-status"),
]


@pytest.mark.parametrize(("path", "status"), PATHS)
class TestEveryPath:
    def test_no_origin_is_untouched(self, two: RunningHost, path: str, status: int) -> None:
        response = two.get(path)
        assert (response.status, cors(response)) == (status, {})

    def test_an_allowed_origin(self, two: RunningHost, path: str, status: int) -> None:
        response = two.get(path, {"Origin": A})
        assert (response.status, cors(response)) == (status, BOTH)

    def test_another_allowed_origin(self, two: RunningHost, path: str, status: int) -> None:
        response = two.get(path, {"Origin": B})
        assert (response.status, cors(response)) == (status, {**BOTH, ALLOW_ORIGIN: B})

    def test_an_origin_that_is_not_allowed(self, two: RunningHost, path: str, status: int) -> None:
        response = two.get(path, {"Origin": EVIL})
        assert (response.status, cors(response)) == (status, {})

    def test_a_preflight(self, two: RunningHost, path: str, status: int) -> None:
        asked = {**PREFLIGHT, "Access-Control-Request-Headers": "X-A, content-type"}
        response = two.request("OPTIONS", path, {"Origin": A, **asked})
        assert (response.status, response.body) == (204, b"")
        expected = {**BOTH, ALLOW_METHODS: "PUT", ALLOW_HEADERS: "X-A, content-type"}
        assert cors(response) == expected

    def test_a_preflight_that_is_not_allowed(
        self, two: RunningHost, path: str, status: int
    ) -> None:
        response = two.request("OPTIONS", path, {"Origin": EVIL, **PREFLIGHT})
        assert (response.status, response.body, cors(response)) == (204, b"", {})


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        pytest.param(A, True, id="12-exact"),
        pytest.param("https://A.example", False, id="12-case"),
        pytest.param(A + "/", False, id="12-slash"),
        pytest.param(A + ":443", False, id="12-port"),
        pytest.param("http://a.example", False, id="12-scheme"),
        pytest.param("null", False, id="12-null"),
        pytest.param("", False, id="12-empty"),
        pytest.param("*", False, id="12-star"),
    ],
)
def test_origins_are_compared_exactly(one: RunningHost, origin: str, is_allowed: bool) -> None:
    response = one.get("/api/plain", {"Origin": origin})
    assert response.text == "plain GET"
    assert cors(response) == ({ALLOW_ORIGIN: A} if is_allowed else {})


def test_the_function_runs_for_an_origin_that_is_not_allowed_12(one: RunningHost) -> None:
    one.get("/api/plain", {"Origin": "https://stranger.example"})
    one.wait_log(r"plain ran for https://stranger\.example$")


@pytest.mark.parametrize(
    ("method", "headers", "runs"),
    [
        pytest.param("OPTIONS", {"Origin": A}, True, id="12-options-alone-is-no-preflight"),
        pytest.param("OPTIONS", PREFLIGHT, True, id="12-no-origin-is-no-preflight"),
        pytest.param("GET", {"Origin": A, **PREFLIGHT}, True, id="12-get-is-no-preflight"),
        pytest.param("OPTIONS", {"Origin": A, **PREFLIGHT}, False, id="12-preflight"),
    ],
)
def test_what_a_preflight_is(
    one: RunningHost, method: str, headers: dict[str, str], runs: bool
) -> None:
    response = one.request(method, "/api/plain", headers)
    assert (response.status, response.text) == ((200, f"plain {method}") if runs else (204, ""))


def test_without_headers_asked_for_none_are_allowed_12(one: RunningHost) -> None:
    response = one.request("OPTIONS", "/api/plain", {"Origin": A, **PREFLIGHT})
    assert cors(response) == {ALLOW_ORIGIN: A, ALLOW_METHODS: "PUT"}


@pytest.mark.parametrize("origin", [EVIL, "null"])
def test_a_star_allows_everybody_12(star: RunningHost, origin: str) -> None:
    assert cors(star.get("/api/plain", {"Origin": origin})) == {ALLOW_ORIGIN: "*"}
    response = star.request("OPTIONS", "/api/plain", {"Origin": origin, **PREFLIGHT})
    assert response.status == 204
    assert cors(response) == {ALLOW_ORIGIN: "*", ALLOW_METHODS: "PUT"}


def test_a_functions_own_origin_wins_12(two: RunningHost) -> None:
    response = two.get("/api/own", {"Origin": A})
    assert cors(response) == {ALLOW_ORIGIN: "https://mine", "vary": "Accept"}


def test_vary_is_added_to_the_functions_own_12(two: RunningHost) -> None:
    response = two.get("/api/varied", {"Origin": A})
    assert response.header_list("vary") == ["Accept-Encoding", "Origin"]
    assert response.header(ALLOW_ORIGIN) == A


def test_a_response_to_each_of_several_on_one_connection(two: RunningHost) -> None:
    def request(origin: str, last: str = "") -> bytes:
        line = f"GET /api/plain HTTP/1.1\r\nHost: h\r\nOrigin: {origin}\r\n{last}\r\n"
        return line.encode()

    received = two.raw(request(A) + request(EVIL) + request(B, "Connection: close\r\n"))
    heads = [part for part in received.split(b"HTTP/1.1 200 OK\r\n") if part]
    origins = [
        [line for line in head.split(b"\r\n") if line.lower().startswith(ALLOW_ORIGIN.encode())]
        for head in heads
    ]
    expected = [A, None, B]
    assert origins == [
        [] if origin is None else [f"Access-Control-Allow-Origin: {origin}".encode()]
        for origin in expected
    ]


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_unconfigured_it_is_the_functions_affair_12(off: RunningHost, method: str) -> None:
    response = off.request(method, "/api/plain", {"Origin": A, **PREFLIGHT})
    assert (response.status, response.text) == (200, f"plain {method}")
    assert cors(response) == {}


def test_the_command_line_wins_12(host: HostFactory) -> None:
    local = {"IsEncrypted": False, "Values": {}, "Host": {"CORS": A, "CORSCredentials": True}}
    running = host(
        "cors",
        files={"local.settings.json": json.dumps(local)},
        args=["--cors", B, "--cors-credentials", "false"],
    )
    assert cors(running.get("/api/plain", {"Origin": A})) == {}
    assert cors(running.get("/api/plain", {"Origin": B})) == {ALLOW_ORIGIN: B}


def test_case_and_international_names_12(host: HostFactory) -> None:
    running = host("cors", args=["--cors", "https://BÜCHER.example,HTTPS://Upper.Example"])
    for origin in ("https://xn--bcher-kva.example", "https://upper.example"):
        assert running.get("/api/plain", {"Origin": origin}).header(ALLOW_ORIGIN) == origin


def test_a_star_with_credentials_stops_the_start_12(host: HostFactory) -> None:
    running = host("cors", args=["--cors", "*", "--cors-credentials"], ready=None)
    assert running.wait_exit() == 1
    assert "The CORS protocol does not allow specifying a wildcard (any) origin" in running.log()


def test_a_refusal_is_logged_with_its_reason(host: HostFactory) -> None:
    running = host("cors", args=["--cors", f"{A},{B}"])
    running.get("/api/plain", {"Origin": EVIL})
    running.wait_log(
        rf"CORS: a request of origin '{EVIL}' gets no CORS headers.*Allowed: {A}, {B}\."
    )
    for _ in range(50):
        running.request("OPTIONS", "/api/plain", {"Origin": EVIL, **PREFLIGHT})
    running.get("/api/plain", {"Origin": "https://last.example"})
    running.wait_log(r"plain ran for https://last\.example$")
    assert len([line for line in running.log().splitlines() if "gets no CORS" in line]) == 10
