"""Arbitrary `Set-Cookie` values: refused with the documented errors alone, or sent in our own form.

Each cookie that is sent has the name and the value that the standard library reads, and reading
what is sent gives them back. Run by `make fuzz`; takes libFuzzer's options.
"""

from __future__ import annotations

import re
import sys
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

import atheris

with atheris.instrument_imports(include=["ferrofunc.worker.cookies", "email._parseaddr"]):
    from ferrofunc.worker import cookies

ATTRIBUTES = ("expires", "max-age", "domain", "path", "secure", "httponly", "samesite")
# What stands behind the value, in this order, each at most once.
TAIL = re.compile(
    r"(; expires=\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT)?(; max-age=-?\d+)?; domain=.*"
    r"; path=.*?(; secure)?(; samesite=(lax|strict|none))?(; httponly)?",
    re.DOTALL,
)


def check_value(value: str) -> None:
    """A value as a function's response holds it."""
    try:
        sent = cookies.reissue([value])
    except (ValueError, CookieError):
        return
    read = SimpleCookie(value)
    known = {name: quote(morsel.value, safe="") for name, morsel in read.items()}
    for header in sent:
        name, _, rest = header.partition("=")
        written, _, tail = rest.partition("; ")
        assert known[name] == written != "", header
        assert TAIL.fullmatch(f"; {tail}"), header
        assert SimpleCookie(f"{name}={written}")[name].value == written, header


def check_parts(data: atheris.FuzzedDataProvider) -> None:
    """A cookie in parts, as a returned JSON text holds it."""
    value = data.ConsumeUnicode(12)
    parts = {}
    for name in ATTRIBUTES:
        flag, text = data.ConsumeBool(), data.ConsumeUnicode(32)
        parts[name] = flag if name in ("secure", "httponly") else text
    try:
        header = cookies.write("name", value, parts)
    except ValueError:
        return
    if header is not None:
        written, _, tail = header.partition("; ")
        assert written == f"name={quote(value, safe='')}" != "name=", header
        assert TAIL.fullmatch(f"; {tail}"), header


def check(data: bytes) -> None:
    """The first byte chooses what is tried."""
    if data[:1] < b"\x80":
        check_value(data[1:].decode("latin-1"))
    else:
        check_parts(atheris.FuzzedDataProvider(data[1:]))


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
