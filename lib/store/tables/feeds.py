"""What belongs to a feed beside its row: status, versions, and the index it is found by."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    ARRAY,
    Index,
    Integer,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lib.store.tables.base import NOW, Base


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
    acknowledged: Mapped[str | None] = mapped_column(Text)
    """Why it was approved or posted although its disclosure is not as it should be."""


class FeedFindings(Base):
    """What a check found in a caption. Triggers keep a row for each feed; ``findings`` is NULL until it was checked."""

    __tablename__ = "studio_feed_findings"
    __table_args__ = (
        Index(
            "studio_feed_findings_unchecked",
            "tenant_id",
            text("created_at DESC"),
            postgresql_where=text("findings IS NULL"),
        ),
    )

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    feed_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    created_at: Mapped[dt.datetime]
    findings: Mapped[list[Any] | None] = mapped_column(JSONB)
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    """Which kinds of findings there are, for the filter of the list."""


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
    """Caption, hashtags, product, ad copy and store, in the form in which words are looked for: ``studio_searched``."""
