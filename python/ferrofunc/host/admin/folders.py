"""`PUT` and `DELETE /admin/functions/{name}`: function.json folders, made and removed (http.md 11).

An app of decorators is its author's file and is never written to. Nothing outside the function's
own folder is touched. The app is loaded again afterwards.
"""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath

from ferrofunc.host.admin.answer import NOT_FOUND, as_json, as_text, empty
from ferrofunc.host.admin.names import is_valid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ferrofunc.host.admin.answer import Response
    from ferrofunc.host.admin.call import Call

_READ_ONLY = as_text(
    "Your app is currently in read only mode. Cannot create or update functions.", 400
)
_CONFIG = "function.json"


def put(call: Call) -> Response:
    """Create a function or replace it: `config` becomes function.json, `files` lie beside it."""
    name = call.parts["name"]
    if not is_valid(name):
        return as_text(f"{name} is not a valid function name", 400)
    if _is_of_decorators(call):
        return _READ_ONLY
    try:
        config, files = _content(call.json())
    except ValueError as problem:
        return as_text(str(problem), 400)
    folder = Path(call.view.settings.app_root, _folder_name(call, name))
    if folder.is_symlink():
        return _elsewhere(folder)
    try:
        _write(folder, config, files)
    except OSError as error:
        return as_text(f"Cannot write '{folder}': {error.strerror}.", 500)
    call.acts.restart(f"function '{name}' was written by the admin API")
    return as_json(
        {"name": name, "href": call.href, "config": config, "isDisabled": False}, status=201
    )


def delete(call: Call) -> Response:
    """Remove a function's folder."""
    if _is_of_decorators(call):
        return _READ_ONLY
    name = call.parts["name"]
    folder = Path(call.view.settings.app_root, _folder_name(call, name))
    if not is_valid(name) or not (folder / _CONFIG).is_file():
        return NOT_FOUND
    if folder.is_symlink():
        return _elsewhere(folder)
    try:
        _remove(folder)
    except OSError as error:
        return as_text(f"Cannot remove '{folder}': {error.strerror}.", 500)
    call.acts.restart(f"function '{name}' was removed by the admin API")
    return empty(204)


def _is_of_decorators(call: Call) -> bool:
    settings = call.view.settings
    script = settings.setting("PYTHON_SCRIPT_FILE_NAME") or "function_app.py"
    return Path(settings.app_root, script).is_file()


def _elsewhere(folder: Path) -> Response:
    return as_text(f"Expected a folder of the app's own, found the link '{folder}'.", 400)


def _folder_name(call: Call, name: str) -> str:
    """The folder of a function that is there already may be written in another case."""
    known = call.view.function(name)
    return name if known is None else known.name


def _content(given: object) -> tuple[dict[str, object], dict[str, str]]:
    """Return function.json and the other files of a request.

    Raises:
        ValueError: Something is missing, or a file would lie outside the folder.
    """
    if not isinstance(given, dict) or not isinstance(given.get("config"), dict):
        raise ValueError("An object with 'config', the content of function.json, is expected.")
    files = given.get("files") or {}
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
        raise ValueError("'files' must be an object of texts by file name.")
    for file_name in files:
        path = PurePosixPath(file_name)
        if path.is_absolute() or ".." in path.parts or not path.name or "\0" in file_name:
            raise ValueError(f"Expected files inside the function's folder, found {file_name!r}.")
    return given["config"], files


def _write(folder: Path, config: dict[str, object], files: dict[str, str]) -> None:
    if files and folder.is_dir():
        # The files are all files, as officially: those of before go.
        _remove(folder)
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / _CONFIG).write_text(json.dumps(config, indent=2), encoding="utf-8")


def _remove(folder: Path) -> None:
    # Late: it brings every kind of compression along.
    import shutil

    shutil.rmtree(folder)
