"""Where user code is imported from: `sys.path`, the `__app__` package, the user's own files.

The order is what apps were written against (spec worker 2): the packages the app carries win
over everything, the interpreter's own paths follow, the app root comes last, so that an
installed package wins over a module of the app with the same name. Called by `index`, and by
the process that imports `azure.functions` ahead of it, so that both see the same library.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

APP_NAMESPACE = "__app__"
_PACKAGE_FOLDERS = frozenset({"site-packages", "dist-packages", ".python_packages"})


def prepare(app_root: Path, environ: Mapping[str, str]) -> None:
    """Put `sys.path` in the order apps expect. Calling it twice changes nothing.

    The current directory, which `python -m` puts first, is taken out; an app root that the user
    named in PYTHONPATH keeps its place.
    """
    root = str(app_root)
    chosen = environ.get("PYTHONPATH", "").split(os.pathsep)
    if root not in chosen:
        sys.path[:] = [p for p in sys.path if p and p != root]
        sys.path.append(root)
    packages = app_root / ".python_packages" / "lib" / "site-packages"
    if packages.is_dir():
        sys.path[:] = [str(packages), *(p for p in sys.path if p != str(packages))]
    # A fork carries the directory listings its parent cached; the app may have changed since.
    importlib.invalidate_caches()


def install_app_namespace(app_root: Path) -> None:
    """Make `__app__` a package whose folder is the app root (spec worker 3).

    `import __app__.shared` and `from .. import shared` inside a function folder reach the app's
    own files by it, whatever is installed under the same name.
    """
    spec = importlib.machinery.ModuleSpec(APP_NAMESPACE, None, is_package=True)
    spec.submodule_search_locations = [str(app_root)]
    sys.modules[APP_NAMESPACE] = importlib.util.module_from_spec(spec)


def is_user_file(file: str, app_root: Path) -> bool:
    """Tell whether `file` is the app's own code, and not a package installed below its root."""
    # As text: it is asked for every imported module, before the first call can be answered.
    prefix = str(app_root).rstrip("/") + "/"
    return file.startswith(prefix) and _PACKAGE_FOLDERS.isdisjoint(file[len(prefix) :].split("/"))


def imported_user_files(app_root: Path) -> tuple[str, ...]:
    """List the files of the app that are imported by now, sorted."""
    found = set()
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and is_user_file(file, app_root):
            found.add(file)
    return tuple(sorted(found))
