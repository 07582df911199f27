"""From the metrics page's pictures to the rows behind them, by the mouse, in a real browser on the whole app."""

from __future__ import annotations

import contextlib
import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Sql
from tests.support.browser.app_serving import App

pytestmark = pytest.mark.browser

TRIES = 15

INSERT = """
    INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description, store_information,
        gpt_prompt, instagram_ad_copy, hashtags, gpt_model_name, latency_ms, token_usage)
    SELECT %s, '', 't', '', '', '', '글', '', model, 1500, '{"prompt_tokens": 1000, "completion_tokens": 100}'
    FROM unnest(ARRAY['gpt-5', 'gpt-5', 'gpt-5', 'o3']) AS model
"""


FAILED = """
    WITH asked AS (
        INSERT INTO studio_generations (tenant_id, generation_id, run_id, variant, source, fingerprint, brief, options,
            prompt_version, outcome, finished_at)
        SELECT %s, gen_random_uuid(), gen_random_uuid(), 1, 'page', '', '{"product_description": "밤 라떼"}', '{}',
            '1', 'refused', now()
        FROM generate_series(1, 2) RETURNING *
    )
    INSERT INTO studio_attempts (tenant_id, attempt_id, generation_id, number, request, outcome)
    SELECT tenant_id, gen_random_uuid(), generation_id, 1, '{"model": "gpt-5"}', outcome FROM asked
"""


@pytest.fixture
def page(context: BrowserContext, app: App, sql: Sql, tenant: str) -> Page:
    """The metrics of a team with four captions."""
    for rows in (INSERT, FAILED):
        sql(rows, tenant)
    page = context.new_page()
    page.set_viewport_size({"width": 1400, "height": 2400})
    page.goto(f"{app.url}/metrics?tenant_id={tenant}&lang=EN&period=7d")
    expect(page.get_by_text("Breakdown")).to_be_visible()
    return page


def picture(page: Page, title: str) -> Locator:
    """The chart of the box with this title."""
    box = page.locator('[data-testid="stVerticalBlock"]').filter(has=page.get_by_text(title, exact=True)).last
    chart = box.locator('[data-testid="stPlotlyChart"]')
    chart.scroll_into_view_if_needed()
    return chart


def press(page: Page, mark: Locator, told: str) -> None:
    """Point at the mark until it says this, while the page may still be finding its shape; then press it."""
    for _ in range(TRIES):
        expect(mark).to_be_attached()
        box = mark.bounding_box() or {"x": 0, "y": 0, "width": 0, "height": 0}
        place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(0, 0)
        page.mouse.move(*place)
        with contextlib.suppress(AssertionError):
            expect(page.locator(".hoverlayer").filter(has_text=told)).to_be_visible(timeout=2_000)
            page.mouse.click(*place)
            return
    raise AssertionError(f"nothing there says {told!r}")


def test_an_hour_of_the_week_opens_exactly_its_captions(page: Page, sql: Sql, tenant: str) -> None:
    chart = picture(page, "Hours of the week")
    made_at = "SELECT max(created_at) AT TIME ZONE 'Asia/Seoul' FROM instagram_feeds WHERE tenant_id = %s"
    (made,) = sql(made_at, tenant)[0]
    press(page, chart.locator(".scatterlayer .point").nth(24 * made.weekday() + made.hour), "4")
    page.wait_for_url(re.compile(r"/history\?.*hour="))
    expect(page.get_by_text("4 captions", exact=True)).to_be_visible()
    page.get_by_role("button", name=re.compile("Hour of the week")).click()
    expect(page).not_to_have_url(re.compile("hour="))


def test_an_end_of_requests_opens_exactly_those_and_leads_back_to_the_brief(page: Page) -> None:
    chart = picture(page, "Requests without a caption")
    press(page, chart.locator(".barlayer .point path").last, "2")
    page.wait_for_url(re.compile(r"/history\?.*requests=refused"))
    expect(page.get_by_text("2 requests", exact=True)).to_be_visible()
    page.get_by_role("link", name="Open request").first.click()
    page.wait_for_url(re.compile(r"\?.*run="))


def test_a_bar_opens_exactly_its_captions_and_back_leads_back(page: Page) -> None:
    press(page, picture(page, "Breakdown").locator(".barlayer .point path").first, "gpt-5")
    page.wait_for_url(re.compile(r"/history\?.*model=gpt-5"))
    expect(page.get_by_text("3 captions", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Breakdown")).to_be_visible()
    expect(page).to_have_url(re.compile("period=7d"))


def test_a_caption_of_another_program_is_in_the_figures_at_the_next_look(page: Page, sql: Sql, tenant: str) -> None:
    captions = page.locator('[data-testid="stMetric"]').first
    expect(captions).to_contain_text("4")
    sql(INSERT, tenant)
    page.get_by_text("30 days", exact=True).click()
    expect(captions).to_contain_text("8")
