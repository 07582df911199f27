"""What the history page shows, as its address says it: the filter, the place in the list, the open feed, the compared;
or, instead of captions, the requests to models.

A link reopens exactly what was seen, so nothing of this is kept anywhere else.
"""

from __future__ import annotations

import dataclasses
import re
import uuid
from collections.abc import Iterable
from typing import Any

from lib.domain.cursor import Cursor
from lib.domain.errors import FeedNotFound, InvalidFilter, Problem
from lib.domain.feed_filter import ADDRESS_NAMES, LIVE, FeedFilter
from lib.ui.core import url_state

AFTER, BEFORE, SIZE, FEED, COMPARED, REQUESTS = "after", "before", "size", "feed", "compare", "requests"
ANY = "any"
"""Requests, however they ended."""
_ENDINGS = re.compile("[a-z_]+:?[a-z_]*(,[a-z_]+:?[a-z_]*)*")
SIZES = (20, 50)
MOST_COMPARED = 4


def wanted() -> FeedFilter:
    """The filter. Raises ``InvalidFilter``."""
    return FeedFilter.from_query({name: told for name in ADDRESS_NAMES if (told := url_state.told(name))})


def narrow(**fields: Any) -> None:
    """Change the filter and show the first page of what it means; only from a callback."""
    show(dataclasses.replace(wanted(), **fields))


def show(filtered: FeedFilter) -> None:
    """Show the first page of what this filter means; only from a callback."""
    query = filtered.to_query()
    url_state.show({name: query.get(name) for name in ADDRESS_NAMES} | dict.fromkeys((AFTER, BEFORE, FEED, COMPARED)))


def only(**fields: Any) -> None:
    """Show what has just these; only from a callback."""
    show(dataclasses.replace(FeedFilter(status=LIVE), **fields))


def clear() -> None:
    """Show the list as it is without any filter; only from a callback."""
    show(FeedFilter(status=LIVE))


def place() -> dict[str, Cursor]:
    """Where in the list the page is, as :func:`lib.store.feed_listing.page` takes it. Raises ``InvalidFilter``."""
    return {name: Cursor.decode(told) for name in (BEFORE, AFTER) if (told := url_state.told(name))}


def go(**places: Cursor | None) -> None:
    """Show another stretch of the list; only from a callback."""
    told = {name: cursor.encode() if cursor else None for name, cursor in places.items()}
    url_state.show({AFTER: None, BEFORE: None, **told})


def shown() -> str:
    """A name for what is shown, another one for each page of the list and each feed."""
    return "&".join(f"{name}={url_state.told(name) or ''}" for name in (REQUESTS, FEED, COMPARED, AFTER, BEFORE))


def size() -> int:
    """How many feeds a page shows."""
    told = url_state.told(SIZE)
    return next((size for size in SIZES if str(size) == told), SIZES[0])


def resize(chosen: int) -> None:
    """Show so many, from the beginning; only from a callback."""
    url_state.show({SIZE: None if chosen == SIZES[0] else str(chosen), AFTER: None, BEFORE: None})


def feed_id() -> uuid.UUID | None:
    """The feed that is open. Raises ``FeedNotFound`` where the address names what can be none."""
    told = url_state.told(FEED)
    return _id(told) if told else None


def open_feed(chosen: uuid.UUID | None) -> None:
    """Open the feed, or go back to the list; only from a callback."""
    url_state.show({FEED: str(chosen) if chosen else None, COMPARED: None})


def shows_requests() -> bool:
    """Whether requests are listed, and not captions."""
    return bool(url_state.told(REQUESTS))


def endings() -> list[str]:
    """How the requests ended that are listed; none of them for all. Raises ``InvalidFilter``."""
    told = url_state.told(REQUESTS) or ANY
    if not _ENDINGS.fullmatch(told):
        raise InvalidFilter([Problem("requests", "unreadable", {"told": told[:80]})])
    return [] if told == ANY else list(dict.fromkeys(told.split(",")))


def show_requests(ended: Iterable[str] = ()) -> None:
    """List the requests that ended in one of these ways, or all; only from a callback."""
    url_state.show({REQUESTS: ",".join(ended) or ANY} | dict.fromkeys((AFTER, BEFORE, FEED, COMPARED)))


def show_captions() -> None:
    """List captions; only from a callback."""
    url_state.show(dict.fromkeys((REQUESTS, AFTER, BEFORE, FEED, COMPARED)))


def compared() -> list[uuid.UUID]:
    """The feeds that stand side by side. Raises ``FeedNotFound``."""
    told = url_state.told(COMPARED) or ""
    return list(dict.fromkeys(_id(one) for one in told.split(",") if one))[:MOST_COMPARED]


def compare(feed_ids: Iterable[uuid.UUID]) -> None:
    """Put feeds side by side, or go back to the list; only from a callback."""
    url_state.show({COMPARED: ",".join(map(str, feed_ids)) or None, FEED: None})


def _id(told: str) -> uuid.UUID:
    try:
        return uuid.UUID(told)
    except ValueError as error:
        raise FeedNotFound(feed_id=told[:80]) from error
