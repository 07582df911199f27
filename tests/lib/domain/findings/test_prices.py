"""Prices beside those of a brief."""

import pytest

from lib.domain.findings.brief_facts import brief_facts
from lib.domain.findings.comparison import compare


def status(brief: str, caption: str) -> list[tuple[str, str, str]]:
    return [(each.status, each.fact.text, each.brief) for each in compare(brief_facts(brief, ""), caption)]


@pytest.mark.parametrize(
    ("brief", "caption", "said"),
    [
        ("아메리카노 4,500원, 카페라떼 5,500원", "A latte is ₩4,500", "5,500원"),
        ("반려견 1마리 1만원, 추가 1인 2만원", "한 마리에 2만 원", "1만원"),
        ("장작 10kg 12,000원. 렌탈 3,000원", "장작 10kg에 15,000원", "12,000원"),
        ("Wash ₩3,500/kg, shirts ₩3,000 each", "₩3,000 a kilo", "₩3,500"),
        ("정가 28,000원, 런칭가 19,600원. 쿠폰 4,000원", "런칭가 19,600원(정가 32,000원)", "28,000원"),
    ],
)
def test_a_price_is_another_than_that_of_its_thing_its_number_or_its_list(brief: str, caption: str, said: str) -> None:
    assert ("different", said) in {(each[0], each[2]) for each in status(brief, caption)}


@pytest.mark.parametrize(
    ("brief", "caption"),
    [
        ("밥솥 47,900원", "배달비 3천 원씩 네 번이면 12,000원, 밥솥은 47,900원"),
        ("더블 110,000원, 주말 30,000원 추가", "주말 더블은 14만 원"),
        ("10회권 297,000원(10%), 컷 33,000원", "열 번 끊으면 297,000원, 한 번에 29,700원"),
    ],
)
def test_a_price_that_follows_or_is_reckoned_is_not_marked(brief: str, caption: str) -> None:
    assert {each[0] for each in status(brief, caption)} <= {"same", "open"}
