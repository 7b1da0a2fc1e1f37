"""local.settings.json and the environment it makes for host and workers (configuration.md 2).

`read` gives the file, `inject` lays it under the process environment: whatever is set there and
not empty wins. Called by `settings`. Nothing here writes to the process's own environment, and no
value ever goes into a message.
"""

from __future__ import annotations

from ferrofunc import app_settings, lenient_json, project
from ferrofunc.errors import SettingsError
from ferrofunc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class LocalSettings(Record):
    """What local.settings.json says.

    `values` are the settings in file order, None for JSON's null; connection strings are among
    them as `ConnectionStrings:X`. `port`, `address`, `cors` and `has_cors_credentials` are its
    `Host` section; None: not given.
    """

    values: dict[str, str | None]
    port: int | None
    address: str | None
    cors: str | None
    has_cors_credentials: bool
    warnings: tuple[str, ...]

    def __repr__(self) -> str:
        return f"LocalSettings(names={sorted(self.values)})"


class _UnreadableError(ValueError):
    """The file is JSON, but not of the shape it must have."""


def read(root: str) -> LocalSettings:
    """Return what local.settings.json in `root` says.

    A missing file is empty. One that cannot be read is empty too, with a warning.

    Raises:
        SettingsError: The values are encrypted, or not marked as plain.
    """
    path = project.path_of(root, project.LOCAL_SETTINGS_JSON)
    try:
        text = project.read_text(path)
        # Numbers stay text: a setting `1.0` is the text 1.0, not the number.
        tree = {} if text is None else lenient_json.loads(text, number=str)
        return _from_tree(_object(tree, "the file"))
    except (ValueError, OSError) as error:
        warning = (
            f"Failed to read app settings file at '{path}'. Ensure it is a valid JSON file. {error}"
        )
        return _from_tree({}, warning)


def _from_tree(tree: Mapping[str, object], *warnings: str) -> LocalSettings:
    values = {name: _scalar(value, name) for name, value in _section(tree, "Values").items()}
    for name, value in _section(tree, "ConnectionStrings").items():
        if isinstance(value, dict):
            value = _get(value, "ConnectionString")
        values[f"ConnectionStrings:{name}"] = _scalar(value, name)
    # Absent means encrypted: that is how the official tool writes a file it encrypts.
    encrypted = _scalar(_get(tree, "IsEncrypted"), "IsEncrypted")
    if values and (encrypted is None or app_settings.is_on(encrypted)):
        raise SettingsError(
            "Failed to decrypt settings. Encrypted settings only be edited through "
            "'func settings add'.",
            hint="Run 'func settings decrypt', or write plain values under \"IsEncrypted\": false "
            f"in {project.LOCAL_SETTINGS_JSON}.",
        )
    host = _section(tree, "Host")
    return LocalSettings(
        values=values,
        port=_port(_scalar(_get(host, "LocalHttpPort"), "LocalHttpPort")),
        address=_scalar(_get(host, "LocalHttpAddress"), "LocalHttpAddress") or None,
        cors=_scalar(_get(host, "CORS"), "CORS") or None,
        has_cors_credentials=app_settings.is_on(
            _scalar(_get(host, "CORSCredentials"), "CORSCredentials")
        ),
        warnings=warnings,
    )


def _get(section: Mapping[str, object], name: str) -> object:
    return next((v for key, v in section.items() if key.lower() == name.lower()), None)


def _section(tree: Mapping[str, object], name: str) -> dict[str, object]:
    found = _get(tree, name)
    return {} if found is None else _object(found, f"'{name}'")


def _object(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _UnreadableError(f"Expected {what} to be an object {{...}}, found {_kind(value)}.")
    return value


def _scalar(value: object, name: str) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, str):
        return value
    raise _UnreadableError(f"Expected '{name}' to be text, found {_kind(value)}.")


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "an object"
    return "an array" if isinstance(value, list) else "a single value"


def _port(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.strip().isdecimal():
        raise _UnreadableError(f"Expected 'LocalHttpPort' to be a port number, found '{text}'.")
    # 0 is how the official tool reads an absent port.
    return int(text) or None


def inject(
    local: LocalSettings, environ: Mapping[str, str], tool: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return the environment for host and workers, and the warnings the official tool prints.

    Args:
        local: The file.
        environ: The environment the tool was started in; what is set there and not empty stays.
        tool: What the tool itself puts beside the file's values; a value of the file stays,
            except AZURE_FUNCTIONS_ENVIRONMENT.
    """
    wanted: dict[str, str | None] = {
        **local.values,
        **{n: v for n, v in tool.items() if n not in local.values},
    }
    environment, warnings = dict(environ), []
    given = local.values.get("AZURE_FUNCTIONS_ENVIRONMENT")
    if given is not None:
        warnings.append(
            f"AZURE_FUNCTIONS_ENVIRONMENT already exists with value '{given}', "
            "overriding to 'Development'."
        )
        wanted["AZURE_FUNCTIONS_ENVIRONMENT"] = "Development"
    for name, value in wanted.items():
        if not name:
            warnings.append("Skipping local setting with empty key.")
        elif environ.get(name):
            warnings.append(
                f"Skipping '{name}' from local settings as it's already defined in current "
                "environment variables."
            )
        elif value is None:
            warnings.append(f"Skipping '{name}' because value is null")
        elif "=" in name or "\0" in name + value:
            # The system refuses to start any process with such a variable.
            warnings.append(f"Skipping {name!r} because no environment variable can hold it")
        else:
            environment[name] = value
            warnings += _doubts(name, value)
    if "CONTAINER_NAME" in wanted:
        warnings.append(
            "CONTAINER_NAME is a reserved environment variable for the Functions Host. Please "
            "remove or rename this setting."
        )
    return environment, warnings


def _doubts(name: str, value: str) -> list[str]:
    if value.startswith("@Microsoft.KeyVault("):
        return [
            f"'{name}' refers to a Key Vault. References are not resolved here: the function sees "
            "the reference itself. Set the value in the environment instead."
        ]
    return []
