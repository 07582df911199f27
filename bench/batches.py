"""What batches cost on top of the model: 1,000 rows at a concurrency of 32, with one worker process and with two.

The workers are real processes on a PostgreSQL that forces each commit to the disk, the model answers after 200 ms. Time
is that of the database, from the first row that was taken to the end of the batch. A second batch, of another team, is
started in the middle of a large one, and compared with its time alone.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench import endpoint
from bench.generation import BRIEF
from bench.measure import Result
from lib import studio as studios
from lib.batches.creation import create
from lib.domain.batches.rows import NewRow
from lib.domain.brief import Brief, GenerationOptions
from lib.settings import Settings, environment_for
from lib.store.batches import batches
from lib.store.traffic import processes
from lib.studio import Studio

ROOT = Path(__file__).parents[1]
ROWS, SMALL = 1_000, 50
AT_ONCE = 32
ANSWERS_AFTER_S = endpoint.ANSWERS_AFTER_S
IDEAL_S = ROWS / AT_ONCE * ANSWERS_AFTER_S
TARGET = 1.25
FAIR = 3.0


@dataclass(frozen=True)
class Cost:
    """What the rows of one batch took."""

    seconds: float
    worker_cpu_ms: float
    """Of the worker processes, a row."""
    database_cpu_ms: float
    """Of PostgreSQL, a row."""


def run() -> list[Result]:
    """Measure; takes about a minute and a half."""
    results: list[Result] = []
    with (
        tempfile.TemporaryDirectory(prefix="feed-studio-bench-") as name,
        endpoint.serving() as base_url,
        contextlib.closing(studios.build(Settings(data_dir=Path(name), openai_base_url=base_url))) as studio,
    ):
        for count in (1, 2):
            with _workers(studio, base_url, Path(name), count) as workers:
                _seconds(studio, _batch(studio, 2 * AT_ONCE, "warm"), "warm")
                cost = _large(studio, workers)
                what = f"{ROWS} rows, {count} worker process{'es' if count > 1 else ''}"
                results += [
                    Result("batches", f"{what}: of {IDEAL_S:.1f} s", cost.seconds / IDEAL_S, "times", TARGET),
                    Result("batches", f"{what}: CPU of the workers", cost.worker_cpu_ms, "ms/row"),
                    Result("batches", f"{what}: CPU of PostgreSQL", cost.database_cpu_ms, "ms/row"),
                ]
                if count == 1:
                    results.append(_fairness(studio))
    return results


def _fairness(studio: Studio) -> Result:
    alone_s = _waited(studio, _batch(studio, SMALL, "small"), "small")
    large = _batch(studio, ROWS, "large")
    while _ended(studio, large, "large") < ROWS // 3:
        time.sleep(0.05)
    beside_s = _waited(studio, _batch(studio, SMALL, "small"), "small")
    _seconds(studio, large, "large")
    return Result("batches", f"{SMALL} rows beside {ROWS}: of {alone_s:.2f} s alone", beside_s / alone_s, "times", FAIR)


@contextlib.contextmanager
def _workers(studio: Studio, base_url: str, folder: Path, count: int) -> Iterator[list[psutil.Process]]:
    """So many processes, with the concurrency shared between them."""
    assert studio.embedded is not None
    settings = {
        "DATABASE_URL": studio.embedded.app_url,
        "DATABASE_OWNER_URL": studio.embedded.owner_url,
        "OPENAI_BASE_URL": base_url,
        "FEED_STUDIO_AT_ONCE": str(AT_ONCE // count),
    }
    with contextlib.ExitStack() as stack:
        running: list[psutil.Process] = []
        for number in range(count):
            data = {"FEED_STUDIO_DATA": str(folder / f"worker {number}")}
            process = subprocess.Popen(
                [sys.executable, "-m", "lib.worker"],
                env=environment_for(ROOT) | settings | data,
                stderr=subprocess.DEVNULL,
            )
            running.append(psutil.Process(process.pid))
            stack.callback(process.wait)
            stack.callback(process.terminate)
        end = time.monotonic() + 60
        while _alive(studio) < count and time.monotonic() < end:
            time.sleep(0.1)
        yield running
    with studio.database.directory() as db:
        db.exec_driver_sql("DELETE FROM studio_processes")


def _alive(studio: Studio) -> int:
    with studio.database.directory() as db:
        return processes.workers(db).alive


def _batch(studio: Studio, count: int, tenant_id: str) -> uuid.UUID:
    row = NewRow(Brief(**BRIEF | {"tenant_id": tenant_id}), GenerationOptions(endpoint.MODEL))
    return create(studio, tenant_id, [row] * count, source="api")


def _large(studio: Studio, workers: list[psutil.Process]) -> Cost:
    tenant_id = f"large {len(workers)}"
    before = _cpu_s(studio, workers)
    seconds = _seconds(studio, _batch(studio, ROWS, tenant_id), tenant_id)
    after = _cpu_s(studio, workers)
    ours, theirs = (1000 * (after[index] - before[index]) / ROWS for index in (0, 1))
    return Cost(seconds, ours, theirs)


def _cpu_s(studio: Studio, workers: list[psutil.Process]) -> tuple[float, float]:
    """CPU of the workers and of PostgreSQL so far."""
    pid_file = studio.settings.data_dir / "postgres" / "data" / "postmaster.pid"
    postmaster = psutil.Process(int(pid_file.read_text().split()[0]))
    return _sum_s(workers), _sum_s([postmaster, *postmaster.children(recursive=True)])


def _sum_s(running: list[psutil.Process]) -> float:
    total = 0.0
    for process in running:
        with contextlib.suppress(psutil.Error):  # a backend may end meanwhile
            times = process.cpu_times()
            total += times.user + times.system
    return total


def _seconds(studio: Studio, batch_id: uuid.UUID, tenant_id: str) -> float:
    """From the first row that was taken to the end of the batch."""
    batch = _done(studio, batch_id, tenant_id)
    if batch.started_at is None or batch.ended_at is None:
        raise RuntimeError("the batch did not end")
    return (batch.ended_at - batch.started_at).total_seconds()


def _waited(studio: Studio, batch_id: uuid.UUID, tenant_id: str) -> float:
    """From its creation to its end: the time that somebody waits for it."""
    batch = _done(studio, batch_id, tenant_id)
    if batch.ended_at is None:
        raise RuntimeError("the batch did not end")
    return (batch.ended_at - batch.created_at).total_seconds()


def _done(studio: Studio, batch_id: uuid.UUID, tenant_id: str) -> batches.Batch:
    end = time.monotonic() + 300
    while True:
        with studio.database.tenant(tenant_id) as db:
            batch = batches.get(db, tenant_id, batch_id)
        if batch.is_ended or time.monotonic() > end:
            return batch
        time.sleep(0.05)


def _ended(studio: Studio, batch_id: uuid.UUID, tenant_id: str) -> int:
    with studio.database.tenant(tenant_id) as db:
        return batches.progress(db, tenant_id, [batch_id])[batch_id].ended
