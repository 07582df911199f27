"""The preview in a real browser: inert text, the fold, copying, counters without colours, text that grows."""

from __future__ import annotations

import io
import signal
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser.person import person
from tests.support.browser.sample_posts import KOREAN, KOREAN_TAGS, KOREAN_TEXT, MARKUP
from tests.support.commands import environment
from tests.support.project import ROOT
from tests.support.streamlit_server import StreamlitServer

pytestmark = pytest.mark.browser

TAGS = " ".join(f"#{tag}" for tag in KOREAN_TAGS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StreamlitServer]:
    """A page that shows the preview alone."""
    log = tmp_path_factory.mktemp("preview") / "log"
    server = StreamlitServer(ROOT / "tests/support/browser/harness_preview.py", log, environment())
    server.start()
    yield server
    server.end(signal.SIGKILL)


@pytest.fixture
def context(chromium: Browser, server: StreamlitServer) -> Iterator[BrowserContext]:
    with person(chromium, server.url) as context:
        yield context


def opened(context: BrowserContext, server: StreamlitServer, case: str, **query: str) -> Page:
    page = context.new_page()
    page.goto(f"{server.url}/?" + "&".join(f"{k}={v}" for k, v in {"case": case, **query}.items()))
    expect(page.locator("article[data-state]")).to_be_visible()
    return page


def test_markup_in_a_caption_is_text_and_nothing_is_fetched(context: BrowserContext, server: StreamlitServer) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/?case=markup")
    page.locator("button.fold").click()
    expect(page.locator(".caption .text")).to_have_text(f"{MARKUP}\n\n#a")
    expect(page.locator("header .account")).to_have_text("<b>계정</b>")
    expect(page.locator(".caption .text :is(img, b, i)")).to_have_count(0)
    expect(page.locator(".picture img")).to_be_hidden()
    assert "example.invalid" not in " ".join(asked)
    assert page.title() != "pwned"


def test_the_fold_opens_and_closes_by_keyboard_and_keeps_the_focus(
    context: BrowserContext, server: StreamlitServer
) -> None:
    page = opened(context, server, "written")
    fold, text = page.locator("button.fold"), page.locator(".caption .text")
    expect(fold).to_have_text(KOREAN["more"])
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(text).not_to_contain_text("#카페스타그램")
    fold.focus()
    page.keyboard.press("Enter")
    expect(text).to_have_text(f"{KOREAN_TEXT}\n\n{TAGS}")
    expect(fold).to_have_text(KOREAN["less"])
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(fold).to_be_focused()
    expect(page.locator(".caption .hashtag")).to_have_count(len(KOREAN_TAGS))
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "false")


def test_the_folded_caption_takes_three_lines_of_a_phone(context: BrowserContext, server: StreamlitServer) -> None:
    for words in ("ko", "en"):
        page = opened(context, server, "written", words=words)
        page.set_viewport_size({"width": 390, "height": 844})
        height = page.locator(".caption p").evaluate("p => p.getClientRects()[0].height")
        line = page.locator(".caption p").evaluate("p => parseFloat(getComputedStyle(p).lineHeight)")
        assert round(height / line) <= 3


def test_a_rerun_leaves_the_open_fold_open(context: BrowserContext, server: StreamlitServer) -> None:
    page = opened(context, server, "written")
    page.locator("button.fold").click()
    page.locator(".st-key-rerun button").click()
    expect(page.locator('[data-test-script-state="running"]')).to_have_count(0)
    expect(page.locator("button.fold")).to_have_attribute("aria-expanded", "true")


@pytest.mark.parametrize("secure", [True, False])
def test_each_button_copies_what_it_says(chromium: Browser, server: StreamlitServer, secure: bool) -> None:
    with chromium.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        if not secure:  # as on a page over plain HTTP: there is no clipboard to write to
            context.add_init_script("delete Clipboard.prototype.writeText")
        page = opened(context, server, "parked")
        for what, text in (("caption", KOREAN_TEXT), ("tags", TAGS), ("both", f"{KOREAN_TEXT}\n\n{TAGS}")):
            button = page.locator(f"[data-copies={what}]")
            button.click()
            expect(button).to_have_text(f"✓ {KOREAN['copied']}")
            expect(page.get_by_role("status").filter(has_text=KOREAN["copied"])).to_have_count(1)
            expect(button).to_be_focused()
            assert page.evaluate("navigator.clipboard.readText()") == text
            expect(button).to_have_text(KOREAN[f"copy_{what}"])


def test_copying_that_fails_says_so(context: BrowserContext, server: StreamlitServer) -> None:
    with context.add_init_script("delete Clipboard.prototype.writeText; document.execCommand = () => false"):
        page = opened(context, server, "written")
        page.locator("[data-copies=both]").click()
        expect(page.get_by_text(KOREAN["copy_failed"])).to_be_visible()


@pytest.mark.parametrize(("case", "state"), [("empty", "empty"), ("writing", "writing")])
def test_there_is_nothing_to_copy_before_the_caption_is_done(
    context: BrowserContext, server: StreamlitServer, case: str, state: str
) -> None:
    page = opened(context, server, case)
    expect(page.locator("article")).to_have_attribute("data-state", state)
    expect(page.locator("article")).to_have_attribute("aria-busy", "true" if case == "writing" else "false")
    expect(page.locator("[data-copies]:disabled:visible")).to_have_count(3)
    expect(page.locator("button.fold")).to_be_hidden()


def test_a_counter_over_its_limit_says_so_in_words_and_shape(context: BrowserContext, server: StreamlitServer) -> None:
    page = opened(context, server, "over")
    over = page.locator(".counters [data-level=over]")
    expect(over).to_have_count(2)
    expect(over.first).to_contain_text(KOREAN["over"])
    shape = "(counter) => getComputedStyle(counter, '::before').clipPath"
    assert over.first.evaluate(shape) != page.locator(".counters [data-level=ok]").first.evaluate(shape)


def test_parked_hashtags_stand_apart_with_the_reason(context: BrowserContext, server: StreamlitServer) -> None:
    page = opened(context, server, "parked")
    expect(page.locator(".parked p")).to_have_text(KOREAN["parked"])
    expect(page.locator(".parked li")).to_have_text(["#브런치맛집", "#서울여행"])
    expect(opened(context, server, "written").locator(".parked")).to_be_hidden()


def test_an_uploaded_picture_is_shown(context: BrowserContext, server: StreamlitServer) -> None:
    page = opened(context, server, "written", picture="1")
    file = io.BytesIO()
    Image.new("RGB", (1_200, 900), "seagreen").save(file, "PNG")
    page.locator("input[type=file]").set_input_files(
        {"name": "green.png", "mimeType": "image/png", "buffer": file.getvalue()}
    )
    expect(page.locator(".picture img")).to_be_visible()
    assert page.locator(".picture img").evaluate("img => img.decode().then(() => img.naturalWidth)") == 720
    expect(page.locator(".placeholder")).to_be_hidden()


def test_text_grows_in_place_until_it_is_done_and_folds(context: BrowserContext, server: StreamlitServer) -> None:
    page = opened(context, server, "growing")
    page.locator("article").evaluate("post => window.first = post")
    page.locator(".st-key-writes label").click()
    expect(page.locator(".caption .text")).to_contain_text("성수동")
    expect(page.locator("article")).to_have_attribute("data-state", "done")
    expect(page.locator("button.fold")).to_be_visible()
    assert page.locator("article").evaluate("post => post === window.first")


def test_what_was_seen_being_written_stays_open_and_shows_where_the_feed_folds_it(
    context: BrowserContext, server: StreamlitServer
) -> None:
    page = opened(context, server, "growing")
    cut = page.locator(".caption .cut")
    page.get_by_text("Write", exact=True).click()
    expect(page.locator("article.post")).to_have_attribute("data-state", "done")
    expect(page.locator("button.fold")).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".note")).to_have_text(KOREAN["folded_here"])
    line = page.locator(".caption p").evaluate("p => parseFloat(getComputedStyle(p).lineHeight)")
    paragraph, box = page.locator(".caption p").bounding_box(), cut.bounding_box()
    assert paragraph
    assert box
    assert 1 <= round((box["y"] + box["height"] - paragraph["y"]) / line) <= 3, "below the last line that is shown"
    page.locator("button.fold").click()
    expect(cut).to_have_count(0)
    expect(page.locator(".note")).to_be_hidden()


def test_a_phone_is_scrolled_once_to_what_begins_to_be_written(
    context: BrowserContext, server: StreamlitServer
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(f"{server.url}/?case=growing&below=1")
    post = page.locator("article.post")
    expect(post).not_to_be_in_viewport()
    page.get_by_text("Write", exact=True).click()
    expect(post).to_be_in_viewport(ratio=0.8)
    page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo({top: 0})")
    expect(post).to_have_attribute("data-state", "done")
    expect(post).not_to_be_in_viewport()


def test_the_link_that_is_copied_is_whole(context: BrowserContext, server: StreamlitServer) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opened(context, server, "linked")
    page.locator("[data-copies=link]").click()
    expect(page.locator("[data-copies=link]")).to_have_text(f"✓ {KOREAN['copied']}")
    assert page.evaluate("navigator.clipboard.readText()") == f"{server.url}/?feed=1"


def test_nothing_sticks_out_on_the_narrowest_phone(context: BrowserContext, server: StreamlitServer) -> None:
    for case in ("over", "parked", "near"):
        page = opened(context, server, case)
        page.set_viewport_size({"width": 320, "height": 700})
        expect(page.locator("article")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator("article").evaluate("post => post.scrollWidth <= post.clientWidth")
