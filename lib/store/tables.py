"""Every table as SQLAlchemy sees it: the specification's own, and ours beside it (prefixed ``studio_``).

A test proves that these models and the migrations agree. ``instagram_feeds`` is fixed by the specification: no column
is ever added to it, dropped from it or retyped. Every table of ours names its tenant, first in its primary key, so
that a foreign key can never reach another tenant's row.
"""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Double,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NOW = text("CURRENT_TIMESTAMP")
NEW_UUID = text("uuid_generate_v4()")


class Base(DeclarativeBase):
    """All tables; JSON documents are JSONB, instants are timestamptz in UTC."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dict[str, Any]: JSONB(none_as_null=True),
        dt.datetime: DateTime(timezone=True),
        uuid.UUID: Uuid(),
        float: Double(),
        bytes: LargeBinary(),
        list[str]: ARRAY(Text()),
        Decimal: Numeric(18, 9),
    }


# -- the pipeline's tables, as little of them as we rely on ---------------------------------------------------------


class Job(Base):
    """A run of the upstream pipeline; on a pipeline's database this table is richer, and not ours."""

    __tablename__ = "jobs"

    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_UUID)
    tenant_id: Mapped[str] = mapped_column(String(255))
    status: Mapped[str | None] = mapped_column(Text)
    current_step: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    updated_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)


class OverlayLayout(Base):
    """Where the pipeline placed text on a picture; on a pipeline's database this table is richer, and not ours."""

    __tablename__ = "overlay_layouts"

    overlay_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_UUID)
    layout: Mapped[dict[str, Any] | None]
    created_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    updated_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)


# -- the specification's table --------------------------------------------------------------------------------------


class InstagramFeed(Base):
    """One stored caption with what it was made from and what it took. Other programs write here too."""

    __tablename__ = "instagram_feeds"
    __table_args__ = (
        Index("idx_instagram_feeds_job_id", "job_id"),
        Index("idx_instagram_feeds_overlay_id", "overlay_id"),
        Index("idx_instagram_feeds_tenant_id", "tenant_id"),
        Index("idx_instagram_feeds_created_at", "created_at"),
        Index("studio_feeds_newest", "tenant_id", text("created_at DESC"), text("instagram_feed_id DESC")),
    )

    instagram_feed_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_UUID)
    job_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("jobs.job_id"))
    overlay_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("overlay_layouts.overlay_id"))
    tenant_id: Mapped[str] = mapped_column(String(255))
    refined_ad_copy_eng: Mapped[str] = mapped_column(Text)
    tone_style: Mapped[str] = mapped_column(Text)
    product_description: Mapped[str] = mapped_column(Text)
    store_information: Mapped[str] = mapped_column(Text)
    gpt_prompt: Mapped[str] = mapped_column(Text)
    instagram_ad_copy: Mapped[str] = mapped_column(Text)
    hashtags: Mapped[str] = mapped_column(Text)
    gpt_model_name: Mapped[str | None] = mapped_column(String(255))
    gpt_max_tokens: Mapped[int | None]
    gpt_temperature: Mapped[float | None]
    gpt_prompt_used: Mapped[str | None] = mapped_column(Text)
    gpt_response_raw: Mapped[dict[str, Any] | None]
    latency_ms: Mapped[float | None]
    token_usage: Mapped[dict[str, Any] | None]
    pk: Mapped[int | None] = mapped_column(FetchedValue())
    """From a sequence, which an adopted table may call by another name than ours."""
    created_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    updated_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)


# -- ours -----------------------------------------------------------------------------------------------------------


class Tenant(Base):
    """A tenant that has used this app: the directory that a person chooses from."""

    __tablename__ = "studio_tenants"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class Generation(Base):
    """One caption that somebody asked for: the brief is here before any money is spent.

    ``finished_at`` stays NULL until it is known how the generation ended; its ``outcome`` is that of its last attempt.
    """

    __tablename__ = "studio_generations"
    __table_args__ = (
        UniqueConstraint("tenant_id", "idempotency_key", name="studio_generations_idempotency_key"),
        Index("studio_generations_run", "tenant_id", "run_id"),
        Index("studio_generations_feed", "tenant_id", "instagram_feed_id"),
        Index("studio_generations_newest", "tenant_id", "created_at"),
        Index(
            "studio_generations_children",
            "tenant_id",
            "parent_feed_id",
            postgresql_where=text("parent_feed_id IS NOT NULL"),
        ),
        Index("studio_generations_unfinished", "tenant_id", "created_at", postgresql_where=text("finished_at IS NULL")),
    )

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    generation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    run_id: Mapped[uuid.UUID]
    """The press of the button: its variants share it."""
    variant: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[str] = mapped_column(Text)
    idempotency_key: Mapped[str | None] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(Text)
    """SHA-256 of what was asked for, so that a reused key with another brief is noticed."""
    brief: Mapped[dict[str, Any]]
    options: Mapped[dict[str, Any]]
    prompt_version: Mapped[str] = mapped_column(Text)
    parent_feed_id: Mapped[uuid.UUID | None]
    """The feed this one was derived from. No foreign key: other programs may delete feeds."""
    change: Mapped[str | None] = mapped_column(Text)
    instagram_feed_id: Mapped[uuid.UUID | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
    finished_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)


class Attempt(Base):
    """One request to a model, recorded before it was sent; ``outcome`` is NULL while nobody knows how it ended."""

    __tablename__ = "studio_attempts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "generation_id"],
            ["studio_generations.tenant_id", "studio_generations.generation_id"],
            name="studio_attempts_generation",
            ondelete="CASCADE",
        ),
        Index("studio_attempts_generation_number", "tenant_id", "generation_id", "number", unique=True),
        Index("studio_attempts_newest", "tenant_id", "created_at"),
        Index("studio_attempts_ended", "tenant_id", "outcome", text("created_at DESC"), text("attempt_id DESC")),
        Index("studio_attempts_unknown", "tenant_id", "created_at", postgresql_where=text("outcome = 'unknown'")),
    )

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    attempt_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    generation_id: Mapped[uuid.UUID]
    number: Mapped[int] = mapped_column(SmallInteger)
    request: Mapped[dict[str, Any]]
    """The body as sent, without key and headers."""
    outcome: Mapped[str | None] = mapped_column(Text)
    error_class: Mapped[str | None] = mapped_column(Text)
    """The class that was raised on the way, such as ``ReadTimeout`` or ``RateLimitError``."""
    error_code: Mapped[str | None] = mapped_column(Text)
    """The ``StudioError`` that a person was shown."""
    error_params: Mapped[dict[str, Any] | None]
    provider_code: Mapped[str | None] = mapped_column(Text)
    """What the endpoint calls its error, such as ``insufficient_quota``."""
    http_status: Mapped[int | None]
    request_id: Mapped[str | None] = mapped_column(Text)
    """OpenAI's ``x-request-id``."""
    response_body: Mapped[bytes | None]
    """The answer's bytes exactly as they came."""
    response: Mapped[dict[str, Any] | None]
    """The answer as one chat.completion object, where it can be read as one."""
    model_name: Mapped[str | None] = mapped_column(String(255))
    token_usage: Mapped[dict[str, Any] | None]
    latency_ms: Mapped[float | None]
    first_byte_ms: Mapped[float | None]
    estimated_cost_usd: Mapped[Decimal | None]
    """At most this much, where the bill is not known."""
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
    finished_at: Mapped[dt.datetime | None]


# -- what becomes of a feed -----------------------------------------------------------------------------------------


class FeedState(Base):
    """Where a feed stands between draft and archive; a feed without a row here is a draft and nobody's favourite."""

    __tablename__ = "studio_feed_states"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    feed_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(Text, server_default="draft")
    favourite: Mapped[bool] = mapped_column(server_default=false())


class FeedMove(Base):
    """One step of a feed from status to status, never changed afterwards; ``person`` is NULL where nobody said who."""

    __tablename__ = "studio_feed_moves"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    feed_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_status: Mapped[str] = mapped_column(Text)
    to_status: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    person: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class FeedVersion(Base):
    """A caption as it stood after a change; the first is how it stood before anybody changed it.

    Written by a trigger on ``instagram_feeds``, so that the change of another program is a version too.
    """

    __tablename__ = "studio_feed_versions"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    feed_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    instagram_ad_copy: Mapped[str] = mapped_column(Text)
    hashtags: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    """``original``, ``edit``, ``restore``, or ``outside`` for the change of another program."""
    restored: Mapped[int | None]
    """The number of the version that was restored."""
    person: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class FeedIndex(Base):
    """What a feed is found by, kept true by triggers on ``instagram_feeds`` and ``studio_feed_states``.

    The app's role may not read it; it asks ``studio_find_feeds`` and ``studio_count_feeds``, which look only at the
    tenant that the transaction names. They run as the owner, so this one table's row-level security must not be
    forced on the owner: array containment is no leakproof operator, and under a policy no index would serve it.
    """

    __tablename__ = "studio_feed_index"
    __table_args__ = (
        Index("studio_feed_index_latency", "tenant_id", "latency_ms"),
        Index("studio_feed_index_newest", "tenant_id", text("created_at DESC"), text("feed_id DESC")),
        Index(
            "studio_feed_index_keys",
            "facets",
            text("studio_grams(tenant_id::text, body)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "on", "gin_pending_list_limit": "512"},
        ),
    )

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    feed_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    created_at: Mapped[dt.datetime]
    """``-infinity`` where the feed has none."""
    latency_ms: Mapped[float | None]
    facets: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    """Hashes of all that can be asked for exactly, with the tenant in each: ``model:...``, ``#tag``, ``live``, ..."""
    body: Mapped[str] = mapped_column(Text)
    """Caption, product, ad copy and store, in lower case and composed (NFC)."""


# -- programs that speak for a tenant ---------------------------------------------------------------------------------


class ApiKey(Base):
    """A key with which a program speaks for a tenant; of its secret there is only a keyed hash."""

    __tablename__ = "studio_api_keys"
    __table_args__ = (Index("studio_api_keys_key_id", "key_id"),)

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """The public part, by which the key is found before its tenant is known."""
    name: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]]
    secret_hash: Mapped[bytes]
    """HMAC-SHA256 of the secret under the server's pepper."""
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]


# -- figures --------------------------------------------------------------------------------------------------------


class MetricChange(Base):
    """A row that somebody wrote, changed or deleted, to be counted at the next look."""

    __tablename__ = "studio_metric_changes"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    entry: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    """``feed`` or ``attempt``."""
    row_id: Mapped[uuid.UUID]
    is_new: Mapped[bool] = mapped_column(server_default=false())
    """Whether it was inserted, and so was never counted; what it says follows, of none but new feeds."""
    created_at: Mapped[dt.datetime | None]
    """Of other changes, an instant at which the row stood or stands; NULL where it had none or it is not told."""
    model: Mapped[str | None] = mapped_column(Text)
    tier: Mapped[str | None] = mapped_column(Text)
    tone: Mapped[str | None] = mapped_column(Text)
    job_id: Mapped[uuid.UUID | None]
    latency_ms: Mapped[float | None]
    token_usage: Mapped[dict[str, Any] | None]


class MetricFact(Base):
    """What one row was counted as. Its day and hour are those of the tenant's zone; NULL is what the row tells not."""

    __tablename__ = "studio_metric_facts"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "day", "kind", "row_id"),)

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
    kept: Mapped[bool]
    latency_ms: Mapped[float | None]
    bin: Mapped[int | None] = mapped_column(SmallInteger)
    """Of the latency's histogram, see ``lib.domain.periods``."""
    prompt: Mapped[int | None]
    cached: Mapped[int | None]
    written: Mapped[int | None]
    completion: Mapped[int | None]
    reasoning: Mapped[int | None]
    cost: Mapped[Decimal | None] = mapped_column(Numeric())


class MetricCell(Base):
    """The sums of a day's facts that share the value of a facet (model, tone, ...); a fact is in one cell of each."""

    __tablename__ = "studio_metric_cells"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    facet: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    rows: Mapped[int] = mapped_column(BigInteger)
    kept: Mapped[int] = mapped_column(BigInteger)
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


class MetricLatency(Base):
    """The latencies of a day, a week or a month (``span``), by value of a facet: how many are in which bins."""

    __tablename__ = "studio_metric_latencies"

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
