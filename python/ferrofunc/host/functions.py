"""The functions of the app as the host sees them: data from a worker, judged by the host's rules.

`build` turns the worker's Function table into `Function`s: routes, levels, what is disabled, what
is in error. A function with `error` has neither route nor listener; one with `failure` is routed
and answers 500 each time (http.md 2.1 and 6). What a worker has already refused is taken as it is.
Called by the supervisor at each (re)load; read by `banner`, `admin` and `notices`.
"""

from __future__ import annotations

from ferrofunc.host import binding_types
from ferrofunc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from ferrofunc.settings import Settings

_LEVELS = ("anonymous", "user", "function", "system", "admin")
_RESERVED = ("admin", "runtime")
_BAD_LEVEL = (
    "Error parsing function.json: Invalid value specified for binding property 'authLevel' of enum "
    "type AuthorizationLevel."
)


class Function(Record):
    """One function of the app.

    `index` is its row in the worker's table, the number that host and workers share. `trigger_type`
    is written as the app writes it. `template` is route prefix and route, braces and all, None when
    no HTTP request can start it. `methods` are upper case, None is all of them. `auth_level` is one
    word in lower case, None without an HTTP trigger. `error` is why it is not mapped, `failure` why
    each call of it fails, `failure_stack` the traceback of that.
    """

    name: str
    index: int
    function_id: str
    script_file: str
    entry_point: str
    directory: str
    bindings: tuple[Mapping[str, Any], ...]
    trigger_type: str | None
    template: str | None
    methods: tuple[str, ...] | None
    auth_level: str | None
    is_async: bool
    is_stream: bool
    is_disabled: bool
    retry: Mapping[str, Any] | None
    error: str | None
    failure: str | None
    failure_stack: str | None

    @property
    def is_http(self) -> bool:
        """Whether an HTTP request starts it."""
        return self.template is not None

    @property
    def is_routed(self) -> bool:
        """Whether the gateway has a route for it: one in error has none."""
        return self.is_http and self.error is None

    @property
    def has_http_response(self) -> bool:
        """Whether it has the one `http` output by which tools know an HTTP function."""
        return sum(_type(binding).lower() == "http" for binding in self.bindings) == 1

    def invoke_url(self, base_url: str) -> str | None:
        """Return where to call it, as its author wrote the route; None unless HTTP starts it.

        Args:
            base_url: Scheme and authority, without a slash at the end.
        """
        return None if self.template is None else f"{base_url}/{self.template.lstrip('/')}"


def build(rows: Iterable[Mapping[str, Any]], settings: Settings) -> tuple[Function, ...]:
    """Return the app's functions by name, ignoring case; those outside the allow-list left out.

    The order is the one in which routes are tried (http.md 2.2).

    Args:
        rows: The worker's Function table.
        settings: The settings of this start.
    """
    found = [
        _from_row(index, row, settings)
        for index, row in enumerate(rows)
        if settings.is_function_allowed(row["name"])
    ]
    # Upper case, because `_` sorts after letters then, as it does for the official host.
    found.sort(key=lambda function: (function.name.upper(), function.index))
    accepted: list[Function] = []
    for function in found:
        accepted.append(_judge(function, accepted))
    return tuple(accepted)


def _from_row(index: int, row: Mapping[str, Any], settings: Settings) -> Function:
    name, bindings = row["name"], tuple(row["bindings"])
    trigger = next((b for b in bindings if _type(b).lower().endswith("trigger")), None)
    http = trigger if trigger is not None and _type(trigger).lower() == "httptrigger" else None
    is_refused = row["errorKind"] == "metadata"
    return Function(
        name=name,
        index=index,
        function_id=row["functionId"],
        script_file=row["scriptFile"],
        entry_point=row["entryPoint"],
        directory=row["directory"],
        bindings=bindings,
        trigger_type=None if trigger is None else _type(trigger),
        template=None if http is None else _template(name, http, settings.route_prefix),
        methods=None if http is None else _methods(http),
        auth_level=None if http is None else str(http.get("authLevel") or "function").lower(),
        is_async=row["isAsync"],
        is_stream=row.get("isStream", False),
        is_disabled=settings.is_function_disabled(name),
        # The function's own beats the app's.
        retry=row["retry"] or settings.retry,
        error=row["error"] if is_refused else None,
        failure=None if is_refused else row["error"] or binding_types.failure(bindings),
        failure_stack=None if is_refused else row["errorStack"],
    )


def _type(binding: Mapping[str, Any]) -> str:
    return str(binding.get("type") or "")


def _route(name: str, trigger: Mapping[str, Any]) -> str:
    route = trigger.get("route")
    return name if route is None or not str(route).strip() else str(route)


def _template(name: str, trigger: Mapping[str, Any], prefix: str) -> str:
    route = _route(name, trigger)
    return f"{prefix}/{route}" if prefix else route


def _methods(trigger: Mapping[str, Any]) -> tuple[str, ...] | None:
    methods = trigger.get("methods")
    return None if methods is None else tuple(str(method).upper() for method in methods)


def _judge(function: Function, earlier: Iterable[Function]) -> Function:
    """Return `function`, with the error of the first rule it breaks (http.md 2.1)."""
    if function.error is not None:
        return function
    error = _first_error(function, [other for other in earlier if other.error is None])
    return function if error is None else Function(**{**vars(function), "error": error})


def _first_error(function: Function, earlier: list[Function]) -> str | None:
    unknown = binding_types.unknown(function.bindings)
    if unknown:
        return (
            f"The binding type(s) '{', '.join(unknown)}' are not registered. Please ensure the "
            "type is correct and the binding extension is installed."
        )
    if function.is_http:
        if function.auth_level not in _LEVELS:
            return _BAD_LEVEL
        route = _normal_route(function)
        if route.startswith(_RESERVED):
            return "The specified route conflicts with one or more built in routes."
        for other in earlier:
            if other.is_http and _normal_route(other) == route and _share_method(function, other):
                return (
                    "The route specified conflicts with the route defined by function "
                    f"'{other.name}'."
                )
    if any(other.name.lower() == function.name.lower() for other in earlier):
        return (
            f"The function or proxy name '{function.name}' must be unique within the function app."
        )
    return None


def _trigger(function: Function) -> Mapping[str, Any]:
    return next(b for b in function.bindings if _type(b).lower() == "httptrigger")


def _normal_route(function: Function) -> str:
    return _route(function.name, _trigger(function)).strip("/").lower()


def _share_method(one: Function, other: Function) -> bool:
    # As written: `get` and `GET` do not clash, although either matches both.
    methods, others = _trigger(one).get("methods"), _trigger(other).get("methods")
    if methods is None or others is None:
        return True
    return not {str(method) for method in methods}.isdisjoint(map(str, others))
