"""JSON as the official host reads and writes it where a function returned a `str`.

Its reader takes more than JSON: single quotes, bare names, comments, surplus commas, octal and
hexadecimal numbers, so that `str()` of a dict often is JSON to it. Its writer has its own form of
numbers. Known difference: texts that look like dates stay as they are, which it would rewrite.
Must not read what users parse themselves. Called by `text_result` (spec http 5.3).
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from itertools import chain
from json.encoder import encode_basestring as quote
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# The official reader refuses documents that are nested deeper.
DEEPEST = 64

_TOKEN = re.compile(
    r"""(?P<gap>\s+|//[^\r\n]*|/\*.*?\*/)
      | (?P<mark>[{}\[\],:])
      | (?P<double>"(?:\\.|[^"\\])*")
      | '(?P<single>(?:\\.|[^'\\])*)'
      | (?P<word>[\w$.+-]+)""",
    re.VERBOSE | re.DOTALL,
)
_TO_REQUOTE = re.compile(r"""\\.|\"""", re.DOTALL)
_NAME = re.compile(r"[\w$]+")
_DECIMAL = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_LITERALS = {word: word for word in ("true", "false", "null", "NaN", "Infinity", "-Infinity")}
_LITERALS["undefined"] = "null"


def parse(text: str) -> Any:
    """Return the value of `text`, which is not blank.

    Raises ValueError if it is no JSON even to the official reader.
    """
    try:
        try:
            return json.loads(text, strict=False)
        except json.JSONDecodeError:
            # A space between the tokens, or `1 2` would become a number.
            return json.loads(" ".join(_strict_tokens(text)), strict=False)
    except RecursionError:
        raise ValueError("the document is nested too deep") from None


def _strict_tokens(text: str) -> Iterator[str]:
    """Spell each token as JSON does. Lazy, so that prose in brackets fails at its first word."""
    tokens = _tokens(text)
    kind, token = next(tokens, ("", ""))
    for next_kind, following in chain(tokens, [("", "")]):
        if kind == "single":
            yield '"' + _TO_REQUOTE.sub(_requoted, token) + '"'
        elif kind == "word":
            is_name = following == ":" and _NAME.fullmatch(token)
            yield f'"{token}"' if is_name else _literal(token)
        elif token != "," or following not in ("}", "]"):
            yield token
        kind, token = next_kind, following


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"no JSON token at character {at}")
        kind = str(found.lastgroup)
        if kind != "gap":
            yield kind, found[kind]
        at = found.end()


def _requoted(found: re.Match[str]) -> str:
    """One escape, or one double quote, of a text in single quotes."""
    return {"\\'": "'", '"': '\\"'}.get(found[0], found[0])


def _literal(word: str) -> str:
    if word in _LITERALS:
        return _LITERALS[word]
    if word[:2] in ("0x", "0X"):
        return str(int(word, 16))
    if word[0] == "0" and word[1:2].isdigit():
        return str(int(word, 8))
    if _DECIMAL.fullmatch(word) is None:
        raise ValueError(f"no JSON value: {word}")
    return str(int(word)) if word.lstrip("-").isdigit() else repr(float(word))


def plain(value: Any) -> str:
    """Return a scalar as text: a string unquoted, null as nothing, booleans capitalised."""
    if value is None:
        return ""
    return _float(value) if isinstance(value, float) else str(value)


def write(value: Any, indent: str | None) -> str:
    """Return `value` as JSON, indented by `indent` per level, or compact when it is None.

    Raises ValueError where `value` is nested deeper than the official reader allows.
    """
    pieces: list[str] = []
    add = pieces.append
    colon = ":" if indent is None else ": "

    def write_one(value: Any, line: str, depth: int) -> None:
        if isinstance(value, str):
            add(quote(value))
        elif not isinstance(value, (dict, list)):
            add(_number_or_literal(value))
        elif depth == DEEPEST:
            raise ValueError(f"the document is nested deeper than {DEEPEST} levels")
        elif value:
            write_members(value, line if indent is None else line + indent, line, depth + 1)
        else:
            add("{}" if isinstance(value, dict) else "[]")

    def write_members(value: Any, inner: str, outer: str, depth: int) -> None:
        is_object = isinstance(value, dict)
        add("{" if is_object else "[")
        separator = inner
        for member in value:
            add(separator)
            if is_object:
                add(quote(member) + colon)
                write_one(value[member], inner, depth)
            else:
                write_one(member, inner, depth)
            separator = "," + inner
        add(outer + ("}" if is_object else "]"))

    write_one(value, "" if indent is None else "\n", 0)
    return "".join(pieces)


def _number_or_literal(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if not isinstance(value, float):
        return str(value)
    text = _float(value)
    if not math.isfinite(value):
        return quote(text)
    return text if "." in text or "E" in text else text + ".0"


def _float(value: float) -> str:
    """Return a number as .NET writes it: the shortest digits, and large ones as `1E+20`."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    text = repr(value)
    if abs(value) < 1e15 and "e" not in text:
        return text.removesuffix(".0")
    sign, digits, exponent = Decimal(text).normalize().as_tuple()
    point = len(digits) + int(exponent)
    if -4 < point <= max(len(digits), 15):
        return format(Decimal(text).normalize(), "f")
    first, *others = map(str, digits)
    fraction = "." + "".join(others) if others else ""
    return f"{'-' if sign else ''}{first}{fraction}E{point - 1:+03d}"
