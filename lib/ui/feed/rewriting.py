"""A new caption from a stored one, for the press of any page that shows it."""

from __future__ import annotations

import re
from dataclasses import replace

from lib.domain.brief import GenerationOptions
from lib.domain.errors import FeedChanged, FeedNotFound
from lib.domain.prompt import CHANGES, Change, Passage
from lib.generation.submit import GenerationRequest, submit
from lib.store import feeds, generations
from lib.store.feeds import Feed
from lib.studio import Studio
from lib.ui.components.press.press import Press
from lib.ui.core.addresses import MAX_SHOWN
from lib.ui.feed import facts

SOURCE = "page"
"""The door that the generations of a page came through."""

_HANGUL = re.compile("[\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e]")


def rewrite(studio: Studio, press: Press) -> None:
    """Write a new caption from the feed ``feed_id`` of the press: by its ``change``, or from the same brief.

    Raises ``FeedNotFound`` and what :func:`lib.generation.submit.submit` raises.
    """
    with studio.database.tenant(press.team) as db:
        feed = feeds.get(db, press.team, press.uuid("feed_id", lambda text: FeedNotFound(feed_id=text)))
        made_by = generations.of_feed(db, press.team, feed.instagram_feed_id)
    options = GenerationOptions.from_json(made_by.options) if made_by else options_like(studio, feed)
    options = replace(options, experiment=None)  # a rewritten caption is no answer to what the experiment asks
    request = GenerationRequest(brief=facts.brief_of(feed), options=options, source=SOURCE, parent=feed)
    if press.text("change") == "passage":
        request = replace(request, change="passage", passage=_passage(press, feed))
    else:
        request = replace(request, change=change_named(press.text("change")))
    submit_press(studio, press, request)


def submit_press(studio: Studio, press: Press, request: GenerationRequest) -> None:
    """Have one caption written under the press's id; the same press again finds what it began the first time."""
    key = f"page:{press.press_id}:{request.variant}"
    submit(studio, replace(request, run_id=press.press_id, idempotency_key=key))


def change_named(name: str | None) -> Change | None:
    """The change of this name; None for what is none."""
    return next((change for change in CHANGES if change == name), None)


def options_like(studio: Studio, feed: Feed) -> GenerationOptions:
    """Options for a feed that another program wrote: the usual model, in the language of its text."""
    return GenerationOptions(
        studio.settings.openai_model,
        language="ko" if _HANGUL.search(feed.instagram_ad_copy) else "en",
        job_id=feed.job_id,
        overlay_id=feed.overlay_id,
    )


def _passage(press: Press, feed: Feed) -> Passage:
    """The passage of a press, within the feed's text. Raises ``FeedChanged`` where the text no longer has it."""
    try:
        start, end = int(press.text("start")), int(press.text("end"))
    except ValueError:
        raise FeedChanged(feed_id=feed.instagram_feed_id) from None
    if not 0 <= start < end <= len(feed.instagram_ad_copy):
        raise FeedChanged(feed_id=feed.instagram_feed_id)
    return Passage(start, end, press.text("brief_says")[:MAX_SHOWN])
