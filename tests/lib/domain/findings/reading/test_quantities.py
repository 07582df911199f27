"""Measures, counts and durations."""

import pytest

from lib.domain.findings import brief_facts
from lib.domain.findings.reading.quantities import counters_in, is_idle, read


@pytest.mark.parametrize("text", ["500ml", "500 mL", "0.5L", "500밀리리터"])
def test_a_volume_is_read_in_every_unit(text: str) -> None:
    assert [fact.value for fact in read(text)] == [("ml", 500)]


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("두 병", "bottle", 2),
        ("6개", "piece", 6),
        ("12 bottles", "bottle", 12),
        ("열 송이", "stem", 10),
        ("ten packs", "pack", 10),
        ("15명", "people", 15),
        ("2종", "kind", 2),
        ("4주 과정", "week", 4),
        ("7일간", "day", 7),
        ("90분 동안", "minute", 90),
        ("여섯 분까지만", "people most", 6),
        ("열 달 무이자", "month", 10),
        ("40만 개", "piece", 400_000),
        ("스물여덟 마리", "animal", 28),
        ("드론 700대", "machine", 700),
        ("21 or older", "age least", 21),
        ("48 hours ahead", "hour ahead", 48),
    ],
)
def test_what_is_counted_is_read_with_its_unit(text: str, unit: str, value: float) -> None:
    assert [(fact.role, fact.value) for fact in read(text)] == [(unit, value)]


@pytest.mark.parametrize("text", ["한정 판매", "세포 재생", "2024년", "전화번호", "10대", "1등급"])
def test_what_only_looks_like_a_quantity_is_left_out(text: str) -> None:
    assert list(read(text)) == []


def test_three_reasons_are_a_way_of_speaking_and_a_limit_is_sure() -> None:
    text = "세 가지 이유, 20개 한정"
    reasons, limit = read(text)
    assert (is_idle(text, reasons), limit.sure) == (True, True)


def test_the_year_of_foundation_is_read() -> None:
    assert [fact.value for fact in read("since 1998")] == [1998]
    assert [fact.value for fact in read("1998년부터")] == [1998]


def test_both_ends_of_a_range_are_read() -> None:
    assert [(fact.text, fact.value) for fact in read("2~3시간, 90~130cm")] == [
        ("130cm", ("mm", 1300)),
        ("90", ("mm", 900)),
        ("3시간", 3),
        ("2", 2),
    ]


def counted(text: str) -> list[tuple[object, str]]:
    return [(fact.value, fact.role) for fact in counters_in(text, brief_facts.read(text))]


def test_a_number_before_a_word_that_is_no_unit_is_counted_by_that_word() -> None:
    assert counted("셔터 3,200컷, ships to 42 countries, 100점") == [(3200, "컷"), (42, "countrie")]


def test_a_number_in_words_counts_as_one_in_figures() -> None:
    assert counted("달걀 세 판, 둘 다 좋아요") == [(3, "판")]
