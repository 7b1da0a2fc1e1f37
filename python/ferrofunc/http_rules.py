"""What holds for all HTTP requests: CORS, customHeaders, HSTS, limits (http.md 9, 10 and 12).

`decide` reads it out of host.json (`extensions.http`), local.settings.json and the command line,
and checks it, so that the gateway can compile it. Called by `settings`; the supervisor hands the
result to the gateway.
"""

from __future__ import annotations

from ferrofunc.errors import HostJsonError
from ferrofunc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ferrofunc.host_json import HostConfig

_HTTP = "extensions:http"
_MONTH = 30 * 86400.0
_OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")
_OF_CONNECTION = (
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
)


class HttpRules(Record):
    """The rules; what is None or empty asks for nothing.

    `cors_origins` are as browsers send them. `custom_headers` are names and values. `hsts` is the
    value of `Strict-Transport-Security`, `hsts_excluded_hosts` who is not told. `max_concurrent`
    requests run at once, `max_outstanding` run or wait.
    """

    cors_origins: tuple[str, ...] = ()
    has_cors_credentials: bool = False
    custom_headers: tuple[tuple[str, str], ...] = ()
    hsts: str | None = None
    hsts_excluded_hosts: tuple[str, ...] = ()
    max_concurrent: int | None = None
    max_outstanding: int | None = None


def decide(
    config: HostConfig, cors_text: str | None, cors_source: str, *, has_cors_credentials: bool
) -> tuple[HttpRules, list[str]]:
    """Return the rules, and warnings.

    Args:
        config: host.json with its overrides.
        cors_text: The allowed origins, a comma list. None or empty: CORS is off.
        cors_source: Where they were given: `--cors` or `Host.CORS`.
        has_cors_credentials: Whether those origins may send cookies and the like.

    Raises:
        HostJsonError: A value of the wrong type, out of its range, or that cannot be sent.
        SettingsError: Origins that cannot be allowed.
    """
    origins: tuple[str, ...] = ()
    warnings: list[str] = []
    if cors_text:
        # Imported here because most apps are not called from other origins.
        from ferrofunc import cors

        origins, warnings = cors.origins(cors_text, cors_source)
        if has_cors_credentials:
            cors.check_credentials(origins)
    headers, header_warnings = _custom_headers(config)
    # It never acts outside the Azure sandbox, which has the counters; its type is checked.
    config.boolean(f"{_HTTP}:dynamicThrottlesEnabled", False)
    rules = HttpRules(
        cors_origins=origins,
        has_cors_credentials=has_cors_credentials,
        custom_headers=headers,
        hsts=_hsts(config),
        hsts_excluded_hosts=(*_OWN_NAMES, *config.children(f"{_HTTP}:hsts:excludedHosts").values()),
        max_concurrent=_limit(config, "maxConcurrentRequests"),
        max_outstanding=_limit(config, "maxOutstandingRequests"),
    )
    return rules, [*warnings, *header_warnings]


def _custom_headers(config: HostConfig) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    path = f"{_HTTP}:customHeaders"
    headers, warnings = [], []
    for name, value in config.children(path).items():
        if not _is_token(name) or any(letter < " " or letter == "\x7f" for letter in value):
            raise HostJsonError(
                "Expected extensions.http.customHeaders to hold names of letters, digits and "
                "-._~!#$%&'*+^`| and values without control characters, found "
                f"{name!r}: {value!r}."
            )
        if name.lower() in _OF_CONNECTION:
            warnings.append(
                f"extensions.http.customHeaders in host.json: '{name}' is not sent. It belongs to "
                "the connection, which the host alone knows."
            )
        else:
            headers.append((name, value))
    return tuple(headers), warnings


def _is_token(name: str) -> bool:
    return bool(name) and all(
        letter.isascii() and (letter.isalnum() or letter in "-._~!#$%&'*+^`|") for letter in name
    )


def _hsts(config: HostConfig) -> str | None:
    path = f"{_HTTP}:hsts"
    age = config.timespan(f"{path}:maxAge", _MONTH)
    parts = [f"max-age={int(age)}"]
    if config.boolean(f"{path}:includeSubDomains", False):
        parts.append("includeSubDomains")
    if config.boolean(f"{path}:preload", False):
        parts.append("preload")
    return "; ".join(parts) if config.boolean(f"{path}:isEnabled", False) else None


def _limit(config: HostConfig, name: str) -> int | None:
    limit = config.integer(f"{_HTTP}:{name}", -1)
    if limit == -1:
        return None
    if limit < 1:
        raise HostJsonError(
            f"Expected extensions.http.{name} to be at least 1, or -1 for no limit, found {limit}."
        )
    return limit
