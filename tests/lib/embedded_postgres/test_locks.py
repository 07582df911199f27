"""Processes that share a server's folder agree by its locks; a dead process holds none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lib.embedded_postgres.locks import Locks, opened
from tests.support.project import ROOT

USER = """
import sys
from pathlib import Path
from lib.embedded_postgres.locks import Locks
locks = Locks(Path(sys.argv[1]))
locks.join()
print("joined", flush=True)
sys.stdin.read()
"""


def test_the_last_user_is_known_when_every_other_has_left_or_died(tmp_path: Path) -> None:
    locks = Locks(tmp_path)
    assert not locks.is_user
    locks.join()
    assert locks.is_user
    other = subprocess.Popen(
        [sys.executable, "-c", USER, str(tmp_path)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert other.stdout
    assert other.stdout.readline() == "joined\n"
    assert not locks.is_last_user()
    other.kill()
    other.communicate()
    assert locks.is_last_user()
    locks.leave()
    assert not locks.is_user


def test_a_forked_child_that_drops_its_share_leaves_the_parents(tmp_path: Path) -> None:
    parent, other = Locks(tmp_path), Locks(tmp_path)
    parent.join()
    other.join()
    child = os.fork()
    if child == 0:
        parent.drop()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert parent.is_user
    assert not other.is_last_user()
    parent.leave()
    assert other.is_last_user()
    other.leave()


def test_a_link_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="link"), opened(tmp_path / "link", os.O_RDWR):
        pass
    assert not (tmp_path / "elsewhere").exists()
