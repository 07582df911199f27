"""The app's worker is started again when it dies, killed when it hangs, and ends when its input closes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from lib.batches import supervision
from lib.batches.supervision import workers
from tests.support.patience import PATIENCE_S

STAND_IN = """
import os, sys, threading, time, pathlib
folder = pathlib.Path(__file__).parents[1]
(folder / f"{os.getpid()}.started").touch()
def until_closed():
    sys.stdin.buffer.read()
    time.sleep(0.5)  # for what is under way; another worker that does not wait for the end of this one is there by then
    (folder / f"{os.getpid()}.closed").touch()
    os._exit(0)
threading.Thread(target=until_closed, daemon=True).start()
while True:
    print(".", flush=True)
    time.sleep(0.05)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a stand-in for the worker leaves what it did; the real one takes seconds to begin."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "__init__.py").touch()
    (tmp_path / "lib" / "worker.py").write_text(STAND_IN)
    monkeypatch.setattr(supervision, "ROOT", tmp_path)
    monkeypatch.setattr(supervision, "FIRST_DELAY_S", 0.05)
    monkeypatch.setattr(supervision, "LONGEST_DELAY_S", 0.5)
    monkeypatch.setattr(supervision, "LOOK_EVERY_S", 0.05)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def started(folder: Path) -> set[int]:
    return {int(path.stem) for path in folder.glob("*.started")}


def test_a_worker_that_dies_is_started_again_and_the_last_one_ends_when_its_input_closes(folder: Path) -> None:
    with workers(1, folder / "data", stop_within_s=PATIENCE_S):
        until(lambda: len(started(folder)) == 1)
        (first,) = started(folder)
        os.kill(first, signal.SIGKILL)
        until(lambda: len(started(folder)) == 2)
        (second,) = started(folder) - {first}
    assert (folder / f"{second}.closed").exists()
    assert not psutil.pid_exists(second)


def test_a_worker_that_hangs_is_killed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "HUNG_AFTER_S", 1.0)
    with workers(1, folder / "data", stop_within_s=PATIENCE_S):
        until(lambda: len(started(folder)) == 1)
        (first,) = started(folder)
        os.kill(first, signal.SIGSTOP)
        until(lambda: len(started(folder)) == 2)
    assert not psutil.pid_exists(first)


def test_two_apps_on_one_folder_have_one_worker_and_the_second_takes_over(folder: Path) -> None:
    lock = folder / "data" / f"0.{supervision.LOCK}"
    with ExitStack() as first_app:
        first_app.enter_context(workers(1, folder / "data", stop_within_s=PATIENCE_S))
        until(lambda: len(started(folder)) == 1)
        (first,) = started(folder)
        with workers(1, folder / "data", stop_within_s=PATIENCE_S):
            until(lambda: [file.path for file in psutil.Process().open_files()].count(str(lock)) == 2)
            first_app.close()
            until(lambda: len(started(folder)) == 2)
            (second,) = started(folder) - {first}
    files = (folder / f"{first}.closed", folder / f"{second}.started")
    closed, began = (file.stat().st_mtime_ns for file in files)
    assert closed <= began


def test_without_workers_nothing_is_started(folder: Path) -> None:
    with workers(0, folder / "data", stop_within_s=1):
        pass
    assert started(folder) == set()
