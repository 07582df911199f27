"""Feeds over HTTP: have one written, read them, change one."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime

from lib import studio as studios
from lib.api import problems, streaming
from lib.api.access import Reader, Writer, require_tenant
from lib.api.problems import ProblemDetails
from lib.api.schemas import FeedChange, FeedOut, FeedPage, NewFeed
from lib.api.threads import run_in_db_thread
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.completion import never_billed
from lib.domain.cursor import Cursor
from lib.domain.errors import AnswerKept, InvalidRequest, Problem, StillWriting, StudioError
from lib.domain.feed_filter import FeedFilter, Status
from lib.feeds import editing
from lib.generation.job_links import PIPELINE
from lib.generation.submit import GenerationRequest, Submission, submit
from lib.store import attempts, feed_listing, feed_states, feeds
from lib.store.api_keys import ApiKey
from lib.store.feed_states import State
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio

router = APIRouter(prefix="/v1", tags=["feeds"])

_WAIT = {"Retry-After": {"description": "Seconds until the call may be repeated.", "schema": {"type": "integer"}}}


def told(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, beside those that every route has."""
    described = {
        401: "No valid API key.",
        403: "The key lacks the scope.",
        404: "Not there, or another tenant's.",
        409: "Not now: it is still being written, or somebody else changed it.",
        413: "The body is too large.",
        422: "Something in the request is to be corrected first; nothing was spent.",
        429: "Too many calls with this key.",
        499: "It was stopped.",
        500: "A bug of ours.",
        502: "The model answered with what cannot be used; its attempt is on record.",
        503: "Not at the moment.",
        504: "No answer in time; it may have been billed.",
        507: "The server's disk is full; nothing was sent.",
    }
    return {
        status: {
            "description": described[status],
            "model": ProblemDetails,
            **({"headers": _WAIT} if status in (409, 429, 503) else {}),
        }
        for status in (401, 403, 404, 413, 422, 429, 500, 503, *statuses)
    }


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern="^[!-~]{1,255}$",
        description="The same key and body get the same answer and are paid for once.",
    ),
]


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
        **told(409, 499, 502, 504, 507),
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
    brief = Brief(
        require_tenant(key, new.tenant_id),
        refined_ad_copy_eng=new.refined_ad_copy_eng,
        tone_style=new.tone_style,
        product_description=new.product_description,
        store_information=new.store_information,
        gpt_prompt=new.gpt_prompt,
    )
    options = GenerationOptions(
        new.model or studio.settings.openai_model,
        language=new.language,
        temperature=new.temperature,
        max_tokens=new.max_tokens,
        job_id=new.job_id,
        overlay_id=new.overlay_id,
    )
    return GenerationRequest(
        brief=brief,
        options=options,
        source=PIPELINE,
        model_is_default=new.model is None,
        idempotency_key=_own(idempotency_key),
        retry_unbilled=True,
        another=new.another,
        stream=streamed,
        threads="pipeline",
    )


def _own(idempotency_key: str | None) -> str | None:
    """The key as it is recorded: with the quotes of the IETF draft or without, and apart from those of the pages."""
    return "api:" + idempotency_key.strip('"') if idempotency_key else None


def _outcome(studio: Studio, submission: Submission) -> Response:
    """How a generation ended; a failure of the model with the attempt that is on record."""
    generation = submission.generation
    if generation is None:
        return _feed(studio, submission.wait(0), 200)
    headers = {} if submission.is_new else {"Idempotency-Replayed": "true"}
    try:
        return _feed(studio, submission.wait(0), 201, **headers)
    except StillWriting:
        raise
    except StudioError as error:
        response = problems.response(error, **attempt_of(studio, generation, error))
        response.headers.update(headers)
        return response


def attempt_of(studio: Studio, generation: Generation, error: StudioError) -> dict[str, Any]:
    """The members of a problem that name its generation and attempt, and say whether the same key may be sent again."""
    kept = isinstance(error, AnswerKept)
    try:
        with studio.database.tenant(generation.tenant_id) as db:
            rows = attempts.of_generation(db, generation.tenant_id, generation.generation_id)
    except StudioError:  # the database is away: the generation can be looked up later
        rows = []
    members: dict[str, Any] = {
        "generation_id": generation.generation_id,
        "attempt_id": rows[-1].attempt_id if rows else None,
    }
    if generation.idempotency_key:
        billed = bool(rows) and not never_billed(rows[-1].outcome or "", rows[-1].error_code)
        members["key_is_spent"] = billed and not kept
        if kept:  # the same key finds the feed once it is stored
            members["retryable"] = True
    return members


def _feed(studio: Studio, feed: Feed, status: int = 200, **headers: str) -> Response:
    with studio.database.tenant(feed.tenant_id) as db:
        state = feed_states.get(db, feed.tenant_id, feed.instagram_feed_id)
    if status == 201:
        headers["Location"] = f"/api/v1/feeds/{feed.instagram_feed_id}"
    return JSONResponse(FeedOut.of(feed, state).model_dump(mode="json"), status, headers)


@router.get("/feeds", summary="Find captions", response_model=FeedPage, responses=told())
async def listed(
    key: Reader,
    tenant_id: str | None = None,
    job_id: uuid.UUID | None = None,
    overlay_id: uuid.UUID | None = None,
    since: Annotated[AwareDatetime | None, Query(description="Created at this instant or later.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Created before this instant.")] = None,
    status: Annotated[Status | Literal["live", "any"], Query(description="live: all but the archived.")] = "live",
    after: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """Feeds of the key's tenant, newest first, whoever wrote them."""

    def work() -> Response:
        tenant = require_tenant(key, tenant_id)
        wanted = FeedFilter(
            since=_in_utc("since", since),
            until=_in_utc("until", until),
            job_id=job_id,
            overlay_id=overlay_id,
            status=None if status == "any" else status,
        )
        place = Cursor.decode(after) if after else None
        with studios.current().database.tenant(tenant) as db:
            found = feed_listing.feeds(db, tenant, wanted, after=place, limit=limit + 1)
        page, last = found[:limit], found[limit - 1] if len(found) > limit else None
        more = Cursor(last.created_at, last.instagram_feed_id).encode() if last else None
        told = FeedPage(feeds=[FeedOut.of(one, State(one.status, one.favourite)) for one in page], next=more)
        return JSONResponse(told.model_dump(mode="json"))

    return await run_in_db_thread(work)


def _in_utc(name: str, moment: dt.datetime | None) -> dt.datetime | None:
    """The instant as every database takes it: PostgreSQL knows no offset of sixteen hours."""
    try:
        return moment and moment.astimezone(dt.UTC)
    except OverflowError as error:
        raise InvalidRequest([Problem(name, "unreadable", {"value": str(moment)})]) from error


@router.get("/feeds/{feed_id}", summary="Read one caption", response_model=FeedOut, responses=told())
async def read(feed_id: uuid.UUID, key: Reader) -> Response:
    """One feed of the key's tenant."""

    def work() -> Response:
        studio = studios.current()
        with studio.database.tenant(key.tenant_id) as db:
            feed = feeds.get(db, key.tenant_id, feed_id)
        return _feed(studio, feed)

    return await run_in_db_thread(work)


@router.patch("/feeds/{feed_id}", summary="Change a caption", response_model=FeedOut, responses=told(409))
async def change(feed_id: uuid.UUID, wanted: FeedChange, key: Writer) -> Response:
    """Change a feed's caption, hashtags, state, job or overlay; Instagram's rules are checked."""

    def work() -> Response:
        studio = studios.current()
        given = {name: getattr(wanted, name) for name in wanted.model_fields_set if name != "seen"}
        changed = editing.change(studio, key.tenant_id, feed_id, seen=wanted.seen, person=f"API: {key.name}", **given)
        return _feed(studio, changed)

    return await run_in_db_thread(work)
