"""What triggers other than HTTP bring, by type and annotation (worker.md 5.2, triggers.md 1.8)."""

from __future__ import annotations

import json
from typing import Any

import azure.functions as func
import pytest
from azure.functions.warmup import WarmUpContext
from ferrofunc.worker import converters
from ferrofunc.worker.function import Parameter
from ferrofunc.worker.trigger_data import decoder


def decode(kind: str, data: bytes, annotation: Any = None, **binding: str) -> Any:
    """Decode as for a parameter with this annotation, of a binding that `validate` has accepted."""
    converter = kind
    if annotation in (str, bytes) and not converters.has_implicit_output(kind):
        converter = converters.GENERIC
    parameter = Parameter(
        name="event",
        kind="trigger",
        binding={"type": kind, "name": "event", "direction": "in", **binding},
        annotation=annotation,
        keyword_only=False,
        converter=converter,
    )
    return decoder(parameter)(data)


class TestTimer:
    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(b"", id="5.2-empty"),
            pytest.param(b"test", id="5.2-text"),
            pytest.param(b"null", id="5.2-null"),
            pytest.param(b"{}", id="5.2-another-object"),
            pytest.param(b"\xff", id="5.2-no-text"),
        ],
    )
    def test_input_is_ignored(self, data: bytes) -> None:
        timer = decode("timerTrigger", data)
        assert isinstance(timer, func.TimerRequest)
        assert (timer.past_due, timer.schedule_status) == (False, {})
        assert timer.schedule == {"AdjustForDST": True}

    def test_the_official_shape(self) -> None:
        status = {"Last": "2026-01-01T00:00:00", "Next": "2026-01-02T00:00:00"}
        given = {"IsPastDue": True, "Schedule": {"AdjustForDST": False}, "ScheduleStatus": status}
        timer = decode("timerTrigger", json.dumps(given).encode())
        assert (timer.past_due, timer.schedule_status) == (True, status)
        assert timer.schedule == {"AdjustForDST": False}

    def test_as_text(self) -> None:
        text = decode("timerTrigger", b"", str)
        assert json.loads(text) == {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": None,
            "IsPastDue": False,
        }


class TestQueue:
    def test_message(self) -> None:
        message = decode("queueTrigger", "ü".encode(), func.QueueMessage)
        assert isinstance(message, func.QueueMessage)
        assert message.get_body() == "ü".encode()
        beside = (message.id, message.dequeue_count, message.insertion_time, message.pop_receipt)
        assert beside == (None, None, None, None)

    @pytest.mark.parametrize("binding", [{}, {"dataType": "binary"}])
    def test_bytes_that_are_no_text(self, binding: dict[str, str]) -> None:
        assert decode("queueTrigger", b"\xff", **binding).get_body() == b"\xff"

    @pytest.mark.parametrize(
        ("annotation", "binding", "expected"),
        [
            pytest.param(str, {}, "ü", id="str"),
            pytest.param(bytes, {}, "ü".encode(), id="bytes"),
            pytest.param(bytes, {"dataType": "binary"}, "ü".encode(), id="bytes-binary"),
            pytest.param(bytes, {"dataType": "string"}, "ü".encode(), id="bytes-string"),
        ],
    )
    def test_plain(self, annotation: type, binding: dict[str, str], expected: object) -> None:
        assert decode("queueTrigger", "ü".encode(), annotation, **binding) == expected


class TestGeneric:
    """A type that the library does not know."""

    @pytest.mark.parametrize(
        ("data", "binding", "expected"),
        [
            pytest.param(b"text", {}, "text", id="5.2-text"),
            pytest.param(b"", {}, "", id="5.2-empty"),
            pytest.param(b'{"a": 1}', {}, '{"a": 1}', id="5.2-json-as-text"),
            pytest.param(b"text", {"dataType": "string"}, "text", id="5.2-string"),
            pytest.param(b"text", {"dataType": "binary"}, b"text", id="5.2-binary"),
            pytest.param(b"\xff", {}, b"\xff", id="5.2-no-text"),
        ],
    )
    def test_by_data_type(self, data: bytes, binding: dict[str, str], expected: object) -> None:
        assert decode("rabbitMQTrigger", data, **binding) == expected


def test_warmup() -> None:
    assert isinstance(decode("warmupTrigger", b""), WarmUpContext)


class TestEventGrid:
    def test_event(self) -> None:
        given = {
            "id": "1",
            "topic": "t",
            "subject": "s",
            "eventType": "e",
            "eventTime": "2026-01-02T03:04:05.1234567Z",
            "data": {"a": [1]},
            "dataVersion": "2",
        }
        event = decode("eventGridTrigger", json.dumps(given).encode())
        assert isinstance(event, func.EventGridEvent)
        assert (event.id, event.event_type, event.get_json()) == ("1", "e", {"a": [1]})
        assert event.event_time.isoformat() == "2026-01-02T03:04:05.123456+00:00"

    def test_as_text(self) -> None:
        assert decode("eventGridTrigger", b'{"id": "1"}', str) == '{"id": "1"}'
        assert decode("eventGridTrigger", b'{"id": "1"}', bytes) == b'{"id": "1"}'

    @pytest.mark.parametrize("data", [b"", b"text", b"\xff"])
    def test_no_json(self, data: bytes) -> None:
        with pytest.raises(ValueError):
            decode("eventGridTrigger", data)


class TestMessages:
    """The message alone; what only the service knows is absent."""

    @pytest.mark.parametrize("binding", [{}, {"cardinality": "one"}])
    @pytest.mark.parametrize("data", [b"text", b"\xff"])
    @pytest.mark.parametrize("kind", ["eventHubTrigger", "serviceBusTrigger", "kafkaTrigger"])
    def test_one(self, kind: str, data: bytes, binding: dict[str, str]) -> None:
        event = decode(kind, data, **binding)
        assert event.get_body() == data
        assert event.metadata is not None

    @pytest.mark.parametrize("data", [b"text", b"\xff"])
    @pytest.mark.parametrize("kind", ["eventHubTrigger", "serviceBusTrigger", "kafkaTrigger"])
    def test_a_batch_of_one(self, kind: str, data: bytes) -> None:
        (event,) = decode(kind, data, cardinality="many")
        assert event.get_body() == data
        assert event.metadata is not None

    @pytest.mark.parametrize("kind", ["cosmosDBTrigger", "mysqlTrigger"])
    @pytest.mark.parametrize("data", [b'[{"id": "1"}]', b'{"id": "1"}'])
    def test_documents(self, kind: str, data: bytes) -> None:
        (document,) = decode(kind, data)
        assert document["id"] == "1"

    def test_sql_changes_are_text(self) -> None:
        assert decode("sqlTrigger", b'[{"Item": 1}]') == '[{"Item": 1}]'

    # The library wants to be told a type that no host knows.
    @pytest.mark.filterwarnings("ignore:.*expected_type:DeprecationWarning")
    def test_activity(self) -> None:
        assert decode("activityTrigger", b'{"a": 1}') == {"a": 1}
        assert decode("activityTrigger", b"plain") == "plain"

    @pytest.mark.parametrize("kind", ["mcpToolTrigger", "connectorTrigger"])
    def test_raw(self, kind: str) -> None:
        assert decode(kind, b'{"a": 1}') == '{"a": 1}'


def test_a_blob_lies_in_its_service() -> None:
    with pytest.raises(RuntimeError, match="this version of ferrofunc reads no blobs"):
        decode("blobTrigger", b"container/blob", func.InputStream)


def test_a_kind_that_the_converter_refuses() -> None:
    with pytest.raises(TypeError) as caught:
        decode("activityTrigger", b"\xff")
    assert str(caught.value).startswith(
        "unable to decode incoming TypedData: unsupported combination of TypedData field 'bytes' "
        "and expected binding type <class 'azure.functions.durable_functions."
    )
