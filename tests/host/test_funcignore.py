"""Which files are packed: the language of gitignore (configuration.md 11)."""

from __future__ import annotations

import pytest
from ferrofunc.host.funcignore import FuncIgnore


def is_left_out(text: str, path: str, *, is_directory: bool = False) -> bool:
    """Whether a path is left out, or a directory above it is."""
    ignored = FuncIgnore(text)
    steps = path.split("/")
    above = ["/".join(steps[:count]) for count in range(1, len(steps))]
    return any(ignored.leaves_out(folder, is_directory=True) for folder in above) or (
        ignored.leaves_out(path, is_directory=is_directory)
    )


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        pytest.param("", "function_app.py", False, id="no-rules"),
        pytest.param("tests", "tests/a.py", True, id="a-name"),
        pytest.param("tests", "a/tests/b.py", True, id="a-name-at-any-depth"),
        pytest.param("tests", "mytests/b.py", False, id="a-whole-name"),
        pytest.param("tests/", "tests/a.py", True, id="directory"),
        pytest.param("tests/", "tests", False, id="directory-not-file"),
        pytest.param("/tests", "tests/a.py", True, id="anchored"),
        pytest.param("/tests", "a/tests/b.py", False, id="anchored-to-the-root"),
        pytest.param("a/b", "a/b/c.py", True, id="inner-slash-anchors"),
        pytest.param("a/b", "x/a/b/c.py", False, id="inner-slash-anchors-to-the-root"),
        pytest.param("*.txt", "a/b.txt", True, id="star"),
        pytest.param("*.txt", "a/b.txt.py", False, id="star-to-the-end"),
        pytest.param("a/*.txt", "a/b/c.txt", False, id="star-is-one-step"),
        pytest.param("a/**/c.txt", "a/c.txt", True, id="two-stars-are-no-step"),
        pytest.param("a/**/c.txt", "a/x/y/c.txt", True, id="two-stars-are-any-steps"),
        pytest.param("**/c", "c", True, id="two-stars-first"),
        pytest.param("a/**", "a/b/c", True, id="two-stars-last"),
        pytest.param("a?.py", "ab.py", True, id="question-mark"),
        pytest.param("a?.py", "a/.py", False, id="question-mark-is-no-slash"),
        pytest.param("[ab].py", "b.py", True, id="set"),
        pytest.param("[!ab].py", "b.py", False, id="negated-set"),
        pytest.param("[a-c].py", "b.py", True, id="range"),
        pytest.param("[]].py", "].py", True, id="set-of-a-bracket"),
        pytest.param("[a.py", "[a.py", True, id="open-bracket-is-itself"),
        pytest.param("a.py", "axpy", False, id="dot-is-itself"),
        pytest.param("a+(b).py", "a+(b).py", True, id="signs-are-themselves"),
        pytest.param("# a\n", "# a", False, id="comment"),
        pytest.param("\\#a", "#a", True, id="escaped-hash"),
        pytest.param("\\!a", "!a", True, id="escaped-mark"),
        pytest.param("a  ", "a", True, id="spaces-at-the-end"),
        pytest.param("a\\ ", "a ", True, id="escaped-space-at-the-end"),
        pytest.param("*.py\n!keep.py", "keep.py", False, id="brought-back"),
        pytest.param("*.py\n!keep.py", "x.py", True, id="not-brought-back"),
        pytest.param("!keep.py\n*.py", "keep.py", True, id="the-last-rule-decides"),
        pytest.param("a\n!a/keep.py", "a/keep.py", True, id="nothing-comes-back-from-inside"),
        pytest.param("a\r\nb", "a", True, id="carriage-returns"),
        pytest.param("/\n!\n\n", "a", False, id="empty-rules"),
    ],
)
def test_rules(text: str, path: str, expected: bool) -> None:
    assert is_left_out(text, path) is expected


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".vscode/settings.json",
        "a/.git/config",
        ".funcignore",
        ".gitignore",
        "local.settings.json",
        "a/local.settings.json",
        "project.lock.json",
    ],
)
def test_always_left_out(path: str) -> None:
    assert is_left_out("", path)
    assert is_left_out(f"!{path}", path)


def test_packages_are_always_packed() -> None:
    path = ".python_packages/lib/site-packages/a.py"
    assert not is_left_out(".python_packages\n*.py", path)


def test_nothing_else_by_default() -> None:
    assert not is_left_out("", ".venv/bin/python")
