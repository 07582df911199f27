"""The list of a tenant's feeds: what a filter finds, newest first, equally fast at any depth."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ARRAY, Connection, DateTime, Double, Text, Uuid, bindparam, text

from lib.domain.cursor import Cursor
from lib.domain.feed_filter import FeedFilter
from lib.domain.pricing import OwnPrice
from lib.store import pagination
from lib.store.feed_versions import Version
from lib.store.feeds import Feed

COUNTED = 1_000
"""How far hits of a search for words are counted: each has to be looked at."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A feed as the list shows it: its row without the long documents, and what became of it.

    ``source`` is None where no generation of ours made it; ``sample`` whether the row says that it is sample data.
    """

    feed_id: uuid.UUID
    created_at: dt.datetime | None
    instagram_ad_copy: str
    hashtags: str
    tone_style: str
    product_description: str
    refined_ad_copy_eng: str
    store_information: str
    gpt_model_name: str | None
    latency_ms: float | None
    token_usage: Any
    job_id: uuid.UUID | None
    overlay_id: uuid.UUID | None
    service_tier: str | None
    sample: bool
    status: str
    favourite: bool
    source: str | None


@dataclass(frozen=True, slots=True)
class KeptFeed(Feed):
    """A whole row, and what became of it; versions and its tenant's own prices only if looked up."""

    state: str
    favourite: bool
    versions: Sequence[Version] = ()
    own_prices: Sequence[OwnPrice] = ()


@dataclass(frozen=True, slots=True)
class Choices:
    """What the newest feeds have that can be filtered by, the most frequent first."""

    models: list[str]
    tones: list[str]


Page = pagination.Page[Listed]

LOOKED_AT = 1_000
"""How many of the newest feeds are looked at for what there is to choose from: a filter can be typed as well."""

_CONDITIONS: tuple[Any, ...] = (
    bindparam("tenant", type_=Text()),
    bindparam("facets", type_=ARRAY(Text())),
    bindparam("words", type_=ARRAY(Text())),
    bindparam("since", type_=DateTime(timezone=True)),
    bindparam("until", type_=DateTime(timezone=True)),
    bindparam("latency_from", type_=Double()),
    bindparam("latency_to", type_=Double()),
)
_PLACE = (bindparam("from_at", type_=DateTime(timezone=True)), bindparam("from_id", type_=Uuid()))
_FOUND = """
    studio_find_feeds(
        :tenant, :facets, :words, :since, :until, :latency_from, :latency_to, :from_at, :from_id, :newer, :most
    ) AS found
    JOIN instagram_feeds AS feed ON feed.tenant_id = :tenant AND feed.instagram_feed_id = found.feed_id
"""
_STATE = "LEFT JOIN studio_feed_states AS state ON state.tenant_id = :tenant AND state.feed_id = found.feed_id"
_NEWEST_FIRST = "ORDER BY found.created_at DESC, found.feed_id DESC"
_LISTED = text(f"""
    SELECT found.feed_id, nullif(found.created_at, '-infinity'), feed.instagram_ad_copy, feed.hashtags, feed.tone_style,
        feed.product_description, feed.refined_ad_copy_eng, feed.store_information, feed.gpt_model_name,
        feed.latency_ms, feed.token_usage, feed.job_id, feed.overlay_id,
        feed.gpt_response_raw ->> 'service_tier', coalesce(feed.gpt_response_raw ->> 'sample' = 'true', false),
        coalesce(state.status, 'draft'), coalesce(state.favourite, false),
        (SELECT made.source FROM studio_generations AS made
         WHERE made.tenant_id = :tenant AND made.instagram_feed_id = found.feed_id LIMIT 1)
    FROM {_FOUND} {_STATE} {_NEWEST_FIRST}
""").bindparams(*_CONDITIONS, *_PLACE)  # noqa: S608 - put together of constants
_WHOLE = text(f"""
    SELECT {", ".join(f"feed.{one.name}" for one in fields(Feed))},
        coalesce(state.status, 'draft'), coalesce(state.favourite, false)
    FROM {_FOUND} {_STATE} {_NEWEST_FIRST}
""").bindparams(*_CONDITIONS, *_PLACE)  # noqa: S608 - put together of constants
_COUNT = text("""
    SELECT studio_count_feeds(:tenant, :facets, :words, :since, :until, :latency_from, :latency_to, :most)
""").bindparams(*_CONDITIONS)


def page(
    db: Connection,
    tenant_id: str,
    wanted: FeedFilter,
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
    limit: int = 20,
) -> Page:
    """The feeds that follow the place ``after``, or those that precede ``before``, newest first."""
    newer = before is not None
    found = _find(db, tenant_id, wanted, before or after, newer, limit + 1, _LISTED)
    rows = [Listed(*row) for row in found]
    return pagination.cut(rows, limit, lambda one: Cursor(one.created_at, one.feed_id), after=after, before=before)


def feeds(
    db: Connection, tenant_id: str, wanted: FeedFilter, *, after: Cursor | None = None, limit: int = 20
) -> list[KeptFeed]:
    """The same as whole rows: the feeds that follow the place, newest first."""
    return [KeptFeed(*row) for row in _find(db, tenant_id, wanted, after, newer=False, most=limit, statement=_WHOLE)]


def count(db: Connection, tenant_id: str, wanted: FeedFilter) -> int | None:
    """How many feeds the filter means; None where it searches for words and there are more than :data:`COUNTED`."""
    most = COUNTED + 1 if wanted.words else None
    counted = 0
    for asked in _asked(tenant_id, wanted):
        counted += int(db.scalar(_COUNT, asked | {"most": most}) or 0)
        if most and counted >= most:
            return None
    return counted


_CHOICES = text("""
    WITH newest AS (
        SELECT studio_value(gpt_model_name) AS model, studio_value(tone_style) AS tone
        FROM instagram_feeds WHERE tenant_id = :tenant
        ORDER BY created_at DESC, instagram_feed_id DESC LIMIT :looked_at
    )
    SELECT array(SELECT model FROM newest GROUP BY 1 ORDER BY count(*) DESC),
        array(SELECT tone FROM newest GROUP BY 1 ORDER BY count(*) DESC LIMIT 50)
    FROM (SELECT) AS one
""")


def choices(db: Connection, tenant_id: str) -> Choices:
    """What the tenant's last :data:`LOOKED_AT` feeds have that can be filtered by."""
    return Choices(*db.execute(_CHOICES, {"tenant": tenant_id, "looked_at": LOOKED_AT}).one())


def _find(
    db: Connection, tenant_id: str, wanted: FeedFilter, place: Cursor | None, newer: bool, most: int, statement: Any
) -> list[Any]:
    at = {"from_at": place.created_at if place else None, "from_id": place.feed_id if place else None}
    stretches = _asked(tenant_id, wanted)
    found: list[Any] = []
    for asked in reversed(stretches) if newer else stretches:
        if place and place.created_at and _is_beyond(asked, place.created_at, newer):
            continue
        more = list(db.execute(statement, asked | at | {"newer": newer, "most": most - len(found)}))
        found = more + found if newer else found + more
        if len(found) == most:
            break
    return found


def _is_beyond(asked: dict[str, Any], at: dt.datetime, newer: bool) -> bool:
    """Whether a stretch of time lies wholly on the side that was gone from."""
    edge: dt.datetime | None = asked["until"] if newer else asked["since"]
    return edge is not None and (edge <= at if newer else edge > at)


def _asked(tenant_id: str, wanted: FeedFilter) -> list[dict[str, Any]]:
    """The conditions, once for each stretch of time that is meant, the newest first."""
    asked = {
        "tenant": tenant_id,
        "facets": wanted.facets,
        "words": wanted.words,
        "latency_from": wanted.latency_from_ms,
        "latency_to": wanted.latency_to_ms,
    }
    return [asked | {"since": since, "until": until} for since, until in wanted.stretches]
