"""The command line: shape, options, exit codes (cli.md 1, 2 and 17)."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import ferrofunc.host
import pytest
from ferrofunc import __version__, cli, cli_help, cli_options, not_yet

from .making import App

if TYPE_CHECKING:
    from ferrofunc.host.processes import Zygote
    from ferrofunc.settings import Settings

PACKAGES = str(Path(ferrofunc.__file__).parent.parent)


class Started:
    """Stands where the supervisor is, and remembers what it was given."""

    def __init__(self) -> None:
        self.settings: list[Settings] = []

    def run(self, settings: Settings, zygote: Zygote) -> int:
        zygote.end()
        self.settings.append(settings)
        return 0


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    stand_in = Started()
    monkeypatch.setattr(
        ferrofunc.host, "supervisor", SimpleNamespace(run=stand_in.run), raising=False
    )
    return stand_in


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.chdir(tmp_path)
    return App(tmp_path)


def run(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the real command in `cwd`."""
    return subprocess.run(
        [sys.executable, "-m", "ferrofunc", *words],
        cwd=cwd,
        env={"PYTHONPATH": PACKAGES, "PATH": os.defpath, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


class TestVersion:
    """cli.md 1 and 17.6."""

    @pytest.mark.parametrize("word", ["-v", "--version", "version", "VERSION"])
    def test_alone_on_a_line(self, word: str, tmp_path: Path) -> None:
        done = run(word, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")

    def test_wins_over_start(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["start", "--version"]) == 0
        assert capsys.readouterr().out == f"{__version__}\n"


class TestHelp:
    """cli.md 1."""

    @pytest.mark.parametrize(
        "words", [[], ["-h"], ["--help"], ["help"], ["HELP"], ["-?"], ["host"], ["--verbose"]]
    )
    def test_general(self, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(words) == 0
        printed = capsys.readouterr()
        assert printed.out == cli_help.GENERAL.format(version=__version__)
        assert printed.err == ""

    @pytest.mark.parametrize(
        "words",
        [
            ["start", "--help"],
            ["start", "-h"],
            ["help", "start"],
            ["host", "start", "--help"],
            ["help", "host", "start"],
        ],
    )
    def test_of_start(self, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(words) == 0
        assert capsys.readouterr().out == cli_help.START

    @pytest.mark.parametrize("name", sorted(cli_options._KINDS.keys() - {"--help", "--version"}))
    def test_names_every_option(self, name: str) -> None:
        shown = "--prefix" if name == "--prefix" else name
        assert shown in cli_help.START

    def test_stays_within_the_console(self) -> None:
        assert max(map(len, (cli_help.START + cli_help.GENERAL).splitlines())) <= 100


class TestUnknownCommand:
    """cli.md 1 and 17.6: the error and the help, exit 0."""

    @pytest.mark.parametrize(
        ("words", "named"),
        [(["nonsense"], "nonsense"), (["host", "stop"], "stop"), (["--nonsense"], "--nonsense")],
    )
    def test_is_named(
        self, words: list[str], named: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(words) == 0
        printed = capsys.readouterr()
        assert printed.err == f"Error: unknown argument {named}\n"
        assert printed.out.startswith("ferrofunc ")

    def test_of_the_official_tools_fails(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["pack", "--no-build"]) == 1
        assert "func pack" in capsys.readouterr().err


class TestErrors:
    """cli.md 1: message alone on stderr, exit 1."""

    def test_no_project(self, tmp_path: Path) -> None:
        done = run("start", cwd=tmp_path)
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr == (
            "Unable to find project root. Expecting to find one of host.json, "
            "local.settings.json in project root.\n"
        )

    @pytest.mark.parametrize(
        ("words", "environment"), [(["--debug"], {}), ([], {"CLI_DEBUG": "1"})]
    )
    def test_debug_shows_the_stack(
        self, tmp_path: Path, words: list[str], environment: dict[str, str]
    ) -> None:
        done = run("start", *words, cwd=tmp_path, **environment)
        assert done.returncode == 1
        assert "Traceback" in done.stderr

    def test_hint_is_on_its_own_line(self, app: App, capsys: pytest.CaptureFixture[str]) -> None:
        app.local({"FUNCTIONS_WORKER_RUNTIME": "node"})
        assert cli.main(["start"]) == 1
        first, second = capsys.readouterr().err.splitlines()
        assert "found 'node'" in first
        assert second.startswith("Hint: ")

    def test_red_on_a_terminal_only(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        monkeypatch.delenv("NO_COLOR", raising=False)
        assert cli.main(["start"]) == 1
        coloured = capsys.readouterr().err
        monkeypatch.setenv("NO_COLOR", "1")
        assert cli.main(["start"]) == 1
        plain = capsys.readouterr().err
        assert coloured == f"\x1b[31m{plain.rstrip()}\x1b[0m\n"

    @pytest.mark.parametrize(
        ("words", "is_terminal", "is_asked"),
        [
            (["--pause-on-error"], True, True),
            (["--pause-on-error=true"], True, True),
            (["--pause-on-error"], False, False),
            ([], True, False),
        ],
    )
    def test_pause(
        self,
        tmp_path: Path,
        words: list[str],
        is_terminal: bool,
        is_asked: bool,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        terminal = io.StringIO("\nrest")
        monkeypatch.setattr(terminal, "isatty", lambda: is_terminal)
        monkeypatch.setattr(sys, "stdin", terminal)
        monkeypatch.chdir(tmp_path)
        assert cli.main(["start", *words]) == 1
        assert ("Press Enter" in capsys.readouterr().err) is is_asked
        assert terminal.read() == ("rest" if is_asked else "\nrest")

    def test_ctrl_c_before_the_host_runs(self, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(_settings: Settings, zygote: Zygote) -> int:
            zygote.end()
            raise KeyboardInterrupt

        monkeypatch.setattr(
            ferrofunc.host, "supervisor", SimpleNamespace(run=interrupted), raising=False
        )
        assert cli.main(["start"]) == 130


class TestStart:
    """cli.md 2."""

    @pytest.mark.parametrize("words", [["start"], ["host", "start"], ["HOST", "Start"]])
    def test_hands_the_settings_over(self, app: App, started: Started, words: list[str]) -> None:
        assert cli.main(words) == 0
        (settings,) = started.settings
        assert settings.app_root == str(app.root)

    def test_returns_what_the_host_returns(self, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            ferrofunc.host,
            "supervisor",
            SimpleNamespace(run=lambda _, zygote: zygote.end() or 3),
            raising=False,
        )
        assert cli.main(["start"]) == 3

    @pytest.mark.parametrize(
        "words",
        [
            ["-p", "8000", "--address", "0.0.0.0", "--functions", "A", "B", "-t", "5"],
            ["--port=8000", "--address=0.0.0.0", "--functions=A B", "--timeout=5"],
            ["--PORT", "8000", "--Address", "0.0.0.0", "--Functions", "A B", "--TimeOut=5"],
        ],
    )
    def test_option_forms(self, app: App, started: Started, words: list[str]) -> None:
        assert cli.main(["start", *words, "--user-log-level", "Debug"]) == 0
        (settings,) = started.settings
        assert (settings.port, settings.address) == (8000, "0.0.0.0")
        assert settings.functions == ("A", "B")
        assert settings.startup_timeout == 5
        assert settings.log_levels.user == "Debug"

    @pytest.mark.parametrize(
        ("words", "is_verbose"),
        [
            ([], False),
            (["--verbose"], True),
            (["--verbose", "true"], True),
            (["--verbose", "False"], False),
            (["--verbose=false"], False),
            (["--verbose", "--port", "8000"], True),
        ],
    )
    def test_flags(self, app: App, started: Started, words: list[str], is_verbose: bool) -> None:
        assert cli.main(["start", *words]) == 0
        assert started.settings[0].is_verbose is is_verbose

    def test_options_before_the_command(self, app: App, started: Started) -> None:
        assert cli.main(["--verbose", "start"]) == 0
        assert started.settings[0].is_verbose

    @pytest.mark.parametrize("option", ["--script-root", "--prefix"])
    def test_script_root(
        self, tmp_path: Path, started: Started, option: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir("/")
        App(tmp_path)
        assert cli.main(["start", option, str(tmp_path)]) == 0
        assert started.settings[0].app_root == str(tmp_path)

    def test_header_then_warnings(
        self, app: App, started: Started, capsys: pytest.CaptureFixture[str]
    ) -> None:
        app.local({"": "x"}).write("proxies.json", "{}")
        assert cli.main(["start", "--no-build"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[:2] == ["", "Azure Functions Core Tools"]
        assert lines[4:] == [
            "",
            "Option --no-build is for .NET projects and does nothing here.",
            "Skipping local setting with empty key.",
            "Warning: Proxies are not supported in Azure Functions v4. Instead of 'proxies.json', "
            "try Azure API Management: https://aka.ms/AAfiueq",
        ]

    @pytest.mark.parametrize(
        "words",
        [
            ["--offline"],
            ["--enable-json-output"],
            ["--json-output-file", "out.json"],
            ["--pause-on-error"],
            ["--csharp"],
            ["--runtime", "default"],
            ["--dotnet-isolated-debug", "false"],
        ],
    )
    def test_accepted_without_effect(self, app: App, started: Started, words: list[str]) -> None:
        assert cli.main(["start", *words]) == 0
        assert len(started.settings) == 1

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["--port"], "Option --port expects a value and found none."),
            (["--port", "--verbose"], "Option --port expects a value and found none."),
            (["--port", "http"], "Option --port expects a whole number, found 'http'."),
            (["--functions"], "Option --functions expects a value and found none."),
            (["--verbose=maybe"], "Option --verbose expects true or false, found 'maybe'."),
            (["now"], "Unexpected argument 'now'."),
            (["--prot", "8000"], "Unknown option '--prot'."),
        ],
    )
    def test_mistakes(
        self,
        app: App,
        started: Started,
        words: list[str],
        message: str,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert cli.main(["start", *words]) == 1
        assert capsys.readouterr().err.splitlines()[0] == message
        assert started.settings == []

    def test_mistyped_option_is_guessed(self, app: App, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["start", "--prot", "8000"]) == 1
        assert "Did you mean --port?" in capsys.readouterr().err

    def test_invalid_address(self, app: App, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["start", "--address", "here"]) == 1
        assert capsys.readouterr().err == (
            "Invalid --address value 'here'. Expected an IP address, for example 127.0.0.1 or "
            "0.0.0.0.\n"
        )


class TestNotYet:
    """What is not done yet is noted, and so is what does nothing alone."""

    VALUES = {  # noqa: RUF012
        "--language-worker": ["--", "-m debugpy --listen 127.0.0.1:9091"],
    }

    @pytest.mark.parametrize("option", sorted(not_yet.NOTED))
    def test_is_noted(
        self, app: App, started: Started, option: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["start", option, *self.VALUES.get(option, [])]) == 0
        note = f"Option {option} is not supported yet: {not_yet.NOTED[option]}."
        assert note in capsys.readouterr().out.splitlines()
        assert started.settings[0].is_auth_enabled is (option == "--enableAuth")

    @pytest.mark.parametrize("option", ["--useHttps", "--enableAuth"])
    def test_switched_off_is_fine(self, app: App, started: Started, option: str) -> None:
        assert cli.main(["start", option, "false"]) == 0
        assert len(started.settings) == 1

    @pytest.mark.parametrize(
        ("words", "notes"),
        [
            (["--useHttps"], []),
            (["--useHttps", "--cert", "c.pfx", "--password", "p"], []),
            (["--cert", "c.pfx"], ["--cert does nothing without --useHttps"]),
            (["--useHttps", "false", "--cert", "c"], ["--cert does nothing without --useHttps"]),
            (["--useHttps", "--password", "p"], ["--password does nothing without --cert"]),
        ],
    )
    def test_options_that_need_another(
        self,
        app: App,
        started: Started,
        words: list[str],
        notes: list[str],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert cli.main(["start", *words]) == 0
        printed = [n for n in capsys.readouterr().out.splitlines() if " does nothing " in n]
        assert printed == [f"Option {note}." for note in notes]

    def test_https_reaches_the_settings(self, app: App, started: Started) -> None:
        words = ["--useHttps", "--cert", "c.pfx", "--password", "hunter2"]
        assert cli.main(["start", *words]) == 0
        settings = started.settings[0]
        options = settings.options
        assert (options.is_https, options.certificate) == (True, "c.pfx")
        assert options.password == "hunter2"
        assert settings.base_url == "https://localhost:7071"
        assert "hunter2" not in repr(settings) + repr(options)

    def test_two_dashes_end_the_options(self) -> None:
        words = cli_options.parse(["start", "--language-worker", "--", "-m", "debugpy", "--port"])
        assert words.text("--language-worker") == "-m debugpy --port"
        assert words.given.keys() == {"--language-worker"}

    def test_value_may_begin_with_a_dash(self) -> None:
        words = cli_options.parse(["start", "--language-worker", "-m debugpy", "-p", "1"])
        assert words.text("--language-worker") == "-m debugpy"
        assert words.number("--port") == 1


def test_start_imports_nothing_heavy(tmp_path: Path) -> None:
    """Before the supervisor, the command line may not pay for what it does not use."""
    App(tmp_path).local({"X": "1"})
    script = (
        "import sys, types\n"
        "import ferrofunc.host as host\n"
        "host.supervisor = types.SimpleNamespace(run=lambda settings, zygote: zygote.end() or 0)\n"
        "from ferrofunc.cli import main\n"
        "code = main(['start'])\n"
        "heavy = {'asyncio', 'dataclasses', 'inspect', 'typing', 'pathlib', 'logging',\n"
        "         'subprocess', 'azure', 'argparse', 'ipaddress', 'uvloop'}\n"
        "print(code, sorted(heavy & sys.modules.keys()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": PACKAGES},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "0 []"
