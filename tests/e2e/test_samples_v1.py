"""The developer guide's HTTP samples for the v1 model (function.json), run unchanged."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost


@pytest.fixture(scope="module")
def samples(shared_host: HostFactory) -> RunningHost:
    return shared_host("v1_samples")


@pytest.mark.parametrize("name", ["untyped", "typed"])
def test_a_returned_str_is_the_body(samples: RunningHost, name: str) -> None:
    response = samples.get(f"/api/{name}?user=Ada")
    assert (response.status, response.text) == (200, "Hello, Ada!")
    assert response.header("content-type") == "text/plain; charset=utf-8"


def test_template_takes_the_name_from_the_query(samples: RunningHost) -> None:
    response = samples.get("/api/HttpTrigger?name=Bob")
    assert (response.status, response.text) == (200, "Hello Bob!")
    assert response.header("my-http-header") == "some-value"


def test_template_takes_the_name_from_the_body(samples: RunningHost) -> None:
    response = samples.post("/api/HttpTrigger", '{"name": "Bob"}')
    assert (response.status, response.text) == (200, "Hello Bob!")


def test_template_without_a_name_answers_400(samples: RunningHost) -> None:
    response = samples.get("/api/HttpTrigger")
    assert response.status == 400
    assert response.text == "Please pass a name on the query string or in the request body"
    assert response.header("my-http-header") == "some-value"


def test_a_method_outside_function_json_is_not_found(samples: RunningHost) -> None:
    assert samples.request("PUT", "/api/HttpTrigger").status == 404


def test_script_file_and_entry_point(samples: RunningHost) -> None:
    response = samples.get("/api/alternative_entry")
    assert response.text == "customentry of __app__.alternative_entry.main"


def test_absolute_and_relative_imports(samples: RunningHost) -> None:
    response = samples.get("/api/my_first_function")
    assert response.text == "greetings from shared_code 8 __app__.my_first_function.example"


@pytest.mark.parametrize("name", ["app_import", "beyond_top_level_import"])
def test_deprecated_imports(samples: RunningHost, name: str) -> None:
    response = samples.get(f"/api/{name}")
    expected = "greetings from shared_code in __app__.shared_code.my_first_helper_function"
    assert response.text == expected


def test_function_with_shared_code(samples: RunningHost) -> None:
    response = samples.get("/api/my_second_function?value=21")
    assert (response.status, response.text) == (200, "21 * 2 = 42")
    samples.wait_log(r"Executing my_second_function\.$")


def test_unit_test_of_the_function(samples: RunningHost) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "unittest", "tests.test_my_second_function"],
        cwd=samples.folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr


def test_context_gives_the_invocation_id(samples: RunningHost) -> None:
    first = samples.get("/api/invocation_context").text
    second = samples.get("/api/invocation_context").text
    assert str(uuid.UUID(first)) == first
    assert first != second
    samples.wait_log(rf"Executing 'Functions\.invocation_context' \(.*, Id={first}\)")


def test_logging(samples: RunningHost) -> None:
    seen = len(samples.log())
    response = samples.get("/api/logging_sample")
    assert (response.status, response.body) == (204, b"")
    samples.wait_log(r"\] Python HTTP trigger function processed a request\.$", start=seen)


def test_logging_from_created_threads(samples: RunningHost) -> None:
    assert samples.get("/api/logging_from_threads").status == 204
    samples.wait_log(r"\] Logging from thread\.$")


def test_global_variables_outlive_a_call(samples: RunningHost) -> None:
    first = samples.get("/api/global_variables").text
    assert re.fullmatch(r"loaded once: [0-9a-f-]{36}", first)
    assert [samples.get("/api/global_variables").text for _ in range(5)] == [first] * 5


def test_setting_from_local_settings(samples: RunningHost) -> None:
    assert samples.get("/api/environment_variables").status == 204
    samples.wait_log(r"\] My app setting value:from local\.settings\.json$")


def test_the_shell_wins_over_local_settings(host: HostFactory) -> None:
    running = host("v1_samples", env={"myAppSetting": "from the shell"})
    running.wait_log(
        "Skipping 'myAppSetting' from local settings as it's already defined in current "
        r"environment variables\."
    )
    assert running.get("/api/environment_variables").status == 204
    running.wait_log(r"\] My app setting value:from the shell$")


def test_temporary_files(samples: RunningHost) -> None:
    assert samples.get("/api/temporary_files").text == "True listing"
