"""http.md 5.1 and 5.2: what becomes of each kind of value that a function returns or sets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .case import Case, each

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

PLAIN = "text/plain; charset=utf-8"
NO_TYPE = {"content-type": None}


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("returns")


@pytest.fixture(scope="module")
def running_v1(shared_host: HostFactory) -> RunningHost:
    return shared_host("returns_v1")


def unsupported(name: str, route: str, kind: str, type_name: str) -> Case:
    text = (
        "TypeError: unable to encode outgoing TypedData: unsupported type "
        "\"<class 'azure.functions.http.HttpResponseConverter'>\" "
        f'for Python type "{type_name}"'
    )
    return Case(
        f"http-5.1-{name}",
        f"GET /api/{route}?type={kind}",
        500,
        b"",
        fields=NO_TYPE,
        log=re.escape(text),
    )


KINDS = [
    ("none", "NoneType"),
    ("bytes", "bytes"),
    ("bytearray", "bytearray"),
    ("dict", "dict"),
    ("list", "list"),
    ("tuple", "tuple"),
    ("int", "int"),
    ("bool", "bool"),
    ("generator", "generator"),
]


@each(
    [
        *(unsupported(f"returned-{kind}", "wrong", kind, name) for kind, name in KINDS),
        *(unsupported(f"async-returned-{kind}", "wrong_async", kind, name) for kind, name in KINDS),
        unsupported("forgotten-return", "forgotten_return", "", "NoneType"),
        Case("http-5.1-response", "GET /api/content_type?kind=defaults", body="é"),
        Case("http-5.1-str", "POST /api/text", payload="text", body="text"),
        Case("http-5.1-async-str", "POST /api/text_async", payload="text", body="text"),
        Case("http-5.1-out-response", "GET /api/out_response", 202, "set", fields={"x-out": "yes"}),
        Case("http-5.1-out-str", "POST /api/out_text", payload="text", body="text"),
        Case("http-5.1-out-never-set", "GET /api/out_unset", 204, b""),
        Case("http-5.2-subclass", "GET /api/subclass", 203, "SHOUTED"),
    ]
)
def test_returned(running: RunningHost, case: Case) -> None:
    case.check(running)


@each(
    [
        Case("http-5.1-v1-no-output-none", "GET /api/nothing", 204, b""),
        Case("http-5.1-v1-no-output-none-async", "GET /api/nothing_async", 204, b""),
        Case(
            "http-5.1-v1-no-return-binding",
            "GET /api/unexpected",
            500,
            b"",
            fields=NO_TYPE,
            log=r"RuntimeError: function 'unexpected' without a \$return bindingreturned a "
            "non-None value",
        ),
        Case("http-5.1-v1-return-binding-none", "GET /api/none_returned", 500, b""),
        Case("http-5.1-v1-out-response", "GET /api/out_response", 202, "set"),
        Case("http-5.1-v1-out-str", "GET /api/out_text", body="as text"),
        Case("http-5.1-v1-out-never-set", "GET /api/out_unset", 204, b""),
    ]
)
def test_v1(running_v1: RunningHost, case: Case) -> None:
    case.check(running_v1)


def content(kind: str, body: bytes, content_type: str) -> Case:
    return Case(
        f"http-5.2-content-{kind.replace('_', '-')}",
        f"GET /api/content_type?kind={kind}",
        body=body,
        fields={"content-type": content_type},
    )


@each(
    [
        content("defaults", "é".encode(), PLAIN),
        content("no_body", b"", PLAIN),
        content("bytes", b"\x00\xff", PLAIN),
        content("bytearray", b"ba", PLAIN),
        content("json", b'{"a":1}', "application/json"),
        content("html", b"<p>\xe9</p>", "text/html; charset=latin-1"),
        content("own_header", b"<a/>", "application/xml"),
        content("own_header_lower", b"<a/>", "image/svg+xml"),
        Case(
            "http-5.2-body-of-another-type",
            "GET /api/wrong_body",
            500,
            b"",
            log="response is expected to be either of str, bytes, or bytearray, got dict",
        ),
        *(
            Case(f"http-5.2-status-{code}", f"GET /api/status/{code}", code, b"")
            for code in (200, 201, 202, 204, 206, 301, 304, 400, 401, 403, 404, 409, 418, 500, 503)
        ),
        Case("http-5.2-status-enumerated", "GET /api/enumerated", 201, "made"),
        Case("http-5.2-status-as-text", "GET /api/status_text?code=201", 201, "body"),
        Case("http-5.2-status-no-number", "GET /api/status_text?code=abc", 200, "body"),
        *(
            Case(
                f"http-5.2-redirect-{code}",
                f"GET /api/redirected?code={code}",
                code,
                fields={"location": "/api/elsewhere?x=1"},
            )
            for code in (301, 302, 303, 307, 308)
        ),
        *(
            Case(
                f"http-5.2-differs-body-with-{code}-is-left-out",
                f"GET /api/status_with_body/{code}",
                code,
                b"",
            )
            for code in (204, 304)
        ),
        *(
            Case(
                f"http-6-a-{code}-with-a-body-is-a-success",
                f"GET /api/status_with_body/{code}",
                code,
                f"body of {code}",
                log=r"Executed 'Functions\.status_with_body' \(Succeeded, Id=",
            )
            for code in (400, 500, 503)
        ),
    ]
)
def test_response(running: RunningHost, case: Case) -> None:
    case.check(running)
