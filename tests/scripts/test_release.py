"""A release dates the newest heading of the changelog, and only that of the version that the code has."""

from __future__ import annotations

import datetime as dt

import pytest

from scripts.release import dated

DAY = dt.date(2026, 12, 1)


def test_the_newest_heading_gets_the_day() -> None:
    changelog = "# Changes\n\n## 0.2.0 (unreleased)\n\n### Added\n\n## 0.1.0 (2026-11-25)\n"
    assert dated(changelog, "0.2.0", DAY) == changelog.replace("unreleased", "2026-12-01")


@pytest.mark.parametrize(
    "changelog",
    [
        "# Changes\n\n## 0.3.0 (unreleased)\n\n## 0.2.0 (unreleased)\n",
        "# Changes\n\n## 0.2.0 (2026-11-30)\n",
        "# Changes\n",
    ],
)
def test_a_changelog_that_begins_with_something_else_is_refused(changelog: str) -> None:
    with pytest.raises(ValueError, match=r"## 0\.2\.0 \(unreleased\)"):
        dated(changelog, "0.2.0", DAY)
