"""Step two of a generation: send the request to the model, spool what arrives, and store how it ended."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, replace
from typing import Any

from lib.domain import completion
from lib.domain.brief import GenerationOptions
from lib.domain.completion import Answer, Outcome
from lib.domain.errors import AnswerKept, AnswerSetAside, DatabaseAway, ModelUnreachable, RateLimited
from lib.domain.exchange import Exchange
from lib.domain.progress import Progress
from lib.generation import outcome, pacing
from lib.llm.spool import Entry
from lib.store import attempts
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio

log = logging.getLogger(__name__)

RETRY_DELAYS_S = (1.0, 3.0)
"""Seconds before the second and the third attempt, where the server does not say how long to wait."""
LONGEST_RETRY_DELAY_S = 20.0
"""Where the server asks for a longer pause than this, the generation ends with its error instead."""


@dataclass(frozen=True)
class Prepared:
    """A generation on record whose request has not been sent yet."""

    generation: Generation
    options: GenerationOptions
    entry: Entry
    """The locked trace that its answer leaves in the spool."""
    attempt_id: uuid.UUID
    payload: dict[str, Any]
    """The body of the request to the model."""
    progress: Progress
    number: int = 1
    """Which attempt of its generation this is, from 1."""
    wait_s: float = 0.0
    """Seconds after which the first request may ask again for its place within the team's limits; 0: it has it."""


def execute(studio: Studio, prepared: Prepared) -> Feed:
    """Send the request, store its answer and return the feed; an attempt that was not billed is repeated at most twice.

    Each attempt is on record before it is sent. Raises how the generation ended (a ``StudioError``); ``AnswerKept``
    where the answer waits in the spool for the database; ``AnswerSetAside`` where the database has lost the record.
    """
    generation, entry, progress = prepared.generation, prepared.entry, prepared.progress
    attempt_id, payload, number, wait_s = prepared.attempt_id, prepared.payload, prepared.number, prepared.wait_s
    delays = list(RETRY_DELAYS_S)
    answer: Answer | None = None
    try:
        while True:
            exchange = Exchange()
            refusal = pacing.wait(studio, generation.tenant_id, attempt_id, payload, progress, wait_s)
            if progress.stopped.is_set():
                exchange = Exchange(ending="stopped")
            elif refusal is None and pacing.is_ours(studio, generation.tenant_id, attempt_id):
                progress.begin_attempt()
                studio.writer.ask(
                    payload, entry, on_content=progress.add, stop=progress.stopped, reference=str(attempt_id)
                )
                exchange = entry.exchange
            answer = completion.read(exchange, payload)
            if refusal:
                answer = replace(answer, error=refusal)
                break
            delay = 0.0 if studio.writer.learn(payload, answer) else _retry_delay(answer, delays)
            if delay is None or progress.stopped.is_set():
                break
            outcome.store_attempt(studio, generation.tenant_id, attempt_id, payload, exchange, answer)
            if delay and not progress.wait(delay, answer.error.code if answer.error else ""):
                break
            attempt_id = uuid.uuid4()
            payload = studio.writer.body(
                payload["messages"], prepared.options, stream=bool(payload.get("stream")), reference=str(attempt_id)
            )
            entry.attempt(attempt_id)
            number += 1
            with studio.database.tenant(generation.tenant_id) as db:
                attempts.add(
                    db,
                    generation.tenant_id,
                    attempt_id,
                    generation_id=generation.generation_id,
                    number=number,
                    request=payload,
                    process_id=studio.process_id,
                )
                wait_s = pacing.take(db, generation.tenant_id, payload, attempt_id)
        progress.phase = "storing"
        feed = outcome.store(studio, generation, attempt_id, payload, exchange, answer)
        entry.retire()
    except AnswerSetAside:
        log.exception("%s holds an answer whose record is gone; it is set aside", entry.path)
        entry.set_aside()
        raise
    except DatabaseAway as error:  # the trace stays; a process that lives when the database is back stores it
        rejected = answer is not None and answer.outcome is Outcome.FAILED
        raise (answer.error if answer and answer.error and rejected else AnswerKept()) from error
    finally:
        entry.release()
        progress.phase = "done"
        studio.running.pop(generation.generation_id, None)
    return feed or outcome.wait(studio, generation)


def _retry_delay(answer: Answer, delays: list[float]) -> float | None:
    """Seconds to wait before the next attempt, or None for no further attempt.

    Only where the attempt certainly brought no answer, so that nothing is paid twice: the server could not be reached,
    or it takes no more requests for now. Never for an exhausted quota, because waiting does not help.
    """
    if not isinstance(answer.error, RateLimited | ModelUnreachable) or not delays:
        return None
    delay = max(delays.pop(0), answer.retry_after_s or 0.0)
    return delay if delay <= LONGEST_RETRY_DELAY_S else None
