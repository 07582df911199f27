"""The brief's facts in the writing of the caption."""

import pytest

from lib.domain.findings.wording import said_like


@pytest.mark.parametrize(
    ("passage", "brief", "kind", "due"),
    [
        ("₩4,900", "6,900원", "money", "₩6,900"),
        ("4,900 won", "6천9백 원", "money", "6,900 won"),
        ("KRW 4.9K", "6,900원", "money", "KRW 6,900"),
        ("4,900원", "₩6,900", "money", "₩6,900"),
        ("9am", "오전 8시", "hour", "8am"),
        ("9 A.M.", "오후 8시 30분", "hour", "8:30 P.M."),
        ("09:00", "오후 8시", "hour", "20:00"),
        ("9am", "8시", "hour", "8시"),
        ("9am", "08:00", "hour", "8am"),
        ("아침 9시", "08:00", "hour", "오전 8시"),
        ("밤 9시", "20:30", "hour", "오후 8시 30분"),
        ("밤 9시", "오후 8시", "hour", "오후 8시"),
        ("09:00~", "08:00", "hour", "08:00"),
        ("Dec 25", "12월 24일", "date", "Dec 24"),
        ("25 December", "12월 24일", "date", "24 December"),
        ("Tuesdays", "월요일", "weekday", "Mondays"),
        ("Tue", "(월)", "weekday", "Mon"),
        ("Tuesdays", "월~수", "weekday", "월~수"),
        ("30 pieces", "20개", "count", "20 pieces"),
        ("30 pieces", "스무 개", "count", "스무 개"),
        ("화요일", "월요일", "weekday", "월요일"),
    ],
)
def test_what_the_brief_says_is_written_as_the_caption_is(passage: str, brief: str, kind: str, due: str) -> None:
    assert said_like(passage, brief, kind) == due
