"""Samples that the app inserts belong to the team that asked, and never replace a row."""

from __future__ import annotations

import uuid
from typing import Any

from lib.store import samples
from lib.store.database import Database
from tests.conftest import RunSql


def row(feed_id: uuid.UUID, text: str) -> dict[str, Any]:
    empty = ("hashtags", "refined_ad_copy_eng", "tone_style", "product_description", "store_information", "gpt_prompt")
    texts = dict.fromkeys(empty, "") | {"instagram_ad_copy": text}
    return {"instagram_feed_id": feed_id, "tenant_id": "another", **texts}


def test_a_row_that_exists_stays_and_the_others_are_the_teams(database: Database, as_owner: RunSql) -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    with database.tenant("acme") as db:
        samples.add(db, "acme", [row(first, "first")])
    with database.tenant("acme") as db:
        samples.add(db, "acme", [row(first, "replaced"), row(second, "second")])
    stored = as_owner("SELECT tenant_id, instagram_ad_copy FROM instagram_feeds ORDER BY pk")
    assert stored == [("acme", "first"), ("acme", "second")]
