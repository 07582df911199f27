"""The status and the star of a feed, and each move on record."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

from lib.feeds import workflow
from lib.store import feed_states
from lib.store.feed_states import State
from lib.store.feeds import Feed
from lib.studio import Studio
from tests.support.changed_feeds import state_of


def test_each_step_is_on_record_with_who_and_why(studio: Studio, feed: Feed) -> None:
    key = feed.instagram_feed_id
    workflow.move(studio, "acme", [key], "in_review", note="  봐 주세요 ", person="지수")
    assert workflow.move(studio, "acme", [key], "approved", person="민준") == {key: "in_review"}
    assert workflow.move(studio, "acme", [key], "approved") == {}
    assert state_of(studio, key) == State("approved")
    with studio.database.tenant("acme") as db:
        told = [
            (one.number, one.from_status, one.to_status, one.note, one.person)
            for one in feed_states.moves(db, "acme", key)
        ]
    assert told == [(2, "in_review", "approved", "", "민준"), (1, "draft", "in_review", "봐 주세요", "지수")]


def test_moves_at_once_are_numbered_one_after_the_other(studio: Studio, feed: Feed) -> None:
    key = feed.instagram_feed_id
    steps = ["in_review", "approved", "posted", "archived"] * 3
    with ThreadPoolExecutor(6) as people:
        list(people.map(lambda step: workflow.move(studio, "acme", [key], step), steps))
    with studio.database.tenant("acme") as db:
        moves = feed_states.moves(db, "acme", key)[::-1]
    assert [one.number for one in moves] == list(range(1, len(moves) + 1))
    assert all(one.to_status == after.from_status for one, after in itertools.pairwise(moves))


def test_a_favourite_keeps_its_state_and_a_state_its_favourite(studio: Studio, feed: Feed) -> None:
    key = feed.instagram_feed_id
    workflow.set_favourite(studio, "acme", key, favourite=True)
    workflow.move(studio, "acme", [key], "posted")
    assert state_of(studio, key) == State("posted", favourite=True)
    workflow.set_favourite(studio, "acme", key, favourite=False)
    assert state_of(studio, key) == State("posted")
