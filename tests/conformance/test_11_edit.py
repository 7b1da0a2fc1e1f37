"""http.md 11: function folders written and removed through the admin API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .functions import ANSWER, function

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

JSON = {"Content-Type": "application/json"}
TRIGGER = {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous"}
NEW = {
    "config": {"scriptFile": "__init__.py", "bindings": [TRIGGER, ANSWER]},
    "files": {"__init__.py": "def main(req):\n    return 'new'\n"},
}


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("seen", files={**function("Seen"), **function("Doomed")})


def test_put_makes_a_folder(running: RunningHost) -> None:
    response = running.request("PUT", "/admin/functions/Fresh", JSON, json.dumps(NEW))
    assert response.status == 201
    document = json.loads((running.folder / "Fresh" / "function.json").read_text())
    assert document["bindings"] == NEW["config"]["bindings"]
    assert "new" in (running.folder / "Fresh" / "__init__.py").read_text()


def test_put_with_a_bad_name(running: RunningHost) -> None:
    response = running.request("PUT", "/admin/functions/1x", JSON, json.dumps(NEW))
    assert response.status == 400
    assert "1x is not a valid function name" in response.text


def test_delete(running: RunningHost) -> None:
    assert running.request("DELETE", "/admin/functions/Doomed").status == 204
    assert not (running.folder / "Doomed").exists()


def test_delete_of_nobody(running: RunningHost) -> None:
    assert running.request("DELETE", "/admin/functions/Nobody").status == 404


def test_a_v2_app_is_not_written_to(host: HostFactory) -> None:
    response = host("hello").request("PUT", "/admin/functions/Fresh", JSON, json.dumps(NEW))
    assert response.status == 400
    assert "Your app is currently in read only mode" in response.text
