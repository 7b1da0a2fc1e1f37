"""What must hold before anything listens, beside the settings themselves (cli.md 2.1 and 6).

Root, runtime, interpreter and host.json are `settings.load`'s; the port is tested by binding it.
Called by the command line. It reads function.json folders and nothing else of the app.
"""

from __future__ import annotations

from ferrofunc import app_settings, lenient_json, project
from ferrofunc.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ferrofunc.settings import Settings

_PROXIES = (
    "Warning: Proxies are not supported in Azure Functions v4. Instead of 'proxies.json', try "
    "Azure API Management: https://aka.ms/AAfiueq"
)
_WITHOUT_STORAGE = (
    "httptrigger",
    "kafkatrigger",
    "rabbitmqtrigger",
    "orchestrationTrigger",
    "activityTrigger",
    "entityTrigger",
)
_NAMES_A_SETTING = ("connection", "apiKey", "accountSid", "authToken")
_FETCH = "You can run 'func azure functionapp fetch-app-settings <functionAppName>'"


def run(settings: Settings) -> list[str]:
    """Check what is left to check and return the warnings to print, in the official order.

    Raises:
        SettingsError: A function.json needs storage and none is configured.
    """
    warnings = []
    if project.has_file(settings.app_root, "proxies.json"):
        warnings.append(_PROXIES)
    return warnings + _function_json_settings(settings)


def _function_json_settings(settings: Settings) -> list[str]:
    try:
        bindings = list(_bindings(settings.app_root))
    except (ValueError, OSError):
        return [
            f"Warning: unable to verify all settings from {project.LOCAL_SETTINGS_JSON} and "
            "function.json files."
        ]
    environment = settings.environment
    if not app_settings.is_connection_known(environment, "AzureWebJobsStorage"):
        _refuse_triggers_that_need_storage(bindings)
    warnings = []
    for path, binding in bindings:
        for key in _NAMES_A_SETTING:
            if key in binding:
                warnings += _doubts(environment, path, binding, key)
    return warnings


def _bindings(root: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    for directory in project.subdirectories(root):
        path = project.path_of(directory, "function.json")
        text = project.read_text(path)
        if text is None:
            continue
        found = lenient_json.loads(text)
        if not isinstance(found, dict):
            raise ValueError(f"Expected an object in '{path}', found {type(found).__name__}.")
        for binding in found.get("bindings") or ():
            if not isinstance(binding, dict):
                raise ValueError(f"Expected a binding in '{path}', found {binding!r}.")
            yield path, binding


def _refuse_triggers_that_need_storage(bindings: list[tuple[str, Mapping[str, object]]]) -> None:
    free = [name.lower() for name in _WITHOUT_STORAGE]
    for _, binding in bindings:
        kind = str(binding.get("type") or "").lower()
        if "trigger" in kind and kind not in free:
            raise SettingsError(
                f"Missing value for AzureWebJobsStorage in {project.LOCAL_SETTINGS_JSON}. This is "
                f"required for all triggers other than {', '.join(_WITHOUT_STORAGE)}. {_FETCH}, "
                f"specify a connection string in {project.LOCAL_SETTINGS_JSON}, or use managed "
                "identity to authenticate."
            )


def _doubts(
    environment: Mapping[str, str], path: str, binding: Mapping[str, object], key: str
) -> list[str]:
    name = str(binding[key] or "")
    if not name.strip():
        return [f"Warning: '{key}' property in '{path}' is empty."]
    if key == "connection":
        is_known = app_settings.is_connection_known(environment, name)
    else:
        is_known = app_settings.find(environment, name) is not None
    if is_known:
        return []
    return [
        f"Warning: Cannot find value named '{name}' in {project.LOCAL_SETTINGS_JSON} that matches "
        f"'{key}' property set on '{binding.get('type') or ''}' in '{path}'. {_FETCH} or specify a "
        f"connection string in {project.LOCAL_SETTINGS_JSON}."
    ]
