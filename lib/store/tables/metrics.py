"""What was counted for the figures, and what a team has set for them."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Identity,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lib.store.tables.base import NOW, Base


class MetricChange(Base):
    """A row that somebody wrote, changed or deleted, to be counted at the next look."""

    __tablename__ = "studio_metric_changes"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    entry: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    """``feed``, ``attempt``, or ``deleted`` for what was spent on a row of either that is gone."""
    row_id: Mapped[uuid.UUID]
    is_new: Mapped[bool] = mapped_column(server_default=false())
    """Whether it was inserted, and so was never counted. What it says follows, as it is counted: only of new feeds."""
    created_at: Mapped[dt.datetime | None]
    """Of other changes, an instant at which the row stood or stands; NULL where it had none or it is not told."""
    model: Mapped[str | None] = mapped_column(Text)
    tier: Mapped[str | None] = mapped_column(Text)
    tone: Mapped[str | None] = mapped_column(Text)
    job_id: Mapped[uuid.UUID | None]
    latency_ms: Mapped[float | None]
    prompt: Mapped[int | None]
    cached: Mapped[int | None]
    written: Mapped[int | None]
    completion: Mapped[int | None]
    reasoning: Mapped[int | None]


class MetricFact(Base):
    """What one row was counted as. Its day and hour are those of the tenant's zone; NULL is what the row tells not."""

    __tablename__ = "studio_metric_facts"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "day", "kind", "row_id"),
        Index("studio_metric_facts_deleted", "tenant_id", "row_id", postgresql_where=text("kind = 'deleted'")),
    )

    tenant_id: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(Text)
    row_id: Mapped[uuid.UUID]
    day: Mapped[dt.date]
    hour: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[dt.datetime | None]
    model: Mapped[str | None] = mapped_column(Text)
    tier: Mapped[str | None] = mapped_column(Text)
    tone: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)
    prompt_version: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    job_id: Mapped[uuid.UUID | None]
    approved: Mapped[bool] = mapped_column("kept")
    latency_ms: Mapped[float | None]
    bin: Mapped[int | None] = mapped_column(SmallInteger)
    """Of the latency's histogram, see ``lib.domain.periods``."""
    prompt: Mapped[int | None]
    cached: Mapped[int | None]
    written: Mapped[int | None]
    completion: Mapped[int | None]
    reasoning: Mapped[int | None]
    cost: Mapped[Decimal | None] = mapped_column(Numeric())
    spent: Mapped[bool] = mapped_column(server_default=false())
    """Whether it is a part of what was spent: a request, or a caption without one. Deleted rows stay a part of it."""


class MetricCell(Base):
    """The sums of a day's facts that share the value of a facet (model, tone, ...); a fact is in one cell of each.

    Under the empty tenant, the sums of all tenants; see ``studio_add_up_teams``.
    """

    __tablename__ = "studio_metric_cells"
    __table_args__ = (Index("studio_metric_cells_day", "day"),)

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    facet: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    rows: Mapped[int] = mapped_column(BigInteger)
    approved: Mapped[int] = mapped_column("kept", BigInteger)
    timed: Mapped[int] = mapped_column(BigInteger)
    latency_sum: Mapped[Decimal] = mapped_column(Numeric())
    latency_min: Mapped[float | None]
    latency_max: Mapped[float | None]
    used: Mapped[int] = mapped_column(BigInteger)
    prompt: Mapped[int] = mapped_column(BigInteger)
    cached: Mapped[int] = mapped_column(BigInteger)
    written: Mapped[int] = mapped_column(BigInteger)
    completion: Mapped[int] = mapped_column(BigInteger)
    reasoning: Mapped[int] = mapped_column(BigInteger)
    priced: Mapped[int] = mapped_column(BigInteger)
    cost: Mapped[Decimal] = mapped_column(Numeric())


class MetricChangedDay(Base):
    """A day on which a tenant's totals changed since they were last added up over all tenants."""

    __tablename__ = "studio_metric_changed_days"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    entry: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    day: Mapped[dt.date]


class MetricLatency(Base):
    """The latencies of a day, a week or a month (``span``), by value of a facet: how many are in which bins."""

    __tablename__ = "studio_metric_latencies"
    __table_args__ = (Index("studio_metric_latencies_begins", "begins"),)

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    facet: Mapped[str] = mapped_column(Text, primary_key=True)
    span: Mapped[str] = mapped_column(Text, primary_key=True)
    begins: Mapped[dt.date] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    bins: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    counts: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class MetricTariff(Base):
    """What a token of a model cost between two instants, as ``lib.domain.pricing`` says; NULL where that is unknown."""

    __tablename__ = "studio_metric_tariffs"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    model: Mapped[str] = mapped_column(Text, primary_key=True)
    tier: Mapped[str] = mapped_column(Text, primary_key=True)
    starts_at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    prompt_over: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ends_at: Mapped[dt.datetime]
    prompt_to: Mapped[int] = mapped_column(BigInteger)
    input: Mapped[Decimal | None] = mapped_column(Numeric())
    cached: Mapped[Decimal | None] = mapped_column(Numeric())
    written: Mapped[Decimal | None] = mapped_column(Numeric())
    output: Mapped[Decimal | None] = mapped_column(Numeric())


class MetricState(Base):
    """In which zone and at which prices a tenant was counted, and how often so far."""

    __tablename__ = "studio_metric_states"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    counted_as: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(BigInteger)


class OwnPrice(Base):
    """What a tenant says one of its own models costs from a day on, in USD per million tokens."""

    __tablename__ = "studio_prices"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    model: Mapped[str] = mapped_column(String(255), primary_key=True)
    starts_on: Mapped[dt.date] = mapped_column(primary_key=True)
    input_usd: Mapped[Decimal]
    cached_usd: Mapped[Decimal]
    output_usd: Mapped[Decimal]
    economy_percent: Mapped[Decimal] = mapped_column(server_default=text("50"))
    """What a request through OpenAI's Batch API costs of it."""


class TenantSettings(Base):
    """What a tenant has decided about its figures; without a row, the defaults hold."""

    __tablename__ = "studio_tenant_settings"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    time_zone: Mapped[str] = mapped_column(Text, server_default="Asia/Seoul")
    budget_usd: Mapped[Decimal | None]
    """A month."""
    krw_per_usd: Mapped[Decimal | None]
    krw_rate_on: Mapped[dt.date | None]
    """The day of which that rate is."""


class SavedView(Base):
    """A period and filters of the metrics page under a name of the tenant's choosing."""

    __tablename__ = "studio_saved_views"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    query: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
