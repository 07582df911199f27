"""The generate page as people use it: a real browser on the whole app, from the form to the row, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Sql
from tests.support.browser.app_serving import App
from tests.support.browser.widgets import button, choose_model, field, post

pytestmark = pytest.mark.browser

MARKUP = '<img src=x onerror="alert(1)"> ![x](http://evil.invalid/a.png) :violet[x] <script>alert(2)</script>'

PRODUCT = {"ko": "저온에서 하루 숙성한 통밀 식빵", "en": "Whole-wheat bread, proofed cold for a day"}
STORE = {"ko": "연남동 골목의 작은 빵집 '온기'", "en": "Ongi, a small bakery in Yeonnam-dong"}
WRITE, MORE, COPY_BOTH = (
    {"ko": "글 쓰기", "en": "Write caption"},
    {"ko": "더 보기", "en": "more"},
    {"ko": "모두 복사", "en": "Copy both"},
)

Visit = Callable[..., Page]


@pytest.fixture
def visit(context: BrowserContext, app: App, tenant: str) -> Visit:
    """Opens the page for the test's own tenant in a new tab, with these parameters in its address."""

    def opened(**address: str) -> Page:
        page = context.new_page()
        asked = {"tenant_id": tenant, **address}
        page.goto(f"{app.url}/?" + "&".join(f"{name}={value}" for name, value in asked.items()))
        expect(button(page, "generate")).to_be_visible()
        expect(post(page)).to_be_visible()
        return page

    return opened


def text(page: Page) -> Locator:
    return page.locator("article.post .caption .text").first


def told(page: Page) -> Locator:
    return page.locator('[data-testid="stAlert"]')


def written(page: Page) -> None:
    """The caption is stored and what can be done with it is there."""
    expect(button(page, "shorter_1")).to_be_visible()
    expect(post(page)).to_have_attribute("data-state", "done")


def in_the_middle(page: Page) -> None:
    """Some of the caption has arrived, and it is not all."""
    expect(post(page)).to_have_attribute("data-state", "writing")
    expect(text(page)).not_to_be_empty()


def rows(sql: Sql, tenant: str) -> list[tuple[Any, ...]]:
    return sql("SELECT instagram_ad_copy, hashtags FROM instagram_feeds WHERE tenant_id = %s ORDER BY pk", tenant)


def stored(sql: Sql, tenant: str, *, caption: str, hashtags: str) -> str:
    """The id of a row that the pipeline would have written."""
    statement = (
        "INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description,"
        " store_information, gpt_prompt, instagram_ad_copy, hashtags) VALUES (%s, 'a', 'b', 'c', 'd', 'e', %s, %s)"
        " RETURNING instagram_feed_id"
    )
    return str(sql(statement, tenant, caption, hashtags)[0][0])


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_brief_is_seen_being_written_and_becomes_the_row_that_the_page_shows(
    visit: Visit, sql: Sql, tenant: str, language: str
) -> None:
    page = visit(lang=language.upper())
    expect(button(page, "generate")).to_contain_text(WRITE[language])
    field(page, "product_description").fill(PRODUCT[language])
    field(page, "store_information").fill(STORE[language])
    page.evaluate(
        """() => {
            window.seen = []
            setInterval(() => {
                const post = document.querySelector("article.post") ?? [...document.querySelectorAll("*")]
                    .map((one) => one.shadowRoot?.querySelector("article.post")).find(Boolean)
                if (post?.dataset.state === "writing") window.seen.push(post.querySelector(".text").textContent)
            }, 20)
        }"""
    )
    button(page, "generate").click()
    written(page)
    [(caption, hashtags)] = rows(sql, tenant)
    whole = f"{caption}\n\n{hashtags}"
    grown = [len(piece) for piece in page.evaluate("window.seen") if piece]
    assert grown == sorted(grown)
    assert grown[0] < len(whole), "a part of it was there before the rest"
    page.get_by_role("button", name=COPY_BOTH[language]).click()
    assert page.evaluate("navigator.clipboard.readText()") == whole
    expect(page.locator(".counters").first).to_contain_text(f"{len(whole):,} / 2,200")
    assert re.search("[가-힣]", caption) if language == "ko" else not re.search("[가-힣]", caption)
    asked = sql("SELECT product_description, store_information FROM instagram_feeds WHERE tenant_id = %s", tenant)
    assert asked == [(PRODUCT[language], STORE[language])]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_linked_caption_unfolds_is_counted_and_is_copied_part_by_part(
    visit: Visit, sql: Sql, tenant: str, language: str
) -> None:
    caption, hashtags = "첫 줄입니다 🍂\n둘째 줄\n셋째 줄\n넷째 줄\n\n마지막 줄", "#온기빵집 #연남동"
    page = visit(lang=language.upper(), feed=stored(sql, tenant, caption=caption, hashtags=hashtags))
    expect(text(page)).not_to_contain_text("마지막 줄")
    post(page).get_by_role("button", name=MORE[language], exact=True).click()
    expect(text(page)).to_have_text(f"{caption}\n\n{hashtags}")
    expect(page.locator(".counters li").first).to_contain_text(f"{len(caption) + 2 + len(hashtags)} / 2,200")
    for name, whole in (("caption", caption), ("tags", hashtags), ("both", f"{caption}\n\n{hashtags}")):
        page.locator(f"[data-copies={name}]").click()
        expect(page.locator(f"[data-copies={name}]")).to_have_class(re.compile("copied"))
        assert page.evaluate("navigator.clipboard.readText()") == whole


def test_stop_stops_keeps_the_brief_and_says_so(visit: Visit, sql: Sql, tenant: str) -> None:
    page = visit()
    field(page, "product_description").fill(PRODUCT["ko"])
    choose_model(page, "demo-slow")
    button(page, "generate").click()
    in_the_middle(page)
    expect(button(page, "generate")).to_be_disabled()
    button(page, "stop_1").click()
    expect(told(page).filter(has_text="멈췄어요")).to_be_visible()
    expect(button(page, "generate")).to_be_enabled()
    expect(field(page, "product_description")).to_have_value(PRODUCT["ko"])
    assert rows(sql, tenant) == []
    assert sql("SELECT outcome FROM studio_generations WHERE tenant_id = %s", tenant) == [("stopped",)]


def test_a_reload_in_the_middle_of_writing_shows_the_same_run_to_its_end(visit: Visit, sql: Sql, tenant: str) -> None:
    page = visit()
    field(page, "product_description").fill(PRODUCT["ko"])
    choose_model(page, "demo-slow")
    button(page, "generate").click()
    in_the_middle(page)
    address = page.url
    page.reload()
    expect(post(page)).to_have_attribute("data-state", "writing")
    assert page.url == address
    expect(field(page, "product_description")).to_have_value(PRODUCT["ko"])
    written(page)
    assert len(rows(sql, tenant)) == 1
    assert sql("SELECT count(*) FROM studio_attempts WHERE tenant_id = %s", tenant) == [(1,)]


def test_what_is_being_typed_survives_a_reload_and_a_language_switch(visit: Visit) -> None:
    page = visit(lang="KO")
    field(page, "product_description").press_sequentially("아직 다 쓰지 않은 문")
    page.reload()
    expect(field(page, "product_description")).to_have_value("아직 다 쓰지 않은 문")
    field(page, "store_information").press_sequentially("half a sen")
    page.locator(".st-key-lang").get_by_text("EN").click()
    expect(button(page, "generate")).to_contain_text("Write caption")
    expect(field(page, "product_description")).to_have_value("아직 다 쓰지 않은 문")
    expect(field(page, "store_information")).to_have_value("half a sen")
    expect(field(page, "gpt_prompt")).to_have_value(re.compile("^Catch the eye"))


def test_back_shows_what_was_shown_before_and_keeps_what_was_typed(visit: Visit, sql: Sql, tenant: str) -> None:
    page = visit()
    field(page, "product_description").fill(PRODUCT["ko"])
    button(page, "generate").click()
    written(page)
    first = text(page).inner_text()
    field(page, "product_description").fill("단팥빵과 우유")
    button(page, "generate").click()
    expect(text(page)).not_to_have_text(first)
    written(page)
    assert len(rows(sql, tenant)) == 2
    page.go_back()
    expect(text(page)).to_have_text(first)
    expect(field(page, "product_description")).to_have_value("단팥빵과 우유")


def test_two_tabs_of_two_tenants_do_not_mix(visit: Visit, sql: Sql, tenant: str) -> None:
    tabs = {name: visit(tenant_id=name) for name in (f"{tenant}-a", f"{tenant}-b")}
    for name, page in tabs.items():
        field(page, "product_description").fill(f"{name}의 빵")
    for page in tabs.values():
        button(page, "generate").click()
    for name, page in tabs.items():
        written(page)
        [(caption, hashtags)] = rows(sql, name)
        page.locator("[data-copies=both]").click()
        expect(page.locator("[data-copies=both]")).to_have_class(re.compile("copied"))
        assert page.evaluate("navigator.clipboard.readText()") == f"{caption}\n\n{hashtags}"
        products = sql("SELECT product_description FROM instagram_feeds WHERE tenant_id = %s", name)
        assert products == [(f"{name}의 빵",)]


@pytest.mark.parametrize("language", ["KO", "EN"])
def test_a_phone_shows_one_column_and_never_scrolls_sideways(
    visit: Visit, sql: Sql, tenant: str, language: str
) -> None:
    page = visit(lang=language, feed=stored(sql, tenant, caption="긴글" * 300, hashtags="#온기빵집 #연남동"))
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(button(page, "save_1")).to_be_attached()
    fits = "document.scrollingElement.scrollWidth <= innerWidth"
    page.wait_for_function(fits)
    main = page.locator('[data-testid="stMain"]')
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    form, preview = field(page, "product_description").bounding_box(), post(page).bounding_box()
    assert form
    assert preview
    assert preview["y"] > form["y"] + form["height"], "the preview stands below the form"
    assert max(form["x"] + form["width"], preview["x"] + preview["width"]) <= 390


def test_the_keyboard_alone_is_enough(visit: Visit, sql: Sql, tenant: str) -> None:
    page = visit()
    tab_to(page, "product_description")
    page.keyboard.type("통밀 식빵")
    tab_to(page, "store_information")
    page.keyboard.type("온기")
    tab_to(page, "generate")
    page.keyboard.press("Enter")
    written(page)
    assert sql("SELECT product_description, store_information FROM instagram_feeds WHERE tenant_id = %s", tenant) == [
        ("통밀 식빵", "온기")
    ]


def tab_to(page: Page, key: str) -> None:
    """Press Tab until the focus is on the widget with this key, past the help beside its label."""
    own = f".st-key-{key} :is(textarea, input, button:not(.ask))"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("own => document.activeElement?.matches(own)", own):
            return
    pytest.fail(f"Tab never reaches {key}")


def test_markup_in_the_brief_stays_text_on_the_page_and_in_the_row(visit: Visit, sql: Sql, tenant: str) -> None:
    page = visit()
    field(page, "product_description").fill(MARKUP)
    field(page, "store_information").fill(MARKUP)
    field(page, "tone_style").fill(MARKUP)
    button(page, "generate").click()
    written(page)
    assert sql("SELECT product_description FROM instagram_feeds WHERE tenant_id = %s", tenant) == [(MARKUP,)]
    shown = stored(sql, tenant, caption=MARKUP, hashtags=f"#{MARKUP}")
    model = f"{MARKUP} https://evil.example www.evil.example me@evil.example :streamlit: :material/home:"
    sql("UPDATE instagram_feeds SET gpt_model_name = %s WHERE instagram_feed_id = %s", model, shown)
    linked = visit(feed=shown)
    expect(text(linked)).to_contain_text(MARKUP[:60])
    model_shown = linked.locator("[data-testid=stMarkdown]", has_text="evil.example")
    expect(model_shown).to_be_visible()
    expect(model_shown.locator("a, img, [data-testid=stIconMaterial]")).to_have_count(0)
    for tab in (page, linked):
        expect(tab.locator("img[src='x'], img[src*='evil']")).to_have_count(0)
        expect(tab.locator("script:not([src])", has_text="alert(2)")).to_have_count(0)


def test_an_empty_brief_is_told_beside_its_field_and_sends_nothing(visit: Visit, sql: Sql, tenant: str) -> None:
    page = visit(lang="EN")
    button(page, "generate").click()
    expect(page.locator(".st-key-problem_product_description")).to_have_text("This field is empty. Fill it in.")
    assert sql("SELECT count(*) FROM studio_generations WHERE tenant_id = %s", tenant) == [(0,)]


def test_an_edit_is_saved_from_the_browser(visit: Visit, sql: Sql, tenant: str) -> None:
    page = visit(feed=stored(sql, tenant, caption="처음 글", hashtags="#연남동"))
    page.locator(".st-key-edit_1 summary").click()
    field(page, "edit_text_1").fill("고친 글")
    expect(button(page, "save_1")).to_be_enabled()
    button(page, "save_1").click()
    expect(page.locator('[data-testid="stToast"]')).to_contain_text("저장했어요")
    expect(button(page, "save_1")).to_be_disabled()
    expect(text(page)).to_contain_text("고친 글")
    assert rows(sql, tenant) == [("고친 글", "#연남동")]
