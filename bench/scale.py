"""What many teams, many values and many callers cost: the same action on little and on much, and the ratio of both.

On the embedded PostgreSQL, or on the one that ``make bench ONLY=scale PG=15`` names. Takes some minutes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from sqlalchemy import make_url

from bench import database
from bench.measure import Result
from lib.api.schemas import ListedFeed
from lib.domain.cursor import Cursor
from lib.domain.dimensions import Dimension
from lib.domain.errors import FiguresBeingCounted
from lib.domain.feed_filter import FeedFilter
from lib.domain.periods import Period
from lib.exports import background, formats
from lib.exports.columns import COLUMNS
from lib.metrics import counts, service
from lib.metrics.figures import View
from lib.store import feed_listing, reconciliation
from lib.store.feed_states import State
from lib.studio import Studio

ROWS = 10_000
"""Of one team. Much is five times as many, and a thousand teams have as many together."""
TEAMS = 1_000
CALLERS = 20
TIMES = 5
WITHIN_S = 1_800.0
INDEX_TRIGGERS = ("studio_index_new_feed", "studio_index_changed_feed")
LOAD = """
    INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description, store_information,
        gpt_prompt, instagram_ad_copy, hashtags, gpt_model_name, latency_ms, token_usage, gpt_response_raw, created_at,
        job_id)
    SELECT %(team)s || CASE WHEN %(teams)s > 1 THEN '-' || i %% %(teams)s ELSE '' END, '',
        'tone ' || i * 7 %% %(tones)s, '', '', '', '글', '', 'own-' || i * 13 %% %(models)s, 2000 * exp(random()),
        jsonb_build_object('prompt_tokens', 800 + i %% 1200, 'completion_tokens', 100 + i %% 500),
        jsonb_build_object('service_tier', 'default', 'choices', repeat(md5(i::text), %(answer)s / 32)),
        now() - (i::float / %(rows)s) * interval '364 days', md5((i %% %(jobs)s)::text)::uuid
    FROM generate_series(1, %(rows)s) AS i
"""


@dataclass
class Bench:
    """A database of its own, and a Studio on it."""

    studio: Studio
    owner: str

    def sql(self, statement: str, **values: object) -> None:
        """By the role that owns the tables, committed at once."""
        url = make_url(self.owner).set(drivername="postgresql").render_as_string(hide_password=False)
        with contextlib.closing(psycopg2.connect(url)) as db:
            db.autocommit = True
            db.cursor().execute(statement, values or None)

    def load(
        self, team: str, rows: int, *, teams: int = 1, models: int = 4, tones: int = 4, jobs: int = 4, answer: int = 64
    ) -> None:
        """So many rows of a year, for one team or in turn for ``TEAM-0``, ``TEAM-1``, ..."""
        params = {"models": models, "tones": tones, "jobs": jobs, "answer": answer}
        self.sql(LOAD, team=team, rows=rows, teams=teams, **params)

    def count(self, *teams: str) -> float:
        """Count what has changed; how many seconds it took."""
        begin = time.perf_counter()
        if not counts.start(self.studio, teams).wait(WITHIN_S):
            raise TimeoutError("the counting does not end")
        return time.perf_counter() - begin


def run() -> list[Result]:
    """Measure."""
    results: list[Result] = []
    with _bench() as bench:
        for part in (_young, _teams, _values, _depth, _answers, _callers):
            for result in part(bench):
                print(f"  {result.measure}: {result.value:.2f} {result.unit}", flush=True)
                results.append(result)
    return results


@contextlib.contextmanager
def _bench() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="feed-studio-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with database.serve(folder) as studio:
            bench = Bench(studio, database.owner_url(studio))
            for trigger in INDEX_TRIGGERS:  # the index for searching is measured by the bench of the history
                bench.sql(f"ALTER TABLE instagram_feeds DISABLE TRIGGER {trigger}")
            bench.sql("ALTER TABLE instagram_feeds DROP CONSTRAINT instagram_feeds_job_id_fkey")  # no jobs are made
            yield bench


def _ms(action: Callable[[], object], times: int = TIMES) -> float:
    """The median of some repetitions, in ms; what is prepared once is not measured."""
    action()
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        action()
        took.append((time.perf_counter() - begin) * 1000)
    return statistics.median(took)


def _row(what: str, small: float, big: float, target: float, unit: str = "ms") -> Result:
    return Result("scale", f"{what}: {small:,.1f} -> {big:,.1f} {unit}", big / small, "times", target)


def _year() -> View:
    today = dt.datetime.now(dt.UTC).date()
    return View(Period(today - dt.timedelta(days=363), today))


def _figures(bench: Bench, teams: tuple[str, ...], view: View | None = None) -> Callable[[], object]:
    def read() -> object:
        bench.studio.figures.clear()  # or what is kept would be measured
        return service.figures(bench.studio, teams, view or _year())

    return read


def _young(bench: Bench) -> Iterator[Result]:
    """The first count of a team beside old ones, of which alone the statistics tell."""
    bench.load("first", ROWS)
    alone = bench.count("first")
    bench.load("old", 5 * ROWS)
    old = bench.count("old")
    bench.sql("ANALYZE")
    bench.load("young", ROWS)
    yield _row(f"first count of {ROWS:,} rows, alone and beside old teams", alone, bench.count("young"), 1.5, "s")
    yield Result("scale", f"rows counted a second, of {5 * ROWS:,}", 5 * ROWS / old, "rows", 4_167.0, "higher")
    yield _row("figures of a year, five times the rows", _ms(_figures(bench, ("first",))),
               _ms(_figures(bench, ("old",))), 1.3)  # fmt: skip


def _teams(bench: Bench) -> Iterator[Result]:
    """All teams: read together, counted together, looked after together."""
    bench.load("team", ROWS, teams=TEAMS)
    teams = tuple(f"team-{number}" for number in range(TEAMS))
    took = bench.count(*teams)
    yield Result(
        "scale", f"first look at {TEAMS:,} teams of {ROWS // TEAMS} captions", took, "s", 60.0 * TEAMS / 10_000
    )
    few = teams[:10]
    month = View(Period(_year().period.last - dt.timedelta(days=29), _year().period.last))
    yield _row(f"all teams open, 10 and {TEAMS:,}", _ms(_figures(bench, few, month)),
               _ms(_figures(bench, teams, month)), 2.0)  # fmt: skip
    yield _row(f"all teams redrawn, 10 and {TEAMS:,}", _ms(lambda: service.figures(bench.studio, few, month)),
               _ms(lambda: service.figures(bench.studio, teams, month)), 2.0)  # fmt: skip


def _values(bench: Bench) -> Iterator[Result]:
    """As many rows with few values and with many."""
    bench.load("many", 5 * ROWS, models=500, tones=20_000, jobs=5 * ROWS)
    few, many = bench.count("old"), bench.count("many")
    yield Result("scale", f"first count of {5 * ROWS:,} rows with many values", many - few, "s")
    yield _row("figures of a year, 4 and 500 models", _ms(_figures(bench, ("old",))),
               _ms(_figures(bench, ("many",))), 2.0)  # fmt: skip
    dimensions: tuple[tuple[Dimension, str], ...] = (("tone", "20,000 tones"), ("job", f"{5 * ROWS:,} jobs"))
    for dimension, label in dimensions:
        small, big = (
            _ms(lambda team=team, by=dimension: service.breakdown(bench.studio, [team], _year(), by))  # type: ignore[misc]
            for team in ("old", "many")
        )
        yield _row(f"breakdown of a year, 4 values and {label}", small, big, 2.0)


def _depth(bench: Bench) -> Iterator[Result]:
    """A hundred years by day are drawn by year."""
    last = _year().period.last
    months = View(Period(last - dt.timedelta(days=89), last), chosen="day")
    century = View(Period(dt.date(last.year - 99, 1, 1), last), chosen="day")
    small, big = (_ms(_figures(bench, ("old",), view)) for view in (months, century))
    yield _row("90 days and 100 years by day", small, big, 2.0)


def _answers(bench: Bench) -> Iterator[Result]:
    """Raw answers of 50 KB: a list, and a table as a file."""
    for team, size in (("short", 64), ("long", 50_000)):
        bench.load(team, 1_000, answer=size)
        bench.sql("UPDATE instagram_feeds SET tone_style = tone_style WHERE tenant_id = %(team)s", team=team)
        reconciliation.rebuild(bench.studio.database, team)

    def listed(team: str) -> object:
        with bench.studio.database.tenant(team) as db:
            rows = feed_listing.feeds(db, team, FeedFilter(), limit=100, with_answers=False)
        return [ListedFeed.of(row, State(row.status, row.favourite)).model_dump_json() for row in rows]

    yield _row("100 captions listed, answers of 64 B and 50 KB", _ms(lambda: listed("short")),
               _ms(lambda: listed("long")), 1.5)  # fmt: skip
    headings = dict.fromkeys([*COLUMNS, "value_ai_generated", "value_model", "value_sample", "value_demo"], "x")

    def exported(team: str) -> object:
        with tempfile.TemporaryDirectory() as folder:
            rows = background.rows(bench.studio, team, FeedFilter(), with_answers=False)
            return formats.write(Path(folder, "file.csv"), "csv", rows, headings)

    yield _row("1,000 captions as CSV, answers of 64 B and 50 KB", _ms(lambda: exported("short")),
               _ms(lambda: exported("long")), 1.5)  # fmt: skip


def _callers(bench: Bench) -> Iterator[Result]:
    """Another team's list while one team's rows are all counted again and many ask for its figures."""
    took: list[float] = []
    over, refused = threading.Event(), []

    def listed() -> None:
        begin = time.perf_counter()
        with bench.studio.database.tenant("short") as db:
            rows = feed_listing.feeds(db, "short", FeedFilter(), limit=20, with_answers=False)
        assert Cursor(rows[-1].created_at, rows[-1].instagram_feed_id)
        took.append((time.perf_counter() - begin) * 1000)

    def ask() -> None:
        while not over.is_set():
            try:
                service.figures(bench.studio, "old", _year(), patience_s=1.0)
            except FiguresBeingCounted:
                refused.append(1)
            over.wait(0.5)

    for _ in range(100):
        listed()
        time.sleep(0.01)
    alone, took = statistics.median(took), []
    bench.studio.figures.clear()
    bench.sql("UPDATE studio_metric_states SET counted_as = '' WHERE tenant_id = 'old'")
    with ThreadPoolExecutor(CALLERS) as callers:
        asking = [callers.submit(ask) for _ in range(CALLERS)]
        count = counts.start(bench.studio, ("old",))
        while not count.wait(0.01):
            listed()
        over.set()
        for each in asking:
            each.result()  # raises what is neither figures nor "being counted"
    yield _row(f"another team's list beside a recount with {CALLERS} callers", alone, statistics.median(took), 1.5)
    yield Result("scale", "calls that were told that the figures are being counted", len(refused), "calls")
