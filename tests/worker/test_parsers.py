"""Cookies, forms and texts that are nearly right: parsers answer or refuse, and never fall over.

What a parser may raise stands in its docstring; anything else that comes out is a fault. How they
read what is right is tested beside them; what the library makes of the same forms is compared in
`tests/e2e/test_request_differential.py`.
"""

from __future__ import annotations

import re
from http.cookies import CookieError
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from ferrofunc.worker import cookies, form, loose_json, text_result
from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug import formparser

if TYPE_CHECKING:
    from collections.abc import Iterator

dates = st.one_of(
    st.datetimes().map(lambda date: date.strftime("%a, %d %b %Y %H:%M:%S GMT")),
    st.datetimes(timezones=st.timezones()).map(lambda date: date.isoformat()),
    st.text("0123456789-:+TZ,. JanGMTu", max_size=30),
    st.sampled_from(
        [
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59-23:59",
            "Mon, 01 Jan 0001 00:00:00 +2300",
            "Fri, 31 Dec 9999 23:59:59 -2300",
            "Mon, 01 Jan 2000 00:00:00 +9999",
            "Mon, 01 Jan 2000 00:00:00 +999999999999",
            "Mon, 01 Jan 99999 00:00:00 GMT",
            "Mon, 01 Jan 2000 25:61:61 GMT",
        ]
    ),
)
numbers = st.one_of(
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(["1e999", "-1e999", "1_000", "0x10", "1" * 400, "1" * 5000, " 1 ", "1e308"]),
    st.text(max_size=6),
)
attributes = st.one_of(
    dates.map("Expires={}".format),
    numbers.map("Max-Age={}".format),
    st.text(max_size=8).map("Domain={}".format),
    st.text(max_size=8).map("Path={}".format),
    st.text(max_size=8).map("SameSite={}".format),
    st.sampled_from(
        ["Secure", "HttpOnly", "Secure=x", "HttpOnly=", "Path", "Expires", "Partitioned"]
    ),
    st.text(max_size=8),
)
cookie_texts = st.builds(
    lambda name, value, more, join: join.join([f"{name}={value}", *more]),
    st.text(max_size=6),
    st.one_of(st.text(max_size=10), st.text('"\\;,= 01', max_size=10)),
    st.lists(attributes, max_size=4),
    st.sampled_from(["; ", ";", ", ", " "]),
)

WRITTEN = re.compile(
    r"[!-~]+=[\w.~%-]+(; expires=\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT)?(; max-age=-?\d+)?"
    r"; domain=.*; path=.*?(; secure)?(; samesite=(lax|strict|none))?(; httponly)?",
    re.DOTALL,
)


@settings(deadline=None, max_examples=400)
@given(values=st.lists(st.one_of(cookie_texts, st.text(max_size=30)), max_size=3))
@example(values=["a=1; Expires=0001-01-01T00:00:00+23:59"])
@example(values=["a=1; Expires=Fri, 31 Dec 9999 23:59:59 -2300"])
@example(values=["a=1; Max-Age=" + "1" * 5000])
def test_cookies(values: list[str]) -> None:
    try:
        written = cookies.reissue(values)
    except (ValueError, CookieError):
        return
    assert [text for text in written if not WRITTEN.fullmatch(text)] == []


@settings(deadline=None, max_examples=300)
@given(expires=dates)
def test_expires(expires: str) -> None:
    try:
        written = cookies.write("a", "1", {"expires": expires})
    except ValueError as error:
        # The words of the official host, and no others.
        assert str(error).startswith("Can not parse value ")
        assert str(error).endswith(" of expires in the cookie due to invalid format.")
    else:
        assert written is not None
        assert WRITTEN.fullmatch(written)


@settings(deadline=None, max_examples=200)
@given(
    name=st.text(max_size=8),
    value=st.text(max_size=8),
    given_attributes=st.dictionaries(
        st.sampled_from(
            ["expires", "max-age", "domain", "path", "secure", "httponly", "samesite", "other"]
        ),
        st.one_of(st.booleans(), st.none(), st.text(max_size=8), numbers),
        max_size=5,
    ),
)
def test_attributes(name: str, value: str, given_attributes: dict[str, object]) -> None:
    try:
        cookies.write(name, value, given_attributes)
    except ValueError:
        return


@pytest.fixture(scope="module", autouse=True)
def files_in_memory() -> Iterator[None]:
    """The library leaves the files of a broken body to the collector, which would complain."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(formparser, "default_stream_factory", lambda *_, **__: BytesIO())
        yield


types = st.one_of(
    st.sampled_from(
        [
            "multipart/form-data; boundary=cut",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=é",
            'multipart/form-data; boundary="',
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded; charset=no-such-thing",
        ]
    ),
    st.text(max_size=40),
    st.text(max_size=20).map("multipart/form-data; boundary={}".format),
)
broken_parts = st.lists(
    st.one_of(
        st.sampled_from(
            [
                b"--cut\r\n",
                b"--cut--\r\n",
                b"--cut",
                b"\r\n",
                b"\r\n\r\n",
                b'Content-Disposition: form-data; name="a"\r\n',
                b'Content-Disposition: form-data; name="a"; filename="f"\r\n',
                b"Content-Disposition: form-data\r\n",
                b"Content-Disposition:\r\n",
                b"Content-Type: text/plain; charset=no-such-thing\r\n",
                b"Content-Length: -1\r\n",
                b"Content-Transfer-Encoding: base64\r\n",
                b": \r\n",
                b" folded\r\n",
            ]
        ),
        st.binary(max_size=12),
    ),
    max_size=12,
).map(b"".join)


@settings(deadline=None, max_examples=400)
@given(body=broken_parts, content_type=types)
def test_forms(body: bytes, content_type: str) -> None:
    fields, files = form.parse(body, content_type)
    assert all(isinstance(value, str) for value in fields.values())
    for file in files.values():
        assert isinstance(file.read(), bytes)
        file.close()


texts = st.one_of(
    st.text(max_size=20),
    st.text('{}[]",:0123456789.eE+-truefalsnNaI/*\\u \n', max_size=30),
    st.text('"bodystauhercki', max_size=10).map('{{"body": "{}", '.format),
    st.dictionaries(
        st.sampled_from(["body", "Body", "status", "statusCode", "headers", "cookies", "other"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=6), inner, max_size=3)
            ),
            max_leaves=6,
        ),
        max_size=4,
    ).map(lambda value: loose_json.write(value, None)),
)


@settings(deadline=None, max_examples=400)
@given(text=texts)
@example(text="[" * 5000)
@example(text='{"body":' * 5000)
@example(text="9" * 5000)
@example(text="-" + "9" * 5000 + ".5e99999")
@example(text='{"body": "b", "status": 1e999}')
@example(text='{"body": "b", "cookies": [{"name": "a", "value": "1", "maxAge": 1e999}]}')
def test_texts(text: str) -> None:
    try:
        found = text_result.read(text)
    except ValueError:
        # A status or a cookie that cannot be sent.
        return
    if found is not None:
        status, headers, body = found
        assert 100 <= status <= 999
        assert all(isinstance(part, str) for header in headers for part in header)
        body.encode()
