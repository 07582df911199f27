"""What was counted of a set of rows: exact sums that add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal


@dataclass(frozen=True)
class Sums:
    """What was counted of a set of rows. Each total stands beside how many rows it is of: the others are unknown."""

    rows: int = 0
    kept: int = 0
    """Approved or posted."""
    timed: int = 0
    """Rows with a latency; ``latency_ms`` is their sum."""
    latency_ms: Decimal = Decimal(0)
    latency_min: float | None = None
    latency_max: float | None = None
    used: int = 0
    """Rows with a token usage that can be read."""
    prompt: int = 0
    cached: int = 0
    written: int = 0
    completion: int = 0
    reasoning: int = 0
    priced: int = 0
    """Rows whose cost is known; ``cost`` is their sum in USD."""
    cost: Decimal = Decimal(0)

    def __add__(self, other: Sums) -> Sums:
        lows = [one for one in (self.latency_min, other.latency_min) if one is not None]
        highs = [one for one in (self.latency_max, other.latency_max) if one is not None]
        added = {one.name: getattr(self, one.name) + getattr(other, one.name) for one in _ADDED}
        return Sums(**added, latency_min=min(lows, default=None), latency_max=max(highs, default=None))

    @property
    def unused(self) -> int:
        """Rows without a token usage that can be read."""
        return self.rows - self.used

    @property
    def unpriced(self) -> int:
        """Rows with tokens and without a price."""
        return self.used - self.priced

    @property
    def latency_avg(self) -> float | None:
        """In milliseconds; None where no row tells."""
        return float(self.latency_ms / self.timed) if self.timed else None

    @property
    def cost_each(self) -> Decimal | None:
        """USD a row whose cost is known."""
        return self.cost / self.priced if self.priced else None

    @property
    def cost_kept(self) -> Decimal | None:
        """USD a kept caption: all that was spent, over those that were kept."""
        return self.cost / self.kept if self.kept and self.priced else None


_ADDED = [one for one in fields(Sums) if one.name not in ("latency_min", "latency_max")]


def summed(parts: Iterable[Sums]) -> Sums:
    """All of them together."""
    return sum(parts, Sums())
