"""The `ferrofunc` command: read the words, read the settings, hand over to the host.

It imports nothing before it is needed, since all it imports delays the first request. Errors of
ferrofunc's own tree are printed as a message and a hint on stderr, without a stack; the exit code
is 0, or 1 after an error (cli.md 1). The entry point of the package; nothing imports it.
"""

from __future__ import annotations

import os
import sys

from ferrofunc import __version__
from ferrofunc.errors import CommandLineError, FerrofuncError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from ferrofunc.cli_options import Words
    from ferrofunc.settings import Settings

_VERSION = ("-v", "--version", "version")
_ELSEWHERE = (
    "azure",
    "bundles",
    "durable",
    "extensions",
    "function",
    "getextensionbundlepath",
    "init",
    "kubernetes",
    "new",
    "pack",
    "settings",
    "templates",
)
_RED, _YELLOW, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[0m"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    Args:
        argv: The words after the program's name. Default None: those of the process.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if len(arguments) == 1 and arguments[0].lower() in _VERSION:
        print(__version__)
        return 0
    try:
        return _dispatch(arguments)
    except FerrofuncError as error:
        _print_error(error, is_debug=_is_debug(arguments))
        _pause_if_asked(arguments)
        return 1
    except KeyboardInterrupt:
        # Ctrl-C before the host has taken the signal over.
        return 130


def _dispatch(arguments: Sequence[str]) -> int:
    from ferrofunc import cli_options

    words = cli_options.parse(arguments)
    commands = [command.lower() for command in words.commands]
    is_help = words.is_on("--help") or commands[:1] == ["help"]
    if commands[:1] == ["help"]:
        del commands[0]
    if commands[:1] == ["host"]:
        del commands[0]
    if words.is_on("--version") or commands == ["version"]:
        print(__version__)
        return 0
    if commands[:1] == ["start"]:
        return _print_start_help() if is_help else _start(words, commands[1:])
    if commands and commands[0] in _ELSEWHERE and not is_help:
        raise CommandLineError(
            f"'{commands[0]}' is a command of the official tools that ferrofunc does not have.",
            hint=f"Run it as 'func {commands[0]}'; the app's files are the same.",
        )
    unknown = (*words.commands[-len(commands) :], *words.unknown) if commands else words.unknown
    if unknown:
        print(f"Error: unknown argument {unknown[0]}", file=sys.stderr)
    return _print_help()


def _start(words: Words, surplus: Sequence[str]) -> int:
    from ferrofunc import cli_options

    notes = cli_options.check_start(words)
    if surplus:
        raise CommandLineError(
            f"Unexpected argument '{surplus[0]}'.", hint="'ferrofunc start' takes options only."
        )
    from ferrofunc import project
    from ferrofunc.host import processes

    root = project.find_root(words.text("--script-root"))
    # First of all: what it imports takes longer than everything else here.
    zygote = processes.Zygote(sys.executable, root, os.environ)
    try:
        loaded = _load(words, notes)
    except BaseException:
        zygote.end()
        raise
    from ferrofunc.host import supervisor

    return supervisor.run(loaded, zygote)


def _load(words: Words, notes: Sequence[str]) -> Settings:
    from ferrofunc import settings

    options = settings.Options(
        script_root=words.text("--script-root"),
        port=words.number("--port"),
        address=words.text("--address"),
        cors=words.text("--cors"),
        has_cors_credentials=words.flag("--cors-credentials"),
        functions=words.words("--functions"),
        user_log_level=words.text("--user-log-level"),
        startup_timeout=words.number("--timeout") or settings.DEFAULT_STARTUP_TIMEOUT,
        is_verbose=words.is_on("--verbose"),
        is_json_output=words.is_on("--enable-json-output"),
        is_auth_enabled=words.is_on("--enableAuth"),
        is_https=words.is_on("--useHttps"),
        certificate=words.text("--cert"),
        password=words.text("--password"),
    )
    loaded = settings.load(options, os.environ)
    from ferrofunc.host import banner, checks

    found = checks.run(loaded)
    for line in banner.header():
        print(line)
    for warning in (*notes, *loaded.warnings, *found):
        print(_coloured(warning, _YELLOW, sys.stdout))
    sys.stdout.flush()
    return loaded


def _print_help() -> int:
    from ferrofunc import cli_help

    print(cli_help.GENERAL.format(version=__version__), end="")
    return 0


def _print_start_help() -> int:
    from ferrofunc import cli_help

    print(cli_help.START, end="")
    return 0


def _print_error(error: FerrofuncError, *, is_debug: bool) -> None:
    if is_debug:
        import traceback

        traceback.print_exception(error)
        return
    print(_coloured(error.message, _RED, sys.stderr), file=sys.stderr)
    if error.hint is not None:
        print(f"Hint: {error.hint}", file=sys.stderr)


def _is_debug(arguments: Sequence[str]) -> bool:
    return os.environ.get("CLI_DEBUG") == "1" or _is_flag_on("--debug", arguments)


def _pause_if_asked(arguments: Sequence[str]) -> None:
    if _is_flag_on("--pause-on-error", arguments) and sys.stdin.isatty():
        print("Press Enter to go on.", file=sys.stderr)
        sys.stdin.readline()


def _is_flag_on(name: str, arguments: Sequence[str]) -> bool:
    # Looked for by hand: the error may be that the arguments cannot be parsed.
    typed = [argument.lower() for argument in arguments]
    return name in typed or f"{name}=true" in typed


def _coloured(text: str, colour: str, stream: TextIO) -> str:
    if stream.isatty() and not os.environ.get("NO_COLOR"):
        return f"{colour}{text}{_PLAIN}"
    return text
