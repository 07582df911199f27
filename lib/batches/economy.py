"""Economy: a batch whose rows are asked for through OpenAI's Batch API, at half the price and within 24 hours.

The rows go out in files. What each of them waits for is in the database alone, and each step can be repeated: a file,
and the batch that executes it, are looked for at OpenAI before they are made. Results take the path of live answers.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from lib.batches import taking
from lib.batches.control import LIMIT
from lib.domain import completion, pricing
from lib.domain.batches import ends, request_file
from lib.domain.batches.request_file import RemoteBatch
from lib.domain.errors import AnswerSetAside, DatabaseAway, QueueFull, RateLimited, StudioError
from lib.domain.exchange import Exchange
from lib.generation import outcome
from lib.generation.submit import record_in_file
from lib.metrics import settings
from lib.store import generations
from lib.store.batches import batches, request_files, row_ends
from lib.store.batches import taking as store
from lib.store.batches.batches import Batch
from lib.store.batches.request_files import OpenRequest, RequestFile
from lib.store.batches.taking import Lane
from lib.studio import Studio

log = logging.getLogger(__name__)

ROWS_AT_ONCE = 100
"""Rows that one transaction adds to a file."""
HELD_S = 120.0
"""Seconds for which a step holds its file without a sign of life."""
BYTES_A_SECOND = 500_000
"""An upload holds its file as much longer as it would take at this pace."""
ANSWERS_AT_ONCE = 50
"""Answers after which a step that takes them in gives a sign of life."""
RETRY_S = 30.0
"""Seconds until a step is tried again that OpenAI did not answer, or answered with an error."""
FIRST_LOOK_S, LONGEST_LOOK_S = 2.0, 300.0
"""Seconds between two looks at a batch there: a tenth of its age, within these limits."""
RESULTS_LATE_S = 600.0
"""For so many seconds after it was completed, results that are missing may still appear."""
GIVEN_UP_AFTER = dt.timedelta(days=3)
"""A batch that was sent so long ago and cannot be found at OpenAI never answers."""


def take_step(studio: Studio, tenant_id: str, batch_id: uuid.UUID) -> None:
    """Begin files for the rows that wait, and take every step that is due of the batch's files.

    Harmless to repeat, also by several workers at once. Raises ``DatabaseAway`` and ``BatchNotFound``.
    """
    _begin_files(studio, tenant_id, batch_id)
    with studio.database.tenant(tenant_id) as db:
        files = [file for file in request_files.of_batch(db, tenant_id, batch_id) if not file.ended_at]
    for each in files:
        with studio.database.tenant(tenant_id) as db:
            file = request_files.claim(db, tenant_id, each.file_id, HELD_S)
        if file:
            _take_step_of(studio, file)


def _begin_files(studio: Studio, tenant_id: str, batch_id: uuid.UUID) -> None:
    with studio.database.tenant(tenant_id) as db:
        batch = batches.get(db, tenant_id, batch_id, lock=True)
        if not _is_open(batch):
            return
        files = request_files.of_batch(db, tenant_id, batch_id)
        if any(not file.ended_at and (file.status == "filling" or file.is_limited) for file in files):
            return
        for model in request_files.waiting_models(db, tenant_id, batch_id):
            request_files.add(db, tenant_id, batch_id, model, _most([file for file in files if file.model == model]))


def _most(earlier: Sequence[RequestFile]) -> int:
    """How many requests the next file for a model may hold: half as many as the one that found the queue full."""
    if not earlier:
        return request_file.MAX_REQUESTS
    last = earlier[-1]
    return max(1, last.requests // 2) if last.error_code == QueueFull.code else last.most


def _is_open(batch: Batch) -> bool:
    return batch.status in ("queued", "running")


class _TakenOverError(Exception):
    """Another worker holds the file by now: this step was silent for too long."""


def _take_step_of(studio: Studio, file: RequestFile) -> None:
    """Take the next step of a claimed file, which says when the one after it is due."""
    try:
        {"filling": _fill, "ready": _send, "sent": _follow}[file.status](studio, file)
    except _TakenOverError:
        log.warning("file %s of batch %s is another worker's by now", file.file_id, file.batch_id)
    except DatabaseAway:
        raise
    except StudioError as error:
        with studio.database.tenant(file.tenant_id) as db:
            current = request_files.get(db, file.tenant_id, file.file_id)
        if current and current.claim_id == file.claim_id:
            _put_off(studio, current, error)


def _keep(studio: Studio, file: RequestFile, due_in_s: float | None, **columns: Any) -> RequestFile:
    """Store new values of a file in a transaction of their own. Raises ``_TakenOverError``."""
    with studio.database.tenant(file.tenant_id) as db:
        return _keep_in(db, file, due_in_s, **columns)


def _keep_in(db: Any, file: RequestFile, due_in_s: float | None, **columns: Any) -> RequestFile:
    if not request_files.change(db, file, due_in_s, **columns):
        raise _TakenOverError
    return dataclasses.replace(file, **columns)


def _put_off(studio: Studio, file: RequestFile, error: StudioError) -> None:
    """Try the step again later; or end the file's requests with an error that they would meet again."""
    log.warning("file %s of batch %s: %s", file.file_id, file.batch_id, error)
    noted = {"error_code": error.code, "error_params": error.as_json()}
    pauses = error.code in ends.PAUSES
    if file.status != "sent" and (isinstance(error, QueueFull) or not (error.retryable or pauses)):
        refusal = {
            "message": error.params.get("detail", error.code),
            "code": request_file.QUEUE_FULL if error.retryable else None,
        }
        _end(studio, file, lambda _: request_file.rejected(refusal, 400), **noted)
        return
    if file.sent_at and not error.retryable and _age(file.sent_at) > GIVEN_UP_AFTER:
        _end(studio, file, lambda _: request_file.lost(), **noted)
        return
    seconds = float(error.params.get("seconds", 0.0)) if isinstance(error, RateLimited) else 0.0
    _keep(studio, file, max(RETRY_S, seconds), **noted)
    if pauses:
        with studio.database.tenant(file.tenant_id) as db:
            row_ends.pause(db, file.tenant_id, file.batch_id, error.code, error.as_json(), None)


def _age(since: dt.datetime) -> dt.timedelta:
    return dt.datetime.now(dt.UTC) - since


# -- a file is filled -------------------------------------------------------------------------------------------------


def _fill(studio: Studio, file: RequestFile) -> None:
    """Record waiting rows as requests of the file, until it is full, none waits, or the limit allows no more."""
    own = settings.own_prices_of(studio, file.tenant_id)
    while file.status == "filling":
        with studio.database.tenant(file.tenant_id) as db:
            batch = batches.get(db, file.tenant_id, file.batch_id, lock=True)
            filled = _add_rows(studio, db, batch, file, own)
            changes = {name: getattr(filled, name) for name in ("status", "requests", "size", "most_usd", "is_limited")}
            file = _keep_in(db, file, 0.0 if filled.status == "ready" else HELD_S, **changes)
            if file.is_limited:
                _wait_for_results(db, batch, file)
            if file.status == "ready" and not file.requests:
                request_files.delete(db, file)


def _add_rows(studio: Studio, db: Any, batch: Batch, file: RequestFile, own: Sequence[pricing.OwnPrice]) -> RequestFile:
    """The file with some more rows; it is ready where no further one is to be added."""
    lane = Lane(file.tenant_id, file.batch_id, file.model)
    full = dataclasses.replace(file, status="ready")
    if not _is_open(batch):
        return full
    store.run(db, lane)
    left_usd = _left_usd(db, batch, file)
    now = dt.datetime.now(dt.UTC)
    for _ in range(ROWS_AT_ONCE):
        full = dataclasses.replace(file, status="ready")
        if file.requests >= file.most:
            return full
        place = db.begin_nested()
        row = store.take(db, lane)
        if row is None:
            place.rollback()
            return full
        try:
            recorded = record_in_file(studio, db, taking.request_of(lane, row, batch.job_id), file.file_id)
        except taking.OF_THE_ROW as error:
            place.rollback()
            taking.cannot_be_recorded(db, lane, row, error)
            batch = batches.get(db, file.tenant_id, file.batch_id)
            continue
        if recorded is None:
            place.commit()
            continue
        size = file.size + len(request_file.request_line(*recorded))
        most_usd = pricing.at_most_usd(recorded[1], now, service_tier=pricing.BATCH, own=own) or Decimal(0)
        is_limited = left_usd is not None and file.most_usd + most_usd > left_usd
        if size > request_file.MAX_BYTES or is_limited:
            place.rollback()
            return dataclasses.replace(full, is_limited=is_limited)
        place.commit()
        file = dataclasses.replace(file, requests=file.requests + 1, size=size, most_usd=file.most_usd + most_usd)
    return file


def _left_usd(db: Any, batch: Batch, file: RequestFile) -> Decimal | None:
    """What the limit leaves for this file; None where there is no limit."""
    if batch.limit_usd is None:
        return None
    others = [
        other.most_usd
        for other in request_files.of_batch(db, file.tenant_id, file.batch_id)
        if not other.ended_at and other.file_id != file.file_id
    ]
    return batch.limit_usd - batch.spent_usd - sum(others, Decimal(0))


def _wait_for_results(db: Any, batch: Batch, file: RequestFile) -> None:
    """Let no file be begun until the batch's open files have ended; pause the batch where there is none."""
    files = [each for each in request_files.of_batch(db, file.tenant_id, file.batch_id) if not each.ended_at]
    if any(each.requests for each in files):
        request_files.change_open(db, file.tenant_id, file.batch_id, is_limited=True)
    else:
        params = {"limit": f"{batch.limit_usd:f}", "spent": f"{batch.spent_usd:f}"}
        row_ends.pause(db, file.tenant_id, file.batch_id, LIMIT, params, None)


# -- a file is sent ---------------------------------------------------------------------------------------------------


def _send(studio: Studio, file: RequestFile) -> None:
    """Upload the file and have it executed: each once, whatever was restarted meanwhile."""
    with studio.database.tenant(file.tenant_id) as db:
        batch = batches.get(db, file.tenant_id, file.batch_id)
        requests = request_files.open_requests(db, file)
    if batch.is_ended:
        _end(studio, file, lambda _: Exchange())
        return
    if not _is_open(batch):  # whoever lets it go on makes the step due
        _keep(studio, file, LONGEST_LOOK_S)
        return
    api, since = studio.writer.batches, file.created_at.timestamp()
    api.require(file.model)
    if file.input_file_id is None:
        name = f"feed-studio-{file.file_id}.jsonl"
        uploaded = api.find_upload(name, since)
        if uploaded is None:
            _keep(studio, file, HELD_S + file.size / BYTES_A_SECOND)
            lines = (request_file.request_line(each.attempt_id, each.request) for each in requests)
            uploaded = api.upload(name, b"".join(lines))
        file = _keep(
            studio,
            file,
            HELD_S,
            input_file_id=uploaded.file_id,
            input_expires_at=uploaded.expires_at and dt.datetime.fromtimestamp(uploaded.expires_at, dt.UTC),
        )
    remote = api.find(str(file.file_id), since)
    if remote is None:
        _keep(studio, file, HELD_S)
        remote = api.create(str(file.input_file_id), str(file.file_id))
    try:
        _keep(studio, file, FIRST_LOOK_S, **_seen(remote), status="sent", sent_at=dt.datetime.now(dt.UTC))
    except _TakenOverError:
        _withdraw(studio, file, remote)
        raise


def _withdraw(studio: Studio, file: RequestFile, remote: RemoteBatch) -> None:
    """Cancel a batch there that a step has made after another worker took the file over, and perhaps made one too."""
    with studio.database.tenant(file.tenant_id) as db:
        files = request_files.of_batch(db, file.tenant_id, file.batch_id)
    if not any(each.remote_id == remote.remote_id for each in files):
        studio.writer.batches.cancel(remote.remote_id)


def _seen(remote: RemoteBatch) -> dict[str, Any]:
    """What is stored of a batch there; nothing is wrong as long as it answers."""
    return {
        "remote_id": remote.remote_id,
        "remote_status": remote.status,
        "completed": remote.completed,
        "failed": remote.failed,
        "error_code": None,
        "error_params": None,
    }


# -- its results are taken in -----------------------------------------------------------------------------------------


def _follow(studio: Studio, file: RequestFile) -> None:
    """Look at the batch there; when it is over, store every result, and what became of the requests without one."""
    api = studio.writer.batches
    remote = api.get(str(file.remote_id))
    now = dt.datetime.now(dt.UTC)
    over_at = file.over_at or (now if remote.is_over else None)
    file = _keep(studio, file, HELD_S, **_seen(remote), over_at=over_at)
    if over_at is None:
        with studio.database.tenant(file.tenant_id) as db:
            is_cancelled = batches.get(db, file.tenant_id, file.batch_id).status == "cancelled"
        if is_cancelled:
            api.cancel(remote.remote_id)
        age_s = _age(file.sent_at or now).total_seconds()
        _keep(studio, file, min(max(age_s / 10, FIRST_LOOK_S), LONGEST_LOOK_S))
        return
    with studio.database.tenant(file.tenant_id) as db:
        requests = {each.attempt_id: each for each in request_files.open_requests(db, file)}
    lines = [line for name in remote.result_files for line in api.lines(name)]
    results = dict(filter(None, map(request_file.result, reversed(lines))))  # the first of two counts
    _take_in(studio, file, [(requests.pop(key), results[key]) for key in list(requests) if key in results])
    if requests and remote.status == "completed" and _age(over_at).total_seconds() < RESULTS_LATE_S:
        _keep(studio, file, RETRY_S)
        return
    _end(studio, file, lambda request: _without_result(remote, request.line), **_refusal(remote))


def _without_result(remote: RemoteBatch, line: int) -> Exchange:
    """What travelled for a request that stands in no file of results; ``line`` is its place in the file."""
    if remote.status == "completed":
        return request_file.lost()
    if remote.status != "failed":
        code = request_file.EXPIRED if remote.status == "expired" else request_file.CANCELLED
        return request_file.rejected({"code": code, "message": code})
    named = [error for error in remote.errors if error.get("line")]
    mine = [error for error in named if error["line"] == line]
    if named and not mine:
        return Exchange()  # nothing is wrong with it: it goes into the next file
    return request_file.rejected((mine or remote.errors or [{"message": "failed"}])[0], 400)


def _refusal(remote: RemoteBatch) -> dict[str, Any]:
    """Why nothing of a file was executed, if that is so."""
    if remote.status != "failed" or not remote.errors:
        return {}
    error = completion.read(request_file.rejected(remote.errors[0], 400), {}).error
    return {"error_code": error.code, "error_params": error.as_json()} if error else {}


def _take_in(studio: Studio, file: RequestFile, results: Iterable[tuple[OpenRequest, Exchange]]) -> None:
    """Store how requests ended, as every answer is stored."""
    for number, (request, exchange) in enumerate(results):
        if number % ANSWERS_AT_ONCE == 0:
            _keep(studio, file, HELD_S)
        with studio.database.tenant(file.tenant_id) as db:
            generation = generations.get(db, file.tenant_id, request.generation_id)
        if generation is None:  # deleted meanwhile
            continue
        try:
            outcome.take_in(studio, generation, request.attempt_id, request.request, exchange)
        except AnswerSetAside:
            log.warning("generation %s was deleted while its answer arrived", request.generation_id)


def _end(studio: Studio, file: RequestFile, without_result: Callable[[OpenRequest], Exchange], **columns: Any) -> None:
    """End the requests that have no end yet, delete the file at OpenAI, and end it here."""
    with studio.database.tenant(file.tenant_id) as db:
        requests = request_files.open_requests(db, file)
    _take_in(studio, file, [(request, without_result(request)) for request in requests])
    now = dt.datetime.now(dt.UTC)
    if file.input_file_id:
        try:
            studio.writer.batches.delete(file.input_file_id)
            columns["input_deleted_at"] = now
        except StudioError as error:
            log.warning("the file %s stays at OpenAI until it expires: %s", file.input_file_id, error)
    _keep(studio, file, None, status="ended", ended_at=now, **columns)
