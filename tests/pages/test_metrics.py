"""The metrics page as a person uses it, without a browser: on a whole Studio and a real PostgreSQL."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import math
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection
from streamlit.testing.v1 import AppTest

from lib.demo.model import DemoModel
from lib.domain import feed_filter_url
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.dimensions import MISSING, DimensionValue, Filters
from lib.domain.errors import StudioError
from lib.domain.periods import Period
from lib.domain.totals import summed
from lib.metrics import service, settings
from lib.metrics.figures import WRITTEN, View
from lib.store import attempt_listing, feed_listing
from lib.store.database import Database
from lib.store.metrics.settings import MetricSettings, Price
from lib.studio import Studio
from lib.ui.metrics import cards as card_row
from lib.ui.metrics import charts, export
from lib.ui.metrics import report as reports
from tests.conftest import InsertBySql, Urls
from tests.pages.conftest import OpenPage
from tests.support import generating
from tests.support.patience import PATIENCE_S

USAGE = {"prompt_tokens": 1_000, "completion_tokens": 100}
PAGE = "metrics.py"
LONG_TONE = "차분하고 따뜻하게, 그러나 너무 길지는 않게. " * 20
DECOMPOSED = unicodedata.normalize("NFD", "따뜻하게")


@pytest.fixture
def captions(insert_by_sql: InsertBySql) -> Any:
    """Thirty captions of the last weeks, some of them saying nothing of their tokens, model or time."""
    now = dt.datetime.now(dt.UTC)
    for number in range(30):
        insert_by_sql(
            tenant_id="my-team",
            created_at=now - dt.timedelta(hours=17 * number),
            gpt_model_name=("gpt-5", "o3", "our-own-llama", None)[number % 4],
            tone_style=("따뜻하게", "=1+1 <b>", "재치 있게", LONG_TONE, f" {DECOMPOSED}", "")[number % 6],
            latency_ms=None if number % 9 == 0 else math.nan if number == 7 else 500.0 + 37 * number,
            token_usage=None if number % 7 == 0 else USAGE,
        )
    return now


def cards(page: Any) -> dict[str, str]:
    return {one.label: one.value.replace("\\", "") for one in page.app.metric}


def pictures(page: Any) -> list[str]:
    return [one.proto.alt for one in page.app.get("plotly_chart")]


def test_the_page_tells_all_its_figures(captions: Any, open_page: OpenPage) -> None:
    page = open_page(PAGE, lang="EN", period="90d")
    told = cards(page)
    assert told["Captions"] == "30"
    assert told["Cost"].startswith("$0.0")
    assert told["Failed requests"] == "unknown"
    assert "captions of models without a known price" in page.told()
    assert "Asia/Seoul time" in page.told()
    assert "as of" in page.told()
    assert len(pictures(page)) >= 7
    assert all(pictures(page))


def test_money_that_nobody_knows_is_unknown_everywhere_and_no_zero(
    insert_by_sql: InsertBySql, open_page: OpenPage, studio: Studio
) -> None:
    now = dt.datetime.now(dt.UTC)
    for number in range(40):
        insert_by_sql(
            tenant_id="my-team", created_at=now - dt.timedelta(minutes=number), gpt_model_name="our-own-llama",
            latency_ms=1_000.0 + number, token_usage=USAGE,
        )  # fmt: skip
    page = open_page(PAGE, lang="EN", period="7d")
    assert cards(page)["Cost"] == "unknown"
    assert "$0.00" not in page.told() + " ".join(pictures(page))
    assert "40 requests or captions of unknown cost are not included" in page.told()


def test_latencies_beyond_every_scale_are_within_their_bounds(
    insert_by_sql: InsertBySql, open_page: OpenPage, studio: Studio
) -> None:
    now = dt.datetime.now(dt.UTC)
    for latency in (1.7e308, 1.7e308, *[6 * 3_600_000.0] * 9, 0.0, 1_000.0):
        insert_by_sql(tenant_id="my-team", created_at=now, latency_ms=latency, token_usage=USAGE)
    page = open_page(PAGE, lang="EN", period="7d")
    assert cards(page)["Median latency (p50)"].startswith("≥")
    assert "Percentiles beyond 2.8 hours" in page.told()


def test_what_another_model_would_have_cost_is_compared_with_the_same_captions(
    insert_by_sql: InsertBySql, studio: Studio
) -> None:
    now = dt.datetime.now(dt.UTC)
    for number in range(44):
        model = "gpt-4o-mini" if number < 4 else "our-own-llama"
        insert_by_sql(tenant_id="my-team", created_at=now, gpt_model_name=model, token_usage=USAGE)
    told = figures_of(studio, now)
    assert (told.total.rows, told.priced.rows) == (44, 4)


def test_a_team_whose_captions_are_older_is_told_when_the_last_was_and_led_there(
    insert_by_sql: InsertBySql, open_page: OpenPage
) -> None:
    insert_by_sql(tenant_id="my-team", created_at="2025-03-05 12:00+09")
    page = open_page(PAGE, lang="EN", period="30d")
    assert "The last caption is of" in page.told()
    page.click("show_last")
    assert cards(page)["Captions"] == "1"
    assert page.app.query_params["last"] == "2025-03-05"


class CountingDatabase(Database):
    """Counts its transactions."""

    transactions = 0

    @contextlib.contextmanager
    def tenant(self, tenant_id: str) -> Iterator[Connection]:
        self.transactions += 1
        with super().tenant(tenant_id) as db:
            yield db

    @contextlib.contextmanager
    def directory(self) -> Iterator[Connection]:
        self.transactions += 1
        with super().directory() as db:
            yield db


def test_an_unchanged_page_is_drawn_again_by_at_most_five_transactions(
    captions: Any, open_page: OpenPage, studio: Studio, database_urls: Urls, insert_by_sql: InsertBySql
) -> None:
    database = CountingDatabase(database_urls.app, database_urls.owner)
    usual, studio.database = studio.database, database
    usual.close()
    page = open_page(PAGE, lang="EN", period="90d")
    database.transactions = 0
    assert cards(page.run())["Captions"] == "30"
    assert database.transactions <= 5
    insert_by_sql(tenant_id="my-team", created_at=captions)
    assert cards(page.run())["Captions"] == "31"


def test_in_korean_too(captions: Any, open_page: OpenPage) -> None:
    assert cards(open_page(PAGE, lang="KO", period="90d"))["글"] == "30"


def test_nobodys_page_says_what_will_be_here_and_loads_samples_when_asked(open_page: OpenPage) -> None:
    page = open_page(PAGE, lang="EN")
    assert cards(page) == {}
    page.click("load_sample")
    assert page.app.session_state["tenant_id"] == "sample"
    assert "Sample data" in page.told("info")
    assert cards(page)["Captions"] != "0"


def test_the_address_says_what_is_shown(captions: Any, open_page: OpenPage) -> None:
    page = open_page(PAGE, lang="EN", period="90d", model="=o3")
    assert cards(page)["Captions"] == "8"
    page.fill(metrics_period="365d").run()
    assert page.app.query_params["period"] == "365d"
    page.click("drop_model")
    assert "model" not in page.app.query_params
    assert cards(page)["Captions"] == "30"


@pytest.mark.parametrize("nonsense", [{"period": "x"}, {"first": "never"}, {"slot": "decade"}, {"model": "o3"}])
def test_an_address_that_says_nothing_shows_what_is_usual(captions: Any, open_page: OpenPage, nonsense: Any) -> None:
    assert cards(open_page(PAGE, lang="EN", **nonsense))["Captions"] == "30"


def test_a_view_is_saved_and_opened_again(captions: Any, open_page: OpenPage, studio: Studio) -> None:
    page = open_page(PAGE, lang="EN", period="90d", model="=o3")
    page.fill(metrics_view_name="o3만").click("save_view")
    page.fill(metrics_period="365d").run()
    page.click("view_0")
    assert page.app.query_params["period"] == "90d"
    page.click("forget_view_0")
    assert settings.settings_of(studio, "my-team")[2] == []


def test_settings_that_are_none_are_told_and_kept_out(captions: Any, open_page: OpenPage, studio: Studio) -> None:
    page = open_page(PAGE, lang="EN")
    assert "set_budget_usd" not in {field.key for field in page.app.text_input}, "what is closed is not drawn"
    page.app.session_state["metrics_settings"] = True
    page.run()
    page.fill(set_budget_usd="viel")
    page.app.button(key="FormSubmitter:metrics_settings_form@my-team-Save settings").click()
    page.run()
    assert "Enter a number." in page.told("error")
    page.fill(set_budget_usd="0.001", set_krw_per_usd="1432.5")
    page.app.button(key="FormSubmitter:metrics_settings_form@my-team-Save settings").click()
    page.run()
    decided = settings.settings_of(studio, "my-team")[0]
    assert (decided.budget_usd, decided.krw_per_usd) == (Decimal("0.001"), Decimal("1432.5"))
    assert "₩" in cards(page)["Cost"]
    assert "budget" in page.told("warning")


def test_the_sum_of_all_teams_says_in_which_zones(
    captions: Any, open_page: OpenPage, insert_by_sql: InsertBySql, studio: Studio
) -> None:
    insert_by_sql(tenant_id="other", created_at=captions)
    page = open_page(PAGE, lang="EN", period="90d", all="1")
    assert cards(page)["Captions"] == "31"
    assert "each team in its own time zone" in page.told()


def test_a_database_that_is_away_is_said(captions: Any, open_page: OpenPage, studio: Studio) -> None:
    page = open_page(PAGE, lang="EN")
    there, away = studio.database, Database("postgresql://app@127.0.0.1:1/nowhere")
    studio.database = away
    page.run()
    studio.database = there
    away.close()
    assert "The database does not answer" in page.told("error")
    assert cards(page.run())["Captions"] == "30"


# -- from a picture to its rows, and to a file ----------------------------------------------------------------------


def drawn(studio: Studio, call: Any) -> Any:
    """What the call gives, made as the page makes it: in a session."""
    got: list[Any] = []

    def script() -> None:
        import streamlit as st

        from lib.ui.core import words

        st.session_state[words.LANGUAGE_KEY] = "en"
        st.session_state["got"].append(st.session_state["call"]())

    app = AppTest.from_function(script, default_timeout=PATIENCE_S)
    app.session_state["got"], app.session_state["call"] = got, call
    app.run()
    assert not app.exception
    return got[0]


def figures_of(studio: Studio, now: Any, **wanted: Any) -> Any:
    today = now.astimezone(dt.timezone(dt.timedelta(hours=9))).date()
    return service.figures(studio, "my-team", View(Period(today - dt.timedelta(days=29), today), **wanted))


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


def opened_by(studio: Studio, chart: Any, tenant: str = "my-team") -> Iterator[Any]:
    """By each point of a chart of captions: how many it counts, and how many it opens."""
    for trace in chart.figure.data:
        counts = trace.x if trace.orientation == "h" else trace.y
        for place, count in zip(trace.customdata or (), counts, strict=True):
            query = chart.queries[int(place[0])]
            with studio.database.tenant(query["tenant_id"]) as db:
                wanted = feed_filter_url.from_query(query)
                opened = feed_listing.count(db, query["tenant_id"], wanted)
                assert len(feed_listing.page(db, query["tenant_id"], wanted, limit=100).rows) == opened
            yield count, opened


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


def test_the_file_of_a_picture_adds_up_to_the_card(captions: Any, studio: Studio) -> None:
    told = figures_of(studio, captions)
    parts = service.breakdown(studio, ["my-team"], told.view, "tone")
    chart = drawn(studio, lambda: charts.breakdown(told, parts, "tone", "cost"))
    file = export.as_csv(chart.table)
    assert file.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))
    assert sum(Decimal(row["cost (USD)"]) for row in rows) == told.total.cost_usd
    assert sum(int(row["Captions"]) for row in rows) == told.total.rows
    assert "'=1+1 <b>" in [row["Tone"] for row in rows]  # no formula of a spreadsheet's


def test_the_report_is_one_file_that_fetches_nothing(captions: Any, studio: Studio) -> None:
    told = figures_of(studio, captions)

    def make() -> Any:
        import streamlit as st

        from lib.ui.metrics import figures

        st.session_state[figures.KEPT] = {"parts": {}}
        return reports.make(studio, told), card_row.cards(told)

    report, shown = drawn(studio, make)
    page = report.decode()
    assert "<script src" not in page
    assert "<link" not in page
    assert "<img" not in page.partition("<h1>")[2].partition("<script")[0]
    assert "<b>" not in page.partition("<h1>")[2].partition("plotly.js")[0]
    assert page.count("<section>") >= 6
    for card in shown:
        assert card.name in page
    assert f"{told.total.cost_usd:f}" in page or shown[1].value in page


def test_what_another_model_would_have_cost_is_drawn_unknown_where_it_is(captions: Any, studio: Studio) -> None:
    from lib.domain.forecast import what_if

    told = figures_of(studio, captions)
    chart = drawn(studio, lambda: charts.comparison(told, [what_if(told.total, "gpt-99", captions, [])]))
    assert chart.figure.data[0].y[1] is None
    assert chart.figure.data[0].text[1] == "unknown"


def test_own_prices_reach_the_page(captions: Any, studio: Studio, open_page: OpenPage) -> None:
    before = figures_of(studio, captions)
    settings.set_price(
        studio, "my-team", Price("our-own-llama", dt.date(2020, 1, 1), Decimal(1), Decimal(1), Decimal(1))
    )
    after = figures_of(studio, captions)
    assert after.total.without_price < before.total.without_price
    assert after.total.cost_usd > before.total.cost_usd
    page = open_page(PAGE, lang="EN")
    page.app.session_state["metrics_settings"] = True
    assert "our-own-llama · 2020-01-01" in page.run().told()


def test_settings_of_one_team_are_not_anothers(studio: Studio, open_page: OpenPage) -> None:
    settings.save_settings(studio, "other", MetricSettings(time_zone="Europe/Berlin"))
    assert "Asia/Seoul" in open_page(PAGE, lang="EN").told()
