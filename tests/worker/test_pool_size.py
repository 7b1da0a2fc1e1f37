"""`pool_size`: how many threads PYTHON_THREADPOOL_THREAD_COUNT asks for."""

from __future__ import annotations

import os

import pytest
from ferrofunc.worker.pool_size import pool_size

NAME = "PYTHON_THREADPOOL_THREAD_COUNT"


@pytest.mark.parametrize(("processors", "expected"), [(1, 5), (2, 6), (64, 32), (None, 5)])
@pytest.mark.parametrize("environ", [{}, {NAME: ""}, {NAME: " "}])
def test_the_default_of_the_standard_library(
    monkeypatch: pytest.MonkeyPatch,
    processors: int | None,
    expected: int,
    environ: dict[str, str],
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    assert pool_size(environ) == (expected, None)


@pytest.mark.parametrize(("text", "count"), [("1", 1), ("33", 33), ("1000", 1000), (" 4 ", 4)])
def test_a_number_is_taken_as_it_is(text: str, count: int) -> None:
    assert pool_size({NAME: text}) == (count, None)


@pytest.mark.parametrize("text", ["many", "1.5", "0x10"])
def test_what_is_no_number(text: str) -> None:
    assert pool_size({NAME: text}) == (pool_size({})[0], f"{NAME} must be an integer")


@pytest.mark.parametrize("text", ["0", "-1", "99999999999999999999"])
def test_a_number_out_of_bounds(text: str) -> None:
    assert pool_size({NAME: text}) == (
        pool_size({})[0],
        f"{NAME} must be set to a value between 1 and sys.maxint. "
        "Reverting to default value for max_workers",
    )
