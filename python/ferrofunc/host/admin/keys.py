"""The keys API: list, read, make, set and delete keys (http.md 8.5).

The only place that shows key values, and only to callers at level admin. A change counts at once.
"""

from __future__ import annotations

from ferrofunc.host.admin.answer import NOT_FOUND, NOT_RUNNING, as_json, as_text, empty
from ferrofunc.host.admin.names import is_valid
from ferrofunc.host.keys.store import HOST, MASTER, SYSTEM, find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ferrofunc.host.admin.answer import Response
    from ferrofunc.host.admin.call import Call

_MASTER = "_master"
_SCOPES = {"keys": HOST, "functionkeys": HOST, "systemkeys": SYSTEM}


def every(call: Call) -> Response:
    """Return the keys of a function or of the host."""
    scope = _scope(call)
    if not isinstance(scope, str):
        return scope
    found = [{"name": name, "value": value} for name, value in _keys(call, scope).items()]
    return as_json({"keys": found, "links": _links(call)})


def one(call: Call) -> Response:
    """Return one key by its name, in any case."""
    scope = _scope(call)
    if not isinstance(scope, str):
        return scope
    name = call.parts["key"]
    if name.lower() == _MASTER:
        if scope != SYSTEM:
            return NOT_FOUND
        return _told(call, _MASTER, call.acts.keys.master(), 200)
    keys = _keys(call, scope)
    known = find(keys, name)
    return NOT_FOUND if known is None else _told(call, known, keys[known], 200)


def put(call: Call) -> Response:
    """Make a key (POST), or set it to a value (PUT)."""
    scope = _scope(call)
    if not isinstance(scope, str):
        return scope
    name = call.parts["key"]
    if name.lower() == _MASTER and "scope" in call.parts:
        scope = MASTER
    elif name.startswith("_"):
        return as_text("Invalid key name", 400)
    value = None
    if call.method == "PUT":
        value = _value(call)
        if value is None:
            return as_text("Invalid key value", 400)
    stored, value, is_new = call.acts.keys.put(scope, name, value)
    call.acts.publish_keys()
    return _told(call, _MASTER if scope == MASTER else stored, value, 201 if is_new else 200)


def delete(call: Call) -> Response:
    """Delete a key. Those with names of the system's stay."""
    scope = _scope(call)
    if not isinstance(scope, str):
        return scope
    name = call.parts["key"]
    if name.startswith("_"):
        return as_text("Cannot delete System Key.", 400)
    if not call.acts.keys.delete(scope, name):
        return NOT_FOUND
    call.acts.publish_keys()
    return empty(204)


def _scope(call: Call) -> str | Response:
    """Return whose keys are meant, as the store calls them, or why there are none."""
    if "scope" in call.parts:
        return _SCOPES.get(call.parts["scope"].lower()) or NOT_FOUND
    if not call.view.is_alive:
        return NOT_RUNNING
    function = call.view.function(call.parts["function"])
    # One with a bad name is listed too, in error; its name must not become that of a file.
    return NOT_FOUND if function is None or not is_valid(function.name) else function.name


def _keys(call: Call, scope: str) -> dict[str, str]:
    store = call.acts.keys
    if scope == HOST:
        return store.host()
    return store.system() if scope == SYSTEM else store.function(scope)


def _value(call: Call) -> str | None:
    try:
        given = call.json()
    except ValueError:
        return None
    value = given.get("value") if isinstance(given, dict) else None
    return value if isinstance(value, str) and value else None


def _links(call: Call) -> list[dict[str, str]]:
    return [{"rel": "self", "href": call.href}]


def _told(call: Call, name: str, value: str, status: int) -> Response:
    return as_json({"name": name, "value": value, "links": _links(call)}, status)
