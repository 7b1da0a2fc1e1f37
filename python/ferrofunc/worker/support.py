"""The Python objects that the compiled core calls or compares with, gathered once per worker.

Read by `Link` when it is made; the names are its contract. Also makes the core's HttpRequest and
headers count as the library's (`isinstance`, `collections.abc.Mapping`).
"""

from __future__ import annotations

from collections.abc import Mapping

import azure.functions as func
from azure.functions import _abc
from azure.functions.http import HttpRequest as LibraryRequest
from azure.functions.http import HttpResponseConverter

from ferrofunc._core import HttpRequest, RequestHeaders
from ferrofunc.worker import native_response
from ferrofunc.worker.context import INVOCATION, THREAD_LOCAL, RetryContext, make_trace_context
from ferrofunc.worker.cookies import reissue
from ferrofunc.worker.failure import describe
from ferrofunc.worker.form import parse
from ferrofunc.worker.text_result import read

try:
    from azure.functions._jsonutils import json as library_json
except ImportError:
    # An earlier library, which knows the standard one only.
    import json as library_json


def _readable_class() -> type:
    """Return the response class whose instances the core may read without their properties.

    Until `use_native_response` that is the library's own, as long as it keeps its values where
    every version so far does; a class without instances otherwise, so that all responses are read
    through the interface.
    """
    parts = ("body", "charset", "headers", "mimetype", "status_code")
    names = {f"_HttpResponse__{part}" for part in parts}
    return func.HttpResponse if names <= vars(func.HttpResponse()).keys() else type(NotImplemented)


thread_local = THREAD_LOCAL
invocation_variable = INVOCATION
make_retry_context = RetryContext
parse_form = parse
# orjson where it is installed, as for the library's own requests.
parse_json = library_json.loads
read_text = read
reissue_cookies = reissue
describe_failure = describe
response_class = _readable_class()
response_interface = _abc.HttpResponse
response_converter = HttpResponseConverter

__all__ = [
    "describe_failure",
    "invocation_variable",
    "make_retry_context",
    "make_trace_context",
    "parse_form",
    "parse_json",
    "read_text",
    "register",
    "reissue_cookies",
    "response_class",
    "response_converter",
    "response_interface",
    "thread_local",
    "use_native_response",
]


def use_native_response() -> None:
    """Have apps make responses of the core's class, where the library's is known well enough."""
    global response_class
    if native_response.native_class is not None:
        native_response.install()
        response_class = native_response.native_class


def register() -> None:
    """Make the core's classes pass for the library's wherever user code or FastAPI asks."""
    for interface in (_abc.HttpRequest, func.HttpRequest, LibraryRequest):
        interface.register(HttpRequest)
    Mapping.register(RequestHeaders)
