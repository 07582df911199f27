"""When two facts say the same."""

import pytest

from lib.domain.findings.agreement import agrees
from lib.domain.findings.brief_facts import read


@pytest.mark.parametrize(
    ("caption", "brief", "same"),
    [
        ("반년 보증", "6개월 보증", True),
        ("일주일 이내", "7일 이내", True),
        ("이틀 전까지 변경", "48시간 전 변경", True),
        ("20분마다", "20분이면", False),
        ("일주일에 세 번", "주 3회", True),
        ("주 3회", "3회", False),
        ("12/24", "2026년 12월 24일", True),
        ("저녁 8시", "20:00", True),
        ("연희로 81-4", "연희로 84-1", False),
        ("성북로 23길 12-4", "성북로23길 12-4", True),
        ("성북로 32길 12-4", "성북로23길 12-4", False),
    ],
)
def test_facts_are_the_same_in_whatever_form_they_are_written(caption: str, brief: str, *, same: bool) -> None:
    assert agrees(read(caption)[0], read(brief)[0]) is same
