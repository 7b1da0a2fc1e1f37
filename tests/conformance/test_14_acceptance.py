"""http.md 14: the acceptance examples, one by one, and those of configuration.md 13 about HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from . import key_files
from .case import LOG_PATIENCE, Case, each
from .functions import function, host_json

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import HostFactory
    from e2e.running_host import RunningHost

SCRIPT = """
import json
import logging

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def params(req):
    return func.HttpResponse(json.dumps(dict(req.route_params)), mimetype="application/json")


@app.route(route="hello", methods=["GET"])
def hello(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(dict(req.params)), mimetype="application/json")


@app.route(route="items/{id:int}")
def items(req: func.HttpRequest) -> func.HttpResponse:
    return params(req)


@app.route(route="optional/{id:int?}")
def optional(req: func.HttpRequest) -> func.HttpResponse:
    return params(req)


@app.route(route="default/{id=5}")
def default(req: func.HttpRequest) -> func.HttpResponse:
    return params(req)


@app.route(route="files/{*path}")
def files(req: func.HttpRequest) -> func.HttpResponse:
    return params(req)


@app.route(route="text")
def text(req: func.HttpRequest) -> str:
    return '{"a":1}'


@app.route(route="response")
def response(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse('{"a":1}', mimetype="application/json")


@app.route(route="none")
def none(req: func.HttpRequest) -> func.HttpResponse:
    pass


@app.route(route="x", auth_level=func.AuthLevel.FUNCTION)
def locked(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("open")


@app.function_name("MyTimer")
@app.timer_trigger(schedule="0 0 0 1 1 *", arg_name="timer")
def my_timer(timer: func.TimerRequest) -> None:
    logging.info("the timer ran")
"""


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("hello", files={"function_app.py": SCRIPT}, args=["--cors", "*"])


PLAIN = {"content-type": "text/plain; charset=utf-8"}


@each(
    [
        Case("http-14.1-get", "GET /api/hello"),
        Case("http-14.1-post", "POST /api/hello", 404, b"", payload=b""),
        Case("http-14.1-other-case-and-slash", "GET /API/HELLO/"),
        Case("http-14.2-int", "GET /api/items/7", json={"id": "7"}),
        Case("http-14.2-no-int", "GET /api/items/x", 404, b""),
        Case("http-14.2-missing", "GET /api/items", 404, b""),
        Case("http-14.3-optional", "GET /api/optional", json={}),
        Case("http-14.3-default", "GET /api/default", json={"id": "5"}),
        Case("http-14.4-catch-all", "GET /api/files/a/b%2Fc", json={"path": "a/b%2Fc"}),
        Case("http-14.4-catch-all-empty", "GET /api/files", json={}),
        Case("http-14.5-query", "GET /api/hello?x=1&X=2&y=", json={"x": "1,2"}),
        Case("http-14.6-text", "GET /api/text", body='{\n  "a": 1\n}', fields=PLAIN),
        Case(
            "http-14.7-response",
            "GET /api/response",
            body='{"a":1}',
            fields={"content-type": "application/json"},
        ),
        Case("http-14.8-none", "GET /api/none", 500, b""),
        Case("http-14.9-local", "GET /api/x", body="open"),
    ]
)
def test_example(running: RunningHost, case: Case) -> None:
    case.check(running)


@each(
    [
        Case(
            "http-14.10-run",
            "POST /admin/functions/MyTimer",
            202,
            b"",
            send={"Content-Type": "application/json"},
            payload='{"input":""}',
            log="the timer ran$",
        ),
        Case(
            "http-14.11-preflight",
            "OPTIONS /api/hello",
            204,
            b"",
            send={"Origin": "https://a.example", "Access-Control-Request-Method": "GET"},
            fields={"access-control-allow-origin": "*"},
        ),
    ]
)
def test_example_of_admin_and_cors(running: RunningHost, case: Case) -> None:
    case.check(running)


def test_14_8_without_an_output(host: HostFactory) -> None:
    files = function("Nothing", "def main(req):\n    pass\n")
    document = json.loads(files["Nothing/function.json"])
    document["bindings"].pop()
    running = host("seen", files={**files, "Nothing/function.json": json.dumps(document)})
    response = running.get("/api/Nothing")
    assert (response.status, response.body) == (204, b"")


def test_14_9_with_keys(host: HostFactory, tmp_path: Path) -> None:
    key_files.write(tmp_path, {"locked": "the-key"})
    env = key_files.environment(tmp_path)
    running = host("hello", files={"function_app.py": SCRIPT}, env=env, args=["--enableAuth"])
    assert running.get("/api/x").status == 401
    assert running.get("/api/x?code=the-key").text == "open"


TWO = {**function("A"), **function("B")}


def test_configuration_13_2(host: HostFactory) -> None:
    env = {"AzureFunctionsJobHost__extensions__http__routePrefix": "v2"}
    running = host("seen", files=TWO, env=env)
    assert running.get("/v2/A").status == 200
    assert running.get("/api/A").status == 404


def test_configuration_13_2_empty(host: HostFactory) -> None:
    env = {"AzureFunctionsJobHost__extensions__http__routePrefix": ""}
    running = host("seen", files={**TWO, **host_json(routePrefix="other")}, env=env)
    assert running.get("/A").status == 200
    assert running.get("/other/A").status == 404


def test_configuration_13_3(host: HostFactory) -> None:
    settings = json.dumps({"version": "2.0", "functionTimeout": "00:00:00"})
    running = host("seen", files={**TWO, "host.json": settings}, ready=None)
    running.wait_log("FunctionTimeout must be greater than", LOG_PATIENCE)
    assert running.wait_exit() == 1


def test_configuration_13_4(host: HostFactory) -> None:
    settings = json.dumps({"version": "2.0", "functions": ["a"]})
    running = host("seen", files={**TWO, "host.json": settings})
    assert [one["name"] for one in running.get("/admin/functions").json()] == ["A"]
    assert [running.get(f"/api/{name}").status for name in "AB"] == [200, 404]


def test_configuration_13_5(host: HostFactory) -> None:
    running = host("seen", files=TWO, env={"AzureWebJobs.A.Disabled": "1"})
    running.wait_log("Function A is disabled.", LOG_PATIENCE)
    assert [running.get(f"/api/{name}").status for name in "AB"] == [404, 200]
