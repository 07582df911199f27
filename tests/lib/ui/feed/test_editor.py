"""The editor of a caption: what is saved, what is refused, and what somebody else saved meanwhile."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lib.demo.model import DemoModel
from lib.domain.prompt import CHANGES
from tests.conftest import InsertBySql
from tests.support.opened_page import Opened
from tests.support.stored import texts

Sql = Callable[..., list[tuple[Any, ...]]]
Open = Callable[..., Opened]


def test_who_edits_an_old_text_after_a_reload_is_told_that_it_was_changed(
    open_history: Open, insert_by_sql: InsertBySql, as_owner: Sql
) -> None:
    feed_id = insert_by_sql(instagram_ad_copy="처음 글")
    page = open_history(feed=str(feed_id)).fill(edit_text_1="내 글").run()
    as_owner("UPDATE instagram_feeds SET instagram_ad_copy = '남의 글'")
    later = open_history(feed=str(feed_id))
    later.drafts = page.drafts  # the browser keeps it
    later.run()
    assert "그사이 다른 사람이 이 글을 고쳤어요" in later.told("error")
    assert later.field("save_1").disabled
    assert "남의" in later.marked("theirs_1", "added")


@pytest.fixture
def feed_id(insert_by_sql: InsertBySql, as_owner: Sql) -> uuid.UUID:
    """A feed of the first tenant that the page opens with."""
    return insert_by_sql(tenant_id="my-team", instagram_ad_copy="처음 글", hashtags="#카페 #서울")


@pytest.fixture
def opened(open_page: Open, feed_id: uuid.UUID) -> Opened:
    return open_page(feed=str(feed_id))


def test_an_edit_is_saved_and_shown(opened: Opened, feed_id: uuid.UUID, as_owner: Sql) -> None:
    assert opened.field("save_1").disabled, "there is nothing to save yet"
    opened.fill(edit_text_1="고친 글  \n\n\n둘째 줄", edit_tags_1="카페, #서울").run().press("save_1")
    assert texts(as_owner, feed_id) == ("고친 글\n\n둘째 줄", "#카페 #서울")
    assert opened.post()["copy"]["caption"] == "고친 글\n\n둘째 줄"
    assert opened.field("save_1").disabled


def test_a_text_that_breaks_the_rules_says_how_and_is_not_saved(
    opened: Opened, feed_id: uuid.UUID, as_owner: Sql
) -> None:
    opened.fill(edit_text_1="가" * 2_201, edit_tags_1="#a #b #c #d #e #f").run()
    assert "2,200자를" in opened.told("markdown")
    assert "5개까지니 1개를 빼 주세요." in opened.told("markdown")
    assert opened.field("save_1").disabled
    assert texts(as_owner, feed_id) == ("처음 글", "#카페 #서울")


@pytest.fixture
def contested(opened: Opened, feed_id: uuid.UUID, as_owner: Sql) -> Opened:
    """My text in the editor, and by now somebody else's in the row."""
    opened.fill(edit_text_1="내 글").run()
    as_owner("UPDATE instagram_feeds SET instagram_ad_copy = '남의 글' WHERE instagram_feed_id = %s", feed_id)
    return opened.press("save_1")


def test_what_somebody_else_saved_meanwhile_is_told_once_and_not_overwritten(
    contested: Opened, feed_id: uuid.UUID, as_owner: Sql
) -> None:
    assert contested.told("error").count("그사이 다른 사람이 이 글을 고쳤어요") == 1
    assert texts(as_owner, feed_id) == ("남의 글", "#카페 #서울")
    assert contested.field("edit_text_1").value == "내 글"
    assert "남의 글" in contested.marked("theirs_1", "same", "added")
    assert contested.field("save_1").disabled, "a plain save could not say over whose text"
    assert "Somebody else changed this caption meanwhile." in contested.read_in("EN").told("error")


def test_my_text_can_be_saved_over_somebody_elses_once_that_was_seen(
    contested: Opened, feed_id: uuid.UUID, as_owner: Sql
) -> None:
    contested.press("overwrite_1")
    assert contested.told("error") == ""
    assert texts(as_owner, feed_id) == ("내 글", "#카페 #서울")
    contested.fill(edit_text_1="내 글 또").run().press("save_1")
    assert texts(as_owner, feed_id) == ("내 글 또", "#카페 #서울")


def test_a_third_text_that_came_in_between_is_not_overwritten_unseen(
    contested: Opened, feed_id: uuid.UUID, as_owner: Sql
) -> None:
    as_owner("UPDATE instagram_feeds SET instagram_ad_copy = '셋째 글' WHERE instagram_feed_id = %s", feed_id)
    contested.press("overwrite_1")
    assert contested.told("error").count("그사이 다른 사람이") == 1
    assert texts(as_owner, feed_id)[0] == "셋째 글"
    assert "셋째 글" in contested.marked("theirs_1", "same", "added")
    contested.press("overwrite_1")
    assert texts(as_owner, feed_id)[0] == "내 글"


def test_somebody_elses_text_can_be_taken_and_mine_comes_back(
    contested: Opened, feed_id: uuid.UUID, as_owner: Sql
) -> None:
    contested.press("take_theirs_1")
    assert contested.field("edit_text_1").value == "남의 글"
    assert contested.told("error") == ""
    contested.press("mine_back_1")
    assert contested.field("edit_text_1").value == "내 글"
    contested.press("save_1")
    assert contested.told("error") == ""
    assert texts(as_owner, feed_id) == ("내 글", "#카페 #서울")


def test_a_row_touched_without_another_text_hinders_nobody(opened: Opened, feed_id: uuid.UUID, as_owner: Sql) -> None:
    opened.fill(edit_text_1="내 글").run()
    as_owner("UPDATE instagram_feeds SET latency_ms = 7 WHERE instagram_feed_id = %s", feed_id)
    opened.run().press("save_1")
    assert opened.told("error") == ""
    assert texts(as_owner, feed_id)[0] == "내 글"


def test_nothing_is_written_again_from_a_text_that_is_not_saved(opened: Opened) -> None:
    assert not opened.field("shorter_1").disabled
    opened.fill(edit_text_1="내 글").run()
    assert all(opened.field(f"{change}_1").disabled for change in CHANGES)
    opened.press("save_1")
    assert not opened.field("shorter_1").disabled


def test_what_is_only_worth_a_warning_is_neither_an_error_nor_called_good(opened: Opened) -> None:
    assert "인스타그램 규칙에 맞아요" in opened.told("markdown")
    opened.fill(edit_text_1="https://example.com").run()
    assert ":orange[:material/warning: 본문의 링크는 눌리지 않아요" in opened.told("markdown")
    assert "인스타그램 규칙에 맞아요" not in opened.told("markdown")
    assert not opened.field("save_1").disabled


def test_a_caption_too_long_by_its_emoji_says_how_they_are_counted(opened: Opened) -> None:
    opened.fill(edit_text_1="🥐" * 1_100 + "가나다").run()
    assert "보이는 글자는 1,112자예요" in opened.told("markdown")
    assert "1,100자를 더하면 2,212자라, 2,200자를 12자 넘었으니" in opened.told("markdown")


def test_a_hashtag_that_was_kept_aside_is_taken_in_with_a_press(page: Opened, demo: DemoModel, as_owner: Sql) -> None:
    demo.behaviours.append("many_tags")
    page.press("generate")
    [(feed_id,)] = as_owner("SELECT instagram_feed_id FROM instagram_feeds")
    kept, aside = texts(as_owner, feed_id)[1].split(), page.post()["parked"]
    page.press("parked_1_1")
    assert page.field("edit_tags_1").value.split() == [*kept, aside[0]]
    assert "1개를 빼 주세요" in page.told("markdown")
    page.fill(edit_tags_1=" ".join([*kept[1:], aside[0]])).run().press("save_1")
    assert texts(as_owner, feed_id)[1].split() == [*kept[1:], aside[0]]


def test_who_has_changed_nothing_simply_sees_what_somebody_else_saved(
    opened: Opened, feed_id: uuid.UUID, as_owner: Sql
) -> None:
    as_owner("UPDATE instagram_feeds SET instagram_ad_copy = '남의 글' WHERE instagram_feed_id = %s", feed_id)
    opened.run()
    assert opened.told("error") == ""
    assert opened.field("edit_text_1").value == "남의 글"
    opened.fill(edit_text_1="내 글").run().press("save_1")
    assert texts(as_owner, feed_id) == ("내 글", "#카페 #서울")


def test_a_row_that_spells_its_hashtags_in_another_way_does_not_count_as_edited(
    open_page: Open, insert_by_sql: InsertBySql
) -> None:
    feed_id = insert_by_sql(tenant_id="my-team", hashtags="카페,서울 ", instagram_ad_copy="글  \n")
    assert open_page(feed=str(feed_id)).field("save_1").disabled


def test_a_feed_deleted_meanwhile_is_told_when_it_is_saved(opened: Opened, feed_id: uuid.UUID, as_owner: Sql) -> None:
    opened.fill(edit_text_1="내 글").run()
    as_owner("DELETE FROM instagram_feeds WHERE instagram_feed_id = %s", feed_id)
    opened.press("save_1")
    assert "이 팀에는 그런 글이 없어요" in opened.told("error")


def test_the_models_own_text_can_be_brought_back(page: Opened, as_owner: Sql) -> None:
    page.press("generate")
    [(feed_id,)] = as_owner("SELECT instagram_feed_id FROM instagram_feeds")
    made = texts(as_owner, feed_id)
    page.fill(edit_text_1="고친 글").run().press("save_1")
    assert texts(as_owner, feed_id)[0] == "고친 글"
    page.press("original_1").press("save_1")
    assert texts(as_owner, feed_id) == made
