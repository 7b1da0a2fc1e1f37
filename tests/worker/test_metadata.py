"""The host's own rules for a definition: spec configuration 10.1 and 10.2."""

from __future__ import annotations

import pytest

HELLO = "def main(req): return ''\n"
TRIGGER = {"type": "httpTrigger", "name": "req"}
RETURN = {"type": "http", "direction": "out", "name": "$return"}


def refused(report, text):
    error = report.only["error"]
    assert (error["kind"], error["text"]) == ("metadata", text)


@pytest.mark.parametrize("name", ["1st", "_x", "a b", "a.b", "ä", "a" * 129, "host", "HOST"])
def test_function_names_that_are_refused(index_app, v1_app, name):
    report = index_app(v1_app(HELLO, name=name))
    refused(report, f"'{name}' is not a valid function name.")


@pytest.mark.parametrize("name", ["a", "A-1_b", "a" * 128, "hosts"])
def test_function_names_that_pass(index_app, v1_app, name):
    assert index_app(v1_app(HELLO, name=name)).only["error"] is None


@pytest.mark.parametrize("bindings", [[], None])
def test_no_bindings(index_app, v1_app, bindings):
    refused(index_app(v1_app(HELLO, bindings)), "At least one binding must be declared.")


@pytest.mark.parametrize(
    ("bindings", "text"),
    [
        (
            [{"name": "req"}],
            "Binding 'req' is invalid. Bindings must specify a Type.",
        ),
        (
            [{"type": "", "name": "req"}],
            "Binding 'req' is invalid. Bindings must specify a Type.",
        ),
        (
            [{"type": "httpTrigger", "name": "my_req"}],
            "The binding name my_req is invalid. Please assign a valid name to the binding.",
        ),
        (
            [{"type": "httpTrigger"}],
            "The binding name  is invalid. Please assign a valid name to the binding.",
        ),
        (
            [{"type": "httpTrigger", "name": "1req"}],
            "The binding name 1req is invalid. Please assign a valid name to the binding.",
        ),
        (
            [TRIGGER, {"type": "blob", "name": "REQ"}],
            "Multiple bindings with name 'REQ' discovered. Binding names must be unique.",
        ),
        (
            [TRIGGER, {"type": "http", "name": "$return"}],
            "$return bindings must specify a direction of 'out'.",
        ),
        (
            [TRIGGER, {"type": "http", "direction": "in", "name": "out"}],
            "Http binding can only be used for output.",
        ),
        (
            [RETURN],
            "No trigger binding specified. A function must have a trigger input binding.",
        ),
        (
            [TRIGGER, {"type": "TimerTRIGGER", "name": "t"}],
            "Multiple trigger bindings defined. A function can only have a single trigger binding.",
        ),
        (
            [{**TRIGGER, "direction": "sideways"}],
            "The direction of binding 'req' is 'sideways'; expected 'in' or 'out'.",
        ),
        (
            [{**TRIGGER, "direction": 3}],
            "The direction of binding 'req' is 3; expected 'in' or 'out'.",
        ),
    ],
)
def test_bindings_that_are_refused(index_app, v1_app, bindings, text):
    refused(index_app(v1_app(HELLO, bindings)), text)


@pytest.mark.parametrize("bindings", ["none", [3], {"type": "x"}])
def test_bindings_must_be_a_list_of_objects(index_app, v1_app, bindings):
    report = index_app(v1_app(HELLO, bindings))
    file = report.root / "Fn/function.json"
    refused(report, f"'bindings' in '{file}' must be a list of objects.")


def test_a_refused_definition_is_not_imported(index_app, v1_app):
    report = index_app(v1_app("print('imported')\n" + HELLO, []))
    assert "imported" not in report.output
    assert report.table[0]["errorKind"] == "metadata"


def test_decorators_obey_the_same_rules(index_app):
    code = (
        "import azure.functions as func\napp = func.FunctionApp()\n"
        "@app.route(route='a')\n@app.blob_input('my_blob', 'c/b', 'C')\n"
        "def f(req, my_blob): ...\n"
        "@app.function_name('not one')\n@app.route(route='b')\ndef g(req): ...\n"
        "@app.route(route='c')\ndef h(req): ...\n"
    )
    functions = index_app({"function_app.py": code}).functions
    assert functions["f"]["error"]["text"] == (
        "The binding name my_blob is invalid. Please assign a valid name to the binding."
    )
    assert functions["not one"]["error"]["text"] == "'not one' is not a valid function name."
    assert functions["h"]["error"] is None


@pytest.mark.parametrize("text", ["{", "", "[]", "nonsense", "\x00"])
def test_function_json_that_is_no_object(index_app, text):
    report = index_app({"Fn/function.json": text, "Fn/__init__.py": HELLO})
    error = report.only["error"]
    file = report.root / "Fn/function.json"
    assert error["kind"] == "metadata"
    assert error["message"].startswith(f"Unable to parse function.json '{file}': ")


@pytest.mark.parametrize("key", ["scriptFile", "entryPoint"])
def test_texts_must_be_texts(index_app, v1_app, key):
    report = index_app(v1_app(HELLO, **{key: 3}))
    file = report.root / "Fn/function.json"
    refused(report, f"'{key}' in '{file}' must be a string, found 3.")


def test_named_script_that_does_not_exist(index_app, v1_app):
    refused(
        index_app(v1_app(HELLO, scriptFile="absent.py")),
        "Invalid script file name configuration. The 'scriptFile' property is set to a file that "
        "does not exist.",
    )


@pytest.mark.parametrize(
    ("files", "script"),
    [
        (["only.py"], "only.py"),
        (["__init__.py", "other.py"], "__init__.py"),
        (["other.py", "run.py"], "run.py"),
        (["__init__.py", "data.json", "sub/deeper.py"], "__init__.py"),
    ],
)
def test_script_that_is_not_named(index_app, v1_app, files, script):
    app = {f"Fn/{file}": HELLO for file in files}
    app["Fn/function.json"] = v1_app(HELLO)["Fn/function.json"].replace('"scriptFile"', '"x"')
    report = index_app(app)
    assert report.only["error"] is None
    assert report.only["script_file"] == str(report.root / "Fn" / script)


@pytest.mark.parametrize("files", [[], ["a.py", "b.py"]])
def test_no_script_to_be_found(index_app, v1_app, files):
    app = {f"Fn/{file}": HELLO for file in files}
    app["Fn/function.json"] = v1_app(HELLO)["Fn/function.json"].replace('"scriptFile"', '"x"')
    error = index_app(app).only["error"]
    assert error["kind"] == "metadata"
    assert error["message"].startswith("Unable to determine the primary function script.")
