"""`/admin/functions`: which functions there are, and what is wrong with them (http.md 11)."""

from __future__ import annotations

from ferrofunc.host.admin.answer import NOT_FOUND, NOT_RUNNING, as_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ferrofunc.host.admin.answer import Response
    from ferrofunc.host.admin.call import Call
    from ferrofunc.host.functions import Function


def every(call: Call) -> Response:
    """Return all functions, disabled and broken ones included."""
    if not call.view.is_alive:
        return NOT_RUNNING
    return as_json([describe(function, call) for function in call.view.functions])


def one(call: Call) -> Response:
    """Return one function by its name, in any case."""
    if not call.view.is_alive:
        return NOT_RUNNING
    function = call.view.function(call.parts["name"])
    return NOT_FOUND if function is None else as_json(describe(function, call))


def status(call: Call) -> Response:
    """Return a function's errors; an empty object if it has none."""
    if not call.view.is_alive:
        return NOT_RUNNING
    function = call.view.function(call.parts["name"])
    if function is None:
        return NOT_FOUND
    errors = [error for error in (function.error, function.failure) if error is not None]
    return as_json({"errors": errors} if errors else {})


def describe(function: Function, call: Call) -> dict[str, object]:
    """Return the official description of a function; absent values are null.

    Args:
        function: One function.
        call: Whoever asks; the links begin as the caller's address does.
    """
    base = call.base_url
    files = f"{base}/admin/vfs"
    script = _below(function.script_file, call.view.settings.app_root)
    url = function.invoke_url(base)
    return {
        "name": function.name,
        "script_root_path_href": f"{files}/{function.name}/",
        "script_href": f"{files}/{script}",
        "config_href": f"{files}/{function.name}/function.json",
        "test_data_href": None,
        "href": f"{base}/admin/functions/{function.name}",
        "invoke_url_template": None if url is None else url.lower(),
        "language": "python",
        "config": {
            "name": function.name,
            "entryPoint": function.entry_point,
            "scriptFile": script,
            "language": "python",
            "functionDirectory": function.directory,
            "bindings": list(function.bindings),
        },
        "files": None,
        "test_data": None,
        "isDisabled": function.is_disabled,
        "isDirect": False,
        "isProxy": False,
    }


def _below(path: str, root: str) -> str:
    return path.removeprefix(root.rstrip("/") + "/")
