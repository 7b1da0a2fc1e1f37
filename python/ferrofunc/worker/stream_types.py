"""Which annotations ask for HTTP streams: the registered types of an extension (spec http 7).

Extensions (`azurefunctions-extensions-http-fastapi` is the one there is) register their request
and response types with the base package. Must never import that package: an app that has not
imported an extension has no such annotations. Called at index time only.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_BASE = "azurefunctions.extensions.base"
SETTING = "PYTHON_ENABLE_INIT_INDEXING"
_TRUE = frozenset({"1", "true", "t", "yes", "y"})


def is_request(annotation: Any) -> bool:
    """Tell whether a trigger parameter with this annotation takes the extension's request."""
    base = sys.modules.get(_BASE)
    return base is not None and bool(base.RequestTrackerMeta.check_type(annotation))


def is_response(annotation: Any) -> bool:
    """Tell whether a function with this return annotation returns what the extension sends."""
    base = sys.modules.get(_BASE)
    return base is not None and bool(base.ResponseTrackerMeta.check_type(annotation))


def request_class() -> Any | None:
    """Return the extension's request class, None while none is imported."""
    base = sys.modules.get(_BASE)
    return None if base is None else base.RequestTrackerMeta.get_request_type()


def are_for_all(environ: Mapping[str, str]) -> bool:
    """Tell whether functions without an annotation take part, as all do in the official host.

    That is so where PYTHON_ENABLE_INIT_INDEXING is on and an extension is imported.
    """
    is_on = environ.get(SETTING, "").strip().lower() in _TRUE
    return is_on and request_class() is not None
