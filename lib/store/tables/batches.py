"""Batches and their rows, the processes that are at work, and how often a team may ask a model."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lib.store.tables.base import NOW, Base


class Batch(Base):
    """Many briefs that are written together: who wants them, how far they are, and why they wait."""

    __tablename__ = "studio_batches"
    __table_args__ = (
        UniqueConstraint("tenant_id", "idempotency_key", name="studio_batches_idempotency_key"),
        Index("studio_batches_newest", "tenant_id", "created_at", "batch_id"),
        Index("studio_batches_open", "created_at", postgresql_where=text("ended_at IS NULL")),
        Index("studio_batches_webhook", "webhook_due_at", postgresql_where=text("webhook_due_at IS NOT NULL")),
    )

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    batch_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    job_id: Mapped[uuid.UUID | None]
    """Its row of ``jobs``; NULL where the pipeline's table takes no row of ours."""
    name: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="queued")
    paused_because: Mapped[str | None] = mapped_column(Text)
    """The code of the reason: ``person``, ``limit``, or that of a ``StudioError``."""
    paused_params: Mapped[dict[str, Any] | None]
    resumes_at: Mapped[dt.datetime | None]
    """When a paused batch goes on by itself; NULL: when a person says so."""
    columns: Mapped[list[str]]
    """The headers of the uploaded file, in their order."""
    limit_usd: Mapped[Decimal | None]
    spent_usd: Mapped[Decimal] = mapped_column(server_default=text("0"))
    """The sum of its rows' ``cost_usd``."""
    estimated_usd: Mapped[Decimal | None]
    """What it was expected to cost, as a person was shown before it started."""
    idempotency_key: Mapped[str | None] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(Text)
    economy: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether its rows are asked for through the Batch API, in files, see ``studio_request_files``."""
    webhook_url: Mapped[str | None] = mapped_column(Text)
    webhook_due_at: Mapped[dt.datetime | None]
    """When the webhook is sent next; NULL: not yet, or never again."""
    webhook_tries: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    webhook_error: Mapped[str | None] = mapped_column(Text)
    """Why the last try was not accepted; NULL where it was."""
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
    started_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]


class BatchRow(Base):
    """One caption of a batch: a row of the file that asks for several variants is as many rows here."""

    __tablename__ = "studio_batch_rows"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "batch_id"],
            ["studio_batches.tenant_id", "studio_batches.batch_id"],
            name="studio_batch_rows_batch",
            ondelete="CASCADE",
        ),
        Index("studio_batch_rows_status", "tenant_id", "batch_id", "status", "model", "number", "variant"),
        Index(
            "studio_batch_rows_generation",
            "tenant_id",
            "generation_id",
            postgresql_where=text("generation_id IS NOT NULL"),
        ),
        Index(
            "studio_batch_rows_finished",
            "tenant_id",
            "batch_id",
            "finished_at",
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
    )

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    batch_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    variant: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    reference: Mapped[str | None] = mapped_column(Text)
    uploaded: Mapped[list[Any]] = mapped_column(JSONB)
    """The cells of the row as uploaded, in the order of the batch's ``columns``."""
    brief: Mapped[dict[str, Any]]
    options: Mapped[dict[str, Any]]
    model: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(Text, server_default="waiting")
    error_code: Mapped[str | None] = mapped_column(Text)
    error_params: Mapped[dict[str, Any] | None]
    generation_id: Mapped[uuid.UUID | None]
    """The generation of the last try; NULL before the first."""
    instagram_feed_id: Mapped[uuid.UUID | None]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    """How often it was to be written: each try after the first is a person's choice, and a generation of its own."""
    not_before: Mapped[dt.datetime | None]
    cost_usd: Mapped[Decimal | None]
    """What its requests cost as far as that is known, all tries together; NULL before the first has ended."""
    without_cost: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """How many of its requests were billed at a price that is not known."""
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]


class RequestFile(Base):
    """A file of requests for OpenAI's Batch API, and how far it is there. Its attempts bear its id as their process."""

    __tablename__ = "studio_request_files"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "batch_id"],
            ["studio_batches.tenant_id", "studio_batches.batch_id"],
            name="studio_request_files_batch",
            ondelete="CASCADE",
        ),
        Index("studio_request_files_of_batch", "tenant_id", "batch_id", "created_at"),
        Index("studio_request_files_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    file_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    batch_id: Mapped[uuid.UUID]
    model: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(Text, server_default="filling")
    requests: Mapped[int] = mapped_column(server_default=text("0"))
    size: Mapped[int] = mapped_column(server_default=text("0"))
    """In bytes."""
    most: Mapped[int]
    """The requests that it may hold."""
    most_usd: Mapped[Decimal] = mapped_column(server_default=text("0"))
    """What its requests may cost at most."""
    is_limited: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether the batch's limit allows no further request until its results are known."""
    input_file_id: Mapped[str | None] = mapped_column(Text)
    """OpenAI's name of the uploaded file."""
    input_expires_at: Mapped[dt.datetime | None]
    input_deleted_at: Mapped[dt.datetime | None]
    remote_id: Mapped[str | None] = mapped_column(Text)
    """OpenAI's name of the batch that executes it."""
    remote_status: Mapped[str | None] = mapped_column(Text)
    completed: Mapped[int | None]
    failed: Mapped[int | None]
    error_code: Mapped[str | None] = mapped_column(Text)
    """Why its last step could not be taken, or why none of it was executed: the code of a ``StudioError``."""
    error_params: Mapped[dict[str, Any] | None]
    claim_id: Mapped[uuid.UUID | None]
    """The worker's step that holds it until ``due_at``."""
    due_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    """When its next step is due; NULL when it has ended."""
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
    sent_at: Mapped[dt.datetime | None]
    over_at: Mapped[dt.datetime | None]
    """When OpenAI was first heard to be done with it."""
    ended_at: Mapped[dt.datetime | None]


class Process(Base):
    """A process that sends requests, and when it was last heard of. It belongs to no tenant, and tells of none."""

    __tablename__ = "studio_processes"

    process_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    """``app`` or ``worker``."""
    host: Mapped[str] = mapped_column(Text)
    started_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
    seen_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class ModelLimit(Base):
    """How often a tenant may ask a model, shared by everything that asks; NULL is without limit."""

    __tablename__ = "studio_model_limits"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    model: Mapped[str] = mapped_column(String(255), primary_key=True)
    requests_a_minute: Mapped[int | None]
    tokens_a_minute: Mapped[int | None]
    at_once: Mapped[int | None]
    requests_left: Mapped[float] = mapped_column(server_default=text("0"))
    tokens_left: Mapped[float] = mapped_column(server_default=text("0"))
    filled_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
    """When the tokens of the two buckets were last counted."""
    blocked_until: Mapped[dt.datetime | None]
    """Until when the model's server wants no request, as it said itself."""
