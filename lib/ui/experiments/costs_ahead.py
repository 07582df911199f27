"""What captions will take in time and money, in one line, before anything is spent."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from lib.batches import estimate as estimates
from lib.domain.batches.rows import NewRow
from lib.studio import Studio
from lib.ui.core import feedback, numbers, words
from lib.ui.core.words import say


def show(studio: Studio, tenant_id: str, rows: Iterable[NewRow]) -> Decimal | None:
    """Draw the estimate of these rows; returns its USD, None where a price is not known."""
    estimate = estimates.estimate(studio, tenant_id, rows)
    cost = numbers.usd(estimate.cost_usd)
    if estimate.is_of_prompts_alone and estimate.cost_usd is not None:
        cost = say("batches.from_to", least=cost, most=numbers.usd(estimate.most_usd))
    time = say("value.unknown") if estimate.seconds is None else words.duration(estimate.seconds)
    feedback.show_quietly(say("experiments.estimate", cost=feedback.inert(cost), time=time))
    return estimate.cost_usd
