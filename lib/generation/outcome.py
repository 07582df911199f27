"""Step three of a generation: an answer becomes its attempt's record and, where it is valid, the row of its feed."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from dataclasses import replace
from typing import Any

from lib.domain import pricing, prompt
from lib.domain.brief import GenerationOptions
from lib.domain.caption import Caption
from lib.domain.completion import Answer, Outcome
from lib.domain.errors import FeedRefused, JobNotFound, OverlayNotFound, OverlayOfAnotherJob
from lib.domain.exchange import Exchange
from lib.generation.job_links import end_job_step, lock_job, require_links
from lib.store import attempts, feeds, generations
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio

log = logging.getLogger(__name__)


def store_attempt(
    studio: Studio, tenant_id: str, attempt_id: uuid.UUID, request: dict[str, Any], exchange: Exchange, got: Answer
) -> None:
    """Store how an attempt ended after which another one follows."""
    with studio.database.tenant(tenant_id) as db:
        attempts.settle(db, tenant_id, attempt_id, **attempt_columns(request, exchange, got))


def store(
    studio: Studio,
    asked: Generation,
    attempt_id: uuid.UUID,
    request: dict[str, Any],
    exchange: Exchange,
    got: Answer,
) -> Feed | None:
    """In one transaction: the answer as it came, how it ended, and the feed where the caption is valid.

    Harmless to repeat: an attempt whose end is known already is left as it is. Where the database does not take the
    feed, the answer is stored all the same, and ``FeedRefused`` is the error on its record.
    """

    def store(got: Answer) -> Feed | None:
        with studio.database.tenant(asked.tenant_id) as db:
            lock_job(db, asked)
            feed_id = uuid.uuid4() if got.outcome is Outcome.WRITTEN and got.caption else None
            if not generations.end(db, asked.tenant_id, attempt_id, feed_id, attempt_columns(request, exchange, got)):
                known = generations.lock(db, asked.tenant_id, asked.generation_id)
                made = attempts.of_generation(db, asked.tenant_id, asked.generation_id)
                # Not where another attempt follows already: somebody asked again under the same key.
                if known and known.finished_at is None and made[-1].attempt_id == attempt_id:
                    outcome = got.outcome.value
                    generations.finish(db, asked.tenant_id, asked.generation_id, outcome=outcome, feed_id=None)
                    end_job_step(db, asked, done=False)
                return None
            feed = None
            if feed_id and got.caption:
                feed = add_feed(db, asked, feed_id, request, exchange.latency_ms, got, got.caption)
            end_job_step(db, asked, done=feed is not None)
        return feed

    try:
        return store(got)
    except FeedRefused as error:
        log.warning("generation %s: %s", asked.generation_id, error)
        return store(replace(got, outcome=Outcome.NEEDS_FIXING, error=error))


def attempt_columns(request: dict[str, Any], exchange: Exchange, got: Answer) -> dict[str, Any]:
    """The columns of an attempt that say how it ended."""
    unknown = got.billing_unknown
    return {
        "outcome": got.outcome.value,
        "error_class": exchange.error_class,
        "error_code": got.error.code if got.error else None,
        "error_params": got.error.as_json() if got.error else None,
        "provider_code": got.error_code,
        "http_status": exchange.status,
        "request_id": exchange.headers.get("x-request-id"),
        "response_body": exchange.body or None,
        "response": got.completion,
        "model_name": got.model,
        "token_usage": got.usage,
        "latency_ms": exchange.latency_ms,
        "first_byte_ms": exchange.first_byte_ms,
        "estimated_cost_usd": pricing.at_most_usd(request, dt.datetime.now(dt.UTC)) if unknown else None,
    }


def add_feed(
    db: Any,
    asked: Generation,
    feed_id: uuid.UUID,
    request: dict[str, Any],
    latency_ms: float | None,
    got: Answer,
    caption: Caption,
) -> Feed:
    """The row of ``instagram_feeds`` for an answer; a job or overlay deleted meanwhile does not cost the answer."""
    options = GenerationOptions.from_json(asked.options)
    job_id, overlay_id = options.job_id, options.overlay_id
    try:  # deleted while the model wrote: the answer is paid for, so it is stored without the link
        require_links(db, asked.tenant_id, job_id, overlay_id)
    except (JobNotFound, OverlayNotFound, OverlayOfAnotherJob) as error:
        log.warning("%s; its feed is stored without the link", error)
        job_id = overlay_id = None
    return feeds.add(
        db,
        asked.tenant_id,
        feed_id,
        asked.brief,
        instagram_ad_copy=caption.text,
        hashtags=caption.hashtag_field,
        job_id=job_id,
        overlay_id=overlay_id,
        gpt_model_name=got.model or options.model,
        gpt_max_tokens=request.get("max_completion_tokens") or request.get("max_tokens"),
        gpt_temperature=request.get("temperature"),
        gpt_prompt_used=prompt.as_text(request["messages"]),
        gpt_response_raw=got.completion,
        latency_ms=latency_ms,
        token_usage=got.usage,
    )
