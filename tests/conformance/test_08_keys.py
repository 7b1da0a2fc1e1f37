"""http.md 8.4 and 8.5: where keys live, and the API that lists and changes them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from e2e.waiting import wait_until

from . import key_files
from .case import LOG_PATIENCE, Case, each
from .functions import function

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import HostFactory
    from e2e.messages import Response
    from e2e.running_host import RunningHost

FUNCTIONS = {**function("Keyed", authLevel="function"), **function("Other", authLevel="function")}
OWN = key_files.OWN.format("Keyed")
MASTER = {"x-functions-key": key_files.MASTER}
JSON = {**MASTER, "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    key_files.write(folder, {name: key_files.OWN.format(name) for name in ("Keyed", "Other")})
    return folder


@pytest.fixture(scope="module")
def running(shared_host: HostFactory, temporary: Path) -> RunningHost:
    env = key_files.environment(temporary)
    return shared_host("seen", files=FUNCTIONS, env=env, args=["--enableAuth"])


def key(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value}


def without_links(response: Response) -> dict[str, Any]:
    """The answer; its link must lead to itself."""
    found: dict[str, Any] = response.json()
    (link,) = found.pop("links")
    assert link["rel"] == "self"
    assert link["href"].startswith("http")
    return found


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        pytest.param(
            "/admin/functions/Keyed/keys", [key("default", OWN)], id="http-8.5-of-a-function"
        ),
        pytest.param(
            "/admin/functions/keyed/keys", [key("default", OWN)], id="http-8.5-name-in-any-case"
        ),
        *(
            pytest.param(
                f"/admin/host/{path}",
                [key("default", key_files.HOST), key("second", key_files.SECOND_HOST)],
                id=f"http-8.5-of-the-host-{path}",
            )
            for path in ("keys", "functionkeys")
        ),
        pytest.param(
            "/admin/host/systemkeys",
            [key("durabletask_extension", key_files.SYSTEM)],
            id="http-8.5-of-the-system",
        ),
    ],
)
def test_list(running: RunningHost, path: str, keys: list[dict[str, str]]) -> None:
    response = running.get(path, MASTER)
    assert response.status == 200
    found = without_links(response)["keys"]
    # The master key may be among those of the system.
    assert [one for one in found if one["name"] != "_master"] == keys


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(
            "/admin/functions/Keyed/keys/default",
            key("default", OWN),
            id="http-8.5-get-of-a-function",
        ),
        pytest.param(
            "/admin/host/keys/second",
            key("second", key_files.SECOND_HOST),
            id="http-8.5-get-of-the-host",
        ),
        pytest.param(
            "/admin/host/systemkeys/durabletask_extension",
            key("durabletask_extension", key_files.SYSTEM),
            id="http-8.5-get-of-the-system",
        ),
    ],
)
def test_get(running: RunningHost, path: str, expected: dict[str, str]) -> None:
    response = running.get(path, MASTER)
    assert (response.status, without_links(response)) == (200, expected)


def test_get_master(running: RunningHost) -> None:
    response = running.get("/admin/host/systemkeys/_master", MASTER)
    assert (response.status, response.json()["value"]) == (200, key_files.MASTER)


PUT = json.dumps(key("new", "value"))


@each(
    [
        Case("http-8.5-unknown-function", "GET /admin/functions/Nobody/keys", 404, send=MASTER),
        Case("http-8.5-unknown-key", "GET /admin/functions/Keyed/keys/nobody", 404, send=MASTER),
        Case("http-8.5-unknown-host-key", "GET /admin/host/keys/nobody", 404, send=MASTER),
        Case(
            "http-8.5-put-unknown-function",
            "PUT /admin/functions/Nobody/keys/a",
            404,
            send=JSON,
            payload=PUT,
        ),
        Case(
            "http-8.5-put-without-value",
            "PUT /admin/functions/Keyed/keys/a",
            400,
            send=JSON,
            payload='{"name": "a"}',
        ),
        Case("http-8.5-delete-unknown", "DELETE /admin/host/keys/nobody", 404, send=MASTER),
        Case("http-8.5-delete-master", "DELETE /admin/host/systemkeys/_master", 400, send=MASTER),
        Case("http-8.5-no-key", "GET /admin/host/keys", 401),
        Case(
            "http-8.5-host-key",
            "GET /admin/host/keys",
            403,
            send={"x-functions-key": key_files.HOST},
        ),
        Case("http-8.5-no-key-for-a-change", "POST /admin/host/keys/mine", 401, payload=b""),
    ]
)
def test_refused(running: RunningHost, case: Case) -> None:
    case.check(running)


@pytest.mark.parametrize(
    ("case", "text"),
    [
        pytest.param(
            ("PUT", "/admin/host/keys/a", '{"name": "a"}'),
            "Invalid key value",
            id="http-8.5-says-value",
        ),
        pytest.param(
            ("DELETE", "/admin/host/systemkeys/_master", None),
            "Cannot delete System Key.",
            id="http-8.5-says-master",
        ),
    ],
)
def test_what_a_refusal_says(
    running: RunningHost, case: tuple[str, str, str | None], text: str
) -> None:
    method, path, body = case
    assert text in running.request(method, path, JSON, body).text


@pytest.mark.parametrize(
    ("path", "opened"),
    [
        pytest.param(
            "/admin/functions/Keyed/keys/made", ["Keyed"], id="http-8.5-change-of-a-function"
        ),
        pytest.param("/admin/host/keys/made", ["Keyed", "Other"], id="http-8.5-change-of-the-host"),
    ],
)
def test_a_key_from_birth_to_death(running: RunningHost, path: str, opened: list[str]) -> None:
    def status(function_name: str, value: str) -> int:
        return running.get(f"/api/{function_name}", {"x-functions-key": value}).status

    created = running.post(path, b"", MASTER)
    assert created.status == 201
    made = without_links(created)
    assert made["name"] == "made"
    assert len(made["value"]) >= 40
    assert [status(name, made["value"]) for name in ("Keyed", "Other")] == [
        200 if name in opened else 401 for name in ("Keyed", "Other")
    ]

    renewed = running.post(path, b"", MASTER)
    assert renewed.status == 200
    assert renewed.json()["value"] != made["value"]
    assert status("Keyed", made["value"]) == 401
    assert status("Keyed", renewed.json()["value"]) == 200

    put = running.request("PUT", path, JSON, json.dumps(key("made", "chosen-value")))
    assert (put.status, without_links(put)) == (200, key("made", "chosen-value"))
    assert status("Keyed", "chosen-value") == 200

    assert running.request("DELETE", path, MASTER).status == 204
    assert running.get(path, MASTER).status == 404
    assert status("Keyed", "chosen-value") == 401


def test_put_of_a_new_key(running: RunningHost) -> None:
    path = "/admin/functions/Other/keys/put"
    response = running.request("PUT", path, JSON, json.dumps(key("put", "put-value")))
    assert (response.status, without_links(response)) == (201, key("put", "put-value"))
    assert running.get("/api/Other?code=put-value").status == 200


def test_changes_are_kept_in_the_files(running: RunningHost, temporary: Path) -> None:
    running.request("PUT", "/admin/host/keys/kept", JSON, json.dumps(key("kept", "kept-value")))
    document = json.loads((key_files.folder(temporary) / "host.json").read_text())
    assert {"name": "kept", "value": "kept-value", "encrypted": False} in document["functionKeys"]
    assert document["masterKey"]["value"] == key_files.MASTER


def test_a_new_master_key(host: HostFactory, tmp_path: Path) -> None:
    key_files.write(tmp_path, {})
    env = key_files.environment(tmp_path)
    running = host("seen", files=FUNCTIONS, env=env, args=["--enableAuth"])
    response = running.post("/admin/host/keys/_master", b"", MASTER)
    assert response.status in (200, 201)
    fresh = {"x-functions-key": response.json()["value"]}
    assert running.get("/admin/host/status", fresh).status == 200
    assert running.get("/admin/host/status", MASTER).status == 401


def test_keys_are_made_on_first_need(host: HostFactory, tmp_path: Path) -> None:
    env = key_files.environment(tmp_path)
    running = host("seen", files=FUNCTIONS, env=env, args=["--enableAuth"])
    assert running.get("/api/Keyed?code=wrong").status == 401
    folder = key_files.folder(tmp_path)
    wait_until((folder / "host.json").exists, "host.json", LOG_PATIENCE)
    made = json.loads((folder / "host.json").read_text())
    assert made["masterKey"]["name"] == "master"
    assert [one["name"] for one in made["functionKeys"]] == ["default"]
    assert made["systemKeys"] == []
    master = made["masterKey"]["value"]
    listed = running.get("/admin/functions/Keyed/keys", {"x-functions-key": master}).json()["keys"]
    assert [one["name"] for one in listed] == ["default"]
    own = json.loads((folder / "keyed.json").read_text())
    assert [one["value"] for one in own["keys"]] == [listed[0]["value"]]
    assert running.get(f"/api/Keyed?code={listed[0]['value'].replace('=', '%3D')}").status == 200
    values = {master, listed[0]["value"], made["functionKeys"][0]["value"]}
    assert len(values) == 3
    assert not any(value in running.log() for value in values)


def test_key_files_are_private(host: HostFactory, tmp_path: Path) -> None:
    env = key_files.environment(tmp_path)
    running = host("seen", files=FUNCTIONS, env=env, args=["--enableAuth"])
    running.get("/api/Keyed?code=wrong")
    file = key_files.folder(tmp_path) / "host.json"
    wait_until(file.exists, "host.json", LOG_PATIENCE)
    assert file.stat().st_mode & 0o077 == 0


def test_an_unreadable_file_is_kept_aside(host: HostFactory, tmp_path: Path) -> None:
    key_files.write(tmp_path, {"Keyed": OWN})
    folder = key_files.folder(tmp_path)
    (folder / "host.json").write_text("{broken")
    env = key_files.environment(tmp_path)
    running = host("seen", files=FUNCTIONS, env=env, args=["--enableAuth"])
    assert running.get("/api/Keyed", MASTER).status == 401

    def snapshots() -> list[Path]:
        return [p for p in folder.iterdir() if re.match(r"host\.snapshot\..*\.json$", p.name)]

    wait_until(snapshots, "a snapshot", LOG_PATIENCE)
    assert snapshots()[0].read_text() == "{broken"
    fresh = json.loads((folder / "host.json").read_text())["masterKey"]["value"]
    assert running.get("/admin/host/status", {"x-functions-key": fresh}).status == 200
