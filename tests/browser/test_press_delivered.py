"""Every press asks for the words on the screen, once, whatever happens to the connection.

A real browser, the whole app, and a network between them that breaks.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser.app_serving import App, serving_app
from tests.support.browser.broken_network import BrokenNetwork
from tests.support.browser.person import person
from tests.support.browser.widgets import button, drawn, field, post

pytestmark = pytest.mark.browser

Sql = Callable[..., list[tuple[Any, ...]]]

CUT = "for (const socket of window.sockets) if (socket.readyState < 2) socket.close(4000)"
WATCH_SOCKETS = """
    window.sockets = []
    const Own = window.WebSocket
    window.WebSocket = class extends Own { constructor(...all) { super(...all); window.sockets.push(this) } }
"""


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    """An app that is killed, and cut off from its browsers."""
    with serving_app(FEED_STUDIO_DEMO_PACE="0.1") as running:
        yield running


@pytest.fixture(scope="module")
def proxy(app: App) -> Iterator[BrokenNetwork]:
    """One for all tests, because a browser keeps what it has compiled by address."""
    network = BrokenNetwork(app.port)
    yield network
    network.close()


@pytest.fixture
def network(proxy: BrokenNetwork) -> Iterator[BrokenNetwork]:
    """A network that works, until the test breaks it."""
    yield proxy
    proxy.is_shut = proxy.holds_back = False


@pytest.fixture
def team() -> str:
    """A team that no other test knows."""
    return f"team-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def context(chromium: Browser, network: BrokenNetwork) -> Iterator[BrowserContext]:
    with person(chromium, network.url) as context, context.add_init_script(WATCH_SOCKETS):
        yield context


@pytest.fixture
def page(context: BrowserContext, network: BrokenNetwork, team: str) -> Page:
    return opened(context, network, team)


def opened(context: BrowserContext, network: BrokenNetwork, team: str) -> Page:
    page = context.new_page()
    page.goto(f"{network.url}/?tenant_id={team}")
    expect(button(page, "generate")).to_be_visible()
    expect(post(page)).to_be_visible()
    drawn(page)
    return page


def fill(page: Page, words: str) -> None:
    field(page, "product_description").fill(f"{words} bread")
    field(page, "refined_ad_copy_eng").fill(words)


def written(page: Page, words: str) -> None:
    """The page shows the finished caption of these words; the demo model repeats the brief's."""
    expect(button(page, "shorter_1")).to_be_visible()
    expect(post(page)).to_have_attribute("data-state", "done")
    expect(post(page)).to_contain_text(words, ignore_case=True)
    expect(button(page, "generate")).to_be_enabled()


@pytest.fixture
def briefs(app: App, team: str, sql_as: Sql) -> Callable[[], list[str]]:
    """The words of what was asked for, in order; each has to have its own ad copy beside it."""

    def read() -> list[str]:
        asked = sql_as(
            app.owner_url,
            "SELECT brief ->> 'product_description', brief ->> 'refined_ad_copy_eng' FROM studio_generations"
            " WHERE tenant_id = %s ORDER BY created_at",
            team,
        )
        assert all(product.startswith(copy) for product, copy in asked), "no brief mixes the words of two"
        return [copy for _, copy in asked]

    return read


def test_each_way_of_pressing_sends_the_words_on_the_screen(page: Page, briefs: Callable[[], list[str]]) -> None:
    fill(page, "Apple")
    button(page, "generate").click()
    written(page, "Apple")
    fill(page, "Berry")
    field(page, "product_description").press("Control+Enter")
    written(page, "Berry")
    fill(page, "Cherry")
    button(page, "generate").evaluate("button => button.click()")
    written(page, "Cherry")
    fill(page, "Date")
    button(page, "generate").focus()
    page.keyboard.press("Space")
    written(page, "Date")
    assert briefs() == ["Apple", "Berry", "Cherry", "Date"]


def test_the_other_words_of_a_press_while_one_is_being_written_are_another_press(
    page: Page, briefs: Callable[[], list[str]]
) -> None:
    fill(page, "Apple")
    button(page, "generate").dblclick()
    fill(page, "Berry")
    button(page, "generate").click()
    written(page, "Berry")
    assert briefs() == ["Apple", "Berry"]


@pytest.mark.parametrize("when", ["before the words", "between the fields", "after the words", "right after the press"])
def test_a_lost_connection_loses_neither_words_nor_press(
    page: Page, briefs: Callable[[], list[str]], when: str
) -> None:
    if when == "before the words":
        page.evaluate(CUT)
    field(page, "product_description").fill("Apple bread")
    if when == "between the fields":
        page.evaluate(CUT)
    field(page, "refined_ad_copy_eng").fill("Apple")
    if when == "after the words":
        page.evaluate(CUT)
    button(page, "generate").click()
    if when == "right after the press":
        page.evaluate(CUT)
    written(page, "Apple")
    assert briefs() == ["Apple"]


def test_while_nobody_gets_through_the_page_says_so_and_delivers_later(
    page: Page, network: BrokenNetwork, briefs: Callable[[], list[str]]
) -> None:
    network.is_shut = True
    network.cut()
    fill(page, "Apple")
    button(page, "generate").click()
    status = page.locator(".st-key-brief .status").first
    expect(status).to_contain_text("서버에 아직 닿지 않았어요")
    expect(field(page, "product_description")).to_have_value("Apple bread")
    network.is_shut = False
    written(page, "Apple")
    expect(status).to_be_hidden()
    assert briefs() == ["Apple"]


def test_a_press_survives_a_reload_before_it_arrived(
    page: Page, network: BrokenNetwork, briefs: Callable[[], list[str]]
) -> None:
    network.is_shut = True
    network.cut()
    fill(page, "Apple")
    button(page, "generate").click()
    address = page.url
    page.goto("about:blank")
    network.is_shut = False
    page.goto(address)
    written(page, "Apple")
    assert briefs() == ["Apple"]


@pytest.mark.parametrize("way", ["reload", "new tab"])
def test_what_comes_late_never_goes_over_what_was_typed_meanwhile(
    page: Page, network: BrokenNetwork, context: BrowserContext, team: str, briefs: Callable[[], list[str]], way: str
) -> None:
    fill(page, "Apple")
    button(page, "generate").click()
    written(page, "Apple")
    if way == "reload":
        page.reload(wait_until="commit")
    else:
        page = context.new_page()
        page.goto(f"{network.url}/?tenant_id={team}", wait_until="commit")
    field(page, "product_description").wait_for()
    network.holds_back = True
    fill(page, "Berry")
    network.holds_back = False
    drawn(page)
    button(page, "generate").click()
    written(page, "Berry")
    assert briefs() == ["Apple", "Berry"]


def test_a_new_brief_never_empties_what_was_typed_after_it(
    page: Page, network: BrokenNetwork, briefs: Callable[[], list[str]]
) -> None:
    fill(page, "Apple")
    network.holds_back = True
    button(page, "new_brief").click()
    expect(field(page, "product_description")).to_have_value("")
    fill(page, "Berry")
    network.holds_back = False
    drawn(page)
    expect(field(page, "product_description")).to_have_value("Berry bread")
    button(page, "undo_new_brief").click()
    expect(field(page, "product_description")).to_have_value("Apple bread")
    button(page, "generate").click()
    written(page, "Apple")
    assert briefs() == ["Apple"]


def test_an_edit_is_saved_with_the_words_on_the_screen_whatever_the_network_does(
    page: Page, network: BrokenNetwork, app: App, team: str, sql_as: Sql
) -> None:
    fill(page, "Apple")
    button(page, "generate").click()
    written(page, "Apple")
    page.locator(".st-key-edit_1 summary").click()
    field(page, "edit_text_1").fill("half a line")
    page.reload(wait_until="commit")
    field(page, "edit_text_1").wait_for()
    network.holds_back = True
    field(page, "edit_text_1").fill("the whole line")
    network.holds_back = False
    drawn(page)
    expect(post(page)).to_contain_text("the whole line")
    page.evaluate("document.querySelector('.st-key-save_1 button').click()" + f"; {CUT}")
    expect(button(page, "save_1")).to_be_disabled()
    expect(button(page, "shorter_1")).to_be_enabled()
    versions = "SELECT instagram_ad_copy FROM studio_feed_versions WHERE tenant_id = %s ORDER BY number"
    assert [text for (text,) in sql_as(app.owner_url, versions, team)][1:] == ["the whole line"]


def test_two_saves_before_the_page_has_shown_the_first_are_two_versions(
    page: Page, network: BrokenNetwork, app: App, team: str, sql_as: Sql
) -> None:
    [feed_id] = add_feed(app, team, sql_as)
    page.goto(f"{network.url}/history?tenant_id={team}&feed={feed_id}")
    page.locator(".st-key-edit_1 summary").click()
    drawn(page)
    network.holds_back = True
    for words in ("first", "second"):
        field(page, "edit_text_1").fill(words)
        button(page, "save_1").click()
    network.holds_back = False
    expect(page.locator(".st-key-version_3")).to_be_visible()
    expect(button(page, "save_1")).to_be_disabled()
    versions = "SELECT instagram_ad_copy FROM studio_feed_versions WHERE tenant_id = %s ORDER BY number"
    assert [text for (text,) in sql_as(app.owner_url, versions, team)][1:] == ["first", "second"]


def add_feed(app: App, team: str, sql_as: Sql) -> list[str]:
    """A caption of the team's; its id."""
    statement = (
        "INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description,"
        " store_information, gpt_prompt, instagram_ad_copy, hashtags)"
        " VALUES (%s, '', 'warm', 'bread', 'shop', 'short', 'as it was', '#bread') RETURNING instagram_feed_id::text"
    )
    return [feed_id for (feed_id,) in sql_as(app.owner_url, statement, team)]


def test_what_streamlit_drops_in_a_cut_is_said_and_counts_when_it_is_pressed_again(
    page: Page, network: BrokenNetwork, app: App, team: str, sql_as: Sql
) -> None:
    """Streamlit's own buttons are sent once: in a connection that is just being lost, nowhere."""
    [feed_id] = add_feed(app, team, sql_as)
    page.goto(f"{network.url}/history?tenant_id={team}&feed={feed_id}")
    expect(button(page, "favour")).to_be_enabled()
    unsure = page.locator(".press-unsure")
    unsure.wait_for(state="attached")
    drawn(page)
    page.evaluate(f"{CUT}; document.querySelector('.st-key-favour button').click()")
    expect(unsure).to_contain_text("다시 눌러 주세요")
    app.kill()
    app.start()
    button(page, "favour").click()
    expect(unsure).to_be_hidden()
    expect(button(page, "favour")).to_contain_text("빼기")
    starred = "SELECT favourite FROM studio_feed_states WHERE tenant_id = %s"
    assert sql_as(app.owner_url, starred, team) == [(True,)]


BUTTON_GONE = """
    const app = document.querySelector("[data-testid=stApp]")
    new MutationObserver((_, observer) => {
        if (app.dataset.testConnectionState !== "CONNECTED") return
        observer.disconnect()
        const gone = document.createElement("button")
        document.body.append(gone)
        gone.click()
        gone.remove()
    }).observe(app, { attributeFilter: ["data-test-connection-state"] })
"""


def test_a_click_that_waited_for_a_page_which_has_its_button_no_more_is_said(
    page: Page, network: BrokenNetwork
) -> None:
    """Such as a button in a box that a new session draws closed."""
    page.evaluate(f"{{ {BUTTON_GONE} }}")
    network.cut()
    expect(page.locator(".press-unsure")).to_contain_text("다시 눌러 주세요")


def test_what_is_chosen_in_a_cut_counts_as_soon_as_the_server_is_back(
    page: Page, network: BrokenNetwork, app: App, team: str, sql_as: Sql
) -> None:
    add_feed(app, team, sql_as)
    page.goto(f"{network.url}/history?tenant_id={team}")
    expect(page.locator(".feed")).to_have_count(1)
    page.locator(".press-unsure").wait_for(state="attached")
    drawn(page)
    cut_at_the_click = f"window.addEventListener('click', () => {{ {CUT} }}, {{ capture: true, once: true }})"
    page.evaluate(cut_at_the_click)
    page.locator(".st-key-lang button", has_text="EN").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    drawn(page)
    page.locator('.st-key-find [data-testid="stPopoverButton"]').click()
    page.evaluate(cut_at_the_click)
    page.locator(".st-key-find_favourite label").first.click()
    expect(page.locator(".feed")).to_have_count(0)


def test_a_press_for_another_team_than_the_pages_is_refused_and_its_words_stay(
    page: Page, context: BrowserContext, network: BrokenNetwork, team: str, briefs: Callable[[], list[str]]
) -> None:
    network.is_shut = True
    network.cut()
    fill(page, "Apple")
    button(page, "generate").click()
    network.is_shut = False
    page.goto(f"{network.url}/?tenant_id={team}-other")
    expect(page.locator('[data-testid="stAlert"]')).to_contain_text(f"‘{team}’ 팀에서 누른 요청인데")
    page.goto(f"{network.url}/?tenant_id={team}")
    expect(field(page, "product_description")).to_have_value("Apple bread")
    assert briefs() == []


@pytest.mark.parametrize("when", ["idle", "right after the press"])
def test_a_restart_of_the_server_loses_neither_words_nor_press(
    page: Page, app: App, briefs: Callable[[], list[str]], when: str
) -> None:
    fill(page, "Apple")
    if when == "idle":
        app.kill()
        app.start()
        button(page, "generate").click()
    else:
        button(page, "generate").click()
        app.kill()
        app.start()
    page.wait_for_url("**run=**")  # killed while it wrote, the server may have a part of the caption only
    assert briefs() == ["Apple"]
    fill(page, "Berry")
    button(page, "generate").click()
    written(page, "Berry")
    assert briefs() == ["Apple", "Berry"]
