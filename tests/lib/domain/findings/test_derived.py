"""What follows from a brief without standing in it."""

import pytest

from lib.domain.findings.brief_facts import brief_facts, read
from lib.domain.findings.derived import follows

BRIEF = "성인 79,000원 어린이 45,000원, 5회권 350,000원. 얼리버드 15% 할인. 3만 원 이상 무료 배송. 500g"


@pytest.mark.parametrize(
    "caption",
    [
        "얼리버드 67,150원",
        "어른 둘 아이 하나면 203,000원",
        "둘 다 함께 124,000원",
        "한 번에 70,000원씩 5회 이용",
        "어린이는 34,000원 저렴해요",
        "네 식구면 2kg",
    ],
)
def test_a_value_that_may_be_made_of_those_of_the_brief_is_no_mistake(caption: str) -> None:
    facts = read(caption)
    (value,) = (fact for fact in facts if fact.kind in ("money", "measure"))
    assert follows(brief_facts(BRIEF, ""), value, caption, facts)


@pytest.mark.parametrize("caption", ["성인 124,000원", "40,000원 쿠폰", "6만 원 이상 무료 배송", "어린이 48,000원"])
def test_a_value_that_nothing_hints_at_does_not_follow(caption: str) -> None:
    facts = read(caption)
    assert not follows(brief_facts(BRIEF, ""), facts[0], caption, facts)
