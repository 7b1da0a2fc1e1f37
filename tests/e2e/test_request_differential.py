"""Random requests: ferrofunc's HttpRequest says what the library's says, built from the same parts.

The library's is built as the official worker builds it: header names in lower case, lines of one
name joined, parameters by the rules of http.md 4, the body in bytes.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import pytest
from azure.functions.http import HttpRequest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug import formparser

from .messages import Response

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPConnection
    from types import ModuleType

    from conftest import HostFactory

    from .running_host import RunningHost

LETTERS = "abcdefghijklmnopqrstuvwxyz"
TOKEN = LETTERS + LETTERS.upper() + "0123456789!#$%&'*+-.^_`|~"
# Those that frame the message, and those that this client has to send itself.
RESERVED = {
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "expect",
    "te",
    "upgrade",
    "content-type",
}


@pytest.fixture(scope="module", autouse=True)
def files_in_memory() -> Iterator[None]:
    """The library leaves the files of a broken body to the collector, which would complain."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(formparser, "default_stream_factory", lambda *_, **__: BytesIO())
        yield


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("described")


@pytest.fixture(scope="module")
def describing(running: RunningHost) -> ModuleType:
    path = running.folder / "describing.py"
    spec = importlib.util.spec_from_file_location("describing", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Client:
    """A connection that is made anew after a failure."""

    def __init__(self, running: RunningHost) -> None:
        self._running = running
        self._connection: HTTPConnection | None = None

    def send(
        self, method: str, target: str, headers: list[tuple[str, bytes]], body: bytes
    ) -> Response:
        """Send exactly these header lines, a Host and a length."""
        connection, self._connection = self._connection or self._running.connect(), None
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", "example.org:81")
        for name, value in headers:
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = Response.read_from(connection.getresponse())
        self._connection = connection
        return response

    def ask_for(self, names: list[str]) -> None:
        """Have the functions look these names up."""
        body = json.dumps(names).encode()
        assert self.send("PUT", "/api/names", [], body).text == "kept"

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()


@pytest.fixture(scope="module")
def client(running: RunningHost) -> Iterator[Client]:
    with contextlib.closing(Client(running)) as client:
        yield client


def params_of(query: str) -> dict[str, str]:
    """The parameters of a query string by the rules of http.md 4."""
    found: dict[str, tuple[str, list[str]]] = {}
    for piece in query.split("&"):
        name, _, value = (unquote_plus(part, errors="replace") for part in piece.partition("="))
        if value:
            found.setdefault(name.lower(), (name, []))[1].append(value)
    return {name: ",".join(values) for name, values in found.values()}


def library_request(
    method: str, target: str, headers: list[tuple[str, bytes]], body: bytes, route: dict[str, str]
) -> HttpRequest:
    """The same request as the official worker hands it to a function."""
    joined: dict[str, str] = {"host": "example.org:81"}
    for name, value in headers:
        key, text = name.lower(), value.decode()
        joined[key] = f"{joined[key]},{text}" if key in joined else text
    joined["content-length"] = str(len(body))
    return HttpRequest(
        method=method,
        url=f"http://example.org:81{target}",
        headers=joined,
        params=params_of(target.partition("?")[2]),
        route_params=route,
        body_type="bytes",
        body=body,
    )


names = st.text(TOKEN, min_size=1, max_size=12).filter(lambda name: name.lower() not in RESERVED)
values = (
    st.text(
        st.characters(min_codepoint=32, blacklist_characters="\x7f", codec="utf-8"), max_size=20
    )
    # Control characters above 127 are refused or kept by the same rule as those below.
    .filter(lambda text: not any(0x7F <= ord(sign) < 0xA0 for sign in text))
    .map(lambda text: text.strip(" \t").encode())
)
header_lists = st.lists(st.tuples(names, values), max_size=8)
escapes = st.binary(min_size=1, max_size=4).map(
    lambda data: "".join(f"%{byte:02x}" for byte in data)
)
query_texts = st.lists(
    st.one_of(st.sampled_from(list(LETTERS[:3] + "ABC=&+%;,.~!$'()*[]:@/?-_09")), escapes),
    max_size=25,
).map("".join)


def compare(
    client: Client,
    describing: ModuleType,
    kind: str,
    method: str,
    query: str,
    headers: list[tuple[str, bytes]],
    body: bytes,
    asked: list[str] | None = None,
) -> None:
    """Send one request, and let both objects describe it."""
    target = f"/api/{kind}/7" + (f"?{query}" if query else "")
    response = client.send(method, target, headers, body)
    assert response.status == 200, response
    library = library_request(method, target, headers, body, {"id": "7"})
    expected = json.loads(describing.describe(library, asked or []))
    assert response.json() == expected


def patient(examples: int = 120) -> settings:
    """Settings for a test that talks to a host: no example has a deadline."""
    return settings(
        deadline=None, max_examples=examples, suppress_health_check=[HealthCheck.too_slow]
    )


kinds = st.sampled_from(["sync", "async"])


@patient()
@given(kind=kinds, method=st.text(LETTERS.upper() + LETTERS + "-", min_size=1, max_size=9))
def test_method(client: Client, describing: ModuleType, kind: str, method: str) -> None:
    if method.upper() in ("HEAD", "CONNECT"):
        # No body to look at, or no request at all.
        return
    compare(client, describing, kind, method, "", [], b"")


@patient()
@given(kind=kinds, headers=header_lists, data=st.data())
def test_headers(
    client: Client,
    describing: ModuleType,
    kind: str,
    headers: list[tuple[str, bytes]],
    data: st.DataObject,
) -> None:
    known = [name for name, _ in headers] + ["Host"]
    variants = st.sampled_from(known).flatmap(
        lambda name: st.sampled_from([name, name.upper(), name.lower(), name.title(), f"{name}-"])
    )
    asked = data.draw(st.lists(variants, max_size=5))
    client.ask_for(asked)
    try:
        compare(client, describing, kind, "GET", "", headers, b"", asked)
    finally:
        client.ask_for([])


@patient(300)
@given(kind=kinds, query=query_texts)
@example(kind="sync", query="x=1&X=2&y=")
@example(kind="sync", query="=1&==&&a&a=%&a=%2&a=%zz&A=%C3%A9%FF")
def test_query(client: Client, describing: ModuleType, kind: str, query: str) -> None:
    compare(client, describing, kind, "GET", query, [], b"")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
json_texts = st.one_of(
    json_values.map(lambda value: json.dumps(value).encode()),
    json_values.map(
        lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    ),
    json_values.map(lambda value: json.dumps(value).encode()[:-1]),
    json_values.map(lambda value: json.dumps(value).encode("utf-16")),
    st.text('{}[]",:0123456789.eE+-truefalsn\\u ', max_size=20).map(str.encode),
    st.binary(max_size=40),
)


@patient()
@given(kind=kinds, body=json_texts)
@example(kind="sync", body=b"\xef\xbb\xbf{}")
@example(kind="sync", body=b"[" * 100_000)
@example(kind="sync", body=b"9" * 5000)
def test_json(client: Client, describing: ModuleType, kind: str, body: bytes) -> None:
    compare(client, describing, kind, "POST", "", [], body)


@patient()
@given(kind=kinds, body=st.binary(max_size=200), size=st.integers(0, 3))
def test_body(client: Client, describing: ModuleType, kind: str, body: bytes, size: int) -> None:
    # By turns small ones, that travel with the head, and large ones.
    compare(client, describing, kind, "POST", "", [], body * (1, 2, 200, 900)[size])


URL_ENCODED = b"application/x-www-form-urlencoded"
url_encoded = st.tuples(
    st.sampled_from(
        [
            URL_ENCODED,
            URL_ENCODED + b"; charset=utf-8",
            URL_ENCODED + b"; charset=iso-8859-1",
            URL_ENCODED.upper(),
            b"text/plain",
            b"application/json; a=b",
            b";",
            b"",
        ]
    ),
    st.one_of(query_texts.map(str.encode), st.binary(max_size=40)),
)


@patient()
@given(kind=kinds, sent=url_encoded)
def test_url_encoded_form(
    client: Client, describing: ModuleType, kind: str, sent: tuple[bytes, bytes]
) -> None:
    content_type, body = sent
    compare(client, describing, kind, "POST", "", [("Content-Type", content_type)], body)


BOUNDARIES = [b"cut", b"----WebKitFormBoundary7MA4YWxkTrZu0gW", b"a b'()+_,-./:=?"]
field_names = st.text(max_size=8).map(lambda t: t.replace("\r", "").replace("\n", ""))
part_heads = st.tuples(
    field_names,
    st.none() | field_names,
    st.sampled_from(
        [
            b"",
            b"Content-Type: text/plain\r\n",
            b"Content-Type: text/plain; charset=iso-8859-1\r\n",
            b"Content-Type: text/plain; charset=no-such-thing\r\n",
            b"Content-Type: application/octet-stream\r\nX-Own: yes\r\n",
            b"Content-Transfer-Encoding: base64\r\n",
            b"Broken\r\n",
            b" folded: x\r\n",
        ]
    ),
)


def part(head: tuple[str, str | None, bytes], content: bytes) -> bytes:
    name, filename, more = head
    disposition = f'Content-Disposition: form-data; name="{name}"'
    if filename is not None:
        disposition += f'; filename="{filename}"'
    return disposition.encode("utf-8", "surrogatepass") + b"\r\n" + more + b"\r\n" + content


@st.composite
def multipart(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A content type, and a body that is a form, or nearly."""
    boundary = draw(st.sampled_from(BOUNDARIES))
    parts = draw(st.lists(st.builds(part, part_heads, st.binary(max_size=60)), max_size=4))
    body = b"".join(b"--" + boundary + b"\r\n" + one + b"\r\n" for one in parts)
    body += draw(st.sampled_from([b"--" + boundary + b"--\r\n", b"--" + boundary, b""]))
    if body and draw(st.booleans()):
        at = draw(st.integers(0, len(body) - 1))
        body = body[:at] + draw(st.binary(max_size=3)) + body[at + 1 :]
    announced = draw(st.sampled_from([boundary, boundary, boundary, b"other", b""]))
    quote = draw(st.sampled_from([b'"', b'"', b""]))
    return b"multipart/form-data; boundary=" + quote + announced + quote, body


@patient(300)
@given(kind=kinds, sent=multipart())
def test_multipart_form(
    client: Client, describing: ModuleType, kind: str, sent: tuple[bytes, bytes]
) -> None:
    content_type, body = sent
    compare(client, describing, kind, "POST", "", [("Content-Type", content_type)], body)


@patient(60)
@given(body=st.binary(max_size=80), content_type=st.text(TOKEN + '/;=" ', max_size=40))
def test_any_content_type(
    client: Client, describing: ModuleType, body: bytes, content_type: str
) -> None:
    headers: list[tuple[str, Any]] = [("Content-Type", content_type.strip(" ").encode())]
    compare(client, describing, "sync", "POST", "", headers, body)
