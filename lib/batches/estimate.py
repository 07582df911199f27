"""What a batch will take in time and money, and what that is known from; what is not known stays unknown."""

from __future__ import annotations

import datetime as dt
import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from lib.domain import pricing, prompt
from lib.domain.batches.rows import NewRow
from lib.domain.pricing import OwnPrice
from lib.metrics import settings
from lib.store.batches import recent_captions
from lib.store.batches.recent_captions import RecentCaption
from lib.store.traffic import processes
from lib.studio import Studio

LEAST_CAPTIONS = 3
"""Captions with a model from which its next ones are estimated."""

Basis = Literal["own_captions", "prompt_tokens", "demo", "unknown"]


@dataclass(frozen=True)
class ModelEstimate:
    """The captions that one model writes. ``cost_usd`` is None where a price is not known."""

    model: str
    captions: int
    basis: Basis
    seen: int = 0
    """The team's own captions that it is estimated from."""
    cost_usd: Decimal | None = None
    """For ``prompt_tokens``: of the prompts alone, to which what is written comes."""
    most_usd: Decimal | None = None
    """If each caption takes all tokens that it may."""
    seconds_each: float | None = None
    """The median time of a caption."""


@dataclass(frozen=True)
class Estimate:
    """All models of a batch together; a figure is None as soon as it is not known for one of them."""

    models: tuple[ModelEstimate, ...]
    at_once: int
    """Captions that are written at a time."""
    economy: bool = False
    """Through the Batch API: within 24 hours, whatever one caption takes."""

    @property
    def captions(self) -> int:
        """How many will be written."""
        return sum(each.captions for each in self.models)

    @property
    def cost_usd(self) -> Decimal | None:
        """Expected, in USD."""
        return _sum([each.cost_usd for each in self.models])

    @property
    def most_usd(self) -> Decimal | None:
        """At most, in USD."""
        return _sum([each.most_usd for each in self.models])

    @property
    def is_of_prompts_alone(self) -> bool:
        """Whether the cost of some captions is that of their prompts, without what is written."""
        return any(each.basis == "prompt_tokens" for each in self.models)

    @property
    def seconds(self) -> float | None:
        """Expected from the first request to the last answer; None where it is not known."""
        times = (
            None if each.seconds_each is None else Decimal(each.seconds_each) * each.captions for each in self.models
        )
        total = _sum([*times])
        if total is None or self.economy:
            return None
        longest = max((each.seconds_each or 0.0 for each in self.models), default=0.0)
        return max(float(total) / self.at_once, longest)


def estimate(studio: Studio, tenant_id: str, requests: Iterable[NewRow], *, economy: bool = False) -> Estimate:
    """What these rows will take with the workers that are alive, or with one; ``economy``: through the Batch API."""
    by_model: defaultdict[str, list[NewRow]] = defaultdict(list)
    for request in requests:
        by_model[request.options.model].append(request)
    own_prices = settings.own_prices_of(studio, tenant_id)
    now = dt.datetime.now(dt.UTC)
    models = []
    with studio.database.tenant(tenant_id) as db:
        workers = max(1, processes.workers(db).alive)
    for model, rows in sorted(by_model.items()):
        with studio.database.tenant(tenant_id) as db:
            recent = recent_captions.with_model(db, tenant_id, model)
        models.append(_of_model(model, rows, recent, own_prices, now, pricing.BATCH if economy else None))
    return Estimate(tuple(models), workers * studio.settings.requests_at_once, economy)


def _of_model(
    model: str,
    rows: Sequence[NewRow],
    recent: Sequence[RecentCaption],
    own: Sequence[OwnPrice],
    now: dt.datetime,
    tier: str | None,
) -> ModelEstimate:
    captions = sum(row.variants for row in rows)
    times = [each.latency_ms / 1000 for each in recent if each.latency_ms is not None and 0 <= each.latency_ms < 1e9]
    seconds = statistics.median(times) if len(times) >= LEAST_CAPTIONS else None
    most = _of_tokens(model, rows, own, now, tier, written=True)
    if (free := pricing.cost_usd(model, {"prompt_tokens": 1, "completion_tokens": 1}, now, own=own)) == 0:
        return ModelEstimate(model, captions, "demo", len(times), free * captions, free * captions, seconds)
    # At today's price: that of the time of the caption may have changed since, and it may have gone another way.
    costs = [
        pricing.cost_usd(each.model_name, each.token_usage, now, service_tier=tier or _live(each.service_tier), own=own)
        for each in recent
    ]
    priced = [cost for cost in costs if cost is not None]
    if len(priced) >= LEAST_CAPTIONS:
        expected = sum(priced, Decimal(0)) / len(priced) * captions
        return ModelEstimate(model, captions, "own_captions", len(priced), expected, most, seconds)
    prompts = _of_tokens(model, rows, own, now, tier, written=False)
    basis: Basis = "unknown" if prompts is None else "prompt_tokens"
    return ModelEstimate(model, captions, basis, 0, prompts, most, seconds)


def _live(service_tier: str | None) -> str | None:
    """The tier that a caption of this tier would have had, had it been asked for by itself."""
    return None if service_tier == pricing.BATCH else service_tier


def _of_tokens(
    model: str, rows: Sequence[NewRow], own: Sequence[OwnPrice], now: dt.datetime, tier: str | None, *, written: bool
) -> Decimal | None:
    """The cost of the rows' prompts in USD, with all tokens that may be written or with none; None if it is unknown.

    A token is estimated at three bytes of UTF-8, see :func:`lib.domain.pricing.at_most_usd`.
    """
    base: dict[str, int] = {}
    tokens: Counter[tuple[int, int]] = Counter()
    for row in rows:
        language = row.options.language
        if language not in base:
            base[language] = _bytes(prompt.messages(row.brief, language)) - _bytes(row.brief.inputs())
        count = -(-(base[language] + _bytes(row.brief.inputs())) // 3)
        tokens[count, row.options.max_tokens if written else 0] += row.variants
    costs = (
        (pricing.cost_usd(model, _usage(*each), now, service_tier=tier, own=own), count)
        for each, count in tokens.items()
    )
    return _sum([None if cost is None else cost * count for cost, count in costs])


def _usage(prompt_tokens: int, completion_tokens: int) -> dict[str, int]:
    return {"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens}


def _bytes(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    numbers = [amount for amount in amounts if amount is not None]
    return sum(numbers, Decimal(0)) if len(numbers) == len(amounts) else None
