"""Locked packages with a known weakness: ``python -m scripts.audit`` names each with the first release without it.

The list is ``scripts/advisories.toml``, kept with the project, so that it is read in a second and without a network.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
ADVISORIES = ROOT / "scripts" / "advisories.toml"
LOCKS = ("requirements.lock", "requirements-dev.lock")


def known() -> list[dict[str, str]]:
    """The advisories: ``package``, ``id``, and the release in which it is ``fixed``."""
    listed: list[dict[str, str]] = tomllib.loads(ADVISORIES.read_text("utf-8"))["advisory"]
    return listed


def locked(text: str) -> set[tuple[str, str]]:
    """The packages of a lock file with their versions; a package may have one for each Python."""
    pinned: Iterable[tuple[str, str]] = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE)
    return {(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in pinned}


def weaknesses(packages: Iterable[tuple[str, str]], advisories: Iterable[dict[str, str]]) -> list[str]:
    """A sentence for each package that is older than the release in which one of its weaknesses was fixed."""
    versions = sorted(packages)
    return [
        f"{name} {version} has {advisory['id']}; it is fixed in {advisory['fixed']}. Pin that release, then: make lock"
        for advisory in advisories
        for name, version in versions
        if name == advisory["package"] and Version(version) < Version(advisory["fixed"])
    ]


def main() -> int:
    """Print what is wrong; 1 if anything is."""
    packages = {package for lock in LOCKS for package in locked((ROOT / lock).read_text("utf-8"))}
    wrong = weaknesses(packages, known())
    print("\n".join(wrong) or f"No known weakness in {len(packages)} locked packages.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
