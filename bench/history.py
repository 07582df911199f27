"""What the history costs over a million captions of one tenant, beside half a million of a hundred others.

All of it behind the walls between tenants, by the app's role.
Terms of which the sample captions say how often they hold them are searched for, and beside each rare one the scan
that would find it without an index.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from bench import database, million, terms
from bench.database import owner
from bench.measure import Result, median, p95
from bench.million import ROWS, TENANT
from lib import studio as studios
from lib.domain.cursor import Cursor
from lib.domain.feed_filter import LIVE, FeedFilter, WeekHour
from lib.domain.periods import DEFAULT_ZONE
from lib.settings import Settings
from lib.store import feed_listing
from lib.store.database import Database, statement_timeout
from lib.studio import Studio

NAVIGATION = Path(__file__).parents[1] / "pages" / "_navigation.py"
CALLS = 40
SCANS = 3
SCAN_S = 3600.0
INSERTS = 300
RERUNS = 20
EXPORTED = 100_000
DEEP = 20_000
"""The page of twenty that is turned to."""

SAME_COLUMNS = """
    SELECT feed.instagram_feed_id, feed.created_at, feed.instagram_ad_copy, feed.hashtags, feed.tone_style,
        feed.product_description, feed.refined_ad_copy_eng, feed.store_information, feed.gpt_model_name,
        feed.latency_ms, feed.token_usage, feed.job_id, feed.overlay_id, feed.gpt_response_raw ->> 'service_tier',
        coalesce(feed.gpt_response_raw ->> 'sample' = 'true', false), coalesce(state.status, 'draft'),
        coalesce(state.favourite, false),
        (SELECT made.source FROM studio_generations AS made
         WHERE made.tenant_id = :tenant AND made.instagram_feed_id = feed.instagram_feed_id LIMIT 1)
    FROM instagram_feeds AS feed
    LEFT JOIN studio_feed_states AS state ON state.tenant_id = :tenant AND state.feed_id = feed.instagram_feed_id
    WHERE feed.tenant_id = :tenant AND feed.instagram_feed_id = ANY(:ids)
"""
"""The list's columns of rows whose ids are known already."""

SCAN = """
    SELECT instagram_feed_id FROM instagram_feeds WHERE tenant_id = :tenant AND (
        instagram_ad_copy ILIKE :term OR product_description ILIKE :term
        OR refined_ad_copy_eng ILIKE :term OR store_information ILIKE :term)
    ORDER BY created_at DESC, instagram_feed_id DESC LIMIT 20
"""


def run() -> Iterator[Result]:
    """Measure, on a copy of the loaded rows."""
    with million.serve() as here:
        yield from _listing(here)
        yield from _searches(here)
        yield from _inserts(here)
        yield from _export(here)
        yield from _page(here)


# -- the list and the search ------------------------------------------------------------------------------------------


def _listing(here: Studio) -> Iterator[Result]:
    database = here.database
    wanted = FeedFilter(status=LIVE)
    ids = [one.feed_id for one in _page_of(database, wanted).rows]

    def by_key() -> None:
        with database.tenant(TENANT) as db:
            db.execute(text(SAME_COLUMNS), {"tenant": TENANT, "ids": ids}).all()

    deep = _place(here, DEEP * 20)
    took = _in_turns(
        by_key, lambda: _page_of(database, wanted), lambda: _page_of(database, wanted, after=deep), calls=4 * CALLS
    )
    key, first, far = took
    yield from _both("20 rows by primary key", key)
    yield from _both("newest 20", first, 10.0)
    yield Result("history", "newest 20, of by primary key, p95", p95(first) / p95(key), "x", 2.0)
    yield from _both(f"page {DEEP:,}", far)
    yield Result("history", f"page {DEEP:,}, of page 1, p95", p95(far) / p95(first), "x", 1.5)
    filters = _filters(here)
    for name, one in filters.items():
        yield from _both(f"filter {name}", _timed(partial(_page_of, database, one)), 50.0)
    for name, one in {"none": wanted, "model": filters["model"]}.items():
        yield from _both(f"counting, filter {name}", _timed(partial(_counted, database, one), 5))


def _filters(here: Studio) -> dict[str, FeedFilter]:
    middle = _place(here, ROWS // 2).created_at
    later = _place(here, ROWS // 2 - ROWS // 100).created_at
    with here.database.tenant(TENANT) as db:
        job, overlay = db.execute(
            text(
                "SELECT job_id, overlay_id FROM instagram_feeds WHERE tenant_id = :tenant"
                " AND job_id IS NOT NULL LIMIT 1"
            ),
            {"tenant": TENANT},
        ).one()
        choices = feed_listing.choices(db, TENANT)
    model, tone = choices.models[0], choices.tones[0]
    rare_tag = terms.RARE_TAG.lstrip("#")
    now = dt.datetime.now(dt.UTC)
    year = now - dt.timedelta(days=365)
    return {
        "period": FeedFilter(since=middle, until=later),
        "model": FeedFilter(model=model),
        "model that nobody used": FeedFilter(model="nobody's"),
        "tone": FeedFilter(tone=tone),
        "job": FeedFilter(job_id=job),
        "overlay": FeedFilter(overlay_id=overlay),
        "hashtag": FeedFilter(hashtag=rare_tag),
        "status": FeedFilter(status="posted"),
        "favourites": FeedFilter(favourite=True),
        "source": FeedFilter(source="pipeline"),
        "source page": FeedFilter(source="page"),
        "latency": FeedFilter(latency_from_ms=2_000.0, latency_to_ms=2_120.0),
        "latency that is rare": FeedFilter(latency_from_ms=15_000.0, latency_to_ms=math.inf),
        "latency that nobody met": FeedFilter(latency_from_ms=1e6, latency_to_ms=math.inf),
        "hour of the week": FeedFilter(since=year, until=now, week_hour=WeekHour(2, 10, DEFAULT_ZONE)),
        "other than a model and a tone": FeedFilter(none_of=(f"model:{model}", f"tone:{tone}")),
        "model and tone": FeedFilter(model=model, tone=tone),
        "period and model": FeedFilter(since=middle, until=later, model=model),
        "favourites and status": FeedFilter(favourite=True, status="approved"),
        "job and model": FeedFilter(job_id=job, model=model),
        "hashtag and tone": FeedFilter(hashtag=rare_tag, tone=tone),
    }


def _searches(here: Studio) -> Iterator[Result]:
    for often, by_syllables in {
        "frequent": terms.FREQUENT,
        "medium": terms.MEDIUM,
        "rare": terms.RARE,
        "absent": terms.ABSENT,
    }.items():
        for syllables, term in by_syllables.items():
            took = _timed(partial(_page_of, here.database, FeedFilter(text=term)))
            limit = 200.0 if syllables == 1 else 60.0
            named = f"search, {syllables} syllable{'s' if syllables > 1 else ''}, {often}"
            yield from _both(named, took, limit)
            if syllables > 1:
                for how, spelled in (("by initials", _initials(term)), ("joined", f"{term[:1]} {term[1:]}")):
                    took = _timed(partial(_page_of, here.database, FeedFilter(text=spelled)))
                    yield from _both(f"{named}, {how}", took, limit)
            if often in ("rare", "absent"):
                scans = _timed(partial(_scan, here, term), SCANS)
                yield Result("history", f"{named}, ILIKE scan", median(scans), "ms")
                if syllables > 1:
                    yield Result(
                        "history", f"{named}, scan by search", median(scans) / median(took), "x", 30.0, "higher"
                    )
    for often, tag in {
        "frequent": terms.FREQUENT_TAG,
        "medium": terms.MEDIUM_TAG,
        "rare": terms.RARE_TAG,
        "absent": terms.ABSENT_TAG,
    }.items():
        took = _timed(partial(_page_of, here.database, FeedFilter(text=tag)))
        yield from _both(f"exact tag, {often}", took, 30.0)


def _initials(term: str) -> str:
    """The consonants that the syllables of a word begin with."""
    return "".join("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"[(ord(syllable) - 0xAC00) // 588] for syllable in term)


def _scan(here: Studio, term: str) -> None:
    """What the search is compared with, in as much time as it takes."""
    with here.database.tenant(TENANT) as db, statement_timeout(db, SCAN_S):
        db.execute(text(SCAN), {"tenant": TENANT, "term": f"%{term}%"}).all()


def _page_of(database: Database, wanted: FeedFilter, after: Cursor | None = None) -> feed_listing.Page:
    with database.tenant(TENANT) as db:
        return feed_listing.page(db, TENANT, wanted, after=after)


def _counted(database: Database, wanted: FeedFilter) -> None:
    with database.tenant(TENANT) as db:
        feed_listing.count(db, TENANT, wanted)


def _place(here: Studio, rows: int) -> Cursor:
    """The place in the list so many rows down."""
    with here.database.tenant(TENANT) as db:
        at = db.execute(
            text(
                "SELECT created_at, instagram_feed_id FROM instagram_feeds WHERE tenant_id = :tenant"
                " ORDER BY created_at DESC, instagram_feed_id DESC OFFSET :rows LIMIT 1"
            ),
            {"tenant": TENANT, "rows": min(rows, ROWS - 100)},
        ).one()
    return Cursor(*at)


# -- writing ----------------------------------------------------------------------------------------------------------


def _inserts(here: Studio) -> Iterator[Result]:
    """Single inserts by another program, each committed, in turns with the triggers and without."""
    took: dict[str, list[float]] = {"without": [], "with": []}
    with owner(here) as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, false)", (TENANT,))
        columns = (
            "tenant_id, refined_ad_copy_eng, tone_style, product_description, store_information, gpt_prompt,"
            " instagram_ad_copy, hashtags, gpt_model_name, gpt_response_raw, latency_ms, token_usage"
        )
        as_texts = ", ".join(f"{name}::text" for name in columns.split(", "))
        cursor.execute(f"SELECT {as_texts} FROM instagram_feeds WHERE tenant_id = %s LIMIT 100", (TENANT,))
        rows = cursor.fetchall()
        insert = f"INSERT INTO instagram_feeds ({columns}) VALUES ({', '.join(['%s'] * len(rows[0]))})"
        for turn in range(6):
            name, switch = ("without", "DISABLE") if turn % 2 == 0 else ("with", "ENABLE")
            for trigger in ("studio_index_new_feed", "studio_index_changed_feed", "studio_keep_version"):
                cursor.execute(f"ALTER TABLE instagram_feeds {switch} TRIGGER {trigger}")
            for number in range(INSERTS // 3):
                begun = time.perf_counter()
                cursor.execute(insert, rows[number % len(rows)])
                took[name].append((time.perf_counter() - begun) * 1000)
    yield from _both("single insert, without triggers and index", took["without"])
    yield from _both("single insert, with", took["with"])
    more = median(took["with"]) - median(took["without"])
    yield Result("history", "single insert, more at the median", more, "ms", 5.0)


# -- the page and the export ------------------------------------------------------------------------------------------


def _page(here: Studio) -> Iterator[Result]:
    """Reruns of the page in this process, as the server makes them, and searches that are typed into it."""
    studios.use(here)
    try:
        app = AppTest.from_file(str(NAVIGATION), default_timeout=60)
        app.query_params["tenant_id"] = TENANT
        app.run()
        app.switch_page("history.py")
        app.query_params["tenant_id"] = TENANT
        yield from _both("a rerun of the page, on the server", _timed(app.run, RERUNS), 300.0)
        typed = cycle((*terms.FREQUENT.values(), *terms.RARE.values()))

        def search() -> None:
            app.text_input(key="find_text").input(next(typed)).run()

        yield from _both("a search typed into the page, on the server", _timed(search, RERUNS), 300.0)
        assert not app.exception, app.exception
    finally:
        studios.use(None)


def _export(here: Studio) -> Iterator[Result]:
    """Each in a process of its own: what it takes beyond an idle one, and how long; the first checks each caption."""
    url, folder = database.app_url(here), str(here.settings.data_dir)
    for checked, file_format in (("never", "csv"), ("once", "csv"), ("once", "xlsx"), ("once", "jsonl")):
        command = [sys.executable, "-m", "bench.history", url, file_format, str(Path(folder) / f"export.{file_format}")]
        told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        shutil.rmtree(folder + "/exports", ignore_errors=True)
        named = f"export of {told['rows']:,} rows that were {checked} checked, {file_format}"
        yield Result("history", f"{named}, memory beyond idle", told["more_mb"], "MB", 150.0)
        yield Result("history", named, told["seconds"], "s")


def _export_alone(url: str, file_format: Any, path: str) -> None:
    """What the process for one export does: print what it took."""
    from lib.demo.model import DemoModel
    from lib.exports import background, formats
    from lib.llm.client import Writer
    from lib.llm.spool import Spool
    from lib.ui.core import words

    settings = Settings(data_dir=Path(path).parent)
    here = Studio(settings, Database(url), Writer(settings, DemoModel()), Spool(settings.spool_dir))
    _page_of(here.database, FeedFilter())
    headings = words.listed("export") | {f"value_{name}": told for name, told in words.listed("status").items()}
    rows = background.rows(here, TENANT, FeedFilter())
    next(rows)
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.monotonic()
    written = formats.write(Path(path), file_format, islice(rows, EXPORTED), headings)
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle
    print(json.dumps({"rows": written, "more_mb": more / 1024, "seconds": time.monotonic() - begun}))


# -- measuring --------------------------------------------------------------------------------------------------------


def _timed(call: Callable[[], object], calls: int = CALLS) -> list[float]:
    """How long each call took, in ms, after one that warms up."""
    [took] = _in_turns(call, calls=calls)
    return took


def _in_turns(*calls_of: Callable[[], object], calls: int) -> list[list[float]]:
    """The same for several that take turns, so that whatever else the machine does falls on all alike."""
    for call in calls_of:
        call()
    took: list[list[float]] = [[] for _ in calls_of]
    for _ in range(calls):
        for call, kept in zip(calls_of, took, strict=True):
            begun = time.perf_counter()
            call()
            kept.append((time.perf_counter() - begun) * 1000)
    return took


def _both(measure: str, took: list[float], most: float | None = None) -> Iterator[Result]:
    yield Result("history", f"{measure}, median", median(took), "ms")
    yield Result("history", f"{measure}, p95", p95(took), "ms", most)


if __name__ == "__main__":
    _export_alone(*sys.argv[1:])
