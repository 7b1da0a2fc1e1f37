"""The class that apps see as `func.HttpResponse`: the library's, with the core's storage under it.

Its methods and properties are the library's very functions; the core answers to the private names
that they read and write, and runs the library's `__init__` for arguments that it does not know.
So an instance costs next to nothing until somebody looks at it, and what is seen then is the
library's doing. Must never stand in for a class that behaves unlike the one it was made after:
such a library keeps its own, and `why_not` says what was found. Called by `support`, `main` and
`import_user`.
"""

from __future__ import annotations

import copyreg
import sys
from abc import ABCMeta
from http import HTTPStatus
from types import FunctionType
from typing import TYPE_CHECKING, Any

import azure.functions as func

from ferrofunc import _core

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping

SWITCH = "FERROFUNC_NATIVE_RESPONSE"
"""The environment variable that leaves apps the library's class when it is 0."""

# Where the library keeps the class: what its middlewares make, and what users import.
_MODULES = ("", "._http", "._http_asgi", "._http_wsgi")
_NOT_TAKEN = {"__abstractmethods__", "__dict__", "__init__", "__weakref__", "_abc_impl"}
_PROBES: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
    ((), {}),
    (("é",), {}),
    ((b"\xff",), {"status_code": 404, "mimetype": "application/json"}),
    (("a",), {"status_code": HTTPStatus.CREATED, "headers": {"A": "b", "a": "c"}}),
    ((), {"body": "a", "mimetype": "text/html", "charset": "utf-8", "headers": {}}),
)

library_class: ABCMeta = func.HttpResponse


def is_wanted(environ: Mapping[str, str]) -> bool:
    """Tell whether apps are to have the native class."""
    return environ.get(SWITCH, "").strip().lower() not in {"0", "false", "no"}


def install() -> None:
    """Put the native class where the library keeps its own. Changes nothing if there is none."""
    if native_class is None:
        return
    for name in _MODULES:
        module = sys.modules.get(f"azure.functions{name}")
        if module is not None and vars(module).get("HttpResponse") is library_class:
            module.HttpResponse = native_class  # type: ignore[attr-defined]


def explain(error: TypeError) -> None:
    """Add to the error of a class statement the way out, should it be about the native class."""
    if "lay-out conflict" in str(error) and func.HttpResponse is native_class:
        error.args = (
            f"{error}. If one of them is func.HttpResponse: ferrofunc's cannot be combined with a "
            f"built-in class such as Exception or dict; set {SWITCH} to 0 to use the library's",
        )


def _make() -> type:
    """Return a class like the library's. Raises ValueError if the library's is not as expected."""
    taken = {k: v for k, v in vars(library_class).items() if k not in _NOT_TAKEN}
    given = {
        **_core.response_descriptors(),
        "__dict__": property(_core.response_attributes, _core.set_response_attributes),
        "__getstate__": _state,
        "__subclasshook__": classmethod(_is_subclass),
    }
    _check(taken, given)
    metaclass = type(library_class)
    bases = (_core.HttpResponse, *library_class.__bases__)
    made: type = metaclass(library_class.__name__, bases, {**taken, **given})
    _core.adopt_response_class(made, vars(library_class)["__init__"], _headers)
    for positional, keywords in _PROBES:
        expected = _seen(library_class(*positional, **keywords))
        found = _seen(made(*positional, **keywords))
        if found != expected:
            raise ValueError(f"expected {found} in an instance, found {expected}")
    library_class.register(made)
    return made


def _check(taken: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    if type(library_class) is not ABCMeta:
        raise ValueError(f"expected an abstract base class, found a {type(library_class).__name__}")
    if not isinstance(vars(library_class).get("__init__"), FunctionType):
        raise ValueError("expected a class with an __init__ of its own, found none")
    if found := sorted({"__new__", "__slots__", *given} & taken.keys()):
        raise ValueError(f"expected a class without {', '.join(found)}")
    if any("__class__" in code.co_freevars for code in _codes(taken.values())):
        raise ValueError("expected methods without super(), found one with it")


def _codes(members: Iterable[Any]) -> Iterable[Any]:
    for member in members:
        for function in (member, *(getattr(member, part, None) for part in ("fget", "__func__"))):
            if isinstance(function, FunctionType):
                yield function.__code__


def _seen(response: Any) -> dict[str, Any]:
    """What the library's methods find in an instance, in a form that can be compared."""
    return {
        name: (type(value), list(value.items())) if name.endswith("__headers") else value
        for name, value in vars(response).items()
    }


def _headers(pairs: Iterable[tuple[str, str]]) -> Any:
    """Make the library's headers object with the pairs of its `__init__`."""
    headers = sys.modules["azure.functions._http"].HttpResponseHeaders()
    for name, value in pairs:
        headers.add_header(name, value)
    return headers


def _is_subclass(cls: type, other: type) -> Any:
    # What was made of the library's class is an instance of what has taken its name.
    return (cls is native_class and library_class in other.__mro__) or NotImplemented


def _state(self: Any) -> Any:
    """What `object` would answer if the core's storage were not there."""
    attributes: MutableMapping[str, Any] = self.__dict__
    names = copyreg._slotnames(type(self))  # type: ignore[attr-defined]
    slots = {name: getattr(self, name) for name in names if hasattr(self, name)}
    return (attributes or None, slots) if slots else attributes or None


native_class: type | None = None
why_not: str | None = None
try:
    native_class = _make()
except Exception as exc:
    why_not = f"The library's HttpResponse is used, for it is not known well enough: {exc}"
