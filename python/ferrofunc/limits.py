"""The bounds the host keeps: timeouts, processes, sizes, the route prefix, the address.

Each function reads one value, checks it, and says what it means when it is absent. Called by
`settings`; knows no file.
"""

from __future__ import annotations

from ferrofunc import app_settings, timespan
from ferrofunc.errors import HostJsonError, SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ferrofunc.host_json import HostConfig

DEFAULT_BODY_SIZE = 104857600
DEFAULT_FUNCTION_TIMEOUT = 1800.0
MAX_PROCESS_COUNT = 10

_DAY = 86400.0


def route_prefix(config: HostConfig) -> str:
    """Return `extensions.http.routePrefix` without slashes at its ends; "api" when absent."""
    given = config.text("extensions:http:routePrefix")
    return "api" if given is None else given.strip("/")


def function_timeout(config: HostConfig) -> float | None:
    """Return `functionTimeout` in seconds; None is unlimited, 30 minutes is the default.

    Raises:
        HostJsonError: No timespan, or less than a second (configuration.md 4).
    """
    seconds = config.timespan("functionTimeout", DEFAULT_FUNCTION_TIMEOUT)
    if seconds == -_DAY:
        # "-1" is a bare number, which means days; minus one day stands for unlimited.
        return None
    if seconds < 1:
        raise HostJsonError(
            f"FunctionTimeout must be greater than 00:00:01 and less than {timespan.MAX_TEXT}.",
            hint=f"Found '{config.text('functionTimeout')}'. For no limit write \"-1\".",
        )
    return seconds


def allow_list(config: HostConfig) -> tuple[str, ...] | None:
    """Return the names in `functions`, None when it is absent or empty."""
    return tuple(config.children("functions").values()) or None


def process_count(environment: Mapping[str, str]) -> tuple[int, list[str]]:
    """Return FUNCTIONS_WORKER_PROCESS_COUNT, default 1, and warnings.

    Raises:
        SettingsError: Fewer than 1 or more than 10 (configuration.md 6.1).
    """
    name = "FUNCTIONS_WORKER_PROCESS_COUNT"
    count, warnings = _integer(environment, name, 1)
    if count > MAX_PROCESS_COUNT:
        raise SettingsError(
            "ProcessCount must not be greater than MaxProcessCount",
            hint=f"Set {name} to at most {MAX_PROCESS_COUNT}; found {count}.",
        )
    if count < 1:
        raise SettingsError(
            "ProcessCount must be greater than 0", hint=f"Set {name} to 1 or more; found {count}."
        )
    return count, warnings


def body_size(environment: Mapping[str, str]) -> tuple[int, list[str]]:
    """Return FUNCTIONS_REQUEST_BODY_SIZE_LIMIT in bytes, default 100 MiB, and warnings."""
    limit, warnings = _integer(environment, "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", DEFAULT_BODY_SIZE)
    if limit < 0:
        return DEFAULT_BODY_SIZE, [
            f"Expected FUNCTIONS_REQUEST_BODY_SIZE_LIMIT to be 0 or more bytes, found {limit}; "
            f"using {DEFAULT_BODY_SIZE}."
        ]
    return limit, warnings


def _integer(environment: Mapping[str, str], name: str, default: int) -> tuple[int, list[str]]:
    text = app_settings.find(environment, name)
    if not text:
        return default, []
    try:
        return int(text), []
    except ValueError:
        return default, [f"Expected {name} to be a whole number, found '{text}'; using {default}."]


def ip_address(text: str, source: str) -> str:
    """Return `text` when it is an IP address, without brackets around an IPv6 one.

    Args:
        text: The address to bind.
        source: Where it was given: `--address` or `LocalHttpAddress`.

    Raises:
        SettingsError: A name, or anything else that is no address (cli.md 2).
    """
    # Imported here because hardly anybody sets an address.
    from ipaddress import ip_address as parse

    try:
        return str(parse(text.removeprefix("[").removesuffix("]")))
    except ValueError as error:
        raise SettingsError(
            f"Invalid {source} value '{text}'. Expected an IP address, for example 127.0.0.1 or "
            "0.0.0.0."
        ) from error


def port(number: int, source: str) -> int:
    """Return `number` when it is a TCP port.

    Args:
        number: The port to bind.
        source: Where it was given: `--port` or `LocalHttpPort`.

    Raises:
        SettingsError: Not 1 to 65535.
    """
    if not 0 < number < 65536:
        raise SettingsError(f"Invalid {source} value '{number}'. Expected a port from 1 to 65535.")
    return number
