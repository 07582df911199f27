"""A filter means what it says, and what cannot be understood is refused with every reason."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.errors import InvalidFilter
from lib.domain.feed_filter import LIVE, FeedFilter, WeekHour, beginning_of, key_of

WHEN = dt.datetime(2026, 11, 24, 9, 30, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=9)))
ZONES = (
    "Asia/Seoul",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Antarctica/Troll",
)


@given(
    st.builds(WeekHour, st.integers(0, 6), st.integers(0, 23), st.sampled_from(ZONES)),
    st.integers(0, 730 * 24 * 60).map(lambda minute: WHEN.replace(year=2025) + dt.timedelta(minutes=minute)),
    st.integers(1, 24 * 60),
    st.lists(st.integers(0, 24 * 60 * 60), max_size=40),
)
def test_the_times_of_an_hour_of_the_week_hold_just_the_instants_at_which_a_clock_shows_it(
    hour: WeekHour, since: dt.datetime, hours: int, minutes: list[int]
) -> None:
    until = since + dt.timedelta(hours=hours)
    stretches = FeedFilter(since=since, until=until, week_hour=hour).stretches
    assert stretches == sorted(stretches, reverse=True)
    for instant in (since + dt.timedelta(minutes=one) for one in minutes):
        clock = instant.astimezone(zoneinfo.ZoneInfo(hour.zone))
        shown = since <= instant < until and (clock.weekday(), clock.hour) == (hour.weekday, hour.hour)
        assert any(begins and ends and begins <= instant < ends for begins, ends in stretches) == shown


def test_an_hour_of_the_week_asks_for_a_period_with_both_ends() -> None:
    with pytest.raises(InvalidFilter) as raised:
        FeedFilter(since=WHEN, week_hour=WeekHour(0, 9, "Asia/Seoul"))
    assert [(one.field, one.code) for one in raised.value.problems] == [("week_hour", "needs_period")]
    with pytest.raises(InvalidFilter) as raised:
        FeedFilter(since=WHEN, until=WHEN + dt.timedelta(days=36_500), week_hour=WeekHour(0, 9, "Asia/Seoul"))
    assert [one.code for one in raised.value.problems] == ["period_too_long"]


def test_with_its_period_an_hour_of_the_week_is_taken_off() -> None:
    wanted = FeedFilter(since=WHEN, until=WHEN + dt.timedelta(days=9), week_hour=WeekHour(0, 9, "Asia/Seoul"))
    assert wanted.without("since") == FeedFilter(until=wanted.until)
    assert wanted.without("week_hour").since == WHEN


@pytest.mark.parametrize("odd", ["a\r\nb", "a\x07b", "\x0ba", "\u2003a", "a\x85"])
def test_values_of_other_programs_are_asked_for_as_they_stand(odd: str) -> None:
    assert FeedFilter(tone=odd, model=odd).facets == [f"model:{odd}", f"tone:{odd}"]
    assert FeedFilter(tone=f" {odd}\n").facets == [f"tone:{odd}"]


def test_a_long_tone_is_found_by_its_hash_however_it_is_told() -> None:
    long = "따뜻하고 차분하게 " * 30 + "끝"
    wanted = FeedFilter(tone=long)
    key = key_of(long)
    assert beginning_of(key) == long[:40].rstrip()
    assert wanted == FeedFilter(tone=key)
    assert wanted.facets == [f"tone:{key[:33]}"]
    assert FeedFilter(tone="따뜻하게").facets == ["tone:따뜻하게"]
    assert beginning_of("~따뜻하게") is None


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidFilter) as raised:
        FeedFilter(since=WHEN, until=WHEN)
    assert [one.code for one in raised.value.problems] == ["before_its_beginning"]


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(InvalidFilter) as raised:
        FeedFilter(since=dt.datetime(2026, 1, 1), status="gone", source="post")  # noqa: DTZ001 - that is the mistake
    assert [one.field for one in raised.value.problems] == ["status", "source", "since"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"딸기 라떼" 성수', ["딸기 라떼", "성수"]),
        ("“딸기 라떼”", ["딸기 라떼"]),
        ("1만 2천 원 세트", ["1만 2천 원", "세트"]),
        ("12,000 원", ["12,000 원"]),
        ("원 2개 세트", ["원", "2개", "세트"]),
        ('15" 모니터', ['15"', "모니터"]),
        ('"" “', ['""', "“"]),
    ],
)
def test_a_phrase_in_quotation_marks_and_an_amount_with_blanks_are_one_word(text: str, words: list[str]) -> None:
    assert FeedFilter(text=text).words == words


@pytest.mark.parametrize("text", ['"#딸기라떼"', "“#딸기라떼”", "(#딸기라떼)", "«#딸기라떼»", "「#딸기라떼」"])
def test_a_hashtag_in_quotation_marks_or_brackets_is_exact(text: str) -> None:
    assert FeedFilter(text=text).hashtags == ["딸기라떼"]
    assert FeedFilter(text=text).words == []


def test_words_and_hashtags_of_a_search_are_told_apart() -> None:
    wanted = FeedFilter(text=" 통밀 #연남동,  ＃빵 50%  # ", hashtag="#주말 나들이")
    assert wanted.words == ["통밀", "50%", "#"]
    assert wanted.hashtags == ["연남동", "빵", "주말나들이"]


def test_what_was_decomposed_is_composed() -> None:
    assert FeedFilter(text="\u1109\u1175\u11a8\u1108\u1161\u11bc").text == "식빵"


def test_a_filter_is_taken_off_piece_by_piece() -> None:
    wanted = FeedFilter(model="a", tone="b", status="posted", favourite=True)
    assert wanted.without("model", "status") == FeedFilter(tone="b", status=LIVE, favourite=True)
    assert not wanted.without("model", "tone", "status", "favourite").is_narrowed
    assert wanted.is_narrowed
