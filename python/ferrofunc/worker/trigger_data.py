"""What a trigger other than HTTP brings, as the function's own parameter (spec worker 5.2).

The Invocation carries bytes alone, those that a message of the trigger's service would hold; the
library's converter makes the parameter of them. What a service says beside a message (its id, how
often it was delivered, when) is absent, as it is when the official host runs a function by hand
(spec triggers 1.8). Called by `dispatch`, once per Function; `decode` once per call.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from azure.functions.meta import Datum

from ferrofunc.worker import converters

if TYPE_CHECKING:
    from collections.abc import Callable

    from ferrofunc.worker.function import Parameter

    Decode = Callable[[bytes], Any]
    Metadata = dict[str, Datum]

_TIMER = '{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}'


def _json(**texts: str) -> Metadata:
    return {name: Datum(text, "json") for name, text in texts.items()}


# What the converters insist on finding beside a message, or beside a batch of one.
_SINGLE = {
    "eventhubtrigger": _json(SystemProperties="{}"),
    "servicebustrigger": _json(UserProperties="{}"),
}
_BATCH = {
    "eventhubtrigger": _json(SystemPropertiesArray="[{}]"),
    "servicebustrigger": _json(UserPropertiesArray="[{}]"),
    "kafkatrigger": {
        **_json(TimestampArray="[null]", KeyArray="[null]", PartitionArray="[null]"),
        **_json(HeadersArray="[[]]"),
        "OffsetArray": Datum(SimpleNamespace(sint64=[None]), "collection_sint64"),
        "TopicArray": Datum(SimpleNamespace(string=[None]), "collection_string"),
    },
}


def decoder(parameter: Parameter) -> Decode:
    """Return what makes the value of a trigger's parameter out of the Invocation's bytes.

    It raises what the library's converter raises, in the official words where they are known, and
    RuntimeError for a trigger whose data lies in a service (blobTrigger).
    """
    binding = parameter.binding or {}
    kind = str(binding.get("type", "")).lower()
    read = _reader(kind, binding)
    if parameter.converter == converters.GENERIC or not converters.registered(parameter.converter):
        return _plain(read, parameter.annotation is bytes)
    name = parameter.converter

    def decode(data: bytes) -> Any:
        datum, metadata = read(data)
        return converters.decode(name, datum, metadata)

    return decode


def _plain(read: Callable[[bytes], tuple[Datum, Metadata]], as_bytes: bool) -> Decode:
    """Text or bytes as they come, for parameters that ask for no more."""

    def decode(data: bytes) -> Any:
        value = read(data)[0].value
        return value.encode() if as_bytes and isinstance(value, str) else value

    return decode


def _reader(kind: str, binding: dict[str, Any]) -> Callable[[bytes], tuple[Datum, Metadata]]:
    """Return what makes the datum and the metadata that the official host would send."""
    is_binary = str(binding.get("dataType") or "").lower() == "binary"
    is_batch = str(binding.get("cardinality") or "").lower() == "many" and kind in _BATCH
    beside = (_BATCH if is_batch else _SINGLE).get(kind, {})

    def read(data: bytes) -> tuple[Datum, Metadata]:
        if kind == "blobtrigger":
            raise RuntimeError(
                "A function with a blobTrigger is run with the blob that its input names, and this "
                "version of ferrofunc reads no blobs. Run the app with 'func start'."
            )
        if kind == "timertrigger":
            return Datum(_timer(data), "json"), {}
        if kind == "eventgridtrigger":
            return Datum(data.decode(), "json"), {}
        datum = _text_or_bytes(data, is_binary)
        return _batch_of(datum) if is_batch else datum, dict(beside)

    return read


def _timer(data: bytes) -> str:
    """The official shape if `data` has it. Any other input is ignored, as officially."""
    try:
        given = json.loads(data)
    except ValueError:
        return _TIMER
    return json.dumps(given) if isinstance(given, dict) and "IsPastDue" in given else _TIMER


def _text_or_bytes(data: bytes, is_binary: bool) -> Datum:
    if is_binary:
        return Datum(data, "bytes")
    try:
        return Datum(data.decode(), "string")
    except UnicodeDecodeError:
        return Datum(data, "bytes")


def _batch_of(datum: Datum) -> Datum:
    # The converters look for `.string` or `.bytes`, as in the official processes' messages.
    return Datum(SimpleNamespace(**{datum.type: [datum.value]}), f"collection_{datum.type}")
