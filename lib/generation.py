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
from dataclasses import dataclass
from typing import Any, Required, TypedDict, Unpack

from lib import answer, prompt, settlement
from lib.answer import Answer, Exchange, Outcome
from lib.brief import Brief, GenerationOptions, fingerprint
from lib.caption import Caption
from lib.errors import (
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
from lib.progress import Progress
from lib.prompt import Change
from lib.spool import Entry
from lib.store import attempts, feeds, generations, jobs, tenants
from lib.store.attempts import Attempt
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio

log = logging.getLogger(__name__)

PAUSES_S = (1.0, 3.0)
"""Before the second and the third request, where the server does not say how long to wait."""
LONGEST_PAUSE_S = 20.0
"""Longer than this a person is told instead of kept waiting."""


@dataclass(frozen=True)
class Begun:
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
    another: bool
    """Of a pipeline: whether a job that has its feed already is to get one more."""
    stream: bool
    """Whether somebody watches (as a rule yes); only such a request can be stopped while the server is silent."""


def generate(studio: Studio, brief: Brief, options: GenerationOptions, **asked: Unpack[Asked]) -> Feed:
    """Write one caption and store it; returns its row, or raises how it ended (a :class:`lib.errors.StudioError`).

    The same ``idempotency_key`` returns the same feed and never pays twice, also when two requests race; it raises the
    same error too, so who wants another try sends another key. With another brief it raises
    :class:`lib.errors.KeyReused`. ``parent`` and ``change`` derive the caption from a stored one.
    """
    asked.setdefault("stream", False)  # nobody watches who waits for the result
    begun = begin(studio, brief, options, **asked)
    return carry_out(studio, begun) if isinstance(begun, Begun) else outcome_of(studio, begun)


def start(studio: Studio, begun: Begun) -> Progress:
    """Carry it out in a thread of the process, whatever becomes of the page that asked; watch the returned progress."""
    studio.threads.submit(_carry_out_alone, studio, begun)
    return begun.progress


def begin_step(
    studio: Studio, brief: Brief, options: GenerationOptions, **asked_for: Unpack[Asked]
) -> Begun | Generation | Feed:
    """The same as :func:`begin` for a pipeline, which may ask twice, and die in between.

    Where it names a job, the job is running this step from the same commit on, and is done or failed from the one that
    stores the end. A job that has its feed already, for this overlay where one is named, is answered with it, unless
    ``another`` is asked for. A key whose last request certainly cost nothing asks again: the money that a key protects
    was never spent. Raises :class:`lib.errors.StillWriting` where the job's feed is being written under another key,
    ``JobRefused``, and what :func:`begin` raises.
    """
    return _begin(studio, brief, options, asked_for | {"source": settlement.PIPELINE})


def begin(studio: Studio, brief: Brief, options: GenerationOptions, **asked_for: Unpack[Asked]) -> Begun | Generation:
    """Record what is asked for, before any money is spent; nothing has been sent yet.

    Returns the earlier generation where the idempotency key was used before for the same. Raises
    :class:`lib.errors.NoKey`, ``JobNotFound``, ``OverlayNotFound``, ``KeyReused`` and ``DatabaseAway``.
    """
    begun = _begin(studio, brief, options, asked_for)
    assert not isinstance(begun, Feed)  # noqa: S101 - only a pipeline's job is answered with what it has
    return begun


def _begin(studio: Studio, brief: Brief, options: GenerationOptions, asked_for: Asked) -> Begun | Generation | Feed:
    studio.writer.require(options.model)
    parent, change = asked_for.get("parent"), asked_for.get("change")
    variant, idempotency_key = asked_for.get("variant", 1), asked_for.get("idempotency_key")
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
        idempotency_key=idempotency_key,
        fingerprint=fingerprint(
            dataclasses.asdict(brief), options.as_json(), variant, change, parent and parent.instagram_feed_id
        ),
        brief=brief.inputs(),
        options=options.as_json(),
        prompt_version=prompt.VERSION,
        parent_feed_id=parent.instagram_feed_id if parent else None,
        change=change,
    )
    number = 1
    job_id = settlement.job_of(asked)
    entry = studio.spool.open(asked.tenant_id, asked.generation_id, attempt_id)
    try:
        with studio.database.tenant(asked.tenant_id) as db:
            settlement.hold_job(db, asked)  # of two calls for one job the second sees what the first began
            earlier = _earlier(db, asked) if job_id else None
            settlement.require_links(db, asked.tenant_id, options.job_id, options.overlay_id)
            if job_id and not asked_for.get("another") and (earlier is None or _cost_nothing(db, earlier)):
                made = _feed_of_job(db, asked.tenant_id, job_id, options.overlay_id)
                if made:
                    entry.discard()
                    return made
            if asked.tenant_id not in studio.tenants:
                tenants.remember(db, asked.tenant_id)
            if earlier or not generations.add(db, asked, attempt_id, request):
                earlier = earlier or _earlier(db, asked)
                if earlier is None:
                    raise KeyReused
                entry.discard()
                if asked.source != settlement.PIPELINE or not _cost_nothing(db, earlier):
                    return earlier
                asked = dataclasses.replace(earlier, finished_at=None, outcome=None)
                entry = studio.spool.open(asked.tenant_id, asked.generation_id, attempt_id)
                number = _ask_again(db, asked, attempt_id, request)
            if job_id:
                jobs.begin_step(db, asked.tenant_id, job_id)
    except DatabaseAway:
        entry.release()  # nothing was sent, but the record may have been committed before the connection was lost
        raise
    except BaseException:
        entry.discard()  # nothing was sent, and nothing is on record
        raise
    studio.tenants.add(asked.tenant_id)
    progress = Progress(asked.run_id)
    studio.running[asked.generation_id] = progress
    return Begun(asked, brief, options, entry, attempt_id, request, progress, number)


def _earlier(db: Any, asked: Generation) -> Generation | None:
    """What was asked for under the same key, held until the transaction ends.

    Raises :class:`lib.errors.KeyReused` where it was something else.
    """
    if asked.idempotency_key is None:
        return None
    earlier = generations.hold_key(db, asked.tenant_id, asked.idempotency_key)
    if earlier and earlier.fingerprint != asked.fingerprint:
        raise KeyReused
    return earlier


def _feed_of_job(db: Any, tenant_id: str, job_id: uuid.UUID, overlay_id: uuid.UUID | None) -> Feed | None:
    """The newest feed that the job has for its step. Raises :class:`lib.errors.StillWriting` while it is written."""
    made = feeds.by_job(db, tenant_id, job_id)
    found = next((one for one in made if overlay_id in (None, one.overlay_id)), None)
    if found is None and generations.unfinished_of_job(db, tenant_id, job_id, settlement.PIPELINE):
        raise StillWriting
    return found


def _cost_nothing(db: Any, earlier: Generation) -> bool:
    """Whether it has ended without a feed and its last request was certainly not billed."""
    if earlier.finished_at is None or earlier.instagram_feed_id:
        return False
    last = attempts.of_generation(db, earlier.tenant_id, earlier.generation_id)[-1]
    return answer.never_billed(last.outcome or "", last.error_code)


def _ask_again(db: Any, asked: Generation, attempt_id: uuid.UUID, request: dict[str, Any]) -> int:
    """Record one more request of the same generation; returns its number."""
    made = attempts.of_generation(db, asked.tenant_id, asked.generation_id)
    number = made[-1].number + 1
    generations.reopen(db, asked.tenant_id, asked.generation_id)
    attempts.add(
        db,
        asked.tenant_id,
        attempt_id,
        generation_id=asked.generation_id,
        number=number,
        request=request,
    )
    return number


def carry_out(studio: Studio, begun: Begun) -> Feed:
    """Ask the model and store what it answers; ours are few retries, spaced, and each one an attempt on record."""
    asked, entry, progress = begun.asked, begun.entry, begun.progress
    attempt_id, request, pauses, number = begun.attempt_id, begun.request, list(PAUSES_S), begun.number
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
            got = answer.read(exchange, request)
            pause = 0.0 if studio.writer.learn(request, got) else _pause(got, pauses)
            if pause is None or progress.stopped.is_set():
                break
            settlement.settle(studio, asked.tenant_id, attempt_id, request, exchange, got)
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
        feed = settlement.finish(studio, asked, attempt_id, request, exchange, got)
        entry.discard()
    except DatabaseAway as error:  # the trace stays; whoever lives when the database is back stores it
        rejected = got is not None and got.outcome is Outcome.FAILED
        raise (got.error if got and got.error and rejected else AnswerKept()) from error
    finally:
        entry.release()
        progress.phase = "done"
        studio.running.pop(asked.generation_id, None)
    return feed or outcome_of(studio, asked)


def _carry_out_alone(studio: Studio, begun: Begun) -> None:
    try:
        carry_out(studio, begun)
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
    return pause if pause <= LONGEST_PAUSE_S else None


# -- for who asks twice ----------------------------------------------------------------------------------------------


def outcome_of(studio: Studio, earlier: Generation, patience_s: float | None = None) -> Feed:
    """What became of a generation asked for before: its feed, or its error again.

    Waits while it is written (None: as long as an answer may take). Raises :class:`lib.errors.StillWriting` then.
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

    The answer was paid for; nothing is asked again. Raises :class:`lib.errors.InvalidCaption`.
    """
    caption = Caption.from_fields(text, hashtags).checked()
    with studio.database.tenant(asked.tenant_id) as db:
        settlement.hold_job(db, asked)
        known = generations.hold(db, asked.tenant_id, asked.generation_id)
        if known and known.instagram_feed_id:
            return feeds.get(db, asked.tenant_id, known.instagram_feed_id)
        attempt = attempts.of_generation(db, asked.tenant_id, asked.generation_id)[-1]
        got = Answer(Outcome.WRITTEN, completion=attempt.response)
        outcome, feed_id = attempt.outcome or Outcome.WRITTEN.value, uuid.uuid4()
        generations.finish(db, asked.tenant_id, asked.generation_id, outcome=outcome, feed_id=feed_id)
        feed = settlement.add_feed(db, asked, feed_id, attempt.request, attempt.latency_ms, got, caption)
        settlement.end_job_step(db, asked, done=True)
    return feed
