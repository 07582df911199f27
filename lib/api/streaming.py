"""A caption while it is written, as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi.responses import StreamingResponse

from lib.api import responses
from lib.api.schemas import FeedOut
from lib.api.threads import run_in_db_thread
from lib.domain.errors import StudioError
from lib.generation.submit import Submission
from lib.store.feed_states import State
from lib.studio import Studio

EVERY_S = 0.2
ALIVE_EVERY_S = 15.0
"""Seconds; proxies close a connection that stays silent for longer."""


def response(studio: Studio, submission: Submission) -> StreamingResponse:
    """Server-sent events: ``progress`` (phase, caption and hashtags so far), then one ``feed`` or ``problem``.

    A client that disconnects does not end the generation: the same Idempotency-Key returns its outcome.
    """
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(studio, submission), media_type="text/event-stream", headers=headers)


async def _events(studio: Studio, submission: Submission) -> AsyncIterator[str]:
    prepared = submission.prepared
    assert prepared is not None  # noqa: S101 - only new submissions are streamed
    finished = asyncio.ensure_future(submission.finished())
    before, silent_s = None, 0.0
    while not finished.done():
        text, tags = prepared.progress.seen()
        now = {"phase": prepared.progress.phase, "instagram_ad_copy": text, "hashtags": tags}
        if now != before:
            before, silent_s = now, 0.0
            yield _event("progress", now)
        elif silent_s >= ALIVE_EVERY_S:
            silent_s = 0.0
            yield ": still writing\n\n"
        await asyncio.wait([finished], timeout=EVERY_S)
        silent_s += EVERY_S
    try:
        feed = submission.wait(0)
    except StudioError as error:
        members = await run_in_db_thread(responses.attempt_members, studio, prepared.generation, error)
        yield _event("problem", responses.details(error, **members).model_dump(mode="json", exclude_none=True))
    else:
        yield _event("feed", FeedOut.of(feed, State()).model_dump(mode="json"))  # its state has not been changed yet


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
