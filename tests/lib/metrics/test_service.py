"""The figures of one tenant and of several, and what a tenant decides about them."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from lib.demo.samples import TENANT
from lib.domain.dimensions import GROUPED, OTHERS, DimensionValue, Filters
from lib.domain.latency_histogram import merged
from lib.domain.periods import Period
from lib.domain.totals import summed
from lib.metrics import service
from lib.metrics import settings as metric_settings
from lib.metrics.figures import View
from lib.store.metrics.every_team import EVERY_TEAM
from lib.store.metrics.settings import MetricSettings
from lib.studio import Studio
from tests.conftest import InsertBySql, RunSql

AT = dt.datetime(2026, 11, 3, 3, tzinfo=dt.UTC)


NOVEMBER = View(Period(dt.date(2026, 11, 1), dt.date(2026, 11, 30)))


USAGE = {"prompt_tokens": 1_000, "completion_tokens": 100}


@pytest.fixture
def november(insert_by_sql: InsertBySql) -> None:
    """Forty captions of acme's over the month and one of another tenant's."""
    for number in range(40):
        insert_by_sql(
            created_at=AT + dt.timedelta(hours=13 * number),
            gpt_model_name=("gpt-5", "o3", "our-own-llama", None)[number % 4],
            tone_style=("따뜻하게", "담백하게", "재치 있게")[number % 3],
            latency_ms=None if number % 9 == 0 else 500.0 + 37 * number,
            token_usage=None if number % 7 == 0 else USAGE | {"prompt_tokens": 1_000 + number},
        )
    insert_by_sql(tenant_id="other", created_at=AT, gpt_model_name="o3", token_usage=USAGE)


@pytest.mark.parametrize("granularity", ["hour", "day", "week", "month"])
def test_every_picture_adds_up_to_the_same_total(november: Any, studio: Studio, granularity: Any) -> None:
    told = service.figures(studio, "acme", View(NOVEMBER.period, chosen=granularity))
    assert told.total.rows == 40
    assert 0 < told.total.without_usage < 40
    assert told.total.without_price > 0
    whole = told.total
    assert summed(told.over_time.values()) == summed(told.models.values()) == whole
    assert merged(told.latencies_over_time.values()) == told.latencies
    assert sum(told.latencies.values()) == whole.with_latency
    assert summed(told.hours.values()).cost_usd == whole.cost_usd
    assert summed(told.hours.values()).rows == whole.rows
    for dimension in GROUPED:
        parts = service.breakdown(studio, ["acme"], told.view, dimension)
        assert summed(part.sums for part in parts.values()) == whole
        assert merged(part.latencies for part in parts.values()) == told.latencies


def test_a_filter_narrows_everything_alike(november: Any, studio: Studio) -> None:
    told = service.figures(studio, "acme", View(NOVEMBER.period, Filters(model=DimensionValue.of("o3"))))
    assert told.total.rows == 10
    assert list(told.models) == [DimensionValue.of("o3")]
    assert summed(told.hours.values()).rows == 10
    assert told.month is None


def test_several_tenants_are_the_sum_of_each(november: Any, studio: Studio) -> None:
    both = service.figures(studio, ["acme", "other"], NOVEMBER)
    each = [service.figures(studio, name, NOVEMBER) for name in ("acme", "other")]
    assert both.total == summed(one.total for one in each)
    assert {name.text: part.sums for name, part in both.by_tenant.items()} == {
        one.tenants[0]: one.total for one in each
    }
    assert {name.text: part.latencies for name, part in both.by_tenant.items()} == {
        one.tenants[0]: one.latencies for one in each
    }


def test_figures_that_did_not_change_are_not_read_again(
    november: Any, studio: Studio, insert_by_sql: InsertBySql
) -> None:
    first = service.figures(studio, "acme", NOVEMBER)
    again = service.figures(studio, "acme", NOVEMBER)
    assert again.by_model is first.by_model
    assert again.as_of > first.as_of
    insert_by_sql(created_at=AT)
    assert service.figures(studio, "acme", NOVEMBER).total.rows == first.total.rows + 1


def test_callers_who_come_together_read_changed_figures_once(november: Any, studio: Studio) -> None:
    together = threading.Barrier(8)

    def ask() -> Any:
        together.wait()
        return service.figures(studio, "acme", NOVEMBER)

    with ThreadPoolExecutor(together.parties) as threads:
        told = [asked.result() for asked in [threads.submit(ask) for _ in range(together.parties)]]
    assert {id(one.by_model) for one in told} == {id(told[0].by_model)}


def test_beyond_twenty_models_the_cheapest_are_told_together(
    november: Any, studio: Studio, insert_by_sql: InsertBySql
) -> None:
    for number in range(25):
        insert_by_sql(created_at=AT, gpt_model_name=f"own-{number}", latency_ms=float(number))
    told = service.figures(studio, "acme", NOVEMBER)
    assert len(told.models) == 21
    assert told.models[OTHERS].rows == 9, "of 29 models, none among them"
    assert summed(told.models.values()).rows == told.total.rows == 65
    parts = service.breakdown(studio, ["acme"], NOVEMBER, "model")
    assert {value: part.sums for value, part in parts.items()} == told.models
    assert list(parts)[-1] == OTHERS
    assert merged(part.latencies for part in parts.values()) == told.latencies


@pytest.mark.parametrize("dimension", ["tone", "job"])
def test_rows_name_the_same_values_as_totals_and_add_up_the_others(
    studio: Studio, insert_by_sql: InsertBySql, as_owner: RunSql, dimension: Any
) -> None:
    as_owner("ALTER TABLE instagram_feeds DROP CONSTRAINT instagram_feeds_job_id_fkey")
    for number in range(50):
        insert_by_sql(
            created_at=AT + dt.timedelta(days=number % 20),
            gpt_model_name="o3",
            tone_style=f"tone {number % 25}",
            job_id=str(uuid.UUID(int=number % 25)),
            latency_ms=float(1 + number),
            token_usage=USAGE | {"prompt_tokens": 1_000 + number % 25},
        )
    told = service.figures(studio, "acme", NOVEMBER)
    parts = service.breakdown(studio, ["acme"], NOVEMBER, dimension)
    assert summed(part.sums for part in parts.values()) == told.total
    assert merged(part.latencies for part in parts.values()) == told.latencies
    others = parts[OTHERS].sums
    assert (len(parts), others.rows, others.latency_min_ms, others.latency_max_ms) == (21, 10, 1.0, 30.0)
    assert others.prompt_tokens == 2 * sum(1_000 + number for number in range(5)), "those that cost the least"
    of_rows = replace(NOVEMBER, filters=Filters(model=DimensionValue.of("o3")))
    assert service.breakdown(studio, ["acme"], of_rows, dimension) == parts


def test_of_many_teams_the_most_expensive_are_told_by_name(studio: Studio, insert_by_sql: InsertBySql) -> None:
    teams = [f"team-{number}" for number in range(25)]
    for number, tenant in enumerate(teams):
        insert_by_sql(
            tenant_id=tenant,
            created_at=AT,
            gpt_model_name="o3",
            latency_ms=10.0,
            token_usage=USAGE | {"prompt_tokens": 1_000 + number},
        )
    told = service.figures(studio, teams, NOVEMBER)
    assert (told.total.rows, len(told.by_tenant)) == (25, 21)
    assert next(iter(told.by_tenant)).text == "team-24"
    assert told.by_tenant[OTHERS].sums.rows == sum(told.by_tenant[OTHERS].latencies.values()) == 5
    transactions: list[object] = []
    event.listen(studio.database._engine, "begin", transactions.append)
    service.figures(studio, teams, NOVEMBER)
    service.versions(studio, teams)
    assert len(transactions) == 2, "however many teams there are"


def test_a_hundred_years_by_day_are_told_by_year(november: Any, studio: Studio) -> None:
    century = View(Period(dt.date(1950, 1, 1), dt.date(2049, 12, 31)), chosen="day")
    told = service.figures(studio, "acme", century)
    assert (told.view.granularity, told.view.is_coarser) == ("year", True)
    assert {bucket.starts_on for bucket in told.over_time} == {dt.date(2026, 1, 1)}
    assert len(told.view.period.buckets(told.view.granularity)) == 100


@pytest.mark.parametrize("filters", [Filters(), Filters(model=DimensionValue.of("gpt-5"))])
def test_who_wants_sums_alone_gets_those_of_the_page(november: Any, studio: Studio, filters: Filters) -> None:
    page = service.figures(studio, "acme", replace(NOVEMBER, filters=filters))
    sums = service.figures(studio, "acme", replace(NOVEMBER, filters=filters, only_sums=True))
    left_out: dict[str, Any] = {
        "view": sums.view,
        "as_of": sums.as_of,
        "hours": {},
        "points": [],
        "unusual": [],
        "month": None,
    }
    assert sums == replace(page, **left_out, month_days={})
    assert page.total.rows
    assert page.hours
    assert page.points


def test_after_the_rows_were_emptied_nobody_is_shown_those_of_before(
    studio: Studio, insert_by_sql: InsertBySql, as_owner: RunSql
) -> None:
    for latency_ms in (100.0, 900.0):
        as_owner("TRUNCATE instagram_feeds")
        insert_by_sql(created_at=AT, latency_ms=latency_ms)
        assert service.figures(studio, "acme", NOVEMBER).total.latency_avg_ms == latency_ms
        assert service.figures(studio, EVERY_TEAM, NOVEMBER).total.latency_avg_ms == latency_ms


def test_who_looks_at_invented_captions_gets_them_beside_those_of_all_teams(
    november: Any, studio: Studio, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql(tenant_id=TENANT, created_at=AT, gpt_model_name="o3")
    view = replace(NOVEMBER, filters=Filters(model=DimensionValue.of("o3")))
    for tenants, rows in (([EVERY_TEAM], 11), ([EVERY_TEAM, TENANT], 12)):
        assert service.figures(studio, tenants, view).total.rows == rows


def test_of_all_teams_the_shown_ones_have_their_time_zones(
    november: Any, studio: Studio, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql(tenant_id="isle", created_at=AT, gpt_model_name="o3")
    metric_settings.save_settings(studio, "isle", MetricSettings(time_zone="Pacific/Auckland"))
    told = service.figures(studio, EVERY_TEAM, NOVEMBER)
    assert {value.plain for value in told.by_tenant} >= {"acme", "isle"}
    assert (told.zones["isle"], told.zones.get("acme")) == ("Pacific/Auckland", None)
    hours = replace(NOVEMBER, period=Period(AT.date(), AT.date()))
    assert service.figures(studio, EVERY_TEAM, hours).by_tenant[DimensionValue.of("isle")].sums.rows == 1
    transactions: list[object] = []
    event.listen(studio.database._engine, "begin", transactions.append)
    assert service.figures(studio, EVERY_TEAM, NOVEMBER).zones == told.zones
    assert len(transactions) == 1, "zones are kept with the figures"


def test_a_stranger_sees_nothing_of_it(november: Any, studio: Studio) -> None:
    told = service.figures(studio, "stranger", NOVEMBER)
    assert (told.total.rows, told.undated.rows, told.points, told.first_day) == (0, 0, [], None)


def test_the_period_before_is_counted_beside_it(november: Any, studio: Studio, insert_by_sql: InsertBySql) -> None:
    insert_by_sql(created_at=dt.datetime(2026, 10, 31, tzinfo=dt.UTC))
    told = service.figures(studio, "acme", NOVEMBER)
    assert (told.before.rows, told.comparable) == (1, False)
    insert_by_sql(created_at=dt.datetime(2026, 9, 1, tzinfo=dt.UTC))
    assert service.figures(studio, "acme", NOVEMBER).comparable
