"""Routes of feeds: have a caption written, find and read captions, change one."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BeforeValidator

from lib import studio as studios
from lib.api import responses, streaming
from lib.api.access import IdempotencyKey, Reader, Writer, require_tenant, stored_key
from lib.api.schemas import FeedChange, FeedOut, FeedPage, ListedFeed, NewFeed, page_body
from lib.api.threads import run_in_db_thread
from lib.domain.cursor import Cursor
from lib.domain.errors import InvalidRequest, Problem, StillWriting, StudioError
from lib.domain.feed_filter import FeedFilter, Status
from lib.domain.findings.fact import Kind
from lib.feeds import checking, editing
from lib.generation.job_links import PIPELINE
from lib.generation.submit import GenerationRequest, Submission, submit
from lib.store import feed_listing, feeds
from lib.store.api_keys import ApiKey
from lib.studio import Studio

router = APIRouter(prefix="/v1", tags=["feeds"])

PAGE_BYTES = 8_000_000
"""Texts of one page of the list; a page of 20 rows of 9 MB took 18 s and the memory of all of them."""

Instant = Annotated[AwareDatetime, BeforeValidator(lambda text: re.sub(r" (?=\d\d:?\d\d$)", "+", str(text)))]
"""An instant in an address; a blank before its offset is what an unescaped plus becomes."""


@router.post(
    "/feeds",
    summary="Have a caption written",
    status_code=201,
    response_model=FeedOut,
    responses={
        200: {
            "description": "The job had its feed already; or, for who accepts text/event-stream, it is being written.",
            "model": FeedOut,
            "content": {"text/event-stream": {}},
        },
        **responses.documented(409, 499, 502, 504, 507),
    },
)
async def write(request: Request, new: NewFeed, key: Writer, idempotency_key: IdempotencyKey = None) -> Response:
    """Have a caption written and stored.

    201 with the stored feed. The same Idempotency-Key and body are answered with the first answer again
    (`Idempotency-Replayed: true`), with 409 and Retry-After while it is being written. A job that has its feed already
    is answered with it, unless `another` is asked for.
    """
    studio = studios.current()
    streamed = "text/event-stream" in request.headers.get("accept", "")
    generation_request = _generation_request(studio, key, new, idempotency_key, streamed)
    submission = await run_in_db_thread(submit, studio, generation_request)
    if streamed and submission.is_new:
        return streaming.response(studio, submission)
    await submission.finished()
    return await run_in_db_thread(_outcome, studio, submission)


def _generation_request(
    studio: Studio, key: ApiKey, new: NewFeed, idempotency_key: str | None, streamed: bool
) -> GenerationRequest:
    return GenerationRequest(
        brief=new.brief(require_tenant(key, new.tenant_id)),
        options=new.options(studio.settings.openai_model),
        source=PIPELINE,
        model_is_default=new.model is None,
        idempotency_key=stored_key(idempotency_key),
        retry_unbilled=True,
        another=new.another,
        stream=streamed,
        threads="pipeline",
    )


def _outcome(studio: Studio, submission: Submission) -> Response:
    """How a generation ended; a failure of the model with the attempt that is on record."""
    generation = submission.generation
    if generation is None:
        return responses.feed(studio, submission.wait(0), 200)
    headers = {} if submission.is_new else {"Idempotency-Replayed": "true"}
    try:
        feed = submission.wait(0)
    except StillWriting:
        raise
    except StudioError as error:
        response = responses.problem(error, **responses.attempt_members(studio, generation, error))
        response.headers.update(headers)
        return response
    return responses.feed(studio, feed, 201, **headers)


@router.get("/feeds", summary="Find captions", response_model=FeedPage, responses=responses.documented())
async def listed(
    key: Reader,
    tenant_id: str | None = None,
    job_id: uuid.UUID | None = None,
    overlay_id: uuid.UUID | None = None,
    since: Annotated[Instant | None, Query(description="Created at this instant or later.")] = None,
    until: Annotated[Instant | None, Query(description="Created before this instant.")] = None,
    status: Annotated[Status | Literal["live", "any"], Query(description="live: all but the archived.")] = "live",
    findings: Annotated[Kind | None, Query(description="Those with findings of this kind.")] = None,
    experiment: Annotated[
        str | None,
        Query(max_length=40, description="Those of this experiment: its id; `:2` after it: of its variant 2."),
    ] = None,
    after: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    fields: Annotated[
        Literal["gpt_response_raw"] | None, Query(description="Adds the raw answers, which may be long.")
    ] = None,
) -> Response:
    """Feeds of the key's tenant, newest first, whoever wrote them.

    A page ends early, and at least after one feed, once its texts hold 8 MB together; `next` goes on from there.
    """

    def work() -> Response:
        tenant = require_tenant(key, tenant_id)
        filters = FeedFilter(
            since=_in_utc("since", since),
            until=_in_utc("until", until),
            job_id=job_id,
            overlay_id=overlay_id,
            status=None if status == "any" else status,
            findings=findings,
            experiment=experiment,
        )
        studio = studios.current()
        if findings:
            checking.catch_up(studio, tenant)
        cursor = Cursor.decode(after) if after else None
        rows, following = studio.database.ask(
            tenant,
            lambda db: feed_listing.feeds(
                db,
                tenant,
                filters,
                after=cursor,
                limit=limit,
                most_bytes=PAGE_BYTES,
                with_answers=fields is not None,
            ),
        )
        body = page_body(rows, checking.of_rows(studio, tenant, rows), following, FeedOut if fields else ListedFeed)
        return Response(body, media_type="application/json")

    return await run_in_db_thread(work)


def _in_utc(name: str, moment: dt.datetime | None) -> dt.datetime | None:
    """The instant in UTC, because PostgreSQL takes no offset of sixteen hours. Raises ``InvalidRequest``."""
    try:
        return moment and moment.astimezone(dt.UTC)
    except OverflowError as error:
        raise InvalidRequest([Problem(name, "unreadable", {"value": str(moment)})]) from error


@router.get("/feeds/{feed_id}", summary="Read one caption", response_model=FeedOut, responses=responses.documented())
async def read(feed_id: uuid.UUID, key: Reader) -> Response:
    """One feed of the key's tenant."""

    def work() -> Response:
        studio = studios.current()
        with studio.database.tenant(key.tenant_id) as db:
            feed = feeds.get(db, key.tenant_id, feed_id)
        return responses.feed(studio, feed)

    return await run_in_db_thread(work)


@router.patch(
    "/feeds/{feed_id}", summary="Change a caption", response_model=FeedOut, responses=responses.documented(409)
)
async def change(feed_id: uuid.UUID, new: FeedChange, key: Writer) -> Response:
    """Change a feed's caption, hashtags, state, job or overlay; Instagram's rules are checked."""

    def work() -> Response:
        studio = studios.current()
        given = {name: getattr(new, name) for name in new.model_fields_set if name != "seen"}
        changed = editing.change(studio, key.tenant_id, feed_id, seen=new.seen, person=f"API: {key.name}", **given)
        return responses.feed(studio, changed)

    return await run_in_db_thread(work)
