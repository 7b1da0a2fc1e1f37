"""What the library's converters say about a binding type: which annotations fit, what returns.

A thin reading of `azure.functions`' binding registry; a type it does not know is 'generic'.
Must ask the registry each time, never remember a converter: packages replace converters while
the app is being imported (`register_converter`). Called by `validate` at index time, and by
`trigger_data` for each call of a function that is not started by HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

from ferrofunc.worker import stream_types

GENERIC = "generic"
_DURABLE_CLIENT = "durableClient"


def registered(binding_type: str) -> Any | None:
    """Return the converter class of `binding_type`, or None when the library knows none."""
    # Late, so that the app's own copy of the library is the one that is asked.
    from azure.functions import get_binding_registry

    return get_binding_registry().get(binding_type)


def has_implicit_output(binding_type: str) -> bool:
    """Tell whether a binding of this type makes a returned value legal (spec worker 3.3)."""
    converter = registered(binding_type)
    if converter is None:
        return binding_type != _DURABLE_CLIENT
    # Converters of outputs alone do not have the method.
    implicit = getattr(converter, "has_implicit_output", None)
    return implicit is not None and bool(implicit())


def accepts_input(binding_type: str, annotation: Any) -> bool:
    """Tell whether an input or trigger of this type may carry `annotation`."""
    if binding_type.lower() == "httptrigger" and stream_types.is_request(annotation):
        return True
    return _accepts(binding_type, "check_input_type_annotation", annotation, (str, bytes))


def accepts_output(binding_type: str, annotation: Any) -> bool:
    """Tell whether `$return` or `Out[annotation]` of this type may carry `annotation`."""
    if binding_type.lower() == "http" and stream_types.is_response(annotation):
        return True
    return _accepts(
        binding_type, "check_output_type_annotation", annotation, (str, bytes, bytearray)
    )


def decode(binding_type: str, datum: Any, metadata: Mapping[str, Any]) -> Any:
    """Return what the converter of `binding_type` makes of a `Datum` and its trigger metadata.

    Raises TypeError, in the official words, for a kind of datum that the converter refuses; what
    else it raises goes through.
    """
    converter = registered(binding_type)
    try:
        return None if converter is None else converter.decode(datum, trigger_metadata=metadata)
    except NotImplementedError:
        raise TypeError(
            "unable to decode incoming TypedData: unsupported combination of TypedData field "
            f"{datum.type!r} and expected binding type {converter}"
        ) from None


def _accepts(binding_type: str, check: str, annotation: Any, generic: tuple[type, ...]) -> bool:
    converter = None if binding_type == GENERIC else registered(binding_type)
    try:
        if converter is None:
            return issubclass(annotation, generic)
        # A converter that only goes the other way fits nothing.
        method = getattr(converter, check, None)
        return method is not None and bool(method(annotation))
    except TypeError:
        # issubclass() of a typing generic such as List[str]: the converter takes no generics.
        return False
