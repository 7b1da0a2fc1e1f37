"""A browser against a running host: from its own origin, and by CORS from another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .visiting import PAGES, another_origin, visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import HostFactory


@pytest.fixture(scope="module")
def open_page(program: Callable[[str], str], node: str) -> Callable[[str], dict[str, Any]]:
    """Open a URL; the page must get done."""
    chromium = program("chromium")

    def open_page(url: str) -> dict[str, Any]:
        told = visit(node, chromium, url)
        assert told["outcome"] is not None, told
        return told

    return open_page


@pytest.fixture
def origin() -> Iterator[str]:
    with another_origin() as origin:
        yield origin


def assert_quiet(told: dict[str, Any]) -> None:
    """Nothing on the console, nothing thrown, no request failed."""
    assert (told["console"], told["thrown"], told["failed"]) == ([], [], [])


def test_same_origin(host: HostFactory, open_page: Callable[[str], dict[str, Any]]) -> None:
    page = (PAGES / "same_origin.html").read_text()
    running = host("browser", files={"page.html": page})
    told = open_page(f"{running.url}/api/page")
    outcome = told["outcome"]
    assert outcome["echoed"] == {"text": "é€😀", "list": [1, 2.5, None]}
    assert outcome["form"] == {"field": "välue", "name": "a b.bin", "size": 256}
    assert outcome["size"] == 3_000_000
    assert outcome["order"] == [str(number) for number in range(40)]
    assert outcome["left"] == "AbortError"
    assert outcome["home"] == "Your function app is running"
    assert_quiet(told)


def test_cross_origin_with_credentials(
    host: HostFactory, origin: str, open_page: Callable[[str], dict[str, Any]]
) -> None:
    running = host(
        "browser", files={"page.html": ""}, args=["--cors", origin, "--cors-credentials"]
    )
    told = open_page(f"{origin}/cross_origin.html?host={running.url}")
    outcome = told["outcome"]
    seen = {"own": "yes", "origin": origin}
    assert outcome["first"] == {"sent": {"visit": 1}, "cookie": "", **seen}
    assert outcome["second"] == {"sent": {"visit": 2}, "cookie": "visited=yes", **seen}
    assert outcome["events"] == [[str(number), f"event {number}"] for number in range(3)]
    assert_quiet(told)


def test_another_origin_may_not_read(
    host: HostFactory, origin: str, open_page: Callable[[str], dict[str, Any]]
) -> None:
    running = host("browser", files={"page.html": ""}, args=["--cors", "https://other.example"])
    told = open_page(f"{origin}/refused_origin.html?host={running.url}")
    assert told["outcome"] == {"simple": "TypeError", "preflighted": "TypeError"}
