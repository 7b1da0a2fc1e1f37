"""Functions started by hand: `POST /admin/functions/{name}`, and the warmup trigger (http.md 11).

The caller of the first learns that the input was understood, never how the call ended: the log has
that.
"""

from __future__ import annotations

import json

from ferrofunc.host.admin.answer import BAD_REQUEST, NOT_FOUND, NOT_RUNNING, Later, empty
from ferrofunc.host.admin.call import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ferrofunc.host.admin.answer import Answer, Response
    from ferrofunc.host.admin.call import Call
    from ferrofunc.host.functions import Function

_DONE = empty(200)
# What the gateway takes for a head is more; a description that is longer is a mistake.
_LONGEST_HEAD = 32 << 10


def by_hand(call: Call) -> Response:
    """Run a function once with the text `input`. 202 at once, whatever comes of it."""
    if not _may_be_json(call):
        return empty(415)
    try:
        text = _input(call.json())
    except ValueError:
        return BAD_REQUEST
    if not call.view.is_alive:
        return NOT_RUNNING
    function = call.view.function(call.parts["name"])
    if function is None or function.error is not None:
        return NOT_FOUND
    if not function.is_http:
        call.acts.submit(function, text.encode("utf-8", "surrogatepass"))
        return empty(202)
    try:
        request, body = as_request(function, text, call)
    except ValueError:
        return BAD_REQUEST
    call.acts.submit(function, body, request)
    return empty(202)


def _may_be_json(call: Call) -> bool:
    """A page of another origin can post text or a form unasked, but no JSON: so neither will do."""
    kind = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    return not kind or kind.endswith(("/json", "+json"))


def _input(given: object) -> str:
    """Return the text of `input`, which may be absent or null.

    Raises:
        ValueError: `given` is no object, or `input` is an object or an array.
    """
    if not isinstance(given, dict):
        raise ValueError("an object with 'input' is expected")
    found = next((value for name, value in given.items() if name.lower() == "input"), None)
    if isinstance(found, (dict, list)):
        raise ValueError("'input' is text")
    if found is None:
        return ""
    return found if isinstance(found, str) else json.dumps(found)


def as_request(function: Function, text: str, call: Call) -> tuple[Request, bytes]:
    """Return the request that an HTTP function is shown, and its body.

    An object with a text `method` is read as the official portal writes a test request: `method`,
    `queryStringParams` and `headers` as lists of `name` and `value`, `body`. Any other text is the
    body of a POST; without text it is a GET. The path is the function's route as far as it has no
    parameters.

    Raises:
        ValueError: The description is not as it should be.
    """
    from urllib.parse import urlencode

    given = _described(text)
    method = str(given.get("method") or ("POST" if text else "GET")).upper()
    query = urlencode(_pairs(given.get("queryStringParams")))
    target = "/" + (function.template or "").partition("{")[0].lstrip("/")
    headers = [("host", call.headers.get("host") or "localhost"), *_pairs(given.get("headers"))]
    body = given.get("body", text)
    if not isinstance(body, str):
        body = "" if body is None else json.dumps(body)
    request = Request(
        method=method,
        target=f"{target}?{query}" if query else target,
        headers=tuple(headers),
    )
    texts = (method, request.target, *(text for pair in headers for text in pair))
    # What cannot be encoded is a ValueError too.
    if sum(len(text.encode()) for text in texts) > _LONGEST_HEAD:
        raise ValueError("the head of the request is too long")
    return request, body.encode("utf-8", "surrogatepass")


def _described(text: str) -> dict[str, object]:
    try:
        given = json.loads(text)
    except ValueError:
        return {}
    is_description = isinstance(given, dict) and isinstance(given.get("method"), str)
    return given if is_description else {}


def _pairs(given: object) -> list[tuple[str, str]]:
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(pair, dict) for pair in given):
        raise ValueError("a list of objects with 'name' and 'value' is expected")
    return [(str(pair.get("name") or ""), str(pair.get("value") or "")) for pair in given]


def warmup(call: Call) -> Answer:
    """Run the function with a warmupTrigger, once; 200 when it has ended. Else 200 at once."""
    kind = "warmuptrigger"
    function = next(
        (
            f
            for f in call.view.functions
            if (f.trigger_type or "").lower() == kind and f.error is None and not f.is_disabled
        ),
        None,
    )
    if function is None or not call.view.is_alive or not call.acts.try_warm_up():
        return _DONE

    def start(answer: Callable[[Response], None]) -> None:
        call.acts.submit(function, b"", then=lambda _failure: answer(_DONE))

    return Later(start=start)
