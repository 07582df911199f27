"""What spans of time are the spans of."""

import pytest

from lib.domain.findings.brief_facts import BriefFacts, read
from lib.domain.findings.spans import is_beside_session, of_topic, other_range


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
