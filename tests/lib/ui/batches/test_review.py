"""One caption after the other is decided on, in the order of the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import written_batch

Open = Callable[..., Any]


def place(page: Any) -> str | None:
    value: str | None = page.app.query_params.get("row")
    return value


def test_approved_and_skipped_captions_lead_to_the_next_until_all_are_decided(
    open_batches: Open, studio: Studio, as_owner: RunSql
) -> None:
    batch_id, feed_ids = written_batch(studio, as_owner, 3)
    page = open_batches(batch=batch_id, view="review")
    assert "1행 · 초안" in page.told()
    page.click("approve_caption")
    assert place(page) == "2.1"
    page.click("skip_caption")
    assert place(page) == "3.1"
    page.click("approve_caption")
    assert place(page) == "2.1", "what was skipped comes back at the end"
    page.click("approve_caption")
    assert "모든 글을 검토했어요" in page.told("success")
    approved = as_owner("SELECT feed_id::text FROM studio_feed_states WHERE status = 'approved'")
    assert {row[0] for row in approved} == set(map(str, feed_ids))


def test_the_address_opens_the_same_caption_and_the_editor_is_a_key_away(
    open_batches: Open, studio: Studio, as_owner: RunSql
) -> None:
    batch_id, _ = written_batch(studio, as_owner, 2)
    page = open_batches(batch=batch_id, view="review", row="2.1")
    assert "2행 · 초안" in page.told()
    page.click("edit_caption")
    assert page.app.session_state["edit_1"]
    page.click("previous_caption")
    assert place(page) == "1.1"
    assert not page.app.session_state["edit_1"]


def test_a_caption_is_written_again_and_the_rest_is_approved_at_once(
    open_batches: Open, studio: Studio, as_owner: RunSql
) -> None:
    batch_id, _ = written_batch(studio, as_owner, 3)
    page = open_batches(batch=batch_id, view="review")
    page.click("redo_caption")
    assert as_owner("SELECT number FROM studio_batch_rows WHERE status = 'waiting'") == [(1,)]
    page.click("approve_all_now")
    assert "2편을 승인했어요" in page.told("toast")
    assert as_owner("SELECT status, count(*) FROM studio_feed_states GROUP BY 1 ORDER BY 1") == [
        ("approved", 2),
        ("archived", 1),
    ]


def test_what_the_check_found_is_shown_and_an_unclear_disclosure_needs_a_reason(
    open_batches: Open, studio: Studio, as_owner: RunSql
) -> None:
    batch_id, _ = written_batch(studio, as_owner, 3)
    as_owner(
        "UPDATE instagram_feeds SET gpt_prompt_used = gpt_prompt_used || ' 협찬',"
        " product_description = '협찬 받은 식빵', instagram_ad_copy = '오늘의 식빵, 9,900원.' WHERE instagram_feed_id ="
        " (SELECT instagram_feed_id FROM studio_batch_rows WHERE number = 1)"
    )
    page = open_batches(batch=batch_id, view="review")
    assert "9,900" in page.told()
    page.click("approve_all_now")
    assert "2편을 승인했어요" in page.told("toast")
    assert place(page) is None
    page.click("approve_caption")
    assert "1행 · 초안" in page.told(), "it asks for the reason"
    page.fill(move_reason="첫 댓글에 밝혀요")
    page.click("acknowledge_yes")
    assert "모든 글을 검토했어요" in page.told("success")
    assert as_owner("SELECT count(*), count(acknowledged) FROM studio_feed_moves WHERE to_status = 'approved'") == [
        (3, 1)
    ]
