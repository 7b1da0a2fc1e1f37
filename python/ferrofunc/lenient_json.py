"""JSON as host.json and local.settings.json are written: with comments and trailing commas.

Used by `host_json`, `local_settings` and `host.checks`. Comments and surplus commas are blanked,
never cut, so that a parser error still names the line and column of the user's own file.
"""

from __future__ import annotations

import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_STRING = r'"(?:\\.|[^"\\])*"'
# Compiled when a file needs them, since most are plain JSON.
_COMMENT = rf"(?s){_STRING}|//[^\n]*|/\*.*?\*/"
_SURPLUS_COMMA = rf"(?s){_STRING}|,(?=\s*[}}\]])"
_INK = r"[^\n]"


def loads(text: str, number: Callable[[str], object] | None = None) -> object:
    """Parse `text` the way the official tools do.

    Args:
        text: The file's content, without a byte order mark.
        number: What to make of a number's text. Default None: an int or a float.

    Raises:
        json.JSONDecodeError: `text` is not JSON even so; its position is that of `text`.
    """
    try:
        return _strict(text, number)
    except json.JSONDecodeError:
        without_comments = re.sub(_COMMENT, _blank_unless_string, text)
        plain = re.sub(_SURPLUS_COMMA, _blank_unless_string, without_comments)
        return _strict(plain, number)


def _strict(text: str, number: Callable[[str], object] | None) -> object:
    # strict=False: a raw line break inside a string is tolerated, as elsewhere.
    return json.loads(text, strict=False, parse_int=number, parse_float=number)


def _blank_unless_string(match: re.Match[str]) -> str:
    found = match[0]
    return found if found.startswith('"') else re.sub(_INK, " ", found)
