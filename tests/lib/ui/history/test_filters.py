"""Each filter and each search narrows the list and is in the address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from lib.domain.brief import Brief
from lib.feeds import workflow
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support import generating
from tests.support.experimenting import experiment_of
from tests.support.history_page import captions, rows
from tests.support.opened_page import Opened

Open = Callable[..., Opened]


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


def test_an_experiment_and_a_variant_narrow_the_list_by_their_names(
    open_history: Open, studio: Studio, brief: Brief
) -> None:
    generating.write(studio, brief)
    experiment_id = experiment_of(studio, brief, briefs=2)
    page = open_history(experiment=f"{experiment_id}:2")
    assert len(rows(page)) == 2
    page = open_history().fill(find_experiment=f"{experiment_id}:2").run()
    assert page.app.query_params["experiment"] == f"{experiment_id}:2"
    assert "말투 · 시안 2" in page.field("off_experiment").label
    assert len(rows(page.press("off_experiment"))) == 5
    assert len(rows(open_history(experiment=str(experiment_id)))) == 4
    assert "알아볼 수 없어요" in open_history(experiment="말투").told()


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


def test_the_archived_are_found_when_asked_for(open_history: Open, insert_by_sql: InsertBySql, studio: Studio) -> None:
    workflow.move(studio, "acme", [insert_by_sql(instagram_ad_copy="딸기")], "archived")
    page = open_history(q="딸기")
    assert "조건에 맞는 글이 없어요" in page.told()
    page.press("with_archived")
    assert captions(page) == ["딸기"]
    assert rows(page)[0]["status"]["text"] == "보관됨"


def test_another_period_is_chosen_though_an_hour_of_the_week_was(
    open_history: Open, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql()
    page = open_history(since="2026-11-01T00:00:00Z", until="2026-11-08T00:00:00Z", hour="1-09-Asia/Seoul")
    page.fill(find_period="month").run()
    assert len(rows(page)) == 1
    assert "hour" not in page.app.query_params
