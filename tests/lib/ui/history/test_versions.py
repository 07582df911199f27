"""The versions of a caption: who made them, and how one is restored."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from lib.domain.brief import Brief
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.history_page import wrote
from tests.support.opened_page import Opened

Open = Callable[..., Opened]
Sql = Callable[..., list[tuple[Any, ...]]]


def test_an_edit_is_a_version_by_name_and_is_undone_by_restoring(
    open_history: Open, studio: Studio, brief: Brief, as_owner: Sql
) -> None:
    feed = wrote(studio, brief)
    page = open_history(feed=str(feed.instagram_feed_id)).fill(person="지수")
    page.fill(edit_text_1="고친 글").run().press("save_1")
    assert as_owner("SELECT instagram_ad_copy FROM instagram_feeds") == [("고친 글",)]
    assert "지수 고침" in page.told()
    assert "고친 글" in page.marked("version_text_2", "added")
    page.press("restore_1")
    assert as_owner("SELECT instagram_ad_copy FROM instagram_feeds") == [(feed.instagram_ad_copy,)]
    assert "버전 1번으로 되돌림" in page.told()


def test_a_version_is_restored_once_and_never_over_what_somebody_else_wrote_meanwhile(
    open_history: Open, studio: Studio, brief: Brief, as_owner: Sql
) -> None:
    feed = wrote(studio, brief)
    page = open_history(feed=str(feed.instagram_feed_id))
    page.fill(edit_text_1="고친 글").run().press("save_1")
    pressed = page.pressed("restore_1")
    page.send(pressed).send(pressed | {"times": 2})
    assert page.told("error") == ""
    assert as_owner("SELECT count(*) FROM studio_feed_versions") == [(3,)]
    pressed = page.pressed("restore_2")
    as_owner("UPDATE instagram_feeds SET instagram_ad_copy = '남의 글'")
    page.send(pressed)
    assert "그사이" in page.told("error")
    assert as_owner("SELECT instagram_ad_copy FROM instagram_feeds") == [("남의 글",)]
    for number in ("", "9" * 30, "7"):
        page.send(pressed | {"id": str(uuid.uuid4()), "values": pressed["values"] | {"number": number}})
        assert "버전" in page.told("error")


def test_what_was_typed_before_an_own_restore_is_the_next_version_and_no_conflict(
    open_history: Open, studio: Studio, brief: Brief, as_owner: Sql
) -> None:
    feed = wrote(studio, brief)
    page = open_history(feed=str(feed.instagram_feed_id))
    page.fill(edit_text_1="고친 글").run().press("save_1")
    page.fill(edit_text_1="쓰던 글").run().press("restore_1")
    assert "그사이" not in page.told("error")
    assert "쓰시던 글은 그대로 있고" in page.told()
    assert page.field("edit_text_1").value == "쓰던 글"
    page.press("save_1")
    assert as_owner("SELECT instagram_ad_copy FROM instagram_feeds") == [("쓰던 글",)]


def test_two_thousand_versions_are_read_a_page_at_a_time(
    open_history: Open, insert_by_sql: InsertBySql, as_owner: Sql
) -> None:
    feed_id = insert_by_sql()
    as_owner(
        "INSERT INTO studio_feed_versions (tenant_id, feed_id, number, instagram_ad_copy, hashtags, kind)"
        " SELECT 'acme', %s, n, 'text ' || n, '', 'edit' FROM generate_series(1, 2000) n",
        feed_id,
    )
    page = open_history(feed=str(feed_id))
    assert sum(key.startswith("restore_") for key in page.press_buttons()) == 20
    page.press("more_versions_shown")
    assert sum(key.startswith("restore_") for key in page.press_buttons()) == 40
