"""What a brief counts, owns and stresses."""

from itertools import pairwise

from lib.domain.findings.brief_facts import BriefFacts, read


def test_the_facts_of_a_text_share_no_character() -> None:
    facts = read("월-금 10:00-19:00, 12/24 6,900원, 02-123-4567, 500ml 2병")
    assert all(one.end <= other.start for one, other in pairwise(facts))
    assert {fact.kind for fact in facts} == {"weekday", "hour", "date", "money", "phone", "measure", "count"}


def test_the_price_and_the_hours_of_a_thing_stand_right_behind_it() -> None:
    brief = BriefFacts("라떼 5,500원, 1부 11:30-13:30", "")
    assert brief.prices == {"라떼": 5500}
    assert [fact.text for fact in brief.hours_of["1부"]] == ["11:30", "13:30"]


def test_a_limit_and_a_discount_are_nothing_that_is_paid() -> None:
    assert BriefFacts("머그 38,000원, 30,000원 이상 무료 배송, 5,000원 할인", "").paid == [38000]


def test_a_count_is_stressed_where_the_offer_has_it_too() -> None:
    assert [group[0].text for group in BriefFacts("정원 8명", "8명을 꼭 넣어 주세요").stressed] == ["8명"]
    assert BriefFacts("정원 8명", "꼭 5줄로 써 주세요").stressed == []


def test_a_deadline_is_the_date_until_which_something_goes() -> None:
    brief = BriefFacts("12월 28일 시작. 12월 11일까지 등록 시 15% 할인", "마감일을 꼭 넣어 주세요")
    assert [[fact.text for fact in group] for group in brief.stressed] == [["12월 11일"]]
