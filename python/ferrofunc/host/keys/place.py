"""The folder of the key files: the one that is set, or one below the temporary folder.

The temporary folder is everybody's. So each folder from there to the keys must be this user's own,
or somebody else could have put keys there, or could take them away. Called by `store` before it
touches a file; nothing is created earlier.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ferrofunc.errors import KeyStoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ferrofunc.settings import Settings

SETTING = "FUNCTIONS_SECRETS_PATH"
KIND_SETTING = "AzureWebJobsSecretStorageType"
_BELOW_TEMPORARY = ("secrets", "functions", "secrets")
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def decide(settings: Settings) -> Path:
    """Return the folder of the app's key files.

    FUNCTIONS_SECRETS_PATH as it is; else `<temp>/secrets/functions/secrets` if
    AzureWebJobsSecretStorageType asks for files, as officially; else a folder in it that is called
    as the host id, so that no two apps share keys unseen.
    """
    named = settings.setting(SETTING)
    return Path(named).absolute() if named else _steps(settings)[-1]


def prepare(settings: Settings) -> None:
    """Make the folder if it is missing.

    Raises:
        KeyStoreError: It cannot be made, or is not this user's alone.
    """
    folder = decide(settings)
    try:
        if settings.setting(SETTING):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return
        for step in _steps(settings):
            _make_own(step)
    except OSError as error:
        raise KeyStoreError(
            f"Cannot make the folder for access keys '{folder}': {error.strerror}.",
            hint=f"Name another folder in the setting {SETTING}.",
        ) from error


def _steps(settings: Settings) -> list[Path]:
    """The folders below the temporary one, outermost first."""
    below = Path(settings.setting("TMPDIR") or "/tmp")
    is_asked_for = (settings.setting(KIND_SETTING) or "").lower() == "files"
    steps = []
    for name in _BELOW_TEMPORARY if is_asked_for else (*_BELOW_TEMPORARY, settings.host_id):
        below = below / name
        steps.append(below)
    return steps


def _make_own(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        # Not what it points to: a link is somebody's way to make us use another folder.
        found = folder.lstat()
        if (
            not stat.S_ISDIR(found.st_mode)
            or found.st_uid not in (os.getuid(), 0)
            or found.st_mode & _WRITABLE_BY_OTHERS
        ):
            raise KeyStoreError(
                f"Expected '{folder}', on the way to the access keys, to be a folder that this "
                f"user alone can write to; found owner {found.st_uid} and mode "
                f"{stat.filemode(found.st_mode)}.",
                hint=f"Remove it, or name another folder in the setting {SETTING}.",
            ) from None
