"""Codes, statuses and whether to try again are a contract with programs: errors of a model's answers."""

from __future__ import annotations

import pytest

from lib.domain.errors import StudioError, from_code

CONTRACT = [
    ("answer_error", 502, False),
    ("needs_fixing", 502, False),
    ("refused", 502, False),
    ("empty", 502, True),
    ("invalid", 502, True),
    ("truncated", 502, False),
    ("filtered", 502, False),
    ("incomplete", 502, True),
    ("stopped", 499, False),
    ("unknown", 504, True),
    ("server_died", 504, True),
    ("not_sent", 503, True),
    ("model_failed", 502, True),
    ("no_key", 422, False),
    ("wrong_key", 502, False),
    ("quota_exceeded", 503, False),
    ("rate_limited", 503, True),
    ("busy", 503, True),
    ("wrong_address", 502, False),
    ("model_not_found", 422, False),
    ("request_rejected", 422, False),
    ("model_unreachable", 503, True),
]


@pytest.mark.parametrize(("code", "status", "retryable"), CONTRACT)
def test_the_contract_of_an_error_stays(code: str, status: int, retryable: bool) -> None:
    error = from_code(code, {})
    assert type(error) is not StudioError
    assert (error.code, error.status, error.retryable) == (code, status, retryable)
