"""Which requests are sent: a new one, none because an earlier one is the answer, or one more attempt of an earlier one.

A pipeline asks for the feed of a job; it may ask twice, and die in between.
"""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass
from typing import Any

from lib.domain import completion
from lib.domain.errors import InvalidBrief, KeyReused, StillWriting
from lib.domain.findings import disclosure
from lib.generation import job_links
from lib.generation.request import GenerationRequest
from lib.store import attempts, feeds, generations, pipeline_jobs
from lib.store.feeds import Feed
from lib.store.generations import Generation


@dataclass(frozen=True)
class Record:
    """What the database holds for a request."""

    generation: Generation | None = None
    number: int | None = None
    """Of the attempt that is to be sent, from 1; None: an earlier request is the answer."""
    feed: Feed | None = None
    """The job's feed, where the job has one already."""


def record(
    db: Any,
    request: GenerationRequest,
    generation: Generation,
    attempt_id: uuid.UUID,
    payload: dict[str, Any],
    process_id: uuid.UUID | None = None,
) -> Record:
    """Record the generation with its first attempt, or find the earlier request that is its answer.

    From the same commit on, the job of a pipeline's request is running this step. Returns the earlier generation under
    the same key; with ``request.retry_unbilled`` that generation gets one more attempt where its last one was
    certainly not billed. Returns the feed that the job has already (for this overlay, where one is named), unless
    ``request.another``.
    Raises ``InvalidBrief`` where the brief's words speak of a sponsor and nobody said which benefit it is,
    ``KeyReused``, ``StillWriting`` while the job's feed is written under another key, ``JobRefused``,
    ``JobNotFound``, ``OverlayNotFound`` and ``OverlayOfAnotherJob``.
    """
    tenant_id, job_id = generation.tenant_id, job_links.job_of(generation)
    job_links.lock_job(db, generation)  # of two calls for one job the second sees what the first recorded
    earlier = _same_key(db, request) if request.retry_unbilled else None
    if earlier and not _is_unbilled(db, earlier):
        return Record(earlier)
    if not earlier and not request.parent and (question := disclosure.question(request.brief)):
        if same := _same_key(db, request):  # asked before this release asked back
            return Record(same)
        raise InvalidBrief([question])
    job_links.require_links(db, tenant_id, request.options.job_id, request.options.overlay_id)
    if job_id and not request.another:
        feed = _feed_of(db, tenant_id, job_id, request.options.overlay_id)
        if feed:
            return Record(feed=feed)
    if earlier:
        recorded = _add_attempt(db, earlier, attempt_id, payload, process_id)
    elif generations.add(db, generation, attempt_id, payload, process_id):
        recorded = Record(generation, 1)
    elif earlier := _same_key(db, request):
        return Record(earlier)
    else:
        raise KeyReused
    if job_id:
        pipeline_jobs.begin_step(db, tenant_id, job_id)
    return recorded


def _same_key(db: Any, request: GenerationRequest) -> Generation | None:
    """The earlier generation under the same key, locked until the transaction ends.

    Raises ``KeyReused`` where that one was asked for something else.
    """
    if request.idempotency_key is None:
        return None
    earlier = generations.lock_key(db, request.brief.tenant_id, request.idempotency_key)
    if earlier and not request.is_same_as(earlier):
        raise KeyReused
    return earlier


def _feed_of(db: Any, tenant_id: str, job_id: uuid.UUID, overlay_id: uuid.UUID | None) -> Feed | None:
    """The newest feed that the job has for its step. Raises ``StillWriting`` while it is written."""
    rows = feeds.by_job(db, tenant_id, job_id)
    feed = next((row for row in rows if overlay_id in (None, row.overlay_id)), None)
    if feed is None and generations.unfinished_of_job(db, tenant_id, job_id, job_links.PIPELINE):
        raise StillWriting
    return feed


def _is_unbilled(db: Any, generation: Generation) -> bool:
    """Whether it ended without a feed and its last attempt was certainly not billed."""
    if generation.finished_at is None or generation.instagram_feed_id:
        return False
    last = attempts.of_generation(db, generation.tenant_id, generation.generation_id)[-1]
    return completion.never_billed(last.outcome or "", last.error_code)


def _add_attempt(
    db: Any, generation: Generation, attempt_id: uuid.UUID, payload: dict[str, Any], process_id: uuid.UUID | None
) -> Record:
    """Record one more attempt of an earlier generation."""
    tenant_id, generation_id = generation.tenant_id, generation.generation_id
    number = attempts.of_generation(db, tenant_id, generation_id)[-1].number + 1
    generations.reopen(db, tenant_id, generation_id)
    attempts.add(
        db,
        tenant_id,
        attempt_id,
        generation_id=generation_id,
        number=number,
        request=payload,
        process_id=process_id,
    )
    return Record(dataclasses.replace(generation, finished_at=None, outcome=None), number)
