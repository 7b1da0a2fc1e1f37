"""Do the bindings of a function and its Python signature fit? The texts are the official ones.

The rules and the order of the checks are spec worker 3.1 to 3.3; users search for these texts,
so a wording changes only when the official workers change theirs. Must not import user code or
call it: it reads the signature alone. Called by both loaders for every function.
"""

from __future__ import annotations

import collections.abc
import inspect
import types
import typing
from typing import TYPE_CHECKING, Any, ClassVar, Union

from ferrofunc.record import Record
from ferrofunc.worker import converters
from ferrofunc.worker.binding import is_trigger
from ferrofunc.worker.function import Kind, Model, Parameter
from ferrofunc.worker.load_error import FunctionLoadError

if TYPE_CHECKING:
    from collections.abc import Callable

_DATA_TYPE_NUMBER = {"string": 1, "binary": 2, "stream": 3}
_NOT_GENERIC = (Union, tuple, ClassVar, collections.abc.Callable)


class Signature(Record):
    """What `validate` learned of a function whose bindings fit."""

    parameters: tuple[Parameter, ...]
    returns: bool
    return_converter: str | None
    return_annotation: Any


def validate(
    name: str,
    user_function: Callable[..., Any],
    bindings: tuple[dict[str, Any], ...],
    model: Model,
) -> Signature:
    """Check `bindings` against the signature of `user_function`.

    Raises FunctionLoadError with the official text, and NameError when an annotation names
    something that does not exist.
    """
    signature = inspect.signature(user_function)
    annotations = typing.get_type_hints(user_function)
    bound: dict[str, dict[str, Any]] = {}
    for binding in bindings:
        _check_direction(name, binding)
        if binding["name"] != "$return":
            bound[binding["name"]] = binding
    takes_context = "context" in signature.parameters and "context" not in bound
    if takes_context:
        _check_context(name, annotations)
    _check_names(name, set(signature.parameters) - ({"context"} - bound.keys()), set(bound))
    parameters = tuple(
        Parameter(
            name="context",
            kind="context",
            binding=None,
            annotation=annotations.get("context"),
            keyword_only=parameter.kind is parameter.KEYWORD_ONLY,
            converter="",
        )
        if takes_context and parameter.name == "context"
        else _parameter(name, parameter, bound[parameter.name], annotations, model)
        for parameter in signature.parameters.values()
    )
    return_converter, explicit = _return_converter(bindings)
    if explicit and return_converter is not None and "return" in annotations:
        _check_return(name, return_converter, annotations["return"])
    return Signature(
        parameters=parameters,
        returns=return_converter is not None,
        return_converter=return_converter,
        return_annotation=annotations.get("return") if return_converter is not None else None,
    )


def _check_direction(name: str, binding: dict[str, Any]) -> None:
    if binding["direction"] == "inout":
        raise FunctionLoadError(name, '"inout" bindings are not supported')
    if binding["name"] == "$return" and binding["direction"] != "out":
        raise FunctionLoadError(name, '"$return" binding must have direction set to "out"')


def _check_context(name: str, annotations: dict[str, Any]) -> None:
    if "context" not in annotations:
        return
    annotation = annotations["context"]
    if not _is_class(annotation) or annotation.__name__ != "Context":
        raise FunctionLoadError(
            name,
            'the "context" parameter is expected to be of type azure.functions.Context, '
            f"got {annotation!r}",
        )


def _check_names(name: str, declared: set[str], bound: set[str]) -> None:
    if declared - bound:
        raise FunctionLoadError(
            name,
            "the following parameters are declared in Python but not in the function definition "
            f"(function.json or function decorators):  {_set(declared - bound)}",
        )
    if bound - declared:
        raise FunctionLoadError(
            name,
            "the following parameters are declared in the function definition (function.json or "
            f"function decorators) but not in Python: {_set(bound - declared)}",
        )


def _parameter(
    function: str,
    parameter: inspect.Parameter,
    binding: dict[str, Any],
    annotations: dict[str, Any],
    model: Model,
) -> Parameter:
    name, is_out = parameter.name, binding["direction"] == "out"
    annotation, converter = None, binding["type"]
    if name in annotations:
        annotation = _value_type(function, name, annotations[name], is_out, model)
        # The user asks for the plain payload: the binding's own converter steps aside.
        if annotation in (str, bytes) and not converters.has_implicit_output(converter):
            converter = converters.GENERIC
        fits = converters.accepts_output if is_out else converters.accepts_input
        if not fits(converter, annotation):
            raise FunctionLoadError(function, _mismatch(name, binding, annotation, model))
    kind: Kind = "out" if is_out else "trigger" if is_trigger(binding) else "input"
    return Parameter(
        name=name,
        kind=kind,
        binding=binding,
        annotation=annotation,
        keyword_only=parameter.kind is parameter.KEYWORD_ONLY,
        converter=converter,
    )


def _value_type(function: str, name: str, annotation: Any, is_out: bool, model: Model) -> Any:
    """Return the type of the value itself: `annotation`, or what is inside its `Out[...]`."""
    says_out = _is_out(annotation)
    value_type = annotation
    if says_out:
        inside = typing.get_args(annotation)
        if len(inside) != 1:
            raise FunctionLoadError(
                function, f"binding {name} has invalid Out annotation {annotation!r}"
            )
        value_type = inside[0]
    if not _is_class(value_type) and not _is_generic(value_type):
        raise FunctionLoadError(
            function, f"binding {name} has invalid non-type annotation {annotation!r}"
        )
    if is_out and not says_out:
        raise FunctionLoadError(
            function,
            f'binding {name} is declared to have the "out" direction, but its annotation in '
            "Python is not a subclass of azure.functions.Out",
        )
    if says_out and not is_out:
        place = "function.json" if model == "v1" else "the binding decorator"
        raise FunctionLoadError(
            function,
            f'binding {name} is declared to have the "in" direction in {place}, but its '
            "annotation is azure.functions.Out in Python",
        )
    return value_type


def _mismatch(name: str, binding: dict[str, Any], annotation: Any, model: Model) -> str:
    class_name = getattr(annotation, "__name__", repr(annotation))
    data_type = binding.get("dataType")
    number = _DATA_TYPE_NUMBER.get(data_type) if data_type is not None else None
    # A decorator without data_type leaves None, which is not the "undefined" of function.json.
    if number is None and (model == "v1" or data_type is not None):
        return (
            f'type of {name} binding in function.json "{binding["type"]}" does not match its '
            f'Python annotation "{class_name}"'
        )
    return (
        f'{name!r} binding type "{binding["type"]}" and dataType "{number}" in function.json '
        f"do not match the corresponding function parameter's Python type annotation "
        f'"{class_name}"'
    )


def _return_converter(bindings: tuple[dict[str, Any], ...]) -> tuple[str | None, bool]:
    """Name the type that encodes a returned value, and whether `$return` says so itself."""
    implicit = None
    for binding in bindings:
        if binding["name"] == "$return":
            return binding["type"], True
        if converters.has_implicit_output(binding["type"]):
            implicit = binding["type"]
    return implicit, False


def _check_return(name: str, converter: str, annotation: Any) -> None:
    if _is_out(annotation):
        raise FunctionLoadError(name, "return annotation should not be azure.functions.Out")
    if not _is_class(annotation):
        raise FunctionLoadError(name, f"has invalid non-type return annotation {annotation!r}")
    if not converters.accepts_output(converter, annotation):
        raise FunctionLoadError(
            name,
            f'Python return annotation "{annotation.__name__}" does not match binding type '
            f'"{converter}"',
        )


def _is_class(annotation: Any) -> bool:
    # On Python 3.10 list[str] calls itself an instance of type.
    return isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias)


def _is_generic(annotation: Any) -> bool:
    """Tell a subscripted `typing` generic, such as List[str]; list[str] is not one."""
    if isinstance(annotation, (types.GenericAlias, types.UnionType)):
        return False
    origin = typing.get_origin(annotation)
    return origin is not None and origin not in _NOT_GENERIC and bool(typing.get_args(annotation))


def _is_out(annotation: Any) -> bool:
    """Tell `Out[...]` by the class's name, for the app may carry its own copy of the library."""
    written = typing.get_origin(annotation) if _is_generic(annotation) else annotation
    return _is_class(written) and written.__name__ == "Out"


def _set(names: set[str]) -> str:
    # As Python prints a set, in an order that does not change from run to run.
    return "{" + ", ".join(repr(name) for name in sorted(names)) + "}"
