"""`Record`: frozen, keyword-only data classes for the modules that run before the socket is open.

The standard decorator imports `inspect`, and with it the compiler's tables: as much again as all
the rest of the command line. Type checkers see a data class all the same (PEP 681). Records
compare by identity; a class may write its own `__repr__`. Base of what `settings`, `log_levels`,
`host.functions` and their neighbours hand on; it must import nothing at run time.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_modes):
        """Mark nothing: the mark is for type checkers."""
        return lambda cls: cls


@dataclass_transform(frozen_default=True, kw_only_default=True, eq_default=False)
class Record:
    """A class whose annotated names are set once, by keyword; a value in the class is a default.

    Raises:
        TypeError: A field is missing, or there is none of that name.
        AttributeError: A field is set or deleted later.
    """

    def __init__(self, **values: object) -> None:
        cls = type(self)
        names = cls.__annotations__.keys()
        fields = {**{n: getattr(cls, n) for n in names if n in cls.__dict__}, **values}
        if fields.keys() != names:
            wrong = ", ".join(sorted(fields.keys() ^ names))
            raise TypeError(f"{cls.__name__} expects {', '.join(names)}; not as expected: {wrong}")
        self.__dict__.update((name, fields[name]) for name in names)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: cannot set '{name}' to {value!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: cannot delete '{name}'")

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({fields})"
