"""What a pipeline asks for: the feed of a job, which it may ask for twice, and die in between."""

from __future__ import annotations

import dataclasses
import uuid
from functools import partial
from typing import Any

from lib.domain import completion
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.errors import KeyReused, StillWriting
from lib.generation import generate, job_links
from lib.generation.generate import Prepared, Recorded
from lib.store import attempts, feeds, generations, pipeline_jobs
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio


def begin(
    studio: Studio,
    brief: Brief,
    options: GenerationOptions,
    *,
    idempotency_key: str | None = None,
    another: bool = False,
    stream: bool = False,
) -> Prepared | Generation | Feed:
    """Record what is asked for, before any money is spent; nothing has been sent yet.

    Where the options name a job, it is running this step from the same commit on, and is done or failed from the one
    that stores the end. Returns the earlier generation where the key was used before for the same, and the job's feed
    where it has one already (for this overlay, where one is named), unless ``another`` is asked for. A key whose last
    request certainly cost nothing asks again: what a key protects is money. Raises ``StillWriting``
    where the job's feed is being written under another key, ``JobRefused``, and what :func:`.generate.begin`
    raises.
    """
    record = partial(_record, another=another)
    asked_for = generate.Asked(source=job_links.PIPELINE, idempotency_key=idempotency_key, stream=stream)
    return generate.prepare_by(record, studio, brief, options, asked_for)


def _record(
    db: Any, asked: Generation, attempt_id: uuid.UUID, request: dict[str, Any], *, another: bool
) -> Recorded | Generation | Feed:
    job_id, overlay_id = generate.links_of(asked)
    job_links.lock_job(db, asked)  # of two calls for one job the second sees what the first began
    earlier = generate.asked_before(db, asked)
    if earlier and not _cost_nothing(db, earlier):
        return earlier
    job_links.require_links(db, asked.tenant_id, job_id, overlay_id)
    if job_id and not another:
        made = _feed_of(db, asked.tenant_id, job_id, overlay_id)
        if made:
            return made
    if earlier:
        recorded = _ask_again(db, earlier, attempt_id, request)
    elif generations.add(db, asked, attempt_id, request):
        recorded = Recorded(asked)
    elif faster := generate.asked_before(db, asked):  # with the same key and no job, in which they would be in line
        return faster
    else:
        raise KeyReused
    if job_id:
        pipeline_jobs.begin_step(db, asked.tenant_id, job_id)
    return recorded


def _feed_of(db: Any, tenant_id: str, job_id: uuid.UUID, overlay_id: uuid.UUID | None) -> Feed | None:
    """The newest feed that the job has for its step. Raises ``StillWriting`` while it is written."""
    made = feeds.by_job(db, tenant_id, job_id)
    found = next((one for one in made if overlay_id in (None, one.overlay_id)), None)
    if found is None and generations.unfinished_of_job(db, tenant_id, job_id, job_links.PIPELINE):
        raise StillWriting
    return found


def _cost_nothing(db: Any, earlier: Generation) -> bool:
    """Whether it has ended without a feed and its last request was certainly not billed."""
    if earlier.finished_at is None or earlier.instagram_feed_id:
        return False
    last = attempts.of_generation(db, earlier.tenant_id, earlier.generation_id)[-1]
    return completion.never_billed(last.outcome or "", last.error_code)


def _ask_again(db: Any, earlier: Generation, attempt_id: uuid.UUID, request: dict[str, Any]) -> Recorded:
    """One more request of the same generation."""
    number = attempts.of_generation(db, earlier.tenant_id, earlier.generation_id)[-1].number + 1
    generations.reopen(db, earlier.tenant_id, earlier.generation_id)
    attempts.add(
        db,
        earlier.tenant_id,
        attempt_id,
        generation_id=earlier.generation_id,
        number=number,
        request=request,
    )
    return Recorded(dataclasses.replace(earlier, finished_at=None, outcome=None), number)
