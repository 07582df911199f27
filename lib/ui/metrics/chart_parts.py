"""What every picture of the metrics page is made of: nouns, labels, links to captions, cells of tables, and a look.

Colours and fonts are the theme's of day or night (see .streamlit/config.toml).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from lib.domain.dimensions import Filters
from lib.domain.feed_filter import LIVE, FeedFilter, WeekHour, found_by, key_of
from lib.domain.latency_histogram import LARGEST_ERROR, percentile
from lib.domain.periods import Granularity, Period, times_of
from lib.domain.totals import Sums
from lib.metrics.figures import SHARES, Bucket, Figures, Histogram
from lib.store.metrics.queries import OTHERS, Dimension
from lib.ui.core import numbers
from lib.ui.core.words import ending, listed, say

HEIGHT = 320
LONGEST_LABEL = 24

_THEMED = st.plotly_chart
"""Looking it up registers Streamlit's template, in which figures are made from then on."""

Query = dict[str, str]


@dataclass(frozen=True)
class Table:
    """The figures behind a picture, unrounded."""

    columns: list[str]
    rows: list[list[Any]]


@dataclass(frozen=True)
class Chart:
    """A picture, what it says in words, its figures, and the captions behind each point, as an address names them."""

    name: str
    figure: go.Figure
    alt: str
    table: Table
    queries: list[Query | None] = field(default_factory=list)


# -- measures that a chart can show ---------------------------------------------------------------------------------

MEASURES: dict[str, Callable[[Sums], float]] = {
    "captions": lambda sums: sums.rows,
    "cost": lambda sums: float(sums.cost),
    "tokens": lambda sums: sums.prompt + sums.completion,
    "latency": lambda sums: sums.latency_avg or 0.0,
}
STACKED = ("captions", "cost", "tokens")
"""Measures of which the parts make the whole."""


def written(measure: str, value: float) -> str:
    """A measure's value for a reader."""
    if measure == "cost":
        return numbers.usd(value)
    return numbers.milliseconds(value) if measure == "latency" else numbers.amount(value)


# -- labels ---------------------------------------------------------------------------------------------------------


def label(value: str, facet: Dimension | str = "model", *, whole: bool = False) -> str:
    """What a reader calls the value behind a key."""
    if value == OTHERS:
        return say("metrics.others")
    if value == "-":
        return say(f"metrics.no_{facet}") if facet in ("model", "tone", "prompt", "job") else say("metrics.unknown")
    told = value[1:] if value[:1] == "=" else value[33:] + "…" if value[:1] == "~" else value
    if facet == "source":
        return listed("metrics_source").get(told, told)
    return told if whole or len(told) <= LONGEST_LABEL else told[: LONGEST_LABEL - 1] + "…"


def outcome_label(value: str) -> str:
    """How a request ended, of the key that it is counted under."""
    return ending(value.removeprefix("="))


# -- which captions a point stands for ------------------------------------------------------------------------------


def filter_query(filters: Filters) -> Query:
    """The filters as the history page names them."""
    told: Query = {}
    for name in ("model", "tone", "source", "prompt", "job"):
        value = getattr(filters, name)
        if value is None:
            continue
        told[name] = key_of(value.removeprefix("=")) if name == "tone" else value.removeprefix("=")
    return told


def period_query(figures: Figures, period: Period, only: Filters | None) -> Query | None:
    """The captions of a period, narrowed as the page is and once more; None where the history cannot tell them."""
    if len(figures.tenants) != 1:
        return None
    since, until = period.instants()
    return _between(figures, since, until, only)


def _between(figures: Figures, since: dt.datetime, until: dt.datetime, only: Filters | None) -> Query | None:
    if len(figures.tenants) != 1:
        return None
    wanted, extra = filter_query(figures.wanted.filters), filter_query(only or Filters())
    if any(wanted.get(name, value) != value for name, value in extra.items()):
        return None
    instants = {"since": _iso(since), "until": _iso(until)}
    return {"tenant_id": figures.tenants[0], "status": "any"} | wanted | extra | instants


def slot_query(figures: Figures, moment: Bucket, only: Filters | None = None) -> Query | None:
    """The captions of a slot of the period."""
    period, (begins, hour) = figures.wanted.period, moment
    if figures.wanted.cut == "hour":
        times = times_of(begins, hour, period.zone)
        if len(times) == 1:
            return _between(figures, *times[0], only)
        query = period_query(figures, Period(begins, begins, period.zone), only)
        return None if query is None else query | {"hour": str(WeekHour(begins.weekday(), hour, period.zone))}
    return period_query(figures, period.part(begins, figures.wanted.cut), only)


def facet_query(figures: Figures, facet: Dimension | str, value: str, drawn: Iterable[str] = ()) -> Query | None:
    """The captions with this value of a facet; with none of those that are drawn, where it stands for the others."""
    if facet == "tenant":
        return tenant_query(figures, value.removeprefix("="))
    if value == OTHERS:
        return without(period_query(figures, figures.wanted.period, None), facet, drawn)
    return period_query(figures, figures.wanted.period, Filters(**{facet: value}))


def without(query: Query | None, facet: str, values: Iterable[str]) -> Query | None:
    """The same but for the captions that have one of these values of the facet."""
    named = [value.removeprefix("=") for value in values if value != OTHERS]
    excluded = [f"{facet}:{found_by(value) if facet == 'tone' else value}" for value in named]
    return None if query is None else query | FeedFilter(none_of=tuple(excluded), status=LIVE).to_query()


def tenant_query(figures: Figures, tenant_id: str) -> Query | None:
    """One team's captions of the period, which is cut in that team's zone."""
    period = dataclasses.replace(figures.wanted.period, zone=figures.zones[tenant_id])
    return period_query(dataclasses.replace(figures, tenants=(tenant_id,)), period, None)


def hour_query(figures: Figures, weekday: int, hour: int) -> Query | None:
    """The captions of an hour of the week."""
    query = period_query(figures, figures.wanted.period, None)
    return None if query is None else query | {"hour": str(WeekHour(weekday, hour, figures.wanted.period.zone))}


def requests_query(figures: Figures, moment: Bucket, ended: Iterable[str]) -> Query | None:
    """The requests of a slot that ended in one of these ways, as they are counted under keys."""
    query = slot_query(figures, moment)
    if query is None:
        return None
    del query["status"]
    return query | {"requests": ",".join(value.removeprefix("=") for value in ended)}


def _iso(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


# -- parts of pictures and tables -----------------------------------------------------------------------------------


def every_moment(figures: Figures) -> list[Bucket]:
    """Every slot of the period, also those in which nothing was."""
    cut, period = figures.wanted.cut, figures.wanted.period
    hours_ = range(24) if cut == "hour" else (0,)
    return [(begins, hour) for begins in period.slots(cut) for hour in hours_]


def axis_value(moment: Bucket, cut: Granularity) -> Any:
    """Where a slot stands on an axis of dates."""
    begins, hour = moment
    return dt.datetime.combine(begins, dt.time(hour)) if cut == "hour" else begins


def date_axis(figure: go.Figure, cut: Granularity) -> None:
    """An axis of days as the language writes them; plotly knows English only."""
    told = say("metrics.tick_month" if cut == "month" else "metrics.tick_hour" if cut == "hour" else "metrics.tick_day")
    whole = say("metrics.hover_hour" if cut == "hour" else "metrics.hover_day")
    figure.update_xaxes(type="date", tickformat=told, hoverformat=whole)


def add_bars(
    figure: go.Figure,
    moments: list[Bucket],
    cut: Granularity,
    name: str,
    values: Iterable[float],
    measure: str,
    first: int,
) -> None:
    """A bar for each slot; ``first`` is the place of their first link among the chart's."""
    drawn = list(values)
    figure.add_bar(
        x=[axis_value(moment, cut) for moment in moments],
        y=drawn,
        name=name,
        customdata=[[first + place, written(measure, value)] for place, value in enumerate(drawn)],
        hovertemplate="%{x}<br>%{customdata[1]}<extra>%{fullData.name}</extra>",
    )


def mark_unusual(figure: go.Figure, figures: Figures, measure: str) -> None:
    """A mark over each day that is unlike its weekday."""
    whole = figures.over_time
    days = sorted({one.day for one in figures.unusual if (one.day, 0) in whole})
    if days:
        figure.add_scatter(
            x=days,
            y=[MEASURES[measure](whole[day, 0]) for day in days],
            mode="text",
            text=["▼"] * len(days),
            textposition="top center",
            name=say("metrics.unusual_title"),
            hovertemplate="%{x}<extra>%{fullData.name}</extra>",
            showlegend=False,
        )


def moment_columns(cut: Granularity) -> list[str]:
    """The names over a slot's cells."""
    return [say(f"metrics.slot_{cut}"), *([say("metrics.hour")] if cut == "hour" else [])]


def moment_cells(moment: Bucket, cut: Granularity) -> list[Any]:
    """A slot in a table."""
    return [moment[0].isoformat(), *([moment[1]] if cut == "hour" else [])]


def sum_columns() -> list[str]:
    """The names over the cells of sums."""
    names = ("captions", "kept", "cost_usd", "unpriced", "unused", "prompt", "cached", "completion", "reasoning")
    return [say(f"metrics.{name}") for name in names]


def sum_cells(sums: Sums) -> list[Any]:
    """Sums in a table; what is unknown is None."""
    cost = sums.cost if sums.priced else None
    return [sums.rows, sums.kept, cost, sums.unpriced, sums.unused, sums.prompt, sums.cached, sums.completion,
            sums.reasoning]  # fmt: skip


def latency_columns() -> list[str]:
    """The names over the cells of latencies."""
    named = [say(f"metrics.latency_{name}") for name in ("avg", "min", "max")]
    return [*named, *(f"p{share_ * 100:.0f} (ms, ±{LARGEST_ERROR:.0%})" for share_ in SHARES), say("metrics.untimed")]


def latency_cells(sums: Sums, latencies: Histogram) -> list[Any]:
    """Latencies in a table."""
    told = [percentile(latencies, share_) for share_ in SHARES]
    return [sums.latency_avg, sums.latency_min, sums.latency_max, *told, sums.rows - sums.timed]


def styled(figure: go.Figure, measure: str, axis: str | None = "y") -> go.Figure:
    """The one look; ``axis`` carries the measure, and has ticks in the reader's units."""
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 24, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        hoverlabel={"align": "left"},
        clickmode="event+select",
        colorway=st.get_option(f"theme.{st.context.theme.type or 'light'}.chartCategoricalColors"),
        dragmode=False,
    )
    figure.update_yaxes(fixedrange=True, automargin=True)
    figure.update_xaxes(fixedrange=True, automargin=True)
    if axis:
        _ticks(figure, measure, axis)
    return figure


def _ticks(figure: go.Figure, measure: str, axis: str) -> None:
    """Ticks in the reader's units: plotly itself knows K and M, and neither 만 nor 억."""
    stacked: dict[Any, float] = {}
    for trace in figure.data:
        if trace.type == "scatter" and trace.mode == "text":  # a mark, and no measure
            continue
        across, along = (trace.x, trace.y) if axis == "y" else (trace.y, trace.x)
        for place, value in zip(across or (), along or (), strict=False):
            if value is not None:
                bar = figure.layout.barmode == "stack"
                stacked[place] = stacked.get(place, 0.0) + value if bar else max(stacked.get(place, 0.0), value)
    most = max(stacked.values(), default=0.0)
    if most <= 0:
        return
    step = _round_step(most / 4)
    if measure == "captions":
        step = max(1, step)
    ticks = [step * number for number in range(math.ceil(most / step) + 1)]
    update = figure.update_yaxes if axis == "y" else figure.update_xaxes
    scale = 1000 if measure == "latency" and figure.layout.yaxis.title.text else 1
    update(tickvals=ticks, ticktext=[written(measure, tick * scale) for tick in ticks], rangemode="tozero")


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= least * 0.999)
