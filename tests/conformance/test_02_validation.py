"""http.md 2.1 and 2.2: functions that may not be routed, and which of several answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .case import LOG_PATIENCE, Case, each
from .functions import function

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

BUILT_IN = "The specified route conflicts with one or more built in routes."
CONFLICT = "The route specified conflicts with the route defined by function '{}'."
NOT_UNIQUE = "The function or proxy name '{}' must be unique within the function app."
BAD_LEVEL = (
    "Error parsing function.json: Invalid value specified for binding property 'authLevel' of enum "
    "type AuthorizationLevel."
)

FUNCTIONS = {
    **function("ReservedAdmin", route="admin/x"),
    **function("ReservedCase", route="/Admin"),
    **function("ReservedRuntime", route="runtime/webhooks/mine"),
    **function("ReservedPrefix", route="administrators"),
    **function("Same1", route="same", methods=["get"]),
    **function("Same2", route="SAME/", methods=["get", "post"]),
    **function("Same3", route="same", methods=["put"]),
    **function("SameAll1", route="same-all"),
    **function("SameAll2", route="same-all", methods=["get"]),
    **function("Case1", route="case", methods=["get"]),
    **function("Case2", route="case", methods=["GET", "POST"]),
    **function("Apart1", route="apart/{a}"),
    **function("Apart2", route="apart/{b}"),
    **function("Twice", route="twice1"),
    **function("TWICE", route="twice2"),
    **function("BadLevel", route="bad-level", authLevel="everybody"),
    **function("LevelCase", route="level-case", authLevel="AnonyMous"),
    # The first template that matches wins, however general it is.
    **function("OrderA", route="order/{id}", methods=["get", "post"]),
    **function("OrderB", route="order/list"),
    **function("ConstraintA", route="constraint/{id:int}"),
    **function("ConstraintB", route="constraint/{name:alpha}"),
    **function("ConstraintC", route="constraint/{*rest}"),
    **function("catchA", route="catch/{*rest}", methods=["get"]),
    **function("CatchB", route="catch/more/{id}"),
    **function("Sorted_", route="sorted/{a}"),
    **function("SortedZ", route="sorted/{z}", methods=["get"]),
    **function("sortedB", route="sorted/{b}", methods=["post"]),
}


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("seen", files=FUNCTIONS)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("ReservedAdmin", BUILT_IN, id="http-2.1-admin"),
        pytest.param("ReservedCase", BUILT_IN, id="http-2.1-admin-in-any-case-with-a-slash"),
        pytest.param("ReservedRuntime", BUILT_IN, id="http-2.1-runtime"),
        pytest.param("ReservedPrefix", BUILT_IN, id="http-2.1-administrators"),
        pytest.param("Same2", CONFLICT.format("Same1"), id="http-2.1-same-route-and-method"),
        pytest.param("SameAll2", CONFLICT.format("SameAll1"), id="http-2.1-absent-methods-are-all"),
        pytest.param("Twice", NOT_UNIQUE.format("Twice"), id="http-2.1-name-in-another-case"),
        pytest.param("BadLevel", BAD_LEVEL, id="http-8.2-level-unknown"),
    ],
)
def test_in_error(running: RunningHost, name: str, message: str) -> None:
    line = rf"^\[[^\]]+\] The '{name}' function is in error: {re.escape(message)}$"
    running.wait_log(line, LOG_PATIENCE)
    # It is not run either.
    assert name not in running.get(f"/api/{name}").text


def reached(name: str, request: str, function_name: str) -> Case:
    return Case(f"http-{name}", request, seen={"function": function_name})


def missed(name: str, request: str) -> Case:
    return Case(f"http-{name}", request, 404, b"")


@each(
    [
        missed("2.1-admin-is-not-routed", "GET /api/admin/x"),
        missed("2.1-administrators-is-not-routed", "GET /api/administrators"),
        missed("2.1-runtime-is-not-routed", "GET /api/runtime/webhooks/mine"),
        reached("2.1-the-first-of-a-conflict-answers", "GET /api/same", "Same1"),
        missed("2.1-the-second-of-a-conflict-does-not", "POST /api/same"),
        reached("2.1-same-route-other-method", "PUT /api/same", "Same3"),
        reached("2.1-absent-methods-first", "GET /api/same-all", "SameAll1"),
        reached("2.1-methods-in-another-case-do-not-clash-1", "GET /api/case", "Case1"),
        reached("2.1-methods-in-another-case-do-not-clash-2", "POST /api/case", "Case2"),
        reached("2.1-other-parameter-name-is-no-conflict", "GET /api/apart/1", "Apart1"),
        reached("2.1-the-rest-of-the-app-runs", "GET /api/twice2", "TWICE"),
        missed("2.1-the-second-of-a-name-is-not-routed", "GET /api/twice1"),
        missed("8.2-level-unknown-is-not-routed", "GET /api/bad-level"),
        reached("8.2-level-in-any-case", "GET /api/level-case", "LevelCase"),
        reached("2.2-general-before-literal", "GET /api/order/list", "OrderA"),
        reached("2.2-literal-for-another-method", "PUT /api/order/list", "OrderB"),
        reached("2.2-constraint-first", "GET /api/constraint/7", "ConstraintA"),
        reached("2.2-constraint-second", "GET /api/constraint/x", "ConstraintB"),
        reached("2.2-constraint-third", "GET /api/constraint/x7", "ConstraintC"),
        reached("2.2-catch-all-hides-later-ones", "GET /api/catch/more/1", "catchA"),
        reached("2.2-catch-all-of-another-method", "POST /api/catch/more/1", "CatchB"),
        reached("2.2-underscore-after-letters", "GET /api/sorted/1", "SortedZ"),
        reached("2.2-names-in-any-case", "POST /api/sorted/1", "sortedB"),
        reached("2.2-the-last-one", "PUT /api/sorted/1", "Sorted_"),
    ]
)
def test_which_answers(running: RunningHost, case: Case) -> None:
    case.check(running)
