"""Codes, statuses and whether to try again are a contract with programs: errors of what people ask for."""

from __future__ import annotations

import pytest

from lib.domain.errors import StudioError, from_code

CONTRACT = [
    ("move_not_allowed", 409, False),
    ("invalid_brief", 422, False),
    ("invalid_caption", 422, False),
    ("invalid_filter", 422, False),
    ("invalid_settings", 422, False),
    ("feed_not_found", 404, False),
    ("feed_refused", 409, False),
    ("feed_changed", 409, False),
    ("version_not_found", 404, False),
    ("run_not_found", 404, False),
    ("job_not_found", 422, False),
    ("overlay_not_found", 422, False),
    ("overlay_of_another_job", 422, False),
    ("job_refused", 409, False),
    ("key_reused", 422, False),
    ("still_writing", 409, True),
    ("export_stopped", 499, False),
]


@pytest.mark.parametrize(("code", "status", "retryable"), CONTRACT)
def test_the_contract_of_an_error_stays(code: str, status: int, retryable: bool) -> None:
    error = from_code(code, {})
    assert type(error) is not StudioError
    assert (error.code, error.status, error.retryable) == (code, status, retryable)
