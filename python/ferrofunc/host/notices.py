"""What the log says about the functions once they are known (http.md 2, configuration.md 4).

Lines only; the supervisor gives them their time and colour. One line for each function in error,
one for each trigger without a listener.
"""

from __future__ import annotations

from ferrofunc.host import binding_types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ferrofunc.host.functions import Function
    from ferrofunc.settings import Settings

_NO_FUNCTIONS = (
    "No job functions found. Try making your job classes and methods public. If you're using "
    "binding extensions (e.g. Azure Storage, ServiceBus, Timers, etc.) make sure you've called the "
    "registration method for the extension(s) in your startup code (e.g. "
    "builder.AddAzureStorage(), builder.AddServiceBus(), builder.AddTimers(), etc.)."
)


# Triggers for which retry policies are official (configuration.md 4.1).
_RETRIED = ("timertrigger", "eventhubtrigger", "kafkatrigger", "cosmosdbtrigger")


def mapping(functions: Iterable[Function], settings: Settings) -> list[str]:
    """Return what is said at Information: the allow-list and the routes, in the order tried."""
    lines = []
    if settings.functions is not None:
        lines.append(
            "A function allow list has been specified, excluding all but the following functions: "
            f"[{', '.join(settings.functions)}]"
        )
    routed = [function for function in functions if function.is_routed]
    if not routed:
        return [*lines, "No HTTP routes mapped"]
    lines.append("Initializing function HTTP routes")
    for function in routed:
        methods = "all" if function.methods is None else ",".join(function.methods)
        lines.append(
            f"Mapped function route '{function.template}' [{methods}] to '{function.name}'"
        )
    return lines


def errors(functions: Iterable[Function]) -> list[str]:
    """Return what is said at Error: the functions that are not mapped, or that fail each call."""
    lines = []
    for function in functions:
        if function.error is not None:
            lines.append(f"The '{function.name}' function is in error: {function.error}")
        elif function.failure_stack is not None:
            lines.append(
                f"Worker failed to load function: '{function.name}' with functionId: "
                f"'{function.function_id}'."
            )
            lines.append(
                f"Result: Failure\nException: {function.failure}\nStack: {function.failure_stack}"
            )
        elif function.failure is not None:
            lines.append(f"The '{function.name}' function answers no call: {function.failure}")
    return lines


def warnings(functions: Iterable[Function]) -> list[str]:
    """Return what is said at Warning: triggers without a listener, retries without effect.

    Those in error or disabled are passed over.
    """
    lines = []
    known = [function for function in functions if function.error is None]
    if not known:
        lines.append(_NO_FUNCTIONS)
    for function in known:
        if function.is_disabled:
            continue
        trigger = function.trigger_type
        if trigger is not None and binding_types.unavailable([{"type": trigger}]):
            lines.append(
                f"Function '{function.name}' has a {trigger}, for which this version of ferrofunc "
                "has no listener: it is loaded and listed, and only the admin API starts it. HTTP "
                "functions of the app work."
            )
        if function.retry is not None and (trigger or "").lower() not in _RETRIED:
            lines.append(
                f"Soon retries will not be supported for function '{function.name}'. For more "
                "information, please visit http://aka.ms/func-retry-policies."
            )
    return lines
