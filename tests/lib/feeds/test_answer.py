"""The caption of a model's answer, and what was changed in it."""

from __future__ import annotations

import json
from typing import Any

from lib.feeds import answer, editing
from lib.store import feeds
from lib.studio import Studio
from tests.conftest import InsertBySql


def raw(text: str, *hashtags: str) -> dict[str, Any]:
    content = json.dumps({"instagram_ad_copy": text, "hashtags": hashtags}, ensure_ascii=False)
    return {"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}


def test_what_was_changed_in_an_answer_and_what_readers_may_regret_is_told(
    studio: Studio, insert_by_sql: InsertBySql
) -> None:
    response = raw("**식빵** &amp; 우유", "#2+1", "#식빵")
    made_id = insert_by_sql(instagram_ad_copy="식빵 & 우유", hashtags="#2플러스1 #식빵", gpt_response_raw=response)
    other_id = insert_by_sql(instagram_ad_copy="식빵 ongi.kr", hashtags="#2+1")
    with studio.database.tenant("acme") as db:
        made, other = (feeds.get(db, "acme", feed_id) for feed_id in (made_id, other_id))
    assert [(each.code, each.params.get("tag")) for each in answer.warnings_of(made)] == [
        ("hashtag_changed", "2플러스1"),
        ("mended_markdown", None),
        ("mended_html", None),
    ]
    assert [each.code for each in answer.warnings_of(other)] == ["link_not_clickable"]


def test_the_parked_hashtags_of_an_answer_are_there_until_somebody_edits_it(
    studio: Studio, insert_by_sql: InsertBySql
) -> None:
    response = raw("식빵", "#a", "#b", "#c", "#d", "#e", "#f")
    feed_id = insert_by_sql(instagram_ad_copy="식빵", hashtags="#a #b #c #d #e", gpt_response_raw=response)
    with studio.database.tenant("acme") as db:
        feed = feeds.get(db, "acme", feed_id)
    assert answer.caption_of(feed).parked == ("f",)
    assert answer.caption_of(editing.edit(studio, feed, "식빵", "#a")).parked == ()
