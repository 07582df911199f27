"""What is made of a caption from its post: other captions, each with its origin."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lib.demo.model import DemoModel
from lib.domain.prompt import CHANGES
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.opened_page import Opened
from tests.support.outage import database_away
from tests.support.stored import texts

Sql = Callable[..., list[tuple[Any, ...]]]
Open = Callable[..., Opened]


def test_each_change_makes_a_row_of_its_own_that_knows_where_it_came_from(
    page: Opened, as_owner: Sql, demo: DemoModel
) -> None:
    page.press("generate")
    [(first,)] = as_owner("SELECT instagram_feed_id FROM instagram_feeds")
    text, tags = texts(as_owner, first)
    for change in CHANGES:
        page.press(f"{change}_1")
        assert page.told("error") == ""
        asked = json.loads(demo.requests[-1]["messages"][1]["content"])
        assert (asked["change"], asked["previous_caption"], asked["previous_hashtags"]) == (change, text, tags)
        page.press("open_parent_1")
        assert page.post()["copy"]["caption"] == text
    assert as_owner("SELECT parent_feed_id, change FROM studio_generations ORDER BY created_at") == [
        (None, None),
        *((first, change) for change in CHANGES),
    ]
    assert as_owner("SELECT count(*), count(DISTINCT product_description) FROM instagram_feeds") == [(6, 1)]
    assert texts(as_owner, first) == (text, tags), "the original stays as it was"


def test_a_feed_of_the_pipeline_can_be_written_again(
    open_page: Open, insert_by_sql: InsertBySql, as_owner: Sql
) -> None:
    feed_id = insert_by_sql(tenant_id="acme")
    as_owner("INSERT INTO studio_tenants (tenant_id) VALUES ('acme') ON CONFLICT DO NOTHING")
    page = open_page(tenant_id="acme", feed=str(feed_id)).press("shorter_1")
    assert page.told("error") == ""
    assert as_owner("SELECT parent_feed_id FROM studio_generations") == [(str(feed_id),)]


@pytest.mark.parametrize(("text", "language"), [("오늘의 빵", "ko"), ("Bread of the day", "en")])
def test_a_feed_of_the_pipeline_is_written_again_in_its_own_language(
    open_page: Open, insert_by_sql: InsertBySql, as_owner: Sql, text: str, language: str
) -> None:
    feed_id = insert_by_sql(tenant_id="my-team", instagram_ad_copy=text)
    open_page(feed=str(feed_id)).press("shorter_1")
    assert as_owner("SELECT options ->> 'language' FROM studio_generations") == [(language,)]


def test_a_pipelines_brief_that_cannot_be_sent_says_why(
    open_page: Open, insert_by_sql: InsertBySql, as_owner: Sql
) -> None:
    feed_id = insert_by_sql(tenant_id="acme", tone_style="", gpt_prompt="가" * 3_000)
    as_owner("INSERT INTO studio_tenants (tenant_id) VALUES ('acme') ON CONFLICT DO NOTHING")
    page = open_page(tenant_id="acme", feed=str(feed_id)).press("shorter_1")
    assert "톤 & 스타일: 비어 있어요." in page.told("error")
    assert "작성 지시: 3,000자예요." in page.told("error")
    assert as_owner("SELECT count(*) FROM studio_generations") == [(0,)]


def test_a_change_while_the_database_is_away_says_so(page: Opened, studio: Studio) -> None:
    page.press("generate")
    with database_away(studio):
        page.press("warmer_1")
        assert "데이터베이스가 응답하지 않아요" in page.told("error")
    assert page.run().post()["state"] == "done"
