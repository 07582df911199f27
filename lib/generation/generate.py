"""generate(): the one path from a brief to a stored caption, whichever door the brief came through.

1. the brief and the request are recorded, and committed;
2. the model is asked, outside any transaction, and its bytes go to the spool as they come;
3. in one transaction: the answer as it came, how it ended, and, where the caption is valid, the feed;
4. the feed is returned, or the error raised whose attempt is now on record.
"""

from __future__ import annotations

import dataclasses
import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Required, TypedDict, Unpack

from lib.domain import completion, prompt
from lib.domain.brief import Brief, GenerationOptions, fingerprint
from lib.domain.caption import Caption
from lib.domain.completion import Answer, Outcome
from lib.domain.errors import (
    AnswerKept,
    DatabaseAway,
    KeyReused,
    ModelUnreachable,
    RateLimited,
    StillWriting,
    Stopped,
    StudioError,
    from_code,
)
from lib.domain.exchange import Exchange
from lib.domain.progress import Progress
from lib.domain.prompt import Change
from lib.generation import job_links
from lib.generation import outcome as outcomes
from lib.llm.spool import Entry
from lib.store import attempts, feeds, generations, tenants
from lib.store.attempts import Attempt
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio

log = logging.getLogger(__name__)

RETRY_DELAYS_S = (1.0, 3.0)
"""Before the second and the third request, where the server does not say how long to wait."""
LONGEST_RETRY_DELAY_S = 20.0
"""Longer than this a person is told instead of kept waiting."""


@dataclass(frozen=True)
class Prepared:
    """A generation on record whose request has not been sent yet, with the locked trace it will leave."""

    asked: Generation
    brief: Brief
    options: GenerationOptions
    entry: Entry
    attempt_id: uuid.UUID
    request: dict[str, Any]
    progress: Progress
    number: int = 1
    """Of the request among those of its generation."""


class Asked(TypedDict, total=False):
    """What may be said of a generation beside its brief and options."""

    source: Required[str]
    """The door it came through: ``page``, ``api``, ..."""
    idempotency_key: str | None
    run_id: uuid.UUID
    """The press of the button that its variants share."""
    variant: int
    """From 1; each is written from another angle."""
    parent: Feed
    """The feed it is derived from, by ``change``."""
    change: Change
    stream: bool
    """Whether somebody watches (as a rule yes); only such a request can be stopped while the server is silent."""


def generate(studio: Studio, brief: Brief, options: GenerationOptions, **asked: Unpack[Asked]) -> Feed:
    """Write one caption and store it; returns its row, or raises how it ended (a ``StudioError``).

    The same ``idempotency_key`` returns the same feed and never pays twice, also when two requests race; it raises the
    same error too, so who wants another try sends another key. With another brief it raises
    ``KeyReused``. ``parent`` and ``change`` derive the caption from a stored one.
    """
    asked.setdefault("stream", False)  # nobody watches who waits for the result
    begun = prepare(studio, brief, options, **asked)
    return execute(studio, begun) if isinstance(begun, Prepared) else outcome_of(studio, begun)


def submit(studio: Studio, begun: Prepared) -> Progress:
    """Carry it out in a thread of the process, whatever becomes of the page that asked; watch the returned progress."""
    studio.threads.submit(_carry_out_alone, studio, begun)
    return begun.progress


def prepare(
    studio: Studio, brief: Brief, options: GenerationOptions, **asked_for: Unpack[Asked]
) -> Prepared | Generation:
    """Record what is asked for, before any money is spent; nothing has been sent yet.

    Returns the earlier generation where the idempotency key was used before for the same. Raises
    ``NoKey``, ``JobNotFound``, ``OverlayNotFound``, ``KeyReused`` and ``DatabaseAway``.
    """
    begun = prepare_by(_record, studio, brief, options, asked_for)
    assert not isinstance(begun, Feed)  # noqa: S101 - _record never answers with one
    return begun


@dataclass(frozen=True)
class Recorded:
    """The request is on record, as one of this generation, and may be sent once that is committed."""

    asked: Generation
    number: int = 1


Record = Callable[[Any, Generation, uuid.UUID, dict[str, Any]], Recorded | Generation | Feed]
"""How a door puts on record what is asked for, or what it is answered with instead; within the transaction."""


def prepare_by(
    record: Record, studio: Studio, brief: Brief, options: GenerationOptions, asked_for: Asked
) -> Prepared | Generation | Feed:
    """:func:`begin`, for a door with rules of its own about what is to be asked again."""
    studio.writer.require(options.model)
    parent, change, variant = asked_for.get("parent"), asked_for.get("change"), asked_for.get("variant", 1)
    derivation = None
    if parent and change:
        derivation = prompt.Derivation(change, parent.instagram_ad_copy, parent.hashtags)
    messages = prompt.messages(brief, options.language, variant=variant, derivation=derivation)
    attempt_id = uuid.uuid4()
    request = studio.writer.body(messages, options, stream=asked_for.get("stream", True), reference=str(attempt_id))
    asked = Generation(
        tenant_id=brief.tenant_id,
        generation_id=uuid.uuid4(),
        run_id=asked_for.get("run_id") or uuid.uuid4(),
        variant=variant,
        source=asked_for["source"],
        idempotency_key=asked_for.get("idempotency_key"),
        fingerprint=fingerprint(
            dataclasses.asdict(brief), options.as_json(), variant, change, parent and parent.instagram_feed_id
        ),
        brief=brief.inputs(),
        options=options.as_json(),
        prompt_version=prompt.VERSION,
        parent_feed_id=parent.instagram_feed_id if parent else None,
        change=change,
    )
    entry = studio.spool.open(asked.tenant_id, asked.generation_id, attempt_id)
    try:
        with studio.database.tenant(asked.tenant_id) as db:
            recorded = record(db, asked, attempt_id, request)
            if not isinstance(recorded, Recorded):
                entry.discard()
                return recorded
            if recorded.asked.generation_id != asked.generation_id:  # one more request of an earlier generation
                entry.discard()
                asked = recorded.asked
                entry = studio.spool.open(asked.tenant_id, asked.generation_id, attempt_id)
            if asked.tenant_id not in studio.tenants:
                tenants.remember(db, asked.tenant_id)
    except DatabaseAway:
        entry.release()  # nothing was sent, but the record may have been committed before the connection was lost
        raise
    except BaseException:
        entry.discard()  # nothing was sent, and nothing is on record
        raise
    studio.tenants.add(asked.tenant_id)
    progress = Progress(asked.run_id)
    studio.running[asked.generation_id] = progress
    return Prepared(asked, brief, options, entry, attempt_id, request, progress, recorded.number)


def _record(db: Any, asked: Generation, attempt_id: uuid.UUID, request: dict[str, Any]) -> Recorded | Generation:
    job_links.require_links(db, asked.tenant_id, *links_of(asked))
    if generations.add(db, asked, attempt_id, request):
        return Recorded(asked)
    earlier = asked_before(db, asked)
    if earlier is None:
        raise KeyReused
    return earlier


def links_of(asked: Generation) -> tuple[uuid.UUID | None, uuid.UUID | None]:
    """The job and the overlay that it is for."""
    options = GenerationOptions.from_json(asked.options)
    return options.job_id, options.overlay_id


def asked_before(db: Any, asked: Generation) -> Generation | None:
    """What was asked for under the same key, held until the transaction ends.

    Raises ``KeyReused`` where it was something else.
    """
    if asked.idempotency_key is None:
        return None
    earlier = generations.lock_key(db, asked.tenant_id, asked.idempotency_key)
    if earlier and earlier.fingerprint != asked.fingerprint:
        raise KeyReused
    return earlier


def execute(studio: Studio, begun: Prepared) -> Feed:
    """Ask the model and store what it answers; ours are few retries, spaced, and each one an attempt on record."""
    asked, entry, progress = begun.asked, begun.entry, begun.progress
    attempt_id, request, pauses, number = begun.attempt_id, begun.request, list(RETRY_DELAYS_S), begun.number
    got: Answer | None = None
    try:
        while True:
            if progress.stopped.is_set():
                exchange = Exchange(ending="stopped")
            else:
                progress.begin_attempt()
                studio.writer.ask(
                    request, entry, on_content=progress.add, stop=progress.stopped, reference=str(attempt_id)
                )
                exchange = entry.exchange
            got = completion.read(exchange, request)
            pause = 0.0 if studio.writer.learn(request, got) else _pause(got, pauses)
            if pause is None or progress.stopped.is_set():
                break
            outcomes.store_attempt(studio, asked.tenant_id, attempt_id, request, exchange, got)
            if pause and not progress.wait(pause, got.error.code if got.error else ""):
                break
            attempt_id = uuid.uuid4()
            request = studio.writer.body(
                request["messages"], begun.options, stream=bool(request.get("stream")), reference=str(attempt_id)
            )
            entry.attempt(attempt_id)
            number += 1
            with studio.database.tenant(asked.tenant_id) as db:
                attempts.add(
                    db,
                    asked.tenant_id,
                    attempt_id,
                    generation_id=asked.generation_id,
                    number=number,
                    request=request,
                )
        progress.phase = "storing"
        feed = outcomes.store(studio, asked, attempt_id, request, exchange, got)
        entry.discard()
    except DatabaseAway as error:  # the trace stays; whoever lives when the database is back stores it
        rejected = got is not None and got.outcome is Outcome.FAILED
        raise (got.error if got and got.error and rejected else AnswerKept()) from error
    finally:
        entry.release()
        progress.phase = "done"
        studio.running.pop(asked.generation_id, None)
    return feed or outcome_of(studio, asked)


def _carry_out_alone(studio: Studio, begun: Prepared) -> None:
    try:
        execute(studio, begun)
    except StudioError as error:
        begun.progress.error = error
        log.info("generation %s: %s", begun.asked.generation_id, error.code)
    except Exception:
        log.exception("generation %s failed in a way nobody foresaw", begun.asked.generation_id)


def _pause(got: Answer, pauses: list[float]) -> float | None:
    """How many seconds to wait before asking again; None: do not.

    Only where the request certainly brought no answer, so that nothing is paid twice: the server could not be reached,
    or it takes no more requests for now. Never for a quota, which waiting does not help.
    """
    if not isinstance(got.error, RateLimited | ModelUnreachable) or not pauses:
        return None
    pause = max(pauses.pop(0), got.retry_after_s or 0.0)
    return pause if pause <= LONGEST_RETRY_DELAY_S else None


# -- for who asks twice ----------------------------------------------------------------------------------------------


def outcome_of(studio: Studio, earlier: Generation, patience_s: float | None = None) -> Feed:
    """What became of a generation asked for before: its feed, or its error again.

    Waits while it is written (None: as long as an answer may take). Raises ``StillWriting`` then.
    """
    deadline = time.monotonic() + (studio.settings.timeout_s if patience_s is None else patience_s)
    while earlier.finished_at is None:
        if time.monotonic() > deadline:
            raise StillWriting
        time.sleep(0.2)
        with studio.database.tenant(earlier.tenant_id) as db:
            earlier = generations.get(db, earlier.tenant_id, earlier.generation_id) or earlier
    with studio.database.tenant(earlier.tenant_id) as db:
        if earlier.instagram_feed_id:
            return feeds.get(db, earlier.tenant_id, earlier.instagram_feed_id)
        made = attempts.of_generation(db, earlier.tenant_id, earlier.generation_id)
    raise error_of(made[-1]) or Stopped()


def error_of(attempt: Attempt) -> StudioError | None:
    """The error with which the attempt ended, as it was raised then."""
    return from_code(attempt.error_code, attempt.error_params or {}) if attempt.error_code else None


# -- by hand --------------------------------------------------------------------------------------------------------


def save_fixed(studio: Studio, asked: Generation, text: str, hashtags: str) -> Feed:
    """Store as a feed what a person made of an answer that could not be stored as it was.

    The answer was paid for; nothing is asked again. Raises ``InvalidCaption``.
    """
    caption = Caption.from_fields(text, hashtags).checked()
    with studio.database.tenant(asked.tenant_id) as db:
        job_links.lock_job(db, asked)
        known = generations.lock(db, asked.tenant_id, asked.generation_id)
        if known and known.instagram_feed_id:
            return feeds.get(db, asked.tenant_id, known.instagram_feed_id)
        attempt = attempts.of_generation(db, asked.tenant_id, asked.generation_id)[-1]
        got = Answer(Outcome.WRITTEN, completion=attempt.response)
        outcome, feed_id = attempt.outcome or Outcome.WRITTEN.value, uuid.uuid4()
        generations.finish(db, asked.tenant_id, asked.generation_id, outcome=outcome, feed_id=feed_id)
        feed = outcomes.add_feed(db, asked, feed_id, attempt.request, attempt.latency_ms, got, caption)
        job_links.end_job_step(db, asked, done=True)
    return feed
