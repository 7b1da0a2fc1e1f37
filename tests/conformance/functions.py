"""Functions of the v1 model as files, so that a table can say exactly what a function.json holds.

Each of them answers with what it saw, by `tests/apps/seen/seen.py`. Called by the tables of this
folder, for `files` of a host.
"""

from __future__ import annotations

import json

ANSWER = {"type": "http", "direction": "out", "name": "$return"}


def function(
    name: str, code: str = "from seen import main\n", /, **trigger: object
) -> dict[str, str]:
    """Return the files of HTTP function `name`; `trigger` adds to its binding or replaces.

    Args:
        name: the function's name, which is its folder's.
        code: its `__init__.py`.
        trigger: keys of the trigger's binding.
    """
    binding = {
        "type": "httpTrigger",
        "direction": "in",
        "name": "req",
        "authLevel": "anonymous",
        **trigger,
    }
    document = {"scriptFile": "__init__.py", "bindings": [binding, ANSWER]}
    return {f"{name}/function.json": json.dumps(document), f"{name}/__init__.py": code}


def host_json(**http: object) -> dict[str, str]:
    """Return a host.json with these keys of `extensions.http`."""
    return {"host.json": json.dumps({"version": "2.0", "extensions": {"http": http}})}
