"""Checks before anything listens (cli.md 2.1 and 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ferrofunc.errors import SettingsError
from ferrofunc.host import checks

from .making import App

if TYPE_CHECKING:
    from pathlib import Path

QUEUE = {"type": "queueTrigger", "name": "msg", "queueName": "q", "connection": "Store"}


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


def function_json(app: App, *bindings: object) -> App:
    return app.write("f/function.json", {"bindings": bindings})


def test_nothing_to_say(app: App) -> None:
    app.write("function_app.py", "")
    assert checks.run(app.load()) == []


def test_proxies(app: App) -> None:
    assert checks.run(app.write("proxies.json", "{}").load()) == [
        "Warning: Proxies are not supported in Azure Functions v4. Instead of 'proxies.json', try "
        "Azure API Management: https://aka.ms/AAfiueq"
    ]


class TestStorage:
    def test_missing(self, app: App) -> None:
        with pytest.raises(SettingsError) as caught:
            checks.run(function_json(app, {"type": "timerTrigger", "name": "t"}).load())
        assert caught.value.message == (
            "Missing value for AzureWebJobsStorage in local.settings.json. This is required for "
            "all triggers other than httptrigger, kafkatrigger, rabbitmqtrigger, "
            "orchestrationTrigger, activityTrigger, entityTrigger. You can run 'func azure "
            "functionapp fetch-app-settings <functionAppName>', specify a connection string in "
            "local.settings.json, or use managed identity to authenticate."
        )

    @pytest.mark.parametrize(
        "values",
        [
            {"AzureWebJobsStorage": "UseDevelopmentStorage=true"},
            {"AzureWebJobsStorage__accountName": "mine"},
            {"azurewebjobsstorage": "x"},
        ],
    )
    def test_given(self, app: App, values: dict[str, object]) -> None:
        function_json(app.local(values), {"type": "timerTrigger", "name": "t"})
        assert checks.run(app.load()) == []

    @pytest.mark.parametrize("kind", ["httpTrigger", "kafkaTrigger", "entityTrigger"])
    def test_not_needed(self, app: App, kind: str) -> None:
        assert checks.run(function_json(app, {"type": kind, "name": "t"}).load()) == []


class TestNamedSettings:
    STORAGE = {"AzureWebJobsStorage": "x"}  # noqa: RUF012

    def test_missing(self, app: App) -> None:
        function_json(app.local(self.STORAGE), QUEUE)
        path = app.root / "f" / "function.json"
        assert checks.run(app.load()) == [
            f"Warning: Cannot find value named 'Store' in local.settings.json that matches "
            f"'connection' property set on 'queueTrigger' in '{path}'. You can run 'func azure "
            "functionapp fetch-app-settings <functionAppName>' or specify a connection string in "
            "local.settings.json."
        ]

    @pytest.mark.parametrize(
        "sections",
        [
            {"Values": {**STORAGE, "Store": "x"}},
            {"Values": {**STORAGE, "Store__queueServiceUri": "https://x"}},
            {"Values": STORAGE, "ConnectionStrings": {"Store": "x"}},
        ],
    )
    def test_given(self, app: App, sections: dict[str, object]) -> None:
        app.write("local.settings.json", {"IsEncrypted": False, **sections})
        assert checks.run(function_json(app, QUEUE).load()) == []

    def test_empty(self, app: App) -> None:
        function_json(app.local(self.STORAGE), {**QUEUE, "connection": ""})
        path = app.root / "f" / "function.json"
        assert checks.run(app.load()) == [f"Warning: 'connection' property in '{path}' is empty."]

    def test_other_keys_name_a_plain_setting(self, app: App) -> None:
        send = {"type": "sendGrid", "name": "mail", "apiKey": "Key"}
        function_json(app.local({**self.STORAGE, "Key__part": "x"}), send)
        (warning,) = checks.run(app.load())
        assert "'Key'" in warning
        assert "'apiKey' property" in warning

    @pytest.mark.parametrize("text", ["{", "[]", '{"bindings": [1]}'])
    def test_unreadable(self, app: App, text: str) -> None:
        assert checks.run(app.write("f/function.json", text).load()) == [
            "Warning: unable to verify all settings from local.settings.json and function.json "
            "files."
        ]

    def test_folders_below_the_first_are_not_read(self, app: App) -> None:
        app.write("a/b/function.json", {"bindings": [{"type": "timerTrigger", "name": "t"}]})
        assert checks.run(app.load()) == []
