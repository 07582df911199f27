"""The worker as a process: it writes batches, says that it lives, and ends when it is told to."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lib.store.batches import batches
from lib.store.traffic import processes
from lib.studio import Studio
from tests.conftest import Urls
from tests.support import commands
from tests.support.batching import batch_of
from tests.support.outage import NOWHERE
from tests.support.patience import PATIENCE_S


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def worker(urls: Urls, folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = commands.environment(
        DATABASE_URL=urls.app, DATABASE_OWNER_URL=urls.owner, FEED_STUDIO_DATA=str(folder), FEED_STUDIO_DEMO_PACE="0"
    )
    command = [sys.executable, "-m", "lib.worker", *options]
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_worker_writes_a_batch_and_ends_with_sigterm(studio: Studio, database_urls: Urls, tmp_path: Path) -> None:
    batch_id = batch_of(studio, 3)
    with worker(database_urls, tmp_path) as process:

        def is_done() -> bool:
            with studio.database.tenant("acme") as db:
                return batches.get(db, "acme", batch_id).status == "done"

        until(is_done)
        with studio.database.directory() as db:
            assert processes.workers(db).alive == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0


def test_a_worker_of_the_app_ends_when_its_input_closes(studio: Studio, database_urls: Urls, tmp_path: Path) -> None:
    with worker(database_urls, tmp_path, "--started-by-app") as process:

        def is_alive() -> bool:
            with studio.database.directory() as db:
                return processes.workers(db).alive == 1

        until(is_alive)
        assert process.stdin
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0


@pytest.mark.parametrize("url", [NOWHERE, "mysql://x/y"])
def test_a_database_that_cannot_be_used_ends_a_worker_with_a_sentence(tmp_path: Path, url: str) -> None:
    process = commands.run(tmp_path, "lib.worker", DATABASE_URL=url, FEED_STUDIO_DATA=str(tmp_path / "data"))
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    assert process.stderr.strip()
