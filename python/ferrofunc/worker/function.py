"""What indexing finds: `Function`, its `Parameter`s, and the `Index` of an app.

Plain values, built once by the loaders and read by the dispatcher. Nothing here imports user
code, looks anything up, or decides: a field that is needed per call is filled at index time.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Literal

from ferrofunc.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from ferrofunc.worker.load_error import LoadError

Model = Literal["v1", "v2"]
Kind = Literal["trigger", "input", "out", "context"]


class Parameter(Record):
    """One parameter of the user's Python function.

    `binding` is the very dict that `Function.bindings` holds; None for the Context.
    `annotation` is resolved (no strings left); for kind 'out' it is the type inside `Out[...]`;
    None when the user wrote none. `converter` names the binding type whose converter decodes or
    encodes the value, 'generic' included; '' for the Context.
    """

    name: str
    kind: Kind
    binding: dict[str, Any] | None
    annotation: Any
    keyword_only: bool
    converter: str


class Application(Record):
    """An application behind a Function.

    `call` is the application; `state` is what its lifespan and each `scope` share; `has_lifespan`
    tells whether the official adapter runs the lifespan.
    """

    kind: Literal["asgi", "wsgi"]
    call: Callable[..., Any]
    state: dict[str, Any]
    has_lifespan: bool


class Function(Record):
    """One indexed user function.

    `directory` is what `context.function_directory` says. `bindings` are shaped like
    function.json whichever model they came from: camelCase keys, `direction` 'in' or 'out',
    `authLevel`, `dataType` and `cardinality` in lower case, `methods` a list as it is written.
    With `error` set, `user_function` is None and `parameters` is empty; the others go on.
    `return_converter` is None exactly when `returns` is False. With `application` set,
    `user_function` is only a door to it and is not called.
    """

    name: str
    function_id: str
    directory: str
    script_file: str
    entry_point: str
    bindings: tuple[dict[str, Any], ...]
    retry: dict[str, Any] | None
    user_function: Callable[..., Any] | None
    is_async: bool
    parameters: tuple[Parameter, ...]
    returns: bool
    error: LoadError | None
    model: Model
    return_converter: str | None = None
    return_annotation: Any = None
    application: Application | None = None


class Index(Record):
    """Everything one indexing pass found.

    `functions` are sorted by name ignoring case. `error` is set when the app as a whole could
    not be indexed, and then `functions` is empty. `script_file` is the v2 entry file, or '' for
    an app of function.json folders. `user_files` are the imported files below the app root,
    installed packages left out, sorted.
    """

    model: Model
    script_file: str
    functions: tuple[Function, ...]
    error: LoadError | None
    user_files: tuple[str, ...]


def function_id(name: str) -> str:
    """Return the id of the function `name`: the same name has the same id in every process."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))
