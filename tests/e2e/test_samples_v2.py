"""The developer guide's HTTP samples for the v2 model (decorators), run unchanged."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import HostFactory


def test_example_hello(host: HostFactory) -> None:
    running = host("hello")
    response = running.get("/api/hello?name=Bob")
    assert response.status == 200
    assert response.text == "Hello, Bob. This HTTP-triggered function executed successfully."
    assert response.header("content-type") == "text/plain; charset=utf-8"
    assert running.get("/api/hello").text.startswith("This HTTP-triggered function executed")


@pytest.mark.parametrize("app", ["v2_untyped", "v2_typed"])
def test_a_returned_str_is_the_body(host: HostFactory, app: str) -> None:
    response = host(app).get("/api/req?user=Ada")
    assert (response.status, response.text) == (200, "Hello, Ada!")


def test_template(host: HostFactory) -> None:
    running = host("v2_template")
    greeting = "Hello, Bob. This HTTP-triggered function executed successfully."
    assert running.get("/api/hello?name=Bob").text == greeting
    assert running.post("/api/hello", '{"name": "Bob"}').text == greeting
    unnamed = running.post("/api/hello", "no JSON")
    assert unnamed.status == 200
    assert unnamed.text.startswith("This HTTP-triggered function executed successfully. Pass a")
    running.wait_log(r"Executed 'Functions\.HttpTrigger1' \(Succeeded, ")
    running.wait_log(r"\] Python HTTP trigger function processed a request\.$")


def test_blueprint(host: HostFactory) -> None:
    response = host("v2_blueprint").get("/api/default_template?name=Bob")
    assert response.text == "Hello, Bob. This HTTP-triggered function executed successfully."


def test_function_with_shared_code(host: HostFactory) -> None:
    running = host("v2_shared_code")
    response = running.get("/api/hello?value=21")
    assert (response.status, response.text) == (200, "21 * 2 = 42")
    running.wait_log(r"Executed 'Functions\.my_second_function' \(Succeeded, ")


def test_unit_test_of_the_function(host: HostFactory) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "unittest", "tests.test_my_second_function"],
        cwd=host("v2_shared_code").folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize(
    ("env", "expected"),
    [({}, "from local.settings.json"), ({"myAppSetting": "from the shell"}, "from the shell")],
    ids=["local.settings.json", "shell"],
)
def test_environment_variables(host: HostFactory, env: dict[str, str], expected: str) -> None:
    running = host("v2_environment", env=env)
    assert running.get("/api/req").text == expected
    running.wait_log(rf"\] My app setting value:{expected}$")
