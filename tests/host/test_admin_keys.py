"""The keys API (http.md 8.5)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from ferrofunc.host.keys.store import HOST, SYSTEM

from .admin_host import BASE, AdminHost
from .making import App, row

if TYPE_CHECKING:
    from pathlib import Path

    from ferrofunc.host.admin.answer import Response

FUNCTION = "/admin/functions/F/keys"
PLACES = [
    pytest.param(FUNCTION, "F", id="8.5-function"),
    pytest.param("/admin/host/keys", HOST, id="8.5-host-keys"),
    pytest.param("/admin/host/functionkeys", HOST, id="8.5-host-functionkeys"),
    pytest.param("/admin/host/systemkeys", SYSTEM, id="8.5-host-systemkeys"),
]


@pytest.fixture
def host(tmp_path: Path) -> AdminHost:
    return AdminHost(App(tmp_path), row("F"))


def told(response: Response) -> Any:
    return json.loads(response.body)


def stored(host: AdminHost, scope: str) -> dict[str, str]:
    if scope == HOST:
        return host.keys.host()
    return host.keys.system() if scope == SYSTEM else host.keys.function(scope)


def link(path: str) -> list[dict[str, str]]:
    return [{"rel": "self", "href": f"{BASE}{path}"}]


@pytest.mark.parametrize(("place", "scope"), PLACES)
class TestEveryPlace:
    def test_list(self, host: AdminHost, place: str, scope: str) -> None:
        host.keys.put(scope, "mine", "value")
        response = host.now("GET", place)
        assert response.status == 200
        keys = [{"name": name, "value": value} for name, value in stored(host, scope).items()]
        assert told(response) == {"keys": keys, "links": link(place)}
        assert {"name": "mine", "value": "value"} in keys

    def test_one(self, host: AdminHost, place: str, scope: str) -> None:
        host.keys.put(scope, "Mine", "value")
        response = host.now("GET", f"{place}/mINE")
        assert response.status == 200
        assert told(response) == {
            "name": "Mine",
            "value": "value",
            "links": link(f"{place}/mINE"),
        }
        assert host.now("GET", f"{place}/other").status == 404

    def test_post(self, host: AdminHost, place: str, scope: str) -> None:
        first = host.now("POST", f"{place}/mine")
        again = host.now("POST", f"{place}/mine")
        assert (first.status, again.status) == (201, 200)
        assert told(first)["value"] != told(again)["value"]
        assert stored(host, scope)["mine"] == told(again)["value"]
        assert told(again)["links"] == link(f"{place}/mine")
        assert host.done == ["publish keys"] * 2

    def test_put(self, host: AdminHost, place: str, scope: str) -> None:
        first = host.now("PUT", f"{place}/mine", {"name": "mine", "value": "one"})
        again = host.now("PUT", f"{place}/MINE", {"name": "mine", "value": "two"})
        assert (first.status, again.status) == (201, 200)
        assert (told(first)["value"], told(again)["value"]) == ("one", "two")
        assert stored(host, scope)["mine"] == "two"
        assert host.done == ["publish keys"] * 2

    @pytest.mark.parametrize(
        "body", [{"name": "mine"}, {"value": ""}, {"value": None}, {"value": 1}, b"", b"null", b"x"]
    )
    def test_put_without_value(self, host: AdminHost, place: str, scope: str, body: object) -> None:
        response = host.now("PUT", f"{place}/mine", body)
        assert (response.status, response.body) == (400, b"Invalid key value")
        assert "mine" not in stored(host, scope)
        assert host.done == []

    def test_delete(self, host: AdminHost, place: str, scope: str) -> None:
        host.keys.put(scope, "mine", "value")
        response = host.now("DELETE", f"{place}/mine")
        assert (response.status, response.body) == (204, b"")
        assert "mine" not in stored(host, scope)
        assert host.now("DELETE", f"{place}/mine").status == 404
        assert host.done == ["publish keys"]

    def test_delete_master(self, host: AdminHost, place: str, scope: str) -> None:
        response = host.now("DELETE", f"{place}/_master")
        assert (response.status, response.body) == (400, b"Cannot delete System Key.")

    def test_names_come_encoded(self, host: AdminHost, place: str, scope: str) -> None:
        host.now("PUT", f"{place}/a%20b%2Fc", {"value": "x"})
        assert stored(host, scope)["a b/c"] == "x"


def test_read_the_master_key(host: AdminHost) -> None:
    response = host.now("GET", "/admin/host/systemkeys/_master")
    assert response.status == 200
    assert told(response)["name"] == "_master"
    assert told(response)["value"] == host.keys.master()


@pytest.mark.parametrize("place", ["/admin/host/keys", "/admin/host/functionkeys", FUNCTION])
def test_the_master_key_is_in_one_place(host: AdminHost, place: str) -> None:
    assert host.now("GET", f"{place}/_master").status == 404


@pytest.mark.parametrize("place", ["keys", "functionkeys", "systemkeys"])
def test_set_the_master_key(host: AdminHost, place: str) -> None:
    before = host.keys.master()
    path = f"/admin/host/{place}/_master"
    made = host.now("POST", path)
    assert (made.status, told(made)["name"]) == (200, "_master")
    assert before != host.keys.master() == told(made)["value"]
    assert host.now("PUT", path, {"value": "mine"}).status == 200
    assert host.keys.master() == "mine"
    assert host.done == ["publish keys"] * 2


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_function_has_no_master_key(host: AdminHost, method: str) -> None:
    assert host.now(method, f"{FUNCTION}/_master", {"value": "x"}).status == 400
    assert list(host.keys.function("F")) == ["default"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/admin/functions/nobody/keys/x", "/admin/host/otherkeys/x"])
def test_unknown(host: AdminHost, method: str, path: str) -> None:
    assert host.now(method, path, {"value": "x"}).status == 404
    assert not host.keys.folder.exists()


def test_the_name_of_a_function_in_error_is_no_path(tmp_path: Path) -> None:
    bad = row("../../evil", error="bad name", errorKind="metadata")
    host = AdminHost(App(tmp_path), bad)
    assert host.now("GET", "/admin/functions/..%2F..%2Fevil/keys").status == 404
    assert not host.keys.folder.exists()


def test_functions_are_known_once_the_app_runs(tmp_path: Path) -> None:
    starting = AdminHost(App(tmp_path), row("F"), state="Starting")
    assert starting.now("GET", FUNCTION).status == 503
    assert starting.now("GET", "/admin/host/keys").status == 200
