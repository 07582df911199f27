"""The history page as a person uses it: the list, its filters and links, one caption whole, several side by side."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from lib.domain.brief import Brief, GenerationOptions
from lib.domain.errors import Refused
from lib.domain.feed_filter import FeedFilter
from lib.exports import background, columns
from lib.feeds import workflow
from lib.metrics import settings
from lib.store import feed_listing, feed_states, feeds
from lib.store.feeds import Feed
from lib.store.metrics.settings import Price
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.pages.conftest import Opened
from tests.support import generating
from tests.support.patience import PATIENCE_S

Open = Callable[..., Opened]
Sql = Callable[..., list[tuple[Any, ...]]]
START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


@pytest.fixture
def open_history(open_page: Open) -> Open:
    return lambda **address: open_page("history.py", tenant_id="acme", **address)


def rows(page: Opened) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = page.component("feeds")["rows"]
    return listed


def captions(page: Opened) -> list[str]:
    return ["".join(text for _, text in row["caption"]) for row in rows(page)]


def wrote(studio: Studio, brief: Brief, **asked: Any) -> Feed:
    return generating.write(studio, brief, GenerationOptions("demo"), source="page", **asked)


# -- the list ---------------------------------------------------------------------------------------------------------


def test_a_new_team_is_told_what_will_be_here_and_where_to_begin(open_history: Open) -> None:
    page = open_history()
    assert "아직 글이 없어요" in page.told()
    assert not any(one.key == "feeds" for one in page.app.get("bidi_component"))


def test_rows_of_everybody_are_listed_with_what_they_took(
    open_history: Open, insert_by_sql: InsertBySql, studio: Studio, brief: Brief
) -> None:
    insert_by_sql(instagram_ad_copy="파이프라인의 글", created_at=START, latency_ms=None, gpt_model_name=None)
    made = wrote(studio, brief)
    insert_by_sql(tenant_id="other", instagram_ad_copy="남의 글")
    first, second = rows(open_history())
    assert first["id"] == str(made.instagram_feed_id)
    assert first["badges"] == ["데모"]
    assert second["badges"] == ["파이프라인"]
    assert "걸린 시간 알 수 없음" in second["facts"]
    assert "비용 알 수 없음" in second["facts"]
    assert not any("$0" in fact for fact in second["facts"])


def test_a_link_with_filters_reopens_what_was_seen(open_history: Open, insert_by_sql: InsertBySql) -> None:
    insert_by_sql(instagram_ad_copy="딸기 라떼", tone_style="차분하게", created_at=START)
    insert_by_sql(instagram_ad_copy="딸기 케이크", created_at=START)
    page = open_history(q="딸기", tone="차분하게", since="2026-10-01T00:00:00Z")
    assert captions(page) == ["딸기 라떼"]
    assert page.values("find_text", "find_tone", "find_period") == {
        "find_text": "딸기",
        "find_tone": "차분하게",
        "find_period": "chosen",
    }
    assert [kind for kind, _ in rows(page)[0]["caption"]] == ["found", "same"]
    page.press("off_tone")
    assert len(rows(page)) == 2
    page.press("clear_filters")
    assert page.app.query_params.get("q") is None


def test_what_is_typed_into_the_search_is_found_and_stands_in_the_address(
    open_history: Open, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql(instagram_ad_copy="통밀 식빵", hashtags="#빵")
    insert_by_sql(instagram_ad_copy="글", product_description="밤 식빵", hashtags="#빵지순례")
    page = open_history().fill(find_text="식빵").run()
    assert len(rows(page)) == 2
    assert page.app.query_params["q"] == "식빵"
    assert rows(page)[0]["elsewhere"][0]["name"] == "제품 설명"
    assert captions(page.fill(find_text="#빵").run()) == ["통밀 식빵"]
    page.fill(find_text="없는말").run()
    assert "조건에 맞는 글이 없어요" in page.told()
    page.press("nothing_clear")
    assert len(rows(page)) == 2


def test_each_filter_of_the_menu_narrows_the_list(
    open_history: Open, insert_by_sql: InsertBySql, studio: Studio
) -> None:
    one = insert_by_sql(instagram_ad_copy="하나", gpt_model_name="gpt-a", hashtags="#하나")
    insert_by_sql(instagram_ad_copy="둘", gpt_model_name="gpt-b")
    workflow.set_favourite(studio, "acme", one, favourite=True)
    for field, value in (("find_model", "gpt-a"), ("find_favourite", True), ("find_hashtag", "#하나")):
        page = open_history().fill(**{field: value}).run()
        assert captions(page) == ["하나"], field
    page = open_history().fill(find_job_id="keine-id").run()
    assert len(rows(page)) == 2
    assert "ID 형식(UUID)이 아니에요" in page.told()


def test_a_period_is_cut_in_the_readers_time_zone(open_history: Open, insert_by_sql: InsertBySql) -> None:
    insert_by_sql(instagram_ad_copy="오늘", created_at=dt.datetime.now(dt.UTC))
    insert_by_sql(instagram_ad_copy="오래전", created_at=dt.datetime.now(dt.UTC) - dt.timedelta(days=60))
    page = open_history().fill(find_period="week").run()
    assert captions(page) == ["오늘"]
    assert page.app.query_params["since"].endswith("T15:00:00Z"), "midnight in Seoul"
    assert len(rows(page.fill(find_period="all").run())) == 2


def test_pages_are_turned_and_a_link_opens_the_same_page(open_history: Open, insert_by_sql: InsertBySql) -> None:
    for number in range(25):
        insert_by_sql(instagram_ad_copy=f"글 {number:02}", created_at=START + dt.timedelta(minutes=number))
    page = open_history()
    assert captions(page)[0] == "글 24"
    assert "글 25개" in page.told()
    page.press("page_older")
    assert captions(page) == [f"글 {number:02}" for number in (4, 3, 2, 1, 0)]
    same = open_history(after=page.app.query_params["after"])
    assert captions(same) == captions(page)
    page.press("page_newer")
    assert captions(page)[0] == "글 24"
    page.fill(page_size=50).run()
    assert len(rows(page)) == 25


def test_an_address_that_makes_no_sense_is_told_and_there_is_a_way_on(
    open_history: Open, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql(instagram_ad_copy="글")
    for address in ({"since": "gestern"}, {"after": "%%"}, {"status": "gone"}):
        page = open_history(**address)
        assert "조건을 알아볼 수 없어요" in page.told("error"), address
        page.press("start_over")
        assert captions(page) == ["글"]


def test_markup_in_a_caption_stays_text_everywhere(open_history: Open, insert_by_sql: InsertBySql) -> None:
    evil = "![x](http://evil.example/a.png) **x** <img src=x>"
    feed_id = insert_by_sql(
        instagram_ad_copy=evil, tone_style=evil, product_description=evil, gpt_model_name=evil, gpt_prompt=evil
    )
    for address in ({}, {"q": "evil"}, {"tone": evil}, {"feed": str(feed_id)}):
        page = open_history(**address)
        assert not any("](http" in text or re.search(r"(?<!\\)<img", text) for text in page.in_markdown()), address


# -- several at once --------------------------------------------------------------------------------------------------


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


def test_the_archived_are_found_when_asked_for(open_history: Open, insert_by_sql: InsertBySql, studio: Studio) -> None:
    workflow.move(studio, "acme", [insert_by_sql(instagram_ad_copy="딸기")], "archived")
    page = open_history(q="딸기")
    assert "조건에 맞는 글이 없어요" in page.told()
    page.press("with_archived")
    assert captions(page) == ["딸기"]
    assert rows(page)[0]["status"]["text"] == "보관됨"


def test_feeds_stand_side_by_side_with_their_differences_marked(open_history: Open, insert_by_sql: InsertBySql) -> None:
    one = insert_by_sql(instagram_ad_copy="오늘은 딸기 라떼예요", latency_ms=1500.0)
    two = insert_by_sql(instagram_ad_copy="오늘은 녹차 라떼예요")
    page = open_history(compare=f"{one},{two}")
    assert page.marked("compared_text_1") == "오늘은 딸기 라떼예요\n\n#카페 #서울"
    assert page.marked("compared_text_2", "removed").strip() == "딸기"
    assert page.marked("compared_text_2", "added").strip() == "녹차"
    page.press("open_compared_2")
    assert page.app.query_params["feed"] == str(two)


def test_another_tenants_caption_is_neither_opened_nor_compared(open_history: Open, insert_by_sql: InsertBySql) -> None:
    mine, theirs = insert_by_sql(), insert_by_sql(tenant_id="other", instagram_ad_copy="남의 글")
    for address in (
        {"feed": str(theirs)},
        {"compare": f"{mine},{theirs}"},
        {"feed": "no-id"},
        {"compare": str(theirs)},
    ):
        page = open_history(**address)
        assert "이 팀에는 그런 글이 없어요" in page.told("error"), address
        assert "남의 글" not in page.told()


# -- one caption ------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("button", ["archive", "favour", "state_approved", "restore_1"])
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


def test_words_that_only_a_newer_release_knows_are_shown_as_they_are(
    open_history: Open, studio: Studio, brief: Brief, as_owner: Sql
) -> None:
    feed = wrote(studio, brief)
    as_owner("UPDATE studio_generations SET source = 'carrier_pigeon'")
    as_owner(
        "INSERT INTO studio_feed_states (tenant_id, feed_id, status) VALUES ('acme', %s, 'framed')"
        " ON CONFLICT (tenant_id, feed_id) DO UPDATE SET status = 'framed'",
        feed.instagram_feed_id,
    )
    row = open_history().component("feeds")["rows"][0]
    assert (row["status"]["text"], "carrier_pigeon" in row["badges"]) == ("framed", True)
    page = open_history(feed=str(feed.instagram_feed_id))
    assert "carrier_pigeon" in page.told()
    assert page.has("archive")
    assert "carrier_pigeon" in open_history(requests="any").told()


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
    assert sum((button.key or "").startswith("restore_") for button in page.app.button) == 20
    page.press("more_versions_shown")
    assert sum((button.key or "").startswith("restore_") for button in page.app.button) == 40


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


def test_with_the_database_away_the_page_says_so(open_history: Open, studio: Studio, monkeypatch: Any) -> None:
    away = type(studio.database)("postgresql://nobody@127.0.0.1:1/nowhere")
    monkeypatch.setattr(studio, "database", away)
    assert "데이터베이스가 응답하지 않아요" in open_history().told("error")


# -- taking it home ---------------------------------------------------------------------------------------------------


def test_an_export_holds_what_the_filters_show(open_history: Open, insert_by_sql: InsertBySql, studio: Studio) -> None:
    for text in ("딸기 라떼", "딸기 =SUM(1)", "녹차"):
        insert_by_sql(instagram_ad_copy=text)
    insert_by_sql(tenant_id="other", instagram_ad_copy="딸기 남의 글")
    page = open_history(q="딸기").press("export_csv")
    _, export = page.app.session_state["export"]
    assert export.finished.wait(PATIENCE_S)
    page.run()
    assert "글 2개를 담았어요" in page.told()
    exported = export.path.read_text("utf-8-sig")
    assert "딸기 라떼" in exported
    assert "녹차" not in exported
    assert "남의 글" not in exported
    with studio.database.tenant("acme") as db:
        assert feed_listing.count(db, "acme", FeedFilter(text="딸기")) == 2


def test_a_price_of_the_tenants_own_holds_here_as_in_the_figures(
    open_history: Open, insert_by_sql: InsertBySql, studio: Studio
) -> None:
    usage = {"prompt_tokens": 1_000_000, "completion_tokens": 1_000_000, "total_tokens": 2_000_000}
    feed_id = insert_by_sql(gpt_model_name="our-own", token_usage=usage, created_at=START)
    assert "비용 알 수 없음" in rows(open_history())[0]["facts"]
    price = Price("our-own", START.date() - dt.timedelta(days=2), Decimal(2), Decimal(1), Decimal(3))
    settings.set_price(studio, "acme", price)
    assert "$5.00000" in rows(open_history())[0]["facts"]
    assert "**\\$5\\.00000**" in "\n".join(open_history(feed=str(feed_id)).in_markdown())
    [exported] = background.rows(studio, "acme", FeedFilter())
    assert columns.cost_usd(exported) == 5


# -- requests to models -----------------------------------------------------------------------------------------------


def test_requests_are_listed_with_how_they_ended_and_lead_to_what_came_of_them(
    open_history: Open, studio: Studio, brief: Brief, demo: Any
) -> None:
    feed = wrote(studio, brief)
    demo.behaviours.append("refused")
    with pytest.raises(Refused):
        wrote(studio, brief)
    page = open_history(requests="any")
    assert page.told("markdown").count(brief.product_description[:20]) == 2
    [link] = page.app.get("page_link")
    assert "run" in dict(parse_qsl(link.proto.query_string))
    [opening] = [one for one in page.app.button if (one.key or "").startswith("open_")]
    page.click(str(opening.key))
    assert page.app.query_params["feed"] == str(feed.instagram_feed_id)
    page = open_history(requests="refused")
    assert "요청 1건" in page.told("markdown")
    page = open_history(requests="failed:wrong_key")
    assert "조건에 맞는 요청이 없어요." in page.told("markdown")


def test_a_team_that_never_asked_a_model_is_told_where_to_begin(open_history: Open, insert_by_sql: InsertBySql) -> None:
    insert_by_sql()  # by another program
    assert "No requests to a model yet." in open_history(lang="EN", requests="any").told("markdown")


def test_another_teams_requests_are_not_shown(open_history: Open, studio: Studio, brief: Brief) -> None:
    wrote(studio, replace(brief, tenant_id="other"))
    assert "No requests to a model yet." in open_history(lang="EN", requests="any").told("markdown")


@pytest.mark.parametrize("told", ["a\0b", "failed:x,", "<b>", "요청"])
def test_ends_that_make_no_sense_are_told(open_history: Open, told: str) -> None:
    page = open_history(requests=told)
    assert "알아볼 수 없어요" in page.told("error")
    assert page.has("start_over")


def test_another_period_is_chosen_though_an_hour_of_the_week_was(
    open_history: Open, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql()
    page = open_history(since="2026-11-01T00:00:00Z", until="2026-11-08T00:00:00Z", hour="1-09-Asia/Seoul")
    page.fill(find_period="month").run()
    assert len(rows(page)) == 1
    assert "hour" not in page.app.query_params


@pytest.mark.parametrize("tenant", [unicodedata.normalize("NFD", "한빛팀"), "acme ", "acme\u00a0", "Acme"], ids=ascii)
def test_a_team_opens_exactly_as_another_program_spells_it(
    open_page: Open, insert_by_sql: InsertBySql, tenant: str
) -> None:
    insert_by_sql(tenant_id=tenant, instagram_ad_copy="그 팀의 글")
    insert_by_sql(tenant_id="acme", instagram_ad_copy="남의 글")
    assert captions(open_page("history.py", tenant_id=tenant)) == ["그 팀의 글"]
    page = open_page("history.py", tenant_id="acme")
    [teams] = [
        each for each in page.app.selectbox if tenant in [option.removesuffix("\u2009") for option in each.options]
    ]
    teams.set_value(tenant)
    assert captions(page.run()) == ["그 팀의 글"]


def test_a_row_of_any_shape_opens_and_is_exported(
    open_history: Open, insert_by_sql: InsertBySql, as_owner: Sql, studio: Studio
) -> None:
    insert_by_sql(instagram_ad_copy="이웃")
    odd = insert_by_sql(instagram_ad_copy="별난 글", gpt_prompt_used="가" * 200_000)
    deep = '{"a": ' * 3_000 + "1" + "}" * 3_000
    as_owner("UPDATE instagram_feeds SET gpt_response_raw = %s, token_usage = %s WHERE instagram_feed_id = %s",
             deep, deep, odd)  # fmt: skip
    as_owner("INSERT INTO studio_feed_states VALUES ('acme', %s, 'frozen')", odd)
    assert sorted(captions(open_history())) == ["별난 글", "이웃"]
    page = open_history(feed=str(odd))
    assert "별난" in str(page.post())
    assert len(list(background.rows(studio, "acme", FeedFilter()))) == 2
