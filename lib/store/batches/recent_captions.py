"""What a tenant's last captions with a model took, by which the next ones are estimated."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from lib.store.tables import Generation, InstagramFeed

LAST = 50
"""Captions that an estimate is made from, at most."""
_LOOKED_AT = 5_000
"""Generations among which those with the model are looked for."""


@dataclass(frozen=True)
class RecentCaption:
    """A caption's tokens, time and what its price depends on; None for what its row does not tell."""

    model_name: str | None
    token_usage: dict[str, Any] | None
    latency_ms: float | None
    service_tier: str | None
    created_at: dt.datetime


def with_model(db: Connection, tenant_id: str, model: str) -> list[RecentCaption]:
    """The tenant's last captions for which this model was asked, newest first, at most :data:`LAST`."""
    newest = (
        select(Generation.instagram_feed_id, Generation.options, Generation.created_at)
        .where(Generation.tenant_id == tenant_id)
        .order_by(Generation.created_at.desc())
        .limit(_LOOKED_AT)
        .subquery()
    )
    feeds = InstagramFeed
    statement = (
        select(
            feeds.gpt_model_name,
            feeds.token_usage,
            feeds.latency_ms,
            feeds.gpt_response_raw["service_tier"].astext,
            newest.c.created_at,
        )
        .join(newest, newest.c.instagram_feed_id == feeds.instagram_feed_id)
        .where(feeds.tenant_id == tenant_id, newest.c.options["model"].astext == model)
        .order_by(newest.c.created_at.desc())
        .limit(LAST)
    )
    return [RecentCaption(*row) for row in db.execute(statement)]
