"""What many teams, many values and many callers cost: the same action on little and on much, and the ratio of both.

On the embedded PostgreSQL, or on the one that ``make bench ONLY=scale PG=15`` names. ``ONLY=scale:teams,depth`` runs
some parts alone; ``scale:first`` takes minutes and is run by name only. Pages are run without a browser: what is
measured is the server's part.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from bench import database
from bench.measure import Result
from lib import studio as studios
from lib.access import api_keys
from lib.api.schemas import ListedFeed, page_body
from lib.domain.errors import FiguresBeingCounted
from lib.domain.feed_filter import FeedFilter
from lib.domain.periods import Period
from lib.exports import background, formats
from lib.exports.columns import COLUMNS
from lib.feeds import checking
from lib.generation import recovery
from lib.metrics import counts, service
from lib.metrics.figures import View
from lib.store import feed_listing, reconciliation
from lib.store.metrics.every_team import EVERY_TEAM
from lib.studio import Studio

ROOT = Path(__file__).parents[1]
ROWS = 5_000
"""Of one team; much is five times as many."""
TEAMS = 1_000
EACH = 20
"""Captions of each of many teams."""
CALLERS, CLIENTS = 20, 64
CALLED_S = 5.0
LONG_S, QUIET_S = 60.0, 20.0
"""How long the callers of ten teams call with a recount under way, and without."""
TIMES = 3
WITHIN_S = 900.0
INDEX_TRIGGERS = ("studio_index_new_feed", "studio_index_changed_feed")
LOAD = """
    INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description, store_information,
        gpt_prompt, instagram_ad_copy, hashtags, gpt_model_name, latency_ms, token_usage, gpt_response_raw, created_at,
        job_id)
    SELECT %(team)s || CASE WHEN %(teams)s > 1 THEN '-' || %(since)s + i %% %(teams)s ELSE '' END, '',
        'tone ' || i * 7 %% %(tones)s, '', '', '', '글', '', 'own-' || i * 13 %% %(models)s, 2000 * exp(random()),
        jsonb_build_object('prompt_tokens', 800 + i %% 1200, 'completion_tokens', 100 + i %% 500),
        jsonb_build_object('service_tier', 'default', 'choices', repeat(md5(i::text), %(answer)s / 32)),
        now() - (i::float / %(rows)s) * interval '1 day' * %(days)s, md5((i %% %(jobs)s)::text)::uuid
    FROM generate_series(1, %(rows)s) AS i
"""
NAMES = "INSERT INTO studio_tenants (tenant_id) SELECT 'shop-' || i FROM generate_series(1, %(teams)s) AS i"
VERSIONS = """
    INSERT INTO studio_feed_versions (tenant_id, feed_id, number, instagram_ad_copy, hashtags, kind)
    SELECT %(team)s, %(feed)s, i, '글 ' || i, '', 'outside' FROM generate_series(10, 9 + %(many)s) AS i
"""
MOVES = """
    INSERT INTO studio_feed_moves (tenant_id, feed_id, number, from_status, to_status, note)
    SELECT %(team)s, %(feed)s, i, 'draft', 'in_review', 'n' FROM generate_series(1, %(many)s) AS i
"""
KEYS = """
    INSERT INTO studio_api_keys (tenant_id, key_id, name, scopes, secret_hash)
    SELECT %(team)s, %(team)s || i, 'key ' || i, '{feeds:read}', sha256(i::text::bytea)
    FROM generate_series(1, %(many)s) AS i
"""
PRICES = """
    INSERT INTO studio_prices (tenant_id, model, starts_on, input_usd, cached_usd, output_usd)
    SELECT %(team)s, 'model ' || i, '2026-01-01', 1, 1, 1 FROM generate_series(1, %(many)s) AS i
"""


@dataclass
class Bench:
    """A database of its own, and a Studio on it."""

    studio: Studio
    folder: Path

    def sql(self, statement: str, **values: object) -> list[Any]:
        """By the role that owns the tables, committed at once; its rows, if it has any."""
        with database.owner(self.studio) as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def load(
        self, team: str, rows: int, *, teams: int = 1, since: int = 0, models: int = 4, tones: int = 4, jobs: int = 4,
        answer: int = 64, days: int = 364,
    ) -> None:  # fmt: skip
        """So many rows of a year, for one team or in turn for ``TEAM-0``, ``TEAM-1``, ..."""
        values = {"since": since, "models": models, "tones": tones, "jobs": jobs, "answer": answer, "days": days}
        self.sql(LOAD, team=team, rows=rows, teams=teams, **values)

    def count(self, *teams: str) -> float:
        """Count what has changed; how many seconds it took."""
        begin = time.perf_counter()
        if not counts.start(self.studio, teams).wait(WITHIN_S):
            raise TimeoutError("the counting does not end")
        return time.perf_counter() - begin

    def page(self, page: str, **address: str) -> tuple[float, float]:
        """How many ms a page takes to open, and to be drawn again; the medians of some sessions."""
        opened, redrawn = [], []
        for _ in range(TIMES):
            app = AppTest.from_file(str(ROOT / "pages" / "_navigation.py"), default_timeout=WITHIN_S)
            app.switch_page(f"{page}.py")
            for name, value in address.items():
                app.query_params[name] = value
            self.studio.figures.clear()  # as for the first who looks
            opened.append(_took(app.run))
            redrawn.append(_took(app.run))
            if app.exception:
                raise RuntimeError(app.exception[0].message)
        return statistics.median(opened), statistics.median(redrawn)


def run(*names: str) -> list[Result]:
    """Measure the parts of these names, or all that take less than a minute."""
    results: list[Result] = []
    with _bench() as bench:
        for name in names or [name for name in PARTS if name != "first"]:
            begin = time.perf_counter()
            for result in PARTS[name](bench):
                print(f"  {result.measure}: {result.value:.2f} {result.unit}", flush=True)
                results.append(result)
            print(f"  ({name}: {time.perf_counter() - begin:.0f} s)", flush=True)
    return results


@contextlib.contextmanager
def _bench() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="fs-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with database.serve(folder) as studio:
            bench = Bench(studio, folder)
            for trigger in INDEX_TRIGGERS:  # the index for searching is measured by the bench of the history
                bench.sql(f"ALTER TABLE instagram_feeds DISABLE TRIGGER {trigger}")
            bench.sql("ALTER TABLE instagram_feeds DROP CONSTRAINT instagram_feeds_job_id_fkey")  # no jobs are made
            studios.use(studio)
            try:
                bench.page("keys")  # reads the files of the pages
                yield bench
            finally:
                studios.use(None)


def _took(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return (time.perf_counter() - begin) * 1000


def _ms(action: Callable[[], object]) -> float:
    """The median of some repetitions, in ms; what is prepared once is not measured."""
    action()
    return statistics.median(_took(action) for _ in range(TIMES))


def _row(what: str, small: float, big: float, target: float, unit: str = "ms") -> Result:
    return Result("scale", f"{what}: {small:,.1f} -> {big:,.1f} {unit}", big / small, "times", target)


def _year() -> View:
    today = dt.datetime.now(dt.UTC).date()
    return View(Period(today - dt.timedelta(days=363), today))


def _month() -> View:
    last = _year().period.last
    return View(Period(last - dt.timedelta(days=29), last))


def _figures(bench: Bench, teams: tuple[str, ...], view: View) -> Callable[[], object]:
    def read() -> object:
        bench.studio.figures.clear()  # or what is kept would be measured
        return service.figures(bench.studio, teams, view)

    return read


def _teams(bench: Bench) -> Iterator[Result]:
    """All teams: ten, and then a thousand, each with as many captions."""
    every = (EVERY_TEAM,)

    def measured() -> list[float]:
        bench.count(*every)
        opened, redrawn = bench.page("metrics", all="1", tenant_id="team-1")
        again = _ms(lambda: service.figures(bench.studio, every, _month()))
        return [opened, redrawn, *(_ms(_figures(bench, every, view)) for view in (_month(), _year())), again]

    bench.load("team", 10 * EACH, teams=10, days=30)
    small = measured()
    bench.load("team", (TEAMS - 10) * EACH, teams=TEAMS - 10, since=10, days=30)
    took = bench.count(*every)
    bench.sql("ANALYZE")
    names = ("page opens", "page drawn again", "figures of a month", "figures of a year", "figures unchanged")
    for name, few, many in zip(names, small, measured(), strict=True):
        yield _row(f"all teams, {name}, 10 and {TEAMS:,} teams", few, many, 2.0)
    yield Result("scale", f"first look at {TEAMS:,} teams of {EACH} captions", took, "s", 60.0 * TEAMS / 10_000)
    bench.load("team-5", 1)
    yield Result("scale", f"look at {TEAMS:,} teams after one caption", 1000 * bench.count(*every), "ms")


def _first(bench: Bench) -> Iterator[Result]:
    """The first look at ten thousand teams, and one that a person leaves after a second."""
    bench.load("first", 10_000 * EACH, teams=10_000)
    with counts.watched(bench.studio, (EVERY_TEAM,)) as count:
        count.wait(1.0)
        before = count.left
    begin = time.perf_counter()
    with contextlib.suppress(FiguresBeingCounted):
        count.wait(WITHIN_S)
    yield Result(
        "scale", f"counting goes on after its page is closed ({before:,} left)", time.perf_counter() - begin, "s"
    )
    yield Result("scale", f"first look at 10,000 teams of {EACH} captions", bench.count(EVERY_TEAM), "s", 60.0)


def _young(bench: Bench) -> Iterator[Result]:
    """The first count of a team beside old ones, of which alone the statistics tell."""
    bench.load("alone", ROWS)
    alone = bench.count("alone")
    bench.load("old", 5 * ROWS)
    old = bench.count("old")
    bench.sql("ANALYZE")
    bench.load("young", ROWS)
    yield _row(f"first count of {ROWS:,} rows, alone and beside old teams", alone, bench.count("young"), 1.5, "s")
    yield Result("scale", f"rows counted a second, of {5 * ROWS:,}", 5 * ROWS / old, "rows", 4_167.0, "higher")


def _few_and_many(bench: Bench) -> None:
    """Two teams with as many rows, of few values and of many; once."""
    if not bench.sql("SELECT FROM instagram_feeds WHERE tenant_id = 'many' LIMIT 1"):
        bench.load("few", 5 * ROWS)
        bench.load("many", 5 * ROWS, models=500, tones=20_000, jobs=5 * ROWS)


def _values(bench: Bench) -> Iterator[Result]:
    """As many rows with few values and with many."""
    _few_and_many(bench)
    few, many = bench.count("few"), bench.count("many")
    bench.sql("ANALYZE")
    yield _row(f"first count of {5 * ROWS:,} rows, few and many values", few, many, 2.0, "s")
    pages = [bench.page("metrics", tenant_id=team, period="365d") for team in ("few", "many")]
    yield _row("metrics page of a year opens, 4 and 500 models", pages[0][0], pages[1][0], 2.0)
    yield _row("metrics page of a year drawn again, 4 and 500 models", pages[0][1], pages[1][1], 2.0)
    read = [_ms(_figures(bench, (team,), _year())) for team in ("few", "many")]
    yield _row("GET /metrics of a year, 4 and 500 models", read[0], read[1], 2.0)
    for dimension, label in (("tone", "20,000 tones"), ("job", f"{5 * ROWS:,} jobs")):
        chosen = [_broken_down(team, dimension) for team in ("few", "many")]
        yield _row(f"breakdown by {dimension} on the page, 4 and {label}", chosen[0], chosen[1], 2.0)
        read = [
            _ms(lambda team=team, by=dimension: service.breakdown(bench.studio, [team], _year(), by))  # type: ignore[misc]
            for team in ("few", "many")
        ]
        yield _row(f"breakdown by {dimension} alone, 4 and {label}", read[0], read[1], 2.0)


def _broken_down(team: str, dimension: str) -> float:
    """From the press on the dimension to the chart."""
    took = []
    for _ in range(TIMES):
        app = AppTest.from_file(str(ROOT / "pages" / "_navigation.py"), default_timeout=WITHIN_S)
        app.switch_page("metrics.py")
        app.query_params["tenant_id"], app.query_params["period"] = team, "365d"
        app.run()
        app.session_state["breakdown_facet"] = dimension
        took.append(_took(app.run))
    return statistics.median(took)


def _depth(bench: Bench) -> Iterator[Result]:
    """A long history of one thing; and a hundred years by day, which are drawn by year."""
    feeds = {}
    for team, days in (("flat", 1), ("deep", 1)):
        bench.load(team, 3, days=days)
        bench.sql("UPDATE instagram_feeds SET hashtags = '#a' WHERE tenant_id = %(team)s", team=team)
        feeds[team] = str(
            bench.sql("SELECT instagram_feed_id FROM instagram_feeds WHERE tenant_id = %(t)s", t=team)[0][0]
        )
    for statement, small, big in ((VERSIONS, 10, 2_000), (MOVES, 10, 500), (KEYS, 10, 1_000), (PRICES, 10, 500)):
        for team, many in (("flat", small), ("deep", big)):
            values = {"feed": feeds[team]} if "%(feed)s" in statement else {}
            bench.sql(statement, team=team, many=many, **values)
    for team in feeds:
        reconciliation.rebuild(bench.studio.database, team)
        bench.count(team)
    for what, page, address in (
        ("versions 10 and 2,000, moves 10 and 500: a caption", "history", feeds),
        ("keys 10 and 1,000: their page", "keys", {}),
        ("own prices 10 and 500: the metrics page", "metrics", {}),
    ):
        opened = [bench.page(page, tenant_id=team, **({"feed": address[team]} if address else {}))[0] for team in feeds]
        yield _row(f"{what} opens", opened[0], opened[1], 2.0)
    last = _year().period.last
    months = replace(_month(), period=Period(last - dt.timedelta(days=89), last), chosen="day")
    century = View(Period(dt.date(2000, 1, 1), dt.date(2099, 12, 31)), chosen="day")
    read = [_ms(_figures(bench, ("deep",), view)) for view in (months, century)]
    yield _row("figures of 90 days and 100 years by day", read[0], read[1], 2.0)
    custom = {"period": "custom", "slot": "day", "tenant_id": "deep"}
    periods = [{"first": str(view.period.first), "last": str(view.period.last)} for view in (months, century)]
    drawn = [bench.page("metrics", **custom, **between)[1] for between in periods]
    yield _row("metrics page of 90 days and 100 years by day drawn again", drawn[0], drawn[1], 2.0)


def _picker(bench: Bench) -> Iterator[Result]:
    """The list of teams around every page, and what recovery does for all teams."""
    settings = bench.studio.settings
    bench.studio.settings = replace(settings, openai_store=True)

    def recover() -> None:
        recovery.write_off(bench.studio)
        recovery.fetch_stored_answers(bench.studio)

    bench.sql(NAMES, teams=10)
    small, few = bench.page("keys", tenant_id="shop-1"), _ms(recover)
    bench.sql(NAMES + " ON CONFLICT DO NOTHING", teams=10_000)
    big, many = bench.page("keys", tenant_id="shop-1"), _ms(recover)
    yield _row("a page opens with 10 and 10,000 teams", small[0], big[0], 2.0)
    yield _row("a page is drawn again with 10 and 10,000 teams", small[1], big[1], 2.0)
    yield _row("a round of recovery with 10 and 10,000 teams", few, many, 2.0)
    bench.sql("DELETE FROM studio_tenants WHERE tenant_id LIKE 'shop-%%'")
    bench.studio.settings = settings


def _answers(bench: Bench) -> Iterator[Result]:
    """Raw answers of 50 KB: a list, and a table as a file."""
    for team, size in (("short", 64), ("long", 50_000)):
        bench.load(team, 1_000, answer=size)
        reconciliation.rebuild(bench.studio.database, team)

    def listed(team: str) -> object:
        rows, following = bench.studio.database.ask(
            team, lambda db: feed_listing.feeds(db, team, FeedFilter(), limit=100, with_answers=False)
        )
        return page_body(rows, checking.of_rows(bench.studio, team, rows), following, ListedFeed)

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
    """Programs that call the running app: one at a time, many at once, and beside a recount."""
    bench.load("called", ROWS)
    _few_and_many(bench)
    for team in ("called", "few"):
        reconciliation.rebuild(bench.studio.database, team)
        bench.count(team)
    with _serving(bench) as app:
        key = api_keys.create_key(bench.studio, "called", "bench").text
        other = api_keys.create_key(bench.studio, "few", "bench").text
        for path, target in (("/healthz", 2.0), ("/api/v1/feeds?limit=1", 10.0)):
            one = asyncio.run(app.call(path, key, clients=1, seconds=1.0))
            yield Result("scale", f"GET {path.partition('?')[0]} on a kept connection", one.median_ms, "ms", target)
        for path, target in (("/api/v1/metrics", 100.0), ("/api/v1/feeds?limit=20", 400.0)):
            many = asyncio.run(app.call(path, key, clients=CLIENTS, seconds=CALLED_S))
            yield Result(
                "scale", f"{CLIENTS} clients, GET {path.partition('?')[0]}", many.a_second, "calls/s", target, "higher"
            )
        bench.sql("UPDATE studio_metric_states SET counted_as = '' WHERE tenant_id = 'few'")
        with ThreadPoolExecutor(1) as pool:
            # Both before and beside it, twenty programs ask for the figures of the other team.
            def beside() -> Called:
                return asyncio.run(app.call("/api/v1/metrics?first=2026-01-01&last=2026-12-31", other, clients=CALLERS,
                                            seconds=CALLED_S, pause_s=0.5))  # fmt: skip

            asking = pool.submit(beside)
            time.sleep(0.2)
            counting = asyncio.run(
                app.call("/api/v1/feeds?limit=20", key, clients=1, seconds=CALLED_S - 1, pause_s=0.05)
            )
            asked = asking.result()
            bench.count("few")
            asking = pool.submit(beside)
            time.sleep(0.2)
            quiet = asyncio.run(app.call("/api/v1/feeds?limit=20", key, clients=1, seconds=CALLED_S - 1, pause_s=0.05))
            asking.result()
        yield _row(f"another team's GET /feeds beside {CALLERS} callers, without and with a recount",
                   quiet.median_ms, counting.median_ms, 1.5)  # fmt: skip
        refused, asked_all = asked.statuses.get(503, 0), len(asked.took_ms)
        yield Result(
            "scale", f"of {asked_all} calls of the {CALLERS} during the recount, told to wait", refused, "calls"
        )
        yield from _ten_teams(bench, app)


def _ten_teams(bench: Bench, app: App) -> Iterator[Result]:
    """64 callers of ten teams: one team is counted again all the time, the nine others must not feel it."""
    teams = [*(f"of-{number}" for number in range(9)), "few"]
    bench.load("of", 9 * 500, teams=9)
    for team in teams[:9]:
        reconciliation.rebuild(bench.studio.database, team)
        bench.count(team)
    keys = {team: api_keys.create_key(bench.studio, team, "ten").text for team in teams}
    paths = ("/api/v1/feeds?limit=20", "/api/v1/metrics?first=2026-01-01&last=2026-12-31")

    async def called(seconds: float) -> dict[str, Called]:
        callers = [(teams[number % 10], paths[number // 10 % 2]) for number in range(CLIENTS)]
        got = await asyncio.gather(
            *(app.call(path, keys[team], clients=1, seconds=seconds, pause_s=0.5) for team, path in callers)
        )
        return {
            team: Called(
                [ms for of, (by, _) in zip(got, callers, strict=True) if by == team for ms in of.took_ms],
                {503: sum(of.statuses.get(503, 0) for of, (by, _) in zip(got, callers, strict=True) if by == team)},
                seconds,
                sum(of.false_503 for of, (by, _) in zip(got, callers, strict=True) if by == team),
            )
            for team in teams
        }

    def recount(until: float) -> None:
        while time.monotonic() < until:
            bench.sql("UPDATE studio_metric_states SET counted_as = '' WHERE tenant_id = 'few'")
            bench.count("few")

    quiet = asyncio.run(called(QUIET_S))
    with ThreadPoolExecutor(1) as pool:
        recounts = pool.submit(recount, time.monotonic() + LONG_S)
        busy = asyncio.run(called(LONG_S))
        recounts.result()
    slowest = max(teams[:9], key=lambda team: busy[team].median_ms / quiet[team].median_ms)
    what = f"{CLIENTS} callers of ten teams for {LONG_S:.0f} s, without and with a recount of one"
    yield _row(f"{what}: the slowest of the others", quiet[slowest].median_ms, busy[slowest].median_ms, 1.5)
    every = [
        statistics.quantiles([ms for team in teams[:9] for ms in of[team].took_ms], n=20)[-1] for of in (quiet, busy)
    ]
    yield _row(f"{what}: 95 of 100 calls of the others", every[0], every[1], 1.5)
    yield Result("scale", "calls of the others that got 503", sum(busy[team].statuses[503] for team in teams[:9]),
                 "calls", 0.0)  # fmt: skip
    yield Result("scale", "503 for another reason than the count", sum(of.false_503 for of in busy.values()),
                 "calls", 0.0)  # fmt: skip


@dataclass
class Called:
    """What some clients got, one call after another each."""

    took_ms: list[float]
    statuses: dict[int, int]
    seconds: float
    false_503: int = 0
    """Calls that got 503, but not because figures are being counted."""

    @property
    def median_ms(self) -> float:
        """The median of a call."""
        return statistics.median(self.took_ms)

    @property
    def a_second(self) -> float:
        """The calls of all clients in a second."""
        return len(self.took_ms) / self.seconds


@dataclass
class App:
    """The running app."""

    port: int

    async def call(self, path: str, key: str, *, clients: int, seconds: float, pause_s: float = 0.0) -> Called:
        """Call it again and again by so many kept connections. The client is as lean as can be: it shares the cores."""
        called = Called([], {}, seconds)
        end = time.perf_counter() + seconds
        await asyncio.gather(*(self._client(path, key, end, pause_s, called) for _ in range(clients)))
        return called

    async def _client(self, path: str, key: str, end: float, pause_s: float, called: Called) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
        while (begin := time.perf_counter()) < end:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            body = await reader.readexactly(int(length.partition(b":")[2]))
            called.took_ms.append((time.perf_counter() - begin) * 1000)
            status = int(head.split(b" ", 2)[1])
            if status not in (200, 503):
                raise RuntimeError(f"GET {path} is answered with {status}")
            called.statuses[status] = called.statuses.get(status, 0) + 1
            called.false_503 += status == 503 and b"figures_being_counted" not in body
            await asyncio.sleep(pause_s)
        writer.close()


@contextlib.contextmanager
def _serving(bench: Bench) -> Iterator[App]:
    """The app in a process of its own, on the same database and the same folder."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "FEED_STUDIO_DATA": str(bench.folder),
        "DATABASE_URL": database.app_url(bench.studio),
        "DATABASE_OWNER_URL": database.owner_url(bench.studio),
        "FEED_STUDIO_WORKERS": "0",
        "FEED_STUDIO_API_RATE": "1000000",
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + WITHIN_S
            while time.monotonic() < until:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
                    break
                time.sleep(0.2)
            yield App(port)
        finally:
            process.send_signal(signal.SIGINT)


PARTS: dict[str, Callable[[Bench], Iterator[Result]]] = {
    "teams": _teams,
    "first": _first,
    "young": _young,
    "values": _values,
    "depth": _depth,
    "picker": _picker,
    "answers": _answers,
    "callers": _callers,
}
