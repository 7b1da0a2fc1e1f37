"""The Python that runs the workers, and whether it may (cli.md 2.1).

It is the one that runs ferrofunc, since the app's packages are installed beside it; a setting
names another. Called by `settings`. Only another interpreter is started, to ask its version.
"""

from __future__ import annotations

import sys

from ferrofunc import app_settings
from ferrofunc.errors import PythonVersionError
from ferrofunc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SETTING = "languageWorkers:python:defaultExecutablePath"
SUPPORTED = ((3, 10), (3, 11), (3, 12), (3, 13))

_PRINT_VERSION = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
_PATIENCE = 30.0


class Interpreter(Record):
    """A Python of a supported version.

    `path` is absolute or found on PATH; `version` is all three numbers.
    """

    path: str
    version: str

    @property
    def minor_version(self) -> str:
        """The first two numbers, as FUNCTIONS_WORKER_RUNTIME_VERSION wants them."""
        return self.version.rpartition(".")[0]


def choose(environment: Mapping[str, str]) -> Interpreter:
    """Return the interpreter for the workers.

    Args:
        environment: The variables of the host.

    Raises:
        PythonVersionError: The interpreter does not run, or its version is not supported.
    """
    path = app_settings.find(environment, SETTING) or sys.executable
    version = sys.version.split()[0] if path == sys.executable else _ask(path)
    check(version)
    return Interpreter(path=path, version=version)


def check(version: str) -> None:
    """Check a version such as "3.11.4".

    Raises:
        PythonVersionError: The workers cannot run on it.
    """
    numbers = tuple(int(number) for number in version.split(".")[:2])
    if numbers in SUPPORTED:
        return
    if numbers[0] != 3:
        choices = "|".join(str(minor) for _, minor in SUPPORTED)
        raise PythonVersionError(
            f"Python 3.x (recommended version 3.[{choices}]) is required.", _found(version)
        )
    *rest, last = [f"{major}.{minor}" for major, minor in SUPPORTED]
    choices = f"{', '.join(rest)} or {last}"
    raise PythonVersionError(
        f"Python {rest[0]}.x to {last}.x is required for this operation. Please install Python "
        f"{choices} and use a virtual environment to switch to Python {choices}.",
        _found(version),
    )


def _found(version: str) -> str:
    return f"Found Python {version}."


def _ask(path: str) -> str:
    # Imported here because few apps name an interpreter.
    import subprocess

    try:
        answer = subprocess.run(
            [path, "-c", _PRINT_VERSION],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        *rest, last = [f"{major}.{minor}.x" for major, minor in SUPPORTED]
        raise PythonVersionError(
            f"Could not find a Python version. {', '.join(rest)}, or {last} is recommended, and "
            "used in Azure Functions.",
            f"The setting '{SETTING}' names '{path}', which does not run: {error}",
        ) from error
    return answer.stdout.strip()
