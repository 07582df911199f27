"""A new caption from a stored one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lib.domain.errors import FeedNotFound
from lib.studio import Studio
from lib.ui.components.press.press import Press
from lib.ui.feed import rewriting
from tests.conftest import InsertBySql

Sql = Callable[..., list[tuple[Any, ...]]]


def press(**values: Any) -> Press:
    return Press(uuid.uuid4(), "acme", "change", values)


@pytest.mark.parametrize(("change", "recorded"), [("shorter", "shorter"), ("", None), ("louder", None)])
def test_the_new_caption_knows_its_parent_and_the_change(
    studio: Studio, insert_by_sql: InsertBySql, as_owner: Sql, change: str, recorded: str | None
) -> None:
    feed_id = insert_by_sql(tenant_id="acme", instagram_ad_copy="Bread of the day")
    pressed = press(feed_id=str(feed_id), change=change)
    for _ in range(2):
        rewriting.rewrite(studio, pressed)
    studio.page_threads.shutdown(wait=True)
    made = "SELECT parent_feed_id::text, change, run_id::text, options ->> 'language' FROM studio_generations"
    assert as_owner(made) == [(str(feed_id), recorded, str(pressed.press_id), "en")]


def test_another_teams_feed_is_not_there(studio: Studio, insert_by_sql: InsertBySql, as_owner: Sql) -> None:
    feed_id = insert_by_sql(tenant_id="rival")
    for values in ({"feed_id": str(feed_id)}, {"feed_id": "x"}, {"feed_id": 7}, {}):
        with pytest.raises(FeedNotFound):
            rewriting.rewrite(studio, press(**values))
    assert as_owner("SELECT count(*) FROM studio_generations") == [(0,)]
