"""Key files in the official shape: read strictly, written whole or not at all (http.md 8.4).

A reader of a file sees the old one or the new one, never half of it. Nothing here decides what a
key is; no value is ever put into a message. Called by `store`.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress

from ferrofunc.errors import KeyStoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    Keys = dict[str, str]


class UnreadableError(Exception):
    """A file that is there and holds no keys that can be used; the text says what is wrong."""


def load(path: Path) -> dict[str, Any] | None:
    """Return the object in a key file, None if there is no file.

    Raises:
        UnreadableError: It holds something else.
        KeyStoreError: The system does not let us read it.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyStoreError(
            f"Cannot read the access keys in '{path}': {error.strerror}."
        ) from error
    try:
        document = json.loads(content)
    except ValueError:
        raise UnreadableError("it is not JSON") from None
    if not isinstance(document, dict):
        raise UnreadableError("it holds no JSON object")
    return document


def one(entry: object) -> str:
    """Return the value of a key object.

    Raises:
        UnreadableError: It has none, or an encrypted one.
    """
    value = entry.get("value") if isinstance(entry, dict) else None
    if not isinstance(value, str) or not value:
        raise UnreadableError("a key has no value")
    if isinstance(entry, dict) and entry.get("encrypted"):
        raise UnreadableError("a key is encrypted")
    return value


def several(entries: object) -> Keys:
    """Return the keys of a list of key objects by name; none for a list that is missing.

    Raises:
        UnreadableError: As `one`; or it is no list, or a key has no name.
    """
    if entries is None:
        return {}
    if not isinstance(entries, list):
        raise UnreadableError("keys are not in a list")
    keys = {}
    for entry in entries:
        name = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(name, str):
            raise UnreadableError("a key has no name")
        keys[name] = one(entry)
    return keys


def entry(name: str, value: str) -> dict[str, object]:
    """Return a key object."""
    return {"name": name, "value": value, "encrypted": False}


def entries(keys: Mapping[str, str]) -> list[dict[str, object]]:
    """Return key objects, in order."""
    return [entry(name, value) for name, value in keys.items()]


def save(path: Path, document: Mapping[str, object], *, is_new: bool) -> bool:
    """Write a key file, for its owner alone.

    Returns False, without writing, if `is_new` and another process has just made the file.

    Raises:
        KeyStoreError: It cannot be written.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        try:
            temporary.touch(mode=0o600, exist_ok=False)
            temporary.write_text(json.dumps(document, indent=2), encoding="utf-8")
            if not is_new:
                temporary.replace(path)
                return True
            with suppress(FileExistsError):
                path.hardlink_to(temporary)
                return True
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise KeyStoreError(
            f"Cannot write the access keys to '{path}': {error.strerror}."
        ) from error
    return False


def snapshot(path: Path) -> Path:
    """Put an unreadable file aside and return its new path.

    Raises:
        KeyStoreError: The system does not let us.
    """
    now = time.time_ns()
    stamp = time.strftime("%Y-%m-%d-%H-%M-%S", time.gmtime(now // 10**9))
    aside = path.with_name(f"{path.stem}.snapshot.{stamp}.{now % 10**9 // 100:07}.json")
    try:
        return path.replace(aside)
    except OSError as error:
        raise KeyStoreError(
            f"Cannot put the unreadable key file '{path}' aside: {error.strerror}."
        ) from error
