"""Functions started by hand, and the warmup trigger (http.md 11, triggers.md 1.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .admin_host import AdminHost
from .making import App, http, row, trigger

if TYPE_CHECKING:
    from pathlib import Path

JSON = {"Content-Type": "application/json"}
TIMER = trigger("timerTrigger")


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


def run(host: AdminHost, body: object, name: str = "f", headers: Any = JSON) -> int:
    return host.now("POST", f"/admin/functions/{name}", body, headers).status


class TestByHand:
    @pytest.mark.parametrize(
        ("body", "data"),
        [
            pytest.param({"input": ""}, b"", id="11-empty"),
            pytest.param({"input": "some text"}, b"some text", id="11-text"),
            pytest.param({"input": '{"a": "ü"}'}, '{"a": "ü"}'.encode(), id="11-quoted-json"),
            pytest.param({"Input": "x"}, b"x", id="11-any-case"),
            pytest.param({"input": 5}, b"5", id="11-number"),
            pytest.param({"input": True}, b"true", id="11-boolean"),
            pytest.param({"input": None}, b"", id="11-null"),
            pytest.param({}, b"", id="11-no-input"),
            pytest.param({"input": "\ud800"}, b"\xed\xa0\x80", id="11-half-a-surrogate"),
        ],
    )
    def test_202_at_once(self, app: App, body: object, data: bytes) -> None:
        host = AdminHost(app, row("f", TIMER))
        response = host.now("POST", "/admin/functions/F", body, JSON)
        assert (response.status, response.body) == (202, b"")
        (submitted,) = host.submitted
        assert (submitted.name, submitted.data, submitted.request) == ("f", data, None)

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b"", id="11-none"),
            pytest.param(b"null", id="11-null-body"),
            pytest.param(b"[1]", id="11-array"),
            pytest.param(b'"text"', id="11-string"),
            pytest.param(b"{", id="11-broken"),
            pytest.param({"input": {"a": 1}}, id="11-object-as-input"),
            pytest.param({"input": [1]}, id="11-array-as-input"),
            pytest.param(b'{"input": "\xff"}', id="11-not-utf-8"),
        ],
    )
    @pytest.mark.parametrize("name", ["f", "nobody"])
    def test_400(self, app: App, body: object, name: str) -> None:
        host = AdminHost(app, row("f", TIMER))
        assert run(host, body, name) == 400
        assert host.submitted == []

    def test_404(self, app: App) -> None:
        host = AdminHost(app, row("f", TIMER), row("g", trigger("nobodyKnowsIt")))
        assert run(host, {"input": ""}, "nobody") == 404
        # In error: it is listed, and there is nothing to run.
        assert run(host, {"input": ""}, "g") == 404
        assert host.submitted == []

    @pytest.mark.parametrize("state", ["Starting", "Error", "Offline", "Stopping"])
    def test_503(self, app: App, state: str) -> None:
        host = AdminHost(app, row("f", TIMER), state=state)
        assert run(host, {"input": ""}) == 503
        assert host.submitted == []

    def test_disabled_ones_run(self, app: App) -> None:
        app.local({"AzureWebJobs.f.Disabled": "1", "AzureWebJobs.h.Disabled": "1"})
        host = AdminHost(app, row("f", TIMER), row("h"))
        assert (run(host, {"input": ""}), run(host, {"input": ""}, "h")) == (202, 202)
        assert [one.name for one in host.submitted] == ["f", "h"]

    def test_those_that_cannot_run_are_told_by_the_log(self, app: App) -> None:
        host = AdminHost(app, row("f", error="broken", errorKind="load"))
        assert run(host, {"input": ""}) == 202

    @pytest.mark.parametrize(
        ("kind", "status"),
        [
            pytest.param("application/json; charset=utf-8", 202, id="11-json"),
            pytest.param("text/json", 202, id="11-text-json"),
            pytest.param("application/cloudevents+json", 202, id="11-suffix"),
            pytest.param("", 202, id="11-none"),
            pytest.param("text/plain", 415, id="11-what-any-web-page-can-send"),
            pytest.param("application/x-www-form-urlencoded", 415, id="11-form"),
        ],
    )
    def test_content_types(self, app: App, kind: str, status: int) -> None:
        host = AdminHost(app, row("f", TIMER))
        assert run(host, {"input": ""}, headers={"Content-Type": kind}) == status


class TestHttpFunctions:
    """What an HTTP function is shown when nobody has sent it a request."""

    def shown(self, app: App, text: str, route: str | None = None) -> tuple[Any, bytes]:
        host = AdminHost(app, row("f", http(route)))
        assert run(host, {"input": text}) == 202
        (submitted,) = host.submitted
        return submitted.request, submitted.data

    def test_a_get_without_input(self, app: App) -> None:
        request, body = self.shown(app, "")
        assert (request.method, request.target, body) == ("GET", "/api/f", b"")
        assert request.headers == (("host", "localhost:7071"),)

    @pytest.mark.parametrize("text", ["plain", '{"name": "Ada"}', '{"method": 1}', "[1]"])
    def test_a_post_of_the_input(self, app: App, text: str) -> None:
        request, body = self.shown(app, text)
        assert (request.method, request.target, body) == ("POST", "/api/f", text.encode())

    @pytest.mark.parametrize(
        ("route", "target"),
        [("a/b", "/api/a/b"), ("items/{id}/x", "/api/items/"), ("{*rest}", "/api/")],
    )
    def test_the_route_as_far_as_it_is_known(self, app: App, route: str, target: str) -> None:
        assert self.shown(app, "", route)[0].target == target

    def test_a_described_request(self, app: App) -> None:
        request, body = self.shown(
            app,
            '{"method": "put", "queryStringParams": [{"name": "a b", "value": "c&d"}],'
            ' "headers": [{"name": "X-One", "value": "1"}], "body": {"x": 1}}',
        )
        assert (request.method, request.target) == ("PUT", "/api/f?a+b=c%26d")
        assert request.headers[1:] == (("X-One", "1"),)
        assert body == b'{"x": 1}'

    def test_a_described_request_without_body(self, app: App) -> None:
        assert self.shown(app, '{"method": "get", "body": null}')[1] == b""
        assert self.shown(app, '{"method": "get", "body": "text"}')[1] == b"text"

    @pytest.mark.parametrize(
        "text",
        [
            '{"method": "get", "headers": {"a": "b"}}',
            '{"method": "get", "headers": ["a"]}',
            '{"method": "get", "headers": [{"name": "a", "value": "\\ud800"}]}',
            '{"method": "get", "queryStringParams": [{"name": "a", "value": "\\ud800"}]}',
            '{"method": "\\ud800"}',
            '{"method": "get", "headers": [{"name": "a", "value": "%s"}]}' % ("x" * 40_000),
        ],
    )
    def test_a_bad_description(self, app: App, text: str) -> None:
        host = AdminHost(app, row("f"))
        assert run(host, {"input": text}) == 400
        assert host.submitted == []


class TestWarmup:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_once(self, app: App, method: str) -> None:
        host = AdminHost(app, row("warmup", trigger("warmupTrigger")), is_auth_enabled=True)
        found = host.later(method, "/admin/warmup", level="anonymous")
        (submitted,) = host.submitted
        assert (submitted.name, submitted.data, found) == ("warmup", b"", [])
        assert submitted.then is not None
        submitted.then("whatever came of it")
        assert [(one.status, one.body) for one in found] == [(200, b"")]
        assert host.now(method, "/admin/warmup").status == 200
        assert len(host.submitted) == 1

    def test_nothing_to_run(self, app: App) -> None:
        app.local({"AzureWebJobs.off.Disabled": "1"})
        host = AdminHost(app, row("f", TIMER), row("off", trigger("warmupTrigger")))
        assert host.now("GET", "/admin/warmup").status == 200
        assert (host.submitted, host.is_cold) == ([], True)

    def test_not_before_the_app_runs(self, app: App) -> None:
        host = AdminHost(app, row("w", trigger("warmupTrigger")), state="Starting")
        assert host.now("GET", "/admin/warmup").status == 200
        assert (host.submitted, host.is_cold) == ([], True)
