"""Every word exists in Korean and English, every key in the code exists, and every key that exists is used."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from lib.domain.brief import LANGUAGES, Brief
from lib.domain.caption import Caption
from lib.domain.errors import InvalidBrief, Problem, RateLimited
from lib.i18n import words
from lib.i18n.words import say
from tests.support.project import ROOT
from tests.support.sources import calls, keywords, literal, trees

ALL = {f"{section}.{name}": word for section, names in words.sections().items() for name, word in names.items()}


PARTICLES = (
    "을 를 이 가 은 는 과 와 으로 로 이나 나 을(를) 를(을) 이(가) 가(이) 은(는) 는(은) 과(와) 와(과) (으)로"
    " 라는 이라는 라고 이라고 예요 이에요"
)
PARTICLE_AFTER_A_VALUE = re.compile(rf"\}}[’”`)]*({'|'.join(map(re.escape, PARTICLES.split()))})(?![가-힣])")


FROM_THE_DATABASE = {"original"}
"""Parts of keys that occur in no Python file: a database function writes them."""


def test_every_word_is_in_korean_and_english_and_needs_the_same_values() -> None:
    for key, word in ALL.items():
        assert set(word) == set(LANGUAGES), key
        assert all(word.values()), key
        assert words.values_in(word["ko"]) == words.values_in(word["en"]), key


@pytest.mark.parametrize("key", ["history.no_such_word", "no_such_section.title", "history", ""])
def test_an_unknown_key_is_an_error_that_names_the_key(key: str) -> None:
    with pytest.raises(KeyError, match=f"'{key} is in none"):
        say("en", key)


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="count"):
        say("en", "history.count")


def patterns(node: ast.expr) -> Iterator[str]:
    """What an argument of ``say`` may be, as regular expressions; a value that is put in is a group."""
    if isinstance(node, ast.IfExp):
        yield from patterns(node.body)
        yield from patterns(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(re.escape(text) if (text := literal(part)) else r"(\w+)" for part in node.values)
    elif (text := literal(node)) is not None:
        yield re.escape(text)


def test_every_key_that_the_code_says_is_listed_and_gets_its_values() -> None:
    wrong, seen = [], 0
    for place, _, call in calls("say"):
        takes_any = any(keyword.arg is None for keyword in call.keywords)
        for pattern in (pattern for argument in call.args for pattern in patterns(argument)):
            seen += 1
            matches = [key for key in ALL if re.fullmatch(pattern, key)]
            if not matches:
                wrong.append(f"{place}: no word is listed as {pattern}")
            elif len(matches) == 1 and not takes_any and not words.values_in(ALL[matches[0]]["en"]) <= keywords(call):
                wrong.append(f"{place}: {matches[0]} lacks a value")
    assert seen > 300
    assert wrong == []


def test_every_listed_word_is_used() -> None:
    """A key is used if the code names it, or puts it together of a string that occurs in the code."""
    nodes = [node for _, tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr)]
    strings = {text for node in nodes if (text := literal(node))} | FROM_THE_DATABASE
    texts = {pattern for node in nodes if isinstance(node, ast.JoinedStr) for pattern in patterns(node)}
    composed = {re.compile(pattern) for pattern in texts if re.match(r"\w+\\\.", pattern)}
    whole = {literal(argument) for _, _, call in calls("listed", "named", "translated") for argument in call.args}

    def is_used(key: str) -> bool:
        matches = filter(None, (pattern.fullmatch(key) for pattern in composed))
        return (
            key in strings
            or key.split(".", maxsplit=1)[0] in whole
            or any(strings.issuperset(match.groups()) for match in matches)
        )

    assert [key for key in ALL if not is_used(key)] == []


def test_no_korean_particle_depends_on_the_sound_of_a_value() -> None:
    """A value may end in a vowel or a consonant, and the particle would have to follow it."""
    assert PARTICLE_AFTER_A_VALUE.search("버전 {number}이 없어요")
    assert PARTICLE_AFTER_A_VALUE.search("‘{status}’(으)로 옮겼어요")
    assert {key: word["ko"] for key, word in ALL.items() if PARTICLE_AFTER_A_VALUE.search(word["ko"])} == {}


def test_a_noun_follows_the_number_before_it() -> None:
    assert say("en", "history.count", count=1) == "1 caption"
    assert say("en", "history.count", count=0) == "0 captions"
    assert say("en", "history.count", count=1200) == "1,200 captions"
    assert say("ko", "history.count", count=1) == "글 1개"


@pytest.mark.parametrize(
    ("seconds", "korean", "english"),
    [
        (0.2, "1초", "1 second"),
        (90, "90초", "90 seconds"),
        (91, "2분", "2 minutes"),
        (10_800, "180분", "180 minutes"),
        (10_801, "4시간", "4 hours"),
    ],
)
def test_a_wait_is_said_in_the_unit_that_people_use(seconds: float, korean: str, english: str) -> None:
    assert words.duration("ko", seconds) == korean
    assert words.duration("en", seconds) == english


def test_a_wait_stands_in_the_sentence_of_its_error() -> None:
    assert words.error("en", RateLimited(seconds=120)).endswith("Try again in 2 minutes.")
    assert "1초 뒤에" in words.error("ko", RateLimited(seconds=1))


def problems_of(fields: dict[str, str], caption: Caption) -> list[Problem]:
    with pytest.raises(InvalidBrief) as caught:
        Brief(**fields)
    return [*caught.value.problems, *caption.problems(), *caption.warnings()]


def test_the_words_of_a_problem_can_be_filled_from_the_problem() -> None:
    too_much = dict.fromkeys(("tenant_id", "tone_style", "product_description", "gpt_prompt"), "가" * 3000)
    fields = {**too_much, "tenant_id": "a\nb", "refined_ad_copy_eng": "", "store_information": "", "gpt_prompt": ""}
    caption = Caption.from_fields("가 " * 1200 + "@a " * 21 + "https://a.kr", "#1 #2 #3 #4 #5 #6 #빵🍞")
    problems = problems_of(fields, caption)
    assert len({problem.code for problem in problems}) >= 8
    for problem in problems:
        for language in LANGUAGES:
            assert words.problem(language, problem)


def test_the_choices_of_a_field_are_called_as_its_form_calls_them() -> None:
    wrong = Problem("rows.3.sponsorship", "not_offered", {"offered": "none, payment"})
    assert words.problem("ko", wrong) == "없음, 광고비 중에서 골라 주세요."
    assert words.problem("ko", Problem("status", "not_offered", {"offered": "draft"})) == "draft 중에서 골라 주세요."


def test_every_problem_code_in_the_code_has_words() -> None:
    codes = {literal(call.args[1]) for _, _, call in calls("Problem", "_over") if len(call.args) > 1} - {None}
    assert {"missing", "too_long", "caption_too_long", "too_many_hashtags", "not_an_id"} <= codes
    assert codes <= set(words.sections()["problem"])


def test_an_outcome_that_has_no_word_is_shown_with_its_code() -> None:
    assert words.ending("en", "refused") == "refused"
    assert words.ending("en", "failed:wrong_key") == "wrong key"
    assert words.ending("en", "failed:of_a_newer_version") == "failed (of_a_newer_version)"
    assert words.ending("en", "of_a_newer_version") == "of_a_newer_version"


def test_words_are_read_without_streamlit() -> None:
    code = "import sys, lib.i18n.words, lib.i18n.numbers, lib.i18n.dates; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_no_two_outcomes_are_called_the_same() -> None:
    for language in LANGUAGES:
        names = list(words.listed(language, "ending").values())
        assert len(names) == len(set(names))
