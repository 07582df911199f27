"""A brief is found again by all of its five inputs, as they are stored."""

from __future__ import annotations

import datetime as dt

from lib.domain.brief import INPUTS
from lib.store.batches import repeats
from lib.store.database import Database
from tests.conftest import InsertBySql

BRIEF = {name: f"{name}: 100% 'x' 한글 🍂\n둘" for name in INPUTS}


def test_the_newest_caption_of_the_same_five_inputs_is_found(database: Database, insert_by_sql: InsertBySql) -> None:
    insert_by_sql(**BRIEF, created_at=dt.datetime.now(dt.UTC) - dt.timedelta(days=2))
    newest = insert_by_sql(**BRIEF)
    insert_by_sql(**BRIEF | {"tone_style": ""})
    since = dt.datetime.now(dt.UTC) - dt.timedelta(days=30)
    with database.tenant("acme") as db:
        written = repeats.of_briefs(db, "acme", {7: BRIEF, 8: BRIEF | {"gpt_prompt": "other"}}, since)
        assert repeats.of_briefs(db, "acme", {}, since) == {}
        assert repeats.of_briefs(db, "acme", {7: BRIEF}, dt.datetime.now(dt.UTC) + dt.timedelta(days=1)) == {}
    assert {number: caption.feed_id for number, caption in written.items()} == {7: newest}
