"""A filter survives its way through an address, and an unreadable parameter is refused by its name."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lib.domain import feed_filter_url
from lib.domain.errors import InvalidFilter
from lib.domain.feed_filter import LIVE, MAX_WEEKS, SOURCES, STATUSES, FeedFilter, WeekHour
from lib.domain.findings.fact import KINDS

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
        "experiment": st.builds("{}{}".format, st.uuids(), st.sampled_from(["", ":2"])),
        "findings": st.sampled_from(KINDS),
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
    query = feed_filter_url.to_query(wanted)
    assert all(isinstance(value, str) and value for value in query.values())
    assert feed_filter_url.from_query(query) == wanted


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
        experiment=f"{uuid.UUID(int=3)}:2",
        latency_from_ms=1.5,
        latency_to_ms=2.5,
        week_hour=WeekHour(1, 9, "Asia/Seoul"),
        findings="facts",
        none_of=("tone:차분하게", "model:-"),
        text="식빵",
    )
    assert len(feed_filter_url.to_query(everything)) == len(fields(FeedFilter))
    assert feed_filter_url.from_query(feed_filter_url.to_query(everything)) == everything


def test_every_latency_that_can_be_told_is_below_the_last_edge() -> None:
    told = feed_filter_url.from_query({"latency_from": "5.0", "latency_to": "inf"})
    assert told.latency_to_ms == math.inf
    assert feed_filter_url.to_query(told)["latency_to"] == "inf"


def test_an_address_without_a_status_leaves_out_the_archived() -> None:
    assert feed_filter_url.from_query({}).status == LIVE
    assert feed_filter_url.from_query({"status": "any"}).status is None
    assert feed_filter_url.to_query(FeedFilter(status=LIVE)) == {}
    assert feed_filter_url.to_query(FeedFilter()) == {"status": "any"}


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
        feed_filter_url.from_query({name: told})
    assert len(raised.value.problems) == 1
