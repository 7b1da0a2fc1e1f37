"""What is understood but not done yet, in one place.

Nothing here may be dropped silently: an option or a setting of a file gets a warning, since
scripts and files are shared with hosts that do it. A feature that arrives deletes its row. Called
by `cli` and `settings`.
"""

from __future__ import annotations

from ferrofunc import app_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ferrofunc.host_json import HostConfig

# Option that is taken with a warning -> what happens.
NOTED = {
    "--language-worker": "workers take no interpreter arguments",
}

# Path in host.json -> what happens instead. null and -1 ask for nothing.
_HOST_JSON = {
    "retry": "failed invocations are not run again",
}

_APP_SETTINGS = {
    "languageWorkers__python__arguments": "workers take no interpreter arguments",
    "FUNCTIONS_WORKER_DYNAMIC_CONCURRENCY_ENABLED": "the number of workers stays as it is",
}
_OFF = ("", "0", "false")


def warnings(config: HostConfig, environment: Mapping[str, str]) -> list[str]:
    """Return a line for each setting that is given and has no effect.

    Args:
        config: host.json with its overrides.
        environment: The variables of the host.
    """
    found = []
    for path, instead in _HOST_JSON.items():
        if config.has_section(path) and config.text(path) not in ("", "-1"):
            found.append(_line(f"{path.replace(':', '.')} in host.json", instead))
    for name, instead in _APP_SETTINGS.items():
        value = app_settings.find(environment, name)
        if value is not None and value.strip().lower() not in _OFF:
            found.append(_line(name, instead))
    return found


def _line(what: str, instead: str) -> str:
    return f"{what} is not supported yet: {instead}."
