"""The compiled core. The contract is checked against the module by `make lint`."""

from collections.abc import (
    Callable,
    Coroutine,
    ItemsView,
    Iterator,
    KeysView,
    Mapping,
    Sequence,
    ValuesView,
)
from types import MappingProxyType
from typing import Any, TypedDict, TypeVar, final, overload, type_check_only

from typing_extensions import disjoint_base

_T = TypeVar("_T")

__all__ = [
    "AsgiCall",
    "BodyFile",
    "Carrier",
    "Certificate",
    "Context",
    "CoreError",
    "Gateway",
    "HttpRequest",
    "HttpResponse",
    "InvocationId",
    "Link",
    "Plan",
    "RequestHeaders",
    "ResponseAttribute",
    "StartResponse",
    "__version__",
    "adopt_response_class",
    "die_with_parent",
    "response_attributes",
    "response_descriptors",
    "set_response_attributes",
]
__version__: str

class CoreError(Exception):
    """The compiled core cannot do what it was asked; the message says why."""

def die_with_parent() -> None:
    """Have the kernel kill this process when its parent dies."""

@type_check_only
class Row(TypedDict):
    """One row of the Function table. Levels are names; None shows nothing."""

    row: int
    name: str
    template: str | None
    methods: Sequence[str] | None
    is_async: bool
    is_stream: bool
    retry: tuple[int, float, float] | None
    failure: str | None
    auth_level: str
    is_disabled: bool
    host_level: str | None
    user_level: str | None

@type_check_only
class Rules(TypedDict):
    """What holds for all requests. None, False and what is empty ask for nothing."""

    cors_origins: Sequence[str]
    has_cors_credentials: bool
    custom_headers: Sequence[tuple[str, str]]
    hsts: str | None
    hsts_excluded_hosts: Sequence[str]
    max_concurrent: int | None
    max_outstanding: int | None
    is_auth_enabled: bool

@final
class Certificate:
    """A certificate with its private key, ready to serve. Host only."""

    @staticmethod
    def read(path: str, password: str | None) -> Certificate: ...
    @staticmethod
    def self_signed(folder: str) -> Certificate: ...
    @property
    def path(self) -> str | None: ...
    @property
    def is_new(self) -> bool: ...
    @property
    def warning(self) -> str | None: ...

@final
class Gateway:
    """The running gateway: listening socket, routes, workers' seats, console. Host only."""

    def __new__(
        cls,
        *,
        address: str,
        port: int,
        certificate: Certificate | None = None,
        body_limit: int,
        function_timeout: float | None,
        system_level: str | None,
        rules: Rules | None = None,
    ) -> Gateway: ...
    @property
    def port(self) -> int: ...
    def fileno(self) -> int: ...
    def print(self, text: str) -> None: ...
    def log(self, level_name: str, text: str) -> None: ...
    def try_event(self) -> dict[str, Any] | None: ...
    def add_worker(self) -> tuple[int, list[int]]: ...
    def attach(self, worker: int, process: int) -> None: ...
    def deploy(
        self,
        functions: Sequence[Row],
        workers: Sequence[int],
    ) -> None: ...
    def activate(self, worker: int) -> None: ...
    def retire(self, worker: int) -> None: ...
    def answer(
        self, key: int, status: int, headers: Sequence[tuple[str, str]], body: bytes
    ) -> None: ...
    def submit(
        self,
        row: int,
        body: bytes,
        *,
        method: str = "",
        target: str = "",
        headers: Sequence[tuple[str, str]] = ...,
    ) -> int: ...
    def set_keys(
        self,
        master: str,
        host: Sequence[str],
        system: dict[str, str],
        functions: dict[str, list[str]],
    ) -> None: ...
    def set_offline(self, page: bytes | None) -> None: ...
    def set_failed(self, has_failed: bool) -> None: ...
    def watch(self, folder: str) -> None:
        """Watch the files of a folder; `changed` events tell their names."""
    def stop(self, patience: float) -> None: ...
    def close(self) -> None: ...

@final
class Plan:
    """How to call one Function. Worker only."""

    def __new__(
        cls,
        call: Callable[..., Any],
        name: str,
        directory: str,
        positional: Sequence[str],
        keywords: Sequence[tuple[str, str]],
    ) -> Plan: ...
    @staticmethod
    def asgi(
        call: Callable[..., Any], name: str, directory: str, state: dict[str, Any] | None = None
    ) -> Plan:
        """An ASGI application in the place of a Function; `call` must return a coroutine."""
    @staticmethod
    def wsgi(call: Callable[..., Any], name: str, directory: str) -> Plan:
        """A WSGI application in the place of a Function."""

@final
class Link:
    """A worker's end of its Region."""

    def __new__(
        cls,
        descriptors: Sequence[int],
        support: object,
        threads: int,
        spawn: Callable[[], object],
    ) -> Link: ...
    def bind(self, plans: Sequence[Plan]) -> None: ...
    def ready(self, table: bytes) -> None: ...
    def log(self, level: int, category: str, text: str, explicit: str | None = None) -> None: ...
    def current_invocation_id(self) -> str | None: ...
    def start_threads(self) -> None: ...
    def serve(self) -> None: ...
    def wait_stopped(self) -> None: ...
    def start_tasks(self, event_loop: Any) -> None: ...
    def async_descriptor(self) -> int: ...
    def drain(self) -> None: ...

@final
class Carrier:
    """What the Task of an async Function runs."""

    def __next__(self) -> Any: ...
    def send(self, _value: object) -> Any: ...
    def throw(self, error: BaseException, *_traceback: object) -> Any: ...
    def close(self) -> None: ...
    def __await__(self) -> Carrier: ...

@final
class AsgiCall:
    """One call of an ASGI application: `receive` and `send` are its bound methods."""

    def receive(self) -> Coroutine[Any, Any, dict[str, Any]]: ...
    def send(self, message: dict[str, Any]) -> Coroutine[Any, Any, None]: ...
    @property
    def context(self) -> Context | None:
        """The Invocation's context, once it has begun."""
    @property
    def route_params(self) -> dict[str, str]:
        """Route parameters of the Function's template."""
    def cancel_when_gone(self, task: Any) -> None:
        """Cancel `task` as soon as the client has left, as long as the call runs."""

@final
class BodyFile:
    """`wsgi.input`: a request body, read from where it lies."""

    def read(self, size: int | None = None) -> bytes: ...
    def readline(self, size: int | None = None) -> bytes: ...
    def readlines(self, hint: int | None = None) -> list[bytes]: ...
    def __iter__(self) -> BodyFile: ...
    def __next__(self) -> bytes: ...

@final
class StartResponse:
    """`start_response` of a WSGI call."""

    def __call__(
        self,
        status: str,
        response_headers: Sequence[tuple[str, str]],
        exc_info: tuple[Any, Any, Any] | None = None,
    ) -> Callable[[bytes], None]: ...
    def write(self, data: bytes) -> None: ...

@final
class InvocationId:
    """The id of an Invocation, as its context variable holds it."""

@final
class Context:
    """The invocation context (spec worker.md 6.3)."""

    @property
    def invocation_id(self) -> str: ...
    @property
    def function_name(self) -> str: ...
    @property
    def function_directory(self) -> str: ...
    @property
    def thread_local_storage(self) -> Any: ...
    @property
    def trace_context(self) -> Any: ...
    @property
    def retry_context(self) -> Any: ...

@final
class RequestHeaders:
    """A case-insensitive, read-only mapping of header names to values."""

    def __getitem__(self, name: str, /) -> str: ...
    def __contains__(self, name: str, /) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    @overload
    def get(self, name: str, default: None = None) -> str | None: ...
    @overload
    def get(self, name: str, default: _T) -> str | _T: ...
    def keys(self) -> KeysView[str]: ...
    def values(self) -> ValuesView[str]: ...
    def items(self) -> ItemsView[str, str]: ...

@disjoint_base
class HttpRequest:
    """An HTTP request (spec worker.md 8.1)."""

    @property
    def method(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def params(self) -> MappingProxyType[str, str]: ...
    @property
    def route_params(self) -> MappingProxyType[str, str]: ...
    @property
    def form(self) -> Any: ...
    @property
    def files(self) -> Any: ...
    def get_body(self) -> bytes: ...
    def get_json(self) -> Any: ...

@disjoint_base
class HttpResponse:
    """What HTTP responses are stored in (spec worker.md 8.2)."""

    def __init__(
        self,
        body: str | bytes | None = None,
        *,
        status_code: int | None = None,
        headers: Mapping[str, str] | None = None,
        mimetype: str | None = None,
        charset: str | None = None,
    ) -> None: ...

@final
class ResponseAttribute:
    """The descriptor of one value of a response."""

    def __get__(self, response: HttpResponse, class_: type | None = None, /) -> Any: ...
    def __set__(self, response: HttpResponse, value: object, /) -> None: ...
    def __delete__(self, response: HttpResponse, /) -> None: ...

def response_descriptors() -> dict[str, ResponseAttribute]:
    """Return the descriptors of all values, by the library's private names for them."""

def response_attributes(response: HttpResponse) -> dict[str, Any]:
    """Return the attribute dictionary of a response, with its values in it from now on."""

def set_response_attributes(response: HttpResponse, attributes: dict[str, Any]) -> None:
    """Replace the attribute dictionary of a response, and with it its values."""

def adopt_response_class(
    class_: type[HttpResponse],
    initialise: Callable[..., None],
    make_headers: Callable[[Sequence[tuple[str, str]]], object],
) -> None:
    """Make `class_` the one that apps see.

    Args:
        class_: Derives from `HttpResponse`.
        initialise: The library's `__init__`, for arguments that the core does not know.
        make_headers: Makes the library's headers object.

    Raises:
        CoreError: A class has been adopted before.
    """
