"""The console's banner, blank by blank (cli.md 2.2 and 17)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from ferrofunc import __version__
from ferrofunc.host import banner

from .making import App, build, http, row, trigger

if TYPE_CHECKING:
    from pathlib import Path

HINT = "For detailed output, run func with --verbose flag."


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


def lines(app: App, *rows: dict[str, object], is_coloured: bool = False, **more: Any) -> list[str]:
    table = build(app, *rows, **more)
    return banner.functions(table, app.load(**more), is_coloured=is_coloured)


def test_header() -> None:
    first, name, tools, runtime, last = banner.header()
    assert (first, last) == ("", "")
    assert name == "Azure Functions Core Tools"
    assert re.fullmatch(r"Core Tools Version:       4\.\d+\.\d+\+\S+ \((64|32)-bit\)", tools)
    assert f"+ferrofunc.{__version__} " in tools
    assert re.fullmatch(r"Function Runtime Version: 4\.\d+\.\d+\.\d+", runtime)


def test_http_first_then_others_then_disabled(app: App) -> None:
    app.local({"AzureWebJobs.gone.Disabled": "1", "AzureWebJobs.also.Disabled": "1"})
    found = lines(
        app,
        row("timer1", trigger("timerTrigger")),
        row("hello", http(None, ["GET", "POST"])),
        row("gone"),
        row("also", trigger("queueTrigger")),
        row("blob1", trigger("blobTrigger")),
    )
    assert found == [
        "",
        "Functions:",
        "",
        "\thello: [GET,POST] http://localhost:7071/api/hello",
        "",
        "\tblob1: blobTrigger",
        "",
        "\ttimer1: timerTrigger",
        "",
        "Function also is disabled.",
        "Function gone is disabled.",
        HINT,
    ]


def test_without_methods_two_blanks_remain(app: App) -> None:
    assert lines(app, row("hello"))[3] == "\thello:  http://localhost:7071/api/hello"


def test_empty_methods_leave_the_bracket(app: App) -> None:
    assert lines(app, row("hello", http(None, [])))[3].startswith("\thello: [] http://")


def test_url_has_port_prefix_and_raw_route(app: App) -> None:
    app.host_json(extensions={"http": {"routePrefix": "v2"}})
    found = lines(app, row("get", http("Items/{id:int}")), port=8000, address="0.0.0.0")
    assert found[3] == "\tget:  http://localhost:8000/v2/Items/{id:int}"


def test_no_prefix_and_leading_slash(app: App) -> None:
    app.host_json(extensions={"http": {"routePrefix": ""}})
    assert lines(app, row("all", http("/{*r}")))[3] == "\tall:  http://localhost:7071/{*r}"


def test_http_trigger_without_one_http_output_is_not_an_http_function(app: App) -> None:
    assert lines(app, row("hook", http("x")[:1]))[3] == "\thook: httpTrigger"


def test_http_trigger_with_two_http_outputs_is_not_either(app: App) -> None:
    bindings = [*http("x"), {"type": "http", "direction": "out", "name": "other"}]
    assert lines(app, row("hook", bindings))[3] == "\thook: httpTrigger"


def test_nothing_enabled_has_no_list(app: App) -> None:
    app.local({"AzureWebJobs.hello.Disabled": "true"})
    assert lines(app, row("hello")) == ["Function hello is disabled.", HINT]
    assert lines(app) == [HINT]


def test_function_in_error_is_not_listed(app: App) -> None:
    assert lines(app, row("f", http("admin"))) == [HINT]


def test_function_that_failed_to_load_is_listed(app: App) -> None:
    found = lines(app, row("f", error="ValueError: x", errorKind="load", errorStack=""))
    assert found[3] == "\tf:  http://localhost:7071/api/f"


def test_verbose_has_no_hint(app: App) -> None:
    assert lines(app, row("f"), is_verbose=True)[-1] == ""


def test_only_the_allowed_17_4(app: App) -> None:
    found = lines(app, row("A"), row("B"), functions=("A",))
    assert [line for line in found if line.startswith("\t")] == [
        "\tA:  http://localhost:7071/api/A"
    ]


def test_colours_change_nothing_but_the_colours(app: App) -> None:
    app.local({"AzureWebJobs.gone.Disabled": "1"})
    rows = (row("hello"), row("tick", trigger("timerTrigger")), row("gone"))
    coloured = lines(app, *rows, is_coloured=True)
    assert [re.sub(r"\x1b\[\d+m", "", line) for line in coloured] == lines(app, *rows)
    assert coloured[1] == "\x1b[33mFunctions:\x1b[0m"
