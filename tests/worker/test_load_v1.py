"""function.json folders: spec worker 3, and the import behaviour of the developer guide."""

from __future__ import annotations

import json

import pytest

HELLO = "def main(req):\n    return 'hello'\n"
# A function whose `tell` answers for the module it came from.
TELLING = "def main(req):\n    return ''\nmain.tell = lambda: {}\n"


def test_a_folder_is_a_function(index_app, v1_app):
    report = index_app(v1_app(HELLO, name="HttpExample"))
    function = report.only
    assert report.model == "v1"
    assert report.script_file == ""
    assert function["name"] == "HttpExample"
    assert function["model"] == "v1"
    assert function["directory"] == str(report.root / "HttpExample")
    assert function["script_file"] == str(report.root / "HttpExample/__init__.py")
    assert function["entry_point"] == "main"
    assert function["error"] is None


def test_functions_are_sorted_ignoring_case(index_app, v1_app):
    names = ["b", "A", "C", "a2"]
    files = {}
    for name in names:
        files |= v1_app(HELLO, name=name)
    assert list(index_app(files).functions) == ["A", "a2", "b", "C"]


def test_folders_without_function_json_are_skipped(index_app, v1_app):
    files = {
        **v1_app(HELLO),
        "shared/__init__.py": "raise RuntimeError",
        "deep/er/function.json": "",
    }
    assert list(index_app(files).functions) == ["Fn"]


def test_an_app_without_functions_is_no_error(index_app):
    report = index_app({"host.json": "{}"})
    assert report.functions == {}
    assert report.error is None
    assert report.model == "v1"


@pytest.mark.parametrize(
    ("script", "module"),
    [
        ("__init__.py", "__app__.HttpExample"),
        ("__INIT__.py", "__app__.HttpExample"),
        ("main.py", "__app__.HttpExample.main"),
        ("two-words.py", "__app__.HttpExample.two-words"),
    ],
)
def test_module_name_seen_by_the_user(index_app, v1_app, script, module):
    files = v1_app(HELLO, name="HttpExample", script=script)
    if script == "__INIT__.py":
        files["HttpExample/__init__.py"] = HELLO
    assert index_app(files).only["module"] == module


def test_a_package_is_executed_once(index_app, v1_app):
    report = index_app(v1_app("print('executed')\n" + HELLO))
    assert report.only["error"] is None
    assert report.output.count("executed") == 1


def test_both_names_of_one_file_have_separate_state(index_app, v1_app):
    files = v1_app(
        TELLING.format("(outer.seen, inner.seen)") + "import shared as outer\n"
        "from .. import shared as inner\nouter.seen.append(1)\n"
    )
    files["shared/__init__.py"] = "seen = []\n"
    assert index_app(files).only["told"] == [[1], []]


def test_entry_point_and_script_file(index_app, v1_app):
    code = "def customentry(req): return ''\n"
    function = index_app(v1_app(code, script="main.py", entryPoint="customentry")).only
    assert function["entry_point"] == "customentry"
    assert function["error"] is None


def test_entry_point_may_be_any_callable(index_app, v1_app):
    code = "main = lambda req: ''\n"
    function = index_app(v1_app(code)).only
    assert function["error"] is None
    assert function["parameter_order"] == ["req"]


def test_async_entry_point(index_app, v1_app):
    assert index_app(v1_app("async def main(req): return ''\n")).only["is_async"] is True


def test_async_generator_counts_as_sync(index_app, v1_app):
    assert index_app(v1_app("async def main(req):\n    yield ''\n")).only["is_async"] is False


@pytest.mark.parametrize(
    "statement",
    [
        "from . import example as found",
        "from .example import __name__ as _; from . import example as found",
        "from shared_code import helper as found",
        "import shared_code.helper as found",
        "from __app__.shared_code import helper as found",
        "from ..shared_code import helper as found",
        "from .. import shared_code; from ..shared_code import helper as found",
    ],
)
def test_imports(index_app, v1_app, statement):
    files = v1_app(f"{statement}\n" + TELLING.format("found.VALUE"))
    files["Fn/example.py"] = "VALUE = 42\n"
    files["shared_code/__init__.py"] = ""
    files["shared_code/helper.py"] = "VALUE = 42\n"
    function = index_app(files).only
    assert function["error"] is None
    assert function["told"] == 42


def test_app_namespace_reaches_a_folder_without_init(index_app, v1_app):
    files = v1_app("from __app__.plain.helper import VALUE\n" + TELLING.format("VALUE"))
    files["plain/helper.py"] = "VALUE = 1\n"
    assert index_app(files).only["told"] == 1


def test_app_namespace_wins_where_the_plain_name_does_not(index_app, v1_app):
    files = v1_app(
        "import json, __app__.json as own\n" + TELLING.format("(own.VALUE, json.dumps(1))")
    )
    files["json.py"] = "VALUE = 1\n"
    assert index_app(files).only["told"] == [1, "1"]


def test_script_outside_the_function_folder(index_app, v1_app):
    files = v1_app("", scriptFile="../shared/main.py")
    del files["Fn/__init__.py"]
    files["shared/main.py"] = HELLO
    function = index_app(files).only
    assert function["error"] is None
    assert function["module"] == "__app__.shared.main"


def test_script_outside_the_app(index_app, v1_app, tmp_path):
    (tmp_path / "elsewhere.py").write_text(HELLO)
    files = v1_app(HELLO, scriptFile="../../elsewhere.py")
    report = index_app(files)
    assert report.only["error"]["text"] == (
        f"RuntimeError: script path {tmp_path / 'elsewhere.py'} is not relative to the specified "
        f"directory {report.root / 'Fn'}"
    )


def test_script_that_is_not_python(index_app, v1_app):
    report = index_app(v1_app("", script="run.sh"))
    assert report.only["error"]["text"] == (
        "RuntimeError: cannot load function Fn: invalid Python filename "
        f"{report.root / 'Fn/run.sh'}"
    )


@pytest.mark.parametrize("code", ["", "main = 3\n", "main = None\n"])
def test_missing_or_non_callable_entry_point(index_app, v1_app, code):
    report = index_app(v1_app(code))
    assert report.only["error"]["text"] == (
        "RuntimeError: cannot load function Fn: function main() is not present in Fn/__init__.py"
    )


@pytest.mark.parametrize(
    ("statement", "type_name", "original"),
    [
        ("import nowhere.at_all", "ModuleNotFoundError", "No module named 'nowhere'"),
        ("from json import nothing", "ImportError", "cannot import name 'nothing' from 'json'"),
    ],
)
def test_import_error_says_what_to_do(index_app, v1_app, statement, type_name, original):
    report = index_app(v1_app(f"import os\n\n{statement}\n" + HELLO))
    error = report.only["error"]
    assert error["type"] == type_name
    assert error["message"].startswith(original)
    assert (
        ". Cannot find module. Please check the requirements.txt file for the missing module. For "
        "more info, please refer the troubleshooting guide: "
        "https://aka.ms/functions-modulenotfound. Current sys.path: ["
    ) in error["message"]
    assert repr(str(report.root)) in error["message"]
    assert error["file"] == str(report.root / "Fn/__init__.py")
    assert error["line"] == 3


def test_import_error_in_a_module_of_the_app(index_app, v1_app):
    files = v1_app("from shared import helper\n" + HELLO)
    files["shared/helper.py"] = "\n\nimport nowhere\n"
    error = (report := index_app(files)).only["error"]
    assert (error["file"], error["line"]) == (str(report.root / "shared/helper.py"), 3)
    assert error["stack"].index("Fn/__init__.py") < error["stack"].index("shared/helper.py")


def test_stack_holds_user_frames_only(index_app, v1_app):
    error = index_app(v1_app("raise KeyError('gone')\n")).only["error"]
    assert error["text"] == "KeyError: 'gone'"
    assert error["stack"].splitlines()[0] == "Traceback (most recent call last):"
    assert "Fn/__init__.py" in error["stack"].splitlines()[1]
    for machinery in ("importlib", "ferrofunc"):
        assert machinery not in error["stack"]


def test_stack_keeps_the_cause(index_app, v1_app):
    code = "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('x') from e\n"
    stack = index_app(v1_app(code)).only["error"]["stack"]
    assert "ZeroDivisionError: division by zero" in stack
    assert stack.rstrip().endswith("ValueError: x")


def test_syntax_error_has_file_and_line(index_app, v1_app):
    report = index_app(v1_app("import os\ndef main(req)\n    return 1\n"))
    error = report.only["error"]
    assert error["type"] == "SyntaxError"
    assert error["file"] == str(report.root / "Fn/__init__.py")
    assert error["line"] == 2


@pytest.mark.parametrize(
    ("code", "type_name"),
    [
        ("raise SystemExit(3)\n", "SystemExit"),
        ("import sys\nsys.exit('no')\n", "SystemExit"),
        ("raise BaseException('odd')\n", "BaseException"),
        ("import asyncio\nraise asyncio.CancelledError\n", "CancelledError"),
        ("raise RecursionError\n", "RecursionError"),
        ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E\n", "E"),
    ],
)
def test_one_failing_function_never_stops_the_others(index_app, v1_app, code, type_name):
    files = {**v1_app(code, name="Bad"), **v1_app(HELLO, name="Good"), **v1_app("(", name="A")}
    report = index_app(files)
    assert report.error is None
    assert list(report.functions) == ["A", "Bad", "Good"]
    assert report.functions["Good"]["error"] is None
    assert report.functions["Bad"]["error"]["type"] == type_name
    assert report.functions["Bad"]["error"]["kind"] == "load"
    assert report.functions["A"]["error"]["type"] == "SyntaxError"


def test_exit_says_what_was_called(index_app, v1_app):
    error = index_app(v1_app("import sys\nsys.exit(3)\n")).only["error"]
    assert error["text"].startswith("SystemExit: the app called sys.exit(3) while it was being")
    assert error["line"] == 2


def test_unprintable_exception(index_app, v1_app):
    code = "class E(Exception):\n    def __str__(self): raise ValueError\nraise E\n"
    assert index_app(v1_app(code)).only["error"]["text"] == (
        "E: Unhandled exception in function. Could not serialize original exception message."
    )


def test_a_failed_function_keeps_its_definition(index_app, v1_app):
    report = index_app(v1_app("raise ValueError('x')\n"))
    assert [b["name"] for b in report.only["bindings"]] == ["req", "$return"]
    assert report.only["parameters"] == {}
    (row,) = report.table
    assert row["error"] == "ValueError: x"
    assert row["errorKind"] == "load"
    assert "Fn/__init__.py" in row["errorStack"]


def test_output_of_user_imports_is_shown(index_app, v1_app):
    code = "import sys\nprint('to stdout')\nprint('to stderr', file=sys.stderr)\n" + HELLO
    output = index_app(v1_app(code)).output
    assert "to stdout" in output
    assert "to stderr" in output


@pytest.mark.parametrize("code", ["sys.stdout.close()", "sys.stdout = None"])
def test_user_code_may_take_standard_output_away(index_app, v1_app, code):
    assert index_app(v1_app(f"import sys\n{code}\n" + HELLO)).only["error"] is None


def test_quoted_annotations_are_resolved(index_app, v1_app):
    code = (
        "from __future__ import annotations\nimport azure.functions as func\n"
        "def main(req: func.HttpRequest, context: 'func.Context') -> func.HttpResponse: ...\n"
    )
    function = index_app(v1_app(code)).only
    assert function["error"] is None
    assert "azure.functions._http.HttpRequest" in function["parameters"]["req"]["annotation"]


def test_unresolvable_annotation_fails_the_load(index_app, v1_app):
    error = index_app(v1_app("def main(req: 'Nothing'): ...\n")).only["error"]
    assert error["text"] == "NameError: name 'Nothing' is not defined"


def test_bindings_have_one_shape(index_app, v1_app):
    bindings = [
        {
            "Type": "httpTrigger",
            "NAME": "req",
            "authlevel": "Anonymous",
            "methods": ["get", "Post"],
            "Route": "a/{b}",
            "custom": {"Kept": [1, None]},
        },
        {"type": "http", "direction": "OUT", "name": "$return", "dataType": "String"},
    ]
    assert index_app(v1_app(HELLO, bindings)).only["bindings"] == [
        {
            "type": "httpTrigger",
            "name": "req",
            "authLevel": "anonymous",
            "methods": ["get", "Post"],
            "route": "a/{b}",
            "custom": {"Kept": [1, None]},
            "direction": "in",
        },
        {"type": "http", "direction": "out", "name": "$return", "dataType": "string"},
    ]


def test_function_json_is_read_leniently(index_app):
    text = (
        '\ufeff{ // the function\n "Bindings": [\n'
        '{"type": "httpTrigger", "name": "req", "route": "http://x/*y*/",},/* out */\n'
        '{"type": "http", "direction": "out", "name": "$return"},],\n}'
    )
    function = index_app({"Fn/function.json": text, "Fn/__init__.py": HELLO}).only
    assert function["error"] is None
    assert function["bindings"][0]["route"] == "http://x/*y*/"


def test_current_directory_is_the_app_root(index_app, v1_app):
    files = v1_app("DATA = open('data.txt').read()\n" + TELLING.format("DATA"))
    files["data.txt"] = "read"
    report = index_app(files)
    assert report.only["told"] == "read"
    assert report.cwd == str(report.root)


def test_user_files(index_app, v1_app):
    files = v1_app("import helper, installed\n" + HELLO)
    files["helper.py"] = ""
    files[".python_packages/lib/site-packages/installed.py"] = ""
    report = index_app(files)
    assert report.only["error"] is None
    assert report.user_files == [
        str(report.root / "Fn/__init__.py"),
        str(report.root / "helper.py"),
    ]


def test_retry(index_app, v1_app):
    policy = {"strategy": "fixedDelay", "maxRetryCount": 4, "delayInterval": "00:00:10"}
    assert index_app(v1_app(HELLO, retry=policy)).only["retry"] == policy


def test_retry_ignores_case_and_takes_days(index_app, v1_app):
    policy = {
        "Strategy": "EXPONENTIALBACKOFF",
        "maxretrycount": -1,
        "minimumInterval": "00:00:10",
        "maximumInterval": "1.00:00:00",
        "delayInterval": "not read",
    }
    assert index_app(v1_app(HELLO, retry=policy)).only["retry"] == {
        "strategy": "exponentialBackoff",
        "maxRetryCount": -1,
        "minimumInterval": "00:00:10",
        "maximumInterval": "1.00:00:00",
    }


@pytest.mark.parametrize(
    ("policy", "named"),
    [
        ({"strategy": "sometimes", "maxRetryCount": 1}, "retry.strategy"),
        ({"strategy": "fixedDelay", "delayInterval": "00:00:01"}, "retry.maxRetryCount"),
        ({"strategy": "fixedDelay", "maxRetryCount": "3"}, "retry.maxRetryCount"),
        ({"strategy": "fixedDelay", "maxRetryCount": 3}, "retry.delayInterval"),
        ({"strategy": "fixedDelay", "maxRetryCount": 3, "delayInterval": "x"}, "delayInterval"),
        (
            {"strategy": "exponentialBackoff", "maxRetryCount": 3, "minimumInterval": "00:00:01"},
            "retry.maximumInterval",
        ),
        ("often", "'retry' must be an object"),
    ],
)
def test_retry_that_is_not_whole_names_the_part(index_app, v1_app, policy, named):
    error = index_app(v1_app(HELLO, retry=policy)).only["error"]
    assert error["kind"] == "metadata"
    assert named in error["message"]


def test_function_id_is_the_same_in_every_process(index_app, v1_app):
    # uuid5(NAMESPACE_OID, "Fn")
    assert index_app(v1_app(HELLO)).only["id"] == "1c7c4f42-8f4f-504f-afac-4c0caf3611b9"


def test_the_table_is_data(index_app, v1_app):
    report = index_app(v1_app(HELLO))
    assert json.loads(json.dumps(report.table)) == report.table
    (row,) = report.table
    assert set(row) == {
        "name",
        "functionId",
        "scriptFile",
        "entryPoint",
        "directory",
        "bindings",
        "isAsync",
        "retry",
        "error",
        "errorStack",
        "errorKind",
        "isStream",
    }
    assert (row["error"], row["errorStack"], row["errorKind"]) == (None, None, None)
