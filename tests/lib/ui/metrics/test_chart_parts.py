"""The addresses that the points of charts open."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lib.domain import feed_filter_url
from lib.domain.dimensions import DimensionValue, Filters
from lib.domain.periods import Period
from lib.domain.totals import summed
from lib.metrics import service
from lib.metrics.figures import View
from lib.store import feed_listing
from lib.studio import Studio
from lib.ui.metrics import charts
from tests.conftest import InsertBySql
from tests.support.metrics_page import drawn, figures_of


@pytest.mark.parametrize("filters", [Filters(), Filters(model=DimensionValue.of("o3"))])
def test_an_hour_of_the_week_opens_its_captions(captions: Any, studio: Studio, filters: Any) -> None:
    told = figures_of(studio, captions, filters=filters)
    chart = drawn(studio, lambda: charts.hours(told, "captions"))
    opened = 0
    for query in filter(None, chart.queries):
        wanted = feed_filter_url.from_query(query)
        with studio.database.tenant("my-team") as db:
            counted = feed_listing.count(db, "my-team", wanted)
            assert len(feed_listing.page(db, "my-team", wanted).rows) == counted
        assert wanted.week_hour is not None
        assert counted == told.hours[wanted.week_hour.weekday, wanted.week_hour.hour].rows
        opened += counted
    assert opened == told.total.rows


def test_a_days_spending_and_the_traffic_of_another_model_open_the_captions_they_are_of(
    captions: Any, studio: Studio
) -> None:
    told = figures_of(studio, captions)
    now = told.as_of.astimezone(dt.timezone(dt.timedelta(hours=9)))
    spent = drawn(studio, lambda: charts.budget(told, told.month, now))
    month = summed(told.month_days.values())
    with studio.database.tenant("my-team") as db:
        assert feed_listing.count(db, "my-team", feed_filter_url.from_query(spent.queries[-1])) == month.rows
        other = drawn(studio, lambda: charts.comparison(told, []))
        assert feed_listing.count(db, "my-team", feed_filter_url.from_query(other.queries[0])) == told.total.rows


def test_hours_of_one_day_open_their_captions(captions: Any, studio: Studio, insert_by_sql: InsertBySql) -> None:
    today = captions.astimezone(dt.timezone(dt.timedelta(hours=9))).date()
    told = service.figures(studio, "my-team", View(Period(today - dt.timedelta(days=1), today)))
    assert told.view.granularity == "hour"
    chart = drawn(studio, lambda: charts.over_time(told, "captions"))
    for trace in chart.figure.data:
        for place, count in zip(trace.customdata, trace.y, strict=True):
            with studio.database.tenant("my-team") as db:
                found = feed_listing.count(db, "my-team", feed_filter_url.from_query(chart.queries[place[0]]))
            assert found == count
