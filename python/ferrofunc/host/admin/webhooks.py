"""`/runtime/webhooks/{extension}/...`: requests for the extensions that take some (http.md 11.1).

An extension is here while a function of the app needs it; its key is the system key
`<extension>_extension`. A new one is one row in `EXTENSIONS`.
"""

from __future__ import annotations

from ferrofunc.host.admin import event_grid
from ferrofunc.host.admin.answer import NOT_FOUND, empty
from ferrofunc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ferrofunc.host.admin.answer import Answer
    from ferrofunc.host.admin.call import Call
    from ferrofunc.host.functions import Function


class Extension(Record):
    """Who answers below `/runtime/webhooks/<name>`. `triggers` are in lower case."""

    name: str
    triggers: tuple[str, ...]
    answer: Callable[[Call], Answer]

    @property
    def key_name(self) -> str:
        """The name of the system key that opens it."""
        return f"{self.name}_extension"


EXTENSIONS = (
    Extension(name="eventgrid", triggers=("eventgridtrigger",), answer=event_grid.answer),
)


def present(functions: Iterable[Function]) -> list[Extension]:
    """Return the extensions that functions of the app need."""
    kinds = {(function.trigger_type or "").lower() for function in functions}
    return [extension for extension in EXTENSIONS if not kinds.isdisjoint(extension.triggers)]


def dispatch(call: Call) -> Answer:
    """Hand a request to its extension. Callers at level system need the extension's own key."""
    name = call.parts["extension"].lower()
    extension = next((e for e in present(call.view.functions) if e.name == name), None)
    if extension is None:
        return NOT_FOUND
    if call.level == "system" and (call.system_key or "").lower() != extension.key_name:
        return empty(401)
    return extension.answer(call)
