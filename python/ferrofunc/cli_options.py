"""The words after `ferrofunc`, turned into commands and `Options` (cli.md 1 and 2).

A table and a loop: the official grammar (long names in any case, `--flag true`, lists by spaces,
values that begin with a dash) would have to be rewritten into argparse's before argparse could
read it. Called by `cli`; decides nothing about what an option means.
"""

from __future__ import annotations

from ferrofunc import not_yet
from ferrofunc.errors import CommandLineError
from ferrofunc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_FLAG, _TEXT, _NUMBER, _WORDS = "flag", "text", "number", "words"

_KINDS = {
    "--port": _NUMBER,
    "--address": _TEXT,
    "--cors": _TEXT,
    "--cors-credentials": _FLAG,
    "--timeout": _NUMBER,
    "--useHttps": _FLAG,
    "--cert": _TEXT,
    "--password": _TEXT,
    "--language-worker": _TEXT,
    "--enableAuth": _FLAG,
    "--functions": _WORDS,
    "--user-log-level": _TEXT,
    "--verbose": _FLAG,
    "--enable-json-output": _FLAG,
    "--json-output-file": _TEXT,
    "--script-root": _TEXT,
    "--prefix": _TEXT,
    "--debug": _FLAG,
    "--pause-on-error": _FLAG,
    "--offline": _FLAG,
    "--help": _FLAG,
    "--version": _FLAG,
    "--no-build": _FLAG,
    "--dotnet-isolated": _FLAG,
    "--dotnet-isolated-debug": _FLAG,
    "--csharp": _FLAG,
    "--runtime": _TEXT,
}
_DOTNET = ("--no-build", "--dotnet-isolated", "--dotnet-isolated-debug", "--csharp", "--runtime")
# An option that another one has to come with.
_NEEDS = {"--cert": "--useHttps", "--password": "--cert"}
_SHORT = {
    "-p": "--port",
    "-t": "--timeout",
    "-h": "--help",
    "-?": "--help",
    "-v": "--version",
    "--prefix": "--script-root",
}
_BY_LOWER = {name.lower(): name for name in _KINDS}
_BOOLEANS = {"true": True, "false": False}


class Words(Record):
    """What the command line says.

    `commands` are the words that belong to no option, as typed. `given` maps an option's long name
    to its value: bool, int, str, or a tuple of str. `unknown` are options that do not exist.
    """

    commands: tuple[str, ...]
    given: dict[str, object]
    unknown: tuple[str, ...]

    def is_on(self, name: str) -> bool:
        """Return whether the flag `name` was given, and not as false."""
        return self.given.get(name) is True

    def flag(self, name: str) -> bool | None:
        """Return the value of the flag `name`, None when it was not given."""
        value = self.given.get(name)
        return value if isinstance(value, bool) else None

    def text(self, name: str) -> str | None:
        """Return the value of the text option `name`, None when it was not given."""
        value = self.given.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> int | None:
        """Return the value of the number option `name`, None when it was not given."""
        value = self.given.get(name)
        return value if isinstance(value, int) else None

    def words(self, name: str) -> tuple[str, ...] | None:
        """Return the values of the list option `name`, None when it was not given."""
        value = self.given.get(name)
        return value if isinstance(value, tuple) else None


def parse(arguments: Iterable[str]) -> Words:
    """Sort the arguments into commands, options and what is unknown.

    Raises:
        CommandLineError: An option lacks its value, or has one it cannot take.
    """
    waiting = list(arguments)
    commands, given, unknown = [], {}, []
    while waiting:
        word = waiting.pop(0)
        if not word.startswith("-"):
            commands.append(word)
            continue
        typed, has_value, value = word.partition("=")
        name = _canonical(typed)
        if name is None:
            unknown.append(typed)
            continue
        if has_value:
            waiting.insert(0, value)
        given[name] = _take(name, waiting, is_attached=bool(has_value))
    return Words(commands=tuple(commands), given=given, unknown=tuple(unknown))


def _canonical(typed: str) -> str | None:
    name = _BY_LOWER.get(typed.lower(), typed)
    name = _SHORT.get(name, name)
    return name if name in _KINDS else None


def _take(name: str, waiting: list[str], *, is_attached: bool) -> object:
    kind = _KINDS[name]
    if kind is _FLAG:
        if waiting and (is_attached or waiting[0].lower() in _BOOLEANS):
            return _boolean(name, waiting.pop(0))
        return True
    if name == "--language-worker" and waiting[:1] == ["--"]:
        # `--` ends the options: all that follows is the value.
        value, waiting[:] = " ".join(waiting[1:]), []
        return value
    if not waiting or (not is_attached and _canonical(waiting[0].partition("=")[0]) is not None):
        raise CommandLineError(f"Option {name} expects a value and found none.")
    if kind is _WORDS:
        values = waiting.pop(0).split()
        while waiting and not waiting[0].startswith("-"):
            values.append(waiting.pop(0))
        return tuple(values)
    value = waiting.pop(0)
    return _whole_number(name, value) if kind is _NUMBER else value


def _boolean(name: str, value: str) -> bool:
    if value.lower() not in _BOOLEANS:
        raise CommandLineError(f"Option {name} expects true or false, found '{value}'.")
    return _BOOLEANS[value.lower()]


def _whole_number(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError as error:
        raise CommandLineError(f"Option {name} expects a whole number, found '{value}'.") from error


def check_start(words: Words) -> list[str]:
    """Check the options given to `start`, and return notes on those that do nothing.

    Raises:
        CommandLineError: An option that does not exist.
    """
    for typed in words.unknown:
        raise CommandLineError(f"Unknown option '{typed}'.", hint=_nearby(typed))
    given = [name for name, value in words.given.items() if value is not False]
    notes = [
        f"Option {name} is not supported yet: {meaning}."
        for name, meaning in not_yet.NOTED.items()
        if name in given
    ]
    notes += [
        f"Option {name} does nothing without {needed}."
        for name, needed in _NEEDS.items()
        if name in given and needed not in given
    ]
    return notes + [
        f"Option {n} is for .NET projects and does nothing here."
        for n in _DOTNET
        if n in words.given
    ]


def _nearby(typed: str) -> str:
    # Imported here because only a mistake needs it.
    from difflib import get_close_matches

    near = get_close_matches(typed.lower(), _BY_LOWER, n=1)
    found = f"Did you mean {_BY_LOWER[near[0]]}? " if near else ""
    return f"{found}'ferrofunc start --help' lists the options."
