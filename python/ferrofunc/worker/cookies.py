"""`Set-Cookie` values as the official host sends them: parsed, and written anew in its own form.

    name=value; expires=..; max-age=..; domain=..; path=..; secure; samesite=..; httponly

Cookies it cannot read are left out without a word, as there; only a broken date is an error. Must
not see other headers, nor touch the user's response. Called by the compiled core for a response
that has such headers, and by `text_result` (spec http 5.5, worker 5.3).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

_SAME_SITE = ("lax", "strict", "none")


def reissue(values: Iterable[str]) -> list[str]:
    """Return the header values to send for the `Set-Cookie` values of one response.

    Raises ValueError for an `expires` that is no date, and http.cookies.CookieError for a name
    that no cookie may have.
    """
    return [text for value in values for text in _reissued(value)]


def _reissued(value: str) -> Iterator[str]:
    # Late: most apps send no cookie.
    from http.cookies import SimpleCookie

    for name, morsel in SimpleCookie(value).items():
        text = write(name, morsel.value, morsel)
        if text is not None:
            yield text


def write(name: str, value: str, attributes: Mapping[str, object]) -> str | None:
    """Return one cookie as a header value, None if the official host would drop it.

    Args:
        name: The cookie's name.
        value: Its value; an empty one drops the cookie.
        attributes: By lower-case name, texts except for the flags, which are True. What is
            absent, empty, or unknown is not used.

    Raises:
        ValueError: `expires` is no date.
    """
    expires = _date(str(attributes.get("expires") or ""))
    max_age = str(attributes.get("max-age") or "")
    flags = {flag: attributes.get(flag) or False for flag in ("secure", "httponly")}
    if not value or not _is_number(max_age) or any(type(f) is not bool for f in flags.values()):
        return None
    same_site = str(attributes.get("samesite") or "").lower()
    return "; ".join(
        [
            # Escaped whatever it is, although no reader undoes that: so does the official host.
            f"{name}={quote(value, safe='')}",
            *([f"expires={expires}"] if expires else []),
            *([f"max-age={int(float(max_age))}"] if max_age else []),
            f"domain={attributes.get('domain') or ''}",
            f"path={attributes.get('path') or ''}",
            *(["secure"] if flags["secure"] else []),
            *([f"samesite={same_site}"] if same_site in _SAME_SITE else []),
            *(["httponly"] if flags["httponly"] else []),
        ]
    )


def _is_number(text: str) -> bool:
    try:
        return not text or math.isfinite(float(text))
    except ValueError:
        return False


def _date(text: str) -> str:
    if not text:
        return ""
    from email.utils import format_datetime

    return format_datetime(_parsed(text), usegmt=True)


def _parsed(text: str) -> datetime:
    from datetime import datetime, timezone
    from email.utils import parsedate_to_datetime

    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            date = read(text)
            if date.tzinfo is None:
                date = date.replace(tzinfo=timezone.utc)
            # One at the edge of the calendar may have no place in it elsewhere.
            return date.astimezone(timezone.utc)
        except (ValueError, OverflowError):
            continue
    raise ValueError(f"Can not parse value {text} of expires in the cookie due to invalid format.")
