"""The specification's table, and as much of the pipeline's two tables as the app relies on."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    FetchedValue,
    ForeignKey,
    Index,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lib.store.tables.base import NEW_UUID, NOW, Base


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
