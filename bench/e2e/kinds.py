"""The kinds of request, of load and of workload: the words in which `workloads.py` is written.

Must never hold a workload. Called by `workloads.py`, and by all that carry them out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """One HTTP request and the body that answers it (as JSON value if `is_json`).

    With `is_chunked` its body is sent without a Content-Length, in pieces; such a request can be
    checked and not be measured.
    """

    path: str
    expected: bytes
    method: str = "GET"
    body: bytes = b""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    is_json: bool = False
    is_chunked: bool = False

    def is_answered_by(self, status: int, body: bytes) -> bool:
        """Whether status and body are the right answer."""
        if status != 200:
            return False
        if not self.is_json:
            return body == self.expected
        try:
            return bool(json.loads(body) == json.loads(self.expected))
        except ValueError:
            return False


@dataclass(frozen=True)
class Closed:
    """Closed loop: each connection sends again as soon as it is answered."""

    connections: int


@dataclass(frozen=True)
class Open:
    """Open loop: requests leave at a constant rate whatever the server does."""

    rate: int
    connections: int = 64


@dataclass(frozen=True)
class Transfer:
    """Each connection moves one large body after another; memory is watched from the start on."""

    connections: int
    bytes_each: int


@dataclass(frozen=True)
class Idle:
    """Nothing is sent; CPU of the whole process tree."""


@dataclass(frozen=True)
class Start:
    """Process start to first 200, `times` starts a round."""

    times: int = 5


@dataclass(frozen=True)
class Memory:
    """Memory of the whole process tree after start and after a closed-loop load."""

    connections: int = 64


@dataclass(frozen=True)
class Workload:
    """A question, the servers it is put to, and how.

    Attributes:
        request: What is measured.
        in_turn: Requests that are measured in turn with it (closed loop only).
        checked: Requests that are not measured, and must be answered rightly too.
        ready: What tells that the server is up, if `request` would change what is measured.
        app: The app folder in `bench/apps`.
        asgi: `module:attribute` of the ASGI app in that folder which the ASGI peers serve; without
            it they serve their bare handlers.
        settings: Environment variables for all servers.
        most_rounds: How many rounds say all there is to say.
    """

    name: str
    question: str
    load: Closed | Open | Transfer | Idle | Start | Memory
    servers: tuple[str, ...]
    request: Request
    in_turn: tuple[Request, ...] = ()
    checked: tuple[Request, ...] = ()
    ready: Request | None = None
    app: str = "http"
    asgi: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    most_rounds: int | None = None

    @property
    def requests(self) -> tuple[Request, ...]:
        """All that must be answered rightly, before and after."""
        return (self.request, *self.in_turn, *self.checked)
