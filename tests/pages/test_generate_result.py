"""Links to captions and runs of the generate page, of whom they are, and markup that stays text."""

from __future__ import annotations

import dataclasses
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lib.demo.model import DemoModel
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support.opened_page import Opened

Sql = Callable[..., list[tuple[Any, ...]]]
Open = Callable[..., Opened]

MARKUP = (
    "![x](http://evil.example/a.png) <img src=x onerror=alert(1)> :violet[x] $x^2$ **x** `x` [x](http://evil.example)"
    " https://evil.kr WWW.evil.kr me@evil.kr :streamlit: :material/home:"
)
LINKED_OR_DRAWN = re.compile(r"https?://|www\.|[-.\w+]@[-\w]|:(streamlit|violet|material/home)", re.IGNORECASE)
"""What becomes a link, an icon or an image in plain text, after its escapes were taken out."""


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
