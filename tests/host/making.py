"""Small apps and Function tables for the tests of this folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ferrofunc import settings
from ferrofunc.host import functions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HOST_JSON = '{"version": "2.0"}'


class App:
    """An app folder whose settings can be loaded.

    Args:
        root: An empty directory.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("host.json", HOST_JSON)

    def write(self, name: str, content: object) -> App:
        """Write a file: text as it is, anything else as JSON."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return self

    def host_json(self, **content: object) -> App:
        """Write a host.json of version 2.0 with this content."""
        return self.write("host.json", {"version": "2.0", **content})

    def local(self, values: Mapping[str, object] | None = None, **sections: object) -> App:
        """Write a plain local.settings.json."""
        content = {"IsEncrypted": False, "Values": values or {}, **sections}
        return self.write("local.settings.json", content)

    def load(self, environ: Mapping[str, str] | None = None, **options: Any) -> settings.Settings:
        """Load the settings as `start` does, in an environment of this content alone."""
        chosen: dict[str, Any] = {"script_root": str(self.root), **options}
        return settings.load(settings.Options(**chosen), environ or {})


def http(route: str | None = None, methods: list[str] | None = None, **more: object) -> list[Any]:
    """The bindings of an HTTP function, as a worker reports them."""
    trigger: dict[str, Any] = {
        "type": "httpTrigger",
        "direction": "in",
        "name": "req",
        "authLevel": "function",
        **more,
    }
    if route is not None:
        trigger["route"] = route
    if methods is not None:
        trigger["methods"] = methods
    return [trigger, {"type": "http", "direction": "out", "name": "$return"}]


def trigger(kind: str, *others: str) -> list[Any]:
    """The bindings of a function with this trigger and these outputs."""
    outputs = [
        {"type": other, "direction": "out", "name": f"out{n}"} for n, other in enumerate(others)
    ]
    return [{"type": kind, "direction": "in", "name": "event"}, *outputs]


def row(name: str, bindings: list[Any] | None = None, **more: object) -> dict[str, Any]:
    """A row of a worker's Function table; an HTTP function unless `bindings` say otherwise."""
    return {
        "name": name,
        "functionId": f"id-of-{name}",
        "scriptFile": "function_app.py",
        "entryPoint": name,
        "directory": "/app",
        "bindings": http() if bindings is None else bindings,
        "isAsync": False,
        "retry": None,
        "error": None,
        "errorStack": None,
        "errorKind": None,
        **more,
    }


def build(app: App, *rows: dict[str, Any], **options: Any) -> tuple[functions.Function, ...]:
    """Build the host's table of these rows under the app's settings."""
    return functions.build(rows, app.load(**options))
