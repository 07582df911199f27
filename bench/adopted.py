"""A table that other programs filled is adopted: how long its figures take to be counted, and to be read.

One team for each number of rows, each row as a pipeline writes it: counting must be linear, on every PostgreSQL. Then
figures by day and model of 20,000 rows, each time read anew, as ``GET /api/v1/metrics?by=model`` answers them.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import database
from bench.measure import Result, median
from bench.metrics import LOAD
from lib.api import metrics as api
from lib.domain.dimensions import DimensionValue, Filters
from lib.domain.periods import Period
from lib.metrics import counts, service
from lib.metrics.figures import View
from lib.studio import Studio

ADOPTED = {20_000: None, 60_000: 20.0, 1_000_000: 240.0}
"""The rows of each team, and the most seconds that the first look may take."""
DAYS = 90
LOOKS = 15
WITHIN_S = 3_600.0
FILTERS = {
    "all": Filters(),
    "one model": Filters(model=DimensionValue.of("gpt-5-mini")),
    "one tone": Filters(tone=DimensionValue.of("재치 있고 유쾌하게")),
}
READ_WITHIN_MS = 94.0
"""What MLflow took for cost by day and model of 20,000 calls."""


def run(*rows: str) -> Iterator[Result]:
    """Measure; only teams of so many rows, if any are named, such as ``60000``."""
    named = [int(each) for each in rows] or list(ADOPTED)
    with tempfile.TemporaryDirectory(prefix="feed-studio-bench-") as folder:
        Path(folder).chmod(0o755)
        with database.serve(Path(folder)) as studio:
            studio.database.migrate()
            for count in named:
                _load(studio, count)
                begun = time.perf_counter()
                if not counts.start(studio, (_team(count),)).wait(WITHIN_S):
                    raise TimeoutError(f"{count} rows are not counted after {WITHIN_S:.0f} s")
                took_s = time.perf_counter() - begun
                yield Result("adopted", f"first look at {count:,} rows", took_s, "s", ADOPTED.get(count))
                yield Result("adopted", f"of it for a thousand of {count:,} rows", took_s * 1e6 / count, "ms")
            if min(ADOPTED) in named:
                yield from _read(studio, _team(min(ADOPTED)))


def _team(count: int) -> str:
    return f"team-of-{count}"


def _load(studio: Studio, count: int) -> None:
    """The rows are there before the app: the triggers are off, and what adopting an old table queues is queued."""
    until = dt.datetime.combine(dt.datetime.now(dt.UTC), dt.time(), dt.UTC)
    params = {"tenant": _team(count), "count": count, "answers": count <= 60_000}
    with database.owner(studio) as cursor:
        cursor.execute("ALTER TABLE instagram_feeds DISABLE TRIGGER USER")
        cursor.execute(LOAD, params | {"since": until - dt.timedelta(days=DAYS - 1), "until": until})
        cursor.execute("ALTER TABLE instagram_feeds ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE instagram_feeds")


def _read(studio: Studio, team: str) -> Iterator[Result]:
    last = dt.datetime.now(dt.UTC).date()
    for name, filters in FILTERS.items():
        view = View(Period(last - dt.timedelta(days=DAYS - 1), last), filters, "day", only_sums=True)
        took_ms = []
        for _ in range(LOOKS):
            studio.figures.clear()
            begun = time.perf_counter()
            figures = service.figures(studio, team, view)
            api.as_metrics(figures, by_model=True).model_dump_json()
            took_ms.append((time.perf_counter() - begun) * 1000)
        yield Result("adopted", f"20,000 rows by day and model, {name}", median(took_ms), "ms", READ_WITHIN_MS)
