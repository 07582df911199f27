"""Codes, statuses and whether to try again are a contract with programs: errors of the database and the disk."""

from __future__ import annotations

import pytest

from lib.domain.errors import StudioError, from_code

CONTRACT = [
    ("database_away", 503, True),
    ("database_unusable", 503, True),
    ("database_url_unreadable", 500, False),
    ("database_busy", 503, True),
    ("figures_being_counted", 503, True),
    ("database_refused", 500, False),
    ("database_not_started", 503, False),
    ("answer_kept", 503, False),
    ("no_room", 507, True),
]


@pytest.mark.parametrize(("code", "status", "retryable"), CONTRACT)
def test_the_contract_of_an_error_stays(code: str, status: int, retryable: bool) -> None:
    error = from_code(code, {})
    assert type(error) is not StudioError
    assert (error.code, error.status, error.retryable) == (code, status, retryable)
