"""Words in Latin letters and in Hangul that name the same."""

import pytest

from lib.domain.findings.loanwords import same


@pytest.mark.parametrize(
    "pair",
    [
        "latte 라떼",
        "lattes 카페라떼",
        "macarons 마카롱",
        "bagel 베이글",
        "croissants 크루아상",
        "burger 버거",
        "pilates 필라테스",
        "tickets 티켓",
        "tickets 입장권",
        "kids 어린이",
        "deposit 보증금",
        "teams 팀",
        "마카롱 macaron",
        "classes class",
    ],
)
def test_a_loan_or_a_listed_word_is_the_same_in_either_writing(pair: str) -> None:
    one, other = pair.split()
    assert same(one, other)


@pytest.mark.parametrize(
    "pair",
    [
        "latte 아메리카노",
        "macaron 마카다미아",
        "tea 주차",
        "a 아",
        "trucks 트럭터미널",
        "cats dogs",
        "라떼 카페라떼",
        "123 라떼",
    ],
)
def test_other_words_are_not(pair: str) -> None:
    one, other = pair.split()
    assert not same(one, other)
