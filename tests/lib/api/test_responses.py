"""A problem says its code, its field and when to come back, and nothing of a bug."""

from __future__ import annotations

import json

import pytest

from lib.api import responses
from lib.domain.errors import (
    DatabaseAway,
    InvalidRequest,
    JobNotFound,
    NotAuthenticated,
    Problem,
    QuotaExceeded,
    RateLimited,
    StillWriting,
    StudioError,
    TooManyRequests,
)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (TooManyRequests(seconds=7), "7"),
        (TooManyRequests(seconds=0.2), "1"),
        (DatabaseAway(), "5"),
        (StillWriting(), "2"),
        (QuotaExceeded(), "60"),
        (RateLimited(), "60"),
        (JobNotFound(job_id=1), None),
    ],
    ids=lambda value: value.code if isinstance(value, StudioError) else value,
)
def test_a_problem_that_may_pass_says_after_how_many_seconds(error: StudioError, seconds: str | None) -> None:
    assert responses.problem(error).headers.get("retry-after") == seconds


def test_a_call_without_a_key_is_told_how_to_send_one() -> None:
    assert responses.problem(NotAuthenticated()).headers["www-authenticate"].startswith("Bearer")


def test_a_field_is_named_where_all_problems_are_its_own() -> None:
    both = [Problem("tone_style", "missing"), Problem("hashtags", "too_many_hashtags", {"most": 5, "over": 1})]
    assert responses.details(InvalidRequest(both)).field is None
    alone = responses.details(InvalidRequest(both[:1]))
    assert alone.field == "tone_style"
    assert [(problem.field, problem.code) for problem in alone.errors or ()] == [("tone_style", "missing")]
    assert responses.details(JobNotFound(job_id=1)).field == "job_id"


def test_members_of_the_caller_win_over_those_of_the_error() -> None:
    body = json.loads(bytes(responses.problem(DatabaseAway(), retryable=False, key_is_spent=True).body))
    assert (body["retryable"], body["key_is_spent"], body["code"]) == (False, True, "database_away")
    assert "attempt_id" not in body, "what is unknown is left out"


def test_every_documented_status_has_a_description() -> None:
    documented = responses.documented(409, 499, 502, 504, 507)
    assert all(response["description"] for response in documented.values())
    assert {status for status, response in documented.items() if "headers" in response} == {409, 429, 503}
