"""The files of the cluster are private to the account that runs it, and another account's are refused."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.embedded_postgres.account import Account


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not under pytest's own folder, which is closed to PostgreSQL's account when the tests run as root."""
    with tempfile.TemporaryDirectory(prefix="feed-studio-account-") as path:
        yield Path(path)


def test_what_is_taken_is_created_and_private(folder: Path) -> None:
    account = Account(folder / "data")
    account.open_ways()
    account.take(folder / "socket", is_dir=True)
    account.take(folder / "server.log", is_dir=False)
    assert stat.S_IMODE((folder / "socket").stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "server.log").stat().st_mode) == 0o600


def test_a_link_is_refused(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "socket").symlink_to(folder / "elsewhere")
    with pytest.raises(PermissionError, match="belongs to somebody else"):
        Account(folder / "data").take(folder / "socket", is_dir=True)


def test_a_program_says_what_it_printed_and_how_it_ended(folder: Path) -> None:
    account = Account(folder / "data")
    account.open_ways()
    version = account.run("postgres", "--version")
    assert version.returncode == 0
    assert version.stdout.startswith("postgres (PostgreSQL) ")
    wrong = account.run("initdb", "--no-such-option")
    assert wrong.returncode != 0
    assert "no-such-option" in wrong.stdout
