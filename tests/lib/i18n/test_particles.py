"""Particles by the sound of what stands before them."""

import unicodedata

import pytest

from lib.i18n.particles import followed, particle

WORDS = {
    ("이", "으로"): [
        "식빵", "온기 (연남점)", "3", "10", "6,900", "500g", "5kg", "₩6,900", "6,900원", "FM", "K-POP", "shop", "game",
        "design", "film", "picnic", "book", "gym", "SPRING", "BLACK", "3M", "빵🍞",
        unicodedata.normalize("NFD", "간식"), "croissant", "TikTok",
    ],
    ("이", "로"): ["서울", "7", "URL", "style", "QR", "ASMR", "SALE", "ＳＡＬＥ", "선물 🎁", "①", "1️⃣", "onki.kr"],
    ("가", "로"): [
        "라떼", "‘온기’", "2", "1.5", "30%", "500ml", "1L", "1+1+", "$18", "VIP", "C", "K", "cake", "brand", "set",
        "coffee", "bar", "week", "AI", "", "5G", "check", "MBTI", "OOTD", "㈜", "10²", "🎂", "３０％",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("word", "subject", "direction"), [(word, *pair) for pair, words in WORDS.items() for word in words]
)
def test_a_particle_follows_the_sound(word: str, subject: str, direction: str) -> None:
    assert (particle(word, "이/가"), particle(word, "으로/로")) == (subject, direction)


@pytest.mark.parametrize(
    ("word", "text", "whole"),
    [
        ("1L", "을 담았어요", "1L를 담았어요"),
        ("월요일", "는 쉬어요", "월요일은 쉬어요"),
        ("7", "으로 오세요", "7로 오세요"),
        ("6,900원", "이에요", "6,900원이에요"),
        ("6,900원", "", "6,900원"),
    ],
)
def test_a_particle_behind_a_word_that_is_put_in_takes_its_sound(word: str, text: str, whole: str) -> None:
    assert followed(word, text) == whole
