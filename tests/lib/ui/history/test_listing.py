"""What is done to captions from the list can be undone from it."""

from __future__ import annotations

from collections.abc import Callable

from lib.store import feed_states
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.history_page import captions, rows
from tests.support.opened_page import Opened

Open = Callable[..., Opened]


def test_what_is_archived_can_be_brought_back_at_once(
    open_history: Open, insert_by_sql: InsertBySql, studio: Studio
) -> None:
    chosen = {insert_by_sql(instagram_ad_copy=text) for text in ("하나", "둘")}
    insert_by_sql(instagram_ad_copy="셋")
    page = open_history()
    page.app.session_state["selected_feeds"] = {"acme": list(chosen)}
    page.run().press("archive_several")
    assert captions(page) == ["셋"]
    page.press("undo_move")
    assert len(rows(page)) == 3
    with studio.database.tenant("acme") as db:
        assert {feed_states.get(db, "acme", one).status for one in chosen} == {"draft"}
