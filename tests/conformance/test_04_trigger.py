"""http.md 4.1: names and annotations of the parameter that gets the request, and of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .case import LOG_PATIENCE, Case, each
from .functions import function

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

IMPORT = "import azure.functions as func\n\n"
V1 = {
    **function("AnyName", "def main(anything):\n    return anything.method\n", name="anything"),
    **function("Annotated", IMPORT + "def main(req: func.HttpRequest):\n    return req.method\n"),
    **function("Contradicts", IMPORT + "def main(req: func.TimerRequest):\n    return ''\n"),
    **function("NotAType", "def main(req: 'no such name'):\n    return ''\n"),
    **function("OtherName", "def main(request):\n    return ''\n"),
    **function("WithContext", "def main(req, context):\n    return context.function_name\n"),
    **function(
        "HeaderValue",
        IMPORT + "def main(req):\n    return func.HttpResponse('b', headers={'X-A': '€'})\n",
    ),
}

V2 = """
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route()
def defaults(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("req")


@app.route(trigger_arg_name="incoming")
def named_trigger(incoming: func.HttpRequest) -> str:
    return "incoming"


@app.route(trigger_arg_name="incoming", binding_arg_name="outgoing")
def named_both(incoming: func.HttpRequest, outgoing: func.Out[str]) -> None:
    outgoing.set("outgoing")


@app.route()
def unannotated(req):
    return "no annotation"


@app.route()
def keyword_only(*, req: func.HttpRequest) -> str:
    return "keyword"


@app.route()
def contradicts(req: str) -> str:
    return ""
"""


@pytest.fixture(scope="module")
def v1(shared_host: HostFactory) -> RunningHost:
    return shared_host("seen", files=V1)


@each(
    [
        Case("http-4.1-v1-any-name", "PUT /api/AnyName", body="PUT"),
        Case("http-4.1-v1-annotated", "PUT /api/Annotated", body="PUT"),
        Case("http-4.1-v1-context", "GET /api/WithContext", body="WithContext"),
        Case("http-4.1-v1-annotation-contradicts", "GET /api/Contradicts", 500, b""),
        Case("http-4.1-v1-annotation-is-no-type", "GET /api/NotAType", 500, b""),
        Case("http-4.1-v1-name-is-not-the-bindings", "GET /api/OtherName", 500, b""),
        Case("http-5.2-header-value-that-is-not-ascii", "GET /api/HeaderValue", 500, b""),
    ]
)
def test_v1(v1: RunningHost, case: Case) -> None:
    case.check(v1)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param(
            "Contradicts",
            'type of req binding in function.json "httpTrigger" does not match its Python '
            'annotation "TimerRequest"',
            id="http-4.1-says-what-contradicts",
        ),
        pytest.param(
            "OtherName",
            "the following parameters are declared in Python but not in ",
            id="http-4.1-says-which-name",
        ),
    ],
)
def test_load_error(v1: RunningHost, name: str, text: str) -> None:
    v1.wait_log(f"FunctionLoadError: cannot load the {name} function: .*{text}", LOG_PATIENCE)


@pytest.fixture(scope="module")
def v2(shared_host: HostFactory) -> RunningHost:
    return shared_host("hello", files={"function_app.py": V2})


@each(
    [
        Case("http-4.1-v2-defaults", "GET /api/defaults", body="req"),
        Case("http-4.1-v2-trigger-arg-name", "GET /api/named_trigger", body="incoming"),
        Case("http-4.1-v2-binding-arg-name", "GET /api/named_both", body="outgoing"),
        Case("http-4.1-v2-unannotated", "GET /api/unannotated", body="no annotation"),
        Case("http-4.1-v2-keyword-only", "GET /api/keyword_only", body="keyword"),
        Case("http-4.1-v2-annotation-contradicts", "GET /api/contradicts", 500, b""),
    ]
)
def test_v2(v2: RunningHost, case: Case) -> None:
    case.check(v2)
