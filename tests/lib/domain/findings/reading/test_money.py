"""Prices, percents and offers."""

import pytest

from lib.domain.findings.fact import narrow
from lib.domain.findings.reading.money import read


def values(text: str) -> list[object]:
    return [fact.value for fact in read(narrow(text)) if fact.sure]


@pytest.mark.parametrize(
    "text",
    [
        "6,900원",
        "6900 원",
        "6천9백 원",
        "₩6,900",
        "￦6,900",
        "KRW 6,900",
        "6,900 won",
        "6.9K won",
        "₩6.9k",
        "육천구백원에",
    ],
)
def test_a_price_in_won_is_read_in_every_spelling(text: str) -> None:
    assert values(text) == [("won", 6_900)]


@pytest.mark.parametrize("text", ["$18", "18달러", "18 dollars", "US$18"])
def test_a_price_in_dollars_is_read_in_every_spelling(text: str) -> None:
    assert values(text) == [("usd", 18)]


@pytest.mark.parametrize(
    "text",
    [
        "공원에서 만나요",
        "병원과 사원",
        "3만 원대 선물",
        "1만 원도 안 되는",
        "under ₩10,000",
        "원두 2종",
        "만원 버스",
        "10원칙",
    ],
)
def test_what_is_no_certain_price_is_left_out(text: str) -> None:
    assert [value for value in values(text) if isinstance(value, tuple) and value[0] == "won"] == []


def test_the_lower_end_of_a_range_takes_the_unit_of_the_upper_one() -> None:
    assert values("3~5만 원") == [("won", 30_000), ("won", 50_000)]
    assert values("9,000~12,000원") == [("won", 9_000), ("won", 12_000)]


def test_percents_and_half_prices_are_percents_and_a_hundred_is_a_way_of_speaking() -> None:
    assert values("30% 할인, 20퍼센트, 15 percent off, 반값") == [30, 20, 15, 50]
    assert values("100% 국산") == []


@pytest.mark.parametrize(
    "text", ["1+1", "1 + 1 행사", "원 플러스 원", "one plus one", "buy one get one", "BOGO", "하나 사면 하나 더"]
)
def test_an_offer_is_read_in_every_spelling(text: str) -> None:
    assert values(text) == [(1, 1)]


@pytest.mark.parametrize("text", ["1+1=2", "010+1+12", "v1+1.5"])
def test_a_sum_is_no_offer(text: str) -> None:
    assert values(text) == []
