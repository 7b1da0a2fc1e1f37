"""The native response class beside the library's own: the same cases through both, one answer.

Each case is a function of the class. `seen` runs it and says what it gave or raised, in a form in
which the two classes cannot differ unless they behave unlike each other.
"""

from __future__ import annotations

import abc
import copy
import gc
import inspect
import json
import pickle
import subprocess
import sys
import threading
import weakref
from collections import UserDict
from enum import IntEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from wsgiref.headers import Headers as StandardHeaders

import azure.functions as func
import pytest
from azure.functions import _abc, _http
from ferrofunc.worker import native_response
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIBRARY: Any = native_response.library_class
NATIVE: Any = native_response.native_class
BOTH = pytest.mark.parametrize("cls", [LIBRARY, NATIVE], ids=["library", "native"])
NAMES = ("status_code", "mimetype", "charset", "headers", "body")
NEWEST = range(pickle.HIGHEST_PROTOCOL + 1)
T = TypeVar("T")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The native class under the library's names, for one test."""
    for name in ("", "._http", "._http_asgi", "._http_wsgi"):
        monkeypatch.setattr(f"azure.functions{name}.HttpResponse", LIBRARY)
    native_response.install()


def plain(value: Any) -> Any:
    """A value that can be compared: responses and headers as what they hold."""
    if isinstance(value, LIBRARY):
        return look(value)
    if isinstance(value, Headers):
        return type(value).__name__, type(value).__module__, list(value)
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value), [plain(part) for part in value]
    if value is LIBRARY or value is NATIVE:
        return "the class"
    if callable(value):
        return "a callable", value.__qualname__
    return type(value), value


def look(response: Any) -> Any:
    """All that can be read from a response."""
    public = {name: plain(getattr(response, name)) for name in NAMES[:-1]}
    body = plain(response.get_body())
    return type(response).__name__, public, body, plain(vars(response))


def seen(case: Callable[[Any], Any], cls: Any) -> Any:
    """What `case` gives for a class, or the error it raises."""
    try:
        return "gave", plain(case(cls))
    except Exception as error:
        cause = error.__cause__ or error.__context__
        return "raised", type(error), str(error), type(cause), str(cause)


def same(case: Callable[[Any], Any]) -> Any:
    """Run `case` with both classes and return what both saw."""
    expected = seen(case, LIBRARY)
    assert seen(case, NATIVE) == expected
    return expected


class Text(str):
    """A text of the user's own class."""


class Shouting(str):
    """A text that encodes itself."""

    def encode(self, *args: Any, **kwargs: Any) -> bytes:
        return self.upper().encode(*args, **kwargs)


class Wordless(str):
    """A text that does not encode to bytes."""

    def encode(self, *args: Any, **kwargs: Any) -> Any:
        return list(args)


class Bytes(bytes):
    """Bytes of the user's own class."""


class Pretender:
    """Says that it is a text."""

    __class__ = str  # type: ignore[assignment]

    def encode(self, charset: str) -> bytes:
        return f"in {charset}".encode()


class Code(IntEnum):
    TEAPOT = 418


class Mapping(UserDict):  # type: ignore[type-arg]
    """A mapping that is no dict."""


class Standard(StandardHeaders):
    def items(self) -> list[tuple[str, str]]:
        return [("Own", "items")]


class Odd:
    def items(self) -> Any:
        return [("A", "b"), ("too", "many", "parts")]


class Anything:
    """What no argument can be."""


ANY = Anything()
BODIES = [
    *(
        None,
        "",
        "text",
        "é",
        "日本",
        "😀",
        "half \ud800",
        Text("own"),
        Shouting("own"),
        Wordless("a"),
    ),
    *(b"", b"\x00\xff", Bytes(b"own"), bytearray(b"ba"), memoryview(b"mv"), Pretender()),
    *(0, 1.5, True, [], {}, ("a",), ANY, str, HTTPStatus.OK),
]
STATUSES = [
    *(None, 0, 1, 99, 200, 404, 999, 65536, -1, 10**30, True, False, 201.5, "201", "x", b"201"),
    *(HTTPStatus.OK, HTTPStatus.NOT_FOUND, Code.TEAPOT, [], ANY, Text("202")),
]
TEXTS = [None, "", "text/html", "application/json", "é", Text("text/css"), 5, b"text/html", [], ANY]
CHARSETS = [
    *(None, "utf-8", "UTF-8", "utf8", "utf-16", "latin-1", "ascii", "no-such", "", "rot13"),
    *(Text("utf-8"), 5, b"utf-8", [], "\ud800", "a\0b"),
]
HEADERS = [
    *(None, {}, {"A": "b"}, {"A": "b", "a": "c", "Content-Type": "x/y"}, {"A": ""}, {"": "b"}),
    *(
        {"A": "é"},
        {"A": "日本"},
        {"A": "\ud800"},
        {"\ud800": "a"},
        {"A": "b\r\nC: d"},
        {"A": "b\n"},
    ),
    *({"A": 5}, {"A": None}, {"A": ["b", "c"]}, {5: "a"}, {None: "b"}, {"A\n": "b"}, {"A": b"b"}),
    *({Text("A"): "b"}, {"A": Text("b")}, {"A": Shouting("b")}, Mapping({"A": "b"}), Mapping()),
    *(Headers([("A", "b"), ("A", "c")]), Headers(), Odd(), [], [("A", "b")], "A: b", 5, ANY),
    *(StandardHeaders([("A", "b"), ("A", "c")]), StandardHeaders(), Standard([("A", "b")])),
    *(StandardHeaders([("A", "b\n")]), StandardHeaders([("A", "")])),
]


@pytest.mark.parametrize("body", BODIES, ids=repr)
@pytest.mark.parametrize("charset", CHARSETS, ids=repr)
def test_bodies(body: Any, charset: Any) -> None:
    same(lambda cls: cls(body, charset=charset))
    same(lambda cls: cls(body=body, charset=charset, status_code=201))


@pytest.mark.parametrize("status", STATUSES, ids=repr)
def test_statuses(status: Any) -> None:
    same(lambda cls: cls("a", status_code=status))


@pytest.mark.parametrize("mimetype", TEXTS, ids=repr)
def test_mimetypes(mimetype: Any) -> None:
    same(lambda cls: cls("a", mimetype=mimetype))


@pytest.mark.parametrize("headers", HEADERS, ids=repr)
def test_headers(headers: Any) -> None:
    same(lambda cls: cls("a", headers=headers))


def test_what_is_given_is_kept_as_it_is() -> None:
    for values in zip(STATUSES[1:], TEXTS[1:], [*CHARSETS[1:5], *CHARSETS[1:5]], strict=False):
        status, mimetype, charset = values
        for cls in (LIBRARY, NATIVE):
            response = cls(b"a", status_code=status, mimetype=mimetype, charset=charset)
            is_status = isinstance(status, HTTPStatus)
            assert response.status_code is (status.value if is_status else status)
            assert response.mimetype is mimetype
            assert response.charset is charset
    body = b"as it is"
    assert NATIVE(body).get_body() is LIBRARY(body).get_body() is body


@BOTH
def test_each_look_gives_the_same_object(cls: Any) -> None:
    response = cls("text", headers={"A": "b"})
    assert response.get_body() is response.get_body()
    assert response.headers is response.headers
    assert cls().headers is not cls().headers


@BOTH
def test_a_given_mapping_is_not_looked_at_again(cls: Any) -> None:
    mapping = {"A": "b"}
    response = cls(headers=mapping)
    mapping["C"] = "d"
    response.headers["E"] = "f"
    assert list(response.headers) == [("A", "b"), ("E", "f")]
    assert mapping == {"A": "b", "C": "d"}


@given(
    arguments=st.fixed_dictionaries(
        {},
        optional={
            "body": st.sampled_from(BODIES) | st.text() | st.binary(),
            "status_code": st.sampled_from(STATUSES) | st.integers(),
            "mimetype": st.sampled_from(TEXTS) | st.text(),
            "charset": st.sampled_from(CHARSETS),
            "headers": st.sampled_from(HEADERS) | st.dictionaries(st.text(), st.text()),
        },
    ),
    is_positional=st.booleans(),
)
@settings(max_examples=600, deadline=None)
def test_any_arguments(arguments: dict[str, Any], is_positional: bool) -> None:
    positional = [arguments.pop("body")] if is_positional and "body" in arguments else []
    same(lambda cls: cls(*positional, **arguments))
    # Names that no code spells are other objects.
    spelt = {"".join(list(name)): value for name, value in arguments.items()}
    same(lambda cls: cls(*positional, **spelt))

    def derived(cls: Any) -> Any:
        return type("Derived", (cls,), {})(*positional, **arguments)

    same(derived)


WRONG: list[Callable[[Any], Any]] = [
    lambda cls: cls("a", 200),
    lambda cls: cls("a", 200, {}),
    lambda cls: cls("a", body="b"),
    lambda cls: cls(None, body=None),
    lambda cls: cls(status="200"),
    lambda cls: cls("a", status=200, code=1),
    lambda cls: cls(**{"": 1}),
    lambda cls: cls(**{"self": 1}),
    lambda cls: cls().__init__("a", "b"),
    lambda cls: cls().__init__(nothing=1),
    lambda cls: cls.__new__(cls, "a"),
    lambda cls: cls.__new__(),
    lambda cls: cls.__new__(int),
    lambda cls: cls.__new__(5),
    lambda cls: cls.get_body(),
]


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_wrong_calls(number: int) -> None:
    assert same(WRONG[number])[0] == "raised"


def private(name: str) -> str:
    return f"_HttpResponse__{name}"


def put(response: Any, name: str, value: Any) -> Any:
    setattr(response, name, value)
    return response


def drop(response: Any, name: str) -> Any:
    delattr(response, name)
    return response


STARTS: list[Callable[[Any], Any]] = [
    lambda cls: cls(),
    lambda cls: cls("é", status_code=201, headers={"A": "b"}, mimetype="text/html"),
    lambda cls: cls(b"b", charset="latin-1"),
    lambda cls: cls(bytearray(b"c"), headers={"A": 5}),
    lambda cls: type("Derived", (cls,), {})("d"),
    lambda cls: cls.__new__(cls),
]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("name", [*NAMES[:-1], "get_body", "other", *map(private, NAMES)])
def test_attributes(start: Callable[[Any], Any], name: str) -> None:
    same(lambda cls: getattr(start(cls), name))
    same(lambda cls: hasattr(cls, name))
    same(lambda cls: hasattr(start(cls), name))
    same(lambda cls: put(start(cls), name, "new"))
    same(lambda cls: getattr(put(start(cls), name, "new"), name))
    same(lambda cls: drop(start(cls), name))
    same(lambda cls: drop(put(start(cls), name, "new"), name))
    same(lambda cls: getattr(drop(put(start(cls), name, "new"), name), name))
    same(lambda cls: vars(put(start(cls), name, "new")))


def test_a_body_can_be_added_to_as_the_documents_show() -> None:
    def case(cls: Any) -> Any:
        response = cls("text")
        response._HttpResponse__body += b" and more"
        response._HttpResponse__status_code = 202
        return response

    assert "and more" in str(same(case))


def test_the_attribute_dictionary_is_the_object() -> None:
    def written(cls: Any) -> Any:
        response = cls("a", headers={"A": "b"})
        vars(response)[private("body")] = b"through vars"
        response.__dict__.update({private("mimetype"): "x/y", "own": 1})
        return response, response.own, sorted(vars(response))

    def replaced(cls: Any) -> Any:
        response = cls("a")
        response.__dict__ = {**vars(cls("b", status_code=404)), "own": 2}
        return response, response.own

    def emptied(cls: Any) -> Any:
        response = cls("a")
        vars(response).clear()
        return response.get_body()

    same(written)
    same(replaced)
    same(emptied)
    same(lambda cls: put(cls(), "__dict__", 5))
    same(lambda cls: (cls().__dict__, cls().__dict__ is cls().__dict__))


@BOTH
def test_the_attribute_dictionary_is_always_the_same(cls: Any) -> None:
    response = cls("a")
    attributes = vars(response)
    response.own = 5
    response.__init__("b")
    assert vars(response) is attributes
    assert (attributes["own"], attributes[private("body")]) == (5, b"b")


def test_initialising_again() -> None:
    def again(cls: Any) -> Any:
        response = cls("a", status_code=404, headers={"A": "b"})
        first = response.headers
        response.__init__("b", mimetype="text/html")
        return response, first is response.headers

    def after_a_write(cls: Any) -> Any:
        response = put(cls("a"), private("body"), b"x")
        response.__init__("b")
        return response

    def after_a_failure(cls: Any) -> Any:
        response = cls("a", status_code=404)
        with pytest.raises(TypeError):
            response.__init__(5, status_code=500)
        return response

    same(again)
    same(after_a_write)
    same(after_a_failure)


VALUES = st.sampled_from(["", "b", "é", "b\n", 5, None, ["b", "c"], ("d",), {"e"}])
KEYS = st.sampled_from(["A", "a", "Content-Type", "Set-Cookie", "", "X"])
PAIRS = st.lists(st.tuples(KEYS, VALUES), max_size=3)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["add", "add_header", "set", "__setitem__"]), KEYS, VALUES),
    st.tuples(st.sampled_from(["setdefault", "setlist", "setlistdefault"]), KEYS, VALUES),
    st.tuples(st.sampled_from(["remove", "pop", "__delitem__", "__getitem__"]), KEYS),
    st.tuples(st.sampled_from(["get", "get_all", "getlist", "__contains__"]), KEYS),
    st.tuples(st.sampled_from(["pop", "get"]), KEYS, VALUES),
    st.tuples(st.sampled_from(["extend", "update", "__ior__", "__or__"]), PAIRS),
    st.tuples(st.sampled_from(["extend", "update"]), st.dictionaries(KEYS, VALUES, max_size=3)),
    st.tuples(st.sampled_from(["clear", "popitem", "pop", "__len__", "__str__", "__repr__"])),
    st.tuples(st.sampled_from(["items", "keys", "values", "to_wsgi_list", "copy", "__iter__"])),
    st.tuples(st.sampled_from(["__getitem__", "__delitem__", "pop"]), st.integers(-2, 2)),
    st.tuples(st.just("__setitem__"), st.integers(-2, 2), st.tuples(KEYS, VALUES)),
)


@given(
    given_headers=st.none() | st.dictionaries(KEYS, st.text(max_size=3), max_size=3),
    steps=st.lists(STEPS, max_size=6),
)
@settings(max_examples=400, deadline=None)
def test_headers_are_the_librarys(given_headers: Any, steps: list[Any]) -> None:
    def case(cls: Any) -> Any:
        response = cls("a", headers=given_headers)
        results = []
        for name, *arguments in steps:
            act: Any = getattr(response.headers, name)
            try:
                found = act(*arguments)
            except Exception as error:
                found = type(error).__name__, str(error)
            is_lazy = hasattr(found, "__next__")
            results.append(list(found) if is_lazy else found)
        return response, [plain(result) for result in results]

    same(case)


def make_json(cls: Any) -> Any:
    class Json(cls):  # type: ignore[misc]
        def __init__(self, data: Any, **kwargs: Any) -> None:
            kwargs.setdefault("mimetype", "application/json")
            super().__init__(json.dumps(data), **kwargs)

    return Json


def make_early(cls: Any) -> Any:
    class Early(cls):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.resource = kwargs.pop("resource", None)
            super().__init__(*args, **kwargs)

    return Early


def make_namesake(cls: Any) -> Any:
    class HttpResponse(cls):  # type: ignore[misc]
        def set_body(self, body: Any) -> None:
            self.__set_body(body)  # type: ignore[attr-defined]

        def status(self, status: int) -> None:
            self.__status_code = status

    return HttpResponse


def make_overriding(cls: Any) -> Any:
    class Overriding(cls):  # type: ignore[misc]
        mimetype = "text/own"

        @property
        def status_code(self) -> int:
            return int(super().status_code) + 1

        def get_body(self) -> bytes:
            return bytes(super().get_body()) + b"!"

    return Overriding


def make_slotted(cls: Any) -> Any:
    class Slotted(cls):  # type: ignore[misc]
        __slots__ = ("one", "two")

    return Slotted


def make_stateful(cls: Any) -> Any:
    class Stateful(cls):  # type: ignore[misc]
        def __getstate__(self) -> Any:
            return {**self.__dict__, "saved": True}

        def __setstate__(self, state: Any) -> None:
            self.__dict__.update(state, restored=True)

    return Stateful


def make_new(cls: Any) -> Any:
    class New(cls):  # type: ignore[misc]
        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            made = super().__new__(cls)
            made.number = len(args)
            return made

    return New


SUBCLASSES: list[tuple[Callable[[Any], Any], Callable[[Any], Any]]] = [
    (make_json, lambda cls: cls({"a": 1}, status_code=201)),
    (make_json, lambda cls: cls()),
    (make_json, lambda cls: cls({"a": object()})),
    (make_early, lambda cls: (cls("a", resource=5), cls("a", resource=5).resource)),
    (make_early, lambda cls: cls("a", other=5)),
    (make_namesake, lambda cls: [r := cls("a"), r.set_body("b"), look(r), r.set_body(5)]),
    (make_namesake, lambda cls: [r := cls("a"), r.status(5), r.set_body("é"), look(r)]),
    (make_overriding, lambda cls: cls("a", status_code=200)),
    (make_overriding, lambda cls: put(cls("a"), "mimetype", "x")),
    (make_slotted, lambda cls: [r := put(cls("a"), "one", 1), r.one, hasattr(r, "two")]),
    (make_stateful, lambda cls: copy.copy(cls("a"))),
    (make_new, lambda cls: [r := cls("a"), r.number]),
    (make_new, lambda cls: cls("a", "b")),
    (lambda cls: type("X", (cls, Generic[T]), {})[int], lambda cls: cls("a")),
    (lambda cls: type("X", (Generic[T], cls), {}), lambda cls: cls("a")),
    (lambda cls: type("X", (cls, UserDict), {}), lambda cls: cls("a")),
    (lambda cls: abc.ABCMeta("X", (cls,), {}), lambda cls: type(cls)),
    (lambda cls: type("M", (abc.ABCMeta,), {})("X", (cls,), {}), lambda cls: cls("a")),
    (lambda cls: type("X", (cls,), {"__init__": lambda self: None}), lambda cls: vars(cls())),
    (lambda cls: type("X", (cls,), {"__init__": lambda self: None}), lambda cls: cls().headers),
    (lambda cls: type("X", (cls,), {"__init__": lambda self: 5}), lambda cls: cls()),
    (lambda cls: type("X", (cls,), {"__eq__": lambda a, b: True}), lambda cls: cls() == cls()),
    (lambda cls: type("X", (cls,), {"__slots__": ("__dict__",)}), lambda cls: cls("a")),
    (lambda cls: type("X", (type("Y", (cls,), {}), _abc.HttpResponse), {}), lambda cls: cls("a")),
    (
        lambda cls: type("X", (cls,), {"act": abc.abstractmethod(lambda self: 0)}),
        lambda cls: cls("a"),
    ),
]


@pytest.mark.parametrize("number", range(len(SUBCLASSES)))
def test_subclasses(number: int) -> None:
    make, act = SUBCLASSES[number]
    same(lambda cls: act(make(cls)))


class Named(LIBRARY):  # type: ignore[misc]
    """Derives from the library's class."""


class NativeNamed(NATIVE):  # type: ignore[misc]
    """Derives from the native class, and is found by its name."""


NativeNamed.__qualname__ = NativeNamed.__name__


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("beside", ["Exception", "dict", "int"])
def test_a_built_in_class_beside_it_is_refused_with_the_way_out(
    beside: str, index_app: Callable[..., Any]
) -> None:
    code = (
        "import azure.functions as func\n"
        f"class Both({beside}, func.HttpResponse): pass\n"
        "app = func.FunctionApp()\n"
    )
    error = index_app({"function_app.py": code}).error
    assert error["type"] == "TypeError"
    assert "lay-out conflict. If one of them is func.HttpResponse" in error["text"]
    assert "set FERROFUNC_NATIVE_RESPONSE to 0" in error["text"]


def test_each_is_the_other() -> None:
    class Mine(NATIVE):  # type: ignore[misc]
        pass

    for response in (LIBRARY(), NATIVE(), Named(), Mine()):
        for cls in (LIBRARY, NATIVE, _abc.HttpResponse):
            assert isinstance(response, cls)
            assert issubclass(type(response), cls)
    assert not isinstance(NATIVE(), Named)
    assert not isinstance(LIBRARY(), Mine)
    assert not isinstance(Named(), Mine)
    assert not issubclass(_abc.HttpResponse, NATIVE)
    for other in (object(), "text", None, Headers()):
        assert not isinstance(other, NATIVE)
    assert type(NATIVE) is type(LIBRARY) is abc.ABCMeta


def test_registered_classes_are_instances() -> None:
    class Virtual:
        pass

    assert not isinstance(Virtual(), NATIVE)
    NATIVE.register(Virtual)
    assert isinstance(Virtual(), NATIVE)
    assert isinstance(Virtual(), LIBRARY)


def test_the_class_looks_like_the_librarys() -> None:
    same(lambda cls: (cls.__name__, cls.__qualname__, cls.__module__, cls.__doc__, repr(cls)))
    same(lambda cls: [inspect.getdoc(getattr(cls, name)) for name in (*NAMES[:-1], "get_body")])
    same(lambda cls: [type(inspect.getattr_static(cls, name)) for name in NAMES[:-1]])
    same(lambda cls: list(inspect.signature(cls).parameters))
    same(lambda cls: [p.kind for p in inspect.signature(cls).parameters.values()])
    same(lambda cls: [p.default for p in inspect.signature(cls).parameters.values()])
    same(lambda cls: repr(cls()).partition(" at 0x")[0])
    same(lambda cls: str(cls()).partition(" at 0x")[0])
    same(lambda cls: (cls() == cls(), cls() != cls(), cls() in [cls()], bool(cls())))
    same(lambda cls: cls() < cls())
    same(lambda cls: len(cls()))
    same(lambda cls: cls()[0])
    same(lambda cls: cls.__abstractmethods__)
    assert set(dir(LIBRARY())) <= set(dir(NATIVE()))
    assert LIBRARY.__mro__[1:] == tuple(c for c in NATIVE.__mro__[1:] if "_core" not in str(c))


@BOTH
def test_hashes_are_identities(cls: Any) -> None:
    response = cls("a")
    assert {response: 1}[response] == 1
    assert hash(response) == object.__hash__(response)


@BOTH
def test_it_can_be_watched_and_collected(cls: Any) -> None:
    response = cls("a", headers={"A": "b"})
    watched, about_headers = weakref.ref(response), weakref.ref(response.headers)
    response.itself = response
    response.headers.response = response
    del response
    gc.collect()
    assert watched() is None
    assert about_headers() is None


def test_cycles_through_values_are_collected() -> None:
    class Number(int):
        pass

    class Held:
        pass

    held = Held()
    watched = weakref.ref(held)
    status = Number(201)
    held.response = NATIVE("a", status_code=status)  # type: ignore[attr-defined]
    status.held = held  # type: ignore[attr-defined]
    derived = type("Derived", (NATIVE,), {})("b")
    derived.held = held
    derived.headers.derived = derived
    held.derived = derived  # type: ignore[attr-defined]
    del held, status, derived
    gc.collect()
    assert watched() is None


def test_nothing_is_leaked() -> None:
    value, body = "x/" + "y" * 50, "b" * 50
    counts = sys.getrefcount(value), sys.getrefcount(body), sys.getrefcount(NATIVE)
    for _ in range(100):
        NATIVE(body, mimetype=value, headers={value: body}).get_body()
        NATIVE(body, mimetype=value, headers={value: 5}).headers.clear()
        vars(NATIVE(body, mimetype=value))
        with pytest.raises(TypeError):
            NATIVE(body, mimetype=value, other=1)
    # What pytest keeps of the errors.
    gc.collect()
    assert (sys.getrefcount(value), sys.getrefcount(body)) == counts[:2]
    assert sys.getrefcount(NATIVE) - counts[2] < 10


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("protocol", NEWEST)
@pytest.mark.parametrize("start", [*STARTS[:4], STARTS[5]])
def test_pickles_are_the_librarys(start: Callable[[Any], Any], protocol: int) -> None:
    native = start(NATIVE)
    native.own = ["kept"]
    restored = pickle.loads(pickle.dumps(native, protocol))
    assert type(restored) is NATIVE
    assert plain(vars(restored)) == plain(vars(native))
    # What one process has pickled another can read, whichever class it has.
    stored = pickle.dumps(native, protocol)
    with pytest.MonkeyPatch.context() as context:
        context.setattr(_http, "HttpResponse", LIBRARY)
        as_library = pickle.loads(stored)
        assert type(as_library) is LIBRARY
        assert plain(vars(as_library)) == plain(vars(native))
        stored = pickle.dumps(as_library, protocol)
    assert type(pickle.loads(stored)) is NATIVE
    assert plain(vars(pickle.loads(stored))) == plain(vars(native))


@pytest.mark.parametrize("protocol", NEWEST)
def test_subclasses_pickle(protocol: int) -> None:
    restored = pickle.loads(pickle.dumps(NativeNamed("a", headers={"A": "b"}), protocol))
    assert type(restored) is NativeNamed
    assert plain(vars(restored)) == plain(vars(Named("a", headers={"A": "b"})))


def test_copies() -> None:
    def copied(cls: Any) -> Any:
        response = put(cls("a", headers={"A": "b"}), "own", [1])
        shallow, deep = copy.copy(response), copy.deepcopy(response)
        return (
            shallow,
            deep,
            shallow.headers is response.headers,
            deep.headers is response.headers,
            shallow.own is response.own,
            deep.own is response.own,
        )

    same(copied)
    same(lambda cls: copy.copy(put(make_slotted(cls)("a"), "one", 1)).one)
    same(lambda cls: copy.deepcopy(put(make_slotted(cls)("a"), "two", [1])).two)
    same(lambda cls: copy.copy(cls.__new__(cls)))
    same(lambda cls: copy.copy(cls.__new__(cls)).get_body())
    if sys.version_info >= (3, 11):
        same(lambda cls: cls("a").__getstate__())
        same(lambda cls: put(make_slotted(cls)("a"), "one", 1).__getstate__())


@BOTH
def test_a_patched_constructor_is_called(cls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    original = cls.__init__

    def patched(self: Any, *args: Any, **kwargs: Any) -> None:
        told.append((args, kwargs))
        original(self, *args, **kwargs)

    monkeypatch.setattr(cls, "__init__", patched)
    assert cls("a", status_code=201).get_body() == b"a"
    assert told == [(("a",), {"status_code": 201})]
    monkeypatch.undo()
    assert cls("b").get_body() == b"b"
    assert len(told) == 1
    monkeypatch.setattr(cls, "get_body", lambda self: b"patched")
    assert cls("a").get_body() == b"patched"


@BOTH
def test_the_class_can_be_changed(cls: Any) -> None:
    class Mine(cls):  # type: ignore[misc]
        def shout(self) -> bytes:
            return bytes(self.get_body()).upper()

    response = cls("a")
    response.__class__ = Mine
    assert response.shout() == b"A"


@BOTH
def test_a_thread_of_the_users_can_make_responses(cls: Any) -> None:
    made: list[Any] = []
    threads = [
        threading.Thread(target=lambda n=n: made.append(cls(str(n), headers={"N": str(n)})))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(response.get_body() for response in made) == [b"%d" % n for n in range(8)]


@pytest.mark.parametrize("meddle", ["look", "write"])
def test_headers_may_be_touched_while_they_are_made(
    meddle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = NATIVE("a", headers={"A": "b"})
    seen_within: list[Any] = []

    class Meddling(_http.HttpResponseHeaders):  # type: ignore[misc]
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            # As another thread might, in the middle of making the first.
            if not seen_within:
                seen_within.append(None)
                if meddle == "write":
                    response._HttpResponse__headers = "written"
                seen_within[0] = response.headers

    monkeypatch.setattr(_http, "HttpResponseHeaders", Meddling)
    assert response.headers is seen_within[0] is response.headers
    assert meddle == "look" or response.headers == "written"


@pytest.mark.usefixtures("installed")
def test_the_class_is_where_the_library_keeps_its_own() -> None:
    assert func.HttpResponse is _http.HttpResponse is NATIVE
    response = func.WsgiMiddleware(_wsgi_app)._handle(
        func.HttpRequest("GET", "http://localhost/a", body=b""), None
    )
    assert type(response) is NATIVE
    assert response.get_body() == b"from wsgi"
    assert list(response.headers) == [("Content-Type", "text/plain"), ("X-One", "1")]


def _wsgi_app(environ: Any, start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-One", "1")])
    yield b"from wsgi"


@pytest.mark.usefixtures("installed")
def test_the_librarys_converter_takes_it() -> None:
    from azure.functions.http import HttpResponseConverter

    def encoded(cls: Any) -> Any:
        response = cls("é", headers={"A": "b", "Set-Cookie": "a=1"}, mimetype="text/html")
        value = HttpResponseConverter.encode(response, expected_type=None).value
        parts = {name: getattr(part, "value", part) for name, part in value.items()}
        return str(parts), response

    assert "text/html; charset=utf-8" in str(same(encoded))
    for cls in (LIBRARY, NATIVE, NativeNamed):
        assert HttpResponseConverter.check_output_type_annotation(cls)


@pytest.mark.parametrize(
    ("setting", "wanted"), [(None, True), ("1", True), ("", True), ("0", False), (" False ", False)]
)
def test_the_switch(setting: str | None, wanted: bool) -> None:
    environ = {} if setting is None else {native_response.SWITCH: setting}
    assert native_response.is_wanted(environ) is wanted


UNKNOWN = {
    "another_default": ("self._HttpResponse__charset = 'latin-1'", "found"),
    "another_attribute": ("self._HttpResponse__cookies = []", "found"),
    "no_attributes": ("vars(self).clear()", "found"),
}
SCRIPT = """
import azure.functions as func
from azure.functions import _http
known = func.HttpResponse
{class_}
from ferrofunc.worker import native_response, support
before = func.HttpResponse
support.use_native_response()
assert func.HttpResponse is before, func.HttpResponse
assert native_response.native_class is None
print(native_response.why_not)
"""


def why_not(class_: str) -> str:
    """Import the module with another class in the library, and say why that one is kept."""
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(class_=class_)], capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout.decode()


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_class_that_behaves_otherwise_is_kept(name: str) -> None:
    statement, reason = UNKNOWN[name]
    text = why_not(
        "import types\n"
        "body = dict(vars(known)); [body.pop(n) for n in ('__dict__', '__weakref__', '_abc_impl')"
        " if n in body]\n"
        "def __init__(self, *args, **kwargs):\n"
        "    known.__init__(self, *args, **kwargs)\n"
        f"    {statement}\n"
        "body['__init__'] = __init__\n"
        "func.HttpResponse = _http.HttpResponse = type(known)('HttpResponse', known.__bases__,"
        " body)\n"
    )
    assert text.startswith("The library's HttpResponse is used")
    assert reason in text


@pytest.mark.parametrize(
    ("class_", "reason"),
    [
        ("func.HttpResponse = type('HttpResponse', (), {'__init__': lambda s: None})", "abstract"),
        ("class X(known): pass\nfunc.HttpResponse = X", "__init__ of its own"),
        (
            "class X(known):\n def __init__(self, *a): pass\n __slots__ = ()\n"
            "func.HttpResponse = X",
            "without __slots__",
        ),
        (
            "class X(known):\n def __init__(self, *a): super().__init__(*a)\n"
            " def get_body(self): return super().get_body()\nfunc.HttpResponse = X",
            "super()",
        ),
    ],
)
def test_a_class_of_another_make_is_kept(class_: str, reason: str) -> None:
    assert reason in why_not(class_)
