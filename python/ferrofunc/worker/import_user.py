"""Import one module of the user's, and say in the official words what is missing when it fails.

Called by both loaders. Must not swallow what user code prints, nor keep an exception: the
caller decides whether one function or the whole app failed.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

from ferrofunc.worker import native_response

if TYPE_CHECKING:
    from types import ModuleType

_GUIDE = "https://aka.ms/functions-modulenotfound"


def import_user_module(name: str) -> ModuleType:
    """Import the module `name` of the app.

    Raises whatever the module raises; an ImportError stays the object it was, its text
    extended by where to look (spec worker 3). So does the TypeError of a class that cannot derive
    from the native response class.
    """
    try:
        return importlib.import_module(name)
    except ImportError as exc:
        original = str(exc).rstrip(".")
        exc.msg = (
            f"{original}. Cannot find module. Please check the requirements.txt file for the "
            "missing module. For more info, please refer the troubleshooting guide: "
            f"{_GUIDE}. Current sys.path: {sys.path}"
        )
        raise
    except TypeError as exc:
        native_response.explain(exc)
        raise
