"""`describe`: the message and the stack that the log shows for an exception of user code."""

from __future__ import annotations

import builtins
import re
import sys
from pathlib import Path

import pytest
from ferrofunc.worker import dispatch
from ferrofunc.worker.failure import describe
from ferrofunc.worker.import_user import import_user_module

needs_groups = pytest.mark.skipif(sys.version_info < (3, 11), reason="groups and notes are 3.11's")


def fail() -> None:
    raise ValueError("x")


def described(call: object) -> tuple[str, str]:
    """What is said of the exception that `call` raises."""
    try:
        call()  # type: ignore[operator]
    except BaseException as error:
        return describe(error)
    raise AssertionError("it did not raise")


def heads(stack: str) -> list[str]:
    """The lines of `stack` that are not of frames."""
    return [line for line in stack.splitlines() if not line.startswith("  ")]


def functions(stack: str) -> list[str]:
    """The functions whose frames `stack` names, in order."""
    return re.findall(r"^  File \".*\", line \d+, in (\w+)$", stack, re.MULTILINE)


def test_message_and_frames() -> None:
    message, stack = described(fail)
    assert message == "ValueError: x"
    assert functions(stack) == ["described", "fail"]
    assert f'  File "{__file__}", line ' in stack
    assert '    raise ValueError("x")' in stack
    assert stack == stack.rstrip("\n")


def test_a_message_of_several_lines() -> None:
    def raising() -> None:
        raise RuntimeError("one\ntwo")

    assert described(raising)[0] == "RuntimeError: one\ntwo"


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration])
def test_any_exception_is_described(kind: type[BaseException]) -> None:
    def raising() -> None:
        raise kind("out")

    assert described(raising)[0] == f"{kind.__name__}: out"


def test_an_exception_that_was_never_raised() -> None:
    assert describe(ValueError("x")) == ("ValueError: x", "")


def test_own_frames_are_left_out() -> None:
    own = str(Path(dispatch.__file__).parent)
    message, stack = described(lambda: import_user_module("no_such_module_anywhere"))
    assert message.startswith("ModuleNotFoundError: No module named 'no_such_module_anywhere'.")
    assert functions(stack)[0] == "described"
    assert own not in stack


def test_causes_follow_in_order() -> None:
    def raising() -> None:
        try:
            try:
                fail()
            except ValueError as error:
                raise KeyError("y") from error
        except KeyError as error:
            raise RuntimeError("z") from error

    message, stack = described(raising)
    assert message == "RuntimeError: z"
    assert heads(stack) == ["Caused by:", "KeyError: 'y'", "Caused by:", "ValueError: x"]
    assert functions(stack) == ["described", "raising", "raising", "raising", "fail"]


def test_what_was_being_handled_is_a_cause_too() -> None:
    def raising() -> None:
        try:
            fail()
        except ValueError:
            raise KeyError("y")  # noqa: B904

    assert heads(described(raising)[1]) == ["Caused by:", "ValueError: x"]


def test_a_suppressed_cause_is_not_told() -> None:
    def raising() -> None:
        try:
            fail()
        except ValueError:
            raise KeyError("y") from None

    assert heads(described(raising)[1]) == []


def test_causes_in_a_circle() -> None:
    first, second = ValueError("1"), ValueError("2")
    first.__cause__, second.__cause__ = second, first
    assert heads(describe(first)[1]) == ["Caused by:", "ValueError: 2"]


@needs_groups
def test_members_of_groups_are_told_with_their_causes() -> None:
    def raising() -> None:
        try:
            fail()
        except ValueError as error:
            member = KeyError("member")
            member.__cause__ = error
        inner = builtins.ExceptionGroup("inner", [TypeError("deep")])
        raise builtins.ExceptionGroup("outer", [member, inner])

    message, stack = described(raising)
    assert message == "ExceptionGroup: outer (2 sub-exceptions)"
    assert heads(stack) == [
        "Including:",
        "KeyError: 'member'",
        "Caused by:",
        "ValueError: x",
        "Including:",
        "ExceptionGroup: inner (1 sub-exception)",
        "Including:",
        "TypeError: deep",
    ]


@needs_groups
def test_a_group_that_is_a_cause() -> None:
    def raising() -> None:
        raise RuntimeError("z") from builtins.ExceptionGroup("group", [ValueError("x")])

    assert heads(described(raising)[1]) == [
        "Caused by:",
        "ExceptionGroup: group (1 sub-exception)",
        "Including:",
        "ValueError: x",
    ]


@needs_groups
def test_notes_are_told() -> None:
    error = ValueError("x")
    error.add_note("look at the second row")
    cause = KeyError("y")
    cause.add_note("and the third")
    error.__cause__ = cause
    assert heads(describe(error)[1]) == [
        "look at the second row",
        "Caused by:",
        "KeyError: 'y'",
        "and the third",
    ]


def test_an_exception_that_cannot_be_printed() -> None:
    class UnprintableError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text for you")

    def raising() -> None:
        raise UnprintableError

    message, stack = described(raising)
    assert message == (
        "Unhandled exception in function. Could not serialize original exception message."
    )
    assert functions(stack) == ["described", "raising"]


def test_an_exception_whose_attributes_fail() -> None:
    class HostileError(SyntaxError):
        @property
        def filename(self) -> str:  # type: ignore[override]
            raise RuntimeError("no file for you")

    assert describe(HostileError("x")) == (
        "HostileError: x",
        "no stack: formatting it raised RuntimeError",
    )


def test_endless_recursion_stays_short() -> None:
    def endless() -> None:
        endless()

    message, stack = described(endless)
    assert message.startswith("RecursionError: maximum recursion depth exceeded")
    assert "[Previous line repeated" in stack
    assert len(stack.splitlines()) < 30
