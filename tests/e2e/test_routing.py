"""Which function a request reaches: templates, methods, order, prefix, keys, CORS, home page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("routes")


@pytest.mark.parametrize("path", ["/api/hello", "/API/HELLO/", "/api/Hello?x=/y", "/api/%68ello"])
def test_case_slash_query_and_encoding_do_not_matter(running: RunningHost, path: str) -> None:
    response = running.get(path)
    assert (response.status, response.text) == (200, "hello")


@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS", "DELETE"])
def test_another_method_is_not_found(running: RunningHost, method: str) -> None:
    response = running.request(method, "/api/hello")
    assert (response.status, response.body) == (404, b"")
    assert response.header("allow") is None


@pytest.mark.parametrize("path", ["/api", "/nowhere", "/api/nowhere", "/api//hello", "/hello"])
def test_no_route_is_an_empty_404(running: RunningHost, path: str) -> None:
    response = running.get(path)
    assert (response.status, response.body) == (404, b"")


def test_the_function_name_is_the_default_route(running: RunningHost) -> None:
    assert running.get("/api/renamedfunction").text == "renamed"
    assert running.get("/api/renamed").status == 404


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/items/7", {"id": "7"}),
        ("/api/items/007", {"id": "007"}),
        ("/api/items/-7", {"id": "-7"}),
        ("/api/optional", {}),
        ("/api/optional/", {}),
        ("/api/optional/3", {"id": "3"}),
        ("/api/default", {"id": "5"}),
        ("/api/default/6", {"id": "6"}),
        ("/api/files", {}),
        ("/api/files/a/b%2Fc", {"path": "a/b%2Fc"}),
        ("/api/files/a%20b/%C3%A9", {"path": "a b/é"}),
        ("/api/parts/archive.tar.gz", {"name": "archive.tar", "ext": "gz"}),
        ("/api/between/3/abc", {"n": "3", "word": "abc"}),
    ],
)
def test_route_params(running: RunningHost, path: str, expected: dict[str, str]) -> None:
    response = running.get(path)
    assert (response.status, response.json()) == (200, expected)


@pytest.mark.parametrize(
    "path",
    [
        "/api/strict/x",
        "/api/strict/7.5",
        "/api/strict/99999999999",
        "/api/strict",
        "/api/strict/7/8",
        "/api/optional/x",
        "/api/between/2/abc",
        "/api/between/3/a1",
        "/api/parts/nodot",
    ],
)
def test_a_failed_constraint_is_no_match(running: RunningHost, path: str) -> None:
    assert running.get(path).status == 404


def test_the_first_function_by_name_wins(running: RunningHost) -> None:
    assert running.get("/api/items/special").text == "by name special"
    assert running.post("/api/items/special", b"").text == "special POST"


def test_a_conflict_with_a_built_in_route_is_in_error(running: RunningHost) -> None:
    running.wait_log(
        r"The 'e_conflicts' function is in error: The specified route conflicts with one or more "
        r"built in routes\."
    )
    assert running.get("/api/Administrators/list").status == 404


def test_a_conflict_between_two_functions_is_in_error(running: RunningHost) -> None:
    running.wait_log(
        r"The 'z_conflicts' function is in error: The route specified conflicts with the route "
        r"defined by function 'hello'\."
    )


def test_no_key_is_needed_locally(running: RunningHost) -> None:
    assert running.get("/api/locked").text == "unlocked"
    assert running.get("/api/locked?code=wrong", {"x-functions-key": "wrong"}).status == 200


def test_keys_are_asked_for_with_enable_auth(host: HostFactory) -> None:
    running = host("routes", args=["--enableAuth"])
    for path in ("/api/locked", "/api/locked?code=wrong"):
        response = running.get(path)
        assert (response.status, response.body) == (401, b"")
    assert running.get("/api/hello").status == 200
    assert running.get("/api/nowhere").status == 404


@pytest.mark.parametrize(
    ("prefix", "path"), [("", "/hello"), ("v2", "/v2/hello"), ("/a/b/", "/a/b/hello")]
)
def test_route_prefix(host: HostFactory, prefix: str, path: str) -> None:
    settings = {"version": "2.0", "extensions": {"http": {"routePrefix": prefix}}}
    running = host("routes", files={"host.json": json.dumps(settings)})
    assert running.get(path).text == "hello"
    assert running.get("/api/hello").status == 404


def test_route_prefix_from_the_environment(host: HostFactory) -> None:
    env = {"AzureFunctionsJobHost__extensions__http__routePrefix": "v2"}
    running = host("routes", env=env)
    assert running.get("/v2/hello").text == "hello"
    assert running.get("/api/hello").status == 404
