"""curl, and the load generators wrk and h2load, as people run them."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import HostFactory
    from e2e.running_host import RunningHost


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("echo")


@pytest.fixture(scope="module")
def inspected(shared_host: HostFactory) -> RunningHost:
    return shared_host("request")


@pytest.fixture(scope="module")
def returned(shared_host: HostFactory) -> RunningHost:
    return shared_host("returns")


Run = "Callable[..., subprocess.CompletedProcess[bytes]]"


@pytest.fixture(scope="module")
def curl(program: Callable[[str], str]) -> Run:
    """Run curl with these words; it must succeed."""
    path = program("curl")

    def run(*words: str, sent: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(
            [path, "--silent", "--show-error", "--noproxy", "*", *words],
            input=sent,
            capture_output=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done

    return run


def test_curl_get(inspected: RunningHost, curl: Run) -> None:
    done = curl("--include", f"{inspected.url}/api/inspect?name=Ada&x=%20")
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    seen = json.loads(body)
    assert seen["params"] == {"name": "Ada", "x": " "}
    assert dict(seen["headers"])["user-agent"].startswith("curl/")


@pytest.mark.parametrize("size", [0, 10, 2_000_000])
def test_curl_upload(running: RunningHost, curl: Run, tmp_path: Path, size: int) -> None:
    body = (bytes(range(256)) * (size // 256 + 1))[:size]
    (tmp_path / "body").write_bytes(body)
    # Beyond a mebibyte curl asks for a `100 Continue` of itself.
    done = curl("--data-binary", f"@{tmp_path}/body", f"{running.url}/api/echo")
    assert done.stdout == body


def test_curl_chunked_upload(running: RunningHost, curl: Run) -> None:
    body = bytes(range(256)) * 3000
    words = ("--request", "POST", "--header", "Transfer-Encoding: chunked", "--upload-file", "-")
    assert curl(*words, f"{running.url}/api/echo", sent=body).stdout == body


def test_curl_keeps_its_connection(running: RunningHost, curl: Run) -> None:
    url = f"{running.url}/api/large?size=10"
    done = curl("--write-out", "%{num_connects} ", "--output", "/dev/null", url, url, url)
    assert done.stdout.split()[0] == b"1"
    urls = [word for _ in range(3) for word in ("--output", "/dev/null", url)]
    assert curl("--write-out", "%{num_connects} ", *urls).stdout.split() == [b"1", b"0", b"0"]


def test_curl_head(running: RunningHost, curl: Run) -> None:
    done = curl("--head", f"{running.url}/api/large?size=10")
    assert done.stdout.startswith(b"HTTP/1.1 200 OK\r\n")
    assert done.stdout.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("version", ["--http1.0", "--http1.1", "--http2"])
def test_curl_in_each_version(running: RunningHost, curl: Run, version: str) -> None:
    # In the clear HTTP/2 is an offer to upgrade, which is not taken.
    url = f"{running.url}/api/echo"
    words = (version, "--write-out", " %{http_version}", "--data", "text")
    assert curl(*words, url).stdout in (b"text 1.1", b"text 1.0")


def test_curl_form(inspected: RunningHost, curl: Run, tmp_path: Path) -> None:
    (tmp_path / "a file.bin").write_bytes(bytes(range(256)))
    words = (
        "--form",
        "field=välue",
        "--form",
        f"doc=@{tmp_path}/a file.bin;type=application/x-own",
    )
    seen = json.loads(curl(*words, f"{inspected.url}/api/form").stdout)
    assert seen["all"] == {"field": ["välue"]}
    (file,) = seen["files"]
    assert (file["filename"], file["content_type"]) == ("a file.bin", "application/x-own")


def test_curl_cookies_and_redirect(returned: RunningHost, curl: Run, tmp_path: Path) -> None:
    jar = str(tmp_path / "jar")
    cookie = ("--data", "kept=1; Path=/; Max-Age=100")
    curl("--cookie-jar", jar, *cookie, f"{returned.url}/api/cookies")
    assert re.search(r"\tkept\t1$", (tmp_path / "jar").read_text(), re.MULTILINE)
    words = ("--location", "--write-out", "%{http_code} %{url_effective}", "--output", "/dev/null")
    done = curl(*words, f"{returned.url}/api/redirected?code=302")
    assert done.stdout.decode() == f"404 {returned.url}/api/elsewhere?x=1"


@pytest.mark.parametrize("route", ["echo", "echo_async"])
def test_wrk(running: RunningHost, program: Callable[[str], str], route: str) -> None:
    words = ["--threads", "1", "--connections", "32", "--duration", "1s"]
    done = subprocess.run(
        [program("wrk"), *words, f"{running.url}/api/{route}"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found = re.search(r"(\d+) requests in ", done.stdout)
    assert found
    assert int(found[1]) > 0
    for fault in ("Non-2xx", "Socket errors"):
        assert fault not in done.stdout, done.stdout


@pytest.mark.parametrize("at_a_time", [1, 8])
def test_h2load(running: RunningHost, program: Callable[[str], str], at_a_time: int) -> None:
    words = ["--h1", "--requests", "2000", "--clients", "16", "--max-concurrent-streams"]
    done = subprocess.run(
        [program("h2load"), *words, str(at_a_time), f"{running.url}/api/echo"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout" in done.stdout
    assert "status codes: 2000 2xx" in done.stdout
