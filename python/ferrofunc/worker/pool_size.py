"""How many threads sync functions may have. Read by whoever makes threads for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST_POOL = 1 << 16


def pool_size(environ: Mapping[str, str]) -> tuple[int, str | None]:
    """Return the number of threads for sync Functions, and what is wrong with the setting.

    PYTHON_THREADPOOL_THREAD_COUNT, else min(32, processors + 4) as the standard library has it
    (spec worker 1, configuration 6.1).
    """
    default = min(32, (os.cpu_count() or 1) + 4)
    text = environ.get("PYTHON_THREADPOOL_THREAD_COUNT")
    if text is None or not text.strip():
        return default, None
    try:
        count = int(text)
    except ValueError:
        return default, "PYTHON_THREADPOOL_THREAD_COUNT must be an integer"
    if not 1 <= count <= _LARGEST_POOL:
        return default, (
            "PYTHON_THREADPOOL_THREAD_COUNT must be set to a value between 1 and sys.maxint. "
            "Reverting to default value for max_workers"
        )
    return count, None
