"""A sponsored brief from the form to approval in a real browser: each way to lose its disclosure; a wrong price.

Once on Korean pages for a Korean caption, once on English pages for an English one.
"""

from __future__ import annotations

import contextlib
import os
from functools import partial

import psycopg2
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lib.domain.brief import Language
from lib.i18n import words
from tests.browser.conftest import Sql
from tests.conftest import dsn
from tests.support.browser.app_serving import App
from tests.support.browser.widgets import button, drawn, field, post

pytestmark = pytest.mark.browser

LABELS = {"ko": "[유료 광고]", "en": "[Paid advertisement]"}
RIGHT = {"ko": "6,900원", "en": "₩6,900"}
WRONG = {"ko": "통밀 식빵 4,900원", "en": "Warm bread for ₩4,900"}
FOLDED = {"ko": "오늘의 식빵\n" * 5 + "유료 광고예요", "en": "Warm bread today\n" * 5 + "A paid advertisement"}
UNCLEAR = {"ko": "AD 통밀 식빵", "en": "AD warm bread"}


SIX_TAGS = "#빵 #식빵 #통밀 #아침 #연남동 #광고"


def choose(page: Page, name: str, label: str) -> None:
    page.locator(f".st-key-{name}").get_by_text(label, exact=True).click()


def edit(page: Page, text: str) -> None:
    """Type another caption into the open editor, and save it."""
    drawn(page)
    field(page, "edit_text_1").fill(text)
    expect(button(page, "save_1")).to_be_enabled()
    button(page, "save_1").click()
    expect(post(page)).to_contain_text(text.splitlines()[-1])
    drawn(page)


def shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("FEED_STUDIO_SHOTS"):
        drawn(page)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_sponsored_brief_is_approved_with_its_disclosure_or_with_a_reason(
    context: BrowserContext, app: App, tenant: str, sql: Sql, language: Language
) -> None:
    label, on_pages = LABELS[language], partial(words.say, language)
    page = context.new_page()
    page.goto(f"{app.url}/?tenant_id={tenant}&lang={language.upper()}")
    expect(button(page, "generate")).to_be_visible()
    drawn(page)
    field(page, "product_description").fill("통밀 식빵 6,900원. 협찬받은 글이에요")
    choose(page, "language", on_pages(f"form.language_{language}"))
    button(page, "generate").click()
    expect(page.locator(".st-key-problem_sponsorship")).to_contain_text("협찬")  # the question
    shoot(page, f"question_{language}")
    choose(page, "sponsorship", on_pages("sponsorship.payment"))
    button(page, "generate").click()
    expect(button(page, "shorter_1")).to_be_visible()
    expect(post(page)).to_contain_text(label)

    button(page, "shorter_1").click()  # a button keeps it
    expect(page.get_by_text(on_pages("result.derived", change=on_pages("result.shorter")))).to_be_visible()
    expect(post(page)).to_contain_text(label)
    drawn(page)

    page.locator(".st-key-edit_1 summary").click()
    field(page, "edit_text_1").fill(WRONG[language])  # by hand: told before it is saved
    expect(page.get_by_text(f"“{label}”").first).to_be_visible()
    edit(page, WRONG[language])
    expect(page.locator(".st-key-findings_1")).to_contain_text("4,900")
    shoot(page, f"findings_{language}")
    button(page, "mend_1_1").click()  # a wrong price: one press, and its mark is gone
    expect(post(page)).to_contain_text(RIGHT[language])
    expect(page.locator(".st-key-findings_1")).not_to_contain_text("4,900")
    for text, told in (  # behind the fold; an unclear word
        (FOLDED[language], {"ko": "더 보기", "en": "behind “more”"}[language]),
        (UNCLEAR[language], label),
    ):
        edit(page, text)
        expect(page.locator(".st-key-findings_1")).to_contain_text(told)
    field(page, "edit_tags_1").fill(SIX_TAGS)  # as the sixth tag: refused; as a late one: no disclosure
    expect(button(page, "save_1")).to_be_disabled()
    field(page, "edit_tags_1").fill(SIX_TAGS.replace("#빵 ", ""))
    edit(page, "통밀 식빵")
    expect(page.locator(".st-key-findings_1")).to_contain_text("“#광고”")

    [(feed_id,)] = sql(
        "SELECT instagram_feed_id::text FROM instagram_feeds WHERE tenant_id = %s ORDER BY created_at DESC LIMIT 1",
        tenant,
    )
    page.goto(f"{app.url}/history?tenant_id={tenant}&feed={feed_id}&lang={language.upper()}")
    drawn(page)
    page.locator(".st-key-state button").first.click()
    button(page, "state_approved").click()
    expect(page.locator(".st-key-acknowledge")).to_be_visible()
    shoot(page, f"acknowledge_{language}")
    status = "SELECT status FROM studio_feed_states WHERE tenant_id = %s"
    assert sql(status, tenant) == []
    page.locator(".st-key-acknowledge input").fill("사진에 적혀 있어요")
    page.locator(".st-key-acknowledge input").press("Enter")
    drawn(page)
    button(page, "acknowledge_yes").click()
    expect(page.locator(".st-key-acknowledge")).to_have_count(0)
    drawn(page)
    assert sql(status, tenant) == [("approved",)]
    assert sql("SELECT acknowledged FROM studio_feed_moves WHERE tenant_id = %s", tenant) == [("사진에 적혀 있어요",)]

    with contextlib.closing(psycopg2.connect(dsn(app.owner_url))) as elsewhere:  # somebody changes it just now
        elsewhere.cursor().execute("SELECT FROM instagram_feeds WHERE tenant_id = %s FOR UPDATE", (tenant,))
        page.goto(f"{app.url}/history?tenant_id={tenant}&findings=disclosure&lang={language.upper()}")
        expect(page.get_by_text(on_pages("history.unchecked", count=2))).to_be_visible()
    expect(page.locator(".feed")).to_have_count(1)
    expect(page.locator(".feed .finding").first).to_be_visible()
    shoot(page, f"list_{language}")

    page.locator(".feed .open").first.click()  # a version without it is restored with it
    button(page, "restore_2").click()
    expect(page.get_by_text(on_pages("checked.put_back"))).to_be_visible()
    expect(post(page)).to_contain_text(f"{label} {WRONG[language]}")
