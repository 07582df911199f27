"""Dates, hours and days of the week."""

import pytest

from lib.domain.findings.fact import narrow
from lib.domain.findings.reading.times import read_dates, read_hours, read_weekdays


@pytest.mark.parametrize(
    "text",
    [
        "12월 24일",
        "12월24일",
        "12/24",
        "12.24(목)",
        "Dec 24",
        "Dec. 24th",
        "December 24th",
        "24 December",
        "24th of Dec",
    ],
)
def test_a_date_is_read_in_every_spelling(text: str) -> None:
    assert [fact.value for fact in read_dates(text)] == [(None, 12, 24)]


@pytest.mark.parametrize("text", ["2026-12-24", "2026.12.24", "2026. 12. 24.", "26년 12월 24일", "Dec 24, 2026"])
def test_the_year_of_a_date_is_read_too(text: str) -> None:
    assert [fact.value for fact in read_dates(text)] == [(26, 12, 24)]


@pytest.mark.parametrize(
    "text", ["24/7", "1/2컵", "평점 4.5", "3/4 size", "12/24%", "3일 동안", "2월 3일간", "version 1.12"]
)
def test_what_only_looks_like_a_date_is_left_out(text: str) -> None:
    assert list(read_dates(text)) == []


def test_both_ends_of_a_period_are_read() -> None:
    for text in ("12월 1일~7일", "12월 1~7일", "12/1-12/7", "Dec 1-7", "12월 1일부터 7일까지"):
        assert [fact.value for fact in read_dates(narrow(text))] == [(None, 12, 1), (None, 12, 7)], text


@pytest.mark.parametrize(
    "text", ["오전 8시", "아침 8시", "08:00", "8am", "8 a.m.", "오전 8:00", "8:00 AM", "오전 여덟 시"]
)
def test_an_hour_is_read_in_every_spelling(text: str) -> None:
    assert [fact.value for fact in read_hours(text)] == [frozenset({480})]


def test_an_hour_without_morning_or_evening_may_be_both() -> None:
    assert [fact.value for fact in read_hours("8시 반")] == [frozenset({510, 1230})]


@pytest.mark.parametrize("text", ["8시~20시", "8:00-20:00", "8-20시", "오전 8시부터 오후 8시", "8am–8pm"])
def test_both_ends_of_opening_hours_are_read(text: str) -> None:
    assert [fact.value for fact in read_hours(narrow(text))] == [frozenset({480}), frozenset({1200})]


def test_noon_on_a_clock_of_24_hours_is_noon() -> None:
    assert [fact.value for fact in read_hours("12:00-22:30")] == [frozenset({720}), frozenset({1350})]


def test_an_hour_of_a_scene_is_not_sure() -> None:
    assert [fact.sure for fact in read_hours("오후 3시, 나른할 때")] == [False]
    assert [fact.sure for fact in read_hours("오후 3시에 오픈")] == [True]


@pytest.mark.parametrize("text", ["2시간 동안", "3시리즈", "비율 1:1", "다시 만나요"])
def test_what_only_looks_like_an_hour_is_left_out(text: str) -> None:
    assert list(read_hours(text)) == []


@pytest.mark.parametrize(
    ("text", "days", "role"),
    [
        ("매주 월요일 휴무", {0}, "closed"),
        ("월·화 휴무", {0, 1}, "closed"),
        ("closed Mondays", {0}, "closed"),
        ("월요일은 쉬어요", {0}, "closed"),
        ("수요일 빼고 매일", {2}, "closed"),
        ("화~일 영업", {1, 2, 3, 4, 5, 6}, "open"),
        ("Mon-Fri 8am", {0, 1, 2, 3, 4}, "open"),
        ("평일 08:00", {0, 1, 2, 3, 4}, "open"),
        ("12월 24일(목)", {3}, "date"),
        ("연중무휴", {0, 1, 2, 3, 4, 5, 6}, "open"),
        ("월요일 아침이 무거운", {0}, ""),
    ],
)
def test_a_day_of_the_week_says_what_it_is_the_day_of(text: str, days: set[int], role: str) -> None:
    assert [(fact.value, fact.role) for fact in read_weekdays(narrow(text))] == [(frozenset(days), role)]


def test_bare_figures_are_hours_in_a_list_and_behind_a_time_of_day() -> None:
    assert [fact.text for fact in read_hours("Tea at 11, 2 and 4\nReserve")] == ["11", "2", "4"]
    assert [fact.text for fact in read_hours("Open 10:30 to 8, closed")] == ["10:30", "8"]
    assert [fact.text for fact in read_hours("at 2 and 30 more seats, 8:30 to 9 guests")] == ["8:30"]


def test_another_day_of_the_same_month_is_a_date() -> None:
    dates = [fact.value for text in ("12월 5일과 6일", "12월 5일(토)·6일(일)") for fact in read_dates(text)]
    assert dates == [(None, 12, 5), (None, 12, 6)] * 2
    assert [fact.value for fact in read_dates("12월 5일, 6일간")] == [(None, 12, 5)]


def test_an_hour_in_latin_letters_ends_before_hangul() -> None:
    assert [fact.text for fact in read_hours("10am부터 8PM까지, 24/7이에요")] == ["10am", "8PM", "24/7"]
    assert [fact.role for fact in read_weekdays("Mondays는 쉬어요")] == ["closed"]


def test_the_last_day_of_a_month_is_a_date() -> None:
    assert [fact.value for fact in read_dates("10월의 마지막 날까지")] == [(None, 10, 31)]
