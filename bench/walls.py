"""What row-level security costs: the same reads of the app's role with the policies switched on and off, in turns.

The list's newest 20, a page of the history with a search, and the first look at the metrics, over the rows of
``bench.million``.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator

from bench import million, terms
from bench.database import owner
from bench.measure import Result, median
from bench.million import ROWS, TENANT
from lib.domain.feed_filter import LIVE, FeedFilter
from lib.domain.periods import Period
from lib.metrics import service
from lib.metrics.figures import View
from lib.store import feed_listing, feeds
from lib.store.tables import Base
from lib.studio import Studio

MOST = 1.15
"""Of the median without walls."""
CALLS = 10
"""Of each kind in each turn."""
TURNS = 12
"""Half of them with walls."""
DAYS = 30


def run() -> Iterator[Result]:
    """Measure, on a copy of the loaded rows."""
    with million.serve() as here:
        yield from _measure(here)


def _measure(here: Studio) -> Iterator[Result]:
    reads: dict[str, Callable[[], object]] = {
        "newest 20": lambda: _newest(here),
        "history page": lambda: _page(here, FeedFilter(status=LIVE)),
        "history page with a search": lambda: _page(here, FeedFilter(text=terms.MEDIUM[2])),
        "first look at the metrics": lambda: _look(here),
    }
    took: dict[tuple[str, bool], list[float]] = {(name, walls): [] for name in reads for walls in (False, True)}
    for turn in range(TURNS):
        walls = turn % 2 == 1
        _switch(here, on=walls)
        for name, read in reads.items():
            read()  # plans and the cache are those of this turn
            for _ in range(CALLS):
                begun = time.perf_counter()
                read()
                took[name, walls].append((time.perf_counter() - begun) * 1000)
    for name in reads:
        without, within = median(took[name, False]), median(took[name, True])
        yield Result("walls", f"{name} of {ROWS:,} rows, without walls, median", without, "ms")
        yield Result("walls", f"{name} of {ROWS:,} rows, with walls, median", within, "ms")
        yield Result("walls", f"{name}, with walls, of without", within / without, "x", MOST)


def _switch(here: Studio, *, on: bool) -> None:
    with owner(here) as cursor:
        for table in Base.metadata.sorted_tables:
            if "tenant_id" in table.columns:
                cursor.execute(f"ALTER TABLE {table.name} {'ENABLE' if on else 'DISABLE'} ROW LEVEL SECURITY")


def _newest(here: Studio) -> None:
    with here.database.tenant(TENANT) as db:
        feeds.newest(db, TENANT, 20)


def _page(here: Studio, filters: FeedFilter) -> None:
    with here.database.tenant(TENANT) as db:
        feed_listing.page(db, TENANT, filters)


def _look(here: Studio) -> None:
    today = dt.datetime.now(dt.UTC).date()
    here.figures.clear()  # what the process has read before
    service.figures(here, TENANT, View(Period(today - dt.timedelta(days=DAYS - 1), today)), patience_s=3600)
