"""local.settings.json and the environment it makes (configuration.md 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ferrofunc.errors import SettingsError

from .making import App

if TYPE_CHECKING:
    from pathlib import Path

ENCRYPTED = (
    "Failed to decrypt settings. Encrypted settings only be edited through 'func settings add'."
)


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


class TestFile:
    def test_missing_is_empty(self, app: App) -> None:
        assert app.load().warnings == ()

    @pytest.mark.parametrize(
        "text",
        ["{", "", "[1]", '{"Values": 1}', '{"Values": {"a": {"b": 1}}}', '{"Values": {"a": [1]}}'],
    )
    def test_unreadable_is_empty_with_a_warning(self, app: App, text: str) -> None:
        loaded = app.write("local.settings.json", text).load()
        (warning,) = loaded.warnings
        path = app.root / "local.settings.json"
        assert warning.startswith(
            f"Failed to read app settings file at '{path}'. Ensure it is a valid JSON file. "
        )
        assert "a" not in loaded.environment

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[1]", "Expected the file to be an object {...}, found an array."),
            ('{"Values": "x"}', "Expected 'Values' to be an object {...}, found a single value."),
            ('{"Values": {"a": {}}}', "Expected 'a' to be text, found an object."),
            ('{"Host": {"LocalHttpPort": "x"}}', "Expected 'LocalHttpPort' to be a port number"),
        ],
    )
    def test_warning_says_what_is_wrong(self, app: App, text: str, said: str) -> None:
        (warning,) = app.write("local.settings.json", text).load().warnings
        assert said in warning

    def test_port_that_is_no_number_is_unreadable(self, app: App) -> None:
        loaded = app.local({"X": "1"}, Host={"LocalHttpPort": "abc"}).load()
        assert loaded.warnings[0].startswith("Failed to read app settings file")
        assert loaded.port == 7071

    def test_unreadable_file_shows_no_value(self, app: App) -> None:
        loaded = app.write("local.settings.json", '{"Values": {"a": {"k": "hunter2"}}}').load()
        assert "hunter2" not in loaded.warnings[0]

    def test_comments_and_trailing_commas(self, app: App) -> None:
        text = '{"IsEncrypted": false, "Values": {"X": "1", /* two */},} // end'
        assert app.write("local.settings.json", text).load().environment["X"] == "1"

    def test_section_names_ignore_case(self, app: App) -> None:
        app.write("local.settings.json", {"isencrypted": False, "VALUES": {"X": "1"}})
        assert app.load().environment["X"] == "1"

    @pytest.mark.parametrize("content", [{}, {"IsEncrypted": True}, {"IsEncrypted": "true"}])
    def test_encrypted_values_are_refused(self, app: App, content: dict[str, object]) -> None:
        app.write("local.settings.json", {**content, "Values": {"X": "1"}})
        with pytest.raises(SettingsError) as caught:
            app.load()
        assert caught.value.message == ENCRYPTED

    def test_encrypted_connection_strings_are_refused(self, app: App) -> None:
        app.write("local.settings.json", {"ConnectionStrings": {"Db": "x"}})
        with pytest.raises(SettingsError) as caught:
            app.load()
        assert caught.value.message == ENCRYPTED

    def test_nothing_to_decrypt_is_fine(self, app: App) -> None:
        app.write("local.settings.json", {"Host": {"LocalHttpPort": 8000}})
        assert app.load().port == 8000


class TestValues:
    def test_scalars_become_text(self, app: App) -> None:
        app.local({"i": 7, "f": 1.50, "t": True, "s": " x ", "e": ""})
        environment = app.load().environment
        assert [environment[name] for name in "iftse"] == ["7", "1.5", "true", " x ", ""]

    def test_number_keeps_its_spelling(self, app: App) -> None:
        text = '{"IsEncrypted": false, "Values": {"X": 1.0}}'
        assert app.write("local.settings.json", text).load().environment["X"] == "1.0"

    def test_connection_strings(self, app: App) -> None:
        app.local(ConnectionStrings={"Db": "one", "Sql": {"ConnectionString": "two"}})
        environment = app.load().environment
        assert environment["ConnectionStrings:Db"] == "one"
        assert environment["ConnectionStrings:Sql"] == "two"

    def test_case_of_names_is_kept(self, app: App) -> None:
        environment = app.local({"MyName": "1"}).load().environment
        assert "MyName" in environment
        assert "myname" not in environment


class TestInjection:
    """The rows of the table in configuration.md 2, and 13.1."""

    def test_environment_wins(self, app: App) -> None:
        loaded = app.local({"X": "a"}).load({"X": "b"})
        assert loaded.environment["X"] == "b"
        assert loaded.warnings == (
            "Skipping 'X' from local settings as it's already defined in current environment "
            "variables.",
        )

    def test_empty_variable_does_not_win(self, app: App) -> None:
        loaded = app.local({"X": "a"}).load({"X": ""})
        assert loaded.environment["X"] == "a"
        assert loaded.warnings == ()

    def test_empty_key(self, app: App) -> None:
        loaded = app.local({"": "a"}).load()
        assert loaded.warnings == ("Skipping local setting with empty key.",)
        assert "" not in loaded.environment

    def test_null(self, app: App) -> None:
        loaded = app.local({"X": None}).load()
        assert loaded.warnings == ("Skipping 'X' because value is null",)
        assert "X" not in loaded.environment

    @pytest.mark.parametrize(("name", "value"), [("A=B", "1"), ("A\0B", "1"), ("A", "1\0")])
    def test_what_no_environment_can_hold(self, app: App, name: str, value: str) -> None:
        loaded = app.local({name: value}).load()
        assert loaded.warnings == (
            f"Skipping {name!r} because no environment variable can hold it",
        )
        assert name not in loaded.environment

    def test_empty_value_is_set(self, app: App) -> None:
        assert app.local({"X": ""}).load().environment["X"] == ""

    def test_container_name(self, app: App) -> None:
        assert app.local({"CONTAINER_NAME": "x"}).load().warnings == (
            "CONTAINER_NAME is a reserved environment variable for the Functions Host. Please "
            "remove or rename this setting.",
        )

    def test_key_vault_reference_is_kept_and_told(self, app: App) -> None:
        reference = "@Microsoft.KeyVault(SecretUri=https://v/secrets/s)"
        loaded = app.local({"X": reference}).load()
        assert loaded.environment["X"] == reference
        (warning,) = loaded.warnings
        assert warning.startswith("'X' refers to a Key Vault.")

    def test_process_environment_is_left_alone(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("ONLY_IN_THE_FILE", raising=False)
        import os

        app.local({"ONLY_IN_THE_FILE": "1"}).load(dict(os.environ))
        assert "ONLY_IN_THE_FILE" not in os.environ


class TestToolVariables:
    """Also set by the tool (configuration.md 2; cli.md 17.3)."""

    def test_all(self, app: App) -> None:
        environment = app.load(port=8000).environment
        assert environment["WEBSITE_HOSTNAME"] == "localhost:8000"
        assert environment["AzureWebJobsScriptRoot"] == str(app.root)
        assert environment["FUNCTIONS_CORETOOLS_ENVIRONMENT"] == "true"
        assert environment["AZURE_FUNCTIONS_ENVIRONMENT"] == "Development"
        assert environment["PYTHON_ENABLE_DEBUG_LOGGING"] == "1"
        assert environment["AzureFunctionsJobHost__SequentialRestart"] == "true"
        assert "FUNCTIONS_ENABLE_JSON_OUTPUT" not in environment

    def test_environment_name_in_the_file_is_overridden(self, app: App) -> None:
        loaded = app.local({"AZURE_FUNCTIONS_ENVIRONMENT": "Staging"}).load()
        assert loaded.environment["AZURE_FUNCTIONS_ENVIRONMENT"] == "Development"
        assert loaded.warnings == (
            "AZURE_FUNCTIONS_ENVIRONMENT already exists with value 'Staging', overriding to "
            "'Development'.",
        )

    def test_environment_name_of_the_shell_survives(self, app: App) -> None:
        loaded = app.load({"AZURE_FUNCTIONS_ENVIRONMENT": "Staging"})
        assert loaded.environment["AZURE_FUNCTIONS_ENVIRONMENT"] == "Staging"
        assert "Skipping 'AZURE_FUNCTIONS_ENVIRONMENT'" in loaded.warnings[0]

    def test_debug_logging_unless_set(self, app: App) -> None:
        app.local({"PYTHON_ENABLE_DEBUG_LOGGING": "0"})
        assert app.load().environment["PYTHON_ENABLE_DEBUG_LOGGING"] == "0"

    def test_host_name_of_the_file_is_kept(self, app: App) -> None:
        app.local({"WEBSITE_HOSTNAME": "tunnel.example"})
        assert app.load().environment["WEBSITE_HOSTNAME"] == "tunnel.example"

    def test_json_output(self, app: App) -> None:
        environment = app.load(is_json_output=True).environment
        assert environment["FUNCTIONS_ENABLE_JSON_OUTPUT"] == "true"

    def test_reread_sees_the_files_and_not_its_own_result(self, app: App) -> None:
        first = app.local({"X": "a"}).load({"PATH": "p"}, port=8000)
        second = app.local({"X": "b"}).host_json(functions=["A"]).load({"PATH": "p"}).reread()
        third = first.reread()
        assert first.environment["X"] == "a"
        assert second.environment["X"] == third.environment["X"] == "b"
        assert third.functions == ("A",)
        assert (second.port, third.port) == (7071, 8000)
        assert first.warnings == third.warnings == ()
