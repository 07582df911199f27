"""What figures can be narrowed by, and what a tenant has set for them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from decimal import Decimal

from lib.domain.periods import DEFAULT_ZONE


@dataclass(frozen=True)
class Settings:
    """What a tenant has decided about its figures."""

    time_zone: str = DEFAULT_ZONE
    budget_usd: Decimal | None = None
    """A month."""
    krw_per_usd: Decimal | None = None
    krw_rate_on: dt.date | None = None


@dataclass(frozen=True)
class Filters:
    """Which rows are counted; None is any. A value is a key: "-" for rows that have none, else "=" and the value."""

    model: str | None = None
    tone: str | None = None
    source: str | None = None
    prompt: str | None = None
    job: str | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) is not None for one in fields(self))
