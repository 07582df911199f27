"""What is counted by words that are no units, in either language."""

import pytest

from lib.domain.findings.brief_facts import brief_facts
from lib.domain.findings.comparison import compare


def status(brief: str, caption: str) -> list[tuple[str, str, str]]:
    return [(each.status, each.fact.text, each.brief) for each in compare(brief_facts(brief, ""), caption)]


@pytest.mark.parametrize(
    ("brief", "caption", "said"),
    [
        ("푸드트럭 12대", "Ten food trucks", "12대"),
        ("12 food trucks", "푸드트럭 10대", "12 food trucks"),
        ("38 paintings", "Forty-eight paintings", "38 paintings"),
        ("작품 12,000편 이상", "15,000편이 기다려요", "12,000편"),
    ],
)
def test_another_number_of_the_same_thing_is_marked_once(brief: str, caption: str, said: str) -> None:
    assert [each[2] for each in status(brief, caption) if each[0] == "different"] == [said]


@pytest.mark.parametrize(
    ("brief", "caption"),
    [
        ("푸드트럭 12대", "Three friends and two hands"),
        ("푸드트럭 12대", "12 trucks, and two trucks more"),
        ("5벌 이상 수거 무료", "코트 두 벌"),
        ("1끼 8,400원", "4주 동안 스무 끼"),
    ],
)
def test_a_number_of_another_thing_or_of_an_order_is_not(brief: str, caption: str) -> None:
    assert "different" not in {each[0] for each in status(brief, caption)}
