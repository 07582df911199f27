"""What a tenant sets for its figures: time zone, budget, exchange rate, own prices, saved views."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from lib.domain.errors import InvalidSettings, Problem
from lib.domain.periods import FIRST_DAY, LAST_DAY
from lib.domain.pricing import OwnPrice
from lib.store.metrics import counting
from lib.store.metrics import settings as stored_settings
from lib.store.metrics.settings import MetricSettings, Price
from lib.studio import Studio


def own_prices(settings: MetricSettings, prices: list[Price]) -> list[OwnPrice]:
    """The tenant's prices as ``lib.domain.pricing`` takes them, each from the first instant of its day."""
    return counting.prices_in(settings, prices)


def own_prices_of(studio: Studio, tenant_id: str) -> list[OwnPrice]:
    """The tenant's own prices, read from the database: a caption costs by them what it costs in the figures."""
    settings, prices, _ = settings_of(studio, tenant_id)
    return own_prices(settings, prices)


# -- what a tenant decides ------------------------------------------------------------------------------------------


def settings_of(studio: Studio, tenant_id: str) -> tuple[MetricSettings, list[Price], list[stored_settings.SavedView]]:
    """The tenant's settings, own prices and saved views."""
    with studio.database.tenant(tenant_id) as db:
        return (
            stored_settings.get(db, tenant_id),
            stored_settings.prices(db, tenant_id),
            stored_settings.views(db, tenant_id),
        )


def save_settings(studio: Studio, tenant_id: str, settings: MetricSettings) -> None:
    """Another zone, budget or rate. Raises ``InvalidSettings`` with every problem at once."""
    problems = [
        Problem(name, "not_positive")
        for name in ("budget_usd", "krw_per_usd")
        if (value := getattr(settings, name)) is not None and not Decimal(0) < value < Decimal(10) ** 9
    ]
    with studio.database.tenant(tenant_id) as db:
        if settings.time_zone not in zoneinfo.available_timezones() or not stored_settings.knows_zone(
            db, settings.time_zone
        ):
            problems.append(Problem("time_zone", "no_such_zone", {"value": settings.time_zone[:80]}))
        if problems:
            raise InvalidSettings(problems)
        stored_settings.put(db, tenant_id, settings)


def set_price(studio: Studio, tenant_id: str, price: Price) -> None:
    """Say what a model costs from a day on; what was counted since at another price is counted again.

    Raises ``InvalidSettings``, and ``FiguresBeingCounted`` where the counting of others leaves no room for it.
    """
    problems = [] if price.model.strip() else [Problem("model", "missing")]
    problems += [
        Problem(name, "not_positive")
        for name in ("input_usd", "cached_usd", "output_usd")
        if not Decimal(0) <= getattr(price, name) < Decimal(10) ** 9
    ]
    if not 0 <= price.economy_percent <= 100:
        problems.append(Problem("economy_percent", "out_of_range", {"least": 0, "most": 100}))
    if not FIRST_DAY <= price.starts_on <= LAST_DAY:
        problems.append(Problem("starts_on", "out_of_range", {"least": FIRST_DAY, "most": LAST_DAY}))
    if problems:
        raise InvalidSettings(problems)
    with studio.database.tenant(tenant_id) as db:
        counting.acquire_lock(db, tenant_id)
        stored_settings.put_price(db, tenant_id, replace(price, model=price.model.strip()))
        counting.recount_model(db, tenant_id, price.model.strip())


def delete_price(studio: Studio, tenant_id: str, model: str, starts_on: dt.date) -> None:
    """Take a price back. Raises ``FiguresBeingCounted`` where the counting of others leaves no room for it."""
    with studio.database.tenant(tenant_id) as db:
        counting.acquire_lock(db, tenant_id)
        stored_settings.delete_price(db, tenant_id, model, starts_on)
        counting.recount_model(db, tenant_id, model)


def save_view(studio: Studio, tenant_id: str, name: str, query: Mapping[str, str]) -> None:
    """Keep a period and filters under a name; the same name replaces. Raises ``InvalidSettings``."""
    name = " ".join(name.split())
    if not name or len(name) > stored_settings.LONGEST_NAME:
        code = "too_long" if name else "missing"
        values = {"length": len(name), "most": stored_settings.LONGEST_NAME}
        raise InvalidSettings([Problem("view_name", code, values if name else {})])
    with studio.database.tenant(tenant_id) as db:
        stored_settings.put_view(db, tenant_id, name, dict(query))


def delete_view(studio: Studio, tenant_id: str, name: str) -> None:
    """Forget a view."""
    with studio.database.tenant(tenant_id) as db:
        stored_settings.delete_view(db, tenant_id, name)
