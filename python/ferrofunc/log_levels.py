"""Which log records are shown (configuration.md 4.2, cli.md 2.3).

A rule of host.json for a category decides alone; otherwise records of the system and of the user
have one minimum each. Called by `settings`; applying the levels is the console's work.
"""

from __future__ import annotations

from ferrofunc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ferrofunc.host_json import HostConfig

NAMES = ("Trace", "Debug", "Information", "Warning", "Error", "Critical", "None")
_BY_TEXT = {name.lower(): name for name in NAMES} | {str(n): name for n, name in enumerate(NAMES)}


class LogLevels(Record):
    """The least level shown.

    `system` and `user` are names out of `NAMES`. `rules` maps a category prefix to one, `default`
    left out; the longest prefix that matches a record's category decides.
    """

    system: str
    user: str
    rules: dict[str, str]

    def level_of(self, category: str, *, is_user: bool) -> str:
        """Return the least level shown of a category: its longest matching rule's, or its class's.

        Args:
            category: For example `Function` or `Function.hello.User`.
            is_user: Whether it is the user's, not the system's.
        """
        lowered = category.lower()
        matching = [prefix for prefix in self.rules if lowered.startswith(prefix.lower())]
        if matching:
            return self.rules[max(matching, key=len)]
        return self.user if is_user else self.system

    def least_user(self) -> str:
        """Return the least level at which lines of any function's own code are shown."""
        prefix = "function."
        rules = [level for name, level in self.rules.items() if name.lower().startswith(prefix)]
        return min((self.level_of("Function", is_user=True), *rules), key=NAMES.index)


def known(text: str | None) -> str | None:
    """Return the level `text` names, in any case or by number; None for anything else."""
    return None if text is None else _BY_TEXT.get(text.strip().lower())


def decide(config: HostConfig, user_level: str | None, is_verbose: bool) -> LogLevels:
    """Return the levels in force.

    Args:
        config: host.json with its overrides.
        user_level: `--user-log-level` or FUNCTIONS_USER_LOG_LEVEL; unknown text is ignored.
        is_verbose: `--verbose` shows the system's records from Information on, not Warning.

    Raises:
        HostJsonError: `logging.logLevel` holds something that is no level.
    """
    rules = {}
    for category, text in config.children("logging:logLevel").items():
        level = known(text)
        if level is None:
            raise config.conversion_error(
                f"logging:logLevel:{category}", "Microsoft.Extensions.Logging.LogLevel"
            )
        rules[category] = level
    default = next((rules.pop(c) for c in list(rules) if c.lower() == "default"), None)
    return LogLevels(
        system=default or ("Information" if is_verbose else "Warning"),
        user=known(user_level) or default or "Information",
        rules=rules,
    )
