"""The next revision of the schema begins as a file with the next number."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from lib.store import migrations
from scripts import migration


def test_a_revision_follows_the_newest_one(tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.FOLDER, folder)
    made = migration.create("feed_votes", folder)
    assert made == folder / "versions" / f"{int(migrations.newest()) + 1:04}_feed_votes.py"
    text = made.read_text("utf-8")
    ast.parse(text)
    assert f"down_revision = '{migrations.newest()}'" in text
    assert text.startswith('"""Feed votes."""')


@pytest.mark.parametrize("name", ["", "Feed votes", "../votes", "1st"])
def test_a_name_that_makes_no_file_name_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    sentence = migration.main([name] if name else [])
    assert sentence is not None
    assert "make migration NAME=feed_votes" in sentence
