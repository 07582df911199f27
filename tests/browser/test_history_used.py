"""The history page in a real browser: found, walked through by keyboard, read, edited, compared, taken home."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Sql
from tests.support.browser.app_serving import App
from tests.support.browser.widgets import button, drawn, field, post

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


@pytest.fixture
def visit(context: BrowserContext, app: App, tenant: str) -> Visit:
    """Opens the history of the test's own tenant in a new tab, with these parameters in its address."""

    def opened(**told: str) -> Page:
        page = context.new_page()
        asked = {"tenant_id": tenant, **told}
        page.goto(f"{app.url}/history?" + "&".join(f"{name}={value}" for name, value in asked.items()))
        drawn(page)
        return page

    return opened


def add(sql: Sql, tenant: str, *captions: str) -> list[str]:
    """Captions that another program wrote, each newer than the one before; their ids."""
    return [
        str(
            sql(
                "INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description,"
                " store_information, gpt_prompt, instagram_ad_copy, hashtags, latency_ms, created_at)"
                " VALUES (%s, '', '따뜻하게', '제품', '가게', '지시', %s, '#연남동', 2400,"
                " now() - %s * interval '1 minute')"
                " RETURNING instagram_feed_id",
                tenant,
                caption,
                len(captions) - number,
            )[0][0]
        )
        for number, caption in enumerate(captions)
    ]


def test_a_word_is_found_is_marked_and_back_leads_back(visit: Visit, sql: Sql, tenant: str) -> None:
    add(sql, tenant, "녹차 빙수", "딸기 라떼 <b>새로</b> 나왔어요")
    page = visit()
    expect(page.locator(".feed")).to_have_count(2)
    field(page, "find_text").fill("라떼")
    field(page, "find_text").press("Enter")
    expect(page.locator(".feed")).to_have_count(1)
    expect(page.locator(".feed mark")).to_have_text("라떼")
    expect(page.locator(".feed .caption")).to_contain_text("<b>새로</b>")
    expect(page).to_have_url(re.compile(r"q=%EB%9D%BC%EB%96%BC"))
    page.go_back()
    expect(page.locator(".feed")).to_have_count(2)
    expect(field(page, "find_text")).to_have_value("")


def test_the_list_is_walked_through_without_a_mouse(visit: Visit, sql: Sql, tenant: str) -> None:
    add(sql, tenant, "하나", "둘", "셋")
    page = visit()
    page.locator(".feed .open").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(page.locator(".feed input:checked")).to_have_count(1)
    expect(page.get_by_text("1개 고름")).to_be_visible()
    drawn(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(post(page)).to_contain_text("하나")
    expect(page).to_have_url(re.compile("feed="))


def test_a_star_and_an_archived_caption_are_so_for_the_whole_team(visit: Visit, sql: Sql, tenant: str) -> None:
    add(sql, tenant, "하나", "둘")
    page = visit()
    page.locator(".feed .star").first.click()
    expect(page.locator('.feed .star[aria-pressed="true"]')).to_have_count(1)
    page.locator(".feed .choose input").last.check()
    button(page, "archive_several").click()
    expect(page.locator(".feed")).to_have_count(1)
    expect(visit().locator(".feed")).to_have_count(1)
    button(page, "undo_move").click()
    expect(page.locator(".feed")).to_have_count(2)
    assert sql("SELECT status, favourite FROM studio_feed_states WHERE tenant_id = %s ORDER BY 2", tenant) == [
        ("draft", False),
        ("draft", True),
    ]


def test_two_people_edit_at_once_and_the_second_sees_both(visit: Visit, sql: Sql, tenant: str) -> None:
    [feed_id] = add(sql, tenant, "처음 글")
    one, two = visit(feed=feed_id), visit(feed=feed_id)
    for page in (one, two):  # a tab that is drawn later takes over what is typed in the other one by then
        field(page, "edit_text_1").wait_for(state="attached")
    for page, name, words in ((one, "지수", "지수의 글"), (two, "민준", "민준의 글")):
        field(page, "person").fill(name)
        page.locator(".st-key-edit_1 summary").click()
        field(page, "edit_text_1").fill(words)
        expect(button(page, "save_1")).to_be_enabled()
        drawn(page)  # drawn later, it would show the other's text before it is told to save
    button(one, "save_1").click()
    expect(one.locator(".st-key-version_2")).to_contain_text("지수 고침")
    button(two, "save_1").click()
    expect(two.locator('[data-testid="stAlert"]')).to_contain_text("그사이 지수 님이 이 글을 고쳤어요")
    expect(two.locator(".st-key-theirs_1 ins")).to_contain_text("지수")
    expect(field(two, "edit_text_1")).to_have_value("민준의 글")
    button(two, "overwrite_1").click()
    expect(two.locator(".st-key-version_3")).to_contain_text("민준 고침")
    button(two, "restore_1").click()
    expect(two.locator(".st-key-version_4")).to_contain_text("버전 1번으로 되돌림")
    expect(post(two)).to_contain_text("처음 글")
    assert sql("SELECT instagram_ad_copy FROM instagram_feeds WHERE tenant_id = %s", tenant) == [("처음 글",)]


def test_a_line_typed_before_an_own_restore_is_offered_as_the_next_version(visit: Visit, sql: Sql, tenant: str) -> None:
    [feed_id] = add(sql, tenant, "처음 글")
    sql("UPDATE instagram_feeds SET instagram_ad_copy = '둘째 글' WHERE tenant_id = %s", tenant)
    page = visit(feed=feed_id)
    page.locator(".st-key-edit_1 summary").click()
    field(page, "edit_text_1").fill("쓰던 글")
    button(page, "restore_1").click()
    expect(page.get_by_text("쓰시던 글은 그대로 있고, 저장하면 다음 버전이 돼요")).to_be_visible()
    expect(page.locator('[data-testid="stAlert"]')).to_have_count(0)
    expect(field(page, "edit_text_1")).to_have_value("쓰던 글")
    button(page, "save_1").click()
    expect(page.locator(".st-key-version_4")).to_contain_text("쓰던 글")
    expect(button(page, "save_1")).to_be_disabled()


def test_a_note_goes_with_one_change_of_status(visit: Visit, sql: Sql, tenant: str) -> None:
    [feed_id] = add(sql, tenant, "처음 글")
    page = visit(feed=feed_id)
    page.locator(".st-key-state button").first.click()
    field(page, "state_note").fill("아주 좋아요")
    button(page, "state_approved").click()
    expect(page.get_by_text("초안 → 승인됨")).to_be_visible()
    expect(field(page, "state_note")).to_have_value("")
    button(page, "state_posted").click()
    expect(page.get_by_text("승인됨 → 게시됨")).to_be_visible()
    assert sql("SELECT note FROM studio_feed_moves WHERE tenant_id = %s ORDER BY number", tenant) == [
        ("아주 좋아요",),
        ("",),
    ]


def test_an_edit_begun_before_a_reload_still_knows_which_text_it_began_from(
    visit: Visit, sql: Sql, tenant: str
) -> None:
    [feed_id] = add(sql, tenant, "처음 글")
    page = visit(feed=feed_id)
    page.locator(".st-key-edit_1 summary").click()
    field(page, "edit_text_1").fill("내 글")
    expect(button(page, "save_1")).to_be_enabled()
    field(page, "edit_text_1").fill("내 글이에요")  # the second pause in the typing
    expect(post(page)).to_contain_text("내 글이에요")
    drawn(page)
    sql("UPDATE instagram_feeds SET instagram_ad_copy = '남의 글' WHERE tenant_id = %s", tenant)
    page.reload()
    expect(field(page, "edit_text_1")).to_have_value("내 글이에요")
    expect(page.locator('[data-testid="stAlert"]')).to_contain_text("그사이 다른 사람이 이 글을 고쳤어요")


def test_captions_are_put_side_by_side_and_deleted_for_good_only_when_asked_twice(
    visit: Visit, sql: Sql, tenant: str
) -> None:
    add(sql, tenant, "오늘은 딸기 라떼", "오늘은 녹차 라떼")
    page = visit()
    expect(page.locator(".feed")).to_have_count(2)
    for box in page.locator(".feed .choose input").all():
        box.check()
    button(page, "compare").click()
    expect(page.locator("[class*='st-key-compared_text'] ins")).to_have_count(1)
    button(page, "open_compared_1").click()
    button(page, "delete").click()
    button(page, "delete_no").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    button(page, "delete").click()
    button(page, "delete_yes").click()
    expect(page.locator(".feed")).to_have_count(1)
    assert sql("SELECT count(*) FROM instagram_feeds WHERE tenant_id = %s", tenant) == [(1,)]


def test_the_file_is_fetched_whole_and_a_wrong_address_fetches_nothing(
    visit: Visit, sql: Sql, tenant: str, app: App
) -> None:
    add(sql, tenant, "=HYPERLINK(1)", "딸기")
    page = visit()
    page.locator(".st-key-exporting button").first.click()
    button(page, "export_csv").click()
    link = page.locator('[data-testid="stLinkButton"] a')
    expect(link).to_be_visible()
    answer = page.request.get(f"{app.url}{link.get_attribute('href')}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "'=HYPERLINK(1)" in answer.body().decode("utf-8-sig")
    assert page.request.get(f"{app.url}/downloads/{uuid.uuid4().hex}").status == 404


@pytest.mark.parametrize("language", ["KO", "EN"])
def test_a_phone_shows_one_column_and_never_scrolls_sideways(
    visit: Visit, sql: Sql, tenant: str, language: str
) -> None:
    [first, second] = add(sql, tenant, "아주 " * 80, "https://example.com/" + "x" * 120)
    for told in ({}, {"feed": first}, {"compare": f"{first},{second}"}):
        page = visit(lang=language, **told)
        page.set_viewport_size({"width": 360, "height": 760})
        drawn(page)
        expect(page.locator(".feed, article.post, [class*='st-key-compared_']").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), told
