"""An experiment from the form to the team's default, judged by two people who cannot tell the variants apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, Response, WebSocket, expect

from tests.browser.conftest import Sql
from tests.support.browser.app_serving import App, serving_app
from tests.support.browser.widgets import button, drawn, field, post
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.browser

BRIEFS = 5
INSTRUCTION, OTHER = "질문으로 시작해 주세요 zebra", "느낌표로 시작해 주세요 yak"
SHEET = "상품명,말투,매장\n" + "".join(f"통밀 식빵 {number}호,따뜻하게,온기\n" for number in range(BRIEFS))
TELLING = ("zebra", "yak", "gpt_prompt", "temperature", "시안 1", "시안 2", "variant_1", "variant_2", "first_")
"""What tells a caption's variant, or leads to it."""


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
    """Judge so many pairs by keyboard; all that the page, its address and the server's answers said meanwhile."""
    answers: list[Response] = []
    frames: list[str] = []
    page = context.new_page()

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: frames.append(_text(frame)))

    page.on("websocket", listen)
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"{app.url}/experiments?tenant_id={tenant}&lang=KO&experiment={experiment_id}&view=judge")
    page.get_by_role("textbox", name="내 이름 (선택)").fill(person)
    page.keyboard.press("Tab")
    for number in range(pairs):
        expect(page.get_by_text(re.compile(f"^{number} / "))).to_be_visible()
        expect(button(page, "vote_left")).to_be_enabled()
        frames.append(page.content())
        drawn(page)
        page.locator("body").press("1")
        expect(page.get_by_text(re.compile(f"^{number} / "))).to_have_count(0)
    frames += [page.url, page.content()]
    frames += [answer.text() for answer in answers if "/static/" not in answer.url and answer.ok]
    page.close()
    return re.sub(r"\\u([0-9a-f]{4})", lambda escaped: chr(int(escaped[1], 16)), "".join(frames))


def _text(frame: str | bytes) -> str:
    return frame if isinstance(frame, str) else frame.decode("utf-8", "replace")


def test_two_people_judge_blind_and_the_winner_becomes_the_default(
    context: BrowserContext, voter: BrowserContext, app: App, sql: Sql, tenant: str
) -> None:
    page: Page = context.new_page()
    page.goto(f"{app.url}/experiments?tenant_id={tenant}&lang=KO&view=new")
    page.get_by_role("textbox", name="실험 이름").fill("첫 줄")
    page.get_by_text("파일에서 가져오기").click()
    file: FilePayload = {"name": "글감.csv", "mimeType": "text/csv", "buffer": SHEET.encode("cp949")}
    page.locator("input[type=file]").set_input_files(file)
    for place, instruction in enumerate((INSTRUCTION, OTHER)):
        page.get_by_role("textbox", name="작성 지시").nth(place).fill(instruction)
        page.keyboard.press("Tab")
    expect(page.get_by_text("쌍 5개로는")).to_be_visible()  # too few, and said before anything is spent
    button(page, "start_experiment").click()
    page.wait_for_url(re.compile("experiment="))
    experiment_id = re.search("experiment=([0-9a-f-]+)", page.url)
    assert experiment_id
    expect(page.get_by_text("10개를 썼고")).to_be_visible()
    expect(page.get_by_text("닫힌 쌍 0개 / 전체 5개")).to_be_visible()

    told = judge(context, app, tenant, experiment_id[1], "하나", 3)
    told += judge(voter, app, tenant, experiment_id[1], "두리", 2)
    assert "통밀 식빵" in told  # it is read as people read it
    assert [word for word in TELLING if word in told] == []
    ids = sql("SELECT instagram_feed_id::text FROM instagram_feeds WHERE tenant_id = %s", tenant)
    assert len(ids) == 2 * BRIEFS
    assert [feed_id for (feed_id,) in ids if feed_id in told] == []

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
    expect(field(page, "gpt_prompt")).to_have_value(INSTRUCTION)
    field(page, "product_description").fill("다음 글")
    button(page, "generate").click()
    expect(post(page)).to_have_attribute("data-state", "done")
    newest = "SELECT gpt_prompt FROM instagram_feeds WHERE tenant_id = %s AND product_description = '다음 글'"
    assert sql(newest, tenant) == [(INSTRUCTION,)]
    page.goto(f"{app.url}/experiments?tenant_id={tenant}&lang=KO&view=prompts")
    expect(page.get_by_text(re.compile("시안 1 : 시안 2 — "))).to_be_visible()
