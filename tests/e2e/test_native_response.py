"""What is sent for a response of the native class and for one of the library's: the same bytes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import HostFactory

    from .messages import Response
    from .running_host import RunningHost

CORE = "ferrofunc._core"


@pytest.fixture(scope="module")
def native(shared_host: HostFactory) -> RunningHost:
    return shared_host("responses")


@pytest.fixture(scope="module")
def library(shared_host: HostFactory) -> RunningHost:
    return shared_host("responses", env={"FERROFUNC_NATIVE_RESPONSE": "0"})


def sent(response: Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """What a response says, but for when it was sent."""
    headers = [(name, value) for name, value in response.headers if name != "Date"]
    return response.status, headers, response.body


def failures(running: RunningHost, start: int) -> list[str]:
    """The failures in the log from `start` on, without what differs from call to call."""
    lines = re.findall(r"(?:Exception: |Result: ).*", running.log()[start:])
    return [re.sub(r"0x[0-9a-f]+|[0-9a-f-]{36}", "…", line) for line in lines]


def test_each_host_has_its_class(native: RunningHost, library: RunningHost) -> None:
    assert CORE in native.get("/api/made_by").text
    assert CORE not in library.get("/api/made_by").text


@pytest.mark.parametrize("route", ["sync", "async"])
def test_both_are_sent_alike(native: RunningHost, library: RunningHost, route: str) -> None:
    names = native.get("/api/names").json()
    assert names == library.get("/api/names").json()
    differing = {}
    statuses = set()
    for name in names:
        starts = len(native.log()), len(library.log())
        # Twice: what a response left behind in the first call must not show in the second.
        for _ in range(2):
            found, expected = (host.get(f"/api/{route}/{name}") for host in (native, library))
            statuses.add(found.status)
            if sent(found) != sent(expected):
                differing[name] = sent(found), sent(expected)
        if found.status == 500:
            for host, start in zip((native, library), starts, strict=True):
                host.wait_log("Exception: ", start=start)
            told = [failures(h, s) for h, s in zip((native, library), starts, strict=True)]
            if told[0][:1] != told[1][:1]:
                differing[f"{name}, log"] = told[0], told[1]
    assert differing == {}
    assert {200, 201, 202, 203, 204, 302, 404, 410, 418, 500} <= statuses


@pytest.mark.parametrize(
    ("name", "status", "content_type", "body"),
    [
        ("text", 200, "text/plain; charset=utf-8", "text"),
        ("text_wide", 200, "text/plain; charset=utf-8", "日本 😀"),
        ("json_class", 201, "application/json", '{"a": [1]}'),
        ("instance_body", 200, "text/plain; charset=utf-8", "the instance's"),
        ("louder", 200, "text/plain; charset=utf-8", "QUIET"),
        ("longer", 200, "text/plain; charset=utf-8", "text and more"),
        ("css", 200, "text/css; charset=utf-8", "p {}"),
        ("csv", 200, "text/csv; charset=ascii", "a,b"),
        ("copied", 201, "text/plain; charset=utf-8", "copied"),
    ],
)
def test_what_is_sent(
    native: RunningHost, name: str, status: int, content_type: str, body: str
) -> None:
    response = native.get(f"/api/sync/{name}")
    assert (response.status, response.text) == (status, body)
    assert response.header("Content-Type") == content_type


def test_local_settings_can_switch_it_off(host: HostFactory) -> None:
    values = {"FUNCTIONS_WORKER_RUNTIME": "python", "FERROFUNC_NATIVE_RESPONSE": "0"}
    settings = json.dumps({"IsEncrypted": False, "Values": values})
    running = host("responses", files={"local.settings.json": settings})
    assert CORE not in running.get("/api/made_by").text
    assert running.get("/api/sync/text").text == "text"


def test_an_unknown_library_keeps_its_class_and_says_so(host: HostFactory) -> None:
    running = host(
        "responses",
        args=["--verbose"],
        env={"AzureFunctionsJobHost__logging__logLevel__default": "Debug"},
        files={
            ".python_packages/lib/site-packages/azure/functions/__init__.py": UNKNOWN_LIBRARY,
        },
    )
    assert CORE not in running.get("/api/made_by").text
    assert running.get("/api/sync/text").text == "text"
    running.wait_log("The library's HttpResponse is used")


# A package before the installed one that takes its modules from there and has another default.
UNKNOWN_LIBRARY = """
import sys
from importlib.util import find_spec
from pathlib import Path

for folder in sys.path:
    package = Path(folder) / "azure" / "functions"
    if package.is_dir() and package != Path(__file__).parent:
        __path__ = [str(package)]
        exec(compile((package / "__init__.py").read_text(), __file__, "exec"))
        break

_initialise = HttpResponse.__init__


def _init(self, *args, **kwargs):
    _initialise(self, *args, **kwargs)
    self.version = 3


HttpResponse.__init__ = _init
"""
