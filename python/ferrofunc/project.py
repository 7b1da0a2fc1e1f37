# pathlib would add a third to what the command line imports before it listens.
# ruff: noqa: PTH100, PTH112, PTH113, PTH118, PTH120, PTH123
"""The app's folder: where it begins, reading a text file of it, writing a default host.json.

Called by `settings`, `host_json` and `local_settings`. It knows file names, never what is inside.
"""

from __future__ import annotations

import os

from ferrofunc.errors import ProjectNotFoundError

HOST_JSON = "host.json"
LOCAL_SETTINGS_JSON = "local.settings.json"
APP_OFFLINE = "app_offline.htm"


def find_root(script_root: str | None) -> str:
    """Walk up to the directory that holds host.json or local.settings.json (configuration.md 1).

    Args:
        script_root: Where to start; None means the current directory.

    Raises:
        ProjectNotFoundError: `script_root` does not exist, or nothing was found up to the root.
    """
    if script_root is not None and not os.path.isdir(script_root):
        raise ProjectNotFoundError(f'"{script_root}" doesn\'t exist.')
    directory = os.path.abspath(script_root or os.curdir)
    while True:
        if any(
            os.path.isfile(os.path.join(directory, n)) for n in (HOST_JSON, LOCAL_SETTINGS_JSON)
        ):
            return directory
        above = os.path.dirname(directory)
        if above == directory:
            raise ProjectNotFoundError(
                "Unable to find project root. Expecting to find one of "
                f"{HOST_JSON}, {LOCAL_SETTINGS_JSON} in project root."
            )
        directory = above


def path_of(root: str, name: str) -> str:
    """Return the path of the file `name` in `root`."""
    return os.path.join(root, name)


def has_file(root: str, name: str) -> bool:
    """Return whether `root` holds a file `name`."""
    return os.path.isfile(os.path.join(root, name))


def read_text(path: str) -> str | None:
    """Return a file's text without byte order mark, or None when there is no such file.

    Raises:
        OSError: The file is there and cannot be read.
        UnicodeDecodeError: It is not UTF-8.
    """
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read()
    except FileNotFoundError:
        return None


def read_bytes(path: str) -> bytes | None:
    """Return a file's content, or None when there is no such file.

    Raises:
        OSError: The file is there and cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def try_write_text(path: str, text: str) -> OSError | None:
    """Write `text`; return the error when the file system refuses, as a read-only one does."""
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        return error
    return None


def subdirectories(root: str) -> list[str]:
    """Return the paths of the directories in `root`, sorted."""
    with os.scandir(root) as entries:
        return sorted(entry.path for entry in entries if entry.is_dir())
