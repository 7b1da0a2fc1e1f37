"""The certificate of HTTPS: which one serves, what stops the start, what a changed file does."""

from __future__ import annotations

import contextlib
import os
import ssl
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from . import certificates, tls_clients
from .running_host import command, environment, exchange, free_port
from .waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import HostFactory

    from .running_host import RunningHost

PASSWORD = "opens the archive"


def assert_serves(running: RunningHost, context: ssl.SSLContext) -> None:
    assert tls_clients.request(running, context, "/api/echo", b"served").body == b"served"


def shown(running: RunningHost) -> bytes:
    """The certificate that a new connection is shown."""
    with tls_clients.secure_socket(running, tls_clients.trusting(None)) as connected:
        found = connected.getpeercert(binary_form=True)
    assert found is not None
    return found


def der(certificate: Path) -> bytes:
    """The first certificate of a PEM file as a connection shows it."""
    text = certificate.read_text()
    start = text.index("-----BEGIN CERTIFICATE-----")
    return ssl.PEM_cert_to_DER_cert(text[start : text.index("-----END CERTIFICATE-----") + 25])


# Which one serves.


def test_our_own(host: HostFactory) -> None:
    running = tls_clients.start(host)
    own = tls_clients.own_certificate(running)
    assert f"Generating a self signed certificate for localhost, kept as {own}\n" in running.log()
    assert stat.S_IMODE(own.stat().st_mode) == 0o600
    assert stat.S_IMODE(own.parent.stat().st_mode) == 0o700
    assert_serves(running, tls_clients.trusting(own))
    # Another start takes the same.
    cache = {"XDG_CACHE_HOME": str(own.parents[2])}
    second = tls_clients.start(host, env=cache)
    assert "Generating" not in second.log()
    assert shown(second) == shown(running) == der(own)


def test_our_own_without_a_place_for_it(host: HostFactory, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    running = tls_clients.start(host, env={"XDG_CACHE_HOME": str(tmp_path / "file")})
    log = running.log()
    assert "Generating a self signed certificate for localhost\n" in log
    assert "The self signed certificate cannot be kept as '" in log
    assert_serves(running, tls_clients.trusting(None))


def test_pem_in_one_file(host: HostFactory, tmp_path: Path) -> None:
    path = certificates.one_file(tmp_path)
    running = tls_clients.start(host, "echo", "--cert", path)
    assert "Generating" not in running.log()
    assert not tls_clients.own_certificate(running).exists()
    assert_serves(running, tls_clients.trusting(path))


def test_a_chain_with_its_key_beside(host: HostFactory, tmp_path: Path) -> None:
    leaf, _, authority = certificates.signed(tmp_path)
    running = tls_clients.start(host, "echo", "--cert", leaf)
    assert_serves(running, tls_clients.trusting(authority))


@pytest.mark.parametrize("words", [(), ("-legacy",)], ids=["modern", "legacy"])
@pytest.mark.parametrize("is_file", [False, True], ids=["text", "file"])
def test_an_archive(
    host: HostFactory, tmp_path: Path, words: tuple[str, ...], is_file: bool
) -> None:
    leaf, key, authority = certificates.signed(tmp_path)
    path = certificates.archive(leaf, key, PASSWORD, "-certfile", authority, *words)
    secret = tmp_path / "secret.txt"
    secret.write_text(PASSWORD + "\n")
    given = str(secret) if is_file else PASSWORD
    running = tls_clients.start(host, "echo", "--cert", path, "--password", given)
    assert_serves(running, tls_clients.trusting(authority))
    assert PASSWORD not in running.log()


def test_an_rsa_key(host: HostFactory, tmp_path: Path) -> None:
    path = certificates.one_file(tmp_path, kind="rsa")
    running = tls_clients.start(host, "echo", "--cert", path)
    assert_serves(running, tls_clients.trusting(path))


def test_an_expired_one_serves_with_a_warning(host: HostFactory, tmp_path: Path) -> None:
    certificate, key = certificates.self_signed(tmp_path)
    certificates.openssl(
        tmp_path, "req", "-new", "-key", key, "-subj", "/CN=localhost", "-out", "server.csr"
    )
    certificates.openssl(
        tmp_path, "x509", "-req", "-in", "server.csr", "-signkey", key, "-days", "-1",
        "-out", certificate,
    )  # fmt: skip
    running = tls_clients.start(host, "echo", "--cert", certificate)
    running.wait_log(rf"The certificate in '{certificate}' expired on 20\d\d-\d\d-\d\d: clients")
    assert_serves(running, tls_clients.trusting(None))


# What stops the start.


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Start a host in an empty app that is expected to end by itself."""
    app = folder / "app"
    app.mkdir(exist_ok=True)
    (app / "host.json").write_text('{"version": "2.0"}')
    (app / "local.settings.json").write_text('{"IsEncrypted": false, "Values": {}}')
    return subprocess.run(
        [*command(), "start", "--port", str(free_port()), *words],
        cwd=app,
        env=environment(folder, {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("name", "password", "message"),
    [
        ("none.pfx", [], "Expected to read the certificate file '{}', found: No such file"),
        ("server.pfx", ["--password", "guess"], "The password given for the certificate file '{}'"),
        ("server.pfx", [], "The certificate file '{}' is protected by a password, and none was"),
        ("server.crt", [], "Expected a certificate and its private key in '{}', found no private"),
        ("text.pem", [], "Expected the certificate file '{}' to be PKCS#12 (.pfx, .p12) or PEM"),
    ],
)
def test_one_that_cannot_serve(
    tmp_path: Path, name: str, password: list[str], message: str
) -> None:
    pair = certificates.self_signed(tmp_path)
    certificates.archive(*pair, PASSWORD)
    pair[1].unlink()
    (tmp_path / "text.pem").write_text("no certificate")
    path = str(tmp_path / name)
    ended = run(tmp_path, "--useHttps", "--cert", path, *password)
    assert ended.returncode == 1
    assert ended.stderr.startswith(message.format(path))
    assert ended.stderr.count("\n") == 1
    assert "guess" not in ended.stdout + ended.stderr
    assert "Functions:" not in ended.stdout


def test_without_use_https_a_certificate_does_nothing(host: HostFactory, tmp_path: Path) -> None:
    running = host("echo", args=["--cert", str(tmp_path / "none.pfx"), "--password", "p"])
    assert "Option --cert does nothing without --useHttps.\n" in running.log()
    assert running.post("/api/echo", b"plain").body == b"plain"


# What a changed file does.


def replace(path: Path, other: Path) -> None:
    """Put another file in the place of `path`, in one step."""
    other.replace(path)


def wait_shown(running: RunningHost, expected: bytes) -> None:
    """Wait until new connections are shown this certificate."""
    wait_until(lambda: shown(running) == expected, "the other certificate")


def test_a_changed_file(host: HostFactory, tmp_path: Path) -> None:
    path = certificates.one_file(tmp_path)
    before = tls_clients.trusting(path)
    running = tls_clients.start(host, "echo", "--cert", path, "--verbose")
    with contextlib.closing(tls_clients.connect(running, before)) as connection:
        assert exchange(connection, "GET", "/api/echo").status == 200
        replace(path, certificates.one_file(tmp_path, "other"))
        wait_shown(running, der(path))
        running.wait_log(rf"The certificate in '{path}' has changed: new connections use it\.$")
        # What is open stays open.
        body = os.urandom(300_000)
        assert exchange(connection, "POST", "/api/echo", body=body).body == body
    assert_serves(running, tls_clients.trusting(path))


def test_a_changed_archive_with_another_password(host: HostFactory, tmp_path: Path) -> None:
    path = certificates.archive(*certificates.self_signed(tmp_path), PASSWORD)
    secret = tmp_path / "secret.txt"
    secret.write_text(PASSWORD)
    running = tls_clients.start(host, "echo", "--cert", path, "--password", secret)
    other, key = certificates.self_signed(tmp_path, "other")
    secret.write_text("another")
    replace(path, certificates.archive(other, key, "another"))
    wait_shown(running, der(other))


def test_a_broken_file_changes_nothing(host: HostFactory, tmp_path: Path) -> None:
    path = certificates.one_file(tmp_path)
    good = path.read_text()
    before = tls_clients.trusting(path)
    running = tls_clients.start(host, "echo", "--cert", path)
    for content, reason in ((good[: len(good) // 2], "Expected a valid"), (None, "Expected to re")):
        start = len(running.log())
        path.unlink()
        if content is not None:
            path.write_text(content)

        def has_said(start: int = start, reason: str = reason) -> bool:
            assert_serves(running, before)
            words = "cannot be used; the one from before stays in force. " + reason
            return words in running.log()[start:]

        wait_until(has_said, "the reason")
        assert_serves(running, before)
    path.write_text(certificates.one_file(tmp_path, "other").read_text())
    wait_shown(running, der(path))
