"""`ferrofunc.record`: what the host's data classes hold."""

from __future__ import annotations

import pytest
from ferrofunc.record import Record


class Point(Record):
    """Two numbers, one with a default."""

    x: int
    y: int = 2


def test_fields_and_defaults() -> None:
    assert vars(Point(x=1)) == {"x": 1, "y": 2}
    assert vars(Point(y=3, x=1)) == {"x": 1, "y": 3}


def test_missing_and_unknown_fields_are_named() -> None:
    with pytest.raises(TypeError, match="not as expected: x, z"):
        Point(z=1)  # type: ignore[call-arg]


def test_frozen() -> None:
    point = Point(x=1)
    with pytest.raises(AttributeError, match="cannot set 'x' to 5"):
        point.x = 5  # type: ignore[misc]
    with pytest.raises(AttributeError, match="cannot delete 'x'"):
        del point.x
    assert point.x == 1


def test_repr_names_every_field() -> None:
    assert repr(Point(x=1)) == "Point(x=1, y=2)"
