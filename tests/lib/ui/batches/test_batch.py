"""A batch's page says how far it is, why it waits, and offers what its state allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import batch_of, written_batch

Open = Callable[..., Any]
ALL = {"pause_batch", "resume", "retry_failed", "retry_unknown", "set_limit", "cancel_batch"}


def offered(page: Any) -> set[str]:
    return ALL & set(page.press_buttons())


def test_a_bar_that_cannot_move_says_since_when(open_batches: Open, studio: Studio, as_owner: RunSql) -> None:
    batch_id = batch_of(studio, 2)
    assert "일하는 워커가 없어" in open_batches(batch=batch_id).told("warning")
    add = (
        "INSERT INTO studio_processes (process_id, kind, host, seen_at) VALUES (uuid_generate_v4(), 'worker', 'h', %s)"
    )
    as_owner(add, "2026-11-29T05:06:07Z")
    assert "14:06:07" in open_batches(batch=batch_id).told("warning")
    as_owner("UPDATE studio_processes SET seen_at = now()")
    assert not open_batches(batch=batch_id).told("warning")


@pytest.mark.parametrize(
    ("status", "because", "told", "buttons"),
    [
        ("running", None, "", {"pause_batch", "set_limit", "cancel_batch"}),
        ("paused", "person", "누군가 멈췄어요", {"resume", "set_limit", "cancel_batch"}),
        ("paused", "limit", "한도에 닿아", {"resume", "set_limit", "cancel_batch"}),
        ("paused", "quota_exceeded", "사용 한도를 다 썼어요", {"resume", "set_limit", "cancel_batch"}),
        ("cancelled", None, "", set()),
    ],
)
def test_each_state_has_its_reason_and_its_buttons(
    open_batches: Open, studio: Studio, as_owner: RunSql, status: str, because: str | None, told: str, buttons: set[str]
) -> None:
    batch_id = batch_of(studio, 2)
    as_owner("UPDATE studio_batches SET status = %s, paused_because = %s", status, because)
    as_owner("UPDATE studio_batch_rows SET status = 'cancelled'")
    page = open_batches(batch=batch_id)
    assert told in page.told("warning")
    assert offered(page) == buttons


def test_failures_are_counted_by_their_reason_and_can_be_tried_again(
    open_batches: Open, studio: Studio, as_owner: RunSql
) -> None:
    batch_id, _ = written_batch(studio, as_owner, 3)
    as_owner("UPDATE studio_batch_rows SET status = 'failed', error_code = 'filtered' WHERE number = 1")
    as_owner("UPDATE studio_batch_rows SET status = 'unknown', error_code = 'server_died' WHERE number = 2")
    as_owner("UPDATE studio_batches SET status = 'done', ended_at = now()")
    page = open_batches(batch=batch_id)
    assert "1행: 모델의 내용 필터가 글을 막았어요" in page.told()
    assert offered(page) == {"retry_failed", "retry_unknown"}
    assert page.field("open_review").label == "검토하기 (1편)"


def test_a_reason_is_told_in_the_words_of_the_models_server(
    open_batches: Open, studio: Studio, as_owner: RunSql
) -> None:
    batch_id = batch_of(studio, 3)
    rejected = "UPDATE studio_batch_rows SET status = 'failed', error_code = 'request_rejected', error_params = %s"
    as_owner(rejected, '{"detail": "max_tokens is too large."}')
    assert "3행: 모델 서버가 요청을 거절했어요: max_tokens is too large." in open_batches(batch=batch_id).told()
    as_owner(f"{rejected} WHERE number = 1", '{"detail": "Line 1 is empty."}')
    assert "3행, 이를테면: 모델 서버가 요청을 거절했어요: max_tokens" in open_batches(batch=batch_id).told()
