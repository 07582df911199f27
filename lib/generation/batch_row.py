"""The row of a batch that a generation is for: it ends in the transaction that stores how the generation ended."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lib.domain import pricing
from lib.domain.batches import ends
from lib.domain.batches.ends import RowEnd
from lib.domain.completion import never_billed
from lib.store.batches import batches, row_ends
from lib.store.batches.row_ends import Ended, RequestMade
from lib.store.generations import Generation
from lib.store.metrics import counting

SOURCE, OF_EXPERIMENT = "batch", "experiment"
"""The sources of what a batch writes: of a row that an experiment asks for, and of every other one."""
"""The source of generations that are rows of batches."""
_KEY = re.compile(r"batch:([0-9a-f-]{36})/(\d+)/(\d+)/(\d+)")


@dataclass(frozen=True)
class RowKey:
    """One try of one row. As an idempotency key it makes each try one generation, however often it is delivered."""

    batch_id: uuid.UUID
    number: int
    variant: int
    tries: int

    def __str__(self) -> str:
        return f"batch:{self.batch_id}/{self.number}/{self.variant}/{self.tries}"

    @classmethod
    def read(cls, key: str | None) -> RowKey | None:
        """The key of a generation, or None if it is of no batch."""
        match = _KEY.fullmatch(key or "")
        return cls(uuid.UUID(match[1]), int(match[2]), int(match[3]), int(match[4])) if match else None


def end(db: Any, generation: Generation) -> None:
    """Store what became of the row, what its requests cost, and whether its batch goes on.

    Does nothing for a generation that is of no batch. Repeating it changes nothing; an answer that is found later, or
    made a caption by a person, changes the row once more.
    """
    key = RowKey.read(generation.idempotency_key) if generation.source in (SOURCE, OF_EXPERIMENT) else None
    if key is None:
        return
    tenant_id = generation.tenant_id
    row = row_ends.lock(db, tenant_id, key.batch_id, key.number, key.variant)
    if row is None:
        return
    keys = [str(RowKey(key.batch_id, key.number, key.variant, tries)) for tries in range(1, row.tries + 1)]
    made = row_ends.requests_made(db, tenant_id, keys)
    own = counting.own_prices(db, tenant_id) if row.has_own_prices else []
    cost_usd, without_cost = _cost(made, own)
    mine = [request for request in made if request.generation_id == row.generation_id]
    has_ended = generation.generation_id == row.generation_id and mine and mine[-1].is_finished
    row_ends.end(
        db,
        tenant_id,
        key.batch_id,
        key.number,
        key.variant,
        cost_usd=cost_usd,
        without_cost=without_cost,
        becomes=_ended(db, tenant_id, key.batch_id, mine) if has_ended else None,
    )
    row_ends.spend(db, tenant_id, key.batch_id, cost_usd - (row.cost_usd or 0))


def _ended(db: Any, tenant_id: str, batch_id: uuid.UUID, requests: list[RequestMade]) -> Ended:
    """What becomes of a row whose generation has ended with the last of these requests."""
    last = requests[-1]
    if last.feed_id:
        return Ended("written", feed_id=last.feed_id)
    ended = ends.row_end(last.outcome or "", last.error_code, last.error_params, len(requests))
    # Locked: whoever cancels the batch at the same time finds every row that waits again.
    if ended.status == "waiting" and batches.get(db, tenant_id, batch_id, lock=True).status == "cancelled":
        ended = RowEnd("cancelled")
    if ended.pauses:
        row_ends.pause(db, tenant_id, batch_id, last.error_code or "", last.error_params, ended.resumes_in_s)
    elif ended.status in ("failed", "unknown") and ends.may_be_down(last.error_code):
        newest = row_ends.newest_errors(db, tenant_id, batch_id, 12 * ends.FAILURES_IN_A_ROW)
        resumes_in_s = ends.is_down([last.error_code, *newest])
        if resumes_in_s is not None:
            row_ends.pause(db, tenant_id, batch_id, last.error_code or "", last.error_params, resumes_in_s)
    return Ended(ended.status, last.error_code, last.error_params, retry_in_s=ended.retry_in_s or None)


def _cost(made: list[RequestMade], own: Sequence[pricing.OwnPrice]) -> tuple[Decimal, int]:
    """What the requests cost in USD as far as that is known, and how many were billed at an unknown price."""
    total, unknown = Decimal(0), 0
    for request in made:
        if request.outcome is None or never_billed(request.outcome, request.error_code):
            continue
        cost = pricing.cost_usd(
            request.model, request.usage, _at(request.created_at), service_tier=request.service_tier, own=own
        )
        cost = request.estimated_usd if cost is None else cost
        if cost is None:
            unknown += 1
        else:
            total += cost
    return total, unknown


def _at(created_at: dt.datetime | None) -> dt.datetime:
    return created_at or dt.datetime.now(dt.UTC)
