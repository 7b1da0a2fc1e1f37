"""The host's Function table and what is said about it (http.md 2 and 2.1, configuration.md 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ferrofunc.host import notices

from .making import App, build, http, row, trigger

if TYPE_CHECKING:
    from pathlib import Path

RESERVED = "The specified route conflicts with one or more built in routes."


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


def errors_of(app: App, *rows: dict[str, object]) -> list[str | None]:
    return [function.error for function in build(app, *rows)]


class TestRow:
    def test_fields(self, app: App) -> None:
        (function,) = build(app, row("hello", http("greet", ["GET"]), isAsync=True))
        assert function.name == "hello"
        assert function.function_id == "id-of-hello"
        assert function.trigger_type == "httpTrigger"
        assert (function.template, function.methods) == ("api/greet", ("GET",))
        assert function.auth_level == "function"
        assert function.is_async
        assert function.is_http
        assert function.is_routed
        assert (function.error, function.failure) == (None, None)

    def test_no_http_trigger(self, app: App) -> None:
        (function,) = build(app, row("tick", trigger("timerTrigger")))
        assert function.trigger_type == "timerTrigger"
        assert not function.is_http
        assert not function.is_routed
        assert (function.template, function.methods, function.auth_level) == (None, None, None)
        assert function.invoke_url("http://localhost:7071") is None

    def test_index_is_the_workers_row(self, app: App) -> None:
        found = build(app.host_json(functions=["c", "a"]), row("c"), row("b"), row("a"))
        assert [(function.name, function.index) for function in found] == [("a", 2), ("c", 0)]


class TestOrder:
    """http.md 2.2: by name, ordinal, ignoring case."""

    def test_case_is_ignored(self, app: App) -> None:
        found = build(app, row("b"), row("C"), row("A"))
        assert [function.name for function in found] == ["A", "b", "C"]

    def test_underscore_comes_after_letters(self, app: App) -> None:
        found = build(app, row("a_b"), row("aZb"))
        assert [function.name for function in found] == ["aZb", "a_b"]


class TestTemplate:
    """http.md 2."""

    @pytest.mark.parametrize(
        ("prefix", "route", "template"),
        [
            ("api", "items/{id:int?}", "api/items/{id:int?}"),
            ("api", None, "api/f"),
            ("api", "", "api/f"),
            ("", "items", "items"),
            ("", "/{*route}", "/{*route}"),
            ("{tenant}/v1", "x", "{tenant}/v1/x"),
            ("api", "%Setting%", "api/%Setting%"),
            ("api", "/x", "api//x"),
        ],
    )
    def test_prefix_and_raw_route(
        self, app: App, prefix: str, route: str | None, template: str
    ) -> None:
        app.host_json(extensions={"http": {"routePrefix": prefix}})
        (function,) = build(app, row("f", http(route)))
        assert function.template == template

    @pytest.mark.parametrize(
        ("methods", "expected"), [(None, None), (["get", "POST"], ("GET", "POST")), ([], ())]
    )
    def test_methods(
        self, app: App, methods: list[str] | None, expected: tuple[str, ...] | None
    ) -> None:
        (function,) = build(app, row("f", http("x", methods)))
        assert function.methods == expected

    def test_invoke_url(self, app: App) -> None:
        app.host_json(extensions={"http": {"routePrefix": ""}})
        (function,) = build(app, row("f", http("/{*route}")))
        assert function.invoke_url("http://localhost:7071") == "http://localhost:7071/{*route}"


class TestReservedRoutes:
    """http.md 2.1."""

    @pytest.mark.parametrize("route", ["admin", "/Admin/x", "runtime/x", "administrators"])
    def test_refused_even_under_a_prefix(self, app: App, route: str) -> None:
        assert errors_of(app, row("f", http(route))) == [RESERVED]

    def test_refused_when_the_name_is_the_route(self, app: App) -> None:
        assert errors_of(app, row("adminReport", http())) == [RESERVED]

    def test_prefix_itself_is_not_asked(self, app: App) -> None:
        app.host_json(extensions={"http": {"routePrefix": "administration"}})
        assert errors_of(app, row("f", http("x"))) == [None]

    def test_is_not_routed(self, app: App) -> None:
        (function,) = build(app, row("f", http("admin")))
        assert not function.is_routed


class TestRouteConflict:
    """http.md 2.1."""

    CONFLICT = "The route specified conflicts with the route defined by function 'a'."

    @pytest.mark.parametrize(("one", "other"), [("x", "x"), ("x/", "/X"), ("{id}", "{ID}")])
    def test_same_text(self, app: App, one: str, other: str) -> None:
        found = errors_of(app, row("b", http(other)), row("a", http(one)))
        assert found == [None, self.CONFLICT]

    def test_name_as_route(self, app: App) -> None:
        assert errors_of(app, row("a", http()), row("b", http("a"))) == [None, self.CONFLICT]

    @pytest.mark.parametrize(
        ("one", "other", "is_conflict"),
        [
            (["GET"], ["POST"], False),
            (["GET", "PUT"], ["PUT"], True),
            (None, ["POST"], True),
            (["GET"], None, True),
            ([], ["GET"], False),
            (["get"], ["GET"], False),
        ],
    )
    def test_methods_must_meet(
        self, app: App, one: list[str] | None, other: list[str] | None, is_conflict: bool
    ) -> None:
        found = errors_of(app, row("a", http("x", one)), row("b", http("x", other)))
        assert found == [None, self.CONFLICT if is_conflict else None]

    @pytest.mark.parametrize(("one", "other"), [("{a}", "{b}"), ("x/{id}", "x/list")])
    def test_overlap_is_none(self, app: App, one: str, other: str) -> None:
        assert errors_of(app, row("a", http(one)), row("b", http(other))) == [None, None]

    def test_function_in_error_holds_no_route(self, app: App) -> None:
        broken = row("a", http("x"), error="refused", errorKind="metadata")
        assert errors_of(app, broken, row("b", http("x"))) == ["refused", None]

    def test_others_go_on(self, app: App) -> None:
        found = build(app, row("a", http("x")), row("b", http("x")), row("c", http("y")))
        assert [function.is_routed for function in found] == [True, False, True]


def test_duplicate_name_2_1(app: App) -> None:
    found = errors_of(app, row("same", http("x")), row("SAME", http("y")))
    assert found == [
        None,
        "The function or proxy name 'SAME' must be unique within the function app.",
    ]


class TestAuthLevel:
    """http.md 8.2."""

    @pytest.mark.parametrize("level", ["anonymous", "user", "function", "system", "admin", "ADMIN"])
    def test_known(self, app: App, level: str) -> None:
        (function,) = build(app, row("f", http(authLevel=level)))
        assert function.auth_level == level.lower()
        assert function.error is None

    def test_default(self, app: App) -> None:
        (function,) = build(app, row("f", http(authLevel=None)))
        assert function.auth_level == "function"

    def test_unknown(self, app: App) -> None:
        assert errors_of(app, row("f", http(authLevel="root"))) == [
            "Error parsing function.json: Invalid value specified for binding property 'authLevel' "
            "of enum type AuthorizationLevel."
        ]


class TestWorkerErrors:
    """configuration.md 10.2 and 10.3."""

    def test_refused_definition_is_in_error(self, app: App) -> None:
        (function,) = build(app, row("f", error="At least one…", errorKind="metadata"))
        assert (function.error, function.failure) == ("At least one…", None)
        assert not function.is_routed

    def test_failed_load_is_routed_and_fails(self, app: App) -> None:
        (function,) = build(
            app, row("f", error="ValueError: x", errorKind="load", errorStack="  File …")
        )
        assert (function.error, function.failure) == (None, "ValueError: x")
        assert function.failure_stack == "  File …"
        assert function.is_routed


class TestBindingTypes:
    """configuration.md 10.2, and what this version does not carry out."""

    @pytest.mark.parametrize("kind", ["HTTPTRIGGER", "TimerTrigger", "blobTrigger"])
    def test_case_is_ignored(self, app: App, kind: str) -> None:
        assert errors_of(app, row("f", trigger(kind))) == [None]

    def test_unknown(self, app: App) -> None:
        assert errors_of(app, row("f", trigger("fooTrigger", "bar", "http", "bar"))) == [
            "The binding type(s) 'fooTrigger, bar' are not registered. Please ensure the type is "
            "correct and the binding extension is installed."
        ]

    def test_output_that_would_be_lost_fails_each_call(self, app: App) -> None:
        bindings = [*http("x"), {"type": "queue", "direction": "out", "name": "msg"}]
        (function,) = build(app, row("f", bindings))
        assert function.is_routed
        assert function.failure is not None
        assert "'queue' are not supported" in function.failure

    def test_trigger_alone_is_no_failure(self, app: App) -> None:
        (function,) = build(app, row("f", trigger("timerTrigger")))
        assert (function.error, function.failure) == (None, None)


class TestSettings:
    def test_allow_list_ignores_case(self, app: App) -> None:
        app.host_json(functions=["HELLO", "unknown"])
        assert [f.name for f in build(app, row("hello"), row("other"))] == ["hello"]

    def test_function_outside_the_allow_list_holds_no_route(self, app: App) -> None:
        found = build(app, row("a", http("x")), row("b", http("x")), functions=("b",))
        assert [(f.name, f.error) for f in found] == [("b", None)]

    def test_disabled(self, app: App) -> None:
        app.local({"AzureWebJobs.hello.Disabled": "true"})
        (function,) = build(app, row("hello"))
        assert function.is_disabled
        # The gateway keeps its route: it runs for Admin (http.md 8.3).
        assert function.is_routed


class TestNotices:
    def test_mapping(self, app: App) -> None:
        app.host_json(functions=["a", "b", "c"])
        found = build(
            app, row("b", http("x/{id}", ["GET", "PUT"])), row("a", http("admin")), row("c")
        )
        assert notices.mapping(found, app.load()) == [
            "A function allow list has been specified, excluding all but the following functions: "
            "[a, b, c]",
            "Initializing function HTTP routes",
            "Mapped function route 'api/x/{id}' [GET,PUT] to 'b'",
            "Mapped function route 'api/c' [all] to 'c'",
        ]

    def test_no_routes(self, app: App) -> None:
        found = build(app, row("tick", trigger("timerTrigger")))
        assert notices.mapping(found, app.load()) == ["No HTTP routes mapped"]

    def test_errors(self, app: App) -> None:
        found = build(
            app,
            row("a", http("admin")),
            row("b", error="ValueError: x", errorKind="load", errorStack="  File …"),
            row("c", [*http("c"), {"type": "queue", "direction": "out", "name": "msg"}]),
            row("d"),
        )
        lines = notices.errors(found)
        assert lines[:3] == [
            f"The 'a' function is in error: {RESERVED}",
            "Worker failed to load function: 'b' with functionId: 'id-of-b'.",
            "Result: Failure\nException: ValueError: x\nStack:   File …",
        ]
        assert lines[3].startswith("The 'c' function answers no call: The binding type(s) 'queue'")
        assert len(lines) == 4

    def test_one_line_for_each_trigger_without_listener(self, app: App) -> None:
        found = build(
            app, row("a"), row("t", trigger("timerTrigger")), row("q", trigger("queueTrigger"))
        )
        lines = notices.warnings(found)
        assert [line.partition(",")[0] for line in lines] == [
            "Function 'q' has a queueTrigger",
            "Function 't' has a timerTrigger",
        ]

    def test_disabled_and_broken_functions_are_passed_over(self, app: App) -> None:
        app.local({"AzureWebJobs.t.Disabled": "true"})
        broken = row("q", trigger("queueTrigger"), error="refused", errorKind="metadata")
        assert notices.warnings(build(app, row("t", trigger("timerTrigger")), broken)) == []

    def test_retry(self, app: App) -> None:
        policy = {"strategy": "fixedDelay", "maxRetryCount": 1, "delayInterval": "00:00:01"}
        (line,) = notices.warnings(build(app, row("a", retry=policy)))
        assert line.startswith("Soon retries will not be supported for function 'a'.")

    def test_the_apps_policy_is_for_those_without_their_own(self, app: App) -> None:
        policy = {"strategy": "fixedDelay", "maxRetryCount": 1, "delayInterval": "00:00:01"}
        app.host_json(retry=policy)
        own = {**policy, "maxRetryCount": 7}
        first, second = build(app, row("a"), row("b", retry=own))
        assert first.retry == policy
        assert second.retry == own

    def test_no_functions_10_1(self, app: App) -> None:
        (line,) = notices.warnings(build(app))
        assert line.startswith(
            "No job functions found. Try making your job classes and methods public. "
        )
