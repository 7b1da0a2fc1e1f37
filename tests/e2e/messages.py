"""HTTP responses as tests compare them, and a reader for several of them in one run of bytes.

The reader is the standard library's: an oracle that shares no line with the host's own parser.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Response:
    """A whole response.

    Attributes:
        status: the status code.
        headers: name and value pairs in the order received.
        body: the body, with the transfer coding removed.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def read_from(cls, response: HTTPResponse) -> Response:
        """Read `response` to its end."""
        with response:
            body = response.read()
            return cls(response.status, tuple(response.getheaders()), body)

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """The only value of header `name`, None without one; two of a name fail the test."""
        values = self.header_list(name)
        assert len(values) <= 1, f"header {name} came {len(values)} times: {values}"
        return values[0] if values else None

    def header_list(self, name: str) -> list[str]:
        """Every value of header `name` in the order received."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


class _Bytes(io.BytesIO):
    """Bytes that stay readable when a response ends: the next one follows in them."""

    def close(self) -> None:
        """Stay open."""


class _Socket:
    """The one thing that `HTTPResponse` asks of a socket."""

    def __init__(self, received: _Bytes) -> None:
        self._received = received

    def makefile(self, _mode: str) -> _Bytes:
        return self._received


def read_responses(received: bytes, methods: Sequence[str]) -> tuple[list[Response], bytes]:
    """Read the responses to requests of these `methods` from the start of `received`.

    Returns the responses, interim ones left out, and the bytes that follow the last of them.
    Raises http.client.HTTPException where `received` is no HTTP.
    """
    stream = _Bytes(received)
    responses = []
    for method in methods:
        response = HTTPResponse(_Socket(stream), method=method)  # type: ignore[arg-type]
        response.begin()
        responses.append(Response.read_from(response))
    return responses, stream.read()
