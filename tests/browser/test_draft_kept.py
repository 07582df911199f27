"""What is typed survives everything that can happen to a page, in a real browser against a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.support.browser.serving import Server, serving
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("harness_draft.py") as running:
        yield running


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser of one person: its storage is shared by its tabs and gone with it."""
    with chromium.new_context() as context:
        context.set_default_timeout(PATIENCE_S * 1000)
        yield context


@pytest.fixture
def page(context: BrowserContext, server: Server) -> Page:
    return opened(context, server)


def opened(context: BrowserContext, server: Server, path: str = "/") -> Page:
    page = context.new_page()
    page.goto(server.url + path)
    settled(page)
    return page


def field(page: Page, name: str) -> Locator:
    return page.locator(f".st-key-{name}").locator("textarea, input")


def settled(page: Page) -> None:
    """The form is drawn and no run is under way."""
    expect(page.get_by_text("run ", exact=False).last).to_be_visible()
    expect(page.locator('[data-test-script-state="running"]')).to_have_count(0)


def press(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button").click()


def press_without_leaving_the_field(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button").evaluate("button => button.click()")


def rerun_seen(page: Page, key: str = "rerun") -> None:
    """Press a button without leaving the field, and wait until the run it caused is on the page."""
    before = page.get_by_text("run ", exact=False).last.inner_text()
    press_without_leaving_the_field(page, key)
    expect(page.get_by_text(before, exact=True)).to_have_count(0)
    settled(page)


def test_text_typed_without_leaving_the_field_is_back_after_a_reload(page: Page) -> None:
    field(page, "product_description").press_sequentially("고구마 라떼, half a sen")
    page.reload()
    expect(field(page, "product_description")).to_have_value("고구마 라떼, half a sen")
    expect(page.locator("code")).to_contain_text("고구마 라떼, half a sen")


def test_text_is_back_in_a_new_tab_after_the_old_one_was_closed(
    page: Page, context: BrowserContext, server: Server
) -> None:
    field(page, "product_description").press_sequentially("closed too early")
    page.close()
    expect(field(opened(context, server), "product_description")).to_have_value("closed too early")


def test_a_stranger_on_another_machine_finds_nothing(page: Page, chromium: Browser, server: Server) -> None:
    field(page, "product_description").press_sequentially("mine")
    with chromium.new_context() as another:
        there = opened(another, server)
        expect(field(there, "product_description")).to_have_value("")


def test_each_tenant_has_its_own_draft(page: Page) -> None:
    def choose(tenant: str) -> None:
        page.locator(".st-key-tenant_id input").click()
        page.get_by_role("option", name=tenant).click()

    field(page, "product_description").press_sequentially("of the bakery")
    choose("cafe")
    expect(field(page, "product_description")).to_have_value("")
    field(page, "product_description").press_sequentially("of the cafe")
    choose("bakery")
    expect(field(page, "product_description")).to_have_value("of the bakery")
    choose("cafe")
    expect(field(page, "product_description")).to_have_value("of the cafe")
    page.reload()
    expect(field(page, "product_description")).to_have_value("of the bakery")
    choose("cafe")
    expect(field(page, "product_description")).to_have_value("of the cafe")


def test_switching_the_language_keeps_what_was_typed_and_translates_what_was_not(page: Page) -> None:
    field(page, "product_description").press_sequentially("bilingual")
    page.locator(".st-key-language label", has_text="en").click()
    expect(page.get_by_label("Product")).to_have_value("bilingual")
    expect(field(page, "gpt_prompt")).to_have_value("Write warmly")
    page.locator(".st-key-language label", has_text="ko").click()
    expect(field(page, "gpt_prompt")).to_have_value("따뜻하게 써 주세요")
    field(page, "gpt_prompt").fill("my own words")
    page.locator(".st-key-language label", has_text="en").click()
    expect(page.get_by_label("Instruction")).to_have_value("my own words")
    page.reload()
    expect(field(page, "product_description")).to_have_value("bilingual")
    expect(field(page, "gpt_prompt")).to_have_value("my own words")


def test_text_is_there_after_the_server_was_killed_and_came_back(context: BrowserContext) -> None:
    with serving("harness_draft.py") as mortal:
        page = opened(context, mortal)
        field(page, "product_description").press_sequentially("committed")
        press(page, "rerun")
        expect(page.locator("code")).to_contain_text("committed")
        field(page, "product_description").press_sequentially(" and not")
        mortal.kill()
        expect(field(page, "product_description")).to_be_disabled()
        mortal.start()
        expect(field(page, "product_description")).to_be_enabled(timeout=PATIENCE_S * 1000)
        field(page, "product_description").press_sequentially(" yet")
        press_without_leaving_the_field(page, "rerun")
        expect(page.locator("code")).to_contain_text("committed and not yet")
        expect(field(page, "product_description")).to_have_value("committed and not yet")
        page.reload()
        expect(field(page, "product_description")).to_have_value("committed and not yet")


def test_a_reload_while_the_server_is_away_loses_nothing(context: BrowserContext) -> None:
    with serving("harness_draft.py") as mortal:
        page = opened(context, mortal)
        field(page, "product_description").press_sequentially("typed before")
        mortal.kill()
        with pytest.raises(Exception, match="ERR_CONNECTION_REFUSED"):
            page.reload()
        mortal.start()
        page.goto(mortal.url)
        expect(field(page, "product_description")).to_have_value("typed before")


def test_a_value_that_python_set_is_kept(page: Page) -> None:
    field(page, "tone_style").press_sequentially("old tone")
    page.get_by_role("radio", name="formal").or_(page.get_by_role("button", name="formal")).click()
    expect(field(page, "tone_style")).to_have_value("formal")
    page.reload()
    expect(field(page, "tone_style")).to_have_value("formal")


def test_a_field_emptied_on_purpose_stays_empty(page: Page) -> None:
    expect(field(page, "gpt_prompt")).to_have_value("따뜻하게 써 주세요")
    field(page, "gpt_prompt").fill("")
    page.reload()
    settled(page)
    expect(field(page, "gpt_prompt")).to_have_value("")
    expect(page.locator("code")).to_contain_text('"gpt_prompt": ""')


def test_a_rerun_keeps_text_that_has_not_been_committed(page: Page) -> None:
    field(page, "product_description").press_sequentially("still typing")
    rerun_seen(page)
    expect(field(page, "product_description")).to_have_value("still typing")
    page.reload()
    expect(field(page, "product_description")).to_have_value("still typing")


def test_an_older_value_on_its_way_back_does_not_replace_newer_typing(context: BrowserContext, server: Server) -> None:
    page = opened(context, server, "/?slow=1")
    field(page, "product_description").press_sequentially("first")
    before = page.get_by_text("run ", exact=False).last.inner_text()
    press(page, "rerun")
    field(page, "product_description").press_sequentially(" second")
    page.keyboard.press("Tab")
    expect(page.get_by_text(before, exact=True)).to_have_count(0)
    settled(page)
    expect(field(page, "product_description")).to_have_value("first second")
    page.reload()
    expect(field(page, "product_description")).to_have_value("first second")


def test_text_is_back_after_a_walk_to_another_page(page: Page) -> None:
    field(page, "product_description").press_sequentially("I will be back")
    press_without_leaving_the_field(page, "leave")
    press(page, "back")
    expect(field(page, "product_description")).to_have_value("I will be back")
    expect(page.locator("code")).to_contain_text("I will be back")


def test_a_brief_chosen_on_another_page_goes_before_the_draft(page: Page) -> None:
    field(page, "product_description").press_sequentially("mine")
    field(page, "tone_style").press_sequentially("calm")
    press(page, "leave")
    press(page, "reuse")
    expect(field(page, "product_description")).to_have_value("from history")
    expect(field(page, "tone_style")).to_have_value("calm")
    page.reload()
    expect(field(page, "product_description")).to_have_value("from history")


def test_a_new_brief_starts_empty_and_stays_so(page: Page, context: BrowserContext, server: Server) -> None:
    field(page, "product_description").press_sequentially("the last one")
    field(page, "gpt_prompt").fill("other words")
    press(page, "new")
    expect(field(page, "product_description")).to_have_value("")
    expect(field(page, "gpt_prompt")).to_have_value("따뜻하게 써 주세요")
    page.reload()
    settled(page)
    expect(field(page, "product_description")).to_have_value("")
    there = opened(context, server)
    expect(field(there, "product_description")).to_have_value("")


def test_a_tab_that_only_runs_does_not_take_the_place_of_one_that_was_typed_in(
    page: Page, context: BrowserContext, server: Server
) -> None:
    field(page, "product_description").press_sequentially("older")
    second = opened(context, server)
    expect(field(second, "product_description")).to_have_value("older")
    field(second, "product_description").press_sequentially(" and newer")
    press(page, "leave")
    press(page, "back")
    expect(field(page, "product_description")).to_have_value("older")
    settled(page)
    second.close()
    third = opened(context, server)
    expect(field(third, "product_description")).to_have_value("older and newer")


@pytest.mark.parametrize(
    "broken",
    [
        "for (const name of ['localStorage', 'sessionStorage']) "
        "Object.defineProperty(window, name, { get() { throw new DOMException('off', 'SecurityError') } })",
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }",
        "for (const kept of [localStorage, sessionStorage]) "
        'kept.setItem(\'feed-studio.draft.bakery\', \'{"values": {"product_description": 7}, "start": [\')',
        "for (const kept of [localStorage, sessionStorage]) "
        "kept.setItem('feed-studio.draft.bakery', '{\"values\": {\"product_description\": 7}}')",
    ],
    ids=["disabled", "full", "not-json", "not-text"],
)
def test_storage_that_fails_does_not_break_the_page(context: BrowserContext, server: Server, broken: str) -> None:
    context.add_init_script(broken)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(server.url)
    settled(page)
    field(page, "product_description").press_sequentially("goes on")
    press_without_leaving_the_field(page, "leave")
    press(page, "back")
    expect(field(page, "product_description")).to_have_value("goes on")
    expect(page.locator("code")).to_contain_text("goes on")
    expect(page.get_by_text("BidiComponent Error")).to_have_count(0)
    assert errors == []


def test_half_a_character_in_the_draft_does_not_stop_the_page(context: BrowserContext, server: Server) -> None:
    kept = r"""{"start": "x", "values": {"product_description": "half \ud83d"}}"""
    context.add_init_script(f"localStorage.setItem('feed-studio.draft.bakery', '{kept}')")
    page = opened(context, server)
    expect(field(page, "product_description")).to_have_value("half \ufffd")


def test_the_keeper_itself_takes_no_room(page: Page) -> None:
    expect(page.locator(".st-key-draft")).to_be_hidden()  # as soon as its script runs
