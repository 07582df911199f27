"""What a team decides about its figures is its own, and is replaced under its name, model or day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from lib.store.database import Database
from lib.store.metrics import settings
from lib.store.metrics.settings import MetricSettings, Price, SavedView

DAY = dt.date(2026, 11, 1)


def price(model: str, starts_on: dt.date, cost: int) -> Price:
    return Price(model, starts_on, Decimal(cost), Decimal(1), Decimal(3))


def test_each_team_has_its_own(database: Database) -> None:
    with database.tenant("acme") as db:
        settings.put(db, "acme", MetricSettings(time_zone="Europe/Berlin"))
        settings.put_price(db, "acme", price("llama", DAY, 2))
        settings.put_view(db, "acme", "week", {"period": "7d"})
    with database.tenant("rival") as db:
        assert settings.get(db, "rival") == MetricSettings()
        for owner in ("rival", "acme"):
            assert settings.prices(db, owner) == []
            assert settings.views(db, owner) == []
        assert settings.prices_of(db, ["rival", "acme"]) == {}


def test_prices_of_a_model_are_in_the_order_of_their_days_and_replaced_on_the_same_day(database: Database) -> None:
    later = DAY + dt.timedelta(days=9)
    with database.tenant("acme") as db:
        for each in (
            price("llama", later, 5),
            price("llama", DAY, 2),
            price("alpaca", later, 1),
            price("llama", DAY, 3),
        ):
            settings.put_price(db, "acme", each)
        stored = [(each.model, each.starts_on, int(each.input_usd)) for each in settings.prices(db, "acme")]
        assert stored == [("alpaca", later, 1), ("llama", DAY, 3), ("llama", later, 5)]
        settings.delete_price(db, "acme", "llama", DAY)
        settings.delete_price(db, "acme", "llama", DAY)
        assert len(settings.prices(db, "acme")) == 2


def test_views_are_sorted_by_name_and_one_of_the_same_name_is_replaced(database: Database) -> None:
    with database.tenant("acme") as db:
        for name, period in (("week", "7d"), ("month", "30d"), ("week", "14d")):
            settings.put_view(db, "acme", name, {"period": period})
        assert settings.views(db, "acme") == [
            SavedView("month", {"period": "30d"}),
            SavedView("week", {"period": "14d"}),
        ]
        settings.delete_view(db, "acme", "week")
        assert [view.name for view in settings.views(db, "acme")] == ["month"]


@pytest.mark.parametrize(("name", "known"), [("Asia/Seoul", True), ("UTC", True), ("Mars/Base", False), ("", False)])
def test_a_zone_is_known_if_the_database_has_it(database: Database, name: str, known: bool) -> None:
    with database.tenant("acme") as db:
        assert settings.knows_zone(db, name) is known
