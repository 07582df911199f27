"""Exact sums over a set of rows; each sum says how many rows it covers, because the others are unknown and not 0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from operator import attrgetter
from typing import TypeVar

Key = TypeVar("Key")


@dataclass(frozen=True)
class Cost:
    """A sum of money, with what is missing from it."""

    usd: Decimal = Decimal(0)
    """The sum over the rows whose cost is known."""
    priced: int = 0
    """The number of these rows."""
    unpriced: int = 0
    """The number of rows that are missing from the sum: without a readable usage, or without a price."""

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.usd + other.usd, self.priced + other.priced, self.unpriced + other.unpriced)

    @property
    def amount(self) -> Decimal | None:
        """The sum in USD; None if rows exist and the cost of none is known. Of no rows at all it is 0."""
        return self.usd if self.priced or not self.unpriced else None

    @property
    def is_comparable(self) -> bool:
        """Whether the sum can be compared with others: the cost of at most one row in ten is unknown."""
        return 10 * self.unpriced <= self.priced + self.unpriced


@dataclass(frozen=True)
class Sums:
    """The sums over a set of captions, or of requests to a model. Sums add up with ``+``."""

    rows: int = 0
    approved: int = 0
    """Captions that are approved or posted."""
    with_latency: int = 0
    """Rows with a latency."""
    latency_sum_ms: Decimal = Decimal(0)
    latency_min_ms: float | None = None
    latency_max_ms: float | None = None
    with_usage: int = 0
    """Rows with a readable token usage; the five sums of tokens cover these."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Part of ``prompt_tokens``."""
    cache_write_tokens: int = 0
    """Part of ``prompt_tokens``."""
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    """Part of ``completion_tokens``."""
    with_cost: int = 0
    """Rows whose cost is known; ``cost_usd`` covers these."""
    cost_usd: Decimal = Decimal(0)

    def __add__(self, other: Sums) -> Sums:
        return _added([self, other])

    @property
    def without_latency(self) -> int:
        """Rows without a usable latency."""
        return self.rows - self.with_latency

    @property
    def without_usage(self) -> int:
        """Rows without a readable token usage."""
        return self.rows - self.with_usage

    @property
    def without_price(self) -> int:
        """Rows with a token usage and without a known price."""
        return self.with_usage - self.with_cost

    @property
    def tokens(self) -> int | None:
        """Prompt and completion tokens together; None if rows exist and none of them has a usage."""
        return self.prompt_tokens + self.completion_tokens if self.with_usage or not self.rows else None

    @property
    def token_counts(self) -> dict[str, int | None]:
        """The five sums of tokens by their short names, in the order of a table; each None where :attr:`tokens` is."""
        counts = {
            "prompt": self.prompt_tokens,
            "cached": self.cached_tokens,
            "written": self.cache_write_tokens,
            "completion": self.completion_tokens,
            "reasoning": self.reasoning_tokens,
        }
        return dict.fromkeys(counts) if self.tokens is None else {**counts}

    @property
    def latency_avg_ms(self) -> float | None:
        """The mean latency in milliseconds; None if no row has a latency."""
        return float(self.latency_sum_ms / self.with_latency) if self.with_latency else None

    @property
    def cost(self) -> Cost:
        """The cost of the rows, with how many of them are missing from it."""
        return Cost(self.cost_usd, self.with_cost, self.rows - self.with_cost)

    @property
    def cost_per_caption(self) -> Decimal | None:
        """USD per row whose cost is known; None if none is."""
        return self.cost_usd / self.with_cost if self.with_cost else None

    def cost_per_approved(self, spent: Cost) -> Decimal | None:
        """All that was spent in USD divided by the approved captions; None without either."""
        return spent.usd / self.approved if self.approved and spent.priced else None


_NAMES = [field.name for field in fields(Sums)]
_VALUES = attrgetter(*_NAMES)
_EXTREMES = ("latency_min_ms", "latency_max_ms")


def summed(parts: Iterable[Sums]) -> Sums:
    """The sum of all parts; ``Sums()`` of none."""
    return summed_by_key((None, part) for part in parts).get(None, Sums())


def summed_by_key(items: Iterable[tuple[Key, Sums]]) -> dict[Key, Sums]:
    """The sum of the parts under each key."""
    parts: dict[Key, list[Sums]] = {}
    for key, sums in items:
        parts.setdefault(key, []).append(sums)
    return {key: of_key[0] if len(of_key) == 1 else _added(of_key) for key, of_key in parts.items()}


def _added(parts: list[Sums]) -> Sums:
    """The sum of at least one part, each column added up at once."""
    columns = dict(zip(_NAMES, zip(*map(_VALUES, parts), strict=True), strict=True))
    shortest, longest = ([ms for ms in columns.pop(name) if ms is not None] for name in _EXTREMES)
    return Sums(
        **{name: sum(values) for name, values in columns.items()},
        latency_min_ms=min(shortest, default=None),
        latency_max_ms=max(longest, default=None),
    )
