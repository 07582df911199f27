"""Every caption that was requested, and every request to a model."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lib.store.tables.base import NOW, Base


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
        Index(
            "studio_generations_experiment",
            "tenant_id",
            text("((options -> 'experiment') ->> 'id')"),
            postgresql_where=text("(options -> 'experiment') ->> 'id' IS NOT NULL"),
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
        Index("studio_attempts_open", "tenant_id", "created_at", postgresql_where=text("outcome IS NULL")),
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
    process_id: Mapped[uuid.UUID | None]
    """What sends it, see ``studio_processes`` and ``studio_request_files``; NULL in records of the first releases."""


class DeletedGeneration(Base):
    """A generation that was deleted after it had ended: the traces of it that servers keep are to be deleted too.

    Without it, such a trace looks like a paid answer that the database has lost. A trigger adds it.
    """

    __tablename__ = "studio_deleted_generations"
    __table_args__ = (Index("studio_deleted_generations_age", "deleted_at"),)

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    generation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    deleted_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
