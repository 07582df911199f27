"""A filter survives its way through an address, and what cannot be understood is refused with every reason."""

from __future__ import annotations

import datetime as dt
import math
import uuid
import zoneinfo
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lib.domain.cursor import Cursor
from lib.domain.errors import InvalidFilter
from lib.domain.feed_filter import LIVE, MAX_WEEKS, SOURCES, STATUSES, FeedFilter, WeekHour, beginning_of, key_of

WHEN = dt.datetime(2026, 11, 24, 9, 30, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=9)))
ZONES = (
    "Asia/Seoul",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Antarctica/Troll",
)
moments = st.integers(-30_000_000_000, 220_000_000_000).map(
    lambda second: dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=second, microseconds=7)
)
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=30)
filters = st.fixed_dictionaries(
    {},
    optional={
        "since": moments,
        "until": moments,
        "model": words,
        "tone": words,
        "job_id": st.uuids() | st.just("-"),
        "overlay_id": st.uuids() | st.just("-"),
        "hashtag": words,
        "status": st.sampled_from([*STATUSES, LIVE]),
        "favourite": st.booleans(),
        "source": st.sampled_from(SOURCES),
        "prompt_version": words,
        "latency_from_ms": st.floats(0, 1e6),
        "latency_to_ms": st.floats(0, 1e6),
        "week_hour": st.builds(WeekHour, st.integers(0, 6), st.integers(0, 23), st.sampled_from(ZONES)),
        "none_of": st.lists(words.map("tone:{}".format), max_size=5).map(tuple),
        "text": words,
    },
)


@given(filters)
def test_it_is_the_same_after_its_way_through_an_address(told: dict[str, Any]) -> None:
    whole = "since" in told and "until" in told
    assume(not whole or told["since"] < told["until"])
    assume("week_hour" not in told or (whole and told["until"] - told["since"] < dt.timedelta(weeks=MAX_WEEKS)))
    wanted = FeedFilter(**told)
    query = wanted.to_query()
    assert all(isinstance(value, str) and value for value in query.values())
    assert FeedFilter.from_query(query) == wanted


def test_every_field_can_stand_in_an_address() -> None:
    everything = FeedFilter(
        since=WHEN,
        until=WHEN + dt.timedelta(days=1),
        model="gpt-6-luna",
        tone="따뜻하게",
        job_id=uuid.UUID(int=1),
        overlay_id=uuid.UUID(int=2),
        hashtag="연남동",
        status="posted",
        favourite=True,
        source="pipeline",
        prompt_version="3",
        latency_from_ms=1.5,
        latency_to_ms=2.5,
        week_hour=WeekHour(1, 9, "Asia/Seoul"),
        none_of=("tone:차분하게", "model:-"),
        text="식빵",
    )
    assert len(everything.to_query()) == len(fields(FeedFilter))
    assert FeedFilter.from_query(everything.to_query()) == everything


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
        assert any(begins <= instant < ends for begins, ends in stretches) == shown


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


def test_every_latency_that_can_be_told_is_below_the_last_edge() -> None:
    told = FeedFilter.from_query({"latency_from": "5.0", "latency_to": "inf"})
    assert told.latency_to_ms == math.inf
    assert told.to_query()["latency_to"] == "inf"


def test_a_long_tone_is_found_by_its_hash_however_it_is_told() -> None:
    long = "따뜻하고 차분하게 " * 30 + "끝"
    wanted = FeedFilter(tone=long)
    key = key_of(long)
    assert beginning_of(key) == long[:40].rstrip()
    assert wanted == FeedFilter(tone=key)
    assert wanted.facets == [f"tone:{key[:33]}"]
    assert FeedFilter(tone="따뜻하게").facets == ["tone:따뜻하게"]
    assert beginning_of("~따뜻하게") is None


def test_an_address_without_a_status_leaves_out_the_archived() -> None:
    assert FeedFilter.from_query({}).status == LIVE
    assert FeedFilter.from_query({"status": "any"}).status is None
    assert FeedFilter(status=LIVE).to_query() == {}
    assert FeedFilter().to_query() == {"status": "any"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("since", "gestern"),
        ("until", "2026-11-24T09:00:00"),  # whose nine o'clock?
        ("job", "no-id"),
        ("since", "0001-01-01T00:00:00+09:00"),
        ("until", "9999-12-31T23:59:59-05:00"),
        ("latency_from", "nan"),
        ("latency_from", "-1e300"),
        ("latency_to", "schnell"),
        ("status", "gone"),
        ("source", "post"),
        ("q", "가" * 201),
        ("hour", "7-09-Asia/Seoul"),
        ("hour", "1-24-Asia/Seoul"),
        ("hour", "1-09-Mars"),
        ("not", "tone:차분하게"),
        ("not", '{"tone": "차분하게"}'),
        ("not", '["live"]'),
        ("not", '[["tone"]]'),
        ("not", '["tone:\\u0000"]'),
        ("not", '["tone:\\ud800"]'),
        ("not", "[" * 100_000),
        ("model", "gpt\0"),
        ("tone", "\ud800"),
        ("not", str(["tone:a"] * 51).replace("'", '"')),
        ("hour", "1-09-Asia/Seoul"),  # of which weeks?
    ],
)
def test_what_cannot_be_understood_is_refused_by_name(name: str, told: str) -> None:
    with pytest.raises(InvalidFilter) as raised:
        FeedFilter.from_query({name: told})
    assert len(raised.value.problems) == 1


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidFilter) as raised:
        FeedFilter(since=WHEN, until=WHEN)
    assert [one.code for one in raised.value.problems] == ["before_its_beginning"]


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(InvalidFilter) as raised:
        FeedFilter(since=dt.datetime(2026, 1, 1), status="gone", source="post")  # noqa: DTZ001 - that is the mistake
    assert [one.field for one in raised.value.problems] == ["status", "source", "since"]


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


@given(moments | st.none(), st.uuids())
def test_a_place_survives_its_way_through_an_address(moment: dt.datetime | None, feed_id: uuid.UUID) -> None:
    place = Cursor(moment, feed_id)
    assert Cursor.decode(place.encode()) == place


@pytest.mark.parametrize("told", ["", "x", "가나다", "AAAA", "a" * 200, "Zm9v" * 9])
def test_a_broken_place_is_refused(told: str) -> None:
    with pytest.raises(InvalidFilter):
        Cursor.decode(told)
