"""The keys of the app: made when they are first needed, kept in files, read again on demand.

Three kinds open functions and the host (http.md 8.2): the master key, keys of the host (all
functions, or one extension each), keys of one function. Names ignore case, values do not. What is
in memory is what the files held when they were last read. Used by the admin desk alone; the gateway
gets copies.
"""

from __future__ import annotations

from ferrofunc.errors import KeyStoreError
from ferrofunc.host.keys import files, place, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    from ferrofunc.settings import Settings

    Keys = dict[str, str]

# Whose keys: no function can be called so. The names in the files are others.
MASTER = "*master"
HOST = "*functionKeys"
SYSTEM = "*systemKeys"
_DEFAULT = "default"

_TRIES = 3


class KeyStore:
    """The key files of one app.

    Every method may read or write files, and raises KeyStoreError if the system does not let it.

    Args:
        settings: Whose keys they are.
        warn: Takes a line for the log when a file had to be made anew.
    """

    def __init__(self, settings: Settings, warn: Callable[[str], None]) -> None:
        self.folder: Path = place.decide(settings)
        self._settings = settings
        self._warn = warn
        self._is_prepared = False
        self._host: dict[str, Keys] | None = None
        self._functions: dict[str, Keys] = {}

    def is_of(self, settings: Settings) -> bool:
        """Tell whether these are the keys of a host with these settings."""
        return self._settings is settings

    def master(self) -> str:
        """The key that opens everything."""
        return self._host_keys()[MASTER][MASTER]

    def host(self) -> Keys:
        """Keys that open every function, by name."""
        return dict(self._host_keys()[HOST])

    def system(self) -> Keys:
        """Keys of extensions, by name."""
        return dict(self._host_keys()[SYSTEM])

    def function(self, name: str) -> Keys:
        """Keys that open one function, by name; the first is made if there is none."""
        return dict(self._function_keys(name))

    def put(self, scope: str, name: str, value: str | None = None) -> tuple[str, str, bool]:
        """Set a key. Returns its name as stored, its value, and whether it is new.

        Args:
            scope: MASTER, HOST, SYSTEM, or the name of a function, valid as such.
            name: Of the key; ignored for MASTER.
            value: The key; None makes one.
        """
        value = value or text.generate()
        if scope == MASTER:
            self._save_host({**self._host_keys(), MASTER: {MASTER: value}})
            return "master", value, False
        keys = self._keys(scope)
        known = find(keys, name)
        self._save(scope, {**keys, known or name: value})
        return known or name, value, known is None

    def delete(self, scope: str, name: str) -> bool:
        """Delete a key of HOST, SYSTEM or a function. Returns whether there was one."""
        keys = self._keys(scope)
        known = find(keys, name)
        if known is None:
            return False
        self._save(scope, {n: value for n, value in keys.items() if n != known})
        return True

    def forget(self) -> None:
        """Read the files again when they are next needed."""
        self._host = None
        self._functions.clear()

    def _keys(self, scope: str) -> Keys:
        if scope in (HOST, SYSTEM):
            return dict(self._host_keys()[scope])
        return dict(self._function_keys(scope))

    def _save(self, scope: str, keys: Keys) -> None:
        if scope in (HOST, SYSTEM):
            self._save_host({**self._host_keys(), scope: keys})
        else:
            files.save(self._path(scope), self._function_document(keys), is_new=False)
            self._functions[scope.lower()] = keys

    # --- host.json of the keys

    def _host_keys(self) -> dict[str, Keys]:
        if self._host is None:
            self._host = self._read("host", _host_keys_of, self._new_host)
        return self._host

    def _new_host(self) -> dict[str, object]:
        return self._host_document(
            {MASTER: {MASTER: text.generate()}, HOST: {_DEFAULT: text.generate()}, SYSTEM: {}}
        )

    def _save_host(self, keys: dict[str, Keys]) -> None:
        files.save(self._path("host"), self._host_document(keys), is_new=False)
        self._host = keys

    def _host_document(self, keys: Mapping[str, Keys]) -> dict[str, object]:
        return {
            "masterKey": files.entry("master", keys[MASTER][MASTER]),
            "functionKeys": files.entries(keys[HOST]),
            "systemKeys": files.entries(keys[SYSTEM]),
            **self._origin(),
        }

    # --- the file of one function

    def _function_keys(self, name: str) -> Keys:
        known = self._functions.get(name.lower())
        if known is None:
            known = self._read(name, _function_keys_of, self._new_function)
            self._functions[name.lower()] = known
        return known

    def _new_function(self) -> dict[str, object]:
        return self._function_document({_DEFAULT: text.generate()})

    def _function_document(self, keys: Keys) -> dict[str, object]:
        return {"keys": files.entries(keys), **self._origin()}

    # --- any file

    def _read(
        self,
        name: str,
        understand: Callable[[dict[str, Any]], Any],
        make: Callable[[], dict[str, object]],
    ) -> Any:
        """Return what a file holds; make it if it is missing, make it anew if it is unreadable."""
        if not self._is_prepared:
            place.prepare(self._settings)
            self._is_prepared = True
        path = self._path(name)
        for _ in range(_TRIES):
            try:
                document = files.load(path)
                if document is not None:
                    return understand(document)
            except files.UnreadableError as problem:
                aside = files.snapshot(path)
                self._warn(
                    f"The access keys in '{path}' cannot be used: {problem}. The file is now "
                    f"'{aside.name}', and new keys are made."
                )
            made = make()
            if files.save(path, made, is_new=True):
                return understand(made)
            # Another host of the same app was first: its keys are the keys.
        raise KeyStoreError(f"The access keys in '{path}' change faster than they can be read.")

    def _path(self, name: str) -> Path:
        return self.folder / f"{name.lower()}.json"

    def _origin(self) -> dict[str, object]:
        """What the official files say beside the keys."""
        return {
            "hostName": self._settings.base_url.partition("://")[2],
            "instanceId": f"{self._settings.host_id:0>32}",
            "source": "runtime",
            "decryptionKeyId": "",
        }


def find(keys: Mapping[str, str], name: str) -> str | None:
    """Return the name under which a key is stored, in whatever case it was asked for."""
    return next((known for known in keys if known.lower() == name.lower()), None)


def _host_keys_of(document: dict[str, Any]) -> dict[str, Keys]:
    return {
        MASTER: {MASTER: files.one(document.get("masterKey"))},
        HOST: files.several(document.get("functionKeys")),
        SYSTEM: files.several(document.get("systemKeys")),
    }


def _function_keys_of(document: dict[str, Any]) -> Keys:
    return files.several(document.get("keys"))
