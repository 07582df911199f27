"""What becomes of a stored caption: versions of every change, its way through the states, and its end."""

from __future__ import annotations

import dataclasses
import itertools
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib.domain import errors
from lib.domain.feed_filter import STATUSES
from lib.feeds import deletion, editing, workflow
from lib.feeds.workflow import FOLLOWING, may_follow
from lib.i18n import words
from lib.store import feed_states, feed_versions, feeds
from lib.store.feed_states import State
from lib.store.feed_versions import Version
from lib.store.feeds import Feed
from lib.studio import Studio
from tests.conftest import InsertBySql, RunSql


def read(studio: Studio, feed_id: uuid.UUID, tenant: str = "acme") -> Feed:
    with studio.database.tenant(tenant) as db:
        return feeds.get(db, tenant, feed_id)


def versions_of(studio: Studio, feed_id: uuid.UUID, tenant: str = "acme") -> list[Version]:
    with studio.database.tenant(tenant) as db:
        return feed_versions.of_feed(db, tenant, feed_id)


def state_of(studio: Studio, feed_id: uuid.UUID) -> State:
    with studio.database.tenant("acme") as db:
        return feed_states.get(db, "acme", feed_id)


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


def test_every_change_is_a_version_and_the_first_keeps_what_was_there(studio: Studio, feed: Feed) -> None:
    assert versions_of(studio, feed.instagram_feed_id) == []
    edited = editing.edit(studio, feed, "둘째", "#a", person="지수")
    editing.edit(studio, edited, "셋째", "#a")
    told = [
        (one.number, one.instagram_ad_copy, one.kind, one.person) for one in versions_of(studio, feed.instagram_feed_id)
    ]
    assert told == [
        (3, "셋째", "edit", None),
        (2, "둘째", "edit", "지수"),
        (1, feed.instagram_ad_copy, "original", None),
    ]
    assert versions_of(studio, feed.instagram_feed_id)[-1].created_at == feed.created_at


def test_restoring_is_a_new_version_and_brings_it_back_to_the_letter(studio: Studio, feed: Feed) -> None:
    edited = editing.edit(studio, feed, "고친 글", "#a")
    restored = editing.restore(studio, edited, 1, person="민준")
    assert (restored.instagram_ad_copy, restored.hashtags) == (feed.instagram_ad_copy, feed.hashtags)
    newest = versions_of(studio, feed.instagram_feed_id)[0]
    assert (newest.number, newest.kind, newest.restored, newest.person) == (3, "restore", 1, "민준")
    with pytest.raises(errors.FeedChanged):
        editing.restore(studio, edited, 1)
    with pytest.raises(errors.VersionNotFound):
        editing.restore(studio, restored, 9)


def test_what_other_programs_change_is_a_version_too(
    studio: Studio, insert_by_sql: InsertBySql, as_owner: RunSql
) -> None:
    feed_id = insert_by_sql(instagram_ad_copy="파이프라인의 글")
    as_owner("UPDATE instagram_feeds SET hashtags = '#새' WHERE instagram_feed_id = %s", feed_id)
    as_owner(
        "UPDATE instagram_feeds SET latency_ms = 5 WHERE instagram_feed_id = %s", feed_id
    )  # no change of its texts
    told = [(one.number, one.hashtags, one.kind, one.person) for one in versions_of(studio, feed_id)]
    assert told == [(2, "#새", "outside", None), (1, "#카페 #서울", "original", None)]
    editing.edit(studio, read(studio, feed_id), "고친 글", "#새")
    assert versions_of(studio, feed_id)[0].kind == "edit"


def test_another_tenant_sees_no_version(studio: Studio, feed: Feed) -> None:
    editing.edit(studio, feed, "고친 글", "")
    assert versions_of(studio, feed.instagram_feed_id, "other") == []
    with pytest.raises(errors.VersionNotFound):
        editing.restore(studio, dataclasses.replace(feed, tenant_id="other"), 1)


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


def test_with_the_database_away_it_says_so(studio: Studio, feed: Feed) -> None:
    away = dataclasses.replace(studio, database=type(studio.database)("postgresql://nobody@127.0.0.1:1/nowhere"))
    for change in (
        lambda: editing.edit(away, feed, "글", ""),
        lambda: workflow.move(away, "acme", [feed.instagram_feed_id], "posted"),
        lambda: deletion.delete(away, "acme", feed.instagram_feed_id),
    ):
        with pytest.raises(errors.DatabaseAway):
            change()
