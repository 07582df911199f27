"""What becomes of a row follows from how its last request ended, and from whether it cost anything."""

from __future__ import annotations

import pytest

from lib.domain.batches.ends import FAILURES_IN_A_ROW, MAX_ATTEMPTS, is_down, row_end


@pytest.mark.parametrize(
    ("outcome", "code", "status"),
    [
        ("unknown", "server_died", "unknown"),
        ("unknown", "unknown", "unknown"),
        ("refused", "refused", "failed"),
        ("needs_fixing", "needs_fixing", "failed"),
        ("failed", "model_failed", "failed"),
        ("failed", "model_not_found", "failed"),
        ("failed", "request_rejected", "failed"),
        ("failed", "rate_limited", "waiting"),
        ("failed", "busy", "waiting"),
        ("failed", "model_unreachable", "waiting"),
        ("not_sent", "not_sent", "waiting"),
        ("not_sent", "stopped", "waiting"),
        ("not_sent", "rate_limited", "waiting"),
        ("stopped", "stopped", "failed"),
        ("of a newer release", "new", "failed"),
    ],
)
def test_a_row_waits_again_only_where_its_request_cost_nothing_and_may_go_well(
    outcome: str, code: str, status: str
) -> None:
    end = row_end(outcome, code, None, 1)
    assert end.status == status
    assert end.pauses == (code == "model_unreachable")


@pytest.mark.parametrize("code", ["quota_exceeded", "wrong_key", "no_key", "wrong_address"])
def test_what_every_row_would_meet_pauses_the_batch_until_a_person_resumes_it(code: str) -> None:
    end = row_end("failed", code, None, 1)
    assert (end.status, end.pauses, end.resumes_in_s) == ("waiting", True, None)


def test_a_row_waits_as_long_as_the_server_says_and_longer_each_time() -> None:
    assert row_end("failed", "rate_limited", {"seconds": 40}, 3).retry_in_s == 40
    delays = [row_end("failed", "busy", None, attempts).retry_in_s for attempts in (3, 6, 30)]
    assert delays == sorted(delays)
    assert row_end("failed", "busy", None, MAX_ATTEMPTS).status == "failed"


def test_a_model_is_down_when_rows_fail_one_after_the_other() -> None:
    failed: list[str | None] = ["model_failed"] * FAILURES_IN_A_ROW
    assert is_down(failed[1:]) is None
    assert is_down([*failed[1:], None, "model_failed"]) is None
    assert is_down(["refused", *failed]) is None
    first, second = is_down(failed), is_down(failed * 2)
    assert first
    assert second == 2 * first
    assert is_down([*failed, "model_failed"]) is None, "one pause for each ten"
