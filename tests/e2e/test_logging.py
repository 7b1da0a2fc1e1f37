"""What reaches the console of logging, print and stderr, and in which form."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from .at_once import at_once

if TYPE_CHECKING:
    from conftest import HostFactory

    from .running_host import RunningHost

GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
STAMP = r"^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] "
# What user code says carries its level, its function and its invocation.
OWN = rf"{STAMP}\[[A-Z][a-z]+ \w+ {GUID}\] "


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("logs")


def host_json(log_level: dict[str, str]) -> dict[str, str | None]:
    """A host.json with these minimum levels by category."""
    return {"host.json": json.dumps({"version": "2.0", "logging": {"logLevel": log_level}})}


def levels_shown(running: RunningHost, tag: str) -> list[str]:
    """Call `levels` and return those of its lines that came, in order."""
    assert running.get(f"/api/levels?tag={tag}").text == tag
    running.wait_log(rf"{tag} critical")
    return re.findall(rf"{OWN}{tag} (\w+)$", running.log(), re.MULTILINE)


def test_information_and_above_are_shown(running: RunningHost) -> None:
    assert levels_shown(running, "plain") == ["info", "warning", "error", "critical"]


def test_debug_is_shown_when_host_json_asks_for_it(host: HostFactory) -> None:
    running = host("logs", files=host_json({"Function.levels.User": "Debug"}))
    assert levels_shown(running, "debug") == ["debug", "info", "warning", "error", "critical"]


def test_default_level_of_host_json(host: HostFactory) -> None:
    running = host("logs", files=host_json({"default": "Error"}))
    assert levels_shown(running, "errors") == ["error", "critical"]
    assert "Executing 'Functions.levels'" not in running.log()


def test_user_log_level_option(host: HostFactory) -> None:
    running = host("logs", args=["--user-log-level", "Error"])
    assert levels_shown(running, "option") == ["error", "critical"]


def test_a_named_logger_shows_its_text_alone(running: RunningHost) -> None:
    running.get("/api/levels_named?tag=n1")
    running.wait_log(rf"{OWN}n1 named info$")


def test_print_and_stderr_are_shown(running: RunningHost) -> None:
    running.get("/api/printed?tag=p1")
    running.wait_log(rf"{OWN}p1 stdout$")
    running.wait_log(rf"{OWN}p1 stderr$")


def test_each_line_of_an_exception_is_stamped(running: RunningHost) -> None:
    running.get("/api/caught?tag=c1")
    running.wait_log(
        rf"{OWN}c1 caught\n{OWN}Traceback \(most recent call last\):\n"
        rf"({OWN}.*\n)+{OWN}KeyError: 'c1'$"
    )


def test_a_thread_without_the_invocation_id_is_not_the_functions(running: RunningHost) -> None:
    # Officially such a line is hidden; here it is shown, without a function it cannot know.
    running.get("/api/naked_thread?tag=t1")
    running.wait_log(rf"{OWN}t1 after the thread$")
    running.wait_log(rf"{STAMP}\[Information\] t1 from a naked thread$")


def test_records_belong_to_their_function_under_concurrency(host: HostFactory) -> None:
    rules = {"Function.quiet.User": "None", "Function.quiet_sync.User": "None"}
    running = host("logs", files=host_json(rules))
    routes = ["quiet", "loud", "quiet_sync", "loud_sync"] * 10
    at_once(
        [
            lambda route=route, tag=tag: running.get(f"/api/{route}?tag=r{tag}")
            for tag, route in enumerate(routes)
        ]
    )
    loud = [tag for tag, route in enumerate(routes) if route == "loud"]
    loud_sync = [tag for tag, route in enumerate(routes) if route == "loud_sync"]
    for tag in loud:
        running.wait_log(rf"\] r{tag} loud, first step$")
        running.wait_log(rf"\] r{tag} loud, second step$")
    for tag in loud_sync:
        running.wait_log(rf"\] r{tag} loud in a thread$")
    # A call answered after all of these pushes out whatever a quiet one might have written.
    running.get("/api/loud?tag=last")
    running.wait_log(r"\] last loud, second step$")
    assert " quiet" not in running.log()
