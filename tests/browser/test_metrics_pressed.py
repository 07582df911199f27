"""From a bar of the metrics page to its captions, by the mouse, in a real browser on the whole app."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.app_serving import App, serving_app

pytestmark = pytest.mark.browser

expect.set_options(timeout=30_000)

INSERT = """
    INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description, store_information,
        gpt_prompt, instagram_ad_copy, hashtags, gpt_model_name, latency_ms, token_usage)
    SELECT 'acme', '', 't', '', '', '', '글', '', model, 1500, '{"prompt_tokens": 1000, "completion_tokens": 100}'
    FROM unnest(ARRAY['gpt-5', 'gpt-5', 'gpt-5', 'o3']) AS model
"""


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    with serving_app() as running:
        yield running


@pytest.fixture
def page(chromium: Browser, app: App, sql_as) -> Iterator[Page]:
    """The metrics of a team with four captions."""
    sql_as(app.owner_url, "DELETE FROM instagram_feeds")
    sql_as(app.owner_url, INSERT)
    with chromium.new_context(viewport={"width": 1400, "height": 2400}) as context:
        page = context.new_page()
        page.goto(f"{app.url}/metrics?tenant_id=acme&lang=EN&period=7d")
        expect(page.get_by_text("Broken down")).to_be_visible()
        yield page


def test_a_bar_opens_exactly_its_captions_and_back_leads_back(page: Page) -> None:
    chart = page.locator('[data-testid="stPlotlyChart"]').nth(1)
    bar = chart.locator(".barlayer .point path").first
    expect(bar).to_be_visible()
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(chart.locator(".hoverlayer")).to_contain_text("gpt-5")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(re.compile(r"/history\?.*model=gpt-5"))
    expect(page.get_by_text("3 captions", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Broken down")).to_be_visible()
    expect(page).to_have_url(re.compile("period=7d"))


def test_a_caption_of_another_program_is_in_the_figures_at_the_next_look(page: Page, app: App, sql_as) -> None:
    captions = page.locator('[data-testid="stMetric"]').first
    expect(captions).to_contain_text("4")
    sql_as(app.owner_url, INSERT)
    page.get_by_text("30 days", exact=True).click()
    expect(captions).to_contain_text("8")
    assert "Traceback" not in app.log
