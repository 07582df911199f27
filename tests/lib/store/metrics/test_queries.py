"""Every figure against an independent computation in plain Python, over rows that another program wrote."""

from __future__ import annotations

import datetime as dt
import math
import statistics
import unicodedata
import uuid
import zoneinfo
from collections import Counter, defaultdict
from decimal import Decimal
from hashlib import md5
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg2.extras import Json, execute_values
from sqlalchemy import make_url

from lib.domain import pricing
from lib.domain.dimensions import MISSING, OTHERS, Dimension, DimensionValue, Filters
from lib.domain.latency_histogram import LARGEST_ERROR, merged, percentile
from lib.domain.periods import NO_DAY, Bucket, Period, bucket_start
from lib.domain.totals import Sums, summed
from lib.store.database import Database
from lib.store.metrics import counting, queries
from lib.store.metrics import settings as stored_settings
from lib.store.metrics.queries import SPENT_KINDS, Grouping
from lib.store.metrics.settings import MetricSettings
from tests.conftest import RunSql, Urls

ZONES = ("Asia/Seoul", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")
MODELS = ("gpt-5", "o3", "gpt-6-luna", "gpt-5.4", "gpt-5-2025-08-07", "our-own-llama", "demo", "", None)
TONES = ("따뜻하게", " 따뜻하게\n", unicodedata.normalize("NFD", "따뜻하게"), "담백하게", "", "길게 " * 90)
COLUMNS = (
    "instagram_feed_id", "tenant_id", "refined_ad_copy_eng", "tone_style", "product_description", "store_information",
    "gpt_prompt", "instagram_ad_copy", "hashtags", "job_id", "gpt_model_name", "gpt_response_raw", "latency_ms",
    "token_usage", "created_at",
)  # fmt: skip
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""Making a failing example small takes minutes on a database; a hundred rows are small enough to read."""
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2_000) | st.text("ab1", max_size=3) | st.floats(-2, 2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["prompt_tokens", "a"]), inner),
    max_leaves=4,
)


@st.composite
def usages(draw: Any) -> Any:
    """What other programs have put there: mostly counts, some of them wrong, and now and then anything."""
    if draw(st.integers(0, 9)) == 0:
        return draw(JUNK)
    prompt = draw(st.sampled_from([0, 1, 999, 1_000, 272_000, 272_001, 300_000]) | st.integers(1, 5_000))
    usage = {"prompt_tokens": prompt, "completion_tokens": draw(st.integers(0, 2_000))}
    if draw(st.booleans()):
        cached, written = draw(st.integers(0, prompt + 1)), draw(st.sampled_from([0, 0, None, 10]))
        usage["prompt_tokens_details"] = {"cached_tokens": cached, "cache_write_tokens": written}
        usage["completion_tokens_details"] = {"reasoning_tokens": draw(st.integers(-1, 300))}
    if draw(st.booleans()):
        usage["total_tokens"] = prompt + usage["completion_tokens"] + draw(st.sampled_from([0, 0, 0, 7]))
    if draw(st.integers(0, 3)) == 0:
        usage = {name.replace("prompt", "input").replace("completion", "output"): usage[name] for name in usage}
    for name in list(usage):
        if draw(st.integers(0, 19)) == 0:
            usage[name] = draw(JUNK)
    return usage


@st.composite
def rows(draw: Any) -> Any:
    """A hundred rows and more around the changes of the clock and of the prices, on both sides of midnight."""
    edges = [
        dt.datetime(2026, 3, 8, 7, tzinfo=dt.UTC), dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC),
        dt.datetime(2026, 3, 1, tzinfo=dt.UTC), dt.datetime(2026, 3, 31, 15, tzinfo=dt.UTC),
        dt.datetime(2026, 4, 4, 15, tzinfo=dt.UTC), dt.datetime(2025, 6, 10, tzinfo=dt.UTC),
    ]  # fmt: skip
    near = st.builds(lambda at, s: at + dt.timedelta(seconds=s), st.sampled_from(edges), st.integers(-7_200, 7_200))
    anywhere = st.integers(0, 50 * 86_400).map(
        lambda s: dt.datetime(2026, 2, 20, tzinfo=dt.UTC) + dt.timedelta(seconds=s)
    )
    one = st.fixed_dictionaries({
        "created_at": near | anywhere | st.sampled_from([None, dt.datetime(9500, 1, 1, tzinfo=dt.UTC)]),
        "gpt_model_name": st.sampled_from(MODELS),
        "tone_style": st.sampled_from(TONES),
        "gpt_response_raw": st.sampled_from(
            [None, {}, [], "x", {"service_tier": "default"}, {"service_tier": "flex"}, {"service_tier": "batch"},
             {"service_tier": 7}, {"service_tier": None},
             {"service_tier": "flex", "usage": {"prompt_tokens": 20, "completion_tokens": 3}}, {"usage": [1]}]
        ),
        "latency_ms": st.none() | st.floats(0.2, 90_000) | st.sampled_from([math.nan, math.inf, -1.0, 0.0]),
        "token_usage": usages(),
    })  # fmt: skip
    return draw(st.lists(one, min_size=100, max_size=160))


def insert(url: str, made: list[dict[str, Any]], tenant: str = "acme") -> None:
    """As the pipeline would."""
    texts = dict.fromkeys(COLUMNS, "") | {"tenant_id": tenant, "job_id": None}
    values = []
    for row in made:
        row.setdefault("instagram_feed_id", str(uuid.uuid4()))
        whole = texts | row
        for name in ("gpt_response_raw", "token_usage"):
            whole[name] = None if whole[name] is None else Json(whole[name])
        values.append([whole[name] for name in COLUMNS])
    with psycopg2.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as db:
        execute_values(db.cursor(), f"INSERT INTO instagram_feeds ({', '.join(COLUMNS)}) VALUES %s", values)
    db.close()


def tokens_of(usage: Any) -> tuple[int, int, int, int, int] | None:
    """Prompt, cached, written, completion, reasoning; written out again, so that the two can differ."""

    def count(told: Any) -> Any:
        return told if type(told) is int and 0 <= told <= 10**9 else None

    if type(usage) is not dict:
        return None

    def first(*names: str) -> Any:
        return next((usage[name] for name in names if usage.get(name) is not None), None)

    prompt = count(first("prompt_tokens", "input_tokens"))
    completion = count(first("completion_tokens", "output_tokens"))
    details = first("prompt_tokens_details", "input_tokens_details")
    details = {} if details is None else details
    if prompt is None or completion is None or type(details) is not dict:
        return None
    parts = [
        0 if details.get(name) is None else count(details[name]) for name in ("cached_tokens", "cache_write_tokens")
    ]
    if None in parts or sum(parts) > prompt:
        return None
    if count(usage.get("total_tokens")) not in (None, prompt + completion):
        return None
    more = first("completion_tokens_details", "output_tokens_details")
    reasoning = count(more.get("reasoning_tokens")) if type(more) is dict else None
    return prompt, *parts, completion, reasoning if reasoning is not None and reasoning <= completion else 0


def usage_of(row: dict[str, Any]) -> Any:
    """Its own usage, or the one of the raw answer."""
    own, raw = row["token_usage"], row["gpt_response_raw"]
    in_raw = raw.get("usage") if type(raw) is dict else None
    return own if type(own) is dict and own else in_raw if type(in_raw) is dict else own


class Plain:
    """The figures of some rows, one row after the other."""

    def __init__(self, made: list[dict[str, Any]]) -> None:
        self.rows = len(made)
        self.latencies = [
            row["latency_ms"] for row in made if row["latency_ms"] is not None and 0 <= row["latency_ms"] < math.inf
        ]
        tokens = [told for row in made if (told := tokens_of(usage_of(row)))]
        self.used = len(tokens)
        self.tokens = [sum(column) for column in zip(*tokens, strict=True)] or [0] * 5
        costs = [cost for row in made if (cost := cost_of(row)) is not None]
        self.priced, self.cost = len(costs), sum(costs, Decimal(0))

    def agrees(self, sums: Any) -> None:
        assert (sums.rows, sums.with_latency, sums.with_usage, sums.with_cost) == (
            self.rows, len(self.latencies), self.used, self.priced)  # fmt: skip
        tokens = [sums.prompt_tokens, sums.cached_tokens, sums.cache_write_tokens, sums.completion_tokens]
        assert [*tokens, sums.reasoning_tokens] == self.tokens
        assert sums.cost_usd == self.cost  # to the last unit
        assert (sums.latency_min_ms, sums.latency_max_ms) == (
            min(self.latencies, default=None), max(self.latencies, default=None))  # fmt: skip
        if self.latencies:
            assert sums.latency_avg_ms == pytest.approx(statistics.fmean(self.latencies), rel=1e-12)


def cost_of(row: dict[str, Any]) -> Decimal | None:
    raw, at = row["gpt_response_raw"], row["created_at"]
    if at is None or at.year > 9000:
        return None
    tier = raw.get("service_tier") if type(raw) is dict else None
    tier = tier if tier is None or type(tier) is str else str(tier)
    return pricing.cost_usd(row["gpt_model_name"], usage_of(row), at, service_tier=tier)


def value_of(told: Any) -> DimensionValue:
    """One and the same however it is composed or indented, as the history finds it."""
    told = unicodedata.normalize("NFC", told or "").strip()
    if len(told) > 255:
        return DimensionValue("hashed", told[:100], md5(told.encode()).hexdigest())
    return DimensionValue.of(told or None)


def count_all(database: Database, tenant: str = "acme") -> None:
    with database.tenant(tenant) as db:
        while counting.count(db, [tenant]).left:
            pass


@pytest.fixture
def quick(as_owner: RunSql) -> None:
    """Without the index for searching, which these tests do not ask for."""
    for trigger in ("studio_index_new_feed", "studio_index_changed_feed"):
        as_owner(f"ALTER TABLE instagram_feeds DISABLE TRIGGER {trigger}")


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")  # what it says when it prints all rows
@given(made=rows(), zone=st.sampled_from(ZONES))
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)
def test_every_figure_is_what_plain_python_makes_of_the_same_rows(
    database: Database, database_urls: Urls, as_owner: RunSql, quick: Any, made: Any, zone: Any
) -> None:
    as_owner("TRUNCATE instagram_feeds")
    insert(database_urls.owner, made)
    with database.tenant("acme") as db:
        stored_settings.put(db, "acme", MetricSettings(time_zone=zone))
    count_all(database)
    tz = zoneinfo.ZoneInfo(zone)
    dated = [row for row in made if row["created_at"] and row["created_at"].year < 9000]
    days = {id(row): row["created_at"].astimezone(tz).date() for row in dated}
    period = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31), zone)
    inside = [row for row in dated if period.first <= days[id(row)] <= period.last]
    since, until = period.instants()
    assert inside == [row for row in dated if since <= row["created_at"] < until]
    with database.tenant("acme") as db:

        def added(*groupings: Grouping, filters: Filters | None = None, values: Any = ()) -> list[queries.Added]:
            return queries.add_up(db, ["acme"], groupings, filters, values)

        undated, total = added(Grouping("all", Period(NO_DAY, NO_DAY)), Grouping("all", period))
        Plain([row for row in made if row not in dated]).agrees(undated.total)
        Plain(inside).agrees(total.total)
        for granularity in ("day", "week", "month", "year"):
            [over_time] = added(Grouping("all", period, granularity))
            groups = defaultdict(list)
            for row in inside:
                groups[Bucket(bucket_start(days[id(row)], granularity))].append(row)
            assert set(over_time.by_bucket()) == set(groups)
            for bucket, sums in over_time.by_bucket().items():
                Plain(groups[bucket]).agrees(sums)
        local = [row["created_at"].astimezone(tz) for row in inside]
        hourly, week = added(Grouping("all", period, "hour"), Grouping("hour", period, "weekday"))
        for (day, hour), sums in hourly.by_bucket().items():
            Plain([row for row, at in zip(inside, local, strict=True) if (at.date(), at.hour) == (day, hour)]).agrees(
                sums
            )
        by_hour = {hour: sums.rows for hour, sums in week.by_hour().items()}
        assert by_hour == Counter((at.weekday(), at.hour) for at in local)
        columns: dict[Dimension, str] = {"model": "gpt_model_name", "tone": "tone_style"}
        for dimension, column in columns.items():
            of_dimension, few = added(Grouping(dimension, period), Grouping(dimension, period, most=2))
            by_value = of_dimension.by_value()
            assert set(by_value) == {value_of(row[column]) for row in inside}
            for value, value_sums in by_value.items():
                Plain([row for row in inside if value_of(row[column]) == value]).agrees(value_sums)
            named = few.by_value().keys() - {OTHERS}
            Plain([row for row in inside if value_of(row[column]) not in named]).agrees(
                few.by_value().get(OTHERS, Sums())
            )
            assert len(few.by_value()) == min(3, len(by_value))
            named_costs = [sums.cost_usd for value, sums in by_value.items() if value in named - {MISSING}]
            rest = [sums.cost_usd for value, sums in by_value.items() if value not in named]
            assert min(named_costs, default=Decimal(0)) >= max(rest, default=Decimal(0)) or not rest
        [spent] = added(Grouping("spent", period, kinds=SPENT_KINDS))  # no caption has a request of this app
        assert (spent.total.rows, spent.total.cost) == (len(inside), total.total.cost)
        tones = added(Grouping("tone", period))[0].by_value()
        of_long = next((value for value in tones if value.kind == "hashed"), MISSING)
        for filters in (
            Filters(model=DimensionValue.of("gpt-5")), Filters(model=MISSING), Filters(tone=of_long),
            Filters(source=DimensionValue.of("pipeline"), tone=DimensionValue.of("담백하게")),
        ):  # fmt: skip
            kept = [
                row for row in inside
                if filters.model in (None, value_of(row["gpt_model_name"]))
                and filters.tone in (None, value_of(row["tone_style"]))
            ]  # fmt: skip
            whole, latencies, by_day, week, of_day, *narrow = added(
                Grouping("all", period),
                Grouping("all", period, is_histogram=True),
                Grouping("spent", period, "day", SPENT_KINDS),
                Grouping("hour", period, "weekday"),
                Grouping("model", period, "day"),
                Grouping("model", period),
                Grouping("source", period, most=1),
                Grouping("job", period, "week"),
                filters=filters,
            )
            Plain(kept).agrees(whole.total)
            assert summed(by_day.sums.values()).rows == len(kept)
            Plain(kept).agrees(summed(week.sums.values()))
            for place, sums in of_day.sums.items():
                Plain([row for row in kept if (days[id(row)], value_of(row["gpt_model_name"]))
                       == (place.bucket.starts_on, place.value)]).agrees(sums)  # fmt: skip
            for each in narrow:
                Plain(kept).agrees(summed(each.sums.values()))
            assert sum(latencies.histogram.values()) == len(Plain(kept).latencies)
        models = [value_of(name) for name in MODELS]
        by_week, by_model, of_all = added(
            Grouping("all", period, "week", is_histogram=True), Grouping("model", period, is_histogram=True),
            Grouping("all", period, is_histogram=True), values=models,
        )  # fmt: skip
        histogram = of_all.histogram
        assert merged(by_week.histograms.values()) == histogram
        assert merged(by_model.histograms.values()) == histogram
        exact_values = db.exec_driver_sql(
            "SELECT percentile_cont(ARRAY[0.5, 0.9, 0.95, 0.99]) WITHIN GROUP (ORDER BY latency_ms) "
            "FROM instagram_feeds WHERE tenant_id = 'acme' AND created_at >= %s AND created_at < %s "
            "AND latency_ms >= 0 AND latency_ms < 'infinity'", (since, until)
        ).scalar()  # fmt: skip
    for share, exact in zip((0.5, 0.9, 0.95, 0.99), exact_values or [None] * 4, strict=True):
        estimated = percentile(histogram, share)
        assert estimated == (None if exact is None else pytest.approx(exact, rel=LARGEST_ERROR, abs=0.06))
