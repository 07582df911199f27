"""Step three of a generation: store the answer with its attempt and, where it is valid, as a feed; read it back."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from dataclasses import replace
from typing import Any

from lib.domain import completion, pricing, prompt
from lib.domain.brief import INPUTS, GenerationOptions
from lib.domain.caption import Caption
from lib.domain.completion import Answer, Outcome
from lib.domain.errors import (
    AnswerSetAside,
    FeedRefused,
    JobNotFound,
    OverlayNotFound,
    OverlayOfAnotherJob,
    RateLimited,
    RunNotFound,
    StillWriting,
    Stopped,
    StudioError,
    from_code,
)
from lib.domain.exchange import Exchange
from lib.generation.job_links import end_links, lock_job, require_links
from lib.store import attempts, feeds, generations
from lib.store.attempts import Attempt
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.store.metrics import counting
from lib.store.traffic import limits
from lib.studio import Studio

log = logging.getLogger(__name__)


def store_attempt(
    studio: Studio, tenant_id: str, attempt_id: uuid.UUID, payload: dict[str, Any], exchange: Exchange, answer: Answer
) -> None:
    """Store how an attempt ended that another attempt follows."""
    with studio.database.tenant(tenant_id) as db:
        attempts.settle(db, tenant_id, attempt_id, **attempt_columns(db, tenant_id, payload, exchange, answer))
        _block(db, tenant_id, payload, answer)


def take_in(
    studio: Studio, generation: Generation, attempt_id: uuid.UUID, payload: dict[str, Any], exchange: Exchange
) -> Answer:
    """Read and store an answer that nobody waits for: from the spool, from OpenAI's store or from a file of results.

    Returns the answer. Raises as :func:`store` does.
    """
    answer = completion.read(exchange, payload)
    store(studio, generation, attempt_id, payload, exchange, answer)
    return answer


def store(
    studio: Studio,
    generation: Generation,
    attempt_id: uuid.UUID,
    payload: dict[str, Any],
    exchange: Exchange,
    answer: Answer,
) -> Feed | None:
    """Store the answer as it came, how it ended, and the feed where the caption is valid, in one transaction.

    Returns the feed, or None where none was stored now. Repeating it is harmless: an attempt that has ended already
    stays as it is. Where the database refuses the feed, the answer is stored with ``FeedRefused`` as its error. Raises
    ``AnswerSetAside`` where the database no longer has the generation.
    """

    def store(answer: Answer) -> Feed | None:
        with studio.database.tenant(generation.tenant_id) as db:
            lock_job(db, generation)
            feed_id = uuid.uuid4() if answer.outcome is Outcome.WRITTEN and answer.caption else None
            columns = attempt_columns(db, generation.tenant_id, payload, exchange, answer)
            if not generations.end(db, generation.tenant_id, attempt_id, feed_id, columns):
                current = generations.lock(db, generation.tenant_id, generation.generation_id)
                rows = attempts.of_generation(db, generation.tenant_id, generation.generation_id)
                if current is None:  # restored or failed over to an earlier state, or the team was erased
                    raise AnswerSetAside(generation_id=generation.generation_id)
                # Not where another attempt follows already: the same key was sent again.
                if current.finished_at is None and rows[-1].attempt_id == attempt_id:
                    outcome = answer.outcome.value
                    generations.finish(
                        db, generation.tenant_id, generation.generation_id, outcome=outcome, feed_id=None
                    )
                    end_links(db, generation, done=False)
                return None
            feed = None
            if feed_id and answer.caption:
                feed = add_feed(db, generation, feed_id, payload, exchange.latency_ms, answer, answer.caption)
            end_links(db, generation, done=feed is not None)
            _block(db, generation.tenant_id, payload, answer)
        return feed

    try:
        return store(answer)
    except FeedRefused as error:
        log.warning("generation %s: %s", generation.generation_id, error)
        return store(replace(answer, outcome=Outcome.NEEDS_FIXING, error=error))


def _block(db: Any, tenant_id: str, payload: dict[str, Any], answer: Answer) -> None:
    """Let the whole team wait as long as the model's server says in its answer *too many requests*."""
    if isinstance(answer.error, RateLimited) and answer.retry_after_s:
        limits.block(db, tenant_id, payload["model"], answer.retry_after_s)


def attempt_columns(
    db: Any, tenant_id: str, payload: dict[str, Any], exchange: Exchange, answer: Answer
) -> dict[str, Any]:
    """The columns of an attempt that say how it ended; where nobody knows what was billed, the most that it costs."""
    estimated_usd = None
    if answer.billing_unknown:
        own, now = counting.own_prices(db, tenant_id), dt.datetime.now(dt.UTC)
        estimated_usd = pricing.at_most_usd(payload, now, service_tier=exchange.service_tier, own=own)
    return {
        "outcome": answer.outcome.value,
        "error_class": exchange.error_class,
        "error_code": answer.error.code if answer.error else None,
        "error_params": answer.error.as_json() if answer.error else None,
        "provider_code": answer.error_code,
        "http_status": exchange.status,
        "request_id": exchange.headers.get("x-request-id"),
        "response_body": exchange.body or None,
        "response": answer.completion,
        "model_name": answer.model,
        "token_usage": answer.usage,
        "latency_ms": exchange.latency_ms,
        "first_byte_ms": exchange.first_byte_ms,
        "estimated_cost_usd": estimated_usd,
    }


def add_feed(
    db: Any,
    generation: Generation,
    feed_id: uuid.UUID,
    payload: dict[str, Any],
    latency_ms: float | None,
    answer: Answer,
    caption: Caption,
) -> Feed:
    """The row of ``instagram_feeds`` for an answer; a job or overlay deleted meanwhile does not cost the answer."""
    options = GenerationOptions.from_json(generation.options)
    job_id, overlay_id = options.job_id, options.overlay_id
    try:  # deleted while the model wrote: the answer is paid for, so it is stored without the link
        require_links(db, generation.tenant_id, job_id, overlay_id)
    except (JobNotFound, OverlayNotFound, OverlayOfAnotherJob) as error:
        log.warning("%s; its feed is stored without the link", error)
        job_id = overlay_id = None
    return feeds.add(
        db,
        generation.tenant_id,
        feed_id,
        {name: generation.brief[name] for name in INPUTS},
        instagram_ad_copy=caption.text,
        hashtags=caption.hashtag_field,
        job_id=job_id,
        overlay_id=overlay_id,
        gpt_model_name=answer.model or options.model,
        gpt_max_tokens=payload.get("max_completion_tokens") or payload.get("max_tokens"),
        gpt_temperature=payload.get("temperature"),
        gpt_prompt_used=prompt.as_text(payload["messages"]),
        gpt_response_raw=answer.completion,
        latency_ms=latency_ms,
        token_usage=answer.usage,
    )


def wait(studio: Studio, generation: Generation, timeout_s: float | None = None) -> Feed:
    """The feed of a generation on record, or the error that it ended with, raised (a ``StudioError``).

    Waits while another call or process writes it: ``timeout_s`` seconds, None: as long as an answer may take. Raises
    ``StillWriting`` after that.
    """
    deadline = time.monotonic() + (studio.settings.timeout_s if timeout_s is None else timeout_s)
    while generation.finished_at is None:
        if time.monotonic() > deadline:
            raise StillWriting
        time.sleep(0.2)
        with studio.database.tenant(generation.tenant_id) as db:
            generation = generations.get(db, generation.tenant_id, generation.generation_id) or generation
    with studio.database.tenant(generation.tenant_id) as db:
        if generation.instagram_feed_id:
            return feeds.get(db, generation.tenant_id, generation.instagram_feed_id)
        last = attempts.of_generation(db, generation.tenant_id, generation.generation_id)[-1]
    raise error_of(last) or Stopped()


def error_of(attempt: Attempt) -> StudioError | None:
    """The error that the attempt ended with, as it was raised then."""
    return from_code(attempt.error_code, attempt.error_params or {}) if attempt.error_code else None


def store_fixed(studio: Studio, generation: Generation, text: str, hashtags: str) -> Feed:
    """Store as a feed what a person made of a paid answer that could not be stored as it was; nothing is sent again.

    Returns the feed that the generation has already, where a second window was faster. Raises ``InvalidCaption``, and
    ``RunNotFound`` where the generation was deleted meanwhile.
    """
    caption = Caption.from_fields(text, hashtags).checked()
    tenant_id, generation_id = generation.tenant_id, generation.generation_id
    with studio.database.tenant(tenant_id) as db:
        lock_job(db, generation)
        current = generations.lock(db, tenant_id, generation_id)
        if current is None:
            raise RunNotFound(run_id=generation.run_id)
        if current.instagram_feed_id:
            return feeds.get(db, tenant_id, current.instagram_feed_id)
        attempt = attempts.of_generation(db, tenant_id, generation_id)[-1]
        answer = Answer(Outcome.WRITTEN, completion=attempt.response)
        outcome, feed_id = attempt.outcome or Outcome.WRITTEN.value, uuid.uuid4()
        generations.finish(db, tenant_id, generation_id, outcome=outcome, feed_id=feed_id)
        feed = add_feed(db, generation, feed_id, attempt.request, attempt.latency_ms, answer, caption)
        end_links(db, generation, done=True)
    return feed
