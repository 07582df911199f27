"""A finished export is downloaded below the address that the app is served at."""

from __future__ import annotations

import pytest

from lib.exports.links import link


@pytest.mark.parametrize(
    ("base_path", "path"),
    [
        ("", "/downloads/token"),
        ("/", "/downloads/token"),
        ("feeds", "/feeds/downloads/token"),
        ("/team/feeds/", "/team/feeds/downloads/token"),
    ],
)
def test_the_link_stands_below_the_base_path(base_path: str, path: str) -> None:
    assert link("token", base_path) == path
