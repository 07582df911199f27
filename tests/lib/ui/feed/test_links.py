"""The job and the overlay that a caption is linked to."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Sql = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def open_links(open_page: Callable[..., Any]) -> Callable[..., Any]:
    """Opens a caption with what it is linked to folded out."""

    def opened(**address: str) -> Any:
        page = open_page(**address)
        page.app.session_state["links_1"] = True
        return page.run()

    return opened


def linked(as_owner: Sql, feed_id: uuid.UUID) -> tuple[Any, ...]:
    found = as_owner("SELECT job_id::text, overlay_id::text FROM instagram_feeds WHERE instagram_feed_id = %s", feed_id)
    return found[0]


def test_a_stored_caption_is_linked_from_a_list_and_unlinked(
    open_links: Callable[..., Any], as_owner: Sql, insert_by_sql: Callable[..., uuid.UUID], job: Callable[..., str]
) -> None:
    feed_id, job_id, _ = insert_by_sql(), job(), job("rival")
    page = open_links(tenant_id="acme", feed=str(feed_id))
    offered = page.field("links_job_1").options
    assert len(offered) == 1
    assert job_id in offered[0]
    page.field("links_job_1").set_value(job_id)
    page.run().press("links_save_1")
    assert linked(as_owner, feed_id) == (job_id, None)
    assert as_owner("SELECT status, current_step FROM jobs WHERE job_id = %s", job_id) == [("done", "overlay")]
    page.press("links_unlink_1")
    assert linked(as_owner, feed_id) == (None, None)
    assert not page.has("links_unlink_1")


def test_the_overlays_of_the_job_that_is_chosen_are_offered_with_it(
    open_links: Callable[..., Any], as_owner: Sql, insert_by_sql: Callable[..., uuid.UUID], job: Callable[..., str]
) -> None:
    feed_id, job_id = insert_by_sql(), job()
    overlay_id = as_owner("INSERT INTO overlay_layouts DEFAULT VALUES RETURNING overlay_id::text")[0][0]
    insert_by_sql(job_id=job_id, overlay_id=overlay_id)
    page = open_links(tenant_id="acme", feed=str(feed_id))
    assert page.field("links_overlay_1").options == []
    page.field("links_job_1").set_value(job_id)
    page.run()
    assert [overlay_id in one for one in page.field("links_overlay_1").options] == [True]
    page.field("links_overlay_1").set_value(overlay_id)
    page.run().press("links_save_1")
    assert linked(as_owner, feed_id) == (job_id, overlay_id)


def test_a_link_to_what_is_not_there_is_told_and_changes_nothing(
    open_links: Callable[..., Any], as_owner: Sql, insert_by_sql: Callable[..., uuid.UUID], job: Callable[..., str]
) -> None:
    feed_id, theirs = insert_by_sql(), job("rival")
    page = open_links(tenant_id="acme", feed=str(feed_id))
    for typed, told in ((theirs, "작업이 없어요"), ("nonsense", "ID 형식")):
        page.fill(links_job_1=typed).run().press("links_save_1")
        assert told in page.told("error")
    assert linked(as_owner, feed_id) == (None, None)
