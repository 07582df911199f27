"""One caption whole, whatever its row holds, and what is done with it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lib.domain.brief import Brief
from lib.store import feeds
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.history_page import wrote
from tests.support.opened_page import Opened

Open = Callable[..., Opened]
Sql = Callable[..., list[tuple[Any, ...]]]


def test_a_caption_is_shown_with_all_that_is_known_of_it(open_history: Open, studio: Studio, brief: Brief) -> None:
    parent = wrote(studio, brief)
    child = wrote(studio, brief, parent=parent, change="shorter")
    page = open_history(feed=str(parent.instagram_feed_id))
    assert page.post()["copy"]["caption"] == parent.instagram_ad_copy
    assert [one.value for one in page.app.text] == [
        brief.refined_ad_copy_eng,
        brief.tone_style,
        brief.product_description,
        brief.store_information,
        brief.gpt_prompt,
    ]
    assert page.app.code[0].value == parent.gpt_prompt_used
    assert "chatcmpl" in page.app.json[0].value
    assert "화면에서 썼어요" in page.told()
    page.press("child_1")
    assert page.app.query_params["feed"] == str(child.instagram_feed_id)
    page.press("parent")
    assert page.post()["copy"]["caption"] == parent.instagram_ad_copy


def test_a_row_that_says_next_to_nothing_is_shown_all_the_same(open_history: Open, insert_by_sql: InsertBySql) -> None:
    feed_id = insert_by_sql(refined_ad_copy_eng="", tone_style="", created_at=None, gpt_response_raw=["strange"])
    page = open_history(feed=str(feed_id))
    told = page.told()
    assert "남기지 않았어요" in told
    assert "데이터베이스에 직접 넣은 글" in told
    assert told.count("알 수 없음") >= 3
    page.press("regenerate")
    assert "고칠 곳이 있어요" in page.told("error")


def test_a_caption_is_moved_with_a_note_and_its_way_is_told(open_history: Open, insert_by_sql: InsertBySql) -> None:
    page = open_history(feed=str(insert_by_sql())).fill(person="민준", state_note="아주 좋아요")
    page.press("state_approved")
    assert "민준 · 초안 → 승인됨 — 아주 좋아요" in page.told()
    assert page.field("state_approved").disabled
    page.press("archive")
    assert page.app.query_params.get("feed") is None
    assert "‘보관됨’" in page.told()


def test_a_note_is_recorded_once(open_history: Open, insert_by_sql: InsertBySql, as_owner: Sql) -> None:
    page = open_history(feed=str(insert_by_sql())).fill(state_note="아주 좋아요").press("state_approved")
    assert page.field("state_note").value == ""
    page.press("state_posted")
    assert as_owner("SELECT note FROM studio_feed_moves ORDER BY number") == [("아주 좋아요",), ("",)]


@pytest.mark.parametrize("button", ["archive", "favour", "state_approved"])
@pytest.mark.parametrize("screen", ["team", "feed"])
def test_a_press_on_another_screen_than_this_changes_nothing_and_says_so(
    open_history: Open, studio: Studio, brief: Brief, as_owner: Sql, button: str, screen: str
) -> None:
    feed = wrote(studio, brief)
    page = open_history(feed=str(feed.instagram_feed_id))
    page.fill(edit_text_1="고친 글").run().press("save_1")
    before = as_owner("SELECT instagram_ad_copy, updated_at FROM instagram_feeds")
    page.app.query_params.update({"tenant_id": "rival"} if screen == "team" else {"feed": str(uuid.uuid4())})
    page.click(button)
    assert "아무것도 바꾸지 않았어요" in page.told("error")
    assert as_owner("SELECT instagram_ad_copy, updated_at FROM instagram_feeds") == before
    assert as_owner("SELECT * FROM studio_feed_moves") == []
    assert as_owner("SELECT favourite FROM studio_feed_states WHERE favourite") == []


def test_a_row_of_any_size_and_depth_opens_with_a_part_of_it(
    open_history: Open, insert_by_sql: InsertBySql, as_owner: Sql
) -> None:
    feed_id = insert_by_sql(instagram_ad_copy="글 " * 200_000, product_description="가" * 1_000_000)
    as_owner("UPDATE instagram_feeds SET gpt_response_raw = (repeat('[', 3000) || repeat(']', 3000))::jsonb")
    page = open_history(feed=str(feed_id))
    assert "너무 길어서" in page.told()
    assert not page.has("save_1")
    assert max(len(text.value) for text in page.app.text) <= 20_000
    assert any(code.value.startswith("[[[") for code in page.app.code)
    assert page.has("archive")


def test_a_brief_is_taken_over_into_the_form(open_history: Open, insert_by_sql: InsertBySql) -> None:
    feed_id = insert_by_sql(product_description="밤 식빵", tone_style="차분하게")
    page = open_history(feed=str(feed_id)).click("new_from_this")
    taken_over = page.component("brief")["form"]["load"]["values"]
    assert (taken_over["product_description"], taken_over["tone_style"]) == ("밤 식빵", "차분하게")


def test_regenerating_writes_a_child_and_shows_it(
    open_history: Open, studio: Studio, brief: Brief, as_owner: Sql
) -> None:
    feed = wrote(studio, brief)
    page = open_history(feed=str(feed.instagram_feed_id)).click("regenerate")
    assert page.has("generate"), "the form's page shows it being written"
    assert as_owner("SELECT parent_feed_id FROM studio_generations WHERE parent_feed_id IS NOT NULL") == [
        (str(feed.instagram_feed_id),)
    ]
    assert page.post()["copy"]["caption"]


def test_deleting_for_good_asks_first(open_history: Open, insert_by_sql: InsertBySql, studio: Studio) -> None:
    feed_id = insert_by_sql()
    page = open_history(feed=str(feed_id)).click("delete")
    assert "되돌릴 수 없어요" in page.told()
    with studio.database.tenant("acme") as db:
        assert feeds.get(db, "acme", feed_id)
    page.click("delete_yes")
    assert page.app.query_params.get("feed") is None
    assert "아직 글이 없어요" in page.told()


def test_the_question_before_deleting_outlasts_every_run_until_it_is_answered_or_the_caption_is_left(
    open_history: Open, insert_by_sql: InsertBySql
) -> None:
    feed_id = str(insert_by_sql())
    page = open_history(feed=feed_id).click("delete").click("favour")
    assert "되돌릴 수 없어요" in page.told()
    page.click("delete_no")
    assert "되돌릴 수 없어요" not in page.told()
    page.click("delete").click("back_to_list")
    assert "되돌릴 수 없어요" not in page.told()
    page.app.query_params["feed"] = feed_id
    page.app.run()
    assert "되돌릴 수 없어요" not in page.told()


def test_a_press_that_is_refused_after_its_caption_was_left_is_told_once(
    open_history: Open, insert_by_sql: InsertBySql
) -> None:
    page = open_history(feed=str(insert_by_sql()))
    pressed = page.pressed("save_1") | {"team": "others"}
    page.app.query_params["feed"] = str(insert_by_sql())
    page.run().send(pressed)
    assert page.told("error").count("에서 누른 요청") == 1
    assert page.run().told("error").count("에서 누른 요청") == 1
    assert "에서 누른 요청" not in page.click("favour").told("error")


def test_what_goes_wrong_while_the_reader_walks_on_is_told_on_the_next_page_and_not_on_the_one_after(
    open_history: Open, insert_by_sql: InsertBySql, as_owner: Sql
) -> None:
    page = open_history(feed=str(insert_by_sql()))
    as_owner("DELETE FROM instagram_feeds")
    page.field("archive").click()
    page.app.switch_page("keys.py")
    assert page.run().told("error")
    page.app.switch_page("jobs.py")
    assert not page.run().told("error")


def test_a_confirmed_deletion_counts_for_its_caption_though_the_page_has_moved_on(
    open_history: Open, insert_by_sql: InsertBySql, as_owner: Sql
) -> None:
    shown = str(insert_by_sql())
    page = open_history(feed=str(insert_by_sql())).click("delete")
    pressed = page.pressed("delete_yes")
    page.app.query_params["feed"] = shown
    page.run().send(pressed)
    assert as_owner("SELECT instagram_feed_id::text FROM instagram_feeds") == [(shown,)]
    assert page.app.query_params["feed"] == shown
    assert not page.send(pressed).told("error"), "the same press again finds it gone"
