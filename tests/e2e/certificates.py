"""Certificates and keys as users make them: with the `openssl` command.

Every function writes files into a folder and returns their paths. Called by the tests of TLS.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def openssl(folder: Path, *words: str | Path) -> str:
    """Run the command in `folder` and return what it prints."""
    ended = subprocess.run(
        ["openssl", *map(str, words)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, f"openssl {words}: {ended.stderr}"
    return ended.stdout


def key_words(kind: str) -> list[str]:
    """The words that ask for a key of this kind: ec, ed25519 or rsa."""
    return {
        "ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
        "ed25519": ["-newkey", "ed25519"],
        "rsa": ["-newkey", "rsa:2048"],
    }[kind]


def self_signed(folder: Path, stem: str = "server", *, kind: str = "ec") -> tuple[Path, Path]:
    """A self signed certificate for localhost, `stem`.crt, and its key, `stem`.key."""
    certificate, key = folder / f"{stem}.crt", folder / f"{stem}.key"
    openssl(
        folder, "req", "-x509", *key_words(kind), "-nodes", "-keyout", key, "-out", certificate,
        "-days", "30", "-subj", f"/CN={stem}", "-addext", NAMES,
    )  # fmt: skip
    return certificate, key


def one_file(folder: Path, stem: str = "server", *, kind: str = "ec") -> Path:
    """A self signed certificate and its key in one file, `stem`.pem."""
    certificate, key = self_signed(folder, stem, kind=kind)
    both = folder / f"{stem}.pem"
    both.write_text(certificate.read_text() + key.read_text())
    certificate.unlink()
    key.unlink()
    return both


def signed(folder: Path) -> tuple[Path, Path, Path]:
    """A certificate, its key, and the certificate of the authority that signed it."""
    authority, authority_key = self_signed(folder, "authority")
    request, key, certificate, names = (
        folder / name for name in ("leaf.csr", "leaf.key", "leaf.crt", "leaf.names")
    )
    names.write_text(NAMES)
    openssl(
        folder, "req", *key_words("ec"), "-nodes", "-keyout", key, "-out", request,
        "-subj", "/CN=leaf",
    )  # fmt: skip
    openssl(
        folder, "x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key,
        "-CAcreateserial", "-days", "30", "-extfile", names, "-out", certificate,
    )  # fmt: skip
    return certificate, key, authority


def archive(certificate: Path, key: Path, password: str, *words: str | Path) -> Path:
    """A PKCS#12 archive beside the certificate; more words for openssl, such as `-legacy`."""
    path = certificate.with_suffix(".pfx")
    openssl(
        certificate.parent, "pkcs12", "-export", "-inkey", key, "-in", certificate, "-out", path,
        "-passout", f"pass:{password}", *words,
    )  # fmt: skip
    return path
