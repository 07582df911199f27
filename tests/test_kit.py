"""What a contributor starts with agrees with the code: the lock files, the version, and the make targets."""

from __future__ import annotations

import re

import pytest

from lib import __version__
from tests.support.project import ROOT

PIN = re.compile(r"^([\w.\-]+)(?:\[[\w,\-]+\])?==([\w.]+)", re.MULTILINE)


def read(file: str) -> str:
    return (ROOT / file).read_text("utf-8")


def pins(file: str) -> set[tuple[str, str]]:
    return {(name.lower().replace("_", "-"), version) for name, version in PIN.findall(read(file))}


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_file_has_what_the_requirements_pin(name: str) -> None:
    missing = sorted(pins(f"{name}.txt") - pins(f"{name}.lock"))
    assert not missing, f"Run `make lock`: {missing} stand in {name}.txt only."


def test_running_and_testing_install_the_same_versions() -> None:
    assert pins("requirements.lock") <= pins("requirements-dev.lock"), "Run `make lock`."


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_every_locked_package_has_hashes(name: str) -> None:
    lines = [line for line in read(f"{name}.lock").splitlines() if not line.startswith("#")]
    blocks = re.split(r"\n(?=\w)", "\n".join(lines))
    assert len(blocks) > 50
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


def test_every_requirement_has_its_reason_in_the_architecture() -> None:
    reasons = read("ARCHITECTURE.md")
    unexplained = [name for name, _ in pins("requirements.txt") if name not in reasons.lower()]
    assert not unexplained, f"Say in ARCHITECTURE.md why {unexplained} are needed."


def test_the_changelog_begins_with_the_version_of_the_code() -> None:
    headings = re.findall(r"^## (\S+) \((unreleased|\d{4}-\d{2}-\d{2})\)$", read("CHANGELOG.md"), re.MULTILINE)
    versions = [version for version, _ in headings]
    assert versions[0] == __version__
    assert versions == sorted(versions, key=lambda version: [int(part) for part in version.split(".")], reverse=True)
    assert [day for _, day in headings].count("unreleased") <= 1


def test_each_change_is_added_changed_or_fixed() -> None:
    lines = [line for line in read("CHANGELOG.md").splitlines() if line.startswith("#")]
    wrong = [line for line in lines[1:] if not re.fullmatch(r"## .*|### (Added|Changed|Fixed)", line)]
    assert lines[0] == "# Changes"
    assert not wrong


def test_make_lists_every_target() -> None:
    makefile = read("Makefile")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    assert sorted(phony[1].split()) == sorted(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))


def test_the_hooks_are_the_projects_own() -> None:
    assert set(re.findall(r"repo: (\S+)", read(".pre-commit-config.yaml"))) == {"local"}
