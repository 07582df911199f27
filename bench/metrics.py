"""What looking costs: the metrics page over a year of a million rows and of five, beside plain SQL and DuckDB.

The first million are the sample captions, beside half a million of a hundred other tenants, as the history is measured
on; the other four are narrower rows without texts, by plain SQL as another program would write them. The triggers of
the index for searching are switched off meanwhile: it is measured by the bench of the history. Takes half an hour.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import json
import threading
import time
import zoneinfo
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
from psycopg2 import extensions
from sqlalchemy import event, make_url
from streamlit.testing.v1 import AppTest

from bench import database, million
from bench.measure import Result, median, p95
from bench.million import ROWS, TENANT
from lib import studio as studios
from lib.domain.periods import DEFAULT_ZONE, Period
from lib.metrics import counts, service
from lib.metrics import figures as metric_figures
from lib.metrics.figures import View
from lib.studio import Studio

TIMES = 5
"""Times the rows in the end."""
DAYS = (7, 30, 90, 365)
LOOKS = 15
RAW_LOOKS = 3
INSERTED = 10_000
WRITERS = 8
WRITING_S = 3.0
WRITING_ROUNDS = 5
ROUNDS = 3
BATCH = 100_000
COUNTED_WITHIN_S = 3600.0
NAVIGATION = Path(__file__).parents[1] / "pages" / "_navigation.py"

INDEX_TRIGGERS = ("studio_index_new_feed", "studio_index_changed_feed")
COUNT_TRIGGERS = ("studio_count_insert", "studio_count_update", "studio_count_delete")

# Four of the samples' models and tones, log-normal latencies, cached prompts, now and then no usage; answers of 3 KB
# or none.
LOAD = """
    INSERT INTO instagram_feeds (
        tenant_id, refined_ad_copy_eng, tone_style, product_description, store_information, gpt_prompt,
        instagram_ad_copy, hashtags, gpt_model_name, gpt_response_raw, latency_ms, token_usage, created_at, updated_at
    )
    SELECT %(tenant)s, '',
        (ARRAY['따뜻하고 친근하게', '재치 있고 유쾌하게', '차분하고 감성적으로', 'Calm and evocative'])[ceil(4 * a)],
        '', '', '', '글', '', (ARRAY['gpt-6-luna', 'gpt-5-mini', 'gpt-4o-mini', 'demo'])[1 + floor(4 * b)],
        CASE WHEN %(answers)s THEN jsonb_build_object('id', md5(f::text), 'service_tier', 'default', 'choices', (
            SELECT jsonb_agg(md5((f * line)::text) || '저온에서 하루 숙성한 통밀 식빵')
            FROM generate_series(1, 40) AS line)) END,
        2000 * exp(0.5 * sqrt(-2 * ln(1 - c)) * cos(6.283185307 * d)),
        CASE WHEN e > 0.01 THEN jsonb_build_object(
            'prompt_tokens', 800 + floor(1200 * f)::int, 'completion_tokens', 100 + floor(500 * g)::int,
            'prompt_tokens_details', jsonb_build_object('cached_tokens', floor(700 * h)::int)) END,
        at, at
    FROM (
        SELECT random() AS a, random() AS b, random() AS c, random() AS d, random() AS e, random() AS f, random() AS g,
            random() AS h, %(since)s::timestamptz
                + (number - random()) / %(count)s * (%(until)s::timestamptz - %(since)s::timestamptz) AS at
        FROM generate_series(1, %(count)s) AS number
    ) AS drawn
"""
WRITE = """
    INSERT INTO instagram_feeds (
        tenant_id, refined_ad_copy_eng, tone_style, product_description, store_information, gpt_prompt,
        instagram_ad_copy, hashtags, gpt_model_name, gpt_prompt_used, gpt_response_raw, latency_ms, token_usage
    ) VALUES (%(tenant)s, 'Slow mornings, warm bread.', '따뜻하게', %(text)s, %(text)s, %(text)s, %(text)s, '#빵 #서울',
        'gpt-6-luna', %(long)s, %(raw)s, 2000, '{"prompt_tokens": 1200, "completion_tokens": 300}')
"""
"""One row of the size that a pipeline's has: its texts, the prompt as it was sent and the answer as it came."""

RAW = (
    """
    SELECT date_trunc('week', created_at AT TIME ZONE 'Asia/Seoul') AS slot, gpt_model_name, count(*), avg(latency_ms),
        min(latency_ms), max(latency_ms), {tokens}
    FROM {feeds} WHERE tenant_id = 'sample-million' AND created_at >= {since} AND created_at < {until} GROUP BY 1, 2
    """,
    """
    SELECT date_trunc('day', created_at AT TIME ZONE 'Asia/Seoul') AS slot, count(*), avg(latency_ms), {tokens}
    FROM {feeds} WHERE tenant_id = 'sample-million' AND created_at >= {since} AND created_at < {until} GROUP BY 1
    """,
    """
    SELECT date_trunc('week', created_at AT TIME ZONE 'Asia/Seoul') AS slot, {percentiles}
    FROM {feeds} WHERE tenant_id = 'sample-million' AND created_at >= {since} AND created_at < {until} GROUP BY 1
    """,
    """
    SELECT {percentiles}
    FROM {feeds} WHERE tenant_id = 'sample-million' AND created_at >= {since} AND created_at < {until}
    """,
    """
    SELECT extract(isodow FROM created_at AT TIME ZONE 'Asia/Seoul') AS weekday,
        extract(hour FROM created_at AT TIME ZONE 'Asia/Seoul') AS hour, count(*), avg(latency_ms), {tokens}
    FROM {feeds} WHERE tenant_id = 'sample-million' AND created_at >= {since} AND created_at < {until} GROUP BY 1, 2
    """,
    """
    SELECT gpt_model_name, count(*), {tokens}, {percentiles}
    FROM {feeds} WHERE tenant_id = 'sample-million' AND created_at >= {since} AND created_at < {until} GROUP BY 1
    """,
)
"""The page's main figures over the rows themselves: fewer than it shows, and without what they cost."""
PG_TOKENS = """
    sum((token_usage ->> 'prompt_tokens')::bigint), sum((token_usage ->> 'completion_tokens')::bigint),
    sum((token_usage -> 'prompt_tokens_details' ->> 'cached_tokens')::bigint)
"""
PG_PERCENTILES = "percentile_cont(ARRAY[0.5, 0.9, 0.95, 0.99]) WITHIN GROUP (ORDER BY latency_ms)"
DUCK_TOKENS = "sum(prompt_tokens), sum(completion_tokens), sum(cached_tokens)"
DUCK_PERCENTILES = "quantile_cont(latency_ms, [0.5, 0.9, 0.95, 0.99])"


class Bench:
    """A database of its own with a year of rows in it."""

    def __init__(self, here: Studio) -> None:
        self.here = here
        self.owner = database.owner_url(here)
        [(newest,)] = self.sql("SELECT max(created_at) FROM instagram_feeds WHERE tenant_id = %s", (TENANT,))
        self.today = newest.astimezone(zoneinfo.ZoneInfo(DEFAULT_ZONE)).date()  # of the kept rows
        self.database_ms = 0.0
        self._begun = 0.0
        event.listen(here.database._engine, "before_cursor_execute", self._before)
        event.listen(here.database._engine, "after_cursor_execute", self._after)

    def _before(self, *_: Any) -> None:
        self._begun = time.perf_counter()

    def _after(self, *_: Any) -> None:
        self.database_ms += (time.perf_counter() - self._begun) * 1000

    def sql(self, statement: str, values: Any = None) -> list[Any]:
        """By the role that owns the tables, committed at once."""
        with contextlib.closing(connect(self.owner)) as db, db.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def triggers(self, names: tuple[str, ...], how: str) -> None:
        for name in names:
            self.sql(f"ALTER TABLE instagram_feeds {how} TRIGGER {name}")

    def load_more(self, rows: int) -> None:
        """So many more rows, spread over the year before today."""
        until = dt.datetime.combine(self.today, dt.time(), dt.UTC)
        since, year = until - dt.timedelta(days=364), dt.timedelta(days=364)
        for at in range(0, rows, BATCH):
            count = min(BATCH, rows - at)
            part = {"since": since + year * (at / rows), "until": since + year * ((at + count) / rows)}
            self.sql(LOAD, {"tenant": TENANT, "count": count, "answers": False} | part)

    def count(self) -> None:
        """All of them; then leave the tables as they are after a while."""
        counts.start(self.here, (TENANT,)).wait(COUNTED_WITHIN_S)
        for table in (
            "instagram_feeds",
            *(f"studio_metric_{one}" for one in ("cells", "facts", "latencies", "changes")),
        ):
            self.sql(f"VACUUM ANALYZE {table}")

    def wanted(self, days: int) -> View:
        last = self.today
        return View(Period(last - dt.timedelta(days=days - 1), last))

    def look(self, days: int) -> metric_figures.Figures:
        """Everything that the page shows."""
        wanted = self.wanted(days)
        figures = service.figures(self.here, TENANT, wanted)
        service.breakdown(self.here, [TENANT], wanted, "model")
        service.values(self.here, [TENANT], wanted.period)  # for the filters
        return figures

    def database_time(self, call: Callable[[], object]) -> float:
        """Milliseconds that its statements took, the fetching of their rows included."""
        self.database_ms = 0.0
        call()
        return self.database_ms


def run() -> Iterator[Result]:
    """Measure, on a copy of the loaded rows."""
    with million.serve() as here:
        bench = Bench(here)
        bench.triggers(INDEX_TRIGGERS, "DISABLE")
        begun = time.perf_counter()
        bench.count()
        yield _result(f"count {ROWS:,} rows for the first time", time.perf_counter() - begun, "s")
        first, results = _looks(bench, f"{ROWS:,} rows")
        yield from results
        yield from _against_raw(bench, first)
        yield from _against_duckdb(bench, here.settings.data_dir, first)
        yield from _page(bench)
        yield from _insert(bench)
        bench.load_more((TIMES - 1) * ROWS)
        bench.count()
        fifth, results = _looks(bench, f"{TIMES * ROWS:,} rows")
        yield from results
        for days in DAYS:
            ratio = median(fifth[days]) / median(first[days])
            yield _result(f"{days} days, {TIMES} times the rows", ratio, "times", 1.3)
        yield from _writers(bench)


def connect(url: str) -> Any:
    """A plain connection in autocommit."""
    db = psycopg2.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    db.autocommit = True
    return db


def _result(measure: str, value: float, unit: str, target: float | None = None, better: str = "lower") -> Result:
    return Result("metrics", measure, value, unit, target, better)  # type: ignore[arg-type]


def _looks(bench: Bench, rows: str) -> tuple[dict[int, list[float]], list[Result]]:
    took: dict[int, list[float]] = {days: [] for days in DAYS}
    results = []
    for round_number in range(LOOKS + 1):
        for days in DAYS:  # in turns, so that whatever else the machine does falls on all alike
            took_ms = bench.database_time(functools.partial(bench.look, days))
            if round_number:
                took[days].append(took_ms)
    for days in DAYS:
        results.append(_result(f"{days} days of {rows}, database, median", median(took[days]), "ms"))
        results.append(_result(f"{days} days of {rows}, database, p95", p95(took[days]), "ms", 250.0))
    return took, results


def _raw(days: int, today: dt.date, **words: str) -> list[str]:
    since, until = Period(today - dt.timedelta(days=days - 1), today).instants()
    literals = {"since": f"TIMESTAMPTZ '{since.isoformat()}'", "until": f"TIMESTAMPTZ '{until.isoformat()}'"}
    return [statement.format(**words, **literals) for statement in RAW]


def _against_raw(bench: Bench, ours: dict[int, list[float]]) -> Iterator[Result]:
    statements = _raw(365, bench.today, tokens=PG_TOKENS, percentiles=PG_PERCENTILES, feeds="instagram_feeds")
    took = []
    for _ in range(RAW_LOOKS):
        begun = time.perf_counter()
        for statement in statements:
            bench.sql(statement)
        took.append((time.perf_counter() - begun) * 1000)
    yield _result("365 days, plain SQL over the rows, median", median(took), "ms")
    yield _result("365 days, plain SQL over ours", median(took) / median(ours[365]), "times", 20.0, "higher")


def _against_duckdb(bench: Bench, folder: Path, ours: dict[int, list[float]]) -> Iterator[Result]:
    """The same columns in DuckDB's own file, tokens already taken out of their JSON."""
    file = folder / "feeds.csv"
    waiting = extensions.get_wait_callback()
    extensions.set_wait_callback(None)  # psycopg2 copies only where nobody has set a way of waiting
    with contextlib.closing(connect(bench.owner)) as db, file.open("wb") as out, db.cursor() as cursor:
        cursor.copy_expert(
            "COPY (SELECT tenant_id, created_at, gpt_model_name, tone_style, latency_ms, "
            "(token_usage ->> 'prompt_tokens')::int AS prompt_tokens, "
            "(token_usage ->> 'completion_tokens')::int AS completion_tokens, "
            "(token_usage -> 'prompt_tokens_details' ->> 'cached_tokens')::int AS cached_tokens "
            "FROM instagram_feeds) TO STDOUT WITH (FORMAT csv, HEADER)",
            out,
        )
    extensions.set_wait_callback(waiting)
    with contextlib.closing(duckdb.connect(str(folder / "feeds.duckdb"))) as db:
        db.execute(f"CREATE TABLE feeds AS SELECT * FROM read_csv('{file}') ORDER BY created_at")
        for days in DAYS:
            statements = _raw(days, bench.today, tokens=DUCK_TOKENS, percentiles=DUCK_PERCENTILES, feeds="feeds")
            took = []
            for _ in range(LOOKS):
                begun = time.perf_counter()
                for statement in statements:
                    db.execute(statement).fetchall()
                took.append((time.perf_counter() - begun) * 1000)
            yield _result(f"{days} days, DuckDB, median", median(took), "ms")
            if days == max(DAYS):
                yield _result("365 days, ours over DuckDB", median(ours[days]) / median(took), "times", 1.0)


def _insert(bench: Bench) -> Iterator[Result]:
    """Another program's rows, and the look after them against the look before."""
    now = dt.datetime.now(dt.UTC)
    before = bench.look(365).total.rows
    later: list[float] = []
    wrong = 0
    rows = {"tenant": TENANT, "until": now, "count": INSERTED, "answers": True}
    for number in range(1, ROUNDS + 1):
        plain = [bench.database_time(lambda: bench.look(365)) for _ in range(3)]
        bench.sql(LOAD, rows | {"since": now - dt.timedelta(minutes=30)})
        later.append(bench.database_time(lambda: bench.look(365)) - median(plain))
        wrong += bench.look(365).total.rows != before + number * INSERTED
    yield _result(f"{INSERTED:,} rows inserted, the next look later by (median)", median(later), "ms", 200.0)
    yield _result("looks that were wrong after it", wrong, "looks", 0.0)
    plain = [bench.database_time(lambda: bench.look(365)) for _ in range(3)]
    bench.sql(LOAD, rows | {"since": now - dt.timedelta(days=364)})
    spread = bench.database_time(lambda: bench.look(365)) - median(plain)
    yield _result(f"{INSERTED:,} rows spread over the year, the next look later by", spread, "ms")


def _page(bench: Bench) -> Iterator[Result]:
    """Reruns of the page on the server; of one chart alone as its fragment runs."""
    studios.use(bench.here)
    try:
        app = AppTest.from_file(str(NAVIGATION), default_timeout=60)
        app.query_params["tenant_id"] = TENANT
        app.run()
        app.switch_page("metrics.py")
        app.query_params["tenant_id"] = TENANT
        took: list[float] = []
        for period in ["365d"] * 3 + ["90d", "365d"] * 4:
            app.session_state["metrics_period"] = period
            begun = time.perf_counter()
            app.run()
            took.append((time.perf_counter() - begun) * 1000)
            assert not app.exception, app.exception
        yield _result("rerun of the page on the server, median", median(took[3:]), "ms")
        yield _result("rerun of the page on the server, p95", p95(took[3:]), "ms", 700.0)
        chart = AppTest.from_function(_one_chart, default_timeout=60)
        chart.session_state["wanted"] = bench.wanted(365)
        chart.run()
        took = []
        for number in range(8):
            chart.session_state["breakdown_facet"] = ("tone", "source", "prompt", "model")[number % 4]
            chart.session_state["breakdown_measure"] = ("cost", "captions")[number // 4]
            begun = time.perf_counter()
            chart.run()
            took.append((time.perf_counter() - begun) * 1000)
            assert not chart.exception, chart.exception
        yield _result("another breakdown in one chart, on the server, p95", p95(took), "ms", 150.0)
    finally:
        studios.use(None)


def _one_chart() -> None:
    import streamlit as st

    from lib import studio
    from lib.metrics import service
    from lib.ui.metrics import figures as figures_shown
    from lib.ui.metrics import sections

    here = studio.current()
    if "figures" not in st.session_state:
        st.session_state["figures"] = service.figures(here, "sample-million", st.session_state["wanted"])
        st.session_state[figures_shown.KEPT] = {"parts": {}}
    sections.show_breakdown(here, st.session_state["figures"])


def _writers(bench: Bench) -> Iterator[Result]:
    """Eight who write at once: without the counting, with it, and with somebody who looks every second, in turns."""
    written: dict[str, list[int]] = {"without the counting": [], "with it": [], "with it and a look a second": []}
    deadlocks = 0
    for _ in range(WRITING_ROUNDS):
        for how, rows in written.items():
            bench.triggers(COUNT_TRIGGERS, "DISABLE" if how.startswith("without") else "ENABLE")
            count, failed = _write(bench, looking=how.endswith("second"))
            rows.append(count)
            deadlocks += failed
    bench.triggers(COUNT_TRIGGERS, "ENABLE")
    for how, rows in written.items():
        yield _result(f"{WRITERS} writers {how}", median(rows) / WRITING_S, "rows/s")
    without, with_it, looked_at = (median(rows) for rows in written.values())
    yield _result(f"{WRITERS} writers, with of without", 100 * with_it / without, "%", 80.0, "higher")
    yield _result(f"{WRITERS} writers, with and looked at, of without", 100 * looked_at / without, "%")
    yield _result("deadlocks among them", deadlocks, "times", 0.0)


def _write(bench: Bench, *, looking: bool) -> tuple[int, int]:
    until = time.monotonic() + WRITING_S
    failed = threading.Semaphore(0)
    text = "저온에서 하루 숙성한 통밀 식빵. 속이 편하고 고소해요. " * 6
    raw = json.dumps({"service_tier": "default", "choices": [{"message": {"role": "assistant", "content": text * 2}}]})
    asked = {"tenant": TENANT, "text": text, "long": text * 4, "raw": raw}

    def write(_: int) -> int:
        rows = 0
        with contextlib.closing(connect(bench.owner)) as db, db.cursor() as cursor:
            while time.monotonic() < until:
                try:
                    cursor.execute(WRITE, asked)
                    rows += 1
                except psycopg2.errors.DeadlockDetected:
                    failed.release()
        return rows

    def look() -> None:
        while time.monotonic() < until:
            counts.start(bench.here, (TENANT,)).wait(COUNTED_WITHIN_S)
            time.sleep(1.0)

    with ThreadPoolExecutor(WRITERS + 1) as threads:
        looker = threads.submit(look) if looking else None
        rows = sum(threads.map(write, range(WRITERS)))
        if looker:
            looker.result()
    return rows, failed._value
