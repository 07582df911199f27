"""Every change of a caption's texts is a version, whoever made it."""

from __future__ import annotations

import dataclasses

import pytest

from lib.domain import errors
from lib.feeds import editing
from lib.store.feeds import Feed
from lib.studio import Studio
from tests.conftest import InsertBySql, RunSql
from tests.support.changed_feeds import read, versions_of


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
