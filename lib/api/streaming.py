"""A caption as it is being written, for who asks for server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi.responses import StreamingResponse

from lib.api import feeds, problems, threads
from lib.api.schemas import FeedOut
from lib.api.threads import Writing, run_in_db_thread
from lib.domain.errors import StudioError
from lib.store.feed_states import State
from lib.studio import Studio

EVERY_S = 0.2
ALIVE_EVERY_S = 15.0
"""Proxies close a connection on which nothing is heard."""


def response(studio: Studio, writing: Writing) -> StreamingResponse:
    """Events: ``progress`` (phase, caption and hashtags so far), then ``feed`` or ``problem``, and the end.

    Who goes away does not end the writing: the same Idempotency-Key finds what came of it.
    """
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(studio, writing), media_type="text/event-stream", headers=headers)


async def _events(studio: Studio, writing: Writing) -> AsyncIterator[str]:
    progress, before, silent_s = writing.begun.progress, None, 0.0
    while not writing.ended.done():
        text, tags = progress.seen()
        now = {"phase": progress.phase, "instagram_ad_copy": text, "hashtags": tags}
        if now != before:
            before, silent_s = now, 0.0
            yield _event("progress", now)
        elif silent_s >= ALIVE_EVERY_S:
            silent_s = 0.0
            yield ": still writing\n\n"
        await asyncio.sleep(EVERY_S)
        silent_s += EVERY_S
    ended = await threads.end_of(writing)
    if isinstance(ended, StudioError):
        known = await run_in_db_thread(feeds.attempt_of, studio, writing.begun.asked, ended)
        told = problems.details(ended, **known).model_dump(mode="json", exclude_none=True)
        yield _event("problem", told)
    else:
        yield _event("feed", FeedOut.of(ended, State()).model_dump(mode="json"))  # nobody has moved it yet


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
