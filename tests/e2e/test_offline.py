"""What answers in the app's place: app_offline.htm, a host that has failed (http.md 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .at_once import Background
from .bare_gateway import BareGateway

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

PAGE = "<html><body>Back söon.</body></html>\n"
NOT_RUNNING = b"Function host is not running."


@pytest.fixture(scope="module")
def offline(shared_host: HostFactory) -> RunningHost:
    args = ["--cors", "https://a.example"]
    return shared_host("hello", files={"app_offline.htm": PAGE}, args=args)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", "/api/hello", id="1.4-function"),
        pytest.param("POST", "/api/hello", id="1.4-function-post"),
        pytest.param("GET", "/nowhere", id="1.4-no-route"),
        pytest.param("GET", "/", id="1.4-home"),
        pytest.param("GET", "/runtime/webhooks/x", id="1.4-webhook"),
        pytest.param("GET", "/administrators", id="1.4-not-admin"),
    ],
)
def test_the_page_answers(offline: RunningHost, method: str, path: str) -> None:
    response = offline.request(method, path)
    assert (response.status, response.body) == (503, PAGE.encode())
    assert response.header("content-type") == "text/html"


def test_head_has_no_body(offline: RunningHost) -> None:
    response = offline.request("HEAD", "/api/hello")
    assert (response.status, response.body) == (503, b"")
    assert response.header("content-length") == str(len(PAGE.encode()))


@pytest.mark.parametrize("path", ["/admin/host/ping", "/admin/host/status", "/ADMIN/host/ping"])
def test_admin_answers_all_the_same_1_4(offline: RunningHost, path: str) -> None:
    assert offline.get(path).status == 200


def test_the_state_is_offline_11(offline: RunningHost) -> None:
    assert offline.get("/admin/host/status").json()["state"] == "Offline"


def test_cors_stands_before_it_1_1(offline: RunningHost) -> None:
    response = offline.get("/api/hello", {"Origin": "https://a.example"})
    assert response.status == 503
    assert response.header("access-control-allow-origin") == "https://a.example"
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "PUT"}
    assert offline.request("OPTIONS", "/api/hello", asked).status == 204


def test_it_is_logged(offline: RunningHost) -> None:
    offline.wait_log(r"The app is offline: app_offline\.htm in its folder answers every request\.")


def test_on_and_off() -> None:
    with BareGateway(custom_headers=[("X-A", "b")]) as bare:
        bare.deploy(["f"])
        # Reached is 500 here: there is no worker.
        assert bare.get("/api/f").status == 500
        for page in (b"first", b"", b"second"):
            bare.gateway.set_offline(page)
            response = bare.get("/api/f")
            assert (response.status, response.body) == (503, page)
            assert response.header("x-a") is None
        bare.gateway.set_offline(None)
        response = bare.get("/api/f")
        assert (response.status, response.header("x-a")) == (500, "b")


def test_failed_1_4() -> None:
    with BareGateway() as bare:
        bare.deploy(["f"])
        bare.gateway.set_failed(True)
        for path in ("/api/f", "/nowhere", "/"):
            response = bare.get(path)
            assert (response.status, response.body) == (503, NOT_RUNNING)
            assert (response.header("content-type") or "").startswith("text/plain")
        bare.gateway.set_failed(False)
        assert bare.get("/api/f").status == 500


@pytest.mark.parametrize("is_offline", [True, False])
def test_requests_that_wait_for_the_app_are_answered_at_once(is_offline: bool) -> None:
    with BareGateway() as bare, Background(20) as threads:
        waiting = [threads.start(lambda: bare.get("/api/f")) for _ in range(20)]
        # Whether they wait already or come later, nobody is left behind.
        if is_offline:
            bare.gateway.set_offline(b"page")
        else:
            bare.gateway.set_failed(True)
        answers = {(call.result().status, call.result().body) for call in waiting}
        assert answers == {(503, b"page" if is_offline else NOT_RUNNING)}


def test_requests_that_wait_for_the_app_get_its_answer() -> None:
    with BareGateway() as bare, Background(20) as threads:
        waiting = [threads.start(lambda: bare.get("/api/f")) for _ in range(20)]
        bare.gateway.set_offline(None)
        bare.deploy(["f"])
        assert {call.result().status for call in waiting} == {500}


def test_the_request_id_is_taken_and_never_echoed_1_3(host: HostFactory) -> None:
    running = host("hello")
    for path in ("/api/hello", "/nowhere", "/", "/admin/host/ping"):
        response = running.get(path, {"X-ARR-LOG-ID": "4a4f445e-6bc4-417a-9f34-e19c98992d5d"})
        assert response.status in (200, 404)
        assert "4a4f445e" not in str(response.headers)
