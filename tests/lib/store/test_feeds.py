"""The queries of the specification, on rows that this app did not write."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import fields
from typing import Any

import pytest

from lib.domain.brief import Brief
from lib.domain.errors import FeedChanged, FeedNotFound, FeedRefused
from lib.store import feeds
from lib.store.database import Database
from lib.store.feeds import Feed, LatencyStatistics
from lib.store.tables import InstagramFeed
from tests.conftest import InsertBySql, RunSql

BRIEF = Brief(
    tenant_id="acme",
    refined_ad_copy_eng="Autumn in a cup",
    tone_style="따뜻하게",
    product_description="밤 라떼",
    store_information="서울 성수동",
    gpt_prompt="짧게 써 주세요",
)
OCTOBER = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)


def ids(found: Any) -> Any:
    return [feed.instagram_feed_id for feed in found]


@pytest.fixture
def job(as_owner: RunSql) -> Any:
    return uuid.UUID(as_owner("INSERT INTO jobs (tenant_id) VALUES ('acme') RETURNING job_id")[0][0])


@pytest.fixture
def overlay(as_owner: RunSql) -> Any:
    return uuid.UUID(as_owner("INSERT INTO overlay_layouts DEFAULT VALUES RETURNING overlay_id")[0][0])


def test_a_feed_has_a_field_for_each_column() -> None:
    assert [one.name for one in fields(Feed)] == InstagramFeed.__table__.columns.keys()


def test_what_is_added_is_what_is_read_back(database: Database, job: Any, overlay: Any) -> None:
    feed_id = uuid.uuid4()
    with database.tenant("acme") as db:
        added = feeds.add(
            db,
            "acme",
            feed_id,
            BRIEF.inputs(),
            instagram_ad_copy="밤이 익는 계절 🌰\n\n한 잔의 가을",
            hashtags="#밤라떼 #성수동카페",
            job_id=job,
            overlay_id=overlay,
            gpt_model_name="demo",
            gpt_max_tokens=4000,
            gpt_temperature=0.7,
            gpt_prompt_used="system: …",
            gpt_response_raw={"choices": [{"message": {"content": "100% 밤"}}]},
            latency_ms=812.5,
            token_usage={"total_tokens": 300},
        )
    with database.tenant("acme") as db:
        assert feeds.get(db, "acme", feed_id) == added
    assert added.instagram_feed_id == feed_id
    assert added.pk == 1
    assert added.created_at == added.updated_at
    assert added.created_at
    assert added.created_at.utcoffset() == dt.timedelta(0)


def test_what_is_not_known_is_null(database: Database, as_owner: RunSql) -> None:
    with database.tenant("acme") as db:
        feeds.add(db, "acme", uuid.uuid4(), BRIEF.inputs(), instagram_ad_copy="글", hashtags="")
    assert as_owner(
        "SELECT num_nulls(job_id, overlay_id, gpt_model_name, gpt_max_tokens, gpt_temperature, gpt_prompt_used,"
        " gpt_response_raw, latency_ms, token_usage) FROM instagram_feeds"
    ) == [(9,)]


def test_the_same_feed_is_not_stored_twice(database: Database) -> None:
    feed_id = uuid.uuid4()
    with database.tenant("acme") as db:
        feeds.add(db, "acme", feed_id, BRIEF.inputs(), instagram_ad_copy="글", hashtags="")
    with pytest.raises(FeedRefused), database.tenant("acme") as db:
        feeds.add(db, "acme", feed_id, BRIEF.inputs(), instagram_ad_copy="다른 글", hashtags="")
    with database.tenant("acme") as db:
        assert feeds.get(db, "acme", feed_id).instagram_ad_copy == "글"


def test_a_row_with_the_least_and_oddest_that_others_may_write_is_read(
    database: Database, insert_by_sql: InsertBySql
) -> None:
    feed_id = insert_by_sql(created_at=None, updated_at=None, pk=None, gpt_response_raw=[1], token_usage={"a": None})
    with database.tenant("acme") as db:
        feed = feeds.get(db, "acme", feed_id)
    assert (feed.created_at, feed.updated_at, feed.pk) == (None, None, None)
    assert (feed.gpt_response_raw, feed.token_usage) == ([1], {"a": None})


def test_a_job_has_its_feeds_newest_first(database: Database, insert_by_sql: InsertBySql, job: Any) -> None:
    old, new, middle = (insert_by_sql(job_id=job, created_at=OCTOBER + dt.timedelta(days=day)) for day in (0, 2, 1))
    insert_by_sql(), insert_by_sql(job_id=job, tenant_id="other")
    with database.tenant("acme") as db:
        assert ids(feeds.by_job(db, "acme", job)) == [new, middle, old]
        assert feeds.by_job(db, "acme", uuid.uuid4()) == []


def test_a_tenant_has_its_feeds_newest_first_and_ten_unless_told(
    database: Database, insert_by_sql: InsertBySql
) -> None:
    rows = [insert_by_sql(created_at=OCTOBER + dt.timedelta(minutes=n)) for n in range(12)]
    insert_by_sql(tenant_id="other")
    with database.tenant("acme") as db:
        assert ids(feeds.newest(db, "acme")) == rows[:1:-1]
        assert ids(feeds.newest(db, "acme", limit=2)) == [rows[11], rows[10]]


def test_feeds_of_one_instant_have_one_order(database: Database, insert_by_sql: InsertBySql) -> None:
    rows = sorted((insert_by_sql(created_at=OCTOBER) for _ in range(5)), reverse=True)
    with database.tenant("acme") as db:
        assert ids(feeds.newest(db, "acme")) == rows


def test_an_overlay_has_its_feeds(database: Database, insert_by_sql: InsertBySql, overlay: Any) -> None:
    mine = insert_by_sql(overlay_id=overlay)
    insert_by_sql(), insert_by_sql(overlay_id=overlay, tenant_id="other")
    with database.tenant("acme") as db:
        assert ids(feeds.by_overlay(db, "acme", overlay)) == [mine]


def test_latency_statistics_are_those_of_the_specification_over_seven_days(
    database: Database, insert_by_sql: InsertBySql
) -> None:
    now = dt.datetime.now(dt.UTC)
    for latency in (100.0, 200.0, 600.0):
        insert_by_sql(latency_ms=latency, created_at=now - dt.timedelta(days=6))
    insert_by_sql()  # counted, but without a latency
    insert_by_sql(latency_ms=9000.0, created_at=now - dt.timedelta(days=8))
    insert_by_sql(latency_ms=9000.0, tenant_id="other")
    with database.tenant("acme") as db:
        assert feeds.latency_statistics(db, "acme") == LatencyStatistics(300.0, 100.0, 600.0, 4)
        assert feeds.latency_statistics(db, "acme", days=30).max_ms == 9000.0
        assert feeds.latency_statistics(db, "nobody") == LatencyStatistics(None, None, None, 0)


def test_an_edit_changes_the_texts_and_nothing_else(database: Database, insert_by_sql: InsertBySql) -> None:
    feed_id = insert_by_sql(latency_ms=5.0)
    with database.tenant("acme") as db:
        before = feeds.get(db, "acme", feed_id)
        after = feeds.edit(db, "acme", feed_id, instagram_ad_copy="새 글", hashtags="#새", seen=before.updated_at)
        assert after == feeds.get(db, "acme", feed_id)
    changed = {one.name for one in fields(Feed) if getattr(before, one.name) != getattr(after, one.name)}
    assert changed == {"instagram_ad_copy", "hashtags", "updated_at"}
    assert after.updated_at
    assert before.updated_at
    assert after.updated_at > before.updated_at


def test_an_edit_of_what_somebody_else_changed_meanwhile_is_refused(
    database: Database, insert_by_sql: InsertBySql, as_owner: RunSql
) -> None:
    feed_id = insert_by_sql()
    with database.tenant("acme") as db:
        seen = feeds.get(db, "acme", feed_id).updated_at
    as_owner("UPDATE instagram_feeds SET hashtags = '#다른사람'")
    with pytest.raises(FeedChanged), database.tenant("acme") as db:
        feeds.edit(db, "acme", feed_id, instagram_ad_copy="내 글", hashtags="#나", seen=seen)
    with database.tenant("acme") as db:
        assert feeds.get(db, "acme", feed_id).hashtags == "#다른사람"


def test_two_edits_in_one_transaction_are_two_edits(database: Database, insert_by_sql: InsertBySql) -> None:
    feed_id = insert_by_sql()
    with database.tenant("acme") as db:
        texts = {"instagram_ad_copy": "글", "hashtags": "#글"}
        once = feeds.edit(db, "acme", feed_id, **texts, seen=feeds.get(db, "acme", feed_id).updated_at)
        feeds.edit(db, "acme", feed_id, **texts, seen=once.updated_at)
        with pytest.raises(FeedChanged):
            feeds.edit(db, "acme", feed_id, **texts, seen=once.updated_at)


def test_a_row_without_updated_at_can_be_edited(database: Database, insert_by_sql: InsertBySql) -> None:
    feed_id = insert_by_sql(updated_at=None)
    with database.tenant("acme") as db:
        assert feeds.edit(db, "acme", feed_id, instagram_ad_copy="글", hashtags="", seen=None).updated_at is not None


def test_an_instant_without_a_time_zone_is_refused(database: Database, insert_by_sql: InsertBySql) -> None:
    feed_id = insert_by_sql()
    naive = OCTOBER.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"), database.tenant("acme") as db:
        feeds.edit(db, "acme", feed_id, instagram_ad_copy="글", hashtags="", seen=naive)


def test_a_deleted_feed_is_gone(database: Database, insert_by_sql: InsertBySql) -> None:
    gone, kept = insert_by_sql(), insert_by_sql()
    with database.tenant("acme") as db:
        feeds.delete(db, "acme", gone)
        with pytest.raises(FeedNotFound):
            feeds.delete(db, "acme", gone)
        assert ids(feeds.newest(db, "acme")) == [kept]


def test_another_tenant_never_reaches_a_feed(
    database: Database, insert_by_sql: InsertBySql, job: Any, overlay: Any
) -> None:
    feed_id = insert_by_sql(job_id=job, overlay_id=overlay)
    with database.tenant("acme") as db:
        seen = feeds.get(db, "acme", feed_id).updated_at
    with database.tenant("other") as db:
        assert feeds.newest(db, "other") == []
        assert feeds.by_job(db, "other", job) == []
        assert feeds.by_overlay(db, "other", overlay) == []
        assert feeds.latency_statistics(db, "other").total_count == 0
        with pytest.raises(FeedNotFound):
            feeds.get(db, "other", feed_id)
        with pytest.raises(FeedNotFound):
            feeds.edit(db, "other", feed_id, instagram_ad_copy="", hashtags="", seen=seen)
        with pytest.raises(FeedNotFound):
            feeds.delete(db, "other", feed_id)


@pytest.mark.parametrize("change", ["hashtags = '#새'", "updated_at = '2020-01-01Z'", "updated_at = NULL"])
def test_updated_at_is_true_whoever_updates_the_row(as_owner: RunSql, insert_by_sql: InsertBySql, change: Any) -> None:
    insert_by_sql(created_at=OCTOBER, updated_at=OCTOBER)
    as_owner(f"UPDATE instagram_feeds SET {change}")
    assert as_owner(
        "SELECT updated_at BETWEEN now() - interval '1 hour' AND clock_timestamp() FROM instagram_feeds"
    ) == [(True,)]


def test_newest_first_comes_from_an_index(database: Database, insert_by_sql: InsertBySql) -> None:
    insert_by_sql()
    with database.tenant("acme") as db:
        db.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = db.exec_driver_sql(
            "EXPLAIN SELECT * FROM instagram_feeds WHERE tenant_id = 'acme'"
            " ORDER BY created_at DESC, instagram_feed_id DESC LIMIT 10"
        ).scalars()
        assert "studio_feeds_newest" in "\n".join(plan)
