"""Answers: what to send back, now or later.

Values only; the gateway writes them. Used by every group of endpoints.
"""

from __future__ import annotations

import json

from ferrofunc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Answer: TypeAlias = "Response | Later"

_JSON = (("Content-Type", "application/json; charset=utf-8"),)
_TEXT = (("Content-Type", "text/plain; charset=utf-8"),)


class Response(Record):
    """What to send back. `headers` name the content type, never the length."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Later(Record):
    """An answer that is not known yet.

    `start` is called once, with what takes the answer when it is known: in any thread, and once.
    """

    start: Callable[[Callable[[Response], None]], None]


def empty(status: int) -> Response:
    """Return an answer without a body."""
    return Response(status=status)


def as_json(value: object, status: int = 200) -> Response:
    """Return a value as JSON, written as tightly as the official host does."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(status=status, headers=_JSON, body=text.encode("utf-8", "surrogatepass"))


def as_text(text: str, status: int) -> Response:
    """Return plain text."""
    return Response(status=status, headers=_TEXT, body=text.encode("utf-8", "replace"))


NOT_FOUND = empty(404)
BAD_REQUEST = empty(400)
NOT_RUNNING = as_text("Function host is not running.", 503)
