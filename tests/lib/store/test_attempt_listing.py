"""The list of requests: every one that ended, however it did, and only the tenant's own."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from typing import Any

import pytest

from lib.domain.brief import Brief, GenerationOptions
from lib.domain.errors import StudioError
from lib.domain.feed_filter import FeedFilter
from lib.store import attempt_listing
from lib.studio import Studio
from tests.support import generating

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def asked(studio: Studio, brief: Brief, demo: Any) -> Brief:
    """A caption, a refusal, and three requests that broke the model's server, in this order."""
    demo.behaviours += ["written", "refused", *["server_error"] * 3]
    for source in ("api", *["page"] * 4):
        with contextlib.suppress(StudioError):
            generating.write(studio, brief, GenerationOptions("demo"), source=source)
    return brief


def listed(studio: Studio, tenant: str, *ended: str, **wanted: Any) -> list[attempt_listing.Request]:
    with studio.database.tenant(tenant) as db:
        rows = attempt_listing.page(db, tenant, FeedFilter(**wanted), ended).rows
        assert attempt_listing.count(db, tenant, FeedFilter(**wanted), ended) == len(rows)
    return rows


def test_every_request_is_listed_newest_first_with_how_it_ended(studio: Studio, asked: Brief) -> None:
    rows = listed(studio, asked.tenant_id)
    assert [one.ended for one in rows] == [*["failed:model_failed"] * 3, "refused", "written"]
    assert [one.source for one in rows] == ["page"] * 4 + ["api"]
    assert {one.product_description for one in rows} == {asked.product_description}
    written = rows[-1]
    assert written.feed_id is not None
    assert written.token_usage is not None
    assert rows[0].feed_id is None
    assert rows[0].http_status == 500


NARROWED: list[tuple[list[str], dict[str, Any], int]] = [
    (["refused"], {}, 1),
    (["refused", "failed:model_failed"], {}, 4),
    (["failed:wrong_key"], {}, 0),
    (["failed"], {}, 0),  # for no reason
    ([], {"source": "api"}, 1),
    ([], {"model": "demo"}, 5),
    ([], {"model": "-"}, 0),
    ([], {"tone": "따뜻하고 친근하게"}, 5),
    ([], {"tone": "nobody's"}, 0),
    ([], {"tone": "차분하게 " * 60}, 0),
    ([], {"prompt_version": "-"}, 0),
    ([], {"since": NOW + dt.timedelta(days=1)}, 0),
    ([], {"until": NOW - dt.timedelta(days=1)}, 0),
    (["refused"], {"since": NOW - dt.timedelta(days=1), "until": NOW + dt.timedelta(days=1)}, 1),
]


def test_it_is_narrowed(studio: Studio, asked: Brief) -> None:
    counts = [len(listed(studio, asked.tenant_id, *ended, **wanted)) for ended, wanted, _ in NARROWED]
    assert counts == [count for _, _, count in NARROWED]


def test_another_tenants_requests_are_not_listed(studio: Studio, asked: Brief) -> None:
    assert listed(studio, "other") == []
    with studio.database.tenant("other") as db:
        assert attempt_listing.endings(db, "other", FeedFilter()) == []


def test_pages_lead_on_and_back_without_skipping_or_repeating(studio: Studio, asked: Brief) -> None:
    everything = [one.attempt_id for one in listed(studio, asked.tenant_id)]
    seen, page, places = list[uuid.UUID](), None, []
    with studio.database.tenant(asked.tenant_id) as db:
        while page is None or page.older:
            page = attempt_listing.page(db, asked.tenant_id, FeedFilter(), after=page.older if page else None, limit=2)
            seen += [one.attempt_id for one in page.rows]
            places.append(page)
        assert seen == everything
        back = attempt_listing.page(db, asked.tenant_id, FeedFilter(), before=places[-1].newer, limit=2)
    assert [one.attempt_id for one in back.rows] == [one.attempt_id for one in places[-2].rows]


def test_the_ways_in_which_they_ended_are_told_the_most_frequent_first(studio: Studio, asked: Brief) -> None:
    with studio.database.tenant(asked.tenant_id) as db:
        told = attempt_listing.endings(db, asked.tenant_id, FeedFilter())
        assert attempt_listing.endings(db, asked.tenant_id, FeedFilter(until=NOW - dt.timedelta(days=1))) == []
    assert told == ["failed:model_failed", "refused", "written"]
