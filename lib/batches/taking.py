"""The next row of a batch: taken, recorded and sent, or the reason why not now."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from lib.batches.control import LIMIT
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.errors import (
    InvalidBrief,
    JobNotFound,
    JobRefused,
    KeyReused,
    NoKey,
    OverlayNotFound,
    OverlayOfAnotherJob,
    StudioError,
    WrongKey,
)
from lib.generation.batch_row import OF_EXPERIMENT, SOURCE, RowKey
from lib.generation.submit import GenerationRequest, Submission, prepare_chosen
from lib.store.batches import batches, row_ends, taking
from lib.store.batches.taking import Lane, TakenRow
from lib.studio import Studio

log = logging.getLogger(__name__)

OF_THE_ROW = (JobNotFound, JobRefused, OverlayNotFound, OverlayOfAnotherJob, KeyReused, InvalidBrief)
"""Errors that this row would meet again, and other rows need not."""


def take(studio: Studio, lane: Lane) -> Submission | None:
    """Record the request of the lane's next row in the transaction that takes the row; nothing is sent yet.

    None where the lane has no row now: its batch is paused or over, its limit is reached, or every row is taken. A row
    that cannot be recorded fails, and the next one is tried. Raises, with the row waiting as before, ``RateLimited``
    where the team's limits for the model are used up, ``DatabaseAway``, ``NoRoom`` and ``StillWriting``.
    """
    while True:
        taken: list[TakenRow] = []

        def choose(db: Any, taken: list[TakenRow] = taken) -> GenerationRequest | None:
            return _request(db, lane, taken)

        try:
            return prepare_chosen(studio, lane.tenant_id, choose)
        except (NoKey, WrongKey) as error:
            with studio.database.tenant(lane.tenant_id) as db:
                row_ends.pause(db, lane.tenant_id, lane.batch_id, error.code, error.as_json(), None)
            return None
        except OF_THE_ROW as error:
            if not taken:
                raise
            with studio.database.tenant(lane.tenant_id) as db:
                cannot_be_recorded(db, lane, taken[0], error)


def _request(db: Any, lane: Lane, taken: list[TakenRow]) -> GenerationRequest | None:
    """The request of the lane's next row, which ``taken`` then holds."""
    batch = taking.open_batch(db, lane)
    if batch is None:
        return None
    if batch.limit_usd is not None and batch.spent_usd >= batch.limit_usd:
        params = {"limit": f"{batch.limit_usd:f}", "spent": f"{batch.spent_usd:f}"}
        row_ends.pause(db, lane.tenant_id, lane.batch_id, LIMIT, params, None)
        return None
    if batch.status == "queued":
        taking.run(db, lane)
    row = taking.take(db, lane)
    if row is None:
        return None
    taken.append(row)
    return request_of(lane, row, batch.job_id)


def request_of(lane: Lane, row: TakenRow, job_id: uuid.UUID | None) -> GenerationRequest:
    """The request of a row that was taken; ``job_id`` is the job of its batch."""
    recorded = dict(row.options)
    recorded["job_id"] = recorded.get("job_id") or (str(job_id) if job_id else None)
    return GenerationRequest(
        brief=Brief(lane.tenant_id, **row.brief),
        options=GenerationOptions.from_json(recorded),
        source=OF_EXPERIMENT if recorded.get("experiment") else SOURCE,
        idempotency_key=str(RowKey(lane.batch_id, row.number, row.variant, row.tries)),
        retry_unbilled=not row.is_new,
        run_id=uuid.uuid5(lane.batch_id, str(row.number)),
        variant=row.variant,
        generation_id=row.generation_id,
        waits=False,
        stream=False,
        threads=None,
    )


def cannot_be_recorded(db: Any, lane: Lane, row: TakenRow, error: StudioError) -> None:
    """Let a row fail that cannot be recorded; or go without the job of its batch, where that was deleted."""
    batch = batches.get(db, lane.tenant_id, lane.batch_id)
    if isinstance(error, JobNotFound) and batch.job_id and not row.options.get("job_id"):
        log.warning("the job of batch %s was deleted; its captions are stored without it", lane.batch_id)
        batches.change(db, lane.tenant_id, lane.batch_id, job_id=None)
    else:
        taking.fail(db, lane, row, error)
