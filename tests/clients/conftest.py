"""Fixtures of the tests of real clients: a program's path, or the reason why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import tools

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """Return the path of a program by its name; fail the test if it cannot be provided."""

    def find(name: str) -> str:
        try:
            return tools.program(name)
        except tools.ToolError as error:
            pytest.fail(str(error))

    return find


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node, with what drives a browser installed."""
    try:
        return tools.browser_driver()
    except tools.ToolError as error:
        pytest.fail(str(error))
