"""http.md 4: the request as a function sees it, member by member."""

from __future__ import annotations

import base64
import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from e2e.messages import read_responses

from .case import Case, each
from .functions import function

if TYPE_CHECKING:
    from conftest import HostFactory
    from e2e.running_host import RunningHost

MEMBERS = ("json_body", "form", "saved", "kinds")
FUNCTIONS = {
    **function("Seen", route="seen/{id?}"),
    **function("Rest", route="rest/{*path}"),
    **function("Default", route="default/{id=5}"),
    **{
        path: text
        for name in MEMBERS
        for path, text in function(name, f"from members import {name} as main\n").items()
    },
    **function("Context", "from members import context as main\n"),
}


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("seen", files=FUNCTIONS)


def sent(running: RunningHost, *lines: str, body: bytes = b"") -> dict[str, Any]:
    """Send exactly these head lines and `body`; return what the function saw."""
    head = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")
    (response,), rest = read_responses(running.raw(head + body), ["GET"])
    assert (response.status, rest) == (200, b"")
    seen: dict[str, Any] = response.json()
    return seen


@each(
    [
        Case(f"http-4-method-{method}", f"{method} /api/seen", seen={"method": method})
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND")
    ]
)
def test_method(running: RunningHost, case: Case) -> None:
    case.check(running)


@pytest.mark.parametrize(
    ("target", "host", "url"),
    [
        pytest.param("/api/seen", "example.org", "http://example.org/api/seen", id="http-4-url"),
        pytest.param("/api/seen", "h:81", "http://h:81/api/seen", id="http-4-url-port"),
        pytest.param("/api/seen", "[::1]:81", "http://[::1]:81/api/seen", id="http-4-url-ipv6"),
        pytest.param("/API/Seen", "h", "http://h/API/Seen", id="http-4-url-case-kept"),
        pytest.param(
            "/api/seen?a=%20+&b=%zz&a",
            "h",
            "http://h/api/seen?a=%20+&b=%zz&a",
            id="http-4-url-query",
        ),
        pytest.param("/api/seen?", "h", "http://h/api/seen?", id="http-4-url-query-empty"),
        pytest.param(
            "/api/seen/a%20b", "h", "http://h/api/seen/a%20b", id="http-4-url-path-escaped"
        ),
        pytest.param(
            "http://h/api/seen?x=1", "h", "http://h/api/seen?x=1", id="http-4-url-absolute-target"
        ),
    ],
)
def test_url(running: RunningHost, target: str, host: str, url: str) -> None:
    assert sent(running, f"GET {target} HTTP/1.1", f"Host: {host}")["url"] == url


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(["X-MiXeD: Value"], {"x-mixed": "Value"}, id="http-4-headers-lower-cased"),
        pytest.param(["X-A: 1", "x-a: 2"], {"x-a": "1,2"}, id="http-4-headers-joined"),
        pytest.param(["X-A: 1, 2", "X-A: 3"], {"x-a": "1, 2,3"}, id="http-4-headers-joined-lists"),
        pytest.param(["X-Empty:"], {"x-empty": ""}, id="http-4-headers-empty-kept"),
        pytest.param(["X-A:  v \t"], {"x-a": "v"}, id="http-4-headers-trimmed"),
        pytest.param(["Cookie: a=1; b=2"], {"cookie": "a=1; b=2"}, id="http-4-headers-cookie"),
        pytest.param(
            ["X-Ms-Client-Principal: e30="],
            {"x-ms-client-principal": "e30="},
            id="http-8.6-client-principal-passes",
        ),
        pytest.param([], {}, id="http-4-headers-nothing-added"),
    ],
)
def test_headers(running: RunningHost, lines: list[str], expected: dict[str, str]) -> None:
    seen = sent(running, "GET /api/seen HTTP/1.1", "Host: h", *lines)
    assert seen["headers"] == {"host": "h", **expected, "connection": "close"}


def test_keys_stay_in_the_request(running: RunningHost) -> None:
    seen = sent(running, "GET /api/seen?code=c HTTP/1.1", "Host: h", "x-functions-key: k")
    assert seen["headers"]["x-functions-key"] == "k"
    assert (seen["params"], seen["url"]) == ({"code": "c"}, "http://h/api/seen?code=c")


@each(
    [
        Case(f"http-4-params-{name}", f"GET /api/seen?{query}", seen={"params": expected})
        for name, query, expected in [
            ("one", "a=1", {"a": "1"}),
            ("several", "a=1&b=2", {"a": "1", "b": "2"}),
            ("duplicates-joined", "name=Mathew&name=Amy", {"name": "Mathew,Amy"}),
            ("grouped-in-any-case", "x=1&X=2", {"x": "1,2"}),
            ("three-in-order", "a=3&b=0&a=1&A=2", {"a": "3,1,2", "b": "0"}),
            ("empty-value-dropped", "a=&b=1", {"b": "1"}),
            ("no-value-dropped", "flag", {}),
            ("plus", "a=one+two", {"a": "one two"}),
            ("escapes", "%61=%41%20%2B", {"a": "A +"}),
            ("utf-8", "q=%C3%A9%E2%82%AC", {"q": "é€"}),
            ("equals-in-a-value", "a=b=c", {"a": "b=c"}),
            ("escaped-separators", "a=x%3Dy%26z", {"a": "x=y&z"}),
            ("semicolon-is-no-separator", "a=1;b=2", {"a": "1;b=2"}),
            ("empty-pieces", "&&a=1&&", {"a": "1"}),
            ("code-appears", "code=secret", {"code": "secret"}),
            ("case-of-the-first-kept", "Name=v", {"Name": "v"}),
            ("bad-escape-stays", "a=%zz", {"a": "%zz"}),
            ("none", "", {}),
        ]
    ]
)
def test_params(running: RunningHost, case: Case) -> None:
    case.check(running)


@each(
    [
        Case("http-4-route-params-text", "GET /api/seen/007", seen={"route_params": {"id": "007"}}),
        Case("http-4-route-params-default", "GET /api/default", seen={"route_params": {"id": "5"}}),
        Case("http-4-route-params-optional", "GET /api/seen", seen={"route_params": {}}),
        Case("http-4-route-params-catch-all", "GET /api/rest", seen={"route_params": {}}),
    ]
)
def test_route_params(running: RunningHost, case: Case) -> None:
    case.check(running)


BYTES = bytes(range(256))


@each(
    [
        Case(
            "http-4-body-exact",
            "POST /api/seen",
            payload=BYTES,
            seen={"body": BYTES.decode("latin-1")},
        ),
        Case("http-4-body-none", "GET /api/seen", seen={"body": ""}),
        Case("http-4-body-empty", "POST /api/seen", payload=b"", seen={"body": ""}),
        *(
            Case(f"http-4-body-with-{m}", f"{m} /api/seen", payload=b"body", seen={"body": "body"})
            for m in ("GET", "DELETE", "OPTIONS", "PUT", "PATCH")
        ),
    ]
)
def test_body(running: RunningHost, case: Case) -> None:
    case.check(running)


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([b"abc", b"0123456789"], id="http-4-differs-chunked-body-arrives"),
        pytest.param([], id="http-4-chunked-body-empty"),
    ],
)
def test_chunked_body(running: RunningHost, pieces: list[bytes]) -> None:
    coded = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])
    head = ("POST /api/seen HTTP/1.1", "Host: h", "Transfer-Encoding: chunked")
    assert sent(running, *head, body=coded)["body"] == b"".join(pieces).decode()


NO_JSON = {"error": "HTTP request does not contain valid JSON data", "type": "ValueError"}


@each(
    [
        *(
            Case(f"http-4-json-{name}", "POST /api/json_body", payload=text, json={"value": value})
            for name, text, value in [
                ("object", b'{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}),
                ("list", b"[1]", [1]),
                ("text", b'"\xc3\xa9"', "é"),
                ("number", b" 7 ", 7),
                ("null", b"null", None),
                ("escapes", rb'"\u00e9\n"', "é\n"),
            ]
        ),
        Case(
            "http-4-json-content-type-is-not-asked",
            "POST /api/json_body",
            send={"Content-Type": "text/plain"},
            payload=b"{}",
            json={"value": {}},
        ),
        *(
            Case(f"http-4-json-{name}", "POST /api/json_body", payload=text, json=NO_JSON)
            for name, text in [
                ("empty", b""),
                ("broken", b"{"),
                ("single-quotes", b"{'a': 1}"),
                ("not-utf-8", b'"\xe9"'),
                ("more-behind", b"{} {}"),
                ("form", b"a=1"),
            ]
        ),
    ]
)
def test_json(running: RunningHost, case: Case) -> None:
    case.check(running)


URL_ENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": 'multipart/form-data; boundary="cut"'}
FIELD = b'--cut\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
FILE = (
    b'--cut\r\nContent-Disposition: form-data; name="file"; filename="n.bin"\r\n'
    b"Content-Type: application/x-own\r\nX-Part: yes\r\n\r\n" + BYTES + b"\r\n"
)
END = b"--cut--\r\n"
NO_CHARSET = b'--cut\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
CHARSET = NO_CHARSET[:-2] + b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\n"
FILE_SEEN = {
    "field": "file",
    "filename": "n.bin",
    "content_type": "application/x-own",
    "headers": {
        "Content-Disposition": 'form-data; name="file"; filename="n.bin"',
        "Content-Type": "application/x-own",
        "X-Part": "yes",
    },
    "content": base64.b64encode(BYTES).decode(),
}


def form(
    name: str, payload: bytes, headers: dict[str, str], files: Any = (), **fields: Any
) -> Case:
    expected = {
        "first": {key: values[0] for key, values in fields.items()},
        "all": fields,
        "files": list(files),
    }
    return Case(
        f"http-4-form-{name}", "POST /api/form", send=headers, payload=payload, json=expected
    )


@each(
    [
        form("url-encoded", b"a=1&b=x+y%21", URL_ENCODED, a=["1"], b=["x y!"]),
        form("first-and-all", b"a=1&a=2", URL_ENCODED, a=["1", "2"]),
        form("empty-value", b"a=", URL_ENCODED, a=[""]),
        form("utf-8", b"a=%C3%A9", URL_ENCODED, a=["é"]),
        # Today's library reads url-encoded forms as UTF-8 whatever the charset parameter says.
        form("escapes-that-are-no-text-stay", b"a=%E9", URL_ENCODED, a=["%E9"]),
        form("multipart-field", FIELD + END, MULTIPART, a=["1"]),
        form("multipart-fields", FIELD + FIELD + END, MULTIPART, a=["1", "1"]),
        form("multipart-file", FILE + END, MULTIPART, files=[FILE_SEEN]),
        form("multipart-both", FIELD + FILE + END, MULTIPART, files=[FILE_SEEN], a=["1"]),
        form("multipart-charset", CHARSET + b"\xe9\r\n" + END, MULTIPART, a=["é"]),
        form("multipart-no-text", NO_CHARSET + b"\xe9\r\n" + END, MULTIPART, a=["\ufffd"]),
        form("multipart-broken", b"--cut\r\nbroken", MULTIPART),
        form("multipart-no-boundary", FIELD + END, {"Content-Type": "multipart/form-data"}),
        form("no-content-type", b"a=1", {}),
        form("other-content-type", b"a=1", {"Content-Type": "text/plain"}),
        form("no-body", b"", URL_ENCODED),
    ]
)
def test_form(running: RunningHost, case: Case) -> None:
    case.check(running)


def test_a_file_saved(running: RunningHost) -> None:
    assert running.post("/api/saved", FILE + END, MULTIPART).body == BYTES


def test_kinds(running: RunningHost) -> None:
    kinds = running.get("/api/kinds?a=1", {"X-Kind": "k"}).json()
    assert kinds == dict.fromkeys(kinds, True)


PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_context(running: RunningHost) -> None:
    seen = running.get("/api/Context").json()
    invocation = seen.pop("invocation_id")
    assert str(uuid.UUID(invocation)) == invocation == seen.pop("of the thread")
    running.wait_log(rf"Executing 'Functions\.Context' \(.*, Id={invocation}\)", 10)
    made = seen.pop("trace_parent")
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", made)
    assert seen == {
        "function_name": "Context",
        "directory": "Context",
        "Traceparent": made,
        "trace_state": "",
        "attributes": True,
        # Without retries there is a context all the same, and its count is 0 (worker.md 6.3).
        "retry": 0,
    }


def test_context_trace_flows_through(running: RunningHost) -> None:
    seen = running.get("/api/Context", {"traceparent": PARENT, "tracestate": "a=1"}).json()
    assert (seen["trace_parent"], seen["trace_state"]) == (PARENT, "a=1")
