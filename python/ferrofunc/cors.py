"""Which origins CORS allows, made comparable with what browsers send (http.md 12).

Browsers send scheme, host and port, in lower case, international names in punycode; the gateway
compares byte for byte. Called by `http_rules`.
"""

from __future__ import annotations

from ferrofunc.errors import SettingsError

_UNLIKE_ANY = (
    "{source}: '{origin}' matches no origin. Browsers send scheme, host and port and nothing "
    "after them, as in https://example.com."
)
_STAR_AMONG_OTHERS = (
    "{source}: '*' allows every origin only when it stands alone. Here the other origins are "
    "allowed and '*' is not."
)


def origins(text: str, source: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the origins in a comma list, and warnings about those that no browser sends.

    Args:
        text: For example `https://a.example,http://localhost:3000`. Blanks around them are
            dropped.
        source: Where it was given: `--cors` or `Host.CORS`.

    Raises:
        SettingsError: A host name that has no punycode.
    """
    names = [name.strip() for name in text.split(",")]
    found = tuple(_comparable(name, source) for name in names if name)
    warnings = []
    for origin in found:
        if origin == "*":
            if len(found) > 1:
                warnings.append(_STAR_AMONG_OTHERS.format(source=source))
        elif origin != "null" and (origin.count("/") != 2 or "://" not in origin):
            warnings.append(_UNLIKE_ANY.format(source=source, origin=origin))
    return found, warnings


def check_credentials(allowed: tuple[str, ...]) -> None:
    """Check that cookies and the like may be allowed to these origins.

    Raises:
        SettingsError: They are all origins.
    """
    if allowed == ("*",):
        raise SettingsError(
            "The CORS protocol does not allow specifying a wildcard (any) origin and credentials "
            "at the same time. Configure the CORS policy by listing individual origins if "
            "credentials needs to be supported.",
            hint="List the origins in --cors or Host.CORS, or leave out --cors-credentials and "
            "Host.CORSCredentials.",
        )


def _comparable(origin: str, source: str) -> str:
    lowered = origin.lower()
    if lowered.isascii():
        return lowered
    scheme, mark, rest = lowered.partition("://")
    end = next((at for at, letter in enumerate(rest) if letter in ":/"), len(rest))
    try:
        # The codec is imported here, by its use: hardly any origin needs it.
        host = rest[:end].encode("idna").decode("ascii")
    except UnicodeError as error:
        raise SettingsError(
            f"Expected {source} to list origins such as https://example.com, found '{origin}', "
            f"whose host name cannot be written in ASCII: {error}."
        ) from error
    return f"{scheme}{mark}{host}{rest[end:]}"
