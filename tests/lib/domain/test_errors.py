"""Every error has a code, a sentence, and words in both languages; so has every problem of a field."""

from __future__ import annotations

import inspect
import string
from collections import Counter
from collections.abc import Iterator

import pytest

from lib.domain.brief import LANGUAGES
from lib.domain.errors import (
    FeedNotFound,
    Invalid,
    InvalidBrief,
    NeedsFixing,
    Problem,
    RateLimited,
    StudioError,
    from_code,
)
from lib.i18n import words
from tests.support.sources import calls, keywords

WORDS = words.sections()


def family(base: type[StudioError] = StudioError) -> Iterator[type[StudioError]]:
    yield base
    for sub in base.__subclasses__():
        yield from family(sub)


FAMILY = list(family())


def sentence(error: type[StudioError]) -> str:
    return " ".join((inspect.getdoc(error) or "").split("\n\n")[0].split())


def blanks(template: str) -> set[str]:
    """The names that a sentence has filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("error", FAMILY, ids=lambda error: error.code)
def test_an_error_has_a_sentence_of_its_own_a_status_and_words_in_both_languages(error: type[StudioError]) -> None:
    assert error.__dict__.get("__doc__"), "it inherits another error's sentence"
    assert sentence(error).endswith(".")
    assert 400 <= error.status <= 599
    told = WORDS["error"][error.code]
    assert set(told) == set(LANGUAGES)
    assert blanks(told["ko"]) == blanks(told["en"])
    assert blanks(told["ko"]) <= blanks(sentence(error)), "the words want a value that the error does not have"


def test_no_two_errors_share_a_code() -> None:
    assert [code for code, count in Counter(error.code for error in FAMILY).items() if count > 1] == []


def test_no_words_are_kept_for_an_error_that_is_gone() -> None:
    assert set(WORDS["error"]) == {error.code for error in FAMILY}


def test_every_raised_error_is_given_what_its_sentence_wants() -> None:
    wanted = {error.__name__: blanks(sentence(error)) for error in FAMILY if not issubclass(error, Invalid)}
    del wanted["NeedsFixing"]  # composes its own from the problems
    lacking = [f"{where} {name}" for where, name, call in calls(*wanted) if not wanted[name] <= keywords(call)]
    assert lacking == []


def test_an_error_is_made_again_from_its_record() -> None:
    for error in (RateLimited(seconds=7), FeedNotFound(feed_id="x"), StudioError()):
        again = from_code(error.code, error.as_json())
        assert type(again) is type(error)
        assert str(again) == str(error)
    assert (
        str(from_code("rate_limited", {"seconds": 7}))
        == "OpenAI takes no more requests for now. Try again in 7 seconds."
    )


def test_an_error_about_problems_is_made_again_from_its_record() -> None:
    problems = [Problem("hashtags", "too_many_hashtags", {"most": 5, "over": 1}), Problem("tone_style", "missing")]
    for error in (NeedsFixing(problems), InvalidBrief(problems)):
        again = from_code(error.code, error.as_json())
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert "too_many_hashtags" in str(again)
    assert "hashtags: too_many_hashtags (most=5, over=1); tone_style: missing" in str(NeedsFixing(problems))


def test_a_code_nobody_knows_any_more_is_still_an_error_to_show() -> None:
    again = from_code("of_a_newer_version", {"anything": 1})
    assert type(again) is StudioError
    assert again.code == "studio_error"


def test_a_missing_value_leaves_its_name_standing_rather_than_raising_another_error() -> None:
    assert "{seconds}" in str(RateLimited())


def test_braces_in_a_value_are_not_filled_in() -> None:
    assert "{0} {detail}" in str(from_code("model_failed", {"detail": "{0} {detail}"}))
