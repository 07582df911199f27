"""Each point of a chart opens as many captions or requests as it counts."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from lib.demo.model import DemoModel
from lib.domain import feed_filter_url
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.dimensions import MISSING, DimensionValue, Filters
from lib.domain.errors import StudioError
from lib.domain.periods import Period
from lib.metrics import service, settings
from lib.metrics.figures import WRITTEN, View
from lib.store import attempt_listing
from lib.store.metrics.settings import MetricSettings
from lib.studio import Studio
from lib.ui.metrics import charts
from tests.conftest import InsertBySql
from tests.support import generating
from tests.support.metrics_page import drawn, figures_of, opened_by


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(model=DimensionValue.of("o3")),
        Filters(model=MISSING),
        Filters(source=DimensionValue.of("pipeline")),
    ],
)
@pytest.mark.parametrize("slot", ["day", "week"])
def test_every_point_opens_as_many_captions_as_it_counts(
    captions: Any, studio: Studio, filters: Any, slot: Any
) -> None:
    told = figures_of(studio, captions, filters=filters, chosen=slot)
    parts = {
        dimension: service.breakdown(studio, ["my-team"], told.view, dimension)
        for dimension in ("model", "tone", "source", "job")
    }

    def all_charts() -> Any:
        return [
            charts.over_time(told, "captions"),
            charts.latency_histogram(told),
            *(charts.breakdown(told, part, dimension, "captions") for dimension, part in parts.items()),
        ]

    points = [point for chart in drawn(studio, all_charts) for point in opened_by(studio, chart)]
    assert all(count == opened for count, opened in points)
    assert sum(opened for _, opened in points) == told.total.rows * 5 + told.total.with_latency


@pytest.mark.parametrize("dimension", ["model", "tone"])
def test_what_is_drawn_together_opens_all_that_it_stands_for(
    captions: Any, studio: Studio, monkeypatch: pytest.MonkeyPatch, dimension: Any
) -> None:
    for name in ("MOST_BARS", "MOST_SERIES"):
        monkeypatch.setattr(charts, name, 2)
    told = figures_of(studio, captions)
    parts = service.breakdown(studio, ["my-team"], told.view, dimension)
    bars, series = drawn(
        studio, lambda: [charts.breakdown(told, parts, dimension, "captions"), charts.over_time(told, "captions")]
    )
    for chart in (bars, series):
        points = list(opened_by(studio, chart))
        assert all(count == opened for count, opened in points)
        assert sum(count for count, _ in points) == told.total.rows
    assert len(bars.queries) == 3


def test_the_bar_of_a_team_opens_its_captions_as_its_own_zone_cuts_them(
    captions: Any, studio: Studio, insert_by_sql: InsertBySql
) -> None:
    settings.save_settings(studio, "other", MetricSettings(time_zone="America/New_York"))
    for hour in range(48):
        insert_by_sql(tenant_id="other", created_at=captions - dt.timedelta(hours=hour))
    today = captions.astimezone(dt.timezone(dt.timedelta(hours=9))).date()
    told = service.figures(studio, ["my-team", "other"], View(Period(today - dt.timedelta(days=1), today)))
    named = told.by_tenant
    points = list(opened_by(studio, drawn(studio, lambda: charts.breakdown(told, named, "tenant", "captions"))))
    assert len(points) == 2
    assert all(count == opened > 0 for count, opened in points)


@pytest.mark.parametrize("slot", ["hour", "week"])
def test_an_end_of_requests_opens_just_those(brief: Brief, studio: Studio, demo: DemoModel, slot: Any) -> None:
    demo.behaviours += ["refused", "over_limit", "refused", "rate_limited_long"]
    for _ in range(4):
        with contextlib.suppress(StudioError):
            generating.write(studio, replace(brief, tenant_id="my-team"), GenerationOptions("demo"), source="page")
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=9))).date()
    told = service.figures(studio, "my-team", View(Period(today - dt.timedelta(days=1), today), chosen=slot))
    chart = drawn(studio, lambda: charts.outcomes(told))
    opened = 0
    for trace in chart.figure.data:
        for (place, _), count in zip(trace.customdata, trace.y, strict=True):
            query = dict(chart.queries[place])
            ended = query.pop("requests").split(",")
            with studio.database.tenant("my-team") as db:
                assert attempt_listing.count(db, "my-team", feed_filter_url.from_query(query), ended) == count
            opened += count
    assert opened == told.requests.rows - told.outcome_counts.get(WRITTEN, 0) >= 4


def test_what_another_model_would_have_cost_is_drawn_unknown_where_it_is(captions: Any, studio: Studio) -> None:
    from lib.domain.forecast import what_if

    told = figures_of(studio, captions)
    chart = drawn(studio, lambda: charts.comparison(told, [what_if(told.total, "gpt-99", captions, [])]))
    assert chart.figure.data[0].y[1] is None
    assert chart.figure.data[0].text[1] == "unknown"
