"""Every error has a code, a sentence, and words in both languages; so has every problem of a field."""

from __future__ import annotations

import ast
import inspect
import string
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.domain.brief import LANGUAGES, Brief
from lib.domain.caption import Caption
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
from tests.support.project import ROOT

WORDS = tomllib.loads((ROOT / "lib/ui/core/words.toml").read_text(encoding="utf-8"))


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


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in [ROOT / "app.py", *sorted((ROOT / "lib").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py"))]:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def calls(*names: str) -> Iterator[tuple[str, str, ast.Call]]:
    """Where, what and how: every call of these names in the sources, also through a module."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
                if name in names:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", name, node


def given(call: ast.Call) -> set[str]:
    return {keyword.arg for keyword in call.keywords if keyword.arg}


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
    lacking = [f"{where} {name}" for where, name, call in calls(*wanted) if not wanted[name] <= given(call)]
    assert lacking == []


def literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def test_every_problem_that_is_told_has_words_in_both_languages() -> None:
    codes = {literal(call.args[1]) for _, _, call in calls("Problem", "_over")}
    codes |= {"too_many_mentions"}  # told by a variable of that value
    codes.discard(None)
    assert {"missing", "too_long", "caption_too_long", "too_many_hashtags", "not_an_id"} <= codes
    assert codes <= set(WORDS["problem"])
    for told in WORDS["problem"].values():
        assert set(told) == set(LANGUAGES)
        assert blanks(told["ko"]) <= blanks(told["en"]) | {"length", "over"}


def found_by(brief: dict[str, str], caption: Caption) -> list[Problem]:
    with pytest.raises(InvalidBrief) as caught:
        Brief(**brief)
    return [*caught.value.problems, *caption.problems(), *caption.warnings()]


def test_the_words_of_a_problem_can_be_filled_from_the_problem() -> None:
    too_much = dict.fromkeys(("tenant_id", "tone_style", "product_description", "gpt_prompt"), "가" * 3000)
    brief = {**too_much, "tenant_id": "a\nb", "refined_ad_copy_eng": "", "store_information": "", "gpt_prompt": ""}
    text = "가 " * 1200 + "@a " * 21 + "https://a.kr"
    caption = Caption.from_fields(text, "#1 #2 #3 #4 #5 #6 #빵🍞")
    problems = found_by(brief, caption)
    assert len({problem.code for problem in problems}) >= 9
    for problem in problems:
        for language in LANGUAGES:
            assert WORDS["problem"][problem.code][language].format(**problem.params)


def test_every_word_that_a_page_says_is_listed_and_gets_its_values() -> None:
    wrong, seen = [], 0
    for where, _, call in calls("say"):
        name = literal(call.args[0])
        if name is None:
            continue
        seen += 1
        section, _, key = name.partition(".")
        told = WORDS.get(section, {}).get(key)
        if told is None or set(told) != set(LANGUAGES):
            wrong.append(f"{where}: {name} is not listed in both languages")
        elif not blanks(told["ko"]) | blanks(told["en"]) <= given(call):
            wrong.append(f"{where}: {name} lacks a value")
    assert seen > 30
    assert wrong == []


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
