"""The history page as a whole: for a new team, another team, odd rows, and a database that is away."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lib.domain.brief import Brief
from lib.domain.feed_filter import FeedFilter
from lib.exports import background
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.history_page import captions, wrote
from tests.support.opened_page import Opened
from tests.support.outage import database_away

Open = Callable[..., Opened]
Sql = Callable[..., list[tuple[Any, ...]]]


def test_a_new_team_is_told_what_will_be_here_and_where_to_begin(open_history: Open) -> None:
    page = open_history()
    assert "아직 글이 없어요" in page.told()
    assert not any(one.key == "feeds" for one in page.app.get("bidi_component"))


def test_markup_in_a_caption_stays_text_everywhere(open_history: Open, insert_by_sql: InsertBySql) -> None:
    evil = "![x](http://evil.example/a.png) **x** <img src=x>"
    feed_id = insert_by_sql(
        instagram_ad_copy=evil, tone_style=evil, product_description=evil, gpt_model_name=evil, gpt_prompt=evil
    )
    for address in ({}, {"q": "evil"}, {"tone": evil}, {"feed": str(feed_id)}):
        page = open_history(**address)
        assert not any("](http" in text or re.search(r"(?<!\\)<img", text) for text in page.in_markdown()), address


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


def test_with_the_database_away_the_page_says_so(open_history: Open, studio: Studio) -> None:
    with database_away(studio):
        assert "데이터베이스가 응답하지 않아요" in open_history().told("error")


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
