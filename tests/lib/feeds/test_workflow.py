"""What becomes of a stored caption: versions of every change, its way through the states, and its end."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib.domain import errors
from lib.domain.feed_filter import STATUSES
from lib.feeds import deletion, editing, workflow
from lib.feeds.workflow import FOLLOWING, may_follow
from lib.i18n import words
from lib.store.feed_states import State
from lib.store.feeds import Feed
from lib.studio import Studio
from tests.conftest import InsertBySql, RunSql
from tests.support.changed_feeds import read, state_of, versions_of
from tests.support.outage import database_away


def test_an_edit_is_stored_and_must_keep_the_rules(studio: Studio, feed: Feed) -> None:
    edited = editing.edit(studio, feed, "고친 글", "#하나, 둘")
    assert (edited.instagram_ad_copy, edited.hashtags) == ("고친 글", "#하나 #둘")
    for text, hashtags in (("가" * 2_201, ""), ("글", "#1a #2a #3a #4a #5a #6a"), ("", "#a"), ("@a " * 21, "")):
        with pytest.raises(errors.InvalidCaption):
            editing.edit(studio, edited, text, hashtags)
    assert read(studio, feed.instagram_feed_id) == edited


def test_an_edit_of_a_stale_copy_or_of_another_tenants_feed_is_refused(studio: Studio, feed: Feed) -> None:
    edited = editing.edit(studio, feed, "먼저", "")
    with pytest.raises(errors.FeedChanged):
        editing.edit(studio, feed, "나중", "")
    with pytest.raises(errors.FeedNotFound):
        editing.edit(studio, dataclasses.replace(edited, tenant_id="other"), "남의 글", "")
    assert read(studio, feed.instagram_feed_id) == edited
    assert [one.number for one in versions_of(studio, feed.instagram_feed_id)] == [2, 1]


def test_two_who_edit_at_once_leave_one_change_and_one_refusal(studio: Studio, feed: Feed) -> None:
    def edit(text: str) -> bool:
        try:
            editing.edit(studio, feed, text, "")
        except errors.FeedChanged:
            return False
        return True

    with ThreadPoolExecutor(4) as people:
        saved = list(people.map(edit, ("하나", "둘", "셋", "넷")))
    assert sum(saved) == 1
    assert [one.number for one in versions_of(studio, feed.instagram_feed_id)] == [2, 1]


def test_each_status_has_its_row_and_names_only_statuses() -> None:
    assert set(FOLLOWING) == set(STATUSES)
    assert set().union(*FOLLOWING.values()) <= set(STATUSES)


@pytest.mark.parametrize("before", STATUSES)
def test_every_other_status_may_follow_and_the_same_one_is_no_move(before: str) -> None:
    assert [after for after in STATUSES if not may_follow(before, after)] == [before]


def test_a_status_of_a_newer_release_may_be_left_and_not_entered() -> None:
    assert may_follow("scheduled", "draft")
    assert not may_follow("draft", "scheduled")


def test_a_move_that_the_table_does_not_have_is_refused_with_a_sentence_and_moves_none(
    studio: Studio, insert_by_sql: InsertBySql, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted, draft = insert_by_sql(), insert_by_sql()
    workflow.move(studio, "acme", [posted], "posted")
    monkeypatch.setitem(FOLLOWING, "posted", frozenset({"archived"}))
    with pytest.raises(errors.MoveNotAllowed) as refusal:
        workflow.move(studio, "acme", [draft, posted], "in_review")
    assert "status posted cannot be given the status in_review" in words.error("en", refusal.value)
    with pytest.raises(errors.MoveNotAllowed):
        editing.change(studio, "acme", posted, status="draft", hashtags="#새것")
    assert [state_of(studio, key).status for key in (posted, draft)] == ["posted", "draft"]
    assert read(studio, posted).hashtags == "#카페 #서울"
    assert workflow.move(studio, "acme", [posted], "posted") == {}, "to stay is no move"
    left = workflow.move(studio, "acme", [posted], "archived")
    monkeypatch.setitem(FOLLOWING, "archived", frozenset())
    assert workflow.move_back(studio, "acme", left, "archived") == 1, "what was done can be undone"


def test_archiving_many_is_undone_as_a_whole(studio: Studio, insert_by_sql: InsertBySql) -> None:
    one, two, three = (insert_by_sql() for _ in range(3))
    workflow.move(studio, "acme", [one], "posted")
    workflow.move(studio, "acme", [three], "archived")
    left = workflow.move(studio, "acme", [one, two, three], "archived")
    assert left == {one: "posted", two: "draft"}
    workflow.move(studio, "acme", [one], "approved", person="민준")  # somebody was faster than the undo
    assert workflow.move_back(studio, "acme", left, "archived") == 1
    assert [state_of(studio, key).status for key in (one, two, three)] == ["approved", "draft", "archived"]


def test_a_move_of_another_tenants_feed_moves_nothing(studio: Studio, feed: Feed, insert_by_sql: InsertBySql) -> None:
    theirs = insert_by_sql(tenant_id="other")
    with pytest.raises(errors.FeedNotFound):
        workflow.move(studio, "acme", [feed.instagram_feed_id, theirs], "archived")
    assert state_of(studio, feed.instagram_feed_id) == State()
    forbidden: tuple[Callable[[], object], ...] = (
        lambda: workflow.set_favourite(studio, "acme", theirs, favourite=True),
        lambda: deletion.delete(studio, "acme", theirs),
    )
    for change in forbidden:
        with pytest.raises(errors.FeedNotFound):
            change()


def test_another_tenants_feed_is_not_moved_back(studio: Studio, insert_by_sql: InsertBySql, as_owner: RunSql) -> None:
    theirs = insert_by_sql(tenant_id="other")
    assert workflow.move_back(studio, "acme", {theirs: "posted"}, "draft") == 0
    assert as_owner("SELECT count(*) FROM studio_feed_states") == [(0,)]


def test_with_the_database_away_it_says_so(studio: Studio, feed: Feed) -> None:
    for change in (
        lambda: editing.edit(studio, feed, "글", ""),
        lambda: workflow.move(studio, "acme", [feed.instagram_feed_id], "posted"),
        lambda: deletion.delete(studio, "acme", feed.instagram_feed_id),
    ):
        with database_away(studio), pytest.raises(errors.DatabaseAway):
            change()
