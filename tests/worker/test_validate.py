"""Bindings against signatures: every row of spec worker 3.1, the rules of 3.2 and 3.3.

Each case runs as a function.json folder and, where a decorator can say the same, as a decorated
function.
"""

from __future__ import annotations

import re

import pytest
from ferrofunc.worker.load_error import FunctionLoadError
from ferrofunc.worker.validate import validate

HEAD = "import typing\nfrom typing import *\nimport azure.functions as func\n"
PREFIX = "FunctionLoadError: cannot load the Fn function: "
HTTP_OUT = {"type": "http", "direction": "out", "name": "$return"}
TIMER = {"type": "timerTrigger", "direction": "in", "name": "t"}


def binding(text):
    """Write `type name[ direction]` as a binding; `dataType=x` may follow."""
    kind, name, *rest = text.split()
    made = {"type": kind, "name": name, "direction": "in"}
    for word in rest:
        key, _, value = word.rpartition("=")
        made[key or "direction"] = value
    return made


def parse(texts):
    return [binding(text) for text in texts.split(", ")]


def decorators(bindings):
    """Write the same bindings as generic decorators."""
    lines = []
    for b in bindings:
        more = f", data_type='{b['dataType']}'" if "dataType" in b else ""
        kind = (
            "trigger"
            if b["type"].endswith("Trigger")
            else ("output_binding" if b["direction"] == "out" else "input_binding")
        )
        lines.append(f"@app.generic_{kind}(arg_name='{b['name']}', type='{b['type']}'{more})\n")
    return "".join(lines)


@pytest.fixture
def load(index_app, v1_app):
    """Load one function in the model asked for; return what was indexed of it."""

    def run(model, bindings, signature, head=HEAD):
        if model == "v1":
            return index_app(v1_app(f"{head}def main{signature}: ...\n", bindings)).only
        code = f"{head}app = func.FunctionApp()\n{decorators(bindings)}def Fn{signature}: ...\n"
        return index_app({"function_app.py": code}).only

    return run


BOTH = pytest.mark.parametrize("model", ["v1", "v2"])

# bindings, signature, text after the prefix
REFUSED = {
    "context": (
        "httpTrigger req, http $return out",
        "(req, context: str)",
        'the "context" parameter is expected to be of type azure.functions.Context, got '
        "<class 'str'>",
    ),
    "context optional": (
        "httpTrigger req, http $return out",
        "(req, context: Optional[func.Context])",
        'the "context" parameter is expected to be of type azure.functions.Context, got '
        "typing.Optional[azure.functions._abc.Context]",
    ),
    "parameter without binding": (
        "httpTrigger req, http $return out",
        "(req, foo)",
        "the following parameters are declared in Python but not in the function definition "
        "(function.json or function decorators):  {'foo'}",
    ),
    "parameters without binding": (
        "httpTrigger req, http $return out",
        "(req, b, a)",
        "the following parameters are declared in Python but not in the function definition "
        "(function.json or function decorators):  {'a', 'b'}",
    ),
    "parameter with a default": (
        "httpTrigger req, http $return out",
        "(req, foo=None)",
        "the following parameters are declared in Python but not in the function definition "
        "(function.json or function decorators):  {'foo'}",
    ),
    "star arguments": (
        "httpTrigger req, http $return out",
        "(req, *args, **kwargs)",
        "the following parameters are declared in Python but not in the function definition "
        "(function.json or function decorators):  {'args', 'kwargs'}",
    ),
    "binding without parameter": (
        "httpTrigger req, blob data, http $return out",
        "(req)",
        "the following parameters are declared in the function definition (function.json or "
        "function decorators) but not in Python: {'data'}",
    ),
    "parameter before binding": (
        "httpTrigger req, http $return out",
        "(request)",
        "the following parameters are declared in Python but not in the function definition "
        "(function.json or function decorators):  {'request'}",
    ),
    "bare Out": (
        "timerTrigger t, queue q out",
        "(t, q: func.Out)",
        "binding q has invalid Out annotation <class 'azure.functions._abc.Out'>",
    ),
    "not a class": (
        "httpTrigger req, http $return out",
        "(req: 3)",
        "binding req has invalid non-type annotation 3",
    ),
    "optional": (
        "httpTrigger req, http $return out",
        "(req: Optional[func.HttpRequest])",
        "binding req has invalid non-type annotation "
        "typing.Optional[azure.functions._http.HttpRequest]",
    ),
    "union": (
        "httpTrigger req, http $return out",
        "(req: func.HttpRequest | None)",
        "binding req has invalid non-type annotation azure.functions._http.HttpRequest | None",
    ),
    "builtin generic": (
        "eventHubTrigger e",
        "(e: list[func.EventHubEvent])",
        "binding e has invalid non-type annotation list[azure.functions._eventhub.EventHubEvent]",
    ),
    "builtin generic in Out": (
        "timerTrigger t, queue q out",
        "(t, q: func.Out[list[str]])",
        "binding q has invalid non-type annotation azure.functions._abc.Out[list[str]]",
    ),
    "bare List": (
        "eventHubTrigger e",
        "(e: List)",
        "binding e has invalid non-type annotation typing.List",
    ),
    "tuple": (
        "eventHubTrigger e",
        "(e: Tuple[func.EventHubEvent, ...])",
        "binding e has invalid non-type annotation "
        "typing.Tuple[azure.functions._eventhub.EventHubEvent, ...]",
    ),
    "out with a plain type": (
        "timerTrigger t, queue q out",
        "(t, q: str)",
        'binding q is declared to have the "out" direction, but its annotation in Python is not '
        "a subclass of azure.functions.Out",
    ),
    "return annotated Out": (
        "httpTrigger req, http $return out",
        "(req) -> func.Out[str]",
        "return annotation should not be azure.functions.Out",
    ),
    "return annotated bare Out": (
        "httpTrigger req, http $return out",
        "(req) -> func.Out",
        "return annotation should not be azure.functions.Out",
    ),
    "return not a class": (
        "httpTrigger req, http $return out",
        "(req) -> 3",
        "has invalid non-type return annotation 3",
    ),
    "return list": (
        "httpTrigger req, http $return out",
        "(req) -> List[str]",
        "has invalid non-type return annotation typing.List[str]",
    ),
    "return builtin list": (
        "httpTrigger req, http $return out",
        "(req) -> list[str]",
        "has invalid non-type return annotation list[str]",
    ),
    "return optional": (
        "httpTrigger req, http $return out",
        "(req) -> Optional[str]",
        "has invalid non-type return annotation typing.Optional[str]",
    ),
    "return None": (
        "httpTrigger req, http $return out",
        "(req) -> None",
        'Python return annotation "NoneType" does not match binding type "http"',
    ),
    "return dict": (
        "httpTrigger req, http $return out",
        "(req) -> dict",
        'Python return annotation "dict" does not match binding type "http"',
    ),
    "return bytes": (
        "httpTrigger req, http $return out",
        "(req) -> bytes",
        'Python return annotation "bytes" does not match binding type "http"',
    ),
    "quoted": (
        "httpTrigger req, http $return out",
        "(req: 'Optional[func.HttpRequest]')",
        "binding req has invalid non-type annotation "
        "typing.Optional[azure.functions._http.HttpRequest]",
    ),
}


@BOTH
@pytest.mark.parametrize("case", REFUSED)
def test_refused(load, model, case):
    bindings, signature, text = REFUSED[case]
    error = load(model, parse(bindings), signature)["error"]
    assert error["text"] == PREFIX + text
    assert error["kind"] == "load"


def test_in_binding_with_out_annotation(load):
    arguments = parse("timerTrigger t, blob b"), "(t, b: func.Out[str])"
    text = (
        'binding b is declared to have the "in" direction in {}, but its annotation is '
        "azure.functions.Out in Python"
    )
    v1, v2 = load("v1", *arguments), load("v2", *arguments)
    assert v1["error"]["text"] == PREFIX + text.format("function.json")
    assert v2["error"]["text"] == PREFIX + text.format("the binding decorator")


def test_inout(load):
    error = load("v1", parse("timerTrigger t, blob b inout"), "(t, b)")["error"]
    assert error["text"] == PREFIX + '"inout" bindings are not supported'


@BOTH
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("custom b inout", '"inout" bindings are not supported'),
        ("custom $return inout", '"inout" bindings are not supported'),
        ("custom $return in", '"$return" binding must have direction set to "out"'),
    ],
)
def test_directions_that_the_worker_itself_refuses(model, text, expected):
    def user(t, b): ...

    with pytest.raises(FunctionLoadError, match=re.escape(expected)):
        validate("Fn", user, (TIMER, binding(text)), model)


# bindings, signature, name of the parameter, binding type, class
MISMATCHES = {
    "http": ("httpTrigger p, http $return out", "(p: func.HttpResponse)", "HttpResponse"),
    "dict": ("queueTrigger p", "(p: dict)", "dict"),
    "timer": ("timerTrigger p", "(p: func.HttpRequest)", "HttpRequest"),
    "generic in": ("tableTrigger p", "(p: dict)", "dict"),
    "list": ("queueTrigger p", "(p: List[func.QueueMessage])", "List"),
    "list of something else": ("eventHubTrigger p", "(p: List[int])", "List"),
    # The library compares with its abstract class, which List[func.QueueMessage] does not name.
    "out list of messages": (
        "timerTrigger t, queue p out",
        "(t, p: func.Out[List[func.QueueMessage]])",
        "List",
    ),
    "out": ("timerTrigger t, serviceBus p out", "(t, p: func.Out[dict])", "dict"),
    "out list": ("timerTrigger t, serviceBus p out", "(t, p: func.Out[List[str]])", "List"),
    "generic out": ("timerTrigger t, table p out", "(t, p: func.Out[dict])", "dict"),
    "a converter of outputs as input": (
        "timerTrigger t, http p",
        "(t, p: func.HttpResponse)",
        "HttpResponse",
    ),
}


def _type_of_p(bindings):
    return next(b["type"] for b in parse(bindings) if b["name"] == "p")


# The host refuses http as input before the worker looks.
WITHOUT_HOST_RULE = [case for case in MISMATCHES if case != "a converter of outputs as input"]


@pytest.mark.parametrize("case", WITHOUT_HOST_RULE)
def test_mismatch_without_data_type_v1(load, case):
    bindings, signature, class_name = MISMATCHES[case]
    assert load("v1", parse(bindings), signature)["error"]["text"] == PREFIX + (
        f'type of p binding in function.json "{_type_of_p(bindings)}" does not match its Python '
        f'annotation "{class_name}"'
    )


@pytest.mark.parametrize("case", MISMATCHES)
def test_mismatch_without_data_type_v2(load, case):
    bindings, signature, class_name = MISMATCHES[case]
    assert load("v2", parse(bindings), signature)["error"]["text"] == PREFIX + (
        f'\'p\' binding type "{_type_of_p(bindings)}" and dataType "None" in function.json do '
        f'not match the corresponding function parameter\'s Python type annotation "{class_name}"'
    )


@BOTH
@pytest.mark.parametrize(("data_type", "number"), [("string", 1), ("BINARY", 2), ("stream", 3)])
def test_mismatch_with_data_type(load, model, data_type, number):
    bindings = parse(f"queueTrigger p dataType={data_type}")
    assert load(model, bindings, "(p: dict)")["error"]["text"] == PREFIX + (
        f'\'p\' binding type "queueTrigger" and dataType "{number}" in function.json do not match '
        'the corresponding function parameter\'s Python type annotation "dict"'
    )


@BOTH
def test_mismatch_with_undefined_data_type(load, model):
    bindings = parse("queueTrigger p dataType=undefined")
    assert load(model, bindings, "(p: dict)")["error"]["text"] == PREFIX + (
        'type of p binding in function.json "queueTrigger" does not match its Python annotation '
        '"dict"'
    )


# binding, annotation, name of the converter that decodes or encodes
ACCEPTED = {
    "httpTrigger p": [("func.HttpRequest", "httpTrigger"), ("str", "generic")],
    "timerTrigger p": [("func.TimerRequest", "timerTrigger")],
    "queueTrigger p": [
        ("func.QueueMessage", "queueTrigger"),
        ("str", "generic"),
        ("bytes", "generic"),
    ],
    "blobTrigger p": [
        ("func.InputStream", "blobTrigger"),
        ("str", "generic"),
        ("bytes", "generic"),
    ],
    "eventHubTrigger p": [
        ("func.EventHubEvent", "eventHubTrigger"),
        ("List[func.EventHubEvent]", "eventHubTrigger"),
        ("str", "generic"),
    ],
    "serviceBusTrigger p": [
        ("func.ServiceBusMessage", "serviceBusTrigger"),
        ("typing.List[func.ServiceBusMessage]", "serviceBusTrigger"),
    ],
    "cosmosDBTrigger p": [("func.DocumentList", "cosmosDBTrigger")],
    "eventGridTrigger p": [
        ("func.EventGridEvent", "eventGridTrigger"),
        ("func.CloudEvent", "eventGridTrigger"),
    ],
    "kafkaTrigger p": [("func.KafkaEvent", "kafkaTrigger")],
    "sqlTrigger p": [("str", "sqlTrigger"), ("bytes", "sqlTrigger")],
    "mysqlTrigger p": [("func.MySqlRowList", "mysqlTrigger")],
    "activityTrigger p": [("str", "activityTrigger"), ("dict", "activityTrigger")],
    "mcpToolTrigger p": [("str", "mcpToolTrigger"), ("dict", "mcpToolTrigger")],
    "customTrigger p": [("str", "customTrigger"), ("bytes", "customTrigger")],
    "timerTrigger t, blob p": [("func.InputStream", "blob"), ("bytes", "generic")],
    "timerTrigger t, cosmosDB p": [("func.DocumentList", "cosmosDB")],
    "timerTrigger t, sql p": [("func.SqlRowList", "sql")],
    "timerTrigger t, table p": [("str", "table")],
    "timerTrigger t, durableClient p": [("str", "generic")],
    "timerTrigger t, queue p out": [
        ("func.Out[str]", "generic"),
        ("func.Out[bytes]", "generic"),
        ("func.Out[func.QueueMessage]", "queue"),
        ("func.Out[List[str]]", "queue"),
        ("'func.Out[str]'", "generic"),
    ],
    "timerTrigger t, eventHub p out": [("func.Out[List[str]]", "eventHub")],
    "timerTrigger t, cosmosDB p out": [
        ("func.Out[func.Document]", "cosmosDB"),
        ("func.Out[func.DocumentList]", "cosmosDB"),
    ],
    "timerTrigger t, eventGrid p out": [("func.Out[func.EventGridOutputEvent]", "eventGrid")],
    "timerTrigger t, sql p out": [("func.Out[func.SqlRow]", "sql")],
    "timerTrigger t, table p out": [("func.Out[str]", "table"), ("func.Out[bytearray]", "table")],
    "httpTrigger req, http p out": [("func.Out[func.HttpResponse]", "http")],
}


@BOTH
@pytest.mark.parametrize(
    ("bindings", "annotation", "converter"),
    [(b, annotation, converter) for b in ACCEPTED for annotation, converter in ACCEPTED[b]],
)
def test_accepted(load, model, bindings, annotation, converter):
    other = next((b["name"] for b in parse(bindings) if b["name"] != "p"), None)
    signature = f"({other}, p: {annotation})" if other else f"(p: {annotation})"
    function = load(model, parse(bindings), signature)
    assert function["error"] is None
    assert function["parameters"]["p"]["converter"] == converter


@BOTH
@pytest.mark.parametrize("bindings", ["httpTrigger p, http $return out", "queueTrigger p"])
def test_no_annotation_is_never_checked(load, model, bindings):
    function = load(model, parse(bindings), "(p)")
    assert function["error"] is None
    assert function["parameters"]["p"]["annotation"] == "None"
    assert function["parameters"]["p"]["converter"] == parse(bindings)[0]["type"]


@BOTH
def test_out_parameter_keeps_the_type_inside(load, model):
    bindings = parse("timerTrigger t, queue q out")
    function = load(model, bindings, "(t, q: func.Out[List[str]])")
    assert function["parameters"]["q"]["annotation"] == "typing.List[str]"
    assert function["parameters"]["q"]["kind"] == "out"


@BOTH
def test_parameters_are_in_the_order_of_the_signature(load, model):
    bindings = parse("queue q out, blob b, timerTrigger t")
    function = load(model, bindings, "(b, context, t, *, q)")
    assert function["parameter_order"] == ["b", "context", "t", "q"]
    found = function["parameters"]
    assert [found[n]["kind"] for n in ["b", "context", "t", "q"]] == [
        "input",
        "context",
        "trigger",
        "out",
    ]
    assert [found[n]["keyword_only"] for n in ["b", "context", "t", "q"]] == [False] * 3 + [True]
    assert [found[n]["same_binding"] for n in ["b", "context", "t", "q"]] == [
        True,
        False,
        True,
        True,
    ]


@BOTH
@pytest.mark.parametrize("annotation", ["", ": func.Context", ": 'func.Context'", ": Context"])
def test_context(load, model, annotation):
    # Any class of that name will do.
    head = HEAD + "class Context: ...\n"
    bindings = parse("timerTrigger t")
    function = load(model, bindings, f"(t, context{annotation})", head)
    assert function["error"] is None
    assert function["parameters"]["context"]["kind"] == "context"


@BOTH
def test_a_binding_named_context_wins(load, model):
    function = load(model, parse("timerTrigger context"), "(context: func.TimerRequest)")
    assert function["error"] is None
    assert function["parameters"]["context"]["kind"] == "trigger"


@BOTH
@pytest.mark.parametrize(
    ("bindings", "annotation", "converter"),
    [
        ("httpTrigger p, http $return out", "", "http"),
        ("httpTrigger p, http $return out", "-> str", "http"),
        ("httpTrigger p, http $return out", "-> func.HttpResponse", "http"),
        ("httpTrigger p, http $return out", "-> 'func.HttpResponse'", "http"),
        ("queueTrigger p, queue $return out", "-> bytes", "queue"),
        ("timerTrigger p", "", None),
        ("timerTrigger p", "-> func.Out[3]", None),
        ("timerTrigger p", "-> None", None),
        ("eventHubTrigger p", "-> str", None),
        ("timerTrigger p, queue $return out", "-> str", "queue"),
        ("activityTrigger p", "-> dict", "activityTrigger"),
        ("orchestrationTrigger p", "", "orchestrationTrigger"),
        ("entityTrigger p", "", "entityTrigger"),
        ("mcpToolTrigger p", "", "mcpToolTrigger"),
        ("customTrigger p", "-> dict", "customTrigger"),
    ],
)
def test_is_a_return_allowed(load, model, bindings, annotation, converter):
    function = load(model, parse(bindings), f"(p) {annotation}")
    assert function["error"] is None
    assert function["returns"] is (converter is not None)
    assert function["return_converter"] == converter


@BOTH
@pytest.mark.parametrize(
    ("bindings", "signature", "converter"),
    [
        ("timerTrigger t, tableInput p", "(t, p)", "tableInput"),
        ("timerTrigger t, durableClient p", "(t, p)", None),
        # The last implicit one, unless $return says it.
        ("customTrigger t, tableInput p", "(t, p)", "tableInput"),
        ("customTrigger t, http $return out, tableInput p", "(t, p)", "http"),
    ],
)
def test_which_binding_encodes_the_return(load, model, bindings, signature, converter):
    given = parse(bindings)
    if model == "v2":
        # Decorators apply from the bottom up.
        given = given[::-1]
    function = load(model, given, signature)
    assert function["error"] is None
    assert function["return_converter"] == converter


@BOTH
def test_return_annotation_is_resolved(load, model):
    bindings = parse("httpTrigger p, http $return out")
    function = load(model, bindings, "(p) -> 'func.HttpResponse'")
    assert function["return_annotation"] == "<class 'azure.functions._http.HttpResponse'>"


@BOTH
def test_converter_registered_by_user_code_counts(load, model):
    head = HEAD + (
        "from azure.functions import meta\nclass Mine: ...\n"
        "class MyConverter(meta.InConverter, binding='mine', trigger='mineTrigger'):\n"
        "    @classmethod\n    def check_input_type_annotation(cls, t): return t is Mine\n"
        "    @classmethod\n    def decode(cls, data, *, trigger_metadata): ...\n"
        "    @classmethod\n    def has_implicit_output(cls): return True\n"
    )
    function = load(model, parse("mineTrigger p"), "(p: Mine)", head)
    assert function["error"] is None
    assert function["return_converter"] == "mineTrigger"
