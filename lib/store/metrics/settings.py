"""What a tenant has set for its figures: time zone, budget, exchange rate, own prices, saved views."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, Connection, Text, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from lib.domain.periods import DEFAULT_ZONE
from lib.domain.pricing import ECONOMY_PERCENT
from lib.store.tables import OwnPrice as PriceTable
from lib.store.tables import SavedView as ViewTable
from lib.store.tables import TenantSettings as Table

LONGEST_NAME = 80
"""Characters of a view's name."""


@dataclass(frozen=True)
class MetricSettings:
    """What a tenant has set for its figures; the defaults hold where it has set nothing."""

    time_zone: str = DEFAULT_ZONE
    """In which its days start and end; an IANA name."""
    budget_usd: Decimal | None = None
    """USD a month."""
    krw_per_usd: Decimal | None = None
    krw_rate_on: dt.date | None = None
    """The day on which that exchange rate was set."""


@dataclass(frozen=True)
class Price:
    """What one of the tenant's own models costs from a day on, in USD per million tokens."""

    model: str
    starts_on: dt.date
    input_usd: Decimal
    cached_usd: Decimal
    output_usd: Decimal
    economy_percent: Decimal = ECONOMY_PERCENT
    """What a request through the Batch API costs of it, from 0 to 100."""


@dataclass(frozen=True)
class SavedView:
    """A period and filters under a name, as the address of the metrics page spells them."""

    name: str
    query: dict[str, str]


_GET = select(Table.time_zone, Table.budget_usd, Table.krw_per_usd, Table.krw_rate_on).where(
    Table.tenant_id == bindparam("tenant")
)
_ZONES = select(Table.tenant_id, Table.time_zone).where(
    Table.tenant_id == func.any(bindparam("tenants", type_=ARRAY(Text())))
)
_ZONE = text("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = :zone)")
_PRICES = (
    select(PriceTable.tenant_id, *(getattr(PriceTable, name) for name in Price.__dataclass_fields__))
    .where(PriceTable.tenant_id == func.any(bindparam("tenants", type_=ARRAY(Text()))))
    .order_by(PriceTable.model, PriceTable.starts_on)
)


def zones(db: Connection, tenants: Sequence[str]) -> dict[str, str]:
    """The time zones of those of the tenants that have set something; that of the others is the default."""
    return {row.tenant_id: row.time_zone for row in db.execute(_ZONES, {"tenants": list(tenants)})}


def get(db: Connection, tenant_id: str) -> MetricSettings:
    """The tenant's settings, or the defaults."""
    row = db.execute(_GET, {"tenant": tenant_id}).one_or_none()
    return MetricSettings(*row) if row else MetricSettings()


def put(db: Connection, tenant_id: str, settings: MetricSettings) -> None:
    """Replace the tenant's settings."""
    values = {name: getattr(settings, name) for name in MetricSettings.__dataclass_fields__}
    db.execute(
        insert(Table)
        .values(tenant_id=tenant_id, **values)
        .on_conflict_do_update(index_elements=[Table.tenant_id], set_=values)
    )


def knows_zone(db: Connection, name: str) -> bool:
    """Whether the database has a time zone of this name."""
    return bool(db.scalar(_ZONE, {"zone": name}))


def prices(db: Connection, tenant_id: str) -> list[Price]:
    """The tenant's own prices, by model and day."""
    return prices_of(db, [tenant_id]).get(tenant_id, [])


def prices_of(db: Connection, tenants: Sequence[str]) -> dict[str, list[Price]]:
    """The own prices of each of the tenants that has some, by model and day."""
    prices: dict[str, list[Price]] = {}
    for tenant_id, *price in db.execute(_PRICES, {"tenants": list(tenants)}):
        prices.setdefault(tenant_id, []).append(Price(*price))
    return prices


def put_price(db: Connection, tenant_id: str, price: Price) -> None:
    """Add a price, or correct the one that starts on the same day."""
    values = dict(vars(price))
    statement = insert(PriceTable).values(tenant_id=tenant_id, **values)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=[PriceTable.tenant_id, PriceTable.model, PriceTable.starts_on], set_=values
        )
    )


def delete_price(db: Connection, tenant_id: str, model: str, starts_on: dt.date) -> None:
    """Delete the price of a model that starts on that day, if it exists."""
    db.execute(
        delete(PriceTable).where(
            PriceTable.tenant_id == tenant_id, PriceTable.model == model, PriceTable.starts_on == starts_on
        )
    )


def views(db: Connection, tenant_id: str) -> list[SavedView]:
    """The tenant's saved views by name."""
    statement = select(ViewTable.name, ViewTable.query).where(ViewTable.tenant_id == tenant_id).order_by(ViewTable.name)
    return [SavedView(*row) for row in db.execute(statement)]


def put_view(db: Connection, tenant_id: str, name: str, query: dict[str, Any]) -> None:
    """Save a view; one of the same name is replaced."""
    statement = insert(ViewTable).values(tenant_id=tenant_id, name=name, query=query)
    db.execute(
        statement.on_conflict_do_update(index_elements=[ViewTable.tenant_id, ViewTable.name], set_={"query": query})
    )


def delete_view(db: Connection, tenant_id: str, name: str) -> None:
    """Remove a view."""
    db.execute(delete(ViewTable).where(ViewTable.tenant_id == tenant_id, ViewTable.name == name))
