"""What the demo model writes of a brief, and makes of an earlier caption."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import openai
import pytest

from lib.demo.model import DemoModel
from lib.demo.model.copywriting import compose
from lib.demo.model.reading import phrases
from lib.domain.brief import Brief, Language
from lib.domain.caption import Caption
from lib.domain.prompt import ANGLES, CHANGES, Derivation, messages
from tests.support.demo_briefs import (
    BREAD,
    BUTTER_ROLL,
    MARMALADE,
    ROLL,
    VARIANTS,
    brief,
    caption_for,
    taken,
    written,
)


def test_every_angle_starts_with_another_line(client: openai.OpenAI) -> None:
    told: list[tuple[Brief, Language]] = [(MARMALADE, "ko"), (BREAD, "en")]
    for asked, language in told:
        captions = [
            written(client, messages=messages(asked, language, variant=variant))["instagram_ad_copy"]
            for variant in range(1, len(ANGLES) + 1)
        ]
        assert len({caption.splitlines()[0] for caption in captions}) == len(ANGLES)


@pytest.mark.parametrize(("asked", "language"), [(ROLL, "ko"), (MARMALADE, "ko"), (BUTTER_ROLL, "en")])
def test_the_angles_differ_in_what_they_tell_and_in_their_tags(asked: Brief, language: Language) -> None:
    copies = [taken(asked, language, variant) for variant in VARIANTS]
    bodies = [copy.caption.partition("\n\n")[2].rpartition("\n\n")[0] for copy in copies]
    assert len(set(bodies)) == len(ANGLES)
    assert len({frozenset(copy.hashtags) for copy in copies}) == len(ANGLES)
    assert len({copy.caption.count("\n\n") for copy in copies}) > 1, "all are built alike"


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_text_asked_for_again_is_built_otherwise(variant: int) -> None:
    first, second = (taken(ROLL, "ko", variant, take).caption for take in (0, 1))
    assert [len(part.splitlines()) for part in first.split("\n\n")] != [
        len(part.splitlines()) for part in second.split("\n\n")
    ]


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("take", [0, 1])
def test_the_facts_of_the_store_are_told_from_every_angle(language: Language, variant: int, take: int) -> None:
    store = "연남로 12, 2층. 화~일 12시~22시. 매주 월요일 휴무. 02-312-4567"
    caption = taken(replace(ROLL, store_information=store), language, variant, take).caption
    told = {"ko": ("화~일 12시~22시", "매주 월요일 휴무"), "en": ("Tuesday–Sunday 12:00–22:00", "Closed on Mondays")}
    for fact in ("연남로 12, 2층", "02-312-4567", *told[language]):
        assert fact in caption


@pytest.mark.parametrize("take", range(12))
def test_the_product_stands_in_an_english_sentence_as_one_says_it(take: int) -> None:
    for variant in VARIANTS:
        hook = taken(BUTTER_ROLL, "en", variant, take).caption.splitlines()[0]
        assert not re.search(r"\w[ ,:]+Salted", hook), hook
        assert not re.search(r"[.!?] [a-z]", hook), hook


@pytest.mark.parametrize("voice", phrases()["tones"])
def test_every_voice_has_enough_first_lines_and_none_states_a_figure(voice: str) -> None:
    for language, least in (("ko", 8), ("en", 5)):
        said = phrases()[language][voice]
        for angle in phrases()["angles"]:
            assert len(set(said["open"][angle])) >= least
            assert said["nameless"][angle]
        assert not re.search(r"\d", json.dumps(said, ensure_ascii=False))


def test_a_korean_caption_speaks_of_the_product_in_its_own_words(client: openai.OpenAI) -> None:
    answer = written(client)
    assert "마멀레이드" in answer["instagram_ad_copy"]
    assert "설탕을 줄이고 과육을 듬뿍 살렸어요." in answer["instagram_ad_copy"]
    assert "애월읍 하늘길 12" in answer["instagram_ad_copy"]
    assert "#한라봉" in answer["hashtags"]
    assert 3 <= len([line for line in answer["instagram_ad_copy"].splitlines() if line]) <= 9


def test_an_english_caption_is_english(client: openai.OpenAI) -> None:
    answer = written(client, messages=messages(BREAD, "en"))
    assert "Bread worth waking up for" in answer["instagram_ad_copy"]
    assert "We let it rest overnight." in answer["instagram_ad_copy"]
    assert not re.search("[가-힣]", answer["instagram_ad_copy"] + "".join(answer["hashtags"]))


def test_a_korean_product_in_an_english_caption_is_told_by_the_english_ad_copy() -> None:
    text = caption_for(brief(store_information=""), "en")
    assert "Taste the sunshine of Jeju" in text
    assert not re.search("[가-힣]", text)


@pytest.mark.parametrize("variant", range(1, len(ANGLES) + 1))
@pytest.mark.parametrize(("asked", "language"), [(MARMALADE, "ko"), (BREAD, "en"), (MARMALADE, "en")])
def test_an_answer_is_storable_and_has_no_figure_that_the_brief_has_not(
    demo: DemoModel, client: openai.OpenAI, asked: Brief, language: Any, variant: int
) -> None:
    answer = written(client, messages=messages(asked, language, variant=variant))
    caption = Caption.compose(answer["instagram_ad_copy"], answer["hashtags"])
    assert not caption.problems()
    assert not caption.parked
    assert 4 <= len(caption.hashtags) <= 5
    figures = re.findall(r"\d+", caption.assembled)
    assert set(figures) <= set(re.findall(r"\d+", " ".join(asked.inputs().values())))


@pytest.mark.parametrize(
    ("tone", "said"),
    [
        ("따뜻한", "설탕을 줄이고 과육을 듬뿍 살렸어요."),
        ("격식 있고 고급스러운", "설탕을 줄이고 과육을 듬뿍 살렸습니다."),
        ("calm, minimal", "설탕을 줄이고 과육을 듬뿍 살렸습니다."),
        ("활기찬", "설탕을 줄이고 과육을 듬뿍 살렸어요!"),
        ("합니다체로", "설탕을 줄이고 과육을 듬뿍 살렸습니다."),
    ],
)
def test_the_tone_decides_how_a_sentence_ends(tone: str, said: str) -> None:
    assert said in caption_for(brief(tone_style=tone))


def test_a_wish_for_no_emoji_is_granted() -> None:
    assert re.search("[\U0001f300-\U0001faff]", caption_for(MARMALADE))
    plain = caption_for(brief(gpt_prompt="이모지 없이 써 주세요"))
    assert not re.search("[\U0001f000-\U0001faff☀-➿]", plain)


def test_a_sponsored_brief_says_so_in_its_first_line() -> None:
    assert caption_for(brief(gpt_prompt="협찬 게시물이에요.")).startswith("[협찬] ")
    assert "[협찬]" not in caption_for(brief(gpt_prompt="협찬 아님"))


def test_the_longest_brief_still_makes_a_caption_that_fits() -> None:
    long = ("아주 긴 설명이 이어집니다 " * 200)[:1900]
    text = caption_for(brief(product_description=long, store_information=long[:900], refined_ad_copy_eng="Long " * 90))
    assert len(text) < 1000


def derived(change: Any, asked: Brief, previous: str, tags: str) -> Any:
    derivation = Derivation(change, previous, tags)
    return compose(messages(asked, "ko", derivation=derivation)[-1]["content"], "seed")


@pytest.mark.parametrize("tone", ["따뜻한", "위트 있는", "격식 있는", "차분한", "활기찬"])
def test_each_change_does_what_it_says(tone: str) -> None:
    asked = brief(tone_style=tone)
    first = compose(messages(asked, "ko")[-1]["content"], "seed")
    tags = " ".join(first.hashtags)
    changed = {change: derived(change, asked, first.caption, tags) for change in CHANGES}
    assert len(changed["shorter"].caption) < 0.8 * len(first.caption)
    assert len(changed["longer"].caption) > 1.2 * len(first.caption)
    assert changed["warmer"].caption != first.caption
    assert changed["more_formal"].caption != first.caption
    assert "습니다." in changed["more_formal"].caption
    assert changed["other_hashtags"].caption == first.caption
    assert len(changed["other_hashtags"].hashtags) >= 4
    assert not set(changed["other_hashtags"].hashtags) & set(first.hashtags)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_shorter_text_still_says_what_the_product_is_and_what_is_best_about_it(variant: int) -> None:
    first = taken(ROLL, "ko", variant)
    shorter = derived("shorter", ROLL, first.caption, " ".join(first.hashtags)).caption
    assert "소금빵" in shorter
    assert re.search("바삭|숙성", shorter)
    assert len(shorter) < 0.8 * len(first.caption)


@pytest.mark.parametrize(
    "previous", ["한 줄짜리 글이에요", "첫 문장이에요. 둘째 문장이에요.", "가\n\n나\n\n다", "긴글" * 400]
)
def test_a_hand_written_text_becomes_shorter_and_longer_too(previous: str) -> None:
    assert 0 < len(derived("shorter", MARMALADE, previous, "").caption) < len(previous)
    assert len(previous) < len(derived("longer", MARMALADE, previous, "").caption) <= 2_000


def test_a_text_that_is_full_does_not_grow_over_the_limit() -> None:
    full = "가" * 2_100
    assert derived("longer", MARMALADE, full, "").caption == full
