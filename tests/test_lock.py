"""`requirements/test.lock`: a version of each package that is required, and nothing else."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import tomllib

ROOT = Path(__file__).parent.parent
LINE = re.compile(r"([\w.-]+)==\S+( ; .+)?")


def package(requirement: str) -> str:
    """The name in a requirement, in the one form that all its spellings share."""
    name = re.match(r"[\w.-]+", requirement)
    assert name, f"expected a requirement, found {requirement!r}"
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def locked() -> list[str]:
    """The lines of the lock but for its heading."""
    lines = (ROOT / "requirements" / "test.lock").read_text().splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_a_line_is_a_version() -> None:
    assert [line for line in locked() if not LINE.fullmatch(line)] == []


def test_all_that_is_required_has_a_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"].values()
    required = chain(project["project"]["dependencies"], *groups)
    missing = {package(line) for line in required} - {package(line) for line in locked()}
    assert missing == set(), "`make lock` renews it"
