"""Hours, dates and days of the week beside those of a brief."""

import pytest

from lib.domain.findings.brief_facts import BriefFacts, read
from lib.domain.findings.schedule import compare_hour, compare_weekday, date_otherwise


@pytest.mark.parametrize(
    ("text", "status"),
    [("라스트오더 22:30", "same"), ("라스트오더 22:00", "different"), ("불을 켜는 8시", None)],
)
def test_an_hour_is_that_of_its_label(text: str, status: str | None) -> None:
    brief = BriefFacts("11:30~23:00, 라스트오더 22:30", "")
    facts = read(text)
    _, compared = compare_hour(brief, facts[0], text, facts)
    assert (compared and compared.status) == status


def test_a_day_of_the_week_is_that_of_its_date() -> None:
    brief = BriefFacts("2026년 12월 24일(목)", "")
    for text, said in (("12월 24일(금)", []), ("12월 24일(목)", ["(목)"])):
        facts = read(text)
        days, compared = compare_weekday(brief, facts[1], text, facts)
        assert compared is None
        assert [each.text for each in days if each.value == facts[1].value] == said


def test_a_date_within_the_period_is_open() -> None:
    brief = BriefFacts("12월 5일~12월 13일", "")
    for text, status in (("12월 7일에 들르세요", "open"), ("12월 15일에 들르세요", "different")):
        assert date_otherwise(brief, read(text)[0], text, brief.of("date")).status == status
