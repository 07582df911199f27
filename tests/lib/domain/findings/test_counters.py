"""What is counted by words that are no units."""

from lib.domain.findings.brief_facts import read
from lib.domain.findings.counters import counters_in


def counted(text: str) -> list[tuple[object, str]]:
    return [(fact.value, fact.role) for fact in counters_in(text, read(text))]


def test_a_number_before_a_word_that_is_no_unit_is_counted_by_that_word() -> None:
    assert counted("셔터 3,200컷, ships to 42 countries, 100점") == [(3200, "컷"), (42, "countrie")]


def test_a_number_in_words_counts_as_one_in_figures() -> None:
    assert counted("달걀 세 판, 둘 다 좋아요") == [(3, "판")]
