"""`logs`: what `LinkHandler` and `LineStream` hand to the link."""

from __future__ import annotations

import io
import logging
import sys
import threading
from typing import Any, NamedTuple

import pytest
from ferrofunc.worker import logs
from ferrofunc.worker.context import THREAD_LOCAL
from ferrofunc.worker.logs import ERROR, INFORMATION, WARNING, LineStream, LinkHandler

OWN = "11111111-2222-3333-4444-555555555555"


class Line(NamedTuple):
    level: int
    category: str
    text: str
    explicit: str | None


class FakeLink:
    """Keeps what it is given, and refuses what the real one could not send."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def log(self, level: int, category: str, text: str, explicit: str | None = None) -> None:
        assert 0 <= level <= 255
        text.encode()
        self.lines.append(Line(level, category, text, explicit))

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines]


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


def make_logger(link: Any, name: str, user: int = 0, system: int = 0) -> logging.Logger:
    """A logger whose only handler sends to `link`."""
    logger = logging.Logger(name)
    logger.addHandler(LinkHandler(link, user, system))
    return logger


@pytest.fixture
def logger(link: FakeLink) -> logging.Logger:
    """A logger of the user's."""
    return make_logger(link, "orders.incoming")


def stream(link: Any, name: str = "stdout", user_level: int = 0) -> LineStream:
    return LineStream(link, None, name, user_level)


def in_thread(act: Any) -> None:
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


def test_records_carry_level_category_and_text(link: FakeLink, logger: logging.Logger) -> None:
    logger.debug("a %s", 1)
    logger.info("b")
    logger.warning("c")
    logger.error("d")
    logger.critical("e")
    assert link.lines == [
        (10, "orders.incoming", "a 1", None),
        (20, "orders.incoming", "b", None),
        (30, "orders.incoming", "c", None),
        (40, "orders.incoming", "d", None),
        (50, "orders.incoming", "e", None),
    ]


@pytest.mark.parametrize(("given", "sent"), [(5, 5), (25, 25), (-3, 0), (10_000, 255)])
def test_levels_of_ones_own_fit_into_a_byte(link: FakeLink, given: int, sent: int) -> None:
    record = logging.LogRecord("x", given, "file", 1, "text", (), None)
    LinkHandler(link, -100, -100).handle(record)
    assert [line.level for line in link.lines] == [sent]


def test_an_exception_follows_its_message(link: FakeLink, logger: logging.Logger) -> None:
    try:
        raise KeyError("k")
    except KeyError:
        logger.exception("caught")
    (line,) = link.lines
    assert line.level == 40
    assert line.text.startswith("caught\nTraceback (most recent call last):\n  File ")
    assert line.text.endswith("\nKeyError: 'k'")


@pytest.mark.parametrize(
    ("name", "is_system"),
    [
        ("root", False),
        ("azure.core.pipeline", False),
        ("azure_functions_worker", True),
        ("azure_functions_worker.extension.Ext", True),
        ("azure.functions", True),
        ("azure.functions.WsgiMiddleware", True),
        ("ferrofunc.worker", True),
        ("ferrofunctions", False),
    ],
)
def test_system_loggers_have_a_level_of_their_own(
    link: FakeLink, name: str, is_system: bool
) -> None:
    make_logger(link, name, user=WARNING, system=ERROR).warning("text")
    assert link.texts == ([] if is_system else ["text"])
    link.lines.clear()
    make_logger(link, name, user=ERROR, system=WARNING).warning("text")
    assert link.texts == (["text"] if is_system else [])


def test_a_message_that_cannot_be_formatted(
    link: FakeLink, logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    logger.info("%d", "no number")
    assert link.lines == []
    assert "--- Logging error ---" in capsys.readouterr().err


def test_half_a_surrogate_pair_is_spelled_out(link: FakeLink, logger: logging.Logger) -> None:
    logger.info("a\ud800b")
    stream(link).write("c\udfffd\n")
    assert link.texts == ["a\\ud800b", "c\\udfffd"]


def test_filters_are_asked(link: FakeLink, logger: logging.Logger) -> None:
    logger.handlers[0].addFilter(lambda record: record.getMessage() != "hidden")
    logger.info("hidden")
    logger.info("shown")
    assert link.texts == ["shown"]


def test_the_id_a_thread_has_set_goes_along(link: FakeLink, logger: logging.Logger) -> None:
    def speak() -> None:
        THREAD_LOCAL.invocation_id = OWN
        logger.info("said")
        stream(link).write("printed\n")

    in_thread(speak)
    logger.info("after")
    assert [(line.text, line.explicit) for line in link.lines] == [
        ("said", OWN),
        ("printed", OWN),
        ("after", None),
    ]


def test_lines_go_out_when_they_end(link: FakeLink) -> None:
    out = stream(link)
    assert out.write("par") == 3
    assert link.lines == []
    out.write("tial\nnext")
    assert link.lines == [(INFORMATION, "stdout", "partial", None)]
    out.write("\n")
    assert link.texts == ["partial", "next"]


def test_several_lines_of_one_write_stay_together(link: FakeLink) -> None:
    out = stream(link)
    out.write("one\ntwo\nthree")
    assert link.texts == ["one\ntwo"]


def test_an_empty_line_is_a_line(link: FakeLink) -> None:
    print(file=stream(link))
    assert link.texts == [" "]


def test_flush_sends_what_has_begun_once(link: FakeLink) -> None:
    out = stream(link)
    print("begun", end="", flush=True, file=out)
    out.flush()
    print(" anew", file=out)
    assert link.texts == ["begun", " anew"]


def test_threads_do_not_mix_their_lines(link: FakeLink) -> None:
    out = stream(link)
    both = threading.Barrier(2, timeout=60)

    def speak(name: str) -> None:
        out.write(f"{name} begins, ")
        both.wait()
        out.write(f"{name} ends\n")

    threads = [threading.Thread(target=speak, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(link.texts) == ["a begins, a ends", "b begins, b ends"]


def test_what_an_ended_thread_began_is_not_lost(link: FakeLink) -> None:
    out = stream(link)
    in_thread(lambda: out.write("left behind"))
    # As the worker does when it ends.
    out.flush()
    assert link.texts == ["left behind"]


def test_a_thread_flushes_its_own_line_alone(link: FakeLink) -> None:
    out = stream(link)
    out.write("mine")
    in_thread(out.flush)
    assert link.lines == []


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("all is well", INFORMATION),
        ("UserWarning: old", WARNING),
        ("a warning of an error", WARNING),
        ("ValueError: x", ERROR),
        ("it FAILED", ERROR),
        ("Severe", ERROR),
        ("Unhandled exception", ERROR),
        ("exception", INFORMATION),
    ],
)
def test_stderr_is_judged_line_by_line(link: FakeLink, text: str, level: int) -> None:
    stream(link, "stderr").write(f"first\n{text}\nlast\n")
    assert [(line.level, line.text) for line in link.lines] == [
        (INFORMATION, "first"),
        (level, text),
        (INFORMATION, "last"),
    ]


def test_lines_below_the_level_are_not_sent(link: FakeLink) -> None:
    stream(link, user_level=WARNING).write("information\n")
    stream(link, "stderr", user_level=WARNING).write("information\na warning\n")
    assert link.texts == ["a warning"]


def test_a_stream_takes_text_alone(link: FakeLink) -> None:
    with pytest.raises(TypeError, match="must be str, not bytes"):
        stream(link).write(b"bytes")  # type: ignore[arg-type]


def test_a_stream_stands_for_the_one_below(link: FakeLink) -> None:
    under = io.TextIOWrapper(io.BytesIO())
    out = LineStream(link, under, "stdout", 0)  # type: ignore[arg-type]
    assert out.buffer is under.buffer
    assert (out.name, out.encoding, out.isatty(), out.writable()) == (
        "<stdout>",
        "utf-8",
        False,
        True,
    )
    with pytest.raises(io.UnsupportedOperation):
        stream(link).fileno()
    with pytest.raises(AttributeError, match="buffer"):
        _ = stream(link).buffer


@pytest.mark.parametrize(
    ("setting", "level"),
    [(None, logging.INFO), ("0", logging.INFO), ("1", logging.DEBUG), (" Yes ", logging.DEBUG)],
)
def test_install(
    link: FakeLink, monkeypatch: pytest.MonkeyPatch, setting: str | None, level: int
) -> None:
    root = logging.Logger("root")
    monkeypatch.setattr(logging, "getLogger", lambda: root)
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    environ = {} if setting is None else {"PYTHON_ENABLE_DEBUG_LOGGING": setting}
    logs.install(link, environ, INFORMATION, ERROR)  # type: ignore[arg-type]
    assert root.level == level
    assert [type(handler) for handler in root.handlers] == [LinkHandler]
    print("to stdout")
    print("to stderr", file=sys.stderr)
    assert [(line.category, line.text) for line in link.lines] == [
        ("stdout", "to stdout"),
        ("stderr", "to stderr"),
    ]
