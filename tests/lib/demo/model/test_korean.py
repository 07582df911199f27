"""Particles, endings and nouns of Korean."""

from __future__ import annotations

import pytest

from lib.demo.model.korean import Noun, is_sentence, nouns, polite
from lib.i18n.particles import particle


@pytest.mark.parametrize(
    ("word", "pair", "expected"),
    [
        ("마멀레이드", "을/를", "를"),
        ("한라봉", "은/는", "은"),
        ("서울", "으로/로", "로"),
        ("부산", "으로/로", "으로"),
        ("라떼(아이스)", "이/가", "가"),
        ("soy candle", "을/를", "을"),
        ("latte", "과/와", "와"),
        ("카페 7", "이/가", "이"),
        ("카페 2", "이/가", "가"),
        ("♥", "이/가", "가"),
    ],
)
def test_the_particle_follows_the_final_consonant(word: str, pair: str, expected: str) -> None:
    assert particle(word, pair) == expected
    assert f"{Noun(word):{pair}}" == word + expected


@pytest.mark.parametrize(
    ("plain", "soft", "formal"),
    [
        ("매일 원두를 볶는다", "매일 원두를 볶아요", "매일 원두를 볶습니다"),
        ("직접 만든다", "직접 만들어요", "직접 만듭니다"),
        ("향이 진하다", "향이 진해요", "향이 진합니다"),
        ("색이 예쁘다", "색이 예뻐요", "색이 예쁩니다"),
        ("정말 맛있다", "정말 맛있어요", "정말 맛있습니다"),
        ("제주 감귤입니다", "제주 감귤이에요", "제주 감귤입니다"),
        ("딸기 케이크입니다", "딸기 케이크예요", "딸기 케이크입니다"),
        ("오늘 구웠어요", "오늘 구웠어요", "오늘 구웠습니다"),
        ("기분이 좋아요", "기분이 좋아요", "기분이 좋습니다"),
        ("집까지 보내 드려요", "집까지 보내 드려요", "집까지 보내 드립니다"),
        ("예약제로 운영함", "예약제로 운영해요", "예약제로 운영합니다"),
        ("직접 굽습니다", "직접 굽습니다", "직접 굽습니다"),  # ㅂ may change (구워요): left alone
        ("한번 들러 보세요", "한번 들러 보세요", "한번 들러 보세요"),
    ],
)
def test_sentences_end_politely_in_both_registers(plain: str, soft: str, formal: str) -> None:
    assert polite(plain, formal=False) == soft
    assert polite(plain, formal=True) == formal


@pytest.mark.parametrize(
    ("text", "expected"), [("좋아요", True), ("볶는다.", True), ("제주 바다", False), ("예약 필요", False)]
)
def test_a_noun_is_not_taken_for_a_sentence(text: str, expected: bool) -> None:
    assert is_sentence(text) is expected


def test_nouns_lose_their_particles_and_nothing_else_is_taken_for_one() -> None:
    told = "커피와 한라봉을 서울에서 12시간 천천히 내려 맛있게 만든 카페의 라떼, 빙수가 통째로, 제주도 고양이, 맛이"
    assert nouns(told) == ["커피", "한라봉", "서울", "카페", "라떼", "빙수", "고양이"]
