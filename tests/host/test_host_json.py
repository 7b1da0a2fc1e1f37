"""host.json: reading rules and overrides (configuration.md 3)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from ferrofunc import host_json, lenient_json, timespan
from ferrofunc.errors import HostJsonError

if TYPE_CHECKING:
    from pathlib import Path


def refused(root: Path, text: str) -> HostJsonError:
    (root / "host.json").write_text(text)
    with pytest.raises(HostJsonError) as caught:
        host_json.read(str(root))
    return caught.value


class TestReading:
    def test_missing_file_is_created(self, tmp_path: Path) -> None:
        tree, notices = host_json.read(str(tmp_path))
        assert notices == ["No host configuration file found. Creating a default host.json file."]
        assert json.loads((tmp_path / "host.json").read_text()) == tree
        assert tree == {
            "version": "2.0",
            "extensionBundle": {
                "id": "Microsoft.Azure.Functions.ExtensionBundle",
                "version": "[4.*, 5.0.0)",
            },
        }

    def test_empty_file_is_written_anew(self, tmp_path: Path) -> None:
        (tmp_path / "host.json").write_text("{}")
        tree, notices = host_json.read(str(tmp_path))
        assert notices == [
            "Empty host configuration file found. Creating a default host.json file."
        ]
        assert json.loads((tmp_path / "host.json").read_text()) == tree == {"version": "2.0"}

    def test_read_only_folder_is_told(self, tmp_path: Path) -> None:
        nowhere = tmp_path / "nowhere"
        tree, notices = host_json.read(str(nowhere))
        assert tree["version"] == "2.0"
        assert notices[1].startswith(f"Could not write '{nowhere}/host.json'")

    @pytest.mark.parametrize("text", ["{", "", "[]", "2.0", '{"version": }'])
    def test_not_an_object(self, tmp_path: Path, text: str) -> None:
        error = refused(tmp_path, text)
        path = tmp_path / "host.json"
        assert error.message == f"Unable to parse host configuration file '{path}'."
        assert error.hint

    def test_not_utf8(self, tmp_path: Path) -> None:
        (tmp_path / "host.json").write_bytes(b'{"version": "\xff"}')
        with pytest.raises(HostJsonError, match="Unable to parse host configuration file"):
            host_json.read(str(tmp_path))

    @pytest.mark.parametrize("text", ['{"a": 1}', '{"version": null}', '{"version": ""}'])
    def test_no_version(self, tmp_path: Path, text: str) -> None:
        assert refused(tmp_path, text).message == (
            "The host.json file is missing the required 'version' property. See "
            "https://aka.ms/functions-hostjson for steps to migrate the configuration file."
        )

    def test_other_version(self, tmp_path: Path) -> None:
        assert refused(tmp_path, '{"version": "1.0"}').message == (
            "'1.0' is an invalid value for host.json 'version' property. We recommend you set the "
            "'version' property to '2.0'. See https://aka.ms/functions-hostjson for more "
            "information on this configuration file."
        )

    def test_version_of_the_runtime(self, tmp_path: Path) -> None:
        assert refused(tmp_path, '{"version": "3.0"}').message == (
            "'3.0' is an invalid value for host.json 'version' property. We recommend you set the "
            "'version' property to '2.0'. This does not correspond to the function runtime "
            "version, only to the schema version of the host.json file. See "
            "https://aka.ms/functions-hostjson for more information on this configuration file."
        )

    def test_version_as_a_number(self, tmp_path: Path) -> None:
        error = refused(tmp_path, '{"version": 2.0}')
        assert error.message.startswith("'2' is an invalid value")
        assert error.hint == 'Write it as text: "version": "2.0".'

    def test_lenient_json_and_byte_order_mark(self, tmp_path: Path) -> None:
        text = '\ufeff{ // one\n "version": "2.0", /* two */ "functions": ["A", "B",], }\n'
        (tmp_path / "host.json").write_text(text)
        tree, notices = host_json.read(str(tmp_path))
        assert tree == {"version": "2.0", "functions": ["A", "B"]}
        assert notices == []


class TestConfig:
    TREE: dict[str, object] = {  # noqa: RUF012
        "extensions": {"http": {"routePrefix": "v1", "dynamicThrottlesEnabled": True}},
        "functions": [f"f{n}" for n in range(12)],
        "retry": None,
        "number": 2.0,
        "fraction": 0.80,
    }

    def config(self, **environment: str) -> host_json.HostConfig:
        return host_json.HostConfig(self.TREE, environment)

    def test_paths_ignore_case(self) -> None:
        assert self.config().text("EXTENSIONS:Http:routeprefix") == "v1"

    def test_absent(self) -> None:
        config = self.config()
        assert config.text("extensions:queues") is None
        assert not config.has_section("extensions:queues")
        assert config.has_section("extensions:http")

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("extensions:http:dynamicThrottlesEnabled", "True"),
            ("retry", ""),
            ("number", "2"),
            ("fraction", "0.8"),
        ],
    )
    def test_scalars_become_the_text_of_dot_net(self, path: str, text: str) -> None:
        assert self.config().text(path) == text

    def test_array_elements_in_order_of_number(self) -> None:
        found = list(self.config().children("functions").values())
        assert found == [f"f{n}" for n in range(12)]

    @pytest.mark.parametrize(
        "name",
        [
            "AzureFunctionsJobHost__extensions__http__routePrefix",
            "azurefunctionsjobhost__EXTENSIONS__http__ROUTEPREFIX",
            "AzureFunctionsJobHost:extensions:http:routePrefix",
        ],
    )
    def test_environment_wins_in_any_spelling(self, name: str) -> None:
        assert self.config(**{name: "v2"}).text("extensions:http:routePrefix") == "v2"

    def test_environment_may_be_empty(self) -> None:
        name = "AzureFunctionsJobHost__extensions__http__routePrefix"
        assert self.config(**{name: ""}).text("extensions:http:routePrefix") == ""

    def test_environment_merges_array_elements_by_index(self) -> None:
        found = self.config(AzureFunctionsJobHost__functions__1="new").children("functions")
        assert list(found.values())[:3] == ["f0", "new", "f2"]

    def test_other_variables_are_not_its_business(self) -> None:
        assert self.config(PATH="x", AzureFunctionsJobHostile__a="x").text("a") is None

    def test_conversion_error_keeps_the_spelling(self) -> None:
        config = self.config(AzureFunctionsJobHost__functionTimeout="soon")
        with pytest.raises(HostJsonError) as caught:
            config.timespan("FUNCTIONTIMEOUT", 1.0)
        assert caught.value.message == (
            "Failed to convert configuration value at 'AzureFunctionsJobHost:functionTimeout' to "
            "type 'System.TimeSpan'."
        )
        assert caught.value.hint == "Found 'soon'."


class TestLenientJson:
    def test_comment_marks_inside_text_stay(self) -> None:
        text = '{"a": "http://x/*y*/", "b": "},]", } // end'
        assert lenient_json.loads(text) == {"a": "http://x/*y*/", "b": "},]"}

    def test_comma_before_a_comment_before_the_end(self) -> None:
        assert lenient_json.loads("[1, /* last */ 2, // gone\n]") == [1, 2]

    def test_escaped_quotes(self) -> None:
        assert lenient_json.loads(r'{"a": "say \"// no\"",}') == {"a": 'say "// no"'}

    def test_error_names_the_line_of_the_file(self) -> None:
        with pytest.raises(json.JSONDecodeError) as caught:
            lenient_json.loads('{\n/* a\n b */\n"x": nope\n}')
        assert caught.value.lineno == 4

    def test_unclosed_comment_is_an_error(self) -> None:
        with pytest.raises(json.JSONDecodeError):
            lenient_json.loads("{} /* no end")


class TestTimespan:
    """configuration.md, preamble."""

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("00:30:00", 1800),
            (" 00:30:00 ", 1800),
            ("01:30", 5400),
            ("1.02:03:04", 93784),
            ("1:02:03:04", 93784),
            ("1.02:03", 93780),
            ("00:00:00.0100000", 0.01),
            ("-00:00:01", -1),
            ("7", 7 * 86400),
            ("-1", -86400),
            ("24:00:00", 24 * 86400),
            ("23:59:59", 86399),
            (timespan.MAX_TEXT, 922337203685.4775807),
        ],
    )
    def test_forms(self, text: str, seconds: float) -> None:
        assert timespan.parse(text) == seconds

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "x",
            "1:",
            "24:00",
            "00:60:00",
            "00:00:60",
            "1.24:00:00",
            "99999999",
            "10675199.02:48:06",
            "1,5",
            "0x1",
        ],
    )
    def test_not_a_timespan(self, text: str) -> None:
        assert timespan.parse(text) is None
