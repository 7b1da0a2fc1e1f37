"""A function that runs longer than `functionTimeout` (http.md 6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
HOST_JSON = '{{"version": "2.0", "functionTimeout": "{}"}}'


def short(host: HostFactory, *args: str, limit: str = "00:00:01") -> RunningHost:
    """A host of the app `throttles` with a short timeout."""
    return host("throttles", files={"host.json": HOST_JSON.format(limit)}, args=args)


def test_the_official_lines_6(host: HostFactory) -> None:
    running = short(host, "--verbose")
    (before,) = running.worker_pids()
    response = running.get("/api/turn?tag=0&gate=/nowhere")
    assert (response.status, response.body) == (500, b"")
    assert response.header("content-type") is None
    running.wait_log(r"Restart of language worker process\(es\) completed\.$")
    found = re.findall(
        rf"Timeout value of 00:00:01 exceeded by function 'Functions\.turn' \(Id: '({GUID})'\)\. "
        r"Initiating cancellation\.$|"
        rf"Executed 'Functions\.turn' \(Failed, Id=({GUID}), Duration=\d+ms\)$|"
        r"A function timeout has occurred\. Restarting worker process executing invocationId "
        rf"'({GUID})'\.$|"
        r"(Restart of language worker process\(es\) completed\.)$",
        running.log(),
        re.MULTILINE,
    )
    (identifier,) = {part for parts in found[:3] for part in parts if part}
    assert found == [
        (identifier, "", "", ""),
        ("", identifier, "", ""),
        ("", "", identifier, ""),
        ("", "", "", "Restart of language worker process(es) completed."),
    ]
    assert "Timeout value of 00:00:01 was exceeded by function: Functions.turn" in running.log()
    (after,) = running.worker_pids()
    assert after != before


def test_the_app_goes_on_6(host: HostFactory) -> None:
    running = short(host)
    for _ in range(2):
        assert running.get("/api/turn?tag=0&gate=/nowhere").status == 500
        assert running.get("/api/quick").text == "quick"
    # At Information, which is hidden for the system's own lines unless asked for.
    assert "Restart of language worker" not in running.log()


def test_parts_of_a_second_are_written_as_the_official_host_does(host: HostFactory) -> None:
    running = short(host, limit="00:00:01.25")
    assert running.get("/api/turn?tag=0&gate=/nowhere").status == 500
    running.wait_log(r"Timeout value of 00:00:01\.2500000 exceeded by function")


@pytest.mark.parametrize("limit", ["00:00:00", "00:00:00.5"])
def test_too_short_a_timeout_stops_the_start(host: HostFactory, limit: str) -> None:
    running = host("throttles", files={"host.json": HOST_JSON.format(limit)}, ready=None)
    assert running.wait_exit() == 1
    assert "FunctionTimeout must be greater than 00:00:01" in running.log()
