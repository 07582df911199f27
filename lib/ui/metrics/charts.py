"""The metrics page's pictures, in plotly: what each shows, the table behind it, the captions behind its points."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from lib.domain.dimensions import OTHERS, Dimension, DimensionValue, Filters
from lib.domain.forecast import Projection, WhatIf
from lib.domain.latency_histogram import bin_edges, bin_of, merged
from lib.domain.periods import Period, bucket_end
from lib.domain.totals import Cost, Sums, summed
from lib.metrics.figures import WRITTEN, Figures, Part
from lib.store.metrics.queries import Point
from lib.ui.core import numbers
from lib.ui.core.words import listed, say
from lib.ui.metrics.chart_parts import (
    MEASURES,
    Chart,
    Query,
    Table,
    add_bars,
    axis_value,
    bucket_cells,
    bucket_columns,
    bucket_query,
    date_axis,
    drawn,
    formatted,
    hour_query,
    label,
    latency_cells,
    latency_columns,
    mark_unusual,
    outcome_label,
    period_query,
    requests_query,
    styled,
    sum_cells,
    sum_columns,
    value_query,
    without,
)

MOST_SERIES = 5
"""Colours that stay apart; what is beyond is drawn together."""
MOST_BARS = 10
DRAWN_BINS = 3
"""Bins of the histogram that are drawn as one bar: 6 % wide."""
TICKS_MS = (1, 10, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000, 600_000)


def over_time(figures: Figures, measure: str) -> Chart:
    """The measure in each slot, stacked by model."""
    granularity = figures.view.granularity
    buckets = figures.view.period.buckets(granularity)
    figure, queries = go.Figure(), list[Query | None]()
    models = list(figures.models)
    drawn, rest = models[:MOST_SERIES], models[MOST_SERIES:]
    for value in [*drawn, *([OTHERS] if rest else [])]:
        parts = rest if value == OTHERS else [value]
        sums = [summed(figures.by_model.get((bucket, part), Sums()) for part in parts) for bucket in buckets]
        only = None if value == OTHERS else Filters(model=value)
        add_bars(
            figure,
            buckets,
            granularity,
            label(value),
            [MEASURES[measure](part) for part in sums],
            measure,
            len(queries),
        )
        opened = [bucket_query(figures, bucket, only) for bucket in buckets]
        queries += [without(query, "model", drawn) for query in opened] if value == OTHERS else opened
    figure.update_layout(barmode="stack")
    date_axis(figure, granularity)
    if granularity == "day":
        mark_unusual(figure, figures, measure)
    rows = [
        [*bucket_cells(bucket, granularity), label(value), *sum_cells(figures.by_model[bucket, value])]
        for bucket in buckets
        for value in models
        if (bucket, value) in figures.by_model
    ]
    table = Table([*bucket_columns(granularity), say("metrics.model"), *sum_columns()], rows)
    total = MEASURES[measure](figures.total)
    alt = say("metrics.alt_over_time", measure=say(f"metrics.{measure}"), total=formatted(measure, total))
    return Chart(f"over_time_{measure}", styled(figure, measure), alt, table, queries)


def latency_over_time(figures: Figures) -> Chart:
    """The median and the slowest of twenty, in each slot."""
    granularity = figures.view.granularity
    buckets = [bucket for bucket in figures.view.period.buckets(granularity) if figures.latencies_over_time.get(bucket)]
    figure, queries, parts = go.Figure(), list[Query | None](), figures.part_over_time
    for share in (0.5, 0.95):
        values = [parts[bucket].percentile(share) for bucket in buckets]
        figure.add_scatter(
            x=[axis_value(bucket, granularity) for bucket in buckets],
            y=values,
            mode="lines+markers",
            name=f"p{share * 100:.0f}",
            customdata=[[len(queries) + place, formatted("latency", value)] for place, value in enumerate(values)],
            hovertemplate="%{x}<br>%{customdata[1]}<extra>%{fullData.name}</extra>",
        )
        queries += [bucket_query(figures, bucket) for bucket in buckets]
    date_axis(figure, granularity)
    rows = [
        [
            *bucket_cells(bucket, granularity),
            *latency_cells(parts[bucket]),
        ]
        for bucket in buckets
    ]
    table = Table([*bucket_columns(granularity), *latency_columns()], rows)
    p95 = numbers.milliseconds(figures.whole.percentile(0.95))
    return Chart(
        "latency_over_time", styled(figure, "latency"), say("metrics.alt_latency_over_time", p95=p95), table, queries
    )


def latency_histogram(figures: Figures) -> Chart:
    """How many captions took how long, on a logarithmic scale: each bar is 6 % wider than the one before."""
    bars = merged({number // DRAWN_BINS: rows} for number, rows in figures.latencies.items())
    places = list(range(min(bars), max(bars) + 1)) if bars else []
    figure, queries, rows, labels = go.Figure(), list[Query | None](), list[list[Any]](), []
    for place in places:
        low, high = bin_edges(place * DRAWN_BINS)[0], bin_edges(place * DRAWN_BINS + DRAWN_BINS - 1)[1]
        shown_high = high if math.isfinite(high) else figures.total.latency_max_ms
        labels.append([len(queries), f"{numbers.milliseconds(low)} – {numbers.milliseconds(shown_high)}"])
        query = period_query(figures, figures.view.period, None)
        if query is not None:
            query |= {"latency_from": repr(low), "latency_to": repr(high)}
        queries.append(query)
        rows.append([low, high if math.isfinite(high) else None, bars.get(place, 0)])
    figure.add_bar(
        x=places,
        y=[bars.get(place, 0) for place in places],
        customdata=labels,
        hovertemplate="%{customdata[1]}<br>%{y:,}<extra></extra>",
        name=say("metrics.captions"),
    )
    for share in (0.5, 0.95, 0.99):
        if (value := figures.whole.percentile(share)) is not None:
            at = bin_of(value) // DRAWN_BINS
            figure.add_vline(
                x=at, line_dash="dot", line_width=1, line_color="gray", annotation_text=f"p{share * 100:.0f}"
            )
    figure.update_layout(bargap=0)
    shown = [(bin_of(tick) // DRAWN_BINS, numbers.milliseconds(tick)) for tick in TICKS_MS]
    shown = [(place, words) for place, words in shown if places and places[0] <= place <= places[-1]]
    figure.update_xaxes(tickvals=[place for place, _ in shown], ticktext=[words for _, words in shown])
    table = Table([say("metrics.from_ms"), say("metrics.to_ms"), say("metrics.captions")], rows)
    told_median = numbers.milliseconds(figures.whole.percentile(0.5))
    return Chart(
        "latency_histogram", styled(figure, "captions"), say("metrics.alt_histogram", p50=told_median), table, queries
    )


def breakdown(figures: Figures, parts: dict[DimensionValue, Part], dimension: Dimension | str, measure: str) -> Chart:
    """The measure of each value of a dimension; the rest together where there are many."""
    shown = sorted(
        parts.items(), key=lambda item: (item[0] == OTHERS, -(MEASURES[measure](item[1].sums) or 0), item[0])
    )
    head, tail = shown[:MOST_BARS], shown[MOST_BARS:]
    bars = [(value, part.sums) for value, part in head]
    if tail:
        bars.append((OTHERS, summed(part.sums for _, part in tail)))
    values = [MEASURES[measure](sums) for _, sums in bars]
    longest = max((value for value in values if value is not None), default=0.0)
    figure = go.Figure()
    figure.add_bar(
        y=list(range(len(bars))),
        x=values,
        orientation="h",
        customdata=[
            [place, formatted(measure, value), label(bars[place][0], dimension)] for place, value in enumerate(values)
        ],
        hovertemplate="%{customdata[2]}<br>%{customdata[1]}<extra></extra>",
        text=[formatted(measure, value) for value in values],
        textposition="outside",
        cliponaxis=False,
    )
    figure.update_xaxes(range=[0, 1.2 * longest or 1])
    figure.update_yaxes(
        autorange="reversed", tickvals=list(range(len(bars))), ticktext=[label(value, dimension) for value, _ in bars]
    )
    rows = [
        [label(value, dimension, whole=True), *sum_cells(part.sums), *latency_cells(part)]
        for value, part in parts.items()
    ]
    name = say(f"metrics_facet.{dimension}")
    table = Table([name, *sum_columns(), *latency_columns()], rows)
    queries = [value_query(figures, dimension, value, [other for other, _ in bars]) for value, _ in bars]
    leader = label(bars[0][0], dimension) if bars else "–"
    alt = say("metrics.alt_breakdown", measure=say(f"metrics.{measure}"), facet=name, leader=leader)
    return Chart(f"by_{dimension}_{measure}", styled(figure, measure, axis="x"), alt, table, queries)


def hours(figures: Figures, measure: str) -> Chart:
    """The measure in each hour of the week."""
    weekdays = list(listed("weekday").values())
    grid = [[MEASURES[measure](figures.hours.get((day, hour), Sums())) for hour in range(24)] for day in range(7)]
    figure = go.Figure()
    figure.add_heatmap(z=grid, x=list(range(24)), y=weekdays, hoverinfo="skip", xgap=2, ygap=2, showscale=False)
    cells = [(day, hour) for day in range(7) for hour in range(24)]
    unseen = {"marker": {"opacity": 0}}  # plotly lets nobody press a cell of a heatmap: what is pressed lies over it
    figure.add_scatter(
        x=[hour for _, hour in cells],
        y=[weekdays[day] for day, _ in cells],
        mode="markers",
        marker={"symbol": "square", "size": 18, "opacity": 0},
        selected=unseen,
        unselected=unseen,
        customdata=[[place, formatted(measure, grid[day][hour])] for place, (day, hour) in enumerate(cells)],
        hovertemplate="%{y} %{x}<br>%{customdata[1]}<extra></extra>",
        showlegend=False,
    )
    queries = [hour_query(figures, *cell) if cell in figures.hours else None for cell in cells]
    figure.update_yaxes(range=[6.5, -0.5])
    figure.update_xaxes(title=say("metrics.hour_axis"), dtick=3, range=[-0.5, 23.5])
    rows = [
        [weekdays[day], hour, *sum_cells(figures.hours[day, hour])]
        for day in range(7)
        for hour in range(24)
        if (day, hour) in figures.hours
    ]
    busiest = max(figures.hours, key=lambda hour: MEASURES[measure](figures.hours[hour]) or 0, default=(0, 0))
    alt = say("metrics.alt_hours", measure=say(f"metrics.{measure}"), day=weekdays[busiest[0]], hour=busiest[1])
    table = Table([say("metrics.weekday"), say("metrics.hour"), *sum_columns()], rows)
    return Chart(f"hours_{measure}", styled(figure, measure, axis=None), alt, table, queries)


def scatter(figures: Figures) -> Chart:
    """Latency against completion tokens, a point a caption."""
    figure, queries = go.Figure(), list[Query | None]()
    models = list(figures.models)
    by_model: dict[DimensionValue, list[Point]] = {}
    for point in figures.points:
        model = DimensionValue.of(point.model)
        drawn = model if model in models[:MOST_SERIES] else OTHERS
        by_model.setdefault(drawn, []).append(point)
    tenant = figures.tenants[0]
    for model in [*models[:MOST_SERIES], OTHERS]:
        points = by_model.get(model, [])
        if not points:
            continue
        figure.add_scatter(
            x=[point.completion_tokens for point in points],
            y=[point.latency_ms / 1000 for point in points],
            mode="markers",
            marker={"size": 6, "opacity": 0.6},
            name=label(model),
            customdata=[[len(queries) + place] for place in range(len(points))],
            hovertemplate="%{x:,} · %{y:,.1f} s<extra>%{fullData.name}</extra>",
        )
        queries += [{"tenant_id": tenant, "feed": str(point.feed_id)} for point in points]
    figure.update_xaxes(title=say("metrics.completion"))
    figure.update_yaxes(title=say("metrics.seconds_axis"))
    rows = [
        [str(point.feed_id), point.created_at, point.model, point.completion_tokens, point.latency_ms]
        for point in figures.points
    ]
    columns = [say("metrics.feed"), say("metrics.created_at"), say("metrics.model"), say("metrics.completion")]
    strength = statistics.correlation(*_pairs(figures)) if _can_correlate(figures) else None
    alt = say(
        "metrics.alt_scatter", count=len(figures.points), correlation="–" if strength is None else f"{strength:.2f}"
    )
    return Chart("scatter", styled(figure, "latency"), alt, Table([*columns, say("metrics.latency_ms")], rows), queries)


def outcomes(figures: Figures) -> Chart:
    """How the requests of this app ended, in each slot; those that brought a caption are not drawn."""
    granularity = figures.view.granularity
    buckets = figures.view.period.buckets(granularity)
    figure, queries = go.Figure(), list[Query | None]()
    outcomes = [value for value in figures.outcome_counts if value != WRITTEN]
    drawn = [(outcome_label(value), [value]) for value in outcomes[:MOST_SERIES]]
    if rest := outcomes[MOST_SERIES:]:
        drawn.append((say("metrics.others"), rest))
    for name, values in drawn:
        counts = [sum(figures.outcomes.get((bucket, outcome), Sums()).rows for outcome in values) for bucket in buckets]
        add_bars(figure, buckets, granularity, name, counts, "captions", len(queries))
        queries += [requests_query(figures, bucket, values) for bucket in buckets]
    figure.update_layout(barmode="stack")
    date_axis(figure, granularity)
    rows = [
        [*bucket_cells(bucket, granularity), outcome_label(value), sums.rows, sums.cost_usd if sums.with_cost else None]
        for (bucket, value), sums in sorted(figures.outcomes.items())
    ]
    columns = [*bucket_columns(granularity), say("metrics.outcome"), say("metrics.requests"), say("metrics.cost_usd")]
    alt = say("metrics.alt_outcomes", failed=figures.failed, requests=figures.requests.rows)
    return Chart("outcomes", styled(figure, "captions"), alt, Table(columns, rows), queries)


def budget(figures: Figures, month: Projection, now: dt.datetime) -> Chart:
    """This month's cost so far, the straight line to its end, and the budget."""
    first, limit = now.date().replace(day=1), figures.settings.budget_usd
    last = bucket_end(first, "month")
    figure = go.Figure()
    today = now.replace(tzinfo=None)
    ends, spent = [dt.datetime.combine(first, dt.time())], [Cost()]
    for number in range(1, now.day + 1):
        day = first.replace(day=number)
        ends.append(min(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()), today))
        spent.append(spent[-1] + figures.month_days.get(day, Sums()).cost)
    figure.add_scatter(
        x=ends,
        y=[drawn(cost.amount) for cost in spent],
        mode="lines+markers",
        fill="tozeroy",
        name=say("metrics.spent"),
        line_width=3,
        customdata=[[place] for place in range(len(ends))],
    )
    days = [Period(first, first.replace(day=number), figures.view.period.zone) for number in range(1, now.day + 1)]
    queries = [None, *(period_query(figures, period, None) for period in days)]
    figure.add_scatter(
        x=[today, last + dt.timedelta(days=1)],
        y=[drawn(month.spent.amount), drawn(month.expected)],
        mode="lines",
        line_dash="dash",
        name=say("metrics.expected"),
    )
    date_axis(figure, "day")
    if limit is not None:
        figure.add_hline(y=float(limit), line_dash="dot", line_color="gray", annotation_text=say("metrics.budget"))
    rows: list[list[Any]] = [
        [say("metrics.spent"), month.spent.amount],
        [say("metrics.unpriced"), month.spent.unpriced],
        [say("metrics.elapsed_days"), month.elapsed_days],
        [say("metrics.expected"), month.expected],
        [say("metrics.budget"), limit],
    ]
    alt = say("metrics.alt_budget", spent=numbers.usd(month.spent.amount), expected=numbers.usd(month.expected))
    table = Table([say("metrics.figure"), say("metrics.cost_usd")], rows)
    return Chart("budget", styled(figure, "cost"), alt, table, queries)


def comparison(figures: Figures, others: Sequence[WhatIf]) -> Chart:
    """What the traffic cost, and what it would have cost on other models."""
    named: list[tuple[str, Decimal | None]] = [
        (say("metrics.really"), figures.priced.cost_usd if figures.priced.with_cost else None)
    ]
    named += [(other.model, other.cost) for other in others]
    figure = go.Figure()
    figure.add_bar(
        x=[name for name, _ in named],
        y=[drawn(cost) for _, cost in named],
        text=[numbers.usd(cost) for _, cost in named],
        customdata=[[0]] * len(named),
        hovertemplate="%{x}<br>%{text}<extra></extra>",
    )
    alt = say("metrics.alt_what_if", costs=", ".join(f"{name} {numbers.usd(cost)}" for name, cost in named))
    columns = [say("metrics.model"), say("metrics.cost_usd"), say("metrics.captions")]
    rows: list[list[Any]] = [[named[0][0], named[0][1], figures.priced.with_cost]]
    rows += [[other.model, other.cost, other.rows] for other in others]
    traffic = period_query(figures, figures.view.period, None)  # is the same, whatever it would have cost
    return Chart("what_if", styled(figure, "cost"), alt, Table(columns, rows), [traffic])


def _pairs(figures: Figures) -> tuple[list[float], list[float]]:
    return [float(point.completion_tokens) for point in figures.points], [point.latency_ms for point in figures.points]


def _can_correlate(figures: Figures) -> bool:
    return all(len(set(values)) > 1 for values in _pairs(figures))
