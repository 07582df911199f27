"""An experiment from the form to the team's default, judged by two people who cannot tell the variants apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocket, expect

from tests.browser.conftest import Sql
from tests.support.browser.app_serving import App, serving_app
from tests.support.browser.widgets import button
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.browser

BRIEFS = 5
INSTRUCTION = "질문으로 시작해 주세요 zebra"
BRIEF = """
    INSERT INTO studio_generations (tenant_id, generation_id, run_id, variant, source, fingerprint, brief, options,
        prompt_version, outcome, finished_at)
    SELECT %s, gen_random_uuid(), gen_random_uuid(), 1, 'page', '', brief::jsonb, '{}', '1', 'refused', now()
    FROM unnest(%s::text[]) AS brief
"""


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    """An app that starts a worker, which writes what an experiment needs."""
    with serving_app(FEED_STUDIO_DEMO_PACE="0", FEED_STUDIO_WORKERS="1") as running:
        yield running


@pytest.fixture
def voter(chromium: Browser) -> Iterator[BrowserContext]:
    """The browser of another person."""
    with chromium.new_context(timezone_id="Asia/Seoul") as context:
        context.set_default_timeout(PATIENCE_S * 1000)
        yield context


def judge(context: BrowserContext, app: App, tenant: str, experiment_id: str, person: str, pairs: int) -> str:
    """Judge so many pairs by keyboard; all that the page's address and the server said meanwhile."""
    heard: list[str] = []
    page = context.new_page()

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: heard.append(str(frame)))

    page.on("websocket", listen)
    page.goto(f"{app.url}/experiments?tenant_id={tenant}&lang=KO&experiment={experiment_id}&view=judge")
    page.get_by_role("textbox", name="내 이름 (선택)").fill(person)
    page.keyboard.press("Tab")
    for number in range(pairs):
        expect(page.get_by_text(re.compile(f"^{number} / "))).to_be_visible()
        expect(button(page, "vote_left")).to_be_enabled()
        page.locator("body").press("1")
        expect(page.get_by_text(re.compile(f"^{number} / "))).to_have_count(0)
    told = page.url + page.content() + "".join(heard)
    page.close()
    return told


def test_two_people_judge_blind_and_the_winner_becomes_the_default(
    context: BrowserContext, voter: BrowserContext, app: App, sql: Sql, tenant: str
) -> None:
    texts = {"tone_style": "따뜻하게", "store_information": "온기", "gpt_prompt": "짧게", "refined_ad_copy_eng": ""}
    briefs = [json.dumps({"product_description": f"통밀 식빵 {number}호", **texts}) for number in range(BRIEFS)]
    sql(BRIEF, tenant, briefs)
    page: Page = context.new_page()
    page.goto(f"{app.url}/experiments?tenant_id={tenant}&lang=KO&view=new")
    page.get_by_role("textbox", name="실험 이름").fill("첫 줄")
    button(page, "briefs_from_history").click()
    page.get_by_role("textbox", name="작성 지시").first.fill(INSTRUCTION)
    page.keyboard.press("Tab")
    expect(page.get_by_text("쌍 5개로는")).to_be_visible()  # too few, and said before anything is spent
    button(page, "start_experiment").click()
    page.wait_for_url(re.compile("experiment="))
    experiment_id = re.search("experiment=([0-9a-f-]+)", page.url)
    assert experiment_id
    expect(page.get_by_text("10개를 썼고")).to_be_visible()

    told = judge(context, app, tenant, experiment_id[1], "하나", 3)
    told += judge(voter, app, tenant, experiment_id[1], "두리", 2)
    assert "zebra" not in told
    assert "gpt_prompt" not in told
    assert "시안 1" not in told
    assert "시안 2" not in told

    page.reload()
    expect(page.get_by_text("닫힌 쌍 5개 / 전체 5개")).to_be_visible()
    expect(page.get_by_text("적어도 8개는").first).to_be_visible()
    page.get_by_role("button", name="실험 끝내기").click()
    page.get_by_role("combobox", name="고를 시안").click()
    page.get_by_role("option", name="시안 1").click()
    expect(page.get_by_text("확인된 것은 아니에요")).to_be_visible()
    button(page, "close_experiment").click()
    expect(page.get_by_text("시안 1번을 골라 끝냈어요")).to_be_visible()

    page.goto(f"{app.url}/?tenant_id={tenant}&lang=KO")
    expect(page.get_by_role("textbox", name="작성 지시")).to_have_value(INSTRUCTION)
    page.goto(f"{app.url}/experiments?tenant_id={tenant}&lang=KO&view=prompts")
    expect(page.get_by_text(re.compile("시안 1 : 시안 2 — "))).to_be_visible()
