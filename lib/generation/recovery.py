"""After a crash or a fail-over: store what is left in the spool, and end generations that nobody writes any more."""

from __future__ import annotations

import datetime as dt
import json
import logging
import math
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from lib.domain import completion
from lib.domain.errors import DatabaseAway
from lib.domain.exchange import Exchange
from lib.generation import job_links, outcome
from lib.llm.spool import StoredTrace, Trace
from lib.store import attempts, generations, reconciliation
from lib.store.traffic import processes
from lib.studio import Studio

log = logging.getLogger(__name__)

FORGOTTEN_AFTER = dt.timedelta(hours=1)
"""A generation of the first releases, which named no process, was lost with its machine if it is unfinished then."""

LOOKED_FOR = dt.timedelta(days=1)
"""How long a stored completion is looked for at OpenAI."""

RECORDED_WITHIN_S = 60.0
"""A record that the database does not have by then was never committed. Until then its COMMIT may be under way,
although the process that sent it is dead."""

STORED_KEPT_S = 15 * 60.0
"""How long the trace of a stored answer is kept, in case the database is set back to a state before it."""

STORED_CHECKED_EVERY_S = 60.0
"""Seconds between two checks whether the database still has the answers whose traces are kept."""

RECONCILED_EVERY_S = 3600.0
"""Seconds between two checks for rows that were written while triggers were off; the first check is at the start."""


@contextmanager
def recovery_worker(studio: Studio) -> Iterator[None]:
    """While inside, a thread stores what could not be stored, and lists rows that were written with triggers off."""
    over = threading.Event()
    studio.spool.take_back()

    def keep() -> None:
        look, reconciled, checked = 0, -math.inf, -math.inf
        while True:
            try:
                if time.monotonic() - checked >= STORED_CHECKED_EVERY_S:
                    offer_forgotten(studio)
                    checked = time.monotonic()
                recover(studio)
                write_off(studio)
                if look % 100 == 0:  # rare: it asks OpenAI
                    fetch_stored_answers(studio, over)
                look += 1
                if time.monotonic() - reconciled >= RECONCILED_EVERY_S:
                    reconciliation.reconcile(studio.database)
                    reconciled = time.monotonic()
            except DatabaseAway:
                checked = -math.inf  # it may come back as a copy that lags behind
                log.info("the database is away; the spool keeps what is not stored yet")
            except Exception:
                log.exception("a round of recovery failed with a bug")
            if over.wait(studio.settings.spool_interval_s):
                return

    thread = threading.Thread(target=keep, name="recovery", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def recover(studio: Studio) -> int:
    """Store what processes that died or could not reach the database left in the spool; returns how many answers.

    An answer whose record the database does not have is set aside and logged. Raises ``DatabaseAway``.
    """
    stored = 0
    for entry in studio.spool.abandoned():
        try:
            trace = entry.trace()
            if trace and _recover_one(studio, trace):
                stored += 1
                entry.retire()
                continue
            if entry.silent_s < RECORDED_WITHIN_S:
                continue
            if trace and trace.exchange.sent and not _was_deleted(studio, trace):
                # Sent, so it was on record: in another database, or in this one before it was set back.
                log.error("%s holds an answer that this database has no record of; it is set aside", entry.path)
                entry.set_aside()
                continue
            entry.discard()
        except DatabaseAway:
            raise
        except Exception:
            log.exception("the trace %s cannot be stored; it stays where it is", entry.path)
        finally:
            entry.release()
    return stored


def _recover_one(studio: Studio, trace: Trace) -> bool:
    with studio.database.tenant(trace.tenant_id) as db:
        generation = generations.get(db, trace.tenant_id, trace.generation_id)
        rows = attempts.of_generation(db, trace.tenant_id, trace.generation_id)
    if generation is None or not rows:
        return False  # nothing is sent before the record is committed
    attempt = next((row for row in rows if row.attempt_id == trace.attempt_id), None)
    exchange = trace.exchange if attempt else Exchange()
    attempt = attempt or rows[-1]
    answer = outcome.take_in(studio, generation, attempt.attempt_id, attempt.request, exchange)
    log.info("generation %s was recovered: %s", generation.generation_id, answer.outcome)
    return True


def _was_deleted(studio: Studio, trace: Trace) -> bool:
    """Whether the record is missing because somebody deleted it, and not because the database has lost it."""
    with studio.database.tenant(trace.tenant_id) as db:
        return bool(generations.deleted(db, trace.tenant_id, [trace.generation_id]))


def offer_forgotten(studio: Studio) -> int:
    """Offer to :func:`recover` the answers that the database has lost although it had stored them; returns how many.

    The traces of stored answers are kept for :data:`STORED_KEPT_S` and then deleted; those of generations that somebody
    deleted, with a caption or a team, are deleted now. Raises ``DatabaseAway``.
    """
    by_tenant: dict[str, list[StoredTrace]] = {}
    for trace in studio.spool.stored():
        by_tenant.setdefault(trace.tenant_id, []).append(trace)
    offered = 0
    for tenant_id, traces in by_tenant.items():
        with studio.database.tenant(tenant_id) as db:
            generation_ids = [trace.generation_id for trace in traces]
            finished = generations.finished(db, tenant_id, generation_ids)
            deleted = generations.deleted(db, tenant_id, generation_ids)
        for trace in traces:
            if trace.generation_id in deleted:
                trace.path.unlink(missing_ok=True)
            elif trace.generation_id not in finished:
                if studio.spool.offer_again(trace):
                    log.warning("the database has lost the answer of generation %s", trace.generation_id)
                    offered += 1
            elif trace.age_s > STORED_KEPT_S:
                trace.path.unlink(missing_ok=True)
    return offered


def write_off(studio: Studio) -> int:
    """End the generations of processes that fell silent: what they may have sent is *outcome unknown*.

    Each costs the most that it may have cost, and can be tried again by choice. If its process comes back with the
    answer, the answer is stored after all. Returns how many. Does nothing where this process was silent itself.
    """
    if studio.presence and not studio.presence.may_judge:
        return 0
    with studio.database.directory() as db:
        silent = processes.silent_generations(db, lost_s=FORGOTTEN_AFTER.total_seconds())
    return sum(_write_off_one(studio, tenant_id, generation_id) for tenant_id, generation_id in silent)


def _write_off_one(studio: Studio, tenant_id: str, generation_id: uuid.UUID) -> bool:
    lost = Exchange(sent=True, ending="cut", error_class="Lost")
    with studio.database.tenant(tenant_id) as db:
        generation = generations.get(db, tenant_id, generation_id)
        if generation is None:
            return False
        job_links.lock_job(db, generation)
        generation = generations.lock(db, tenant_id, generation_id)
        if generation is None or generation.finished_at:
            return False
        last = attempts.of_generation(db, tenant_id, generation_id)[-1]
        ended = last.outcome
        if ended is None:
            answer = completion.read(lost, last.request)
            columns = outcome.attempt_columns(db, tenant_id, last.request, lost, answer)
            attempts.settle(db, tenant_id, last.attempt_id, **columns)
            ended = answer.outcome.value
        generations.finish(db, tenant_id, generation_id, outcome=ended, feed_id=None)
        job_links.end_links(db, generation, done=False)
    log.warning("generation %s was given up by its process: %s", generation_id, ended)
    return True


def fetch_stored_answers(studio: Studio, over: threading.Event | None = None) -> int:
    """Fetch the answers that were paid for and never arrived, where OpenAI kept them; how many were found.

    What was *outcome unknown* is then known: tokens, cost, and the feed where the caption is valid.
    """
    since = dt.datetime.now(dt.UTC) - LOOKED_FOR
    stored = 0
    if not studio.settings.openai_store:
        return stored
    with studio.database.directory() as db:
        tenant_ids = attempts.tenants_with_unknown(db, since=since)
    for tenant_id in tenant_ids:
        with studio.database.tenant(tenant_id) as db:
            unknown = attempts.unknown(db, tenant_id, since=since)
        for attempt in unknown:
            if over and over.is_set():
                return stored
            reply = studio.writer.look_up(attempt.request)
            with studio.database.tenant(tenant_id) as db:
                generation = generations.get(db, tenant_id, attempt.generation_id)
            if reply is None or generation is None:
                continue
            body = json.dumps(reply, ensure_ascii=False).encode()
            exchange = Exchange(sent=True, status=200, body=body, ending="complete")
            answer = outcome.take_in(studio, generation, attempt.attempt_id, attempt.request, exchange)
            log.info("the answer of attempt %s was fetched after all: %s", attempt.attempt_id, answer.outcome)
            stored += 1
    return stored
