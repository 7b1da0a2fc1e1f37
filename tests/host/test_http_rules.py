"""`ferrofunc.http_rules`: CORS, headers and limits as they are given (http.md 9, 10, 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ferrofunc import cli, cors
from ferrofunc.errors import HostJsonError, SettingsError

from .making import App

if TYPE_CHECKING:
    from pathlib import Path

    from ferrofunc.http_rules import HttpRules
    from ferrofunc.settings import Settings


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


def rules(app: App, **http: Any) -> HttpRules:
    """The rules of an app with this in `extensions.http`."""
    return app.host_json(extensions={"http": http}).load().http_rules


def test_nothing_is_the_default(app: App) -> None:
    found = app.load().http_rules
    assert found.cors_origins == ()
    assert not found.has_cors_credentials
    assert found.custom_headers == ()
    assert found.hsts is None
    assert (found.max_concurrent, found.max_outstanding) == (None, None)


class TestCors:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("*", ("*",)),
            ("https://a.example", ("https://a.example",)),
            ("https://A.Example:8080,http://b", ("https://a.example:8080", "http://b")),
            (" https://a , ,https://b,", ("https://a", "https://b")),
            ("https://bücher.example", ("https://xn--bcher-kva.example",)),
            ("https://BÜCHER.example:444", ("https://xn--bcher-kva.example:444",)),
            ("null", ("null",)),
            ("", ()),
        ],
    )
    def test_origins_12(self, given: str, expected: tuple[str, ...]) -> None:
        assert cors.origins(given, "--cors") == (expected, [])

    @pytest.mark.parametrize("given", ["https://a/", "https://ü.example/", "a.example", "//a"])
    def test_an_origin_that_matches_nothing_is_told(self, given: str) -> None:
        _, (warning,) = cors.origins(given, "Host.CORS")
        assert warning.startswith("Host.CORS: '")
        assert "matches no origin" in warning

    def test_a_star_among_others_is_told(self) -> None:
        found, (warning,) = cors.origins("*,https://a", "--cors")
        assert found == ("*", "https://a")
        assert "stands alone" in warning

    def test_a_host_without_punycode_is_refused(self) -> None:
        with pytest.raises(SettingsError, match="cannot be written in ASCII"):
            cors.origins("https://ü..example", "--cors")

    def test_a_star_with_credentials_is_refused_12(self, app: App) -> None:
        with pytest.raises(SettingsError) as caught:
            app.load(cors="*", has_cors_credentials=True)
        assert caught.value.message.startswith(
            "The CORS protocol does not allow specifying a wildcard (any) origin and credentials"
        )

    @pytest.mark.parametrize(
        ("options", "origins", "has_credentials"),
        [
            ({}, ("https://file",), True),
            ({"cors": "https://flag"}, ("https://flag",), True),
            ({"cors": ""}, (), True),
            ({"has_cors_credentials": False}, ("https://file",), False),
            ({"cors": "*", "has_cors_credentials": False}, ("*",), False),
        ],
    )
    def test_options_win(
        self, app: App, options: dict[str, Any], origins: tuple[str, ...], has_credentials: bool
    ) -> None:
        app.local(Host={"CORS": "https://file", "CORSCredentials": True})
        found = app.load(**options).http_rules
        assert (found.cors_origins, found.has_cors_credentials) == (origins, has_credentials)

    @pytest.mark.parametrize(
        ("text", "expected"), [("true", True), (True, True), ("false", False), (None, False)]
    )
    def test_credentials_of_the_file(self, app: App, text: object, expected: bool) -> None:
        app.local(Host={"CORS": "https://a", "CORSCredentials": text})
        assert app.load().http_rules.has_cors_credentials is expected

    def test_words_of_the_command_line(self, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
        started: list[Settings] = []

        def run(settings: Settings, zygote: Any) -> int:
            zygote.end()
            started.append(settings)
            return 0

        monkeypatch.setattr("ferrofunc.host.supervisor.run", run)
        monkeypatch.chdir(app.root)
        assert cli.main(["start", "--cors", "https://a,https://b", "--cors-credentials"]) == 0
        found = started[0].http_rules
        assert found.cors_origins == ("https://a", "https://b")
        assert found.has_cors_credentials


class TestCustomHeaders:
    def test_names_and_values_10(self, app: App) -> None:
        found = rules(app, customHeaders={"X-Content-Type-Options": "nosniff", "x-n": 5})
        assert sorted(found.custom_headers) == [("X-Content-Type-Options", "nosniff"), ("x-n", "5")]

    def test_from_the_environment(self, app: App) -> None:
        name = "AzureFunctionsJobHost__extensions__http__customHeaders__X-A"
        assert app.load({name: "b"}).http_rules.custom_headers == (("X-A", "b"),)

    @pytest.mark.parametrize(
        ("name", "value"), [("X A", "b"), ("X-É", "b"), ("X-A", "b\r\nX-B: c"), ("", "b")]
    )
    def test_what_cannot_be_sent_is_refused(self, app: App, name: str, value: str) -> None:
        with pytest.raises(HostJsonError, match="customHeaders"):
            rules(app, customHeaders={name: value})

    @pytest.mark.parametrize("name", ["Content-Length", "connection", "Transfer-Encoding"])
    def test_what_belongs_to_the_connection_is_told(self, app: App, name: str) -> None:
        loaded = app.host_json(extensions={"http": {"customHeaders": {name: "1"}}}).load()
        assert loaded.http_rules.custom_headers == ()
        (warning,) = loaded.warnings
        assert f"'{name}' is not sent" in warning


class TestHsts:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({}, None),
            ({"isEnabled": False, "maxAge": "1.00:00:00"}, None),
            ({"isEnabled": True}, "max-age=2592000"),
            ({"isEnabled": "true", "maxAge": "10"}, "max-age=864000"),
            (
                {"isEnabled": True, "maxAge": "01:00:00", "includeSubDomains": True},
                "max-age=3600; includeSubDomains",
            ),
            (
                {"isEnabled": True, "includeSubDomains": True, "preload": True},
                "max-age=2592000; includeSubDomains; preload",
            ),
        ],
    )
    def test_value_10(self, app: App, given: dict[str, object], expected: str | None) -> None:
        assert rules(app, hsts=given).hsts == expected

    def test_excluded_hosts_10(self, app: App) -> None:
        found = rules(app, hsts={"isEnabled": True, "excludedHosts": ["a.example"]})
        own = ("localhost", "127.0.0.1", "[::1]")
        assert found.hsts_excluded_hosts == (*own, "a.example")

    @pytest.mark.parametrize(("key", "kind"), [("isEnabled", "Boolean"), ("maxAge", "TimeSpan")])
    def test_wrong_types(self, app: App, key: str, kind: str) -> None:
        with pytest.raises(HostJsonError) as caught:
            rules(app, hsts={key: "perhaps"})
        assert caught.value.message == (
            f"Failed to convert configuration value at 'AzureFunctionsJobHost:extensions:http:"
            f"hsts:{key}' to type 'System.{kind}'."
        )


class TestLimits:
    def test_values_9(self, app: App) -> None:
        found = rules(
            app, maxConcurrentRequests=5, maxOutstandingRequests=20, dynamicThrottlesEnabled=True
        )
        assert (found.max_concurrent, found.max_outstanding) == (5, 20)

    def test_minus_one_is_no_limit_9(self, app: App) -> None:
        found = rules(app, maxConcurrentRequests=-1, maxOutstandingRequests="-1")
        assert (found.max_concurrent, found.max_outstanding) == (None, None)

    @pytest.mark.parametrize("name", ["maxConcurrentRequests", "maxOutstandingRequests"])
    @pytest.mark.parametrize("limit", [0, -2])
    def test_out_of_range(self, app: App, name: str, limit: int) -> None:
        with pytest.raises(HostJsonError, match=f"extensions.http.{name} to be at least 1, or -1"):
            rules(app, **{name: limit})

    @pytest.mark.parametrize(
        ("name", "given", "kind"),
        [
            ("maxConcurrentRequests", "many", "Int32"),
            ("maxOutstandingRequests", 1.5, "Int32"),
            ("maxOutstandingRequests", 2**31, "Int32"),
            ("dynamicThrottlesEnabled", "sometimes", "Boolean"),
        ],
    )
    def test_wrong_types(self, app: App, name: str, given: object, kind: str) -> None:
        with pytest.raises(HostJsonError, match=f"http:{name}' to type 'System.{kind}'"):
            rules(app, **{name: given})
