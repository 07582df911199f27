"""The caption that a model's answer became, and what had to be changed in it before it was stored."""

from __future__ import annotations

from lib.domain.caption import Caption
from lib.domain.completion import caption_in
from lib.domain.errors import Problem
from lib.domain.prompt import applied, messages_in
from lib.store.feeds import Feed


def made_of(feed: Feed) -> Caption | None:
    """The caption that the model's answer became, before anybody edited it; None where no answer can be read."""
    made = caption_in(feed.gpt_response_raw)
    return applied(made, messages_in(feed.gpt_prompt_used)) if made else None


def caption_of(feed: Feed) -> Caption:
    """The caption as it is stored; with its parked hashtags, as long as nobody has edited it."""
    made = made_of(feed)
    if made and (made.text, made.hashtag_field) == (feed.instagram_ad_copy, feed.hashtags):
        return made
    return Caption.from_fields(feed.instagram_ad_copy, feed.hashtags)


def warnings_of(feed: Feed) -> list[Problem]:
    """What was changed in the model's answer, and what a reader of the caption as it is may regret."""
    made = made_of(feed)
    stored = Caption.from_fields(feed.instagram_ad_copy, feed.hashtags)
    return [*(made.changes() if made else ()), *stored.warnings()]
