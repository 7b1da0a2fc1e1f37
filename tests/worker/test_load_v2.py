"""Decorators: spec worker 4, and blueprints as the developer guide has them."""

from __future__ import annotations

import uuid

import pytest
from azure.functions import HttpMethod

APP = "import azure.functions as func\napp = func.FunctionApp()\n"
HELLO = "@app.route()\ndef hello(req): return ''\n"
TIMER = "@app.timer_trigger(arg_name='t', schedule='0 * * * * *')\n"


def v2(code, app=APP):
    return {"function_app.py": app + code}


def bindings(report):
    return {b["name"]: b for b in report.only["bindings"]}


def test_a_decorated_function_is_indexed(index_app):
    report = index_app(v2(HELLO))
    function = report.only
    assert report.model == "v2"
    assert report.script_file == str(report.root / "function_app.py")
    assert function["model"] == "v2"
    assert function["name"] == function["entry_point"] == "hello"
    assert function["script_file"] == "function_app.py"
    assert function["directory"] == str(report.root)
    assert function["id"] == str(uuid.uuid5(uuid.NAMESPACE_OID, "hello"))
    assert function["module"] == "function_app"


def test_bindings_are_shaped_like_function_json(index_app):
    code = (
        "@app.queue_output(arg_name='out', queue_name='q', connection='C', data_type='binary')\n"
        "@app.event_hub_message_trigger(arg_name='ev', event_hub_name='h', connection='C',\n"
        "    cardinality=func.Cardinality.MANY, data_type=func.DataType.STRING, extra_one=[1])\n"
        "def f(ev, out): ...\n"
    )
    assert index_app(v2(code)).only["bindings"] == [
        {
            "type": "eventHubTrigger",
            "name": "ev",
            "direction": "in",
            "dataType": "string",
            "cardinality": "many",
            "eventHubName": "h",
            "connection": "C",
            "extraOne": [1],
        },
        {
            "type": "queue",
            "name": "out",
            "direction": "out",
            "dataType": "binary",
            "queueName": "q",
            "connection": "C",
        },
    ]


def test_access_rights_are_lower_case(index_app):
    code = (
        "@app.service_bus_queue_trigger(arg_name='m', queue_name='q', connection='C',\n"
        "    access_rights='manage')\ndef f(m): ...\n"
    )
    assert bindings(index_app(v2(code)))["m"]["accessRights"] == "manage"


def test_blob_source_is_the_hosts_word(index_app):
    code = (
        "@app.blob_trigger(arg_name='b', path='c/{n}', connection='C',\n"
        "    source=func.BlobSource.EVENT_GRID)\ndef f(b): ...\n"
    )
    assert bindings(index_app(v2(code)))["b"]["source"] == "EventGrid"


@pytest.mark.parametrize(
    ("app", "route", "expected"),
    [
        ("", "", "function"),
        ("http_auth_level=func.AuthLevel.ANONYMOUS", "", "anonymous"),
        ("http_auth_level='ADMIN'", "", "admin"),
        ("http_auth_level='ADMIN'", "auth_level='anonymous'", "anonymous"),
        ("", "auth_level=func.AuthLevel.ADMIN", "admin"),
    ],
)
def test_auth_level(index_app, app, route, expected):
    files = v2(
        f"@app.route({route})\ndef hello(req): ...\n",
        f"import azure.functions as func\napp = func.FunctionApp({app})\n",
    )
    assert bindings(index_app(files))["req"]["authLevel"] == expected


def test_unknown_auth_level(index_app):
    error = index_app(v2("@app.route(auth_level='secret')\ndef hello(req): ...\n")).error
    assert error["type"] == "KeyError"
    assert "Can not parse str 'secret' to AuthLevel. Allowed values are [" in error["message"]
    assert error["line"] == 3


@pytest.mark.parametrize(
    ("argument", "expected"),
    [("", "hello"), ("route='a/{b:int?}'", "a/{b:int?}"), ("route='/{*route}'", "/{*route}")],
)
def test_route(index_app, argument, expected):
    report = index_app(v2(f"@app.route({argument})\ndef hello(req): ...\n"))
    assert bindings(report)["req"]["route"] == expected


def test_route_default_is_the_given_function_name(index_app):
    code = "@app.function_name('Other')\n" + HELLO
    report = index_app(v2(code))
    assert report.only["name"] == report.only["entry_point"] == "Other"
    assert bindings(report)["req"]["route"] == "Other"


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("", None),
        ("methods=['get', 'POST']", ["GET", "POST"]),
        ("methods=(func.HttpMethod.PATCH,)", ["PATCH"]),
        ("methods=[]", []),
    ],
)
def test_methods(index_app, argument, expected):
    report = index_app(v2(f"@app.route({argument})\ndef hello(req): ...\n"))
    assert bindings(report)["req"].get("methods") == expected


def test_generic_http_trigger_gets_the_defaults_too(index_app):
    code = (
        "@app.generic_output_binding(arg_name='$return', type='http')\n"
        "@app.generic_trigger(arg_name='req', type='httpTrigger', methods='get')\n"
        "def hello(req): ...\n"
    )
    trigger = bindings(index_app(v2(code)))["req"]
    assert trigger["route"] == "hello"
    assert trigger["authLevel"] == "function"
    assert trigger["methods"] == ["get"]


def test_parameter_names_come_from_the_decorator(index_app):
    code = (
        "@app.route(trigger_arg_name='r', binding_arg_name='out')\n"
        "def hello(r: func.HttpRequest, out: func.Out[func.HttpResponse]): ...\n"
    )
    function = index_app(v2(code)).only
    assert function["error"] is None
    assert function["parameters"]["r"]["kind"] == "trigger"
    assert function["parameters"]["out"]["kind"] == "out"
    assert function["returns"] is False


def test_decorators_in_any_order(index_app):
    stack = [
        "@app.function_name('Named')",
        TIMER.strip(),
        "@app.retry('fixed_delay', '1', delay_interval='00:00:01')",
        "@app.queue_output('q', 'q', 'C')",
    ]
    first = index_app(v2("\n".join(stack) + "\ndef f(t, q): ...\n")).only
    last = index_app(v2("\n".join(reversed(stack)) + "\ndef f(t, q): ...\n")).only
    for function in (first, last):
        assert (function["name"], function["error"]) == ("Named", None)
        assert function["retry"]["maxRetryCount"] == 1


def test_aliases(index_app):
    code = "@app.schedule(arg_name='t', schedule='0 * * * * *')\ndef f(t): ...\n"
    assert bindings(index_app(v2(code)))["t"]["type"] == "timerTrigger"


def test_async_function(index_app):
    assert index_app(v2("@app.route()\nasync def hello(req): ...\n")).only["is_async"] is True


@pytest.mark.parametrize("method", ["register_functions", "register_blueprint"])
def test_blueprints(index_app, method):
    files = {
        "function_app.py": "import azure.functions as func\nfrom parts.more import bp\n"
        f"app = func.FunctionApp('ANONYMOUS')\napp.{method}(bp)\n",
        "parts/more.py": "import azure.functions as func\nbp = func.Blueprint()\n"
        "@bp.route(route='x')\ndef more(req): ...\n",
    }
    report = index_app(files)
    function = report.only
    assert bindings(report)["req"]["authLevel"] == "anonymous"
    # context.function_directory is the folder of the file that defines the function.
    assert function["directory"] == str(report.root / "parts")
    assert function["script_file"] == "function_app.py"
    assert str(report.root / "parts/more.py") in report.user_files


def test_a_blueprint_alone_is_no_app(index_app):
    error = index_app(v2("", "import azure.functions as func\nbp = func.Blueprint()\n")).error
    assert error["text"] == (
        "ValueError: Could not find top level function app instances in function_app.py."
    )


def test_an_app_is_no_blueprint(index_app):
    error = index_app(v2("app.register_functions(func.FunctionApp())\n")).error
    assert error["text"] == "TypeError: functions can not be type of FunctionRegister!"
    assert error["line"] == 3


@pytest.mark.parametrize(
    ("code", "first"),
    [
        ("app = func.FunctionApp()\nother = func.FunctionApp()\n", "FunctionApp"),
        ("app = func.FunctionApp()\nsame = app\n", "FunctionApp"),
        ("from other import theirs\napp = func.FunctionApp()\n", "FunctionApp"),
        (
            "app = func.WsgiFunctionApp(print)\nother = func.FunctionApp()\n",
            "WsgiFunctionApp",
        ),
    ],
)
def test_more_than_one_app(index_app, code, first):
    files = v2(code, "import azure.functions as func\n")
    files["other.py"] = "import azure.functions as func\ntheirs = func.FunctionApp()\n"
    assert index_app(files).error["text"] == (
        f"ValueError: More than one {first} or other top level function app instances are defined."
    )


def test_lazy_proxies_in_the_module_stay_asleep(index_app):
    code = (
        "class Proxy:\n    @property\n    def __class__(self): raise RuntimeError('woken')\n"
        "proxy = Proxy()\n" + HELLO
    )
    assert index_app(v2(code)).error is None


def test_subclass_of_function_app(index_app):
    app = "import azure.functions as func\nclass Mine(func.FunctionApp): ...\napp = Mine()\n"
    assert index_app(v2(HELLO, app)).only["name"] == "hello"


def test_functions_are_asked_for_once(index_app):
    app = (
        "import azure.functions as func\nclass Counted(func.FunctionApp):\n"
        "    def get_functions(self):\n        print('asked')\n"
        "        return super().get_functions()\napp = Counted()\n"
    )
    report = index_app(v2(HELLO, app))
    assert report.error is None
    assert report.output.count("asked") == 1


def test_duplicate_names(index_app):
    error = index_app(v2(HELLO + HELLO)).error
    assert error["text"] == (
        "ValueError: Function hello does not have a unique function name. Please change "
        "@app.function_name() or the function method name to be unique."
    )


def test_duplicate_names_that_the_library_lets_pass(index_app):
    app = (
        "import azure.functions as func\nclass Lenient(func.FunctionApp):\n"
        "    def validate_function_names(self, functions): ...\napp = Lenient()\n"
    )
    assert (
        "Function hello does not have a unique function name."
        in (index_app(v2(HELLO + HELLO, app)).error["message"])
    )


def test_names_are_compared_exactly(index_app):
    report = index_app(v2(HELLO + "@app.route(route='b')\ndef Hello(req): ...\n"))
    assert report.error is None
    assert list(report.functions) == ["Hello", "hello"]


@pytest.mark.parametrize(
    "decorator", ["@app.queue_output('q', 'q', 'C')", "@app.function_name('f')"]
)
def test_no_trigger(index_app, decorator):
    report = index_app(v2(HELLO + f"{decorator}\ndef f(q): ...\n"))
    assert report.functions == {}
    assert report.error["text"] == (
        "ValueError: Function f does not have a trigger. A valid function must have one and only "
        "one trigger registered."
    )


def test_two_triggers(index_app):
    report = index_app(v2(TIMER + "@app.route(route='x')\ndef f(req, t): ...\n"))
    assert report.functions == {}
    assert report.error["message"].startswith(
        "A trigger was already registered to this function. Adding another trigger is not the "
        "correct behavior as a function can only have one trigger. Existing registered trigger is "
        "{"
    )
    assert "and New trigger being added is {" in report.error["message"]
    assert report.error["file"] == str(report.root / "function_app.py")


def test_partial_is_no_function(index_app):
    code = "import functools\napp.route()(functools.partial(print))\n"
    error = index_app(v2(code)).error
    assert error["type"] == "AttributeError"
    assert "__name__" in error["message"]


def test_lambda_loads(index_app):
    code = "app.function_name('anon')(app.route()(lambda req: ''))\n"
    assert index_app(v2(code)).only["name"] == "anon"


def test_method_that_does_not_exist_fails_the_app(index_app):
    error = index_app(v2("@app.read_blob()\ndef f(b): ...\n")).error
    assert error["text"] == "AttributeError: 'FunctionApp' object has no attribute 'read_blob'"


def test_import_error_fails_the_app(index_app):
    report = index_app(v2("import nowhere\n" + HELLO))
    assert report.functions == {}
    assert report.model == "v2"
    assert report.error["type"] == "ModuleNotFoundError"
    assert report.error["message"].startswith(
        "No module named 'nowhere'. Cannot find module. Please"
    )
    assert report.error["file"] == str(report.root / "function_app.py")
    assert report.error["line"] == 3


def test_syntax_error_in_a_module_of_the_app(index_app):
    files = v2("import helper\n")
    files["helper.py"] = "def f(:\n"
    error = (report := index_app(files)).error
    assert error["type"] == "SyntaxError"
    assert (error["file"], error["line"]) == (str(report.root / "helper.py"), 1)
    # The way to it is in the stack, the import machinery is not.
    assert "function_app.py" in error["stack"]
    assert "importlib" not in error["stack"]


def test_error_inside_a_package_points_at_the_apps_own_line(index_app):
    files = v2("import broken\n")
    files[".python_packages/lib/site-packages/broken.py"] = "raise ValueError('package')\n"
    error = (report := index_app(files)).error
    assert error["text"] == "ValueError: package"
    assert (error["file"], error["line"]) == (str(report.root / "function_app.py"), 3)
    assert "broken.py" in error["stack"]


@pytest.mark.parametrize("code", ["exit(1)", "import sys; sys.exit()", "raise BaseException"])
def test_leaving_does_not_kill_the_worker(index_app, code):
    report = index_app(v2(f"{code}\n" + HELLO))
    assert report.error["line"] == 3
    assert report.functions == {}


def test_output_of_user_imports_is_shown(index_app):
    assert "from the app" in index_app(v2("print('from the app')\n" + HELLO)).output


def test_an_app_without_http_functions_warns(index_app):
    output = index_app(v2(TIMER + "def tick(t): ...\n")).output
    assert "Auth level is not applied to non http function app." in output


def test_a_signature_that_does_not_fit_fails_alone(index_app):
    report = index_app(v2(HELLO + "@app.route(route='b')\ndef bad(wrong): ...\n"))
    assert report.error is None
    assert report.functions["hello"]["error"] is None
    assert report.functions["bad"]["error"]["type"] == "FunctionLoadError"
    assert [b["name"] for b in report.functions["bad"]["bindings"]] == ["req", "$return"]
    assert [row["errorKind"] for row in report.table] == ["load", None]


def test_a_value_that_is_no_json_fails_its_function(index_app):
    code = "@app.timer_trigger('t', '0 * * * * *', odd=object())\ndef f(t): ...\n"
    error = index_app(v2(code)).only["error"]
    assert error["text"] == "TypeError: Object of type object is not JSON serializable"


def test_no_functions_falls_back_to_function_json(index_app, v1_app):
    report = index_app({**v2(""), **v1_app("def main(req): ...\n")})
    assert report.model == "v1"
    assert report.only["model"] == "v1"


def test_functions_of_the_script_hide_function_json(index_app, v1_app):
    report = index_app({**v2(HELLO), **v1_app("raise RuntimeError('imported')\n")})
    assert list(report.functions) == ["hello"]


def test_an_empty_app_is_no_error(index_app):
    report = index_app(v2(""))
    assert (report.model, report.error, report.functions) == ("v2", None, {})


def test_another_script(index_app, v1_app):
    files = {"main_app.py": APP + HELLO, "function_app.py": "raise RuntimeError\n"}
    report = index_app(files, {"PYTHON_SCRIPT_FILE_NAME": "main_app.py"})
    assert report.script_file == str(report.root / "main_app.py")
    # The library knows no other name; hosts show what it says.
    assert report.only["script_file"] == "function_app.py"


def test_another_script_is_named_when_it_holds_no_app(index_app):
    report = index_app({"main_app.py": ""}, {"PYTHON_SCRIPT_FILE_NAME": "main_app.py"})
    assert report.error["message"] == (
        "Could not find top level function app instances in main_app.py."
    )


def test_another_script_that_is_absent_means_v1(index_app, v1_app):
    files = {**v2(HELLO), **v1_app("def main(req): ...\n")}
    report = index_app(files, {"PYTHON_SCRIPT_FILE_NAME": "absent.py"})
    assert report.model == "v1"
    assert list(report.functions) == ["Fn"]


@pytest.mark.parametrize("name", ["a.txt", "-x.py", "a/b.py", ".py", "", "a.b.py", "x.py\n"])
def test_script_name_must_be_a_python_file_name(index_app, name):
    error = index_app(v2(HELLO), {"PYTHON_SCRIPT_FILE_NAME": name}).error
    assert error["text"] == f"InvalidFileNameError: Invalid file name: {name}"


@pytest.mark.parametrize("name", ["_x.py", "1-a_B.py", "function_app.py"])
def test_script_names_that_pass(index_app, name):
    report = index_app({name: APP + HELLO}, {"PYTHON_SCRIPT_FILE_NAME": name})
    assert report.only["error"] is None


def test_a_script_hidden_by_another_module_says_so(index_app):
    report = index_app({"json.py": APP + HELLO}, {"PYTHON_SCRIPT_FILE_NAME": "json.py"})
    assert report.error["message"].startswith(
        "Could not find top level function app instances in json.py. The name 'json' is taken by "
    )
    assert report.error["message"].endswith("rename the script.")


def test_retry_with_fixed_delay(index_app):
    code = "@app.retry(strategy='fixed_delay', max_retry_count='3', delay_interval='0:1:02')\n"
    assert index_app(v2(code + TIMER + "def f(t): ...\n")).only["retry"] == {
        "strategy": "fixedDelay",
        "maxRetryCount": 3,
        "delayInterval": "00:01:02",
    }


@pytest.mark.parametrize("strategy", ["exponential_backoff", "anything else"])
def test_retry_with_back_off(index_app, strategy):
    code = (
        f"@app.retry(strategy='{strategy}', max_retry_count='-1', minimum_interval='00:00:01',\n"
        "    maximum_interval='23:59:59')\n"
    )
    assert index_app(v2(code + TIMER + "def f(t): ...\n")).only["retry"] == {
        "strategy": "exponentialBackoff",
        "maxRetryCount": -1,
        "minimumInterval": "00:00:01",
        "maximumInterval": "23:59:59",
    }


def test_retry_with_back_off_without_bounds(index_app):
    code = "@app.retry(strategy='exponential_backoff', max_retry_count='3')\n"
    assert index_app(v2(code + TIMER + "def f(t): ...\n")).only["retry"] == {
        "strategy": "exponentialBackoff",
        "maxRetryCount": 3,
        "minimumInterval": "00:00:00",
        "maximumInterval": "24855.03:14:07",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        "'fixed_delay', 'many', delay_interval='00:00:01'",
        "'fixed_delay', '3'",
        "'fixed_delay', '3', delay_interval='24:00:00'",
        "'exponential_backoff', '3', minimum_interval='1s'",
    ],
)
def test_retry_that_cannot_be_read_fails_its_function(index_app, arguments):
    code = f"@app.retry({arguments})\n" + TIMER + "def f(t): ...\n" + HELLO
    report = index_app(v2(code))
    assert report.functions["f"]["error"]["type"] == "ValueError"
    assert report.functions["hello"]["error"] is None


def test_durable_decorators_without_the_package(index_app):
    code = "@app.orchestration_trigger(context_name='context')\ndef f(context): ...\n"
    assert (
        index_app(v2(code))
        .error["message"]
        .startswith(
            "Attempted to use a Durable Functions decorator, but the `azure-functions-durable` SDK"
        )
    )


@pytest.mark.parametrize(("kind", "is_async"), [("Asgi", True), ("Wsgi", False)])
def test_web_framework_apps(index_app, kind, is_async):
    code = (
        "import azure.functions as func\ndef web(*_): ...\n"
        f"app = func.{kind}FunctionApp(app=web, http_auth_level=func.AuthLevel.ANONYMOUS)\n"
    )
    report = index_app(v2("", code))
    function = report.only
    assert function["name"] == "http_app_func"
    assert function["is_async"] is is_async
    assert function["parameter_order"] == ["req", "context"]
    assert function["parameters"]["context"]["kind"] == "context"
    assert function["returns"] is True
    trigger = bindings(report)["req"]
    assert trigger["route"] == "/{*route}"
    assert trigger["authLevel"] == "anonymous"
    assert set(trigger["methods"]) == {method.value for method in HttpMethod}


def test_other_decorators_on_a_web_framework_app(index_app):
    code = (
        "import azure.functions as func\ndef web(*_): ...\n"
        "app = func.WsgiFunctionApp(app=web, function_name='site')\n"
    )
    report = index_app(v2(TIMER + "def tick(t): ...\n", code))
    assert list(report.functions) == ["site", "tick"]


def test_mcp_tool_takes_the_context_binding(index_app):
    code = "@app.mcp_tool()\ndef add(a: int, b: int) -> int:\n    'Adds.'\n    return a + b\n"
    function = index_app(v2(code)).only
    assert function["error"] is None
    assert function["parameters"]["context"]["kind"] == "trigger"
    assert function["parameters"]["context"]["converter"] == "mcpToolTrigger"


def test_stay_callable_after_decoration(index_app):
    code = HELLO + "assert hello('req') == ''\nhello.build().get_user_function()\n"
    assert index_app(v2(code)).only["error"] is None


TRIGGERS = {
    "warmUpTrigger": "warm_up_trigger(arg_name='x')",
    "queueTrigger": "queue_trigger('x', 'q', 'C')",
    "serviceBusTrigger": "service_bus_topic_trigger('x', 'C', 't', 's')",
    "eventHubTrigger": "event_hub_message_trigger('x', 'C', 'h')",
    "cosmosDBTrigger": "cosmos_db_trigger('x', 'C', 'd', 'c')",
    "blobTrigger": "blob_trigger('x', 'c/{n}', 'C')",
    "eventGridTrigger": "event_grid_trigger('x')",
    "kafkaTrigger": "kafka_trigger('x', 't', 'b')",
    "sqlTrigger": "sql_trigger('x', 't', 'C')",
    "mysqlTrigger": "mysql_trigger('x', 't', 'C')",
    "timerTrigger": "timer_trigger('x', '0 * * * * *')",
    "daprServiceInvocationTrigger": "dapr_service_invocation_trigger('x', 'm')",
    "assistantSkillTrigger": "assistant_skill_trigger('x', 'f')",
    "customTrigger": "generic_trigger('x', 'customTrigger', some_key=1)",
}


@pytest.mark.parametrize("binding_type", TRIGGERS)
def test_every_trigger_is_indexed(index_app, binding_type):
    code = f"@app.{TRIGGERS[binding_type]}\ndef f(x): ...\n"
    function = index_app(v2(code)).only
    assert function["error"] is None
    assert function["bindings"][0]["type"].lower() == binding_type.lower()
    assert function["parameters"]["x"] == {
        "kind": "trigger",
        "converter": function["bindings"][0]["type"],
        "annotation": "None",
        "keyword_only": False,
        "same_binding": True,
    }
