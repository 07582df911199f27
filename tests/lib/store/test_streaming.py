"""A statement of any size is read through a server-side cursor, within its tenant's transaction."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import func, literal, select
from sqlalchemy.exc import DataError

from lib.store.streaming import stream
from lib.store.tables import InstagramFeed

FEEDS = select(InstagramFeed.__table__).order_by(InstagramFeed.created_at, InstagramFeed.instagram_feed_id)


def mine(tenant="acme"):
    return FEEDS.where(InstagramFeed.tenant_id == tenant)


def test_rows_have_the_types_that_a_plain_read_gives(database, insert_by_sql, as_owner):
    as_owner("INSERT INTO jobs (tenant_id) VALUES ('acme')")
    job = uuid.UUID(as_owner("SELECT job_id::text FROM jobs")[0][0])
    insert_by_sql(
        job_id=job, gpt_response_raw={"내용": [1, None]}, token_usage={"total_tokens": 3}, latency_ms=float("nan")
    )
    insert_by_sql(instagram_ad_copy="100% '따옴표' \"둘\" \\ %s %(x)s")
    with database.tenant("acme") as db:
        streamed, plain = list(stream(db, mine())), db.execute(mine()).all()
    assert [tuple(map(repr, row)) for row in streamed] == [tuple(map(repr, row)) for row in plain]
    assert streamed[0].job_id == job
    assert streamed[0].gpt_response_raw == {"내용": [1, None]}


def test_parameters_reach_the_server_as_parameters(database, insert_by_sql):
    odd = "50% 할인'; DROP TABLE instagram_feeds; --"
    wanted = insert_by_sql(tone_style=odd)
    insert_by_sql(tone_style="다른 톤")
    statement = mine().where(InstagramFeed.tone_style == odd, InstagramFeed.instagram_feed_id.in_([wanted]))
    with database.tenant("acme") as db:
        assert [row.instagram_feed_id for row in stream(db, statement)] == [wanted]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7])
def test_every_row_comes_once_whatever_is_fetched_at_a_time(database, count):
    numbers = select(func.generate_series(1, literal(count)).label("n"))
    with database.tenant("acme") as db:
        assert [row.n for row in stream(db, numbers, at_a_time=3)] == list(range(1, count + 1))


def test_only_a_few_rows_leave_the_server_at_a_time(database):
    """Were all of them asked for, the division by zero behind the first few would be met at once."""
    numbers = select((literal(12) // (4 - func.generate_series(1, 10))).label("n"))
    with database.tenant("acme") as db:
        rows = stream(db, numbers, at_a_time=2)
        assert [next(rows).n, next(rows).n] == [4, 6]
        with pytest.raises(DataError, match="division by zero"):
            next(rows)


def test_rows_are_those_of_the_moment_when_reading_began(database, insert_by_sql, as_owner):
    for _ in range(3):
        insert_by_sql()
    with database.tenant("acme") as db:
        rows = stream(db, mine(), at_a_time=1)
        next(rows)
        insert_by_sql()
        as_owner("DELETE FROM instagram_feeds WHERE tenant_id = 'acme'")
        assert len(list(rows)) == 2


def test_two_are_read_side_by_side_and_leave_no_cursor(database, insert_by_sql):
    for _ in range(4):
        insert_by_sql()
    with database.tenant("acme") as db:
        pairs = list(zip(stream(db, mine(), at_a_time=1), stream(db, mine(), at_a_time=3), strict=True))
        assert all(one == other for one, other in pairs)
        assert len(pairs) == 4
        assert db.exec_driver_sql("SELECT count(*) FROM pg_cursors WHERE name LIKE 'studio%%'").scalar() == 0


def test_behind_row_level_security_another_tenants_rows_are_not_read(database, insert_by_sql, as_owner):
    insert_by_sql(tenant_id="other")
    own = insert_by_sql()
    as_owner("ALTER TABLE instagram_feeds ENABLE ROW LEVEL SECURITY")
    as_owner("CREATE POLICY mine ON instagram_feeds USING (tenant_id = current_setting('app.tenant_id', true))")
    with database.tenant("acme") as db:
        assert [row.instagram_feed_id for row in stream(db, FEEDS)] == [own]
        assert list(stream(db, mine("other"))) == []
