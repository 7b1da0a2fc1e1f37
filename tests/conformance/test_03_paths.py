"""http.md 3.2 and 3.3: how a path is read before it is matched, and who owns `/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .case import Case, each
from .functions import function, host_json

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

FUNCTIONS = {
    **function("Hello", route="hello"),
    **function("Deep", route="deep/{a}/{b}"),
    **function("Rest", route="rest/{*rest}"),
}


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("seen", files=FUNCTIONS)


def reached(name: str, request: str, function_name: str = "Hello", **params: str) -> Case:
    return Case(
        f"http-3.2-{name}", request, seen={"function": function_name, "route_params": params}
    )


def missed(name: str, request: str) -> Case:
    fields = {"content-type": None, "content-length": "0"}
    return Case(f"http-3.2-{name}", request, 404, b"", fields=fields)


@each(
    [
        reached("decoded-before-matching", "GET /%61pi/h%65llo"),
        reached("lower-case-hexadecimal", "GET /api/%68%65%6c%6c%6f"),
        reached("value-decoded", "GET /api/deep/%41%20/%C3%A9", "Deep", a="A ", b="é"),
        reached("slash-stays", "GET /api/deep/a%2Fb/c", "Deep", a="a%2Fb", b="c"),
        reached("slash-in-lower-case-stays", "GET /api/deep/a%2fb/c", "Deep", a="a%2fb", b="c"),
        reached("decoded-once", "GET /api/deep/%2541/%252F", "Deep", a="%41", b="%2F"),
        reached("signs", "GET /api/deep/a;b=c,d/!$&'()*+:@", "Deep", a="a;b=c,d", b="!$&'()*+:@"),
        reached("one-slash-behind", "GET /api/hello/"),
        reached("one-slash-behind-a-value", "GET /api/deep/a/b/", "Deep", a="a", b="b"),
        missed("two-slashes-behind", "GET /api/hello//"),
        missed("two-slashes-within", "GET /api//hello"),
        missed("two-slashes-first", "GET //api/hello"),
        missed("empty-value", "GET /api/deep//b"),
        reached("query-plays-no-part", "GET /api/hello?/other"),
        reached("query-empty", "GET /api/hello?"),
        missed("query-is-no-path", "GET /nowhere?/api/hello"),
        missed("prefix-alone", "GET /api"),
        missed("prefix-and-a-slash", "GET /api/"),
        missed("unknown", "GET /unknown"),
        missed("unknown-below-the-prefix", "POST /api/unknown"),
        missed("longer", "GET /api/hello/more"),
        missed("beginning", "GET /api/hell"),
    ]
)
def test_path(running: RunningHost, case: Case) -> None:
    case.check(running)


@pytest.mark.parametrize(
    "method",
    [pytest.param(m, id=f"http-3.3-home-page-{m}") for m in ("GET", "POST", "PUT", "OPTIONS")],
)
def test_home_page(running: RunningHost, method: str) -> None:
    response = running.request(method, "/")
    assert response.status == 200
    assert (response.header("content-type") or "").startswith("text/html")
    assert "up and running" in response.text


def test_home_page_head(running: RunningHost) -> None:
    response = running.request("HEAD", "/?x=1")
    assert (response.status, response.body) == (200, b"")
    assert (response.header("content-type") or "").startswith("text/html")


@pytest.mark.parametrize(
    ("value", "status"),
    [
        pytest.param("true", 204, id="http-3.3-home-page-off-true"),
        pytest.param("1", 204, id="http-3.3-home-page-off-1"),
        pytest.param("false", 200, id="http-3.3-home-page-off-false"),
    ],
)
def test_home_page_switched_off(host: HostFactory, value: str, status: int) -> None:
    running = host("seen", files=FUNCTIONS, env={"AzureWebJobsDisableHomepage": value})
    response = running.get("/")
    assert response.status == status
    assert bool(response.body) is (status == 200)
    assert running.get("/api/hello").status == 200


@pytest.mark.parametrize(
    ("route", "path", "params"),
    [
        pytest.param("{*p}", "/", {}, id="http-3.3-catch-all-claims-it"),
        pytest.param("/", "/", {}, id="http-3.3-route-slash-claims-it"),
    ],
)
def test_a_function_claims_the_home_page(
    host: HostFactory, route: str, path: str, params: dict[str, str]
) -> None:
    files = {**function("Mine", route=route), **host_json(routePrefix="")}
    running = host("seen", files=files)
    seen = running.get(path).json()
    assert (seen["function"], seen["route_params"]) == ("Mine", params)
    assert running.get("/admin/host/ping").body == b""


def test_a_function_that_is_not_asked_does_not_claim_it(host: HostFactory) -> None:
    files = {**function("Mine", route="{*p}", methods=["post"]), **host_json(routePrefix="")}
    running = host("seen", files=files)
    assert "up and running" in running.get("/").text
    assert running.post("/", b"").json()["function"] == "Mine"
