"""The text of a new key: as long and as built as the official ones (http.md 8.4).

Nobody can guess it; the mark in it lets scanners for leaked secrets tell what was found. Called by
`store`.
"""

from __future__ import annotations

import base64
import os

_MARK = base64.b64decode("AzFu")
_BEFORE, _AFTER = 33, 4


def generate() -> str:
    """Return a new key: 40 bytes as URL-safe base64, ending in `==`."""
    return base64.urlsafe_b64encode(os.urandom(_BEFORE) + _MARK + os.urandom(_AFTER)).decode()
