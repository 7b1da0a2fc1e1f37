# pathlib would delay the first request.
# ruff: noqa: PTH111, PTH113, PTH117, PTH118
"""The certificate of `--useHttps`: the one given with `--cert`, or one of our own (cli.md 4).

The core reads and makes it; here is decided which, and what the user is told. Nothing is read
without `--useHttps`, and no password reaches a message. Called by the supervisor before it listens.
"""

from __future__ import annotations

import os

from ferrofunc import errors
from ferrofunc._core import Certificate, CoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ferrofunc._core import Gateway
    from ferrofunc.settings import Settings

_FOLDER = ("ferrofunc", "https")
"""Where our own is kept, in the user's folder for what can be made again."""


def load(settings: Settings) -> Certificate | None:
    """Return the certificate to serve, None without `--useHttps`.

    Args:
        settings: A relative path in its options begins where `--script-root` points.

    Raises:
        CertificateError: It cannot be read, opened or made.
    """
    options = settings.options
    if not options.is_https:
        return None
    start = options.script_root or ""
    password = options.password
    if password and os.path.isfile(file := os.path.join(start, password)):
        password = file
    try:
        if options.certificate is None:
            return Certificate.self_signed(_cache(settings))
        return Certificate.read(os.path.join(start, options.certificate), password)
    except CoreError as error:
        raise errors.CertificateError(str(error)) from error


def introduce(certificate: Certificate | None, gateway: Gateway) -> None:
    """Tell the user of a certificate that is new, or that clients will refuse."""
    if certificate is None:
        return
    if certificate.is_new:
        kept = "" if certificate.path is None else f", kept as {certificate.path}"
        gateway.print(f"Generating a self signed certificate for localhost{kept}")
    if certificate.warning is not None:
        gateway.log("Warning", certificate.warning)


def _cache(settings: Settings) -> str:
    environment = settings.shell_environment
    folder = environment.get("XDG_CACHE_HOME") or ""
    # The standard has relative paths ignored.
    if not os.path.isabs(folder):
        folder = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(folder, *_FOLDER)
