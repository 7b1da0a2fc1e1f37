"""A case: one row of the specification as data, what is sent and what has to come back.

It only sends, reads and compares; which host it talks to is the caller's. Called by the tables of
this folder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from e2e.messages import Response
    from e2e.running_host import RunningHost

ANYTHING: Any = object()
"""Stands for an answer that is not looked at."""

LOG_PATIENCE = 10.0
"""Seconds that a line may take to reach the log."""


@dataclass(frozen=True)
class Case:
    """One request and its answer.

    Attributes:
        name: the id, `http-<section>-<what>`.
        request: method and target.
        status: the expected status.
        body: the expected body; text stands for its UTF-8.
        json: the value that the expected body holds as JSON.
        seen: what the body, a JSON object, has to hold among other things.
        fields: expected header fields; None for one that must be absent.
        send: header fields to send.
        payload: the body to send.
        log: a pattern of what the log shows after the request.
    """

    name: str
    request: str
    status: int = 200
    body: str | bytes = ANYTHING
    json: Any = ANYTHING
    seen: Mapping[str, object] = field(default_factory=dict)
    fields: Mapping[str, str | None] = field(default_factory=dict)
    send: Mapping[str, str] = field(default_factory=dict)
    payload: str | bytes | None = None
    log: str | None = None

    def check(self, running: RunningHost) -> Response:
        """Send the request to `running`, compare the answer, and return it."""
        seen = len(running.log()) if self.log else 0
        method, _, target = self.request.partition(" ")
        response = running.request(method, target, self.send, self.payload)
        assert response.status == self.status, response
        if self.body is not ANYTHING:
            expected = self.body.encode() if isinstance(self.body, str) else self.body
            assert response.body == expected
        if self.json is not ANYTHING:
            assert response.json() == self.json
        if self.seen:
            told = response.json()
            assert {key: told.get(key) for key in self.seen} == dict(self.seen)
        found = {name: response.header(name) for name in self.fields}
        assert found == dict(self.fields)
        if self.log:
            running.wait_log(self.log, LOG_PATIENCE, seen)
        return response


def each(cases: Iterable[Case]) -> pytest.MarkDecorator:
    """Run a test once for each of `cases`, as argument `case`, under its name."""
    listed = list(cases)
    names = [case.name for case in listed]
    assert len(set(names)) == len(names), "expected a name of its own for each case"
    return pytest.mark.parametrize("case", listed, ids=names)
