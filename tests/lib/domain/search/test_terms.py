"""The spellings by which a searched word is found beside its own."""

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.domain.search.terms import searched, term, words_of


def is_found(word: str, text: str) -> bool:
    return bool(re.search(term(word).mark, searched(text)))


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("딸기라떼", "새로 나온 딸기 라떼"), ("통밀식빵", "통밀·식빵"), ("콜드브루", "콜드-브루 한 잔"),
        ("coldbrew", "Cold Brew"),
        ("cold-brew", "coldbrew"), ("ㄸㄱㄹㄸ", "딸기라떼"), ("ㄸㄱㄹㄸ", "딸기 라떼"), ("ㄸㄱ", "#딸기맛집"),
        ("딸ㄱ라", "딸기라떼"),
        ("ㅃㅎㄱ", "빵향기"), ("㈜온기", "(주)온기"), ("(주)온기", "㈜ 온기"), ("ＬＡＴＴＥ", "latte"),
        ("latte", "𝓛𝓐𝓣𝓣𝓔"),
        ("１＋１", "1+1 행사"), ("1+1", "１ + １"), ("6900", "6,900원"), ("6,900원", "₩6900"),
        ("6,900", "6천9백 원"),
        ("6천9백원", "6,900"), ("만오천원", "15,000원"), ("12,500", "1.25만 원"), ("1.2만", "12,000원"),
        ("49000원", "4만 9천 원"), ("4만9천원", "49,000"),
        ("₩12,000", "만 이천원"),
        ("01012345678", "010-1234-5678"), ("010-1234-5678", "010.1234.5678"), ("02-933-2828", "02) 933 2828"),
        ("15441234", "1544-1234"),
        ("1.5L", "1.5 L"),
        ("그집", "그 집"), ("don't", "dont"), ("500ml", "５００㎖"),
    ],
)  # fmt: skip
def test_another_spelling_is_found(word: str, text: str) -> None:
    assert is_found(word, text)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("딸기라떼", "딸기\n라떼"), ("딸기라떼", "딸기 우유 라떼"), ("ㄸㄱㄹㄸ", "달기라테"), ("6900", "16,900원"),
        ("6900", "69,000원"),
        ("15", "1.5L"), ("1.5L", "15L"), ("12", "1 2"), ("이천", "2,000원"), ("ㄱ", "가"), ("2026", "20,260"),
    ],
)  # fmt: skip
def test_another_word_is_not(word: str, text: str) -> None:
    assert not is_found(word, text)


@given(
    st.text(st.sampled_from(string.printable + "가나다딸기ㄱㅏㅋ㈜①ａＡ０\u0301₩만천백원삼"), min_size=1, max_size=12)
)
@settings(max_examples=300, deadline=None)
def test_a_word_is_found_in_itself_and_its_index_knows_it(text: str) -> None:
    for word in text.split():
        assert is_found(word, word)
        for spelling in term(word).spellings:
            assert spelling.strip() == spelling != ""


def test_a_quotation_mark_that_is_not_closed_is_read_in_bounded_time() -> None:
    text = '"' + "딸" * 200_000
    assert list(words_of(text)) == [text]
