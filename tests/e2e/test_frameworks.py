"""Flask, FastAPI and Django as their users write them: forms, files, cookies, redirects, errors."""

from __future__ import annotations

import hashlib
import json
import re
import signal
from typing import TYPE_CHECKING

import pytest

from .streamed import letters
from .waiting import wait_until

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=edge"}
FILE = bytes(range(256)) * 4000


def multipart() -> bytes:
    """A form with the field `note` and the file `FILE`."""
    return (
        b"--edge\r\nContent-Disposition: form-data; name=note\r\n\r\nabout it\r\n"
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="data.bin"\r\n'
        b"Content-Type: application/x-own\r\n\r\n" + FILE + b"\r\n--edge--\r\n"
    )


UPLOADED = {
    "name": "data.bin",
    "type": "application/x-own",
    "md5": hashlib.md5(FILE).hexdigest(),
    "note": "about it",
}


@pytest.fixture(scope="module")
def flask(shared_host: HostFactory) -> RunningHost:
    return shared_host("web_flask")


@pytest.fixture(scope="module")
def fastapi(shared_host: HostFactory) -> RunningHost:
    return shared_host("web_fastapi")


@pytest.fixture(scope="module")
def django(shared_host: HostFactory) -> RunningHost:
    return shared_host("web_django")


@pytest.fixture(params=["flask", "fastapi"])
def either(request: pytest.FixtureRequest) -> RunningHost:
    running: RunningHost = request.getfixturevalue(request.param)
    return running


@pytest.fixture(params=["/asgi", "/wsgi"])
def door(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_json(either: RunningHost) -> None:
    value = {"a": [1, None, "é"]}
    response = either.post("/json", json.dumps(value), {"Content-Type": "application/json"})
    assert (response.status, response.json()) == (200, {"got": value})


def test_form(flask: RunningHost, fastapi: RunningHost) -> None:
    body = "name=A+B&tags=x&tags=%C3%A9"
    assert flask.post("/form", body, FORM).json() == {"name": ["A B"], "tags": ["x", "é"]}
    assert fastapi.post("/form", body, FORM).json() == {"name": "A B", "tags": ["x", "é"]}


def test_file_upload(either: RunningHost) -> None:
    response = either.post("/upload", multipart(), MULTIPART)
    assert (response.status, response.json()) == (200, UPLOADED)


def test_cookies_pass_through_unchanged(either: RunningHost) -> None:
    response = either.get("/cookies")
    assert response.header_list("set-cookie") == [
        "a=1; Path=/; SameSite=Lax",
        "b=two words; HttpOnly",
        'c="q"; Max-Age=5',
    ]


def test_redirect(either: RunningHost) -> None:
    response = either.get("/moved")
    assert (response.status, response.header("location")) == (303, "/json")


def test_status_from_500_on_keeps_page_and_fields(either: RunningHost) -> None:
    response = either.get("/failing")
    assert (response.status, response.text) == (503, "the page of the app")
    assert response.header("retry-after") == "7"


def test_flask_exception_is_flasks_own_page(flask: RunningHost) -> None:
    response = flask.get("/raising")
    assert response.status == 500
    assert "Internal Server Error" in response.text
    flask.wait_log("ValueError: raised inside Flask")


def test_flask_session(flask: RunningHost) -> None:
    first = flask.get("/count")
    cookie = (first.header("set-cookie") or "").partition(";")[0]
    assert (first.text, flask.get("/count", {"Cookie": cookie}).text) == ("1", "2")


def test_flask_stream_keeps_request_and_context(flask: RunningHost) -> None:
    """2 MB: more than may be on its way, so that the generator is resumed by other threads."""
    lines = flask.get("/pulls/2000").text.split("\n")
    assert [line.strip() for line in lines[:-1]] == [
        f"/pulls/2000 {number}" for number in range(1, 2001)
    ]


def test_wsgi_environ(flask: RunningHost) -> None:
    environ = flask.get("/environ?a=1", {"X-Own": "yes"}).json()
    assert environ["azure_functions.function_name"] == "http_app_func"
    assert re.fullmatch(r"[0-9a-f-]{36}", environ["azure_functions.invocation_id"])
    for name in ("function_directory", "thread_local_storage", "trace_context", "retry_context"):
        assert f"azure_functions.{name}" in environ
    expected = {
        "SCRIPT_NAME": "",
        "PATH_INFO": "/environ",
        "QUERY_STRING": "a=1",
        "HTTP_X_OWN": "yes",
        "SERVER_PORT": str(flask.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.multithread": "True",
        "wsgi.input_terminated": "True",
    }
    assert {key: environ[key] for key in expected} == expected


def test_fastapi_http_exception(fastapi: RunningHost) -> None:
    response = fastapi.get("/refused")
    assert (response.status, response.json()) == (418, {"detail": "short and stout"})


def test_fastapi_exception_is_a_500(fastapi: RunningHost) -> None:
    response = fastapi.get("/raising")
    assert (response.status, response.text) == (500, "Internal Server Error")
    fastapi.wait_log("ValueError: raised inside FastAPI")


def test_background_task_runs_after_the_response(fastapi: RunningHost) -> None:
    assert fastapi.get("/later").json() == "accepted"
    assert "the background task has run" not in fastapi.log()
    fastapi.get("/open")
    fastapi.wait_log("the background task has run$")


def test_lifespan_state_is_in_the_scope(fastapi: RunningHost) -> None:
    assert fastapi.get("/state").json() == {"database": "connected"}
    assert fastapi.log().count("the app starts up") == 1


def test_mounted_app(fastapi: RunningHost) -> None:
    assert fastapi.get("/mounted/a%20b").text == "/mounted a b"


def test_file_response(fastapi: RunningHost) -> None:
    whole = fastapi.get("/file")
    assert whole.json()["version"] == "2.0"
    assert whole.header("content-length") == str(len(whole.body))
    empty = fastapi.request("HEAD", "/file")
    assert (empty.status, empty.body) == (405, b"")
    part = fastapi.get("/file", {"Range": "bytes=2-4"})
    assert (part.status, part.body) == (206, whole.body[2:5])


def test_lifespan_shuts_down_on_stop(host: HostFactory) -> None:
    running = host("web_fastapi")
    assert running.get("/state").status == 200
    running.send_signal(signal.SIGTERM)
    assert running.wait_exit() == 0
    assert running.log().count("the app shuts down") == 1


def test_lifespan_runs_in_each_worker(host: HostFactory) -> None:
    running = host("web_fastapi", env={"FUNCTIONS_WORKER_PROCESS_COUNT": "2"})
    wait_until(lambda: running.log().count("the app starts up") == 2, "two start-ups")


def test_lifespan_that_fails(host: HostFactory) -> None:
    running = host("web_fastapi", env={"FAIL_STARTUP": "1"})
    for _ in range(2):
        response = running.get("/state")
        assert (response.status, response.body) == (500, b"")
    running.wait_log(r"Failed ASGI startup with message '[\s\S]*RuntimeError: no database")
    running.wait_log("RuntimeError: ASGI middleware startup failed.")


def test_django_view(django: RunningHost, door: str) -> None:
    assert django.get(f"{door}/seen/a%20b?x=1").json() == {
        "method": "GET",
        "path": f"{door}/seen/a b",
        "name": "a b",
        "x": "1",
    }


def test_django_form(django: RunningHost, door: str) -> None:
    answer = django.post(f"{door}/form", "name=A+B&tags=x&tags=%C3%A9", FORM).json()
    assert answer == {"name": ["A B"], "tags": ["x", "é"]}


def test_django_upload(django: RunningHost, door: str) -> None:
    assert django.post(f"{door}/upload", multipart(), MULTIPART).json() == UPLOADED


def test_django_cookies(django: RunningHost, door: str) -> None:
    assert sorted(django.get(f"{door}/cookies").header_list("set-cookie")) == [
        "a=1; Path=/; SameSite=Lax",
        'b="two words"; HttpOnly; Path=/',
    ]


def test_django_redirect(django: RunningHost, door: str) -> None:
    response = django.get(f"{door}/moved")
    assert (response.status, response.header("location")) == (302, "/elsewhere")


def test_django_exception(django: RunningHost, door: str) -> None:
    response = django.get(f"{door}/raising")
    assert response.status == 500
    assert "Server Error (500)" in response.text
    django.wait_log("ValueError: raised inside Django")


def test_django_stream(django: RunningHost, door: str) -> None:
    expected = "".join(f"piece {number}\n" for number in range(1000))
    assert django.get(f"{door}/streamed").text == expected


def test_django_async_view(django: RunningHost, door: str) -> None:
    assert django.get(f"{door}/awaited").text == "from an async view"


@pytest.mark.parametrize("app", ["streaming_asgi", "streaming_wsgi"])
def test_the_librarys_own_adapters(host: HostFactory, app: str) -> None:
    """With FERROFUNC_NATIVE_APPLICATIONS=0 they stand between: no body streams."""
    running = host(app, env={"FERROFUNC_NATIVE_APPLICATIONS": "0"})
    response = running.get("/pieces/20/100000")
    assert response.body == letters(20, 100_000)
    assert response.header("content-length") == "2000000"
