"""What other programs write, change and delete is in the figures at the next look, whoever else looks and writes."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from psycopg2.extras import Json
from sqlalchemy import create_engine, make_url, text

from lib.demo.model import DemoModel
from lib.domain import pricing
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.dimensions import OTHERS
from lib.domain.errors import FiguresBeingCounted, RateLimited, Refused
from lib.domain.feed_filter import FeedFilter
from lib.domain.latency_histogram import bin_of, merged, percentile
from lib.domain.periods import NO_DAY, Period
from lib.domain.totals import Sums
from lib.metrics import settings as metric_settings
from lib.store import feed_listing, migrations
from lib.store.database import Database
from lib.store.metrics import counting, queries
from lib.store.metrics.queries import SPENT_KINDS, Added, Grouping
from lib.store.metrics.settings import MetricSettings, Price
from lib.store.tables import Base
from lib.studio import Studio
from tests.conftest import InsertBySql, RunSql, Urls
from tests.support import generating

AT = dt.datetime(2026, 11, 3, 3, tzinfo=dt.UTC)  # noon in Seoul
NOVEMBER = Period(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
UNDATED = Period(NO_DAY, NO_DAY)
USAGE = {"prompt_tokens": 1_000, "completion_tokens": 100}
ALL = Grouping("all", NOVEMBER)
HISTOGRAM = Grouping("all", NOVEMBER, is_histogram=True)
BRIEF = Brief("acme", "", "따뜻하게", "밤 라떼", "", "짧게")


def of(db: Any, grouping: Grouping, tenant: str = "acme") -> Added:
    """What the rows of a tenant add up to, as they are counted."""
    [added] = queries.add_up(db, [tenant], [grouping])
    return added


@pytest.fixture
def row(insert_by_sql: InsertBySql) -> Any:
    """Inserts a row of November by plain SQL."""
    return lambda **told: insert_by_sql(
        **({"created_at": AT, "gpt_model_name": "gpt-5", "latency_ms": 1_000.0, "token_usage": USAGE} | told)
    )


@pytest.fixture
def spent(database: Database) -> Any:
    """What was spent in November in USD, as of now."""

    def spent() -> Any:
        with database.tenant("acme") as db:
            while counting.count(db, ["acme"]).left:
                pass
            return of(db, Grouping("spent", NOVEMBER, kinds=SPENT_KINDS)).total.cost_usd

    return spent


@pytest.fixture
def insert_attempt(as_owner: RunSql, row: Any) -> Any:
    """Inserts a request of 1,000 and 100 tokens to gpt-5 in November, and on demand the caption it brought."""

    def insert(outcome: Any, error_code: Any = None, with_feed: Any = False) -> Any:
        feed_id = row() if with_feed else None
        generation_id, attempt_id = uuid.uuid4(), uuid.uuid4()
        as_owner(
            "INSERT INTO studio_generations (tenant_id, generation_id, run_id, variant, source, fingerprint, brief,"
            " options, prompt_version, finished_at, outcome, instagram_feed_id)"
            " VALUES ('acme', %s, %s, 1, 'page', '', '{}', '{}', '1', now(), %s, %s)",
            str(generation_id), str(uuid.uuid4()), outcome, feed_id,
        )  # fmt: skip
        as_owner(
            "INSERT INTO studio_attempts (tenant_id, attempt_id, generation_id, number, request, outcome, error_code,"
            " model_name, token_usage, created_at) VALUES ('acme', %s, %s, 1, '{}', %s, %s, 'gpt-5', %s, %s)",
            str(attempt_id), str(generation_id), outcome, error_code, Json(USAGE), AT,
        )  # fmt: skip
        return feed_id

    return insert


@pytest.fixture
def look_by(database: Database) -> Any:
    """The sums of November by the plain values of a dimension, as they are now."""

    def look(dimension: Any, kind: Any = "feed", period: Any = NOVEMBER) -> Any:
        with database.tenant("acme") as db:
            while counting.count(db, ["acme"]).left:
                pass
            values = of(db, Grouping(dimension, period, kinds=(kind,))).by_value()
            return {value.plain: sums for value, sums in values.items()}

    return look


@pytest.fixture
def look(database: Database) -> Any:
    """The sums of November, as they are now."""

    def look(tenant: str = "acme") -> Any:
        with database.tenant(tenant) as db:
            while counting.count(db, [tenant]).left:
                pass
            return of(db, ALL, tenant).total

    return look


def test_a_row_is_counted_when_it_is_there_and_no_longer_when_it_is_gone(row: Any, look: Any, as_owner: RunSql) -> None:
    assert look() == Sums()
    first, last = row(), row(latency_ms=3_000.0)
    assert look().rows == 2
    assert look().cost_usd == Decimal("0.0045")  # twice 1000 x 1.25 + 100 x 10 millionths
    as_owner("DELETE FROM instagram_feeds WHERE instagram_feed_id = %s", last)
    assert (look().rows, look().latency_max_ms) == (1, 1_000.0)
    as_owner("DELETE FROM instagram_feeds WHERE instagram_feed_id = %s", first)
    assert look() == Sums()


def test_a_changed_row_is_counted_as_it_is_now(row: Any, look_by: Any, as_owner: RunSql) -> None:
    feed_id = row()
    row(gpt_model_name="o3", latency_ms=500.0)
    assert set(look_by("model")) == {"gpt-5", "o3"}
    as_owner(
        "UPDATE instagram_feeds SET gpt_model_name = NULL, latency_ms = 9, token_usage = NULL, "
        "created_at = '2026-11-30 14:59:59+00' WHERE instagram_feed_id = %s", feed_id
    )  # fmt: skip
    told = look_by("model")
    assert set(told) == {None, "o3"}
    assert (told[None].latency_min_ms, told[None].with_usage, told[None].with_cost) == (9.0, 0, 0)
    as_owner("UPDATE instagram_feeds SET created_at = '2026-11-30 15:00:00+00' WHERE instagram_feed_id = %s", feed_id)
    assert set(look_by("model")) == {"o3"}  # it is December in Seoul
    as_owner("UPDATE instagram_feeds SET created_at = NULL WHERE instagram_feed_id = %s", feed_id)
    assert set(look_by("model")) == {"o3"}


def test_the_shortest_and_the_longest_are_found_again_when_theirs_is_gone(
    row: Any, look: Any, look_by: Any, as_owner: RunSql
) -> None:
    ids = [row(latency_ms=float(ms)) for ms in (100, 200, 300, 400)]
    look()
    for feed_id in (ids[0], ids[3]):
        as_owner("DELETE FROM instagram_feeds WHERE instagram_feed_id = %s", feed_id)
    for told in (look(), *look_by("model").values(), *look_by("source").values()):
        assert (told.latency_min_ms, told.latency_max_ms, told.with_latency) == (200.0, 300.0, 2)


def test_what_nobody_is_left_of_has_neither_a_shortest_nor_a_longest(
    row: Any, look: Any, look_by: Any, as_owner: RunSql
) -> None:
    feed_id = row(latency_ms=1.0)
    row(latency_ms=700.0, created_at=AT + dt.timedelta(days=1), gpt_model_name="o3")
    look()
    as_owner("UPDATE instagram_feeds SET gpt_model_name = 'o3' WHERE instagram_feed_id = %s", feed_id)
    assert look_by("model")["o3"].latency_min_ms == 1.0
    as_owner("DELETE FROM instagram_feeds WHERE instagram_feed_id = %s", feed_id)
    assert look().latency_min_ms == look_by("model")["o3"].latency_min_ms == 700.0
    row(latency_ms=900.0)
    assert look_by("model")["gpt-5"].latency_min_ms == 900.0


@pytest.mark.parametrize("most", [1, 10])
@pytest.mark.parametrize(
    ("does", "left"),
    [
        ("DELETE FROM instagram_feeds WHERE instagram_feed_id = NEW.instagram_feed_id", {}),
        ("UPDATE instagram_feeds SET tenant_id = 'other' WHERE instagram_feed_id = NEW.instagram_feed_id", {}),
        (
            "UPDATE instagram_feeds SET created_at = '2026-11-20 12:00+09', latency_ms = 7 "
            "WHERE instagram_feed_id = NEW.instagram_feed_id",
            {dt.date(2026, 11, 20): 1},
        ),
    ],
)
def test_what_somebodys_own_trigger_does_to_a_new_row_is_counted(
    row: Any, look: Any, as_owner: RunSql, database: Database, does: Any, left: Any, most: Any
) -> None:
    as_owner(f"CREATE FUNCTION theirs() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {does}; RETURN NULL; END $$")
    as_owner("CREATE TRIGGER theirs AFTER INSERT ON instagram_feeds FOR EACH ROW EXECUTE FUNCTION theirs()")
    look()
    row()
    with database.tenant("acme") as db:
        while counting.count(db, ["acme"], most=most).left:
            pass
        told = of(db, Grouping("all", NOVEMBER, "day")).by_bucket()
    assert {bucket.starts_on: sums.rows for bucket, sums in told.items()} == left


@pytest.mark.parametrize("instant", ["'294276-12-31 23:00+00'", "'infinity'", "'4713-01-01 00:00+00 BC'", "NULL"])
def test_an_instant_beyond_every_calendar_is_no_day(
    row: Any, look: Any, as_owner: RunSql, database: Database, instant: Any
) -> None:
    feed_id = row()
    look()
    as_owner(f"UPDATE instagram_feeds SET created_at = {instant} WHERE instagram_feed_id = %s", feed_id)
    assert look() == Sums()
    with database.tenant("acme") as db:
        assert of(db, Grouping("all", UNDATED)).total.rows == 1


def test_a_change_that_no_figure_tells_waits_for_nobody(row: Any, look: Any, as_owner: RunSql) -> None:
    feed_id = row()
    look()
    as_owner("UPDATE instagram_feeds SET instagram_ad_copy = 'x', hashtags = '' WHERE instagram_feed_id = %s", feed_id)
    assert as_owner("SELECT count(*) FROM studio_metric_changes") == [(0,)]


def test_a_row_that_changes_hands_leaves_one_tenant_for_the_other(row: Any, look: Any, as_owner: RunSql) -> None:
    feed_id = row()
    assert look().rows == 1
    as_owner("UPDATE instagram_feeds SET tenant_id = 'other' WHERE instagram_feed_id = %s", feed_id)
    assert look() == Sums()
    assert look(tenant="other").rows == 1


def test_an_emptied_table_has_no_figures(row: Any, look: Any, as_owner: RunSql) -> None:
    row()
    look()
    as_owner("TRUNCATE instagram_feeds")
    assert look() == Sums()
    row()
    assert look().rows == 1


def test_rows_that_were_there_before_the_counting_are_counted(row: Any, look: Any, as_owner: RunSql) -> None:
    as_owner("ALTER TABLE instagram_feeds DISABLE TRIGGER studio_count_insert")
    row()
    assert look().rows == 1


def test_what_is_a_chunk_at_a_time_comes_to_the_whole(row: Any, database: Database) -> None:
    for _ in range(5):
        row()
    with database.tenant("acme") as db:
        left = [counting.count(db, ["acme"], most=2).left for _ in range(5)]
        assert left == [5, 3, 1, 0, 0]
        assert of(db, ALL).total.rows == 5


def test_counting_ends_while_others_go_on_writing(row: Any, database: Database) -> None:
    for _ in range(5):
        row()
    left, progress = list[int](), None
    while progress is None or progress.left:
        with database.tenant("acme") as db:
            progress = counting.count(db, ["acme"], progress, 2)
        left.append(progress.left)
        row()
        row()
    assert left == [5, 3, 1, 0]


def test_several_tenants_are_counted_by_the_same_statements_each_in_its_zone_and_at_its_prices(
    row: Any, database: Database, studio: Studio, look: Any
) -> None:
    teams = [f"team-{number}" for number in range(12)]
    for tenant in teams:
        row(tenant_id=tenant, gpt_model_name="our-own-llama", created_at=dt.datetime(2026, 11, 3, 22, tzinfo=dt.UTC))
    metric_settings.save_settings(studio, "team-1", MetricSettings(time_zone="America/New_York"))
    metric_settings.set_price(
        studio, "team-2", Price("our-own-llama", dt.date(2026, 1, 1), Decimal(1), Decimal(1), Decimal(1))
    )
    progress, statements = None, 0
    while progress is None or progress.left:
        with database.tenants(teams) as db:
            progress = counting.count(db, teams, progress)
            statements += 1
    assert statements == 2, "all are queued, then all are counted"
    with database.tenants(teams) as db:
        assert all(state.is_current for state in counting.states(db, teams))
        [by_team, by_day] = queries.add_up(
            db, teams, [Grouping("tenant", NOVEMBER, most=10), Grouping("all", NOVEMBER, "day")]
        )
    assert {value.plain: sums.rows for value, sums in by_team.by_value().items() if value == OTHERS} == {"": 2}
    assert {bucket.starts_on.day: sums.rows for bucket, sums in by_day.by_bucket().items()} == {3: 1, 4: 11}
    assert [look(tenant).with_cost for tenant in teams[:4]] == [0, 0, 1, 0]


def test_who_finds_a_tenant_being_counted_is_told_at_once(row: Any, database: Database) -> None:
    row()
    row(tenant_id="other")
    with database.tenant("acme") as db:
        counting.count(db, ["acme"])
        with database.tenants(["acme", "other"]) as elsewhere:
            with pytest.raises(FiguresBeingCounted):
                counting.count(elsewhere, ["acme"])
            assert counting.count(elsewhere, ["acme", "other"]).again == ("acme",), "the other one is queued"


def test_a_usage_in_the_raw_answer_alone_is_counted(row: Any, look: Any) -> None:
    raw = {"model": "gpt-5", "usage": {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100}}
    responses = {"usage": {"input_tokens": 1_000, "output_tokens": 100, "input_tokens_details": {"cached_tokens": 800}}}
    row(token_usage=None, gpt_response_raw=raw)
    row(token_usage={}, gpt_response_raw=responses)
    row(token_usage=USAGE | {"total_tokens": 4_300})  # contradicts itself
    told = look()
    assert (told.with_usage, told.without_usage, told.cached_tokens) == (2, 1, 800)
    assert told.cost_usd == Decimal("0.00225") + Decimal("0.00135")


def test_a_new_row_that_is_changed_before_anybody_looks_is_counted_as_it_is_then(
    row: Any, look_by: Any, as_owner: RunSql
) -> None:
    changed, gone = row(latency_ms=1.0), row(latency_ms=2.0)
    as_owner("UPDATE instagram_feeds SET latency_ms = 7, gpt_model_name = 'o3' WHERE instagram_feed_id = %s", changed)
    as_owner("DELETE FROM instagram_feeds WHERE instagram_feed_id = %s", gone)
    [told] = look_by("model").values()
    assert (told.rows, told.latency_min_ms, told.latency_max_ms) == (1, 7.0, 7.0)
    assert set(look_by("model")) == {"o3"}


@pytest.mark.parametrize("most", [1, 10])
def test_a_row_that_comes_again_under_its_id_is_counted_once(
    row: Any, look: Any, as_owner: RunSql, database: Database, most: Any
) -> None:
    feed_id = row(latency_ms=1.0)
    look()
    as_owner("DELETE FROM instagram_feeds WHERE instagram_feed_id = %s", feed_id)
    row(instagram_feed_id=feed_id, latency_ms=2.0)
    with database.tenant("acme") as db:
        while counting.count(db, ["acme"], most=most).left:
            pass
    told = look()
    assert (told.rows, told.latency_min_ms, told.latency_max_ms) == (1, 2.0, 2.0)


def test_what_was_counted_before_its_row_is_told_to_be_new_is_counted_once(
    look: Any, database: Database, database_urls: Urls
) -> None:
    look()  # or all would be counted from the beginning
    feed_id = uuid.uuid4()
    url = make_url(database_urls.owner).set(drivername="postgresql")
    with contextlib.closing(psycopg2.connect(url.render_as_string(hide_password=False))) as db, db.cursor() as cursor:
        told = (str(feed_id),)
        cursor.execute(
            "INSERT INTO studio_feed_states (tenant_id, feed_id, status) VALUES ('acme', %s, 'approved')", told
        )
        cursor.execute(
            "INSERT INTO instagram_feeds (instagram_feed_id, tenant_id, refined_ad_copy_eng, tone_style,"
            " product_description, store_information, gpt_prompt, instagram_ad_copy, hashtags, created_at)"
            " VALUES (%s, 'acme', '', '', '', '', '', '', '', '2026-11-03 03:00+00')",
            told,
        )
        db.commit()
    with database.tenant("acme") as own:  # a change at a time, the state's first, which finds the row there
        assert counting.count(own, ["acme"], most=1).left == 1
        assert counting.count(own, ["acme"], most=1).left == 0
    assert (look().rows, look().approved) == (1, 1)


@pytest.mark.parametrize("most", [1, 2, 3, 10])
@pytest.mark.parametrize("gone", [True, False])
def test_a_row_that_moves_to_another_day_leaves_the_one_it_was_counted_on(
    row: Any, look: Any, as_owner: RunSql, database: Database, most: Any, gone: Any
) -> None:
    feed_id = row()
    look()
    as_owner("INSERT INTO studio_feed_states (tenant_id, feed_id, status) VALUES ('acme', %s, 'posted')", feed_id)
    for moved in ("'2026-11-20 12:00+09'", "NULL", "'2026-11-07 12:00+09'", "'9999-01-01'", "'2026-11-09 12:00+09'"):
        as_owner(f"UPDATE instagram_feeds SET created_at = {moved} WHERE instagram_feed_id = %s", feed_id)
    if gone:
        as_owner("DELETE FROM instagram_feeds WHERE instagram_feed_id = %s", feed_id)
    with database.tenant("acme") as db:
        while counting.count(db, ["acme"], most=most).left:
            pass
        told = of(db, Grouping("all", NOVEMBER, "day")).by_bucket()
        assert of(db, Grouping("all", UNDATED)).total.rows == 0
    assert {bucket.starts_on: sums.rows for bucket, sums in told.items()} == ({} if gone else {dt.date(2026, 11, 9): 1})
    kind = "deleted" if gone else "feed"  # what was spent on it
    assert as_owner("SELECT kind, count(*) FROM studio_metric_facts GROUP BY kind") == [(kind, 1)]


@pytest.mark.parametrize("again_at", [AT, AT + dt.timedelta(days=3), None])
@pytest.mark.parametrize("is_counted_between", [True, False])
def test_a_caption_that_is_inserted_again_under_its_id_was_paid_once(
    row: Any, look: Any, spent: Any, as_owner: RunSql, again_at: Any, is_counted_between: bool
) -> None:
    feed_id = row()
    once = spent()
    as_owner("DELETE FROM instagram_feeds WHERE instagram_feed_id = %s", feed_id)
    if is_counted_between:
        assert (look().rows, spent()) == (0, once)
    row(instagram_feed_id=feed_id, created_at=again_at)
    assert (look().rows, spent()) == ((1, once) if again_at else (0, 0))
    as_owner("DELETE FROM instagram_feeds WHERE instagram_feed_id = %s", feed_id)
    assert (look().rows, spent()) == (0, once if again_at else 0)


def test_a_caption_that_came_and_went_between_two_looks_was_paid_once(
    row: Any, look: Any, spent: Any, as_owner: RunSql
) -> None:
    assert spent() == 0
    feed_id = row()
    for _ in range(2):
        as_owner("DELETE FROM instagram_feeds WHERE instagram_feed_id = %s", feed_id)
        row(instagram_feed_id=feed_id)
    as_owner("DELETE FROM instagram_feeds WHERE instagram_feed_id = %s", feed_id)
    assert (look().rows, spent()) == (0, Decimal("0.00225"))
    row(instagram_feed_id=feed_id)
    assert (look().rows, spent()) == (1, Decimal("0.00225"))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["insert", "delete", "move", "look", "look", "anew"]), st.integers(0, 2), st.integers(0, 20)
    ),
    min_size=1,
    max_size=16,
)


@example([("insert", 0, 3), ("look", 0, 0), ("delete", 0, 0), ("look", 0, 0), ("insert", 0, 5), ("anew", 0, 0)], 9)
@given(steps=STEPS, most=st.integers(1, 9))
@settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate)
)
def test_each_caption_is_spent_once_whenever_it_comes_goes_and_is_counted(
    row: Any, database: Database, as_owner: RunSql, steps: Any, most: Any
) -> None:
    tenant, ids = uuid.uuid4().hex, [uuid.uuid4() for _ in range(3)]
    standing: set[uuid.UUID] = set()
    paid: set[uuid.UUID] = set()

    def look() -> None:
        with database.tenant(tenant) as db:
            while counting.count(db, [tenant], most=most).left:
                pass
            sums = [of(db, each, tenant).total for each in (ALL, Grouping("spent", NOVEMBER, kinds=SPENT_KINDS))]
        assert [each.rows for each in sums] == [len(standing), len(paid)]
        assert [each.cost_usd for each in sums] == [len(each) * Decimal("0.00225") for each in (standing, paid)]

    for step, number, day in steps:
        feed_id, at = ids[number], dt.datetime(2026, 11, 1 + day, 3, tzinfo=dt.UTC)
        if step == "look":
            look()
        elif step == "anew":  # another zone or price makes every row be counted again
            as_owner("UPDATE studio_metric_states SET counted_as = '' WHERE tenant_id = %s", tenant)
        elif step == "insert" and feed_id not in standing:
            row(tenant_id=tenant, instagram_feed_id=feed_id, created_at=at)
            standing.add(feed_id)
            paid.add(feed_id)
        elif step == "move":
            as_owner("UPDATE instagram_feeds SET created_at = %s WHERE instagram_feed_id = %s", at, feed_id)
        elif step == "delete":
            as_owner("DELETE FROM instagram_feeds WHERE instagram_feed_id = %s", feed_id)
            standing.discard(feed_id)
    look()


def test_weeks_and_months_tell_the_same_latencies_as_their_days(
    row: Any, look: Any, database: Database, as_owner: RunSql
) -> None:
    ids = [row(created_at=AT + dt.timedelta(days=day), latency_ms=100.0 * (1 + day % 7)) for day in range(-40, 40)]
    look()
    for feed_id in ids[::5]:
        as_owner("DELETE FROM instagram_feeds WHERE instagram_feed_id = %s", feed_id)
    look()
    for first, last in [(-40, 39), (-17, 3), (0, 0), (-3, 30)]:
        day = AT.date()
        period = Period(day + dt.timedelta(days=first), day + dt.timedelta(days=last))
        with database.tenant("acme") as db:
            units: tuple[Any, ...] = (None, "day", "week", "month", "year")
            groupings = [Grouping("all", period, unit, is_histogram=True) for unit in units]
            told = [merged(added.histograms.values()) for added in queries.add_up(db, ["acme"], groupings)]
        left = [100.0 * (1 + n % 7) for n in range(first, last + 1) if (n + 40) % 5]
        assert told == [Counter(map(bin_of, left))] * 5


def test_a_look_while_nothing_changes_says_so(row: Any, look: Any, database: Database) -> None:
    row()
    look()
    with database.tenant("acme") as db:
        [before] = counting.states(db, ["acme"])
        assert before.is_current
        assert counting.states(db, ["acme"])[0].version == before.version
    row()
    with database.tenant("acme") as db:
        assert not counting.states(db, ["acme"])[0].is_current
    look()
    with database.tenant("acme") as db:
        [after] = counting.states(db, ["acme"])
        assert (after.is_current, after.version > before.version) == (True, True)


def test_another_zone_cuts_the_days_anew(row: Any, look: Any, studio: Studio) -> None:
    row(created_at=dt.datetime(2026, 10, 31, 15, 30, tzinfo=dt.UTC))  # the first of November in Seoul
    assert look().rows == 1
    metric_settings.save_settings(studio, "acme", MetricSettings(time_zone="Europe/Berlin"))
    assert look() == Sums()


def test_an_own_price_holds_from_its_day_on_and_can_be_taken_back(row: Any, look: Any, studio: Studio) -> None:
    model = "our-own-llama"
    row(gpt_model_name=model, created_at=dt.datetime(2026, 11, 9, 14, 59, 59, tzinfo=dt.UTC))
    row(gpt_model_name=model, created_at=dt.datetime(2026, 11, 9, 15, tzinfo=dt.UTC))  # the tenth in Seoul
    assert (look().with_cost, look().without_price) == (0, 2)
    price = Price(model, dt.date(2026, 11, 10), Decimal(2), Decimal("0.5"), Decimal(4))
    metric_settings.set_price(studio, "acme", price)
    assert (look().with_cost, look().cost_usd) == (1, Decimal("0.0024"))  # 1000 x 2 + 100 x 4 millionths
    metric_settings.set_price(studio, "acme", Price(model, dt.date(2026, 11, 10), Decimal(3), Decimal(1), Decimal(4)))
    assert look().cost_usd == Decimal("0.0034")
    metric_settings.delete_price(studio, "acme", model, dt.date(2026, 11, 10))
    assert (look().with_cost, look().cost_usd) == (0, 0)


def test_a_price_set_while_somebody_counts_holds_all_the_same(
    row: Any, look: Any, studio: Studio, database: Database
) -> None:
    look()
    row(gpt_model_name="our-own-llama")
    price = Price("our-own-llama", dt.date(2026, 11, 1), Decimal(1), Decimal(1), Decimal(1))
    with ThreadPoolExecutor(1) as threads:
        with database.tenant("acme") as db:
            counting.count(db, ["acme"])  # unpriced, and not committed yet
            setting = threads.submit(metric_settings.set_price, studio, "acme", price)
            assert not wait([setting], timeout=0.5).done
        setting.result()
    assert look().with_cost == 1


def test_other_rules_of_a_zone_cut_the_days_anew(row: Any, look: Any, as_owner: RunSql, database: Database) -> None:
    row()
    look()
    as_owner("UPDATE studio_metric_states SET counted_as = replace(counted_as, 'Asia/Seoul ', 'Asia/Seoul 0')")
    with database.tenant("acme") as db:
        assert not counting.states(db, ["acme"])[0].is_current
    assert look().rows == 1


def test_other_prices_of_the_library_are_counted_anew(row: Any, look: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row()
    before = look()
    monkeypatch.setattr(pricing, "edition", lambda: "of next year")
    assert look() == before


def test_a_caption_is_kept_once_it_is_approved(row: Any, look: Any, as_owner: RunSql) -> None:
    feed_id = row()
    assert look().approved == 0
    as_owner("INSERT INTO studio_feed_states (tenant_id, feed_id, status) VALUES ('acme', %s, 'approved')", feed_id)
    assert (look().approved, look().cost_per_approved(look().cost)) == (1, Decimal("0.00225"))
    as_owner("UPDATE studio_feed_states SET status = 'archived'")
    assert look().approved == 0


def test_our_own_captions_tell_their_source_and_prompt_version_and_our_requests_how_they_ended(
    look_by: Any, studio: Studio, demo: DemoModel
) -> None:
    now = dt.datetime.now(dt.UTC)
    around = Period(now.date() - dt.timedelta(days=2), now.date() + dt.timedelta(days=2))
    generating.write(studio, BRIEF, GenerationOptions("demo"), source="api")
    demo.behaviours.append("refused")
    with pytest.raises(Refused):
        generating.write(studio, BRIEF, GenerationOptions("demo"), source="page")
    for _ in range(3):
        demo.behaviours.append("rate_limited_long")
        with pytest.raises(RateLimited):
            generating.write(studio, BRIEF, GenerationOptions("demo"), source="page")
    assert set(look_by("source", period=around)) == {"api"}
    assert None not in look_by("prompt", period=around)
    ends = {value: sums.rows for value, sums in look_by("outcome", "attempt", period=around).items()}
    # A model that asks to wait is not asked again meanwhile.
    assert ends == {"written": 1, "refused": 1, "failed:rate_limited": 1, "not_sent": 2}
    assert {value: sums.rows for value, sums in look_by("source", "attempt", period=around).items()} == {
        "api": 1, "page": 4}  # fmt: skip


def test_what_an_earlier_release_counted_is_counted_and_found_after_an_update(
    empty_database_urls: Urls, sql_as: RunSql
) -> None:
    long = "차분하게 " * 30
    database = Database(empty_database_urls.app, empty_database_urls.owner)
    engine = create_engine(empty_database_urls.owner)
    with engine.begin() as db:
        migrations.upgrade(db, "0005")
    engine.dispose()
    sql_as(
        empty_database_urls.owner,
        "INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description,"
        " store_information, gpt_prompt, instagram_ad_copy, hashtags, latency_ms, created_at)"
        " SELECT 'acme', '', %s, '', '', '', '', '', 5, '2026-11-03 03:00+00' FROM generate_series(1, 3)",
        long,
    )
    database.migrate()
    with contextlib.closing(database), database.tenant("acme") as db:
        while counting.count(db, ["acme"]).left:
            pass
        assert of(db, ALL).total.rows == 3
        assert sum(of(db, HISTOGRAM).histogram.values()) == 3
        assert feed_listing.count(db, "acme", FeedFilter(tone=long)) == 3


def test_what_was_spent_is_what_was_asked_for(
    spent: Any, row: Any, studio: Studio, demo: DemoModel, as_owner: RunSql, insert_attempt: Any
) -> None:
    row()  # of the pipeline
    assert spent() == Decimal("0.00225")
    feed = insert_attempt(outcome="written", with_feed=True)
    insert_attempt(outcome="failed", error_code="refused")
    insert_attempt(outcome="needs_fixing")
    assert spent() == 4 * Decimal("0.00225")  # the caption of a request is not spent twice
    as_owner("DELETE FROM studio_generations WHERE instagram_feed_id = %s", feed)  # and with it its requests
    as_owner("DELETE FROM instagram_feeds")
    assert spent() == 4 * Decimal("0.00225")
    metric_settings.save_settings(studio, "acme", MetricSettings(time_zone="Europe/Berlin"))
    assert spent() == 4 * Decimal("0.00225")  # counted anew
    metric_settings.set_price(studio, "acme", Price("gpt-5", dt.date(2026, 1, 1), Decimal(0), Decimal(0), Decimal(10)))
    assert spent() == 4 * Decimal("0.001")


def test_a_row_that_moves_to_another_team_is_not_spent_twice(spent: Any, row: Any, as_owner: RunSql) -> None:
    feed_id = row()
    assert spent() == Decimal("0.00225")
    as_owner("UPDATE instagram_feeds SET tenant_id = 'other' WHERE instagram_feed_id = %s", feed_id)
    assert spent() == 0


def test_eight_who_write_and_two_who_look_never_wait_for_each_other_for_good(
    database: Database, database_urls: Urls, look: Any
) -> None:
    """Each writer changes and deletes rows of its own, several a statement, for two tenants in opposite orders."""
    url = make_url(database_urls.owner).set(drivername="postgresql").render_as_string(hide_password=False)
    insert = (
        "INSERT INTO instagram_feeds (instagram_feed_id, tenant_id, refined_ad_copy_eng, tone_style, "
        "product_description, store_information, gpt_prompt, instagram_ad_copy, hashtags, latency_ms, created_at) "
        "SELECT gen_random_uuid(), tenant, '', 't', '', '', '', '', '', 1 + %s, %s FROM unnest(%s::text[]) AS tenant"
    )
    done = threading.Event()

    def write(number: int) -> None:
        tenants = ["acme", "other"] * 2 if number % 2 else ["other", "acme"] * 2
        with psycopg2.connect(url) as db, db.cursor() as cursor:
            for step in range(12):
                cursor.execute(insert, (number, AT, tenants))
                cursor.execute(
                    "UPDATE instagram_feeds SET latency_ms = latency_ms + 10 WHERE latency_ms = 1 + %s", (number,)
                )
                if step % 3 == 2:
                    cursor.execute(
                        "DELETE FROM instagram_feeds WHERE instagram_feed_id IN "
                        "(SELECT instagram_feed_id FROM instagram_feeds WHERE latency_ms = 11 + %s LIMIT 2)", (number,)
                    )  # fmt: skip
                db.commit()
        db.close()

    def watch(tenant: str) -> int:
        looks = 0
        while not done.is_set() or not looks:
            look(tenant=tenant)
            looks += 1
        return looks

    with ThreadPoolExecutor(10) as threads:
        watchers = [threads.submit(watch, tenant) for tenant in ("acme", "other")]
        list(threads.map(write, range(8)))
        done.set()
        assert all(watcher.result() for watcher in watchers)
    for tenant in ("acme", "other"):
        with database.tenant(tenant) as db:
            plain = db.exec_driver_sql(
                "SELECT count(*), min(latency_ms), max(latency_ms), sum(latency_ms) FROM instagram_feeds "
                "WHERE tenant_id = %s", (tenant,)
            ).one()  # fmt: skip
        told = look(tenant=tenant)
        assert (told.rows, told.latency_min_ms, told.latency_max_ms, float(told.latency_sum_ms)) == tuple(plain)


def test_behind_walls_everybody_writes_and_each_sees_their_own(
    database: Database, as_owner: RunSql, look: Any, row: Any
) -> None:
    own = "tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), ''))"
    for table in (one.name for one in Base.metadata.sorted_tables if "tenant_id" in one.c and one.name != "jobs"):
        as_owner(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        as_owner(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        as_owner(f"CREATE POLICY own ON {table} USING ({own}) WITH CHECK ({own})")
    with database.tenant("acme") as db:
        for _ in range(3):
            db.exec_driver_sql(
                "INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description, "
                "store_information, gpt_prompt, instagram_ad_copy, hashtags, created_at, latency_ms) "
                "VALUES ('acme', '', '', '', '', '', '', '', %s, 5)", (AT,)
            )  # fmt: skip
        assert db.exec_driver_sql("SELECT current_setting('app.tenant_id')").scalar() == "acme"
    assert look().rows == 3
    assert look(tenant="other") == Sums()
    with database.tenant("other") as db:
        assert of(db, ALL).total == Sums()
        for table in ("changes", "facts", "cells", "latencies", "states", "tariffs"):
            assert (
                db.exec_driver_sql(f"SELECT count(*) FROM studio_metric_{table} WHERE tenant_id = 'acme'").scalar() == 0
            )
    with database.tenant("acme") as db:
        db.exec_driver_sql("UPDATE instagram_feeds SET latency_ms = 7")
        db.exec_driver_sql(
            "DELETE FROM instagram_feeds WHERE instagram_feed_id IN "
            "(SELECT instagram_feed_id FROM instagram_feeds LIMIT 1)"
        )
    assert (look().rows, look().latency_min_ms) == (2, 7.0)


def test_a_percentile_of_few_is_within_one_percent(row: Any, look: Any, database: Database) -> None:
    for ms in (120.0, 480.0, 2_000.0, 2_100.0, 31_000.0):
        row(latency_ms=ms)
    look()
    with database.tenant("acme") as db:
        histogram = of(db, HISTOGRAM).histogram
    assert percentile(histogram, 0.5) == pytest.approx(2_000, rel=0.01)
    assert percentile(histogram, 0.95) == pytest.approx(2_100 + 0.8 * 28_900, rel=0.01)


def test_the_counting_statement_looks_nothing_up_by_what_a_function_makes_of_a_row(database: Database) -> None:
    """Behind row-level security, no index is asked for that: the look-up would read every row of the team."""
    statement = Path(counting.__file__).with_name("count.sql").read_text(encoding="utf-8")
    params = {
        "tenants": ["acme"], "zones": ["Asia/Seoul"], "newest": [9], "most": 9, "edges": [1.0, 2.0],
        "first": pricing.ALWAYS, "last": pricing.FOREVER, "undated": NO_DAY, "trust_new": True, "free": [""],
    }  # fmt: skip
    with database.tenant("acme") as db:
        db.execute(text("SET LOCAL enable_seqscan = off"))
        plan = list(db.scalars(text("EXPLAIN " + statement), params))
    filters = [line for line in plan if line.strip().startswith(("Filter:", "Recheck Cond:"))]
    made_of_a_row = re.compile(r"\b(model|tier|row_id|day|kind|\w+_id) = \(?\w+\(")
    assert len(plan) > 100
    assert [line for line in filters if "tenant_id" in line and made_of_a_row.search(line)] == []
