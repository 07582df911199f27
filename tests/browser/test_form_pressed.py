"""The form under impatient fingers and without a mouse, in a real browser on the whole app."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Sql
from tests.support.browser.app_serving import App
from tests.support.browser.widgets import button, choose_model, drawn, field, post

pytestmark = pytest.mark.browser


@pytest.fixture
def page(context: BrowserContext, app: App, tenant: str) -> Page:
    """The form, open in a browser of its own."""
    page = context.new_page()
    page.goto(f"{app.url}/?tenant_id={tenant}")
    expect(button(page, "generate")).to_be_visible()
    expect(post(page)).to_be_visible()
    drawn(page)
    return page


KEEP_DRAWINGS = """
    window.drawings = {}
    const keep = (draw) => (drawn) => (drawn.data && (window.drawings[drawn.data.key] = drawn), draw(drawn))
    let draw
    window.feedStudioPress = { waiting: [], get draw() { return draw }, set draw(own) { draw = keep(own) } }
"""
OUTDATED = """
    const isTheForm = ({ data }) => data.form?.fields.some(({ name }) => name === "tone_style")
    const form = Object.values(drawings).find(isTheForm)
    const elsewhere = feedStudioPress.draw({ ...form, parentElement: document.createElement("div") })
    elsewhere()
    const before = feedStudioPress.draw({ ...form })
    feedStudioPress.draw({ ...form })
    before()
"""


def test_a_form_stays_when_an_outdated_drawing_of_it_comes_and_goes_late(page: Page) -> None:
    page.add_init_script(KEEP_DRAWINGS)
    page.reload()
    field(page, "product_description").fill("통밀 식빵")
    drawn(page)
    page.evaluate(f"{{ {OUTDATED} }}")
    expect(field(page, "product_description")).to_have_value("통밀 식빵", timeout=5_000)
    button(page, "generate").click()
    expect(button(page, "shorter_1")).to_be_visible()


MOVED = "document.querySelector('.st-key-generate').closest('.press').style.paddingTop = '300px'"


@pytest.mark.parametrize("meanwhile", [OUTDATED, MOVED])
def test_a_press_counts_though_the_page_is_drawn_between_its_two_halves(page: Page, meanwhile: str) -> None:
    page.add_init_script(KEEP_DRAWINGS)
    page.reload()
    field(page, "product_description").fill("통밀 식빵")
    drawn(page)
    button(page, "generate").hover()
    page.mouse.down()
    page.evaluate(f"{{ {meanwhile} }}")
    page.mouse.up()
    expect(button(page, "shorter_1")).to_be_visible(timeout=20_000)


@pytest.mark.parametrize("gap_ms", [0, 20, 150])
def test_a_double_click_writes_one_caption_and_shows_it_and_another_click_another(
    page: Page, app: App, tenant: str, sql_as: Sql, gap_ms: int
) -> None:
    field(page, "product_description").fill("저온에서 하루 숙성한 통밀 식빵")
    button(page, "generate").dblclick(delay=gap_ms)
    expect(button(page, "shorter_1")).to_be_visible()
    expect(post(page)).to_have_attribute("data-state", "done")
    made = "SELECT run_id::text FROM studio_generations WHERE tenant_id = %s"
    [(run_id,)] = sql_as(app.owner_url, made, tenant)
    assert f"run={run_id}" in page.url
    button(page, "generate").click()
    expect(page).not_to_have_url(re.compile(f"run={run_id}"))
    assert len(sql_as(app.owner_url, made, tenant)) == 2


def test_a_second_click_before_the_page_has_heard_of_the_first_is_the_same_press(
    page: Page, app: App, tenant: str, sql_as: Sql
) -> None:
    field(page, "product_description").fill("저온에서 하루 숙성한 통밀 식빵")
    page.locator(".st-key-variants").get_by_text("3", exact=True).click()
    expect(page.locator(".st-key-variants input:checked")).to_have_value("3")
    page.evaluate("for (let i = 0; i < 3; i++) document.querySelector('.st-key-generate button').click()")
    expect(button(page, "shorter_1")).to_be_visible()
    made = "SELECT count(*), count(DISTINCT run_id) FROM studio_generations WHERE tenant_id = %s"
    assert sql_as(app.owner_url, made, tenant) == [(3, 1)]


def test_the_options_survive_a_reload_and_a_new_tab(page: Page) -> None:
    choose_model(page, "demo-slow")
    field(page, "max_tokens").fill("900")
    page.reload()
    expect(field(page, "model")).to_have_value("demo-slow")
    expect(field(page, "max_tokens")).to_have_value("900")
    later = page.context.new_page()
    later.goto(page.url)
    expect(field(later, "max_tokens")).to_have_value("900")


@pytest.mark.parametrize(
    "broken",
    [
        "for (const name of ['localStorage', 'sessionStorage']) "
        "Object.defineProperty(window, name, { get() { throw new DOMException('off', 'SecurityError') } })",
        "for (const kept of [localStorage, sessionStorage]) for (const key of "
        "['feed-studio.presses', 'feed-studio.person_draft.person', `feed-studio.draft.${new URL(location).searchParams"
        '.get(\'tenant_id\')}`]) kept.setItem(key, \'{"values": {"product_description": 7}, "base": [7]}\')',
    ],
    ids=["disabled", "not ours"],
)
def test_storage_that_fails_does_not_break_the_page(page: Page, broken: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script(broken)
    page.reload()
    field(page, "person").fill("지수")
    field(page, "product_description").fill("통밀 식빵")
    button(page, "generate").click()
    expect(button(page, "shorter_1")).to_be_visible()
    expect(field(page, "product_description")).to_have_value("통밀 식빵")
    assert errors == []


def test_what_is_wrong_with_a_field_is_tied_to_it_until_it_is_mended(page: Page) -> None:
    told = page.locator(".st-key-problem_product_description")
    button(page, "generate").click()
    expect(told).to_be_visible()
    product = field(page, "product_description")
    expect(product).to_be_focused()
    expect(product).to_have_attribute("aria-invalid", "true")
    expect(product).to_have_accessible_description(re.compile("비어 있어요. 내용을 적어 주세요."))
    page.keyboard.type("통밀 식빵")
    expect(told).to_be_hidden()
    expect(product).not_to_have_attribute("aria-invalid", "true")
    product.fill("")
    expect(told).to_be_visible()
    product.fill("통밀 식빵")
    button(page, "generate").click()
    expect(button(page, "shorter_1")).to_be_visible()
    expect(told).to_have_count(0)


def test_the_browser_knows_the_language_of_the_page(page: Page, app: App) -> None:
    html = page.locator("html")
    expect(html).to_have_attribute("lang", "ko")
    page.locator(".st-key-lang").get_by_text("EN").click()
    expect(html).to_have_attribute("lang", "en")


def test_a_button_of_streamlits_own_that_moves_between_the_two_halves_of_its_click_is_pressed(page: Page) -> None:
    page.locator(".press-unsure").wait_for(state="attached")
    page.locator(".st-key-lang").get_by_text("EN").hover()
    page.mouse.down()
    page.evaluate("document.querySelector('.st-key-lang').style.paddingTop = '300px'")
    page.mouse.up()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_it_can_be_stopped_where_it_was_begun(page: Page) -> None:
    choose_model(page, "demo-slow")
    field(page, "product_description").fill("저온에서 하루 숙성한 통밀 식빵")
    button(page, "generate").click()
    button(page, "stop_run").click()
    expect(page.locator('[data-testid="stAlert"]').filter(has_text="멈췄어요")).to_be_visible()
    expect(button(page, "generate")).to_be_enabled()
    expect(button(page, "stop_run")).to_have_count(0)
