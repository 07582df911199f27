"""What can be done with a caption on the generate page: links, changes, edits, and who may do them."""

from __future__ import annotations

import dataclasses
import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lib.demo.model import DemoModel
from lib.domain.prompt import CHANGES
from lib.store.database import Database
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.pages.conftest import Opened

Sql = Callable[..., list[tuple[Any, ...]]]
Open = Callable[..., Opened]

MARKUP = (
    "![x](http://evil.example/a.png) <img src=x onerror=alert(1)> :violet[x] $x^2$ **x** `x` [x](http://evil.example)"
    " https://evil.kr WWW.evil.kr me@evil.kr :streamlit: :material/home:"
)
LINKED_OR_DRAWN = re.compile(r"https?://|www\.|[-.\w+]@[-\w]|:(streamlit|violet|material/home)", re.IGNORECASE)
"""What becomes a link, an icon or an image in plain text, after its escapes were taken out."""


def texts(as_owner: Sql, feed_id: Any) -> tuple[Any, ...]:
    return as_owner("SELECT instagram_ad_copy, hashtags FROM instagram_feeds WHERE instagram_feed_id = %s", feed_id)[0]


# -- links ------------------------------------------------------------------------------------------------------------


def test_a_link_opens_the_feed_in_a_new_session_also_one_that_the_pipeline_wrote(
    open_page: Open, insert_by_sql: InsertBySql
) -> None:
    feed_id = insert_by_sql(tenant_id="acme", instagram_ad_copy="파이프라인의 글", hashtags="#카페 #서울")
    page = open_page(tenant_id="acme", feed=str(feed_id))
    assert page.post()["copy"] == {
        "caption": "파이프라인의 글",
        "tags": "#카페 #서울",
        "both": "파이프라인의 글\n\n#카페 #서울",
        "link": f"/?tenant_id=acme&feed={feed_id}",
    }
    assert page.told("markdown").count("알 수 없음") == 4, "time, tokens, cost and model are unknown, not 0"


def test_a_link_opens_its_tenant_wherever_that_stands_among_the_tenants(
    open_page: Open, insert_by_sql: InsertBySql, as_owner: Sql
) -> None:
    as_owner("INSERT INTO studio_tenants (tenant_id) VALUES ('acme'), ('my-team'), ('rival') ON CONFLICT DO NOTHING")
    for tenant in ("acme", "my-team", "rival", "stranger"):
        feed_id = insert_by_sql(tenant_id=tenant, instagram_ad_copy=f"of {tenant}")
        page = open_page(tenant_id=tenant, feed=str(feed_id))
        assert page.field("tenant_id").value == tenant
        assert page.post()["copy"]["caption"] == f"of {tenant}"


def test_a_link_to_another_tenants_feed_finds_nothing(open_page: Open, insert_by_sql: InsertBySql) -> None:
    feed_id = insert_by_sql(tenant_id="rival", instagram_ad_copy="a rival's secret")
    page = open_page(tenant_id="acme", feed=str(feed_id))
    assert f"이 팀에는 그런 글이 없어요 ({feed_id})" in page.told("error")
    assert "a rival's secret" not in str(page.app)
    assert f"This team has no caption {feed_id}" in open_page(tenant_id="acme", feed=str(feed_id), lang="EN").told(
        "error"
    )


def test_a_link_to_another_tenants_run_finds_nothing(open_page: Open, page: Opened) -> None:
    page.press("generate")
    run_id = page.app.query_params["run"]
    assert open_page(run=run_id).post()["state"] == "done"
    assert "이 팀에는 그런 기록이 없어요" in open_page(tenant_id="rival", run=run_id).told("error")


def test_what_the_address_names_and_is_not_there_is_told_also_where_it_is_nonsense(open_page: Open) -> None:
    run_id = uuid.uuid4()
    assert f"이 팀에는 그런 기록이 없어요 ({run_id})" in open_page(run=str(run_id)).told("error")
    assert "이 팀에는 그런 기록이 없어요 (<b>)" in open_page(run="<b>").told("error")
    nonsense = open_page(feed="'; DROP TABLE instagram_feeds; --")
    assert "이 팀에는 그런 글이 없어요 ('; DROP TABLE" in nonsense.told("error")
    assert not nonsense.field("generate").disabled


# -- written again ----------------------------------------------------------------------------------------------------


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
    there, away = studio.database, Database("postgresql://app@127.0.0.1:1/nowhere")
    studio.database = away
    page.press("warmer_1")
    assert "데이터베이스가 응답하지 않아요" in page.told("error")
    studio.database = there
    away.close()
    assert page.run().post()["state"] == "done"


# -- edited by hand ---------------------------------------------------------------------------------------------------


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


# -- nobody's markup --------------------------------------------------------------------------------------------------


def unescaped(texts_sent: list[str]) -> str:
    """What is left for a reader of Markdown once everything escaped is taken away."""
    return re.sub(r"\\[!-/:-@\[-`{-~]", "", "\n".join(texts_sent))


def assert_inert(page: Opened) -> None:
    sent = unescaped(page.in_markdown())
    for piece in ("//evil", "<img", "![", ":violet[", "$x", "**x**", "`x`"):
        assert piece not in sent
    plain = [re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text) for text in page.in_markdown() if "evil" in text]
    for text in plain:
        assert not LINKED_OR_DRAWN.search(text)


def test_markup_in_a_stored_row_never_reaches_a_place_that_reads_it(
    open_page: Open, insert_by_sql: InsertBySql, as_owner: Sql
) -> None:
    names = ("refined_ad_copy_eng", "tone_style", "product_description", "store_information", "gpt_prompt")
    feed_id = insert_by_sql(
        tenant_id=MARKUP,
        **dict.fromkeys(names, MARKUP),
        instagram_ad_copy=MARKUP,
        hashtags=MARKUP,
        gpt_model_name=MARKUP,
        token_usage={"total_tokens": MARKUP},
        gpt_response_raw={"service_tier": MARKUP, "choices": MARKUP},
    )
    as_owner("INSERT INTO studio_tenants (tenant_id) VALUES (%s) ON CONFLICT DO NOTHING", MARKUP)
    page = open_page(tenant_id=MARKUP, feed=str(feed_id))
    assert page.post()["copy"]["caption"] == MARKUP
    assert MARKUP in page.told("markdown"), "the model's name stands there as it is"
    assert_inert(page)
    assert_inert(page.fill(edit_text_1=MARKUP + "1", edit_tags_1=f"#{MARKUP} #1").run())
    assert page.press_buttons()["use_brief_1"]["values"]["product_description"] == MARKUP


def test_markup_in_a_brief_or_in_a_servers_words_stays_text(
    page: Opened, demo: DemoModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("refined_ad_copy_eng", "tone_style", "product_description", "store_information", "gpt_prompt")
    page.fill(**dict.fromkeys(names, MARKUP)).press("generate")
    assert_inert(page)
    monkeypatch.setattr("lib.demo.model.copywriting.refusal", lambda _asked: MARKUP)
    demo.behaviours.append("refused")
    page.press("generate")
    assert f"“{MARKUP}”" in page.told("error")
    assert_inert(page)


def test_a_models_name_with_markup_stays_text_when_the_server_does_not_know_it(studio: Studio, open_page: Open) -> None:
    studio.settings = dataclasses.replace(studio.settings, openai_models=("demo", f"demo-{MARKUP}"))
    page = open_page().fill(product_description="빵", model=f"demo-{MARKUP}").press("generate")
    assert f"demo-{MARKUP} 모델이 없거나" in page.told("error")
    assert_inert(page)
