"""The rows of a batch are read in the order of their file, from any place on."""

from __future__ import annotations

from lib.store.batches import rows
from lib.studio import Studio
from tests.conftest import InsertBySql, RunSql
from tests.support.batching import batch_of


def test_rows_are_read_page_by_page_and_by_status(studio: Studio, as_owner: RunSql) -> None:
    batch_id = batch_of(studio, 5)
    as_owner("UPDATE studio_batch_rows SET status = 'failed', finished_at = now() WHERE number IN (2, 4)")
    with studio.database.tenant("acme") as db:
        assert [row.number for row in rows.page(db, "acme", batch_id, limit=2)] == [1, 2]
        assert [row.number for row in rows.page(db, "acme", batch_id, after=(2, 1), limit=9)] == [3, 4, 5]
        assert [row.number for row in rows.page(db, "acme", batch_id, statuses=["failed"])] == [2, 4]
        assert {row.number for row in rows.newest(db, "acme", batch_id)} == {2, 4}


def test_a_row_comes_with_the_caption_that_its_feed_has_now(
    studio: Studio, as_owner: RunSql, insert_by_sql: InsertBySql
) -> None:
    batch_id, feed_id = batch_of(studio, 1), insert_by_sql(instagram_ad_copy="오늘의 빵")
    as_owner("UPDATE studio_batch_rows SET status = 'written', instagram_feed_id = %s", feed_id)
    with studio.database.tenant("acme") as db:
        row = rows.get(db, "acme", batch_id, (1, 1))
        assert row
        assert (row.instagram_ad_copy, row.hashtags) == ("오늘의 빵", "#카페 #서울")
    as_owner("DELETE FROM instagram_feeds")
    with studio.database.tenant("acme") as db:
        row = rows.get(db, "acme", batch_id, (1, 1))
        assert row
        assert row.instagram_ad_copy is None
