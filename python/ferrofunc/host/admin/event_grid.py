"""The webhook of Event Grid: the handshake of a subscription, and its events (http.md 11.1,
triggers.md 7).

Each event of a notification runs the function once, all of them at the same time; the sender is
told 202 when all have succeeded, else 500, and sends the whole batch again.
"""

from __future__ import annotations

import json

from ferrofunc.host.admin.answer import BAD_REQUEST, NOT_RUNNING, Later, Response, as_json, as_text
from ferrofunc.host.admin.answer import empty as _empty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ferrofunc.host.admin.answer import Answer
    from ferrofunc.host.admin.call import Call
    from ferrofunc.host.functions import Function

_TAKEN = _empty(202)


def answer(call: Call) -> Answer:
    """Answer a request of Event Grid, or of a sender of CloudEvents."""
    if not call.view.is_alive:
        return NOT_RUNNING
    name = call.query.get("functionname", "")
    function = call.view.function(name)
    if (
        function is None
        or function.error is not None
        or function.is_disabled
        or (function.trigger_type or "").lower() != "eventgridtrigger"
    ):
        return as_text(f"cannot find function: '{name}'", 404)
    origin = call.headers.get("webhook-request-origin")
    if call.method == "OPTIONS" and origin:
        allowed = (("WebHook-Allowed-Origin", origin), ("WebHook-Allowed-Rate", "*"))
        return Response(status=200, headers=allowed)
    kind = call.headers.get("aeg-event-type", "").lower()
    if kind == "unsubscribe":
        return _TAKEN
    if kind not in ("subscriptionvalidation", "notification"):
        return BAD_REQUEST
    try:
        events = _events(call)
        if kind == "subscriptionvalidation":
            return _validated(events)
        return _run(call, function, events)
    except ValueError:
        return BAD_REQUEST


def _events(call: Call) -> list[dict[str, object]]:
    """Return the events of a request: an array of them, or one alone.

    Raises:
        ValueError: It is neither.
    """
    given = call.json()
    events: list[object] = given if isinstance(given, list) else [given]
    found = [event for event in events if isinstance(event, dict)]
    if len(found) < len(events):
        raise ValueError("events are objects")
    return found


def _validated(events: Sequence[dict[str, object]]) -> Response:
    """Return the code that proves that this address is the subscriber's."""
    data = events[0].get("data") if events else None
    if isinstance(data, str):
        data = json.loads(data)
    code = data.get("validationCode") if isinstance(data, dict) else None
    if not isinstance(code, str):
        raise ValueError("a validation code is expected")
    return as_json({"validationResponse": code})


def _run(call: Call, function: Function, events: Sequence[dict[str, object]]) -> Answer:
    if not events:
        return _TAKEN

    def start(reply: Callable[[Response], None]) -> None:
        failures: list[str | None] = []

        def ended(failure: str | None) -> None:
            failures.append(failure)
            if len(failures) == len(events):
                first = next((text for text in failures if text is not None), None)
                reply(_TAKEN if first is None else as_text(first, 500))

        for event in events:
            call.acts.submit(function, json.dumps(event).encode(), then=ended)

    return Later(start=start)
