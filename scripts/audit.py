"""Locked packages with a known weakness: ``python -m scripts.audit`` names each with its advisory.

OSV (osv.dev) is asked in one request. Where the network is away, the list ``scripts/advisories.toml`` has to do, and
the command says so.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx2
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
ADVISORIES = ROOT / "scripts" / "advisories.toml"
LOCKS = ("requirements.lock", "requirements-dev.lock")
OSV = "https://api.osv.dev/v1/querybatch"
TIMEOUT_S = 5.0


def known() -> dict[str, Any]:
    """The list: each ``advisory`` with ``package``, ``id``, and the release in which it is ``fixed``; and ``accepted``,
    the ids of weaknesses that concern no use of this project, each with the reason.
    """
    return tomllib.loads(ADVISORIES.read_text("utf-8"))


def locked(text: str) -> set[tuple[str, str]]:
    """The packages of a lock file with their versions; a package may have one for each Python."""
    pinned: Iterable[tuple[str, str]] = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE)
    return {(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in pinned}


def told_by_osv(
    packages: Iterable[tuple[str, str]], accepted: Iterable[str] = (), *, url: str = OSV
) -> list[str] | None:
    """A sentence for each weakness that OSV knows in these versions; None where it does not answer."""
    versions = sorted(packages)
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in versions]
    try:
        answer = httpx2.post(url, json={"queries": queries}, timeout=TIMEOUT_S).raise_for_status().json()
        results = [[entry["id"] for entry in result.get("vulns", [])] for result in answer["results"]]
    except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return [
        f"{name} {version} has {advisory}: https://osv.dev/{advisory}. Pin a release without it, then: make lock"
        for (name, version), advisories in zip(versions, results, strict=True)
        for advisory in sorted({*advisories} - {*accepted})
    ]


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
    listed = known()
    wrong, source = told_by_osv(packages, listed["accepted"]), "OSV"
    if wrong is None:
        wrong, source = weaknesses(packages, listed["advisory"]), "scripts/advisories.toml, because OSV does not answer"
    print("\n".join(wrong) or f"No known weakness in {len(packages)} locked packages, by {source}.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
