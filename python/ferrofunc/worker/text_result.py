"""What becomes of a returned `str`: read as JSON first, as the official host does (spec http 5.3).

A text that is no JSON is sent as it is. An object with a `body` is a response of its own; another
object or array is indented; a scalar becomes its plain text. `enableContentNegotiation` of such a
response is ignored. Must not look at other results. Called by the compiled core, and only where a
text can be JSON at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ferrofunc.worker import cookies, loose_json

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN = "text/plain; charset=utf-8"
_JSON = "application/json"
_INDENT = "  "
_FLAGS = ("secure", "httponly")


def read(text: str) -> tuple[int, list[tuple[str, str]], str] | None:
    """Return status, headers (a content type among them) and body; None to send `text` as it is.

    Raises ValueError for a response object with a status, or a cookie, that cannot be sent.
    """
    bare = text.strip()
    if not bare:
        return 200, [("Content-Type", PLAIN)], ""
    try:
        value = loose_json.parse(bare)
        parts = _by_lower_name(value)
        is_response = "body" in parts
        content = parts["body"] if is_response else value
        is_document = isinstance(content, (dict, list))
        body = (
            loose_json.write(content, None if is_response else _INDENT)
            if is_document
            else loose_json.plain(content)
        )
        # JSON can spell half a surrogate pair, which no body can hold.
        body.encode()
    except ValueError:
        return None
    if not is_response:
        return 200, [("Content-Type", PLAIN)], body
    headers = list(_headers(parts.get("headers")))
    if all(name.lower() != "content-type" for name, _ in headers):
        headers.append(("Content-Type", _JSON if is_document else PLAIN))
    headers += [("Set-Cookie", cookie) for cookie in _cookies(parts.get("cookies"))]
    return _status(parts), headers, body


def _by_lower_name(value: Any) -> dict[str, Any]:
    """The properties of an object; nothing for what is no object."""
    return {name.lower(): part for name, part in value.items()} if isinstance(value, dict) else {}


def _status(parts: dict[str, Any]) -> int:
    given = parts.get("statuscode", parts.get("status"))
    if isinstance(given, str):
        try:
            given = int(given)
        except ValueError:
            return 200
    if not isinstance(given, int) or isinstance(given, bool):
        return 200
    if not 100 <= given <= 999:
        raise ValueError(f"expected a status code from 100 to 999, found {given}")
    return given


def _headers(given: Any) -> Iterator[tuple[str, str]]:
    if isinstance(given, dict):
        for name, value in given.items():
            if value is not None:
                yield name, _text(value)


def _cookies(given: Any) -> Iterator[str]:
    for cookie in given if isinstance(given, list) else ():
        parts = _by_lower_name(cookie)
        name, value = parts.pop("name", None), parts.pop("value", None)
        attributes = {
            attribute: part is True if attribute in _FLAGS else _text(part)
            for attribute, part in parts.items()
        }
        attributes.setdefault("max-age", attributes.get("maxage", ""))
        text = cookies.write(str(name), _text(value), attributes) if name else None
        if text is not None:
            yield text


def _text(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return loose_json.write(value, None)
    return loose_json.plain(value)
