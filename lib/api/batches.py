"""Routes of batches: make one of rows or of a file, watch it, and steer it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from lib import studio as studios
from lib.api import responses
from lib.api.access import IdempotencyKey, Reader, Writer, require_tenant, stored_key
from lib.api.batch_schemas import (
    BatchChange,
    BatchOut,
    BatchPage,
    BatchRetry,
    BatchRowOut,
    BatchRowPage,
    BatchUpload,
    NewBatch,
    NewBatchOut,
    NewBatchRow,
    RetriedOut,
)
from lib.api.threads import run_in_db_thread
from lib.batches import control, creation, drafts, sheet_reader, webhooks
from lib.domain.batches.rows import NewRow, RowStatus
from lib.domain.cursor import Cursor
from lib.domain.errors import Invalid, InvalidBatch, InvalidFilter, Problem
from lib.domain.findings import disclosure
from lib.feeds import checking
from lib.store.api_keys import ApiKey
from lib.store.batches import batches, rows
from lib.store.batches.batches import Batch
from lib.studio import Studio

router = APIRouter(prefix="/v1", tags=["batches"])

FILE_TYPE = b"multipart/form-data"


class _FileRoute(APIRoute):
    """The route of an upload: it takes no request of another content type, which the next route then gets."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the request is an upload to this address."""
        content_type = dict(scope.get("headers", [])).get(b"content-type", b"")
        return super().matches(scope) if content_type.startswith(FILE_TYPE) else (Match.NONE, {})


_uploads = APIRouter(route_class=_FileRoute)


@_uploads.post("/batches", status_code=202, include_in_schema=False)
async def upload(key: Writer, new: Annotated[BatchUpload, Form()], idempotency_key: IdempotencyKey = None) -> Response:
    """Make a batch of the rows of a file; if anything is wrong with one of them, of none."""
    data, file_name = await new.file.read(), new.file.filename or ""

    def work() -> Response:
        studio = studios.current()
        draft = drafts.create(studio, key.tenant_id, sheet_reader.read(data, file_name), file_name)
        try:
            if new.model and new.model != draft.model:
                drafts.set_defaults(studio, draft, {}, new.model)
            problems = [
                Problem(f"rows.{draft.table.rows[place].line}.{problem.field}", problem.code, problem.params)
                for place, row in enumerate(draft.checked)
                for problem in (row.problems if row else ())
            ]
            if problems:
                raise InvalidBatch(problems)
            return _created(
                studio,
                key,
                list(draft.requests()),
                idempotency_key,
                name=new.name or file_name,
                columns=draft.table.headings,
                limit_usd=_usd(new.limit_usd),
                webhook_url=new.webhook_url,
                economy=new.economy,
            )
        finally:
            drafts.discard(studio, key.tenant_id, draft.draft_id)

    return await run_in_db_thread(work)


router.include_router(_uploads)


@router.post(
    "/batches",
    summary="Have many captions written",
    status_code=202,
    response_model=NewBatchOut,
    responses=responses.documented(409),
    openapi_extra={"requestBody": {"content": {FILE_TYPE.decode(): {"schema": BatchUpload.model_json_schema()}}}},
)
async def create(new: NewBatch, key: Writer, idempotency_key: IdempotencyKey = None) -> Response:
    """Store a batch of briefs; workers write their captions from then on, and the answer does not wait for them.

    If anything is wrong with a row, nothing is stored. The same Idempotency-Key and body are one batch. Instead of
    JSON, a file may be sent as `multipart/form-data`. When the batch has ended, `webhook_url` is called as Standard
    Webhooks has it, with the type `batch.ended`.
    """

    def work() -> Response:
        studio = studios.current()
        return _created(
            studio,
            key,
            _new_rows(studio, key, new.rows),
            idempotency_key,
            name=new.name,
            limit_usd=_usd(new.limit_usd),
            webhook_url=new.webhook_url,
            economy=new.economy,
        )

    return await run_in_db_thread(work)


def _created(studio: Studio, key: ApiKey, new: list[NewRow], idempotency_key: str | None, **options: Any) -> Response:
    batch_id = creation.create(
        studio, key.tenant_id, new, source="api", idempotency_key=stored_key(idempotency_key), **options
    )
    secret = webhooks.secret_of(studio.settings, key.tenant_id) if options.get("webhook_url") else None
    body = NewBatchOut(batch_id=batch_id, webhook_secret=secret)
    return JSONResponse(body.model_dump(mode="json"), 202, {"Location": f"/api/v1/batches/{batch_id}"})


def _new_rows(studio: Studio, key: ApiKey, given: list[NewBatchRow]) -> list[NewRow]:
    """The rows as the batch takes them. Raises ``InvalidBatch`` with every problem of every row."""
    checked: list[NewRow] = []
    problems: list[Problem] = []
    for number, row in enumerate(given, 1):
        try:
            checked.append(_new_row(studio, key, row))
        except Invalid as error:
            problems += [Problem(f"rows.{number}.{wrong.field}", wrong.code, wrong.params) for wrong in error.problems]
    if problems:
        raise InvalidBatch(problems)
    return checked


def _new_row(studio: Studio, key: ApiKey, row: NewBatchRow) -> NewRow:
    brief = row.brief(require_tenant(key, row.tenant_id))
    if question := disclosure.question(brief):
        raise InvalidBatch([question])
    return NewRow(brief, row.options(studio.settings.openai_model), row.variants, row.reference)


def _usd(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))


@router.get("/batches", summary="List batches", response_model=BatchPage, responses=responses.documented())
async def listed(
    key: Reader,
    after: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """Batches of the key's tenant, newest first."""

    def work() -> Response:
        cursor = Cursor.decode(after) if after else None
        with studios.current().database.tenant(key.tenant_id) as db:
            page = batches.page(db, key.tenant_id, after=cursor, limit=limit)
            progress = batches.progress(db, key.tenant_id, [batch.batch_id for batch in page.rows])
        body = BatchPage(
            batches=[BatchOut.of(batch, progress[batch.batch_id]) for batch in page.rows],
            next=page.older.encode() if page.older else None,
        )
        return JSONResponse(body.model_dump(mode="json"))

    return await run_in_db_thread(work)


@router.get("/batches/{batch_id}", summary="Watch a batch", response_model=BatchOut, responses=responses.documented())
async def read(batch_id: uuid.UUID, key: Reader) -> Response:
    """How far a batch is: its status, its rows by status and reason, what it has spent, and how long it will take."""

    def work() -> Response:
        with studios.current().database.tenant(key.tenant_id) as db:
            return _out(db, batches.get(db, key.tenant_id, batch_id))

    return await run_in_db_thread(work)


@router.get(
    "/batches/{batch_id}/rows",
    summary="Read the rows of a batch",
    response_model=BatchRowPage,
    responses=responses.documented(),
)
async def rows_of(
    batch_id: uuid.UUID,
    key: Reader,
    status: Annotated[RowStatus | None, Query(description="Only rows with this status.")] = None,
    after: Annotated[str | None, Query(max_length=20, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Rows in the order of the batch, with their captions; each variant is a row."""

    def work() -> Response:
        place = _place(after) if after else (0, 0)
        with studios.current().database.tenant(key.tenant_id) as db:
            batches.get(db, key.tenant_id, batch_id)
            stored = rows.page(
                db, key.tenant_id, batch_id, after=place, limit=limit + 1, statuses=[status] if status else []
            )
        last = stored[limit - 1] if len(stored) > limit else None
        shown = stored[:limit]
        feed_ids = [row.instagram_feed_id for row in shown if row.instagram_feed_id]
        findings = checking.of_feeds(studios.current(), key.tenant_id, feed_ids)
        body = BatchRowPage(
            rows=[
                BatchRowOut.of(row, findings.get(row.instagram_feed_id) if row.instagram_feed_id else None)
                for row in shown
            ],
            next=f"{last.number}.{last.variant}" if last else None,
        )
        return JSONResponse(body.model_dump(mode="json"))

    return await run_in_db_thread(work)


def _place(text: str) -> rows.Place:
    match = re.fullmatch(r"(\d{1,8})\.(\d{1,2})", text, re.ASCII)
    if match is None:
        raise InvalidFilter([Problem("after", "unreadable", {"value": text})])
    return int(match[1]), int(match[2])


async def _steered(key: ApiKey, batch_id: uuid.UUID, step: Callable[[Studio, str, uuid.UUID], Batch]) -> Response:
    def work() -> Response:
        studio = studios.current()
        batch = step(studio, key.tenant_id, batch_id)
        with studio.database.tenant(key.tenant_id) as db:
            return _out(db, batch)

    return await run_in_db_thread(work)


def _out(db: Any, batch: Batch) -> Response:
    progress = batches.progress(db, batch.tenant_id, [batch.batch_id])[batch.batch_id]
    return JSONResponse(BatchOut.of(batch, progress).model_dump(mode="json"))


@router.post(
    "/batches/{batch_id}/pause", summary="Pause a batch", response_model=BatchOut, responses=responses.documented(409)
)
async def pause(batch_id: uuid.UUID, key: Writer) -> Response:
    """Send no further row; what is under way goes on."""
    return await _steered(key, batch_id, control.pause)


@router.post(
    "/batches/{batch_id}/resume", summary="Resume a batch", response_model=BatchOut, responses=responses.documented(409)
)
async def resume(batch_id: uuid.UUID, key: Writer) -> Response:
    """Send the rows of a paused batch again."""
    return await _steered(key, batch_id, control.resume)


@router.post(
    "/batches/{batch_id}/cancel", summary="Cancel a batch", response_model=BatchOut, responses=responses.documented(409)
)
async def cancel(batch_id: uuid.UUID, key: Writer) -> Response:
    """End a batch; what is under way ends and is kept."""
    return await _steered(key, batch_id, control.cancel)


@router.patch(
    "/batches/{batch_id}", summary="Change the limit", response_model=BatchOut, responses=responses.documented(409)
)
async def change(batch_id: uuid.UUID, new: BatchChange, key: Writer) -> Response:
    """Give a batch another cost limit, above what it has spent; one that its limit had paused goes on."""
    limit_usd = _usd(new.limit_usd)
    return await _steered(
        key, batch_id, lambda studio, tenant, batch: control.raise_limit(studio, tenant, batch, limit_usd)
    )


@router.post(
    "/batches/{batch_id}/retry",
    summary="Retry failed rows",
    response_model=RetriedOut,
    responses=responses.documented(),
)
async def retry(batch_id: uuid.UUID, new: BatchRetry, key: Writer) -> Response:
    """Have the failed rows written again, each by a new request."""

    def work() -> Response:
        count = control.retry_failed(studios.current(), key.tenant_id, batch_id, unknown=new.unknown)
        return JSONResponse(RetriedOut(rows=count).model_dump())

    return await run_in_db_thread(work)
