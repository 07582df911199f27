"""Findings of stored captions: kept for the list, of other programs' rows too, and in the way of an approval."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lib.domain import errors
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.feed_filter import FeedFilter, Status
from lib.domain.prompt import Passage
from lib.exports import background
from lib.feeds import checking, editing, workflow
from lib.generation.submit import GenerationRequest, submit
from lib.store import feed_listing, feed_states, feed_versions, feeds, generations
from lib.store.feeds import Feed
from lib.store.findings import findings as stored_findings
from lib.studio import Studio
from tests.conftest import InsertBySql
from tests.support import generating
from tests.support.pace import seconds_of_a_quiet_machine

AsOwner = Callable[..., list[tuple[Any, ...]]]

BRIEF = Brief("acme", "", "따뜻하게", "통밀 식빵 6,900원", "온기, 02-123-4567", "짧게", "payment")


@pytest.fixture
def feed(studio: Studio) -> Feed:
    return generating.write(studio, BRIEF, GenerationOptions("demo"), source="page")


def edited(studio: Studio, feed: Feed, text: str) -> Feed:
    return editing.edit(studio, feed, text, "#식빵")


def codes(feed: Feed) -> list[str]:
    return [finding.code for finding in checking.findings_of(feed)]


def listed(studio: Studio, kind: str | None, tenant: str = "acme") -> list[uuid.UUID]:
    with studio.database.tenant(tenant) as db:
        return [row.feed_id for row in feed_listing.page(db, tenant, FeedFilter(findings=kind)).rows]


def test_a_sponsored_brief_gets_the_clear_word_and_every_rewrite_keeps_it(studio: Studio, feed: Feed) -> None:
    assert feed.instagram_ad_copy.startswith("[유료 광고]")
    assert codes(feed) == []
    for change in ("shorter", "longer", "warmer", "more_formal", "other_hashtags"):
        request = GenerationRequest(
            brief=BRIEF, options=GenerationOptions("demo"), source="page", parent=feed, change=change, threads=None
        )
        child = submit(studio, request).wait()
        assert child.instagram_ad_copy.startswith("[유료 광고]"), change


def test_a_brief_whose_words_speak_of_a_sponsor_is_refused_until_somebody_says_which(studio: Studio) -> None:
    brief = dataclasses.replace(BRIEF, sponsorship=None, gpt_prompt="협찬받은 글이에요")
    with pytest.raises(errors.InvalidBrief) as refused:
        generating.write(studio, brief, GenerationOptions("demo"), source="page")
    assert [(each.field, each.code) for each in refused.value.problems] == [("sponsorship", "sponsorship_unsaid")]
    said = dataclasses.replace(brief, sponsorship="none")
    assert codes(generating.write(studio, said, GenerationOptions("demo"), source="page")) == []


@pytest.mark.parametrize("status", ["approved", "posted"])
def test_a_caption_without_its_disclosure_is_approved_only_with_a_reason(
    studio: Studio, feed: Feed, status: str
) -> None:
    bare = edited(studio, feed, "통밀 식빵 6,900원")
    feed_id = bare.instagram_feed_id
    with pytest.raises(errors.DisclosureUnconfirmed) as refused:
        workflow.move(studio, "acme", [feed_id], status)
    assert [each.code for each in refused.value.problems] == ["disclosure_missing"]
    with pytest.raises(errors.DisclosureUnconfirmed):
        workflow.move(studio, "acme", [feed_id], status, acknowledged="  ")
    workflow.move(studio, "acme", [feed_id], status, acknowledged="사진에 적혀 있어요", person="미나")
    with studio.database.tenant("acme") as db:
        (move,) = feed_states.moves(db, "acme", feed_id)
    assert (move.to_status, move.acknowledged, move.person) == (status, "사진에 적혀 있어요", "미나")


def test_a_good_caption_is_approved_without_a_word_and_a_draft_needs_none(studio: Studio, feed: Feed) -> None:
    workflow.move(studio, "acme", [feed.instagram_feed_id], "approved", acknowledged="needed by nobody")
    with studio.database.tenant("acme") as db:
        assert feed_states.moves(db, "acme", feed.instagram_feed_id)[0].acknowledged is None
    bare = edited(studio, feed, "통밀 식빵")
    workflow.move(studio, "acme", [bare.instagram_feed_id], "in_review")


def test_a_restored_version_gets_the_disclosure_again(studio: Studio, feed: Feed) -> None:
    bare = edited(studio, feed, "통밀 식빵 6,900원")
    again = edited(studio, bare, feed.instagram_ad_copy)
    with studio.database.tenant("acme") as db:
        number = next(
            version.number
            for version in feed_versions.of_feed(db, "acme", feed.instagram_feed_id)
            if version.instagram_ad_copy == "통밀 식빵 6,900원"
        )
    restored = editing.restore(studio, again, number)
    assert restored.instagram_ad_copy == "[유료 광고] 통밀 식빵 6,900원"


def test_the_list_is_filtered_by_kind_whoever_writes_and_follows_every_change(
    studio: Studio, feed: Feed, insert_by_sql: InsertBySql
) -> None:
    other = insert_by_sql(instagram_ad_copy="통밀 식빵 4,900원", product_description="통밀 식빵 6,900원")
    insert_by_sql(tenant_id="globex", instagram_ad_copy="통밀 식빵 4,900원", product_description="통밀 식빵 6,900원")
    assert checking.catch_up(studio, "acme") == 0
    assert listed(studio, "facts") == [other]
    assert listed(studio, "disclosure") == []
    bare = edited(studio, feed, "**통밀 식빵**")
    checking.catch_up(studio, "acme")
    assert listed(studio, "disclosure") == listed(studio, "language") == [bare.instagram_feed_id]
    workflow.move(studio, "acme", [bare.instagram_feed_id], "in_review")
    assert listed(studio, "disclosure") == [bare.instagram_feed_id], "another status keeps the findings"
    edited(studio, bare, feed.instagram_ad_copy)
    checking.catch_up(studio, "acme")
    assert listed(studio, "disclosure") == listed(studio, "language") == []
    assert listed(studio, "facts", "globex") == [], "another team's captions are checked when that team looks"


def test_findings_are_kept_with_their_offsets_and_go_with_the_caption(
    studio: Studio, feed: Feed, as_owner: AsOwner
) -> None:
    wrong = edited(studio, feed, "[유료 광고] 통밀 식빵 4,900원")
    feed_id = wrong.instagram_feed_id
    (finding,) = checking.of_feeds(studio, "acme", [feed_id])[feed_id]
    assert (finding["code"], finding["brief"]) == ("fact_different", "6,900원")
    assert wrong.instagram_ad_copy[finding["start"] : finding["end"]] == "4,900원"
    with studio.database.tenant("acme") as db:
        assert stored_findings.of_feeds(db, "acme", [feed_id]) == {feed_id: [finding]}
    (exported,) = background.rows(studio, "acme", FeedFilter())
    assert exported.findings == [finding]
    as_owner("DELETE FROM instagram_feeds")
    assert as_owner("SELECT count(*) FROM studio_feed_findings") == [(0,)]


def test_a_thousand_captions_are_checked_in_five_seconds(studio: Studio, as_owner: AsOwner) -> None:
    as_owner("""
        INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description,
            store_information, gpt_prompt, instagram_ad_copy, hashtags)
        SELECT 'acme', '', 'warm', '통밀 식빵 6,900원. 12월 24일 1+1', '연남로 12, 08:00~20:00', '',
            '통밀 식빵 ' || n || ',900원, 12/24 하루만 1+1!', '#식빵' FROM generate_series(1, 1000) AS n
    """)
    with seconds_of_a_quiet_machine() as took:
        assert checking.catch_up(studio, "acme") == 0
    assert took[0] < 5
    assert len(listed(studio, "facts")) == 20


def test_a_list_of_fifty_shows_what_was_found_at_the_cost_of_one_look(studio: Studio, as_owner: AsOwner) -> None:
    as_owner("""
        INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description,
            store_information, gpt_prompt, instagram_ad_copy, hashtags)
        SELECT 'acme', '', 'warm', '통밀 식빵 6,900원', '', '', '통밀 식빵 ' || n || ',900원', ''
        FROM generate_series(1, 50) AS n
    """)
    with studio.database.tenant("acme") as db:
        ids = [row.feed_id for row in feed_listing.page(db, "acme", FeedFilter(), limit=50).rows]
    checking.of_feeds(studio, "acme", ids)
    with seconds_of_a_quiet_machine() as took:
        assert len(checking.of_feeds(studio, "acme", ids)) == 50
    assert took[0] < 0.05


def test_one_passage_is_written_anew_and_the_rest_stays(studio: Studio, feed: Feed) -> None:
    wrong = edited(studio, feed, "[유료 광고] 통밀 식빵 4,900원\n둘째 줄")
    (finding,) = checking.findings_of(wrong)
    assert finding.start is not None
    assert finding.end is not None
    request = GenerationRequest(
        brief=BRIEF,
        options=GenerationOptions("demo"),
        source="page",
        parent=wrong,
        change="passage",
        passage=Passage(finding.start, finding.end, finding.brief),
        threads=None,
    )
    child = submit(studio, request).wait()
    assert child.instagram_ad_copy == "[유료 광고] 통밀 식빵 6,900원\n둘째 줄"
    assert child.hashtags == wrong.hashtags
    with studio.database.tenant("acme") as db:
        made = generations.of_feed(db, "acme", child.instagram_feed_id)
        assert feeds.get(db, "acme", wrong.instagram_feed_id) == wrong
    assert made
    assert (made.change, made.parent_feed_id) == ("passage", wrong.instagram_feed_id)


@pytest.mark.parametrize("status", ["approved", "posted"])
def test_a_caption_that_loses_its_disclosure_is_a_draft_again(studio: Studio, feed: Feed, status: Status) -> None:
    feed_id = feed.instagram_feed_id
    workflow.move(studio, "acme", [feed_id], status)
    kept = editing.edit(studio, feed, "[유료 광고] 통밀 식빵", "#빵", person="미나")
    with studio.database.tenant("acme") as db:
        assert feed_states.get(db, "acme", feed_id).status == status
    bare = editing.edit(studio, kept, "통밀 식빵", "#빵 #광고", person="미나")
    with studio.database.tenant("acme") as db:
        move = feed_states.moves(db, "acme", feed_id)[0]
    assert (move.from_status, move.to_status, move.person) == (status, "draft", "미나")
    with pytest.raises(errors.DisclosureUnconfirmed):
        editing.change(studio, "acme", feed_id, status=status)
    workflow.move(studio, "acme", [feed_id], status, acknowledged="사진에 적혀 있어요")
    editing.edit(studio, bare, "통밀 식빵이에요", "#빵", person="미나")
    with studio.database.tenant("acme") as db:
        assert feed_states.get(db, "acme", feed_id).status == status, "the reason still holds"


def test_an_undo_approves_no_caption_that_has_lost_its_disclosure_meanwhile(studio: Studio, feed: Feed) -> None:
    feed_id = feed.instagram_feed_id
    workflow.move(studio, "acme", [feed_id], "approved")
    left = workflow.move(studio, "acme", [feed_id], "archived")
    editing.edit(studio, feed, "통밀 식빵", "#빵")
    assert workflow.move_back(studio, "acme", left, "archived") == 1
    with studio.database.tenant("acme") as db:
        assert feed_states.get(db, "acme", feed_id).status == "draft"
    workflow.move(studio, "acme", [feed_id], "posted", acknowledged="사진에 적혀 있어요")
    left = workflow.move(studio, "acme", [feed_id], "archived")
    assert workflow.move_back(studio, "acme", left, "archived") == 1
    with studio.database.tenant("acme") as db:
        assert feed_states.get(db, "acme", feed_id).status == "posted", "nobody has edited it since"


def test_a_change_to_the_status_that_a_caption_has_needs_its_disclosure_too(studio: Studio, feed: Feed) -> None:
    feed_id = feed.instagram_feed_id
    workflow.move(studio, "acme", [feed_id], "approved")
    with pytest.raises(errors.DisclosureUnconfirmed):
        editing.change(studio, "acme", feed_id, instagram_ad_copy="통밀 식빵", status="approved")
    with studio.database.tenant("acme") as db:
        assert feed_states.get(db, "acme", feed_id).status == "approved"
        assert feeds.get(db, "acme", feed_id).instagram_ad_copy == feed.instagram_ad_copy
