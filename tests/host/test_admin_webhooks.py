"""Webhooks of extensions, and Event Grid's (http.md 11.1, triggers.md 7)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from ferrofunc.host.admin.webhooks import EXTENSIONS

from .admin_host import AdminHost, Submitted
from .making import App, row, trigger

if TYPE_CHECKING:
    from pathlib import Path

PATH = "/runtime/webhooks/eventgrid?functionName=Grid"
NOTIFICATION = {"aeg-event-type": "Notification"}
VALIDATION = {"aeg-event-type": "SubscriptionValidation"}


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


@pytest.fixture
def host(app: App) -> AdminHost:
    return AdminHost(
        app, row("Grid", trigger("eventGridTrigger")), row("other"), row("broken", [{}])
    )


class TestDispatch:
    def test_unknown_extension(self, host: AdminHost) -> None:
        assert host.now("POST", "/runtime/webhooks/nobody").status == 404

    def test_an_extension_that_the_app_does_not_use(self, app: App) -> None:
        assert AdminHost(app, row("f")).now("POST", PATH, b"[]", NOTIFICATION).status == 404

    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
    @pytest.mark.parametrize("rest", ["", "/", "/more/and/more"])
    def test_methods_and_paths(self, host: AdminHost, method: str, rest: str) -> None:
        path = f"/runtime/Webhooks/EVENTGRID{rest}?functionName=Grid"
        assert host.now(method, path, b"", {"aeg-event-type": "Unsubscribe"}).status == 202

    def test_other_methods(self, host: AdminHost) -> None:
        assert host.now("PATCH", PATH, b"", {"aeg-event-type": "Unsubscribe"}).status == 404

    @pytest.mark.parametrize(
        ("level", "system_key", "extension", "status"),
        [
            pytest.param("anonymous", None, "eventgrid", 401, id="11.1-no-key"),
            pytest.param("anonymous", None, "nobody", 401, id="11.1-no-key-unknown"),
            pytest.param("function", None, "eventgrid", 403, id="11.1-function-key"),
            pytest.param("function", None, "nobody", 403, id="11.1-function-key-unknown"),
            pytest.param("system", "eventgrid_extension", "eventgrid", 202, id="11.1-own-key"),
            pytest.param("system", "EventGrid_Extension", "eventgrid", 202, id="11.1-any-case"),
            pytest.param("system", "mcp_extension", "eventgrid", 401, id="11.1-another-key"),
            pytest.param("system", "mcp_extension", "nobody", 404, id="11.1-unknown"),
            pytest.param("admin", None, "eventgrid", 202, id="11.1-master-key"),
        ],
    )
    def test_keys(
        self, app: App, level: str, system_key: str | None, extension: str, status: int
    ) -> None:
        host = AdminHost(app, row("Grid", trigger("eventGridTrigger")), is_auth_enabled=True)
        path = f"/runtime/webhooks/{extension}?functionName=Grid"
        headers = {"aeg-event-type": "Unsubscribe"}
        response = host.now("POST", path, b"", headers, level=level, system_key=system_key)
        assert response.status == status

    def test_names_of_the_keys(self) -> None:
        assert [e.key_name for e in EXTENSIONS] == [f"{e.name}_extension" for e in EXTENSIONS]


class TestEventGrid:
    @pytest.mark.parametrize("name", ["nobody", "", "other", "broken"])
    def test_no_such_function(self, host: AdminHost, name: str) -> None:
        path = f"/runtime/webhooks/eventgrid?functionName={name}"
        response = host.now("POST", path, [], NOTIFICATION)
        assert (response.status, response.body) == (
            404,
            f"cannot find function: '{name}'".encode(),
        )

    def test_a_disabled_function(self, app: App) -> None:
        app.local({"AzureWebJobs.Grid.Disabled": "1"})
        host = AdminHost(app, row("Grid", trigger("eventGridTrigger")))
        assert host.now("POST", PATH, [], NOTIFICATION).status == 404

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param([{"data": {"validationCode": "c"}}], id="array"),
            pytest.param({"data": {"validationCode": "c"}}, id="object"),
            pytest.param({"data": '{"validationCode": "c"}'}, id="data-as-text"),
        ],
    )
    def test_validation(self, host: AdminHost, body: object) -> None:
        response = host.now("POST", PATH, body, VALIDATION)
        assert (response.status, json.loads(response.body)) == (200, {"validationResponse": "c"})

    @pytest.mark.parametrize(
        "body",
        [[], {}, [1], {"data": None}, {"data": "x"}, {"data": {"validationCode": 1}}, b"", b"{"],
    )
    def test_validation_of_nothing(self, host: AdminHost, body: object) -> None:
        assert host.now("POST", PATH, body, VALIDATION).status == 400

    def notify(self, host: AdminHost, body: object) -> tuple[list[Submitted], list[Any]]:
        found = host.later("POST", PATH, body, NOTIFICATION)
        assert found == []
        return host.submitted, found

    def end(self, one: Submitted, failure: str | None = None) -> None:
        assert one.then is not None
        one.then(failure)

    def test_one_event(self, host: AdminHost) -> None:
        submitted, found = self.notify(host, {"id": "1", "data": {"ü": 1}})
        assert [(one.name, json.loads(one.data)) for one in submitted] == [
            ("Grid", {"id": "1", "data": {"ü": 1}})
        ]
        self.end(submitted[0])
        assert [(one.status, one.body) for one in found] == [(202, b"")]

    def test_several_at_the_same_time(self, host: AdminHost) -> None:
        submitted, found = self.notify(host, [{"id": "1"}, {"id": "2"}, {"id": "3"}])
        assert [json.loads(one.data)["id"] for one in submitted] == ["1", "2", "3"]
        for one in reversed(submitted):
            assert found == []
            self.end(one)
        assert [one.status for one in found] == [202]

    def test_failures(self, host: AdminHost) -> None:
        submitted, found = self.notify(host, [{}, {}, {}])
        self.end(submitted[0])
        self.end(submitted[1], "ValueError: first")
        self.end(submitted[2], "ValueError: second")
        assert [(one.status, one.body) for one in found] == [(500, b"ValueError: first")]

    def test_no_events(self, host: AdminHost) -> None:
        assert host.now("POST", PATH, [], NOTIFICATION).status == 202

    @pytest.mark.parametrize("body", [b"", b"{", b"1", [1], b"null"])
    def test_bad_events(self, host: AdminHost, body: object) -> None:
        assert host.now("POST", PATH, body, NOTIFICATION).status == 400
        assert host.submitted == []

    @pytest.mark.parametrize("headers", [{}, {"aeg-event-type": "Other"}])
    def test_another_kind(self, host: AdminHost, headers: dict[str, str]) -> None:
        assert host.now("POST", PATH, [{}], headers).status == 400

    def test_handshake_of_cloud_events(self, host: AdminHost) -> None:
        asked = {"WebHook-Request-Origin": "eventemitter.example"}
        response = host.now("OPTIONS", PATH, b"", asked)
        assert response.status == 200
        assert dict(response.headers) == {
            "WebHook-Allowed-Origin": "eventemitter.example",
            "WebHook-Allowed-Rate": "*",
        }
        assert host.now("OPTIONS", PATH).status == 400

    def test_host_that_does_not_run(self, app: App) -> None:
        host = AdminHost(app, row("Grid", trigger("eventGridTrigger")), state="Error")
        assert host.now("POST", PATH, [], NOTIFICATION).status == 503
