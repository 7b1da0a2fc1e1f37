"""Which files of the app are not packed: `.funcignore`, in the language of gitignore
(configuration.md 11).

Paths go in relative to the app's root, with `/` between their pieces. It reads nothing but the text
it is given. Called by the admin API's download.
"""

from __future__ import annotations

import re

NAME = ".funcignore"
_ALWAYS_DIRECTORIES = {".git", ".vscode"}
_ALWAYS_FILES = {NAME, ".gitignore", "local.settings.json", "project.lock.json"}
_NEVER = ".python_packages"


class FuncIgnore:
    """The rules of one app. The last rule that matches a path decides.

    Args:
        text: The content of .funcignore; empty if there is none.
    """

    def __init__(self, text: str) -> None:
        self._rules = [rule for line in text.splitlines() if (rule := _rule(line)) is not None]

    def leaves_out(self, path: str, *, is_directory: bool) -> bool:
        """Tell whether a file, or a directory with all in it, is left out.

        A directory that is left out is not looked into, so nothing below it can come back.
        """
        if path.split("/", 1)[0] == _NEVER:
            return False
        name = path.rpartition("/")[2]
        if name in (_ALWAYS_DIRECTORIES if is_directory else _ALWAYS_FILES):
            return True
        left_out = False
        for pattern, is_for_directories, is_negative in self._rules:
            if (is_directory or not is_for_directories) and pattern.fullmatch(path):
                left_out = not is_negative
        return left_out


def _rule(line: str) -> tuple[re.Pattern[str], bool, bool] | None:
    """Return pattern, whether it is for directories alone, and whether it brings files back."""
    text = line.rstrip("\r\n")
    # A space at the end counts only behind a backslash.
    text = re.sub(r"(?<!\\)\s+$", "", text)
    is_negative = text.startswith("!")
    text = text[1:] if is_negative else text
    if not text or (text.startswith("#") and not is_negative):
        return None
    is_for_directories = text.endswith("/")
    text = text.rstrip("/")
    if not text:
        return None
    # A slash at the beginning or inside ties the pattern to the root.
    is_anchored = "/" in text
    text = text.removeprefix("/")
    prefix = "" if is_anchored else "(?:.*/)?"
    return re.compile(prefix + _translated(text), re.DOTALL), is_for_directories, is_negative


def _translated(text: str) -> str:
    out = []
    at = 0
    while at < len(text):
        rest = text[at:]
        if rest.startswith("**/") and (at == 0 or text[at - 1] == "/"):
            out.append("(?:.*/)?")
            at += 3
        elif rest == "**" and (at == 0 or text[at - 1] == "/"):
            out.append(".+")
            at += 2
        elif rest[0] == "*":
            out.append("[^/]*")
            at += 1
        elif rest[0] == "?":
            out.append("[^/]")
            at += 1
        elif (found := re.match(r"\[(!|\^)?(\]?[^\]]*)\]", rest)) is not None:
            inside = found[2].replace("\\", "\\\\").replace("[", "\\[")
            out.append(f"(?!/)[{'^' if found[1] else ''}{inside}]")
            at += found.end()
        elif rest[0] == "\\" and len(rest) > 1:
            out.append(re.escape(rest[1]))
            at += 2
        else:
            out.append(re.escape(rest[0]))
            at += 1
    return "".join(out)
