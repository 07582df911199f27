"""Stored findings: which feeds wait for a check, and that none is stored for a text that is no longer there."""

from __future__ import annotations

import dataclasses
import datetime as dt

from sqlalchemy import select

from lib.domain.feed_filter import FeedFilter
from lib.store import feed_listing, feed_states, feeds
from lib.store.findings import findings
from lib.store.tables import InstagramFeed
from lib.studio import Studio
from tests.conftest import InsertBySql


def test_only_unchecked_feeds_of_the_team_wait_and_the_newest_first(studio: Studio, insert_by_sql: InsertBySql) -> None:
    at = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    ids = [insert_by_sql(created_at=at + dt.timedelta(days=day)) for day in range(3)]
    insert_by_sql(tenant_id="globex")
    with studio.database.tenant("acme") as db:
        rows = findings.unchecked(db, "acme", 10)
        assert [row.instagram_feed_id for row in rows] == ids[::-1]
        findings.store(db, "acme", [(rows[0], [{"kind": "facts"}], ["facts"])])
        assert findings.count_unchecked(db, "acme") == 2
        assert findings.of_feeds(db, "acme", ids) == {ids[2]: [{"kind": "facts"}]}
        assert findings.of_feeds(db, "globex", ids) == {}


def test_findings_of_a_text_that_was_changed_meanwhile_are_not_stored(
    studio: Studio, insert_by_sql: InsertBySql
) -> None:
    feed_id = insert_by_sql()
    with studio.database.tenant("acme") as db:
        read = feeds.get(db, "acme", feed_id)
        older = dataclasses.replace(read, updated_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        findings.store(db, "acme", [(older, [], [])])
        assert findings.count_unchecked(db, "acme") == 1


def test_a_check_beside_a_move_leaves_the_feed_to_be_found_by_both(studio: Studio, insert_by_sql: InsertBySql) -> None:
    feed_id = insert_by_sql()
    with studio.database.tenant("acme") as checking, studio.database.tenant("acme") as moving:
        checked = [(feeds.lock(moving, "acme", feed_id), [{"kind": "facts"}], ["facts"])]
        feed_states.move(moving, "acme", feed_id, "approved")
        findings.store(checking, "acme", checked)
        assert findings.count_unchecked(checking, "acme") == 1
        moving.commit()
    with studio.database.tenant("acme") as checking, studio.database.tenant("acme") as moving:
        findings.store(checking, "acme", checked)
        waits = select(InstagramFeed.instagram_feed_id).with_for_update(skip_locked=True)
        assert moving.execute(waits).all() == []
    with studio.database.tenant("acme") as db:
        found = feed_listing.page(db, "acme", FeedFilter(findings="facts", status="approved"))
    assert [row.feed_id for row in found.rows] == [feed_id]
