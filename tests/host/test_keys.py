"""The key files: their shape, their place, who may read them, what happens to broken ones
(http.md 8.4).
"""

from __future__ import annotations

import base64
import json
import os
import re
import stat
from typing import TYPE_CHECKING, Any

import pytest
from ferrofunc.errors import KeyStoreError
from ferrofunc.host.keys import files, text
from ferrofunc.host.keys.store import HOST, MASTER, SYSTEM, KeyStore

from .making import App

if TYPE_CHECKING:
    from pathlib import Path


class Keys:
    """The store of an app, and the lines it had to say."""

    def __init__(self, app: App, **environ: str) -> None:
        self.app = app
        self.temporary = app.root / "tmp"
        self.temporary.mkdir(exist_ok=True)
        self.said: list[str] = []
        self.settings = app.load({"TMPDIR": str(self.temporary), **environ})
        self.store = KeyStore(self.settings, self.said.append)

    def path(self, name: str) -> Path:
        return self.store.folder / name

    def read(self, name: str) -> Any:
        return json.loads(self.path(name).read_text())

    def again(self) -> KeyStore:
        """The store as another process would open it."""
        return KeyStore(self.settings, self.said.append)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(App(tmp_path))


class TestText:
    def test_form(self) -> None:
        for _ in range(50):
            key = text.generate()
            assert re.fullmatch(r"[A-Za-z0-9_\-]{44}AzFu[A-Za-z0-9_\-]{6}==", key)
            assert len(base64.urlsafe_b64decode(key)) == 40

    def test_no_two_are_the_same(self) -> None:
        assert len({text.generate() for _ in range(1000)}) == 1000


class TestPlace:
    def test_below_the_temporary_folder(self, keys: Keys) -> None:
        own = keys.temporary / "secrets/functions/secrets" / keys.settings.host_id
        assert keys.store.folder == own

    def test_no_two_apps_share_it(self, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        (tmp_path / "b").mkdir()
        one, other = App(tmp_path / "a").load(), App(tmp_path / "b").load()
        assert KeyStore(one, print).folder != KeyStore(other, print).folder

    @pytest.mark.parametrize("kind", ["files", "Files"])
    def test_the_official_one_if_files_are_asked_for(self, tmp_path: Path, kind: str) -> None:
        named = Keys(App(tmp_path), AzureWebJobsSecretStorageType=kind)
        assert named.store.folder == named.temporary / "secrets/functions/secrets"
        named.store.master()
        assert named.path("host.json").exists()

    def test_as_set(self, tmp_path: Path) -> None:
        named = Keys(App(tmp_path), FUNCTIONS_SECRETS_PATH=str(tmp_path / "a/b"))
        assert named.store.folder == tmp_path / "a/b"
        named.store.master()
        assert named.path("host.json").exists()

    def test_nothing_is_made_before_it_is_needed(self, keys: Keys) -> None:
        assert list(keys.temporary.iterdir()) == []

    def test_for_this_user_alone(self, keys: Keys) -> None:
        before = os.umask(0)
        try:
            keys.store.function("f")
            keys.store.put(HOST, "new")
        finally:
            os.umask(before)
        for path in keys.temporary.rglob("*"):
            expected = 0o700 if path.is_dir() else 0o600
            assert stat.S_IMODE(path.stat().st_mode) == expected, path

    @pytest.mark.parametrize("step", ["secrets", "secrets/functions"])
    @pytest.mark.parametrize("mode", [0o777, 0o770, 0o1777])
    def test_not_where_others_can_write(self, keys: Keys, step: str, mode: int) -> None:
        folder = keys.temporary / step
        folder.mkdir(parents=True)
        folder.chmod(mode)
        with pytest.raises(KeyStoreError, match="that this user alone can write to") as caught:
            keys.store.master()
        assert "FUNCTIONS_SECRETS_PATH" in (caught.value.hint or "")
        assert list(folder.iterdir()) == []

    def test_not_through_a_link(self, keys: Keys, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (keys.temporary / "secrets").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(KeyStoreError):
            keys.store.master()
        assert list((tmp_path / "elsewhere").iterdir()) == []

    def test_a_place_that_cannot_be(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        named = Keys(App(tmp_path), FUNCTIONS_SECRETS_PATH=str(tmp_path / "file/x"))
        with pytest.raises(KeyStoreError, match="Cannot make the folder for access keys"):
            named.store.master()


class TestShape:
    def test_of_the_host(self, keys: Keys) -> None:
        master = keys.store.master()
        document = keys.read("host.json")
        assert document == {
            "masterKey": {"name": "master", "value": master, "encrypted": False},
            "functionKeys": [
                {"name": "default", "value": keys.store.host()["default"], "encrypted": False}
            ],
            "systemKeys": [],
            "hostName": "localhost:7071",
            "instanceId": f"{keys.settings.host_id:0>32}",
            "source": "runtime",
            "decryptionKeyId": "",
        }

    def test_of_a_function(self, keys: Keys) -> None:
        own = keys.store.function("MyFunction")
        document = keys.read("myfunction.json")
        assert document["keys"] == [
            {"name": "default", "value": own["default"], "encrypted": False}
        ]
        assert document["source"] == "runtime"
        assert keys.store.function("myFUNCTION") == own

    def test_no_temporary_file_stays(self, keys: Keys) -> None:
        keys.store.master()
        keys.store.put(MASTER, "")
        keys.store.put("f", "x")
        assert sorted(p.name for p in keys.store.folder.iterdir()) == ["f.json", "host.json"]

    def test_what_an_official_host_has_written(self, keys: Keys) -> None:
        keys.store.folder.mkdir(parents=True)
        for folder in (keys.store.folder, *keys.store.folder.parents[:3]):
            folder.chmod(0o700)
        keys.path("host.json").write_text(
            '{"masterKey":{"name":"master","value":"m","encrypted":false},'
            '"functionKeys":[{"name":"default","value":"h","encrypted":false}],'
            '"systemKeys":[{"name":"eventgrid_extension","value":"s","encrypted":false}]}'
        )
        keys.path("f.json").write_text('{"keys":[{"name":"default","value":"k"}]}')
        store = keys.store
        assert (store.master(), store.host(), store.system(), store.function("F")) == (
            "m",
            {"default": "h"},
            {"eventgrid_extension": "s"},
            {"default": "k"},
        )


class TestChanges:
    @pytest.mark.parametrize("scope", [HOST, SYSTEM, "f"])
    def test_put_and_delete(self, keys: Keys, scope: str) -> None:
        def found() -> dict[str, str]:
            store = keys.again()
            read = {HOST: store.host, SYSTEM: store.system}
            return read[scope]() if scope in read else store.function(scope)

        before = found()
        assert keys.store.put(scope, "New", "value") == ("New", "value", True)
        assert found() == {**before, "New": "value"}
        assert keys.store.put(scope, "nEW", "other") == ("New", "other", False)
        assert found() == {**before, "New": "other"}
        name, made, is_new = keys.store.put(scope, "new")
        assert (name, len(made), is_new) == ("New", 56, False)
        assert found() == {**before, "New": made}
        assert keys.store.delete(scope, "NEW") is True
        assert keys.store.delete(scope, "NEW") is False
        assert found() == before

    def test_master(self, keys: Keys) -> None:
        host = keys.store.host()
        keys.store.put(MASTER, "", "mine")
        assert (keys.again().master(), keys.again().host()) == ("mine", host)

    def test_functions_called_like_scopes(self, keys: Keys) -> None:
        for name in ("master", "functionKeys", "systemKeys"):
            keys.store.put(name, "own", name)
            assert keys.again().function(name)["own"] == name
        assert keys.store.system() == {}

    def test_a_file_edited_by_hand(self, keys: Keys) -> None:
        keys.store.function("f")
        document = keys.read("f.json")
        document["keys"].append({"name": "mine", "value": "by hand", "encrypted": False})
        keys.path("f.json").write_text(json.dumps(document))
        assert "mine" not in keys.store.function("f")
        keys.store.forget()
        assert keys.store.function("f")["mine"] == "by hand"

    def test_what_is_given_out_is_a_copy(self, keys: Keys) -> None:
        keys.store.host()["stray"] = "x"
        assert "stray" not in keys.store.host()


BROKEN_HOSTS = [
    pytest.param("", id="empty"),
    pytest.param("{", id="half"),
    pytest.param("[]", id="array"),
    pytest.param("{}", id="no-master"),
    pytest.param('{"masterKey": {"name": "master"}}', id="no-value"),
    pytest.param('{"masterKey": {"value": ""}}', id="empty-value"),
    pytest.param('{"masterKey": {"value": 1}}', id="number"),
    pytest.param('{"masterKey": {"value": "CfDJ8", "encrypted": true}}', id="encrypted"),
    pytest.param('{"masterKey": {"value": "m"}, "functionKeys": {}}', id="no-list"),
    pytest.param('{"masterKey": {"value": "m"}, "systemKeys": [{"value": "v"}]}', id="no-name"),
    pytest.param("\xff", id="not-utf-8"),
]


class TestBroken:
    @pytest.mark.parametrize("content", BROKEN_HOSTS)
    def test_is_put_aside_and_made_anew(self, keys: Keys, content: str) -> None:
        keys.store.master()
        keys.path("host.json").write_bytes(content.encode("latin-1"))
        keys.store.forget()
        master = keys.store.master()
        assert keys.read("host.json")["masterKey"]["value"] == master
        (aside,) = keys.store.folder.glob("host.snapshot.*.json")
        assert re.fullmatch(
            r"host\.snapshot\.\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\.\d{7}\.json", aside.name
        )
        assert aside.read_bytes() == content.encode("latin-1")
        (line,) = keys.said
        assert "cannot be used" in line
        assert aside.name in line
        assert "CfDJ8" not in line
        assert keys.again().master() == master

    def test_of_a_function(self, keys: Keys) -> None:
        keys.store.function("F")
        keys.path("f.json").write_text('{"keys": 1}')
        keys.store.forget()
        assert list(keys.store.function("F")) == ["default"]
        assert len(list(keys.store.folder.glob("f.snapshot.*.json"))) == 1

    def test_unreadable_for_the_system(self, keys: Keys) -> None:
        keys.store.master()
        keys.path("host.json").unlink()
        keys.path("host.json").mkdir()
        keys.store.forget()
        with pytest.raises(KeyStoreError, match=r"Cannot read the access keys in '.*host\.json'"):
            keys.store.master()

    def test_unwritable(self, keys: Keys) -> None:
        keys.store.master()
        for path in keys.store.folder.iterdir():
            path.unlink()
        keys.store.folder.rmdir()
        with pytest.raises(KeyStoreError, match="Cannot write the access keys to"):
            keys.store.put(HOST, "x")


class TestTwoHosts:
    def test_the_first_file_wins(self, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
        first = keys.again().master()
        load, seen = files.load, []

        def late(path: Path) -> Any:
            # The other host makes the file just after this one has looked.
            seen.append(path)
            return None if len(seen) == 1 else load(path)

        monkeypatch.setattr(files, "load", late)
        assert keys.store.master() == first
        assert len(seen) == 2

    def test_a_file_that_never_holds_still(
        self, keys: Keys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keys.store.master()
        keys.store.forget()
        monkeypatch.setattr(files, "load", lambda path: None)
        with pytest.raises(KeyStoreError, match="change faster than they can be read"):
            keys.store.master()


def test_no_value_is_shown(keys: Keys) -> None:
    master = keys.store.master()
    assert master not in repr(keys.store)
