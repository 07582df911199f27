"""The files of the cluster are private to the account that runs it, and another account's are refused."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.embedded_postgres.account import SYSTEM_USER, Account
from tests.support.patience import PATIENCE_S
from tests.support.project import ROOT

ALL_AT_ONCE = f"""
set -e
cp -a /etc "$1/etc"
sed -i /^{SYSTEM_USER}:/d "$1"/etc/passwd "$1"/etc/group "$1"/etc/shadow "$1"/etc/gshadow
mount --bind "$1/etc" /etc
for number in 1 2 3 4; do "$2" -c "$3" "$1/$number" & done
wait
"""
"""Four processes on a machine that has no account for PostgreSQL yet; its ``/etc`` is a copy that only they see."""
TAKE = """
import sys
from pathlib import Path
from lib.embedded_postgres.account import Account
folder = Path(sys.argv[1])
folder.mkdir(mode=0o755)
Account(folder / "data").take(folder / "socket", is_dir=True)
"""


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


@pytest.mark.skipif(os.geteuid() != 0, reason="PostgreSQL runs under the account of who starts it")
def test_processes_that_start_at_once_on_a_new_machine_agree_on_the_account(folder: Path) -> None:
    command = ["unshare", "--mount", "bash", "-c", ALL_AT_ONCE, "bash", str(folder), sys.executable, TAKE]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=PATIENCE_S)
    if done.stderr.startswith("unshare: "):
        pytest.skip("this container may not have a view of its own of the file system")
    assert done.returncode == 0, done.stderr
    accounts = dict(line.split(":")[0:3:2] for line in (folder / "etc" / "passwd").read_text().splitlines())
    owners = [(folder / str(number) / "socket").stat().st_uid for number in range(1, 5)]
    assert owners == [int(accounts[SYSTEM_USER])] * 4
