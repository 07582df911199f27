"""What spans of time are the spans of."""

import pytest

from lib.domain.findings.brief_facts import BriefFacts, read
from lib.domain.findings.spans import (
    day_of_topic,
    is_beside_session,
    is_exact,
    is_sum,
    is_within,
    may_replace,
    of_topic,
    other_range,
)


def test_a_span_is_another_where_the_brief_has_one_of_its_topic() -> None:
    brief = BriefFacts("보증 2년, 배송 3일", "")
    for text, said in (("보증 3년", "2년"), ("배송은 5일", "3일"), ("연습은 5일", None)):
        facts = read(text)
        other = of_topic(brief, facts[0], text, facts)
        assert (other and other.text) == said


def test_the_minutes_before_a_class_are_not_its_length() -> None:
    text = "수업 5분 전 도착"
    assert is_beside_session(text, read(text)[0])


@pytest.mark.parametrize(
    ("text", "said"), [("3~4시간이면 끝나요", "2~3시간"), ("2~3시간이면 끝나요", ""), ("4시간", "")]
)
def test_a_range_is_another_where_the_brief_has_one_of_its_unit(text: str, said: str) -> None:
    facts = read(text)
    assert other_range(BriefFacts("소요 2~3시간", ""), facts[-1], text, facts) == said


def test_a_span_may_replace_one_that_is_alike_in_length() -> None:
    month, weeks, days = (read(text)[0] for text in ("한 달 안에", "3주 이내", "7일 이내"))
    assert (may_replace(month, weeks), may_replace(month, days)) == (True, False)


def test_a_span_that_people_say_of_anything_is_not_exact() -> None:
    assert [is_exact(read(text)[0]) for text in ("55시간", "30분", "3시간", "열네 시간")] == [True, False, False, False]


def test_an_amount_is_within_a_range_of_its_unit_only() -> None:
    brief = BriefFacts("온도 40~100도, 배송 3~5일", "")
    assert [is_within(brief, read(text)[0]) for text in ("93도", "110도", "4일", "93g")] == [True, False, True, False]


@pytest.mark.parametrize(
    ("text", "said"), [("수요일에 보내면", "목요일"), ("금요일에 보내면", ""), ("수요일에 만나요", "")]
)
def test_a_day_of_the_week_is_another_where_the_brief_has_one_of_its_topic(text: str, said: str) -> None:
    assert day_of_topic(BriefFacts("목요일 발송, 금요일 도착", ""), read(text)[0], text) == said


def test_a_span_of_two_of_the_brief_is_their_sum() -> None:
    said = read("12개월 등록에 1개월 추가")
    assert [is_sum(read(text)[0], said) for text in ("13개월", "14개월", "13일")] == [True, False, False]
