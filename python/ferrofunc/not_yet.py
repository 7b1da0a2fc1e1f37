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

# Option that is taken with a warning -> what happens.
NOTED = {
    "--language-worker": "workers take no interpreter arguments",
}

_APP_SETTINGS = {
    "languageWorkers__python__arguments": "workers take no interpreter arguments",
    "FUNCTIONS_WORKER_DYNAMIC_CONCURRENCY_ENABLED": "the number of workers stays as it is",
}
_OFF = ("", "0", "false")


def warnings(environment: Mapping[str, str]) -> list[str]:
    """Return a line for each setting that is given and has no effect.

    Args:
        environment: The variables of the host.
    """
    found = []
    for name, instead in _APP_SETTINGS.items():
        value = app_settings.find(environment, name)
        if value is not None and value.strip().lower() not in _OFF:
            found.append(_line(name, instead))
    return found


def _line(what: str, instead: str) -> str:
    return f"{what} is not supported yet: {instead}."
