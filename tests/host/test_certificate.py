"""Certificates in the forms that the openssl command makes, read by the compiled core."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from e2e import certificates
from ferrofunc._core import Certificate, CoreError
from ferrofunc.errors import CertificateError
from ferrofunc.host import certificate as host_certificate

from .making import App

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "pass wörd"
LEGACY = ("-legacy",)
MODERN = ("-keypbe", "AES-256-CBC", "-certpbe", "AES-256-CBC", "-macalg", "sha256")
FORMS = {
    "default": (),
    "legacy": LEGACY,
    "modern": MODERN,
    "triple-des": (
        "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1", *LEGACY,
    ),
    "sha512-mac": (*MODERN, "-macalg", "sha512"),
    "many-iterations": (*MODERN, "-iter", "100000"),
    "open-certificate": ("-certpbe", "NONE"),
    "open": ("-certpbe", "NONE", "-keypbe", "NONE"),
    "no-mac": ("-nomac",),
}  # fmt: skip


def refusal(path: Path, password: str | None = None) -> str:
    """Why the core does not take a certificate."""
    with pytest.raises(CoreError) as caught:
        Certificate.read(str(path), password)
    return str(caught.value)


class TestArchives:
    @pytest.mark.parametrize("form", FORMS)
    def test_opens(self, tmp_path: Path, form: str) -> None:
        pair = certificates.self_signed(tmp_path)
        path = certificates.archive(*pair, PASSWORD, *FORMS[form])
        read = Certificate.read(str(path), PASSWORD)
        assert (read.path, read.warning, read.is_new) == (str(path), None, False)

    @pytest.mark.parametrize("kind", ["ec", "ed25519", "rsa"])
    def test_kinds_of_keys(self, tmp_path: Path, kind: str) -> None:
        pair = certificates.self_signed(tmp_path, kind=kind)
        assert Certificate.read(str(certificates.archive(*pair, PASSWORD)), PASSWORD)
        assert Certificate.read(str(pair[0]), None)

    @pytest.mark.parametrize("form", ["default", "legacy", "no-mac"])
    def test_wrong_password(self, tmp_path: Path, form: str) -> None:
        pair = certificates.self_signed(tmp_path)
        path = certificates.archive(*pair, PASSWORD, *FORMS[form])
        assert refusal(path, "other") == (
            f"The password given for the certificate file '{path}' is wrong. --password takes the "
            "password itself, or the path of a file that holds it."
        )
        assert refusal(path).startswith(
            f"The certificate file '{path}' is protected by a password, and none was given."
        )

    @pytest.mark.parametrize("words", [(), LEGACY], ids=["default", "legacy"])
    @pytest.mark.parametrize("given", [None, ""])
    def test_empty_password(
        self, tmp_path: Path, words: tuple[str, ...], given: str | None
    ) -> None:
        path = certificates.archive(*certificates.self_signed(tmp_path), "", *words)
        assert Certificate.read(str(path), given)

    def test_chain(self, tmp_path: Path) -> None:
        leaf, key, authority = certificates.signed(tmp_path)
        path = certificates.archive(leaf, key, PASSWORD, "-certfile", authority)
        assert Certificate.read(str(path), PASSWORD)

    def test_no_key(self, tmp_path: Path) -> None:
        pair = certificates.self_signed(tmp_path)
        path = certificates.archive(*pair, PASSWORD, "-nokeys")
        assert refusal(path, PASSWORD) == (
            f"Expected a certificate and its private key in '{path}', found no private key."
        )

    def test_no_certificate(self, tmp_path: Path) -> None:
        pair = certificates.self_signed(tmp_path)
        path = certificates.archive(*pair, PASSWORD, "-nocerts")
        assert refusal(path, PASSWORD).endswith("found no certificate.")

    def test_cut_short(self, tmp_path: Path) -> None:
        path = certificates.archive(*certificates.self_signed(tmp_path), PASSWORD)
        path.write_bytes(path.read_bytes()[:-20])
        assert refusal(path, PASSWORD).startswith("Expected a valid certificate file, found ")

    def test_a_certificate_in_der_has_no_key(self, tmp_path: Path) -> None:
        certificate, _ = certificates.self_signed(tmp_path)
        der = tmp_path / "server.cer"
        certificates.openssl(tmp_path, "x509", "-in", certificate, "-outform", "DER", "-out", der)
        assert refusal(der).endswith("found no private key.")


class TestKeysInPem:
    @pytest.mark.parametrize(
        "words",
        [
            ("pkcs8", "-topk8", "-v2", "aes-256-cbc"),
            ("pkcs8", "-topk8", "-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA1"),
            ("pkcs8", "-topk8", "-v2", "des3"),
        ],
        ids=["aes", "sha1", "des3"],
    )
    def test_encrypted(self, tmp_path: Path, words: tuple[str, ...]) -> None:
        certificate, key = certificates.self_signed(tmp_path)
        locked = tmp_path / "locked.key"
        certificates.openssl(
            tmp_path, *words, "-in", key, "-out", locked, "-passout", f"pass:{PASSWORD}"
        )
        locked.rename(key)
        assert Certificate.read(str(certificate), PASSWORD)
        assert "is wrong" in refusal(certificate, "other")
        assert "none was given" in refusal(certificate)

    def test_encrypted_in_the_old_way(self, tmp_path: Path) -> None:
        certificate, key = certificates.self_signed(tmp_path, kind="rsa")
        locked = tmp_path / "locked.key"
        certificates.openssl(
            tmp_path, "rsa", "-in", key, "-traditional", "-aes128", "-out", locked,
            "-passout", "pass:p",
        )  # fmt: skip
        locked.rename(key)
        assert "openssl pkcs8 -topk8" in refusal(certificate, "p")

    @pytest.mark.parametrize("kind", ["ec", "rsa"])
    def test_traditional(self, tmp_path: Path, kind: str) -> None:
        certificate, key = certificates.self_signed(tmp_path, kind=kind)
        plain = tmp_path / "plain.key"
        certificates.openssl(tmp_path, kind, "-in", key, "-out", plain)
        plain.rename(key)
        assert Certificate.read(str(certificate), None)

    def test_kind_that_cannot_serve(self, tmp_path: Path) -> None:
        certificate = tmp_path / "server.pem"
        certificates.openssl(
            tmp_path, "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", "server.key",
            "-out", certificate, "-subj", "/CN=localhost",
        )  # fmt: skip
        assert refusal(certificate).startswith("Expected an RSA key of 2048 to 8192 bits")


class TestPasswords:
    def test_text_or_file(self, tmp_path: Path) -> None:
        path = certificates.archive(*certificates.self_signed(tmp_path), PASSWORD)
        secret = tmp_path / "secret.txt"
        secret.write_text(f"\ufeff{PASSWORD}\r\n")
        assert Certificate.read(str(path), str(secret))
        secret.write_text("other")
        assert "is wrong" in refusal(path, str(secret))

    def test_file_that_is_no_text(self, tmp_path: Path) -> None:
        path = certificates.archive(*certificates.self_signed(tmp_path), PASSWORD)
        secret = tmp_path / "secret.bin"
        secret.write_bytes(b"\xff\xfe")
        assert refusal(path, str(secret)).startswith("Expected to read the password file '")


class TestLoad:
    def test_nothing_without_the_option(self, tmp_path: Path) -> None:
        settings = App(tmp_path).load(certificate="none.pfx")
        assert host_certificate.load(settings) is None

    def test_paths_begin_at_the_script_root(self, tmp_path: Path) -> None:
        app = App(tmp_path)
        path = certificates.archive(*certificates.self_signed(tmp_path), PASSWORD)
        (tmp_path / "secret").write_text(PASSWORD)
        settings = app.load(is_https=True, certificate=path.name, password="secret")
        loaded = host_certificate.load(settings)
        assert loaded is not None
        assert loaded.path == str(path)

    @pytest.mark.parametrize(
        ("variables", "below"),
        [({"XDG_CACHE_HOME": "/cache"}, "cache"), ({"XDG_CACHE_HOME": "cache"}, "home/.cache")],
    )
    def test_our_own_is_kept_in_the_cache(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        variables: dict[str, str],
        below: str,
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        environ = {name: value.replace("/", f"{tmp_path}/") for name, value in variables.items()}
        settings = App(tmp_path).load(environ, is_https=True)
        first, second = host_certificate.load(settings), host_certificate.load(settings)
        assert first is not None
        assert second is not None
        assert first.path == f"{tmp_path}/{below}/ferrofunc/https/localhost.pem"
        assert (first.is_new, second.is_new) == (True, False)

    def test_refusal(self, tmp_path: Path) -> None:
        settings = App(tmp_path).load(is_https=True, certificate="none.pfx")
        with pytest.raises(CertificateError, match=r"none\.pfx', found: No such file"):
            host_certificate.load(settings)
