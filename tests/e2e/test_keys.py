"""Keys as a user meets them: files, requests with keys, the keys API (http.md 8.2 to 8.5)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from .waiting import wait_until

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost


class Keyed:
    """A host that checks keys, and the files that it keeps them in."""

    def __init__(self, running: RunningHost) -> None:
        self.running = running
        found = running.wait_log(r"Access keys are kept in '(.+)'\.$")
        self.folder = Path(found[1])

    def file(self, name: str) -> Any:
        return json.loads((self.folder / f"{name}.json").read_text())

    @property
    def master(self) -> str:
        return str(self.file("host")["masterKey"]["value"])

    @property
    def host(self) -> str:
        return str(self.file("host")["functionKeys"][0]["value"])

    def of(self, function: str) -> str:
        return str(self.file(function)["keys"][0]["value"])

    def ask(self, method: str, path: str, key: str | None = None, body: object = None) -> Any:
        headers = {} if key is None else {"x-functions-key": key}
        sent = None if body is None else json.dumps(body)
        return self.running.request(method, path, headers, sent)

    def admin(self, method: str, path: str, body: object = None) -> Any:
        return self.ask(method, path, self.master, body)

    def opens(self, key: str, path: str = "/api/locked") -> bool:
        status = self.ask("GET", path, key).status
        assert status in (200, 401)
        return bool(status == 200)


@pytest.fixture(scope="module")
def keyed(shared_host: HostFactory) -> Keyed:
    return Keyed(shared_host("routes", args=["--enableAuth"]))


class TestFiles:
    def test_place_8_4(self, keyed: Keyed) -> None:
        identifier = keyed.admin("GET", "/admin/host/status").json()["id"]
        assert keyed.folder.parts[-4:] == ("secrets", "functions", "secrets", identifier)

    def test_for_their_owner_alone_8_4(self, keyed: Keyed) -> None:
        assert keyed.folder.stat().st_mode & 0o777 == 0o700
        modes = {path.stat().st_mode & 0o777 for path in keyed.folder.iterdir()}
        assert modes == {0o600}

    def test_shape_8_4(self, keyed: Keyed) -> None:
        document = keyed.file("host")
        assert document["masterKey"]["name"] == "master"
        assert [key["name"] for key in document["functionKeys"]] == ["default"]
        assert document["systemKeys"] == []
        assert document["hostName"] == f"localhost:{keyed.running.port}"
        assert [key["name"] for key in keyed.file("locked")["keys"]] == ["default"]

    def test_none_without_need_8_4(self, host: HostFactory) -> None:
        running = host("routes")
        assert running.get("/api/locked").status == 200
        assert not list((running.folder.parent / "home").rglob("secrets"))
        # The admin API is asked for keys: now they are needed.
        key = running.get("/admin/host/systemkeys/_master").json()["value"]
        (path,) = (running.folder.parent / "home").rglob("secrets/*/host.json")
        assert json.loads(path.read_text())["masterKey"]["value"] == key

    def test_they_are_kept_8_4(self, host: HostFactory, tmp_path: Path) -> None:
        env = {"FUNCTIONS_SECRETS_PATH": str(tmp_path / "kept")}
        first = Keyed(host("routes", args=["--enableAuth"], env=env))
        second = Keyed(host("routes", args=["--enableAuth"], env=env))
        assert first.folder == second.folder == tmp_path / "kept"
        assert second.opens(first.of("locked"))

    def test_unreadable_ones_are_made_anew_8_4(self, host: HostFactory, tmp_path: Path) -> None:
        (tmp_path / "host.json").write_text("{")
        env = {"FUNCTIONS_SECRETS_PATH": str(tmp_path)}
        keyed = Keyed(host("routes", args=["--enableAuth"], env=env))
        keyed.running.wait_log(
            r"The access keys in '.*host\.json' cannot be used: it is not JSON\."
        )
        assert len(list(tmp_path.glob("host.snapshot.*.json"))) == 1
        assert keyed.opens(keyed.host)

    def test_a_place_that_cannot_be_used(self, host: HostFactory, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        env = {"FUNCTIONS_SECRETS_PATH": str(tmp_path / "file")}
        running = host("routes", args=["--enableAuth"], env=env)
        running.wait_log(r"Cannot make the folder for access keys .* is answered 401\.$")
        assert running.get("/api/locked").status == 401
        assert running.get("/api/hello").status == 200


class TestRequests:
    @pytest.mark.parametrize("kind", ["master", "host", "own"])
    def test_what_opens_a_function_8_2(self, keyed: Keyed, kind: str) -> None:
        key = {"master": keyed.master, "host": keyed.host, "own": keyed.of("locked")}[kind]
        assert keyed.opens(key)
        assert keyed.running.get(f"/api/locked?code={quote(key, safe='')}").status == 200

    @pytest.mark.parametrize("key", [None, "", "wrong"])
    def test_what_does_not_8_3(self, keyed: Keyed, key: str | None) -> None:
        response = keyed.ask("GET", "/api/locked", key)
        assert (response.status, response.body) == (401, b"")

    @pytest.mark.parametrize(
        ("path", "anonymous", "function"),
        [
            pytest.param("/admin/host/ping", 200, 200, id="11-ping-is-open"),
            pytest.param("/admin/warmup", 200, 200, id="11-warmup-is-open"),
            pytest.param("/", 200, 200, id="3.3-home-is-open"),
            pytest.param("/admin/host/status", 401, 403, id="8.3-status"),
            pytest.param("/admin/functions", 401, 403, id="8.3-functions"),
            pytest.param("/admin/functions/hello", 401, 403, id="8.3-function"),
            pytest.param("/admin/host/keys", 401, 403, id="8.3-keys"),
            pytest.param("/admin/functions/nobody/keys", 401, 403, id="8.3-before-looking"),
            pytest.param("/runtime/webhooks/eventgrid", 401, 403, id="11.1-webhook"),
        ],
    )
    def test_the_admin_api_8_3(
        self, keyed: Keyed, path: str, anonymous: int, function: int
    ) -> None:
        assert keyed.ask("GET", path).status == anonymous
        assert keyed.ask("GET", path, "wrong").status == anonymous
        assert keyed.ask("GET", path, keyed.of("locked")).status == function
        assert keyed.ask("GET", path, keyed.host).status == function
        assert keyed.ask("GET", path, keyed.master).status in (200, 404)

    def test_a_key_written_into_a_file_8_3(self, host: HostFactory, tmp_path: Path) -> None:
        env = {"FUNCTIONS_SECRETS_PATH": str(tmp_path)}
        keyed = Keyed(host("routes", args=["--enableAuth"], env=env))
        document = keyed.file("locked")
        document["keys"].append({"name": "mine", "value": "by hand", "encrypted": False})
        (tmp_path / "locked.json").write_text(json.dumps(document))
        # The first use tells the host to look.
        wait_until(lambda: keyed.opens("by hand"), "the key to count")

    def test_no_key_is_logged(self, keyed: Keyed) -> None:
        keyed.ask("GET", "/api/locked", "not-to-be-seen")
        keyed.admin("PUT", "/admin/host/keys/unseen", {"value": "not-to-be-seen-either"})
        keyed.admin("DELETE", "/admin/host/keys/unseen")
        log = keyed.running.log()
        for secret in ("not-to-be-seen", keyed.master, keyed.host, keyed.of("locked")):
            assert secret not in log


PLACES = [
    pytest.param("/admin/functions/locked/keys", id="8.5-function"),
    pytest.param("/admin/host/keys", id="8.5-host-keys"),
    pytest.param("/admin/host/functionkeys", id="8.5-host-functionkeys"),
    pytest.param("/admin/host/systemkeys", id="8.5-host-systemkeys"),
]


@pytest.mark.parametrize("place", PLACES)
def test_a_life_of_a_key(keyed: Keyed, place: str) -> None:
    path = f"{place}/life"
    assert keyed.admin("GET", path).status == 404
    made = keyed.admin("POST", path)
    assert made.status == 201
    first = made.json()["value"]
    assert keyed.admin("GET", path).json() == made.json()
    assert made.json()["links"] == [{"rel": "self", "href": f"{keyed.running.url}{path}"}]
    renewed = keyed.admin("POST", path)
    assert (renewed.status, renewed.json()["value"] != first) == (200, True)
    set_to = keyed.admin("PUT", path, {"name": "life", "value": f"my own at {place}"})
    assert (set_to.status, set_to.json()["value"]) == (200, f"my own at {place}")
    bad = keyed.admin("PUT", path, {"name": "life"})
    assert (bad.status, bad.text) == (400, "Invalid key value")
    listed = keyed.admin("GET", place).json()
    assert {"name": "life", "value": f"my own at {place}"} in listed["keys"]
    # A change counts at once: for functions, but for a key of an extension.
    assert keyed.opens(f"my own at {place}") is ("systemkeys" not in place)
    assert not keyed.opens(first)
    assert keyed.admin("DELETE", path).status == 204
    assert keyed.admin("DELETE", path).status == 404
    assert not keyed.opens(f"my own at {place}")


def test_master_key_8_5(host: HostFactory) -> None:
    keyed = Keyed(host("routes", args=["--enableAuth"]))
    before = keyed.master
    assert keyed.admin("GET", "/admin/host/systemkeys/_master").json()["value"] == before
    refused = keyed.admin("DELETE", "/admin/host/systemkeys/_master")
    assert (refused.status, refused.text) == (400, "Cannot delete System Key.")
    assert keyed.admin("POST", "/admin/host/keys/_master").status == 200
    assert keyed.master != before
    assert keyed.ask("GET", "/admin/host/status", before).status == 401
    assert keyed.admin("PUT", "/admin/host/keys/_master", {"value": "mine"}).status == 200
    assert keyed.master == "mine"
    assert keyed.admin("GET", "/admin/host/status").status == 200


def test_unknown_functions_8_5(keyed: Keyed) -> None:
    assert keyed.admin("GET", "/admin/functions/nobody/keys").status == 404
    assert keyed.admin("POST", "/admin/functions/nobody/keys/x").status == 404


def test_the_key_of_an_extension_11_1(host: HostFactory) -> None:
    keyed = Keyed(host("by_hand", args=["--enableAuth"]))
    (key,) = keyed.file("host")["systemKeys"]
    assert key["name"] == "eventgrid_extension"
    path = "/runtime/webhooks/eventgrid?functionName=grid"

    def unsubscribe(key: str) -> int:
        headers = {"x-functions-key": key, "aeg-event-type": "Unsubscribe"}
        return keyed.running.post(path, "", headers).status

    assert unsubscribe(key["value"]) == 202
    assert keyed.running.post(f"{path}&code={key['value']}", "").status == 400
    assert unsubscribe(keyed.master) == 202
    other = keyed.admin("POST", "/admin/host/systemkeys/other_extension").json()["value"]
    assert unsubscribe(other) == 401
    assert unsubscribe(keyed.host) == 403
    assert unsubscribe("wrong") == 401
    unknown = "/runtime/webhooks/nobody"
    assert keyed.ask("POST", unknown, keyed.host).status == 403
    assert keyed.ask("POST", unknown, key["value"]).status == 404
