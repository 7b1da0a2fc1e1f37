"""host.json, overlaid by `AzureFunctionsJobHost__*` variables (configuration.md 3).

`read` gives the file as a tree; `HostConfig` is that tree laid flat, each value text under a path
such as `extensions:http:routePrefix`, with the environment on top. Flat text is what makes the
override of a single array element, keys in any case and the exact conversion errors fall out by
themselves. Called by `settings`. Unknown keys are nobody's business here.
"""

from __future__ import annotations

import json

from ferrofunc import lenient_json, project, timespan
from ferrofunc.errors import HostJsonError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PREFIX = "AzureFunctionsJobHost"
_BUNDLE = {"id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)"}


def read(root: str) -> tuple[dict[str, object], list[str]]:
    """Return host.json as a tree, and what there is to tell about it.

    A missing or empty file is written anew, as the official host does.

    Args:
        root: The project root.

    Raises:
        HostJsonError: Not JSON, not an object, or no version "2.0".
    """
    path = project.path_of(root, project.HOST_JSON)
    try:
        text = project.read_text(path)
        found = {} if text is None else lenient_json.loads(text)
        if not isinstance(found, dict):
            raise ValueError(f"Expected an object {{...}}, found {type(found).__name__}.")
    except (ValueError, OSError) as error:
        raise HostJsonError(
            f"Unable to parse host configuration file '{path}'.", hint=str(error)
        ) from error
    if found:
        _check_version(found)
        return found, []
    return _write_default(path, is_new=text is None)


def _write_default(path: str, *, is_new: bool) -> tuple[dict[str, object], list[str]]:
    what = "No host" if is_new else "Empty host"
    notices = [f"{what} configuration file found. Creating a default host.json file."]
    tree: dict[str, object] = {"version": "2.0"}
    if is_new:
        tree["extensionBundle"] = _BUNDLE
    refused = project.try_write_text(path, json.dumps(tree, indent=2) + "\n")
    if refused is not None:
        notices.append(f"Could not write '{path}': {refused.strerror}. Using the default.")
    return tree, notices


def _check_version(tree: Mapping[str, object]) -> None:
    found = tree.get("version")
    version = "" if found is None else _text(found)
    if not version:
        raise HostJsonError(
            "The host.json file is missing the required 'version' property. See "
            "https://aka.ms/functions-hostjson for steps to migrate the configuration file."
        )
    if version != "2.0":
        runtime = (
            "This does not correspond to the function runtime version, only to the schema "
            "version of the host.json file. "
            if version.startswith("3")
            else ""
        )
        raise HostJsonError(
            f"'{version}' is an invalid value for host.json 'version' property. We recommend you "
            f"set the 'version' property to '2.0'. {runtime}See https://aka.ms/functions-hostjson "
            "for more information on this configuration file.",
            hint='Write it as text: "version": "2.0".' if not isinstance(found, str) else None,
        )


class HostConfig:
    """The values of host.json and its overrides, by path; paths ignore case.

    Args:
        tree: What `read` returned.
        environment: The variables of the host, local.settings.json included; they win.
    """

    def __init__(self, tree: Mapping[str, object], environment: Mapping[str, str]) -> None:
        self._values: dict[str, tuple[str, str]] = {}
        for path, value in _leaves(tree):
            self._values[path.lower()] = (path, value)
        for name, value in environment.items():
            prefix, _, path = name.replace("__", ":").partition(":")
            if prefix.lower() == _PREFIX.lower() and path:
                self._values[path.lower()] = (path, value)

    def text(self, path: str) -> str | None:
        """Return the value at `path`, or None when nothing sets it. JSON's null is ''."""
        found = self._values.get(path.lower())
        return None if found is None else found[1]

    def children(self, path: str) -> dict[str, str]:
        """Return the values one step below `path`, under their own spelling, in order."""
        below, steps = f"{path.lower()}:", path.count(":") + 1
        found = {
            spelling.split(":")[steps]: value
            for key, (spelling, value) in self._values.items()
            if key.startswith(below) and ":" not in key[len(below) :]
        }
        return dict(sorted(found.items(), key=_child_order))

    def has_section(self, path: str) -> bool:
        """Return whether anything is set at `path` or below it."""
        here, below = path.lower(), f"{path.lower()}:"
        return any(key == here or key.startswith(below) for key in self._values)

    def timespan(self, path: str, default: float) -> float:
        """Return a duration in seconds.

        Raises:
            HostJsonError: The value is not a timespan.
        """
        value = self.text(path)
        if not value:
            return default
        seconds = timespan.parse(value)
        if seconds is None:
            raise self.conversion_error(path, "System.TimeSpan")
        return seconds

    def boolean(self, path: str, default: bool) -> bool:
        """Return a switch.

        Raises:
            HostJsonError: The value is neither true nor false, in any case.
        """
        value = self.text(path)
        if not value:
            return default
        if value.strip().lower() not in ("true", "false"):
            raise self.conversion_error(path, "System.Boolean")
        return value.strip().lower() == "true"

    def integer(self, path: str, default: int) -> int:
        """Return a whole number.

        Raises:
            HostJsonError: The value is not one, or has more than 32 bits.
        """
        value = self.text(path)
        if not value:
            return default
        try:
            number = int(value)
        except ValueError as error:
            raise self.conversion_error(path, "System.Int32") from error
        if not -(2**31) <= number < 2**31:
            raise self.conversion_error(path, "System.Int32")
        return number

    def conversion_error(self, path: str, type_name: str) -> HostJsonError:
        """Return the official error for a value of the wrong type (configuration.md 3)."""
        spelling, value = self._values[path.lower()]
        return HostJsonError(
            f"Failed to convert configuration value at '{_PREFIX}:{spelling}' to type "
            f"'{type_name}'.",
            hint=f"Found '{value}'.",
        )


def _child_order(item: tuple[str, str]) -> tuple[int, int, str]:
    name = item[0]
    return (0, int(name), "") if name.isdigit() else (1, 0, name.lower())


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _leaves(below, f"{path}:{name}" if path else name)
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _leaves(below, f"{path}:{index}")
    else:
        yield path, _text(value)


def _text(value: object) -> str:
    """Return the text .NET makes of a JSON scalar: True, 0.8, 2 for 2.0, '' for null."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
