"""Batches are listed newest first, and how far they are is one read."""

from __future__ import annotations

import datetime as dt

from lib.store.batches import batches
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import batch_of


def test_batches_are_listed_newest_first_page_by_page(studio: Studio) -> None:
    made = [batch_of(studio, 1) for _ in range(3)]
    with studio.database.tenant("acme") as db:
        first = batches.page(db, "acme", limit=2)
        rest = batches.page(db, "acme", limit=2, after=first.older)
    assert [batch.batch_id for batch in first.rows + rest.rows] == made[::-1]
    assert rest.older is None


def test_progress_counts_rows_reasons_and_what_is_left(studio: Studio, as_owner: RunSql) -> None:
    batch_id, other = batch_of(studio, 5), batch_of(studio, 2)
    as_owner(
        "UPDATE studio_batch_rows SET status = CASE number WHEN 1 THEN 'written' WHEN 2 THEN 'failed' ELSE status END,"
        " error_code = CASE number WHEN 2 THEN 'refused' END, finished_at = now(),"
        " started_at = now() - interval '30 seconds' WHERE batch_id = %s AND number < 3",
        batch_id,
    )
    with studio.database.tenant("acme") as db:
        both = batches.progress(db, "acme", [batch_id, other])
    progress = both[batch_id]
    assert progress.rows == {"written": 1, "failed": 1, "waiting": 3}
    assert (progress.total, progress.ended, progress.open, progress.reasons) == (5, 2, 3, {"refused": 1})
    assert progress.rows_a_minute
    assert 3 < progress.rows_a_minute < 4.1
    assert progress.seconds_left
    assert 44 < progress.seconds_left < 60
    assert (both[other].rows_a_minute, both[other].seconds_left) == (None, None)


def test_what_ended_or_is_paused_is_found_for_notices(studio: Studio, as_owner: RunSql) -> None:
    ended, paused, _ = (batch_of(studio, 1) for _ in range(3))
    as_owner("UPDATE studio_batches SET status = 'done', ended_at = now() WHERE batch_id = %s", ended)
    as_owner("UPDATE studio_batches SET status = 'paused', paused_because = 'wrong_key' WHERE batch_id = %s", paused)
    with studio.database.tenant("acme") as db:
        since = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
        assert [batch.batch_id for batch in batches.changed(db, "acme", since=since)] == [paused, ended]
        assert [batch.batch_id for batch in batches.changed(db, "acme", since=since + dt.timedelta(hours=1))] == [
            paused
        ]
