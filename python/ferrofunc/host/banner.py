"""What `start` prints on the console before and after the functions are known (cli.md 2.2).

Lines without their line ends; tools read them, so every blank and TAB counts. The command line
prints `header`, the supervisor `functions` once, when the first worker is ready.
"""

from __future__ import annotations

import sys

from ferrofunc.host.version import RUNTIME_VERSION, TOOLS_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ferrofunc.host.functions import Function
    from ferrofunc.settings import Settings

_DARK_YELLOW, _YELLOW, _GREEN, _PLAIN = "\x1b[33m", "\x1b[93m", "\x1b[32m", "\x1b[0m"


def header() -> list[str]:
    """Return the lines that name the tool and its versions."""
    bits = 64 if sys.maxsize > 1 << 32 else 32
    return [
        "",
        "Azure Functions Core Tools",
        f"Core Tools Version:       {TOOLS_VERSION} ({bits}-bit)",
        f"Function Runtime Version: {RUNTIME_VERSION}",
        "",
    ]


def functions(
    table: Sequence[Function], settings: Settings, *, is_coloured: bool = False
) -> list[str]:
    """Return the list of functions, and the hint at its end.

    Those in error are left out: the log names them.

    Args:
        table: The functions, in the order to list them.
        settings: The settings of this start.
        is_coloured: Whether the console understands colours. Default False.
    """
    paint = _paint if is_coloured else _leave
    known = [function for function in table if function.error is None]
    enabled = [function for function in known if not function.is_disabled]
    lines = ["", paint("Functions:", _DARK_YELLOW), ""] if enabled else []
    http = [function for function in enabled if _is_http(function)]
    for function in http:
        name = paint(f"{function.name}:", _YELLOW)
        methods = "" if function.methods is None else f"[{','.join(function.methods)}]"
        url = function.invoke_url(settings.base_url) or ""
        # Without methods the bracket is absent, and its two blanks remain.
        lines += [f"\t{name} {paint(methods, _GREEN)} {paint(url, _GREEN)}", ""]
    for function in enabled:
        if function not in http:
            lines += [f"\t{paint(f'{function.name}:', _YELLOW)} {function.trigger_type}", ""]
    for function in known:
        if function.is_disabled:
            lines.append(paint(f"Function {function.name} is disabled.", _DARK_YELLOW))
    if not settings.is_verbose:
        lines.append("For detailed output, run func with --verbose flag.")
    return lines


def _is_http(function: Function) -> bool:
    return function.is_http and function.has_http_response


def _paint(text: str, colour: str) -> str:
    return f"{colour}{text}{_PLAIN}" if text else text


def _leave(text: str, _colour: str) -> str:
    return text
