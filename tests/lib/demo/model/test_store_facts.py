"""Hours and days off of a Korean brief, told in English."""

import pytest

from lib.demo.model.store_facts import in_english


@pytest.mark.parametrize(
    ("line", "english"),
    [
        ("연남동 223-14, 매일 10시-21시, 월요일 휴무", "연남동 223-14, daily 10:00–21:00, closed on Mondays"),
        ("화~일 12시부터 밤 10시 반까지", "Tuesday–Sunday 12:00–22:30"),
        ("월요일과 공휴일 휴무", "closed on Mondays and public holidays"),
        ("매주 월·화요일은 쉬어요", "closed on Mondays and Tuesdays"),
        ("평일 11:00~19:00, 주말 휴무", "weekdays 11:00–19:00, closed on weekends"),
        ("24시간 영업, 연중무휴", "open 24 hours, open every day"),
        ("오전 7시 오픈, 재료 소진 시 마감", "from 7:00, until sold out"),
        ("서울 마포구 일월로 12 온기", "서울 마포구 일월로 12 온기"),
        ("12월 25일 휴무", "12월 25일 휴무"),
        ("Open 8:00–20:00", "Open 8:00–20:00"),
    ],
)
def test_hours_and_days_off_are_told_in_english_and_names_stay(line: str, english: str) -> None:
    assert in_english(line) == english
