"""Every error ferrofunc raises on purpose, as one tree.

    FerrofuncError               message, and a hint saying what to do
    ├── CommandLineError         the words after `ferrofunc` make no sense
    ├── ProjectNotFoundError     no host.json or local.settings.json here or above
    ├── SettingsError            a setting holds what it must not
    │   └── HostJsonError        ... and it came from host.json or an override of it
    ├── CertificateError         the server certificate cannot be used
    ├── PythonVersionError       the interpreter for the workers is missing or not supported
    ├── KeyStoreError            the files of access keys cannot be read or written
    └── PortTakenError           another process listens on the port

An error outside this tree is a fault in ferrofunc. `cli.main` prints these without a stack; the
supervisor keeps the host alive in state Error when a reload raises one. This module imports
nothing.
"""

from __future__ import annotations


class FerrofuncError(Exception):
    """What was expected and what was found.

    Args:
        message: One or more full sentences for the user.
        hint: What to do about it; shown on a line of its own. Default None: the message says it.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class CommandLineError(FerrofuncError):
    """An option or a value that the command line does not take (cli.md 1)."""


class ProjectNotFoundError(FerrofuncError):
    """No project root at or above the starting directory (cli.md 2.1)."""


class SettingsError(FerrofuncError):
    """A setting that stops the host from starting (configuration.md 2 and 6)."""


class HostJsonError(SettingsError):
    """A host.json that stops the host from starting (configuration.md 3 and 4)."""


class CertificateError(FerrofuncError):
    """A server certificate that cannot be read, opened or made (cli.md 4)."""


class PythonVersionError(FerrofuncError):
    """No Python for the workers, or one that is not supported (cli.md 2.1)."""


class KeyStoreError(FerrofuncError):
    """The access keys cannot be read or written (http.md 8.4). No key is valid then."""


class PortTakenError(FerrofuncError):
    """Another process listens on the port (cli.md 2.1).

    Args:
        port: The port that could not be bound.
    """

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} is unavailable. Close the process using that port, or specify another "
            "port using --port [-p]."
        )
        self.port = port
