"""`ferrofunc.settings` as a whole: precedence, defaults, limits (configuration.md 1, 4, 6, 13)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from ferrofunc import host_id, settings
from ferrofunc.errors import (
    HostJsonError,
    ProjectNotFoundError,
    PythonVersionError,
    SettingsError,
)

from .making import App

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


class TestProjectRoot:
    """configuration.md 1."""

    @pytest.mark.parametrize("name", ["host.json", "local.settings.json"])
    def test_is_the_nearest_directory_above_with_either_file(
        self, tmp_path: Path, name: str
    ) -> None:
        content = '{"version": "2.0"}' if name == "host.json" else '{"IsEncrypted": false}'
        (tmp_path / name).write_text(content)
        below = tmp_path / "a" / "b"
        below.mkdir(parents=True)
        loaded = settings.load(settings.Options(script_root=str(below)), {})
        assert loaded.app_root == str(tmp_path)

    def test_starts_at_the_current_directory(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(app.root)
        assert settings.load(settings.Options(), {}).app_root == str(app.root)

    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(ProjectNotFoundError) as caught:
            settings.load(settings.Options(script_root=str(tmp_path)), {})
        assert caught.value.message == (
            "Unable to find project root. Expecting to find one of host.json, "
            "local.settings.json in project root."
        )

    def test_script_root_missing(self, tmp_path: Path) -> None:
        nowhere = str(tmp_path / "nowhere")
        with pytest.raises(ProjectNotFoundError) as caught:
            settings.load(settings.Options(script_root=nowhere), {})
        assert caught.value.message == f'"{nowhere}" doesn\'t exist.'


class TestDefaults:
    def test_of_an_empty_app(self, app: App) -> None:
        loaded = app.load()
        assert (loaded.address, loaded.port) == ("127.0.0.1", 7071)
        assert loaded.base_url == "http://localhost:7071"
        assert loaded.route_prefix == "api"
        assert loaded.function_timeout == 1800
        assert loaded.functions is None
        assert loaded.process_count == 1
        assert loaded.body_size_limit == 104857600
        assert loaded.startup_timeout == 20
        assert loaded.python_executable == sys.executable
        assert not loaded.is_homepage_disabled
        assert not loaded.is_verbose
        assert loaded.warnings == ()

    def test_repr_shows_no_setting(self, app: App) -> None:
        app.local({"Password": "hunter2"}, ConnectionStrings={"Db": "hunter2"})
        loaded = app.load({"TOKEN": "hunter2"})
        assert loaded.environment["TOKEN"] == "hunter2"
        assert "hunter2" not in repr(loaded)

    def test_cannot_be_changed(self, app: App) -> None:
        loaded = app.load()
        with pytest.raises(AttributeError, match="frozen"):
            loaded.port = 1  # type: ignore[misc]
        assert loaded.port == 7071


class TestPortAndAddress:
    """cli.md 2: the options beat `Host` of local.settings.json, which beats the default."""

    def test_from_local_settings(self, app: App) -> None:
        app.local(Host={"LocalHttpPort": 8080, "LocalHttpAddress": "0.0.0.0"})
        loaded = app.load()
        assert (loaded.address, loaded.port) == ("0.0.0.0", 8080)

    def test_options_win(self, app: App) -> None:
        app.local(Host={"LocalHttpPort": 8080, "LocalHttpAddress": "0.0.0.0"})
        loaded = app.load(port=9000, address="::1")
        assert (loaded.address, loaded.port) == ("::1", 9000)
        assert loaded.base_url == "http://localhost:9000"

    def test_port_zero_in_the_file_is_the_default(self, app: App) -> None:
        assert app.local(Host={"LocalHttpPort": 0}).load().port == 7071

    def test_brackets_around_ipv6_are_taken_off(self, app: App) -> None:
        assert app.load(address="[::1]").address == "::1"

    def test_address_is_no_name(self, app: App) -> None:
        with pytest.raises(SettingsError) as caught:
            app.load(address="localhost")
        assert caught.value.message == (
            "Invalid --address value 'localhost'. Expected an IP address, for example 127.0.0.1 "
            "or 0.0.0.0."
        )

    @pytest.mark.parametrize("port", [1, 65535])
    def test_port_at_the_ends_of_the_range(self, app: App, port: int) -> None:
        assert app.load(port=port).port == port

    @pytest.mark.parametrize("port", [0, 65536, -1])
    def test_port_out_of_range(self, app: App, port: int) -> None:
        with pytest.raises(SettingsError, match="Expected a port from 1 to 65535"):
            app.load(port=port)


class TestRoutePrefix:
    """http.md 2; configuration.md 13.2."""

    @pytest.mark.parametrize(
        ("given", "prefix"), [("v2", "v2"), ("", ""), ("/v2/", "v2"), ("{t}/v1", "{t}/v1")]
    )
    def test_from_host_json(self, app: App, given: str, prefix: str) -> None:
        app.host_json(extensions={"http": {"routePrefix": given}})
        assert app.load().route_prefix == prefix

    @pytest.mark.parametrize("given", ["v2", ""])
    def test_environment_wins(self, app: App, given: str) -> None:
        app.host_json(extensions={"http": {"routePrefix": "file"}})
        loaded = app.load({"AzureFunctionsJobHost__extensions__http__routePrefix": given})
        assert loaded.route_prefix == given


class TestFunctionTimeout:
    """configuration.md 4."""

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("00:05:00", 300),
            ("00:00:01", 1),
            ("-1", None),
            ("1", 86400),
            ("1.00:00:00", 86400),
            ("24:00:00", 24 * 86400),
            ("00:00:01.5", 1.5),
        ],
    )
    def test_values(self, app: App, text: str, seconds: float | None) -> None:
        assert app.host_json(functionTimeout=text).load().function_timeout == seconds

    def test_number_minus_one_is_unlimited(self, app: App) -> None:
        assert app.host_json(functionTimeout=-1).load().function_timeout is None

    @pytest.mark.parametrize("text", ["00:00:00", "00:00:00.5", "-00:01:00"])
    def test_too_short(self, app: App, text: str) -> None:
        with pytest.raises(HostJsonError) as caught:
            app.host_json(functionTimeout=text).load()
        assert caught.value.message == (
            "FunctionTimeout must be greater than 00:00:01 and less than 10675199.02:48:05.4775807."
        )

    @pytest.mark.parametrize("text", ["soon", "25:00", "00:61:00", True])
    def test_no_timespan(self, app: App, text: object) -> None:
        with pytest.raises(HostJsonError) as caught:
            app.host_json(functionTimeout=text).load()
        assert caught.value.message == (
            "Failed to convert configuration value at 'AzureFunctionsJobHost:functionTimeout' to "
            "type 'System.TimeSpan'."
        )


class TestAllowList:
    """configuration.md 4 and 13.4; cli.md 2."""

    def test_from_host_json_ignores_case(self, app: App) -> None:
        loaded = app.host_json(functions=["A", "b"]).load()
        assert loaded.functions == ("A", "b")
        assert [loaded.is_function_allowed(n) for n in ("a", "B", "c")] == [True, True, False]

    def test_empty_is_all(self, app: App) -> None:
        assert app.host_json(functions=[]).load().functions is None

    def test_single_element_overridden_by_environment(self, app: App) -> None:
        app.host_json(functions=["A", "B"])
        loaded = app.load({"AzureFunctionsJobHost__functions__1": "C"})
        assert loaded.functions == ("A", "C")

    def test_option_replaces_it_whole(self, app: App) -> None:
        loaded = app.host_json(functions=["A", "B", "C"]).load(functions=("X",))
        assert loaded.functions == ("X",)
        assert loaded.environment["AzureFunctionsJobHost__functions__0"] == "X"


class TestDisabledFunctions:
    """configuration.md 6.2 and 13.5."""

    @pytest.mark.parametrize(
        ("name", "value", "is_disabled"),
        [
            ("AzureWebJobs.A.Disabled", "1", True),
            ("AzureWebJobs.A.Disabled", "True", True),
            ("AzureWebJobs_A_Disabled", "true", True),
            ("azurewebjobs.a.disabled", "1", True),
            ("AzureWebJobs.A.Disabled", "0", False),
            ("AzureWebJobs.A.Disabled", "yes", False),
            ("AzureWebJobs.B.Disabled", "1", False),
        ],
    )
    def test_setting(self, app: App, name: str, value: str, is_disabled: bool) -> None:
        assert app.local({name: value}).load().is_function_disabled("A") is is_disabled


class TestProcessCount:
    """configuration.md 6.1."""

    @pytest.mark.parametrize("text", ["1", "10"])
    def test_in_range(self, app: App, text: str) -> None:
        loaded = app.load({"FUNCTIONS_WORKER_PROCESS_COUNT": text})
        assert loaded.process_count == int(text)

    def test_too_many(self, app: App) -> None:
        with pytest.raises(SettingsError) as caught:
            app.load({"FUNCTIONS_WORKER_PROCESS_COUNT": "11"})
        assert caught.value.message == "ProcessCount must not be greater than MaxProcessCount"

    def test_too_few(self, app: App) -> None:
        with pytest.raises(SettingsError, match="ProcessCount must be greater than 0"):
            app.load({"FUNCTIONS_WORKER_PROCESS_COUNT": "0"})

    def test_not_a_number_is_one_with_a_warning(self, app: App) -> None:
        loaded = app.load({"FUNCTIONS_WORKER_PROCESS_COUNT": "many"})
        assert loaded.process_count == 1
        assert loaded.warnings == (
            "Expected FUNCTIONS_WORKER_PROCESS_COUNT to be a whole number, found 'many'; using 1.",
        )


class TestBodySizeLimit:
    """http.md 1."""

    @pytest.mark.parametrize("text", ["0", "1024"])
    def test_given(self, app: App, text: str) -> None:
        loaded = app.load({"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": text})
        assert (loaded.body_size_limit, loaded.warnings) == (int(text), ())

    @pytest.mark.parametrize("text", ["-1", "1MB"])
    def test_nonsense_is_the_default_with_a_warning(self, app: App, text: str) -> None:
        loaded = app.load({"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": text})
        assert loaded.body_size_limit == 104857600
        assert len(loaded.warnings) == 1
        assert "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT" in loaded.warnings[0]


@pytest.mark.parametrize(
    ("text", "is_disabled"), [("true", True), ("1", True), ("TRUE", True), ("no", False)]
)
def test_homepage_switch_6_2(app: App, text: str, is_disabled: bool) -> None:
    assert app.load({"AzureWebJobsDisableHomepage": text}).is_homepage_disabled is is_disabled


class TestRuntime:
    """configuration.md 6.1: a replacement for Python defaults to python (cli.md 2.1)."""

    def test_default(self, app: App) -> None:
        assert app.load().environment["FUNCTIONS_WORKER_RUNTIME"] == "python"

    def test_any_case(self, app: App) -> None:
        loaded = app.local({"FUNCTIONS_WORKER_RUNTIME": "Python"}).load()
        assert loaded.environment["FUNCTIONS_WORKER_RUNTIME"] == "Python"

    def test_another(self, app: App) -> None:
        with pytest.raises(SettingsError, match="found 'node'") as caught:
            app.local({"FUNCTIONS_WORKER_RUNTIME": "node"}).load()
        assert "func start" in (caught.value.hint or "")


class TestInterpreter:
    """cli.md 2.1."""

    def test_version_is_told_to_workers(self, app: App) -> None:
        minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
        assert app.load().environment["FUNCTIONS_WORKER_RUNTIME_VERSION"] == minor

    @pytest.mark.parametrize(
        "name",
        [
            "languageWorkers__python__defaultExecutablePath",
            "languageWorkers:python:defaultExecutablePath",
        ],
    )
    def test_another_is_asked_its_version(self, app: App, tmp_path: Path, name: str) -> None:
        other = tmp_path / "other-python"
        other.write_text("#!/bin/sh\necho 3.12.7\n")
        other.chmod(0o755)
        loaded = app.load({name: str(other)})
        assert loaded.python_executable == str(other)
        assert loaded.environment["FUNCTIONS_WORKER_RUNTIME_VERSION"] == "3.12"

    def test_verbose_names_it(self, app: App) -> None:
        assert f"({sys.executable})." in app.load(is_verbose=True).warnings[0]
        assert app.load(is_verbose=True).warnings[0].startswith("Found Python version 3.")

    @pytest.mark.parametrize(
        ("version", "message"),
        [
            (
                "3.9.1",
                "Python 3.10.x to 3.13.x is required for this operation. Please install Python "
                "3.10, 3.11, 3.12 or 3.13 and use a virtual environment to switch to Python 3.10, "
                "3.11, 3.12 or 3.13.",
            ),
            ("2.7.18", "Python 3.x (recommended version 3.[10|11|12|13]) is required."),
        ],
    )
    def test_not_supported(self, app: App, tmp_path: Path, version: str, message: str) -> None:
        other = tmp_path / "other-python"
        other.write_text(f"#!/bin/sh\necho {version}\n")
        other.chmod(0o755)
        with pytest.raises(PythonVersionError) as caught:
            app.load({"languageWorkers__python__defaultExecutablePath": str(other)})
        assert caught.value.message == message
        assert caught.value.hint == f"Found Python {version}."

    def test_none(self, app: App) -> None:
        with pytest.raises(PythonVersionError) as caught:
            app.load({"languageWorkers__python__defaultExecutablePath": "/nowhere/python"})
        assert caught.value.message == (
            "Could not find a Python version. 3.10.x, 3.11.x, 3.12.x, or 3.13.x is recommended, "
            "and used in Azure Functions."
        )


class TestHostId:
    """configuration.md 6.2."""

    def test_default_is_machine_and_path(self, app: App) -> None:
        first, second = app.load().host_id, app.load().host_id
        assert first == second
        assert len(first) <= 32
        assert "-" in first
        assert first == first.lower()

    def test_hash_is_the_official_one(self) -> None:
        # 23 * 31 + ord("a"), then * 31 + ord("b").
        assert host_id._path_hash("ab") == (23 * 31 + 97) * 31 + 98

    def test_hash_overflows_as_a_signed_32_bit_number(self) -> None:
        # Unsigned it would be 4043831313.
        assert host_id._path_hash("/srv/app") == 2**32 - 4043831313

    @pytest.mark.parametrize(
        ("machine", "expected"),
        [
            ("Dev-Box.example.com", "devbox-251135983"),
            ("m" * 40, "m" * 32),
            ("m" * 31, "m" * 31),
        ],
    )
    def test_machine_name_is_cleaned_and_cut(self, machine: str, expected: str) -> None:
        assert host_id._default("/srv/app", machine) == expected

    def test_given_of_full_length(self, app: App) -> None:
        assert app.load({"AzureFunctionsWebHost__hostid": "a" * 32}).host_id == "a" * 32

    @pytest.mark.parametrize(
        "name", ["AzureFunctionsWebHost__hostid", "AzureFunctionsWebHost:hostId"]
    )
    def test_given_with_a_warning(self, app: App, name: str) -> None:
        loaded = app.load({name: "my-app-1"})
        assert loaded.host_id == "my-app-1"
        assert loaded.warnings == (
            "Host id explicitly set in configuration. This is not a recommended configuration and "
            "may lead to unexpected behavior.",
        )

    @pytest.mark.parametrize("given", ["MyApp", "a" * 33, "a_b", "-a", "a--b"])
    def test_given_wrong(self, app: App, given: str) -> None:
        with pytest.raises(SettingsError, match="Expected the host id"):
            app.load({"AzureFunctionsWebHost__hostid": given})


class TestLogLevels:
    """cli.md 2.3; configuration.md 4.2."""

    def test_defaults(self, app: App) -> None:
        levels = app.load().log_levels
        assert (levels.system, levels.user, levels.rules) == ("Warning", "Information", {})

    def test_verbose(self, app: App) -> None:
        levels = app.load(is_verbose=True).log_levels
        assert (levels.system, levels.user) == ("Information", "Information")

    def test_default_rule_sets_both(self, app: App) -> None:
        app.host_json(logging={"logLevel": {"default": "error"}})
        levels = app.load(is_verbose=True).log_levels
        assert (levels.system, levels.user, levels.rules) == ("Error", "Error", {})

    def test_user_option_beats_the_default_rule(self, app: App) -> None:
        app.host_json(logging={"logLevel": {"default": "Error"}})
        levels = app.load(user_log_level="debug").log_levels
        assert (levels.system, levels.user) == ("Error", "Debug")

    def test_user_level_from_the_environment(self, app: App) -> None:
        assert app.load({"FUNCTIONS_USER_LOG_LEVEL": "Trace"}).log_levels.user == "Trace"

    def test_unknown_user_level_is_ignored(self, app: App) -> None:
        assert app.load(user_log_level="loud").log_levels.user == "Information"

    def test_rules_by_category(self, app: App) -> None:
        app.host_json(logging={"logLevel": {"Function.hello.User": "none", "Host": "3"}})
        rules = app.load().log_levels.rules
        assert rules == {"Function.hello.User": "None", "Host": "Warning"}

    @pytest.mark.parametrize(
        ("category", "is_user", "level"),
        [
            ("Function.hello.User", True, "None"),
            ("function.HELLO.user.more", True, "None"),
            ("Function.hello", True, "Error"),
            ("Host.Startup", False, "Warning"),
            ("Other", True, "Information"),
        ],
    )
    def test_longest_matching_rule_decides(
        self, app: App, category: str, is_user: bool, level: str
    ) -> None:
        app.host_json(logging={"logLevel": {"Function.hello.User": "None", "Function": "Error"}})
        assert app.load().log_levels.level_of(category, is_user=is_user) == level

    def test_invalid_level(self, app: App) -> None:
        app.host_json(logging={"logLevel": {"Host": "loud"}})
        with pytest.raises(HostJsonError, match="AzureFunctionsJobHost:logging:logLevel:Host"):
            app.load()

    def test_functions_level_is_told_to_workers_unless_host_json_has_one(self, app: App) -> None:
        name = "AzureFunctionsJobHost__logging__logLevel__Function"
        assert app.load(user_log_level="Debug").environment[name] == "Debug"
        app.host_json(logging={"logLevel": {"Function": "Error"}})
        assert name not in app.load(user_log_level="Debug").environment


class TestRetry:
    """configuration.md 4.1: a part that is missing is named."""

    @pytest.mark.parametrize(
        ("policy", "named"),
        [
            ({"strategy": "fixedDelay", "maxRetryCount": 1}, "retry.delayInterval"),
            ({"strategy": "fixedDelay", "delayInterval": "00:00:01"}, "retry.maxRetryCount"),
            ({"strategy": "often", "maxRetryCount": 1}, "retry.strategy"),
            (
                {
                    "strategy": "exponentialBackoff",
                    "maxRetryCount": 1,
                    "minimumInterval": "00:00:01",
                },
                "retry.maximumInterval",
            ),
        ],
    )
    def test_4_1_missing_part(self, app: App, policy: dict[str, object], named: str) -> None:
        app.host_json(retry=policy)
        with pytest.raises(HostJsonError, match=named):
            app.load()

    def test_4_1_none(self, app: App) -> None:
        assert app.load().retry is None


class TestNotYet:
    """What a file asks for and does not get is said."""

    def test_interpreter_arguments(self, app: App) -> None:
        app.local({"languageWorkers__python__arguments": "-X dev"})
        (warning,) = app.load().warnings
        assert "languageWorkers__python__arguments is not supported yet" in warning
