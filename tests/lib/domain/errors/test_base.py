"""Every error has a code, a status, words in both languages, and a way back from its record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from lib.domain import errors
from lib.domain.brief import LANGUAGES
from lib.domain.errors import (
    FeedNotFound,
    Invalid,
    InvalidBrief,
    NeedsFixing,
    OfAnotherRelease,
    Problem,
    RateLimited,
    StudioError,
    from_code,
)
from lib.i18n import words
from tests.support.sources import calls, keywords


def family(base: type[StudioError] = StudioError) -> Iterator[type[StudioError]]:
    yield base
    for subclass in base.__subclasses__():
        yield from family(subclass)


FAMILY = list(family())
SENTENCES = words.sections()["error"]
COUNTS = {"count": 6, "in_text": 0, "most": 5, "over": 1}
PROBLEMS = [Problem("hashtags", "too_many_hashtags", COUNTS), Problem("tone_style", "missing")]


@pytest.mark.parametrize("error", FAMILY, ids=lambda error: error.code)
def test_an_error_says_when_it_is_raised_and_has_a_status_and_a_sentence(error: type[StudioError]) -> None:
    assert error.__dict__.get("__doc__"), "it inherits another error's docstring"
    assert 400 <= error.status <= 599
    for language in LANGUAGES:
        assert SENTENCES[error.code][language].endswith((".", "}", ")")), "it is no sentence"
        assert error.__doc__ != SENTENCES[error.code][language]


def test_every_error_is_imported_from_one_place() -> None:
    assert {error.__name__ for error in FAMILY} <= set(errors.__all__)


def test_no_two_errors_share_a_code() -> None:
    assert [code for code, count in Counter(error.code for error in FAMILY).items() if count > 1] == []


def test_no_sentence_is_left_of_an_error_that_is_gone() -> None:
    assert set(SENTENCES) == {error.code for error in FAMILY}


def test_every_raised_error_is_given_what_its_sentence_needs() -> None:
    needs = {error.__name__: words.values_in(SENTENCES[error.code]["en"]) for error in FAMILY}
    assert sum(map(len, needs.values())) > 20
    lacking = [f"{place} {name}" for place, name, call in calls(*needs) if not needs[name] <= keywords(call)]
    assert lacking == []


@pytest.mark.parametrize("error", [RateLimited(seconds=7), FeedNotFound(feed_id="x"), StudioError()])
def test_an_error_is_made_again_from_its_record(error: StudioError) -> None:
    again = from_code(error.code, error.as_json())
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert words.error("en", again) == words.error("en", error)


@pytest.mark.parametrize("error", [NeedsFixing(PROBLEMS), InvalidBrief(PROBLEMS)])
def test_the_problems_of_fields_are_made_again_from_the_record(error: StudioError) -> None:
    again = from_code(error.code, error.as_json())
    assert type(again) is type(error)
    assert again.problems == PROBLEMS
    assert "Tone & style: This field is empty." in words.error("en", again)
    assert "해시태그가 6개예요(본문의 0개 포함, 같은 것도 하나씩 세요). 5개까지니 1개를 빼 주세요." in words.error(
        "ko", again
    )


@pytest.mark.parametrize("record", [{"told": "hashtags: too_many_hashtags"}, {"problems": "hashtags: too_many"}, {}])
def test_an_older_record_without_single_problems_is_still_an_error_to_show(record: dict[str, str]) -> None:
    assert words.error("en", from_code("needs_fixing", record)) == SENTENCES["needs_fixing"]["en"]


def test_a_log_names_the_code_the_fields_and_the_values() -> None:
    assert str(RateLimited(seconds=7)) == "rate_limited (seconds=7)"
    assert str(StudioError()) == "studio_error"
    assert str(Invalid(PROBLEMS)) == (
        "invalid_fields (hashtags: too_many_hashtags (count=6, in_text=0, most=5, over=1); tone_style: missing)"
    )


def test_a_code_that_no_class_has_is_still_an_error_to_show() -> None:
    again = from_code("of_a_newer_version", {"anything": 1})
    assert type(again) is OfAnotherRelease
    assert "of_a_newer_version" in words.error("en", again)


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        ({"field": "newer_field", "code": "newer_problem", "params": {"a": 1}}, "newer_problem"),
        ({"field": "hashtags", "code": "too_many_hashtags"}, "unknown"),
        ({"field": "hashtags", "code": "missing", "severity": "high"}, "This field is empty."),
        ({"code": "newer_problem", "params": None}, "newer_problem"),
    ],
)
def test_a_problem_of_another_release_is_shown_as_far_as_it_is_known(record: dict[str, Any], shown: str) -> None:
    assert shown in words.error("en", from_code("needs_fixing", {"problems": [record]}))


def test_a_missing_value_is_unknown_rather_than_another_error() -> None:
    assert words.error("en", RateLimited()).endswith("Try again in unknown.")


def test_braces_in_a_value_are_not_filled_in() -> None:
    assert "{0} {detail}" in words.error("en", from_code("model_failed", {"detail": "{0} {detail}"}))
