"""Codes, statuses and whether to try again are a contract with programs: errors of a program's request."""

from __future__ import annotations

import pytest

from lib.domain.errors import StudioError, from_code

CONTRACT = [
    ("not_authenticated", 401, False),
    ("scope_missing", 403, False),
    ("tenant_not_found", 404, False),
    ("too_many_requests", 429, True),
    ("server_full", 503, True),
    ("body_too_large", 413, False),
    ("body_too_slow", 408, True),
    ("invalid_request", 422, False),
    ("no_such_address", 404, False),
    ("wrong_host", 421, False),
    ("wrong_origin", 403, False),
    ("method_not_allowed", 405, False),
    ("key_not_found", 404, False),
    ("too_many_keys", 409, False),
]


@pytest.mark.parametrize(("code", "status", "retryable"), CONTRACT)
def test_the_contract_of_an_error_stays(code: str, status: int, retryable: bool) -> None:
    error = from_code(code, {})
    assert type(error) is not StudioError
    assert (error.code, error.status, error.retryable) == (code, status, retryable)
