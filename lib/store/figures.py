"""What a tenant's feeds took, over a period: counts and sums, and beside each how many rows do not tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, text


class Taken(NamedTuple):
    """What one feed took, as its row tells it; None for what it does not."""

    model: str | None
    at: dt.datetime
    latency_ms: float | None
    usage: Any
    service_tier: str | None


_TAKEN = text("""
    SELECT gpt_model_name, created_at, CASE WHEN latency_ms < 'Infinity' AND latency_ms >= 0 THEN latency_ms END,
        token_usage, CASE jsonb_typeof(gpt_response_raw) WHEN 'object' THEN gpt_response_raw ->> 'service_tier' END
    FROM instagram_feeds WHERE tenant_id = :tenant AND created_at >= :since AND created_at < :until
""")


def taken(db: Connection, tenant_id: str, since: dt.datetime, until: dt.datetime) -> Iterator[Taken]:
    """What each feed of the period (aware; ``until`` excluded) took, in no order."""
    return (Taken(*row) for row in db.execute(_TAKEN, {"tenant": tenant_id, "since": since, "until": until}))
