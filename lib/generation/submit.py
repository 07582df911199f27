"""The one entrance to the one path: whatever asks for a caption fills in a request and submits it.

1. ``prepare`` records the brief and the request to the model, and commits;
2. ``generate.execute`` sends it, outside any transaction, and spools the answer's bytes as they arrive;
3. ``outcome.store`` stores the answer, how it ended and, where the caption is valid, the feed, in one transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

from lib.domain import prompt
from lib.domain.errors import DatabaseAway, RateLimited, ServerFull, StillWriting, StudioError
from lib.domain.progress import Progress
from lib.generation import assignment, generate, job_step, outcome, pacing
from lib.generation.generate import Prepared
from lib.generation.job_step import Record
from lib.generation.request import GenerationRequest
from lib.llm.spool import Entry
from lib.store import tenants
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio

log = logging.getLogger(__name__)

SLOT_RETRY_S = 5
"""Seconds after which a caller that found every slot busy may try again."""


__all__ = ["GenerationRequest", "Submission", "prepare", "prepare_chosen", "record_in_file", "slot", "submit"]


class Submission:
    """A request on record: watch its ``progress``, ``wait`` for its feed, or have a callback called at the end."""

    def __init__(self, studio: Studio, record: Record, prepared: Prepared | None = None) -> None:
        self._studio = studio
        self.generation: Generation | None = record.generation
        """The generation on record; None where the answer is the feed that the job had already."""
        self.prepared = prepared
        """What is to be executed; None where an earlier request is the answer."""
        self._feed = record.feed
        self._future: Future[Feed] = Future()
        self._is_watched = prepared is not None

    @property
    def is_new(self) -> bool:
        """Whether a request to the model follows from this call, rather than from an earlier one."""
        return self.prepared is not None

    @property
    def progress(self) -> Progress | None:
        """The live state of the generation; None where this process does not write it now."""
        if self.prepared:
            return self.prepared.progress
        return self._studio.running.get(self.generation.generation_id) if self.generation else None

    def wait(self, timeout_s: float | None = None) -> Feed:
        """The stored feed, or the error that the generation ended with, raised (a ``StudioError``).

        ``timeout_s`` in seconds; None: as long as a model may take. Raises ``StillWriting`` after that.
        """
        if self._feed:
            return self._feed
        if self.generation and not self.prepared:
            return outcome.wait(self._studio, self.generation, timeout_s)
        try:
            return self._future.result(timeout_s)
        except TimeoutError as error:
            raise StillWriting from error

    async def finished(self) -> None:
        """Return when the generation that this call started has ended; ``wait`` then returns at once.

        Cancelling the caller does not end the generation. Returns at once for an answer of an earlier request.
        """
        if self.is_new:
            future = asyncio.wrap_future(self._future)
            future.add_done_callback(lambda done: done.cancelled() or done.exception())  # or asyncio logs it as lost
            await asyncio.wait([future])

    def add_done_callback(self, callback: Callable[[Submission], None]) -> None:
        """Call ``callback`` with this submission when it has ended: in the thread that ends it, or at once."""
        if not self._is_watched:
            self._is_watched = True
            threading.Thread(target=self._settle, args=(self.wait,), daemon=True).start()
        self._future.add_done_callback(lambda _: callback(self))

    def execute(self) -> None:
        """Send the request in the thread that calls, and store how it ended; ``wait`` then returns at once."""
        if self.prepared:
            self._execute(self.prepared, contextlib.ExitStack())

    def _execute(self, prepared: Prepared, slot: contextlib.ExitStack) -> None:
        def work() -> Feed:
            with slot:
                return generate.execute(self._studio, prepared)

        self._settle(work)

    def _settle(self, work: Callable[[], Feed]) -> None:
        try:
            self._future.set_result(work())
        except StudioError as error:
            if self.prepared:
                self.prepared.progress.error = error
            log.info("generation %s: %s", self.generation and self.generation.generation_id, error.code)
            self._future.set_exception(error)
        except Exception as error:
            log.exception("generation %s failed with a bug", self.generation and self.generation.generation_id)
            self._future.set_exception(error)


def submit(studio: Studio, request: GenerationRequest) -> Submission:
    """Record the request, start it, and return what the caller can watch, wait for, or be called back by.

    Nothing is sent where an earlier request is the answer: the same idempotency key, or a job that has its feed.
    Raises, with nothing recorded and nothing spent: ``ServerFull``, ``NoKey``, ``JobNotFound``, ``OverlayNotFound``,
    ``OverlayOfAnotherJob``, ``JobRefused``, ``KeyReused``, ``StillWriting``, ``NoRoom`` and ``DatabaseAway``.
    """
    with contextlib.ExitStack() as resources:
        if request.threads == "pipeline":
            resources.enter_context(slot(studio))
        submission = prepare(studio, request)
        if submission.prepared and request.threads is None:
            submission._execute(submission.prepared, resources)
        elif submission.prepared:
            threads = studio.pipeline_threads if request.threads == "pipeline" else studio.page_threads
            threads.submit(submission._execute, submission.prepared, resources.pop_all())
    return submission


@contextlib.contextmanager
def slot(studio: Studio) -> Iterator[None]:
    """Hold one of the places that a process has for the captions of programs. Raises ``ServerFull``."""
    if not studio.pipeline_slots.acquire(blocking=False):
        raise ServerFull(seconds=SLOT_RETRY_S)
    try:
        yield
    finally:
        studio.pipeline_slots.release()


def prepare(studio: Studio, request: GenerationRequest) -> Submission:
    """Record the request, before any money is spent, and send nothing; raises what :func:`submit` raises."""
    submission = prepare_chosen(studio, request.brief.tenant_id, lambda _: request)
    assert submission is not None  # noqa: S101 - a request was chosen
    return submission


def prepare_chosen(
    studio: Studio, tenant_id: str, choose: Callable[[Any], GenerationRequest | None]
) -> Submission | None:
    """Record the request that ``choose`` returns, in the transaction that it is called with; None where it has none.

    What ``choose`` writes is committed with the record, or with nothing where it returns None. Raises what it raises,
    and what :func:`submit` raises; then nothing is recorded.
    """
    entry: Entry | None = None
    try:
        with studio.database.tenant(tenant_id) as db:
            request = choose(db)
            if request is None:
                return None
            request = assignment.assigned(db, request)
            studio.writer.require(request.options.model)
            generation, attempt_id = _generation(request), uuid.uuid4()
            payload = _payload(studio, request, attempt_id)
            entry = studio.spool.open(tenant_id, generation.generation_id, attempt_id)
            record = job_step.record(db, request, generation, attempt_id, payload, studio.process_id)
            if not record.generation or not record.number:
                entry.discard()
                return Submission(studio, record)
            if record.generation.generation_id != generation.generation_id:  # one more attempt of an earlier one
                entry.discard()
                generation = record.generation
                entry = studio.spool.open(tenant_id, generation.generation_id, attempt_id)
            wait_s = pacing.take(db, tenant_id, payload, attempt_id)
            if wait_s > 0 and not request.waits:
                raise RateLimited(seconds=wait_s)
            if tenant_id not in studio.tenants:
                tenants.remember(db, tenant_id)
    except DatabaseAway:
        if entry:
            entry.release()  # nothing was sent, but the record may have been committed before the connection was lost
        raise
    except BaseException:
        if entry:
            entry.discard()  # nothing was sent, and nothing is on record
        raise
    studio.tenants.add(tenant_id)
    progress = studio.running[generation.generation_id] = Progress(generation.run_id)
    prepared = Prepared(generation, request.options, entry, attempt_id, payload, progress, record.number, wait_s)
    return Submission(studio, record, prepared)


def record_in_file(
    studio: Studio, db: Any, request: GenerationRequest, file_id: uuid.UUID
) -> tuple[uuid.UUID, dict[str, Any]] | None:
    """Record the request, in the caller's transaction, as one of a file for the Batch API, which sends it later.

    Returns the id of its attempt and its body; None where an earlier request is the answer. Raises what
    :func:`submit` raises, but for what the spool and the limits raise.
    """
    request = assignment.assigned(db, request)
    attempt_id = uuid.uuid4()
    payload = _payload(studio, request, attempt_id)
    record = job_step.record(db, request, _generation(request), attempt_id, payload, file_id)
    return (attempt_id, payload) if record.number else None


def _payload(studio: Studio, request: GenerationRequest, attempt_id: uuid.UUID) -> dict[str, Any]:
    """The body of the request to the model."""
    options, parent = request.options, request.parent
    derivation = None
    if parent and request.change:
        derivation = prompt.Derivation(request.change, parent.instagram_ad_copy, parent.hashtags, request.passage)
    messages = prompt.messages(request.brief, options.language, variant=request.variant, derivation=derivation)
    return studio.writer.body(messages, options, stream=request.stream, reference=str(attempt_id))


def _generation(request: GenerationRequest) -> Generation:
    return Generation(
        tenant_id=request.brief.tenant_id,
        generation_id=request.generation_id or uuid.uuid4(),
        run_id=request.run_id or uuid.uuid4(),
        variant=request.variant,
        source=request.source,
        idempotency_key=request.idempotency_key,
        fingerprint=request.fingerprint,
        brief=request.brief.recorded(),
        options=request.options.as_json(),
        prompt_version=prompt.VERSION,
        parent_feed_id=request.parent_feed_id,
        change=request.change,
    )
