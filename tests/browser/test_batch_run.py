"""A batch as a team lead uses it: a real browser on the whole app, from the file to the download."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.support.browser.app_serving import App, serving_app
from tests.support.browser.person import person
from tests.support.browser.widgets import button, drawn
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.browser

Sql = Callable[..., list[tuple[Any, ...]]]

GOOD = 10
COLUMN_X, ROW_Y, HEADER = 490, 35, 52
"""Pixels of the grid: the middle of the first uploaded column, the height of a row, the middle of the first row."""


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    """One app whose demo model writes slowly enough for a reload in the middle."""
    with serving_app(
        FEED_STUDIO_DEMO_PACE="0.3", OPENAI_MODELS="demo-slow", FEED_STUDIO_AT_ONCE="3", FEED_STUDIO_WORKERS="1"
    ) as running:
        yield running


@dataclass(frozen=True)
class Words:
    """What the test looks for on the page, in one language."""

    to_correct: str
    written: str
    progress: str
    row: str
    state: str
    states: tuple[str, str]


WORDS = {
    "KO": Words("고칠 행 {}", "씀 {}", "{0}편 중 {0}편", "{}행 · 초안", "상태", ("승인됨", "초안")),
    "EN": Words("To correct {}", "written {}", "{0} of {0}", "Row {} · Draft", "State", ("Approved", "Draft")),
}


@pytest.fixture(params=WORDS)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(chromium: Browser, app: App, language: str) -> Iterator[Page]:
    """The page of batches, which complains about nothing."""
    complaints: list[str] = []
    with person(chromium, app.url) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{app.url}/batches?tenant_id=team-{language}&lang={language}")
        expect(page.locator(".st-key-batch_upload")).to_be_visible()
        yield page
    assert complaints == []


def sheet() -> bytes:
    """A file of Korean Excel: good rows, one without a product, and one whose store is too long."""
    lines = [f"통밀 식빵 {number}호;연남동 온기;B-{number:02}" for number in range(1, GOOD + 1)]
    lines += [";연남동 온기;B-11", f"소금빵;{'가' * 1001};B-12"]
    return "\r\n".join(["상품명;매장 정보;상품 코드", *lines]).encode("cp949")


def fill_in(page: Page, row: int, text: str) -> None:
    """Type into the first uploaded column of a row of the grid, as a person does."""
    grid, editor = page.locator('[data-testid="stDataFrame"]').first, page.locator(".gdg-input")
    until = time.monotonic() + PATIENCE_S
    while not editor.is_visible():  # a grid that is just being drawn takes no click
        assert time.monotonic() < until
        grid.click(position={"x": COLUMN_X, "y": HEADER + row * ROW_Y})
        page.keyboard.press("Enter")
        with contextlib.suppress(Error):
            editor.wait_for(timeout=1000)
    editor.fill(text)
    editor.press("Enter")


def test_a_file_with_two_mistakes_becomes_captions_that_are_reviewed_and_taken_home(
    page: Page, app: App, sql_as: Sql, language: str
) -> None:
    words = WORDS[language]
    page.locator(".st-key-sheet_upload input[type=file]").set_input_files(
        {"name": "가을.csv", "mimeType": "text/csv", "buffer": sheet()}
    )
    wrong = page.locator(".st-key-sheet_filter")
    expect(wrong).to_contain_text(words.to_correct.format(2))
    drawn(page)
    fill_in(page, 0, "crusty rye bread")
    expect(wrong).to_contain_text(words.to_correct.format(1))
    drawn(page)
    button(page, "run_batch").click()

    progress = page.locator(".st-key-batch_progress")
    expect(progress).to_contain_text(re.compile(words.written.format("[1-9]")))
    address = page.url
    page.reload()
    expect(progress).to_contain_text(words.progress.format(GOOD + 1))
    expect(progress).to_contain_text(words.written.format(GOOD + 1))
    assert page.url == address

    drawn(page)
    button(page, "open_review").click()
    for number in range(1, 6):
        expect(page.locator(".st-key-decisions")).to_be_visible()
        expect(page.get_by_text(words.row.format(number))).to_be_visible()
        drawn(page)
        page.keyboard.press("a")
    expect(page.get_by_text(words.row.format(6))).to_be_visible()
    button(page, "review_back").click()

    page.locator(".st-key-exporting button").first.click()
    page.locator(".st-key-export_csv button").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile(r"\.csv")).click()
    content = download.value.path().read_bytes().decode("utf-8-sig")
    headings, *lines = list(csv.reader(io.StringIO(content, newline="")))
    rows = sql_as(
        app.owner_url,
        "SELECT r.reference, r.brief ->> 'product_description', f.instagram_ad_copy, f.hashtags, s.status"
        " FROM studio_batch_rows AS r JOIN instagram_feeds AS f USING (instagram_feed_id)"
        " LEFT JOIN studio_feed_states AS s ON s.feed_id = f.instagram_feed_id WHERE r.tenant_id = %s ORDER BY number",
        f"team-{language}",
    )
    assert headings[:3] == ["상품명", "매장 정보", "상품 코드"]
    assert [(line[2], line[0], line[3], line[4]) for line in lines] == [row[:4] for row in rows]
    approved, draft = words.states
    assert [line[headings.index(words.state)] for line in lines] == [approved] * 5 + [draft] * (GOOD - 4)
    assert [row[4] for row in rows] == ["approved"] * 5 + [None] * (GOOD - 4)
    assert rows[-1][:2] == ("B-11", "crusty rye bread")
    left = "SELECT changes ->> 'rows' FROM studio_sheet_drafts WHERE tenant_id = %s"
    assert sql_as(app.owner_url, left, f"team-{language}") == [("1",)]
