"""Find and read the function.json files of an app (spec configuration 10.1, 10.2).

JSON is read as leniently as the host reads it: comments, trailing commas, a byte order mark,
keys in any case. Must not import user code. Called by `load_v1`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ferrofunc import lenient_json
from ferrofunc.record import Record
from ferrofunc.worker.binding import normalise
from ferrofunc.worker.load_error import MetadataError

FILE_NAME = "function.json"


class Definition(Record):
    """One function.json, keys made canonical, values as written."""

    bindings: tuple[dict[str, Any], ...]
    script_file: str | None
    entry_point: str | None
    retry: Any


def folders(app_root: Path) -> list[Path]:
    """List the folders directly below `app_root` that hold a function.json, by name."""
    # glob, because it passes over folders that may not be read.
    found = [file.parent for file in app_root.glob(f"*/{FILE_NAME}") if file.is_file()]
    return sorted(found, key=lambda folder: (folder.name.lower(), folder.name))


def read(folder: Path) -> Definition:
    """Read the function.json in `folder`. Raises MetadataError when it is not what it must be."""
    file = folder / FILE_NAME
    try:
        document = lenient_json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, OSError) as exc:
        raise MetadataError(f"Unable to parse function.json '{file}': {exc}") from exc
    if not isinstance(document, dict):
        raise MetadataError(
            f"Unable to parse function.json '{file}': expected an object, found "
            f"{type(document).__name__}"
        )
    keys = {key.lower(): value for key, value in document.items()}
    bindings = keys.get("bindings") or []
    if not isinstance(bindings, list) or not all(isinstance(b, dict) for b in bindings):
        raise MetadataError(f"'bindings' in '{file}' must be a list of objects.")
    return Definition(
        bindings=tuple(normalise(binding) for binding in bindings),
        script_file=_text(file, keys, "scriptFile"),
        entry_point=_text(file, keys, "entryPoint"),
        retry=keys.get("retry"),
    )


def script_file(folder: Path, definition: Definition) -> Path:
    """Say which file holds the code. Raises MetadataError when there is none."""
    if definition.script_file:
        named = Path(os.path.normpath(folder / definition.script_file))
        if not named.is_file():
            raise MetadataError(
                "Invalid script file name configuration. The 'scriptFile' property is set to a "
                "file that does not exist."
            )
        return named
    files = sorted(f for f in folder.iterdir() if f.is_file() and f.name.lower() != FILE_NAME)
    if len(files) == 1:
        return files[0]
    for file in files:
        if file.stem.lower() == "run" or file.name.lower() in ("index.js", "__init__.py"):
            return file
    raise MetadataError(
        "Unable to determine the primary function script. Try renaming your entry point script "
        "to '__init__.py', or name it explicitly by adding a 'scriptFile' property to "
        "function.json."
    )


def _text(file: Path, keys: dict[str, Any], name: str) -> str | None:
    value = keys.get(name.lower())
    if value is not None and not isinstance(value, str):
        raise MetadataError(f"'{name}' in '{file}' must be a string, found {value!r}.")
    return value
