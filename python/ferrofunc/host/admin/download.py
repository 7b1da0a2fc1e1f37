"""`GET /admin/functions/download`: the app as a zip file, without what `.funcignore` names
(http.md 11, configuration.md 11).

A thread packs it; the host's loop goes on. Links that lead out of the app's folder are left out.
"""

from __future__ import annotations

import os
from pathlib import Path

from ferrofunc.host import funcignore
from ferrofunc.host.admin.answer import Response, as_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ferrofunc.host.admin.answer import Answer
    from ferrofunc.host.admin.call import Call

_LOCAL_SETTINGS = "local.settings.json"
# A zip file cannot tell of earlier times.
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def app(call: Call) -> Answer:
    """Return the app's files. `includeAppSettings=true` adds local.settings.json."""
    settings = call.view.settings
    root = Path(settings.app_root)
    has_settings = call.query.get("includeappsettings", "").lower() == "true"
    name = settings.setting("WEBSITE_SITE_NAME") or "functions"
    name = "".join(c for c in name if c.isalnum() or c in "-_.") or "functions"

    def work() -> Response:
        try:
            packed = pack(root, has_settings=has_settings)
        except OSError as error:
            return as_text(f"Cannot pack the app: {error.filename}: {error.strerror}.", 500)
        return Response(
            status=200,
            headers=(
                ("Content-Type", "application/zip"),
                ("Content-Disposition", f'attachment; filename="{name}.zip"'),
            ),
            body=packed,
        )

    return call.acts.in_background(work)


def pack(root: Path, *, has_settings: bool) -> bytes:
    """Return a zip file of what belongs to the app below `root`.

    Raises:
        OSError: A file cannot be read.
    """
    # Late: they bring every kind of compression along.
    import tempfile
    import zipfile

    text = ""
    if (root / funcignore.NAME).is_file():
        text = (root / funcignore.NAME).read_text(encoding="utf-8-sig", errors="replace")
    ignored = funcignore.FuncIgnore(text)
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as packed:
            for path in _files(root, ignored):
                packed.write(path, path.relative_to(root).as_posix())
            if has_settings and (root / _LOCAL_SETTINGS).is_file():
                packed.write(root / _LOCAL_SETTINGS, _LOCAL_SETTINGS)
        file.seek(0)
        return file.read()


def _files(root: Path, ignored: funcignore.FuncIgnore) -> Iterator[Path]:
    real_root = root.resolve()
    for folder, directories, names in os.walk(root):
        below = Path(folder).relative_to(root)

        def is_kept(name: str, *, is_directory: bool, below: Path = below) -> bool:
            path = (below / name).as_posix()
            return not ignored.leaves_out(path, is_directory=is_directory)

        directories[:] = sorted(d for d in directories if is_kept(d, is_directory=True))
        for name in sorted(n for n in names if is_kept(n, is_directory=False)):
            path = Path(folder, name)
            if path.is_file() and path.resolve().is_relative_to(real_root):
                yield path
