"""The moves of the history page: what its buttons write into its address. Every function but ``read`` is a callback."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterable
from typing import Any

from lib.domain.cursor import Cursor
from lib.domain.feed_filter import LIVE, FeedFilter
from lib.ui.core.addresses import HistoryAddress

_FIRST_PAGE: dict[str, Any] = {"after": None, "before": None, "feed": None, "compared": ()}
"""The fields of an address at the list's first page."""


def read() -> HistoryAddress:
    """What the page shows. Raises ``InvalidFilter`` or ``FeedNotFound`` where the address means nothing."""
    return HistoryAddress.read()


def narrow(**fields: Any) -> None:
    """Change these fields of the filter and show the first page of what it means. Raises ``InvalidFilter``."""
    show(dataclasses.replace(read().filters, **fields))


def show(filters: FeedFilter) -> None:
    """Show the first page of what this filter means."""
    HistoryAddress.change(filters=filters, **_FIRST_PAGE)


def show_only(**fields: Any) -> None:
    """Show the first page of what a filter with just these fields means."""
    show(FeedFilter(status=LIVE, **fields))


def clear() -> None:
    """Show the first page without any filter."""
    show(FeedFilter(status=LIVE))


def go(*, after: Cursor | None = None, before: Cursor | None = None) -> None:
    """Show the rows after or before this place, or the first page."""
    HistoryAddress.change(after=after, before=before)


def resize(size: int) -> None:
    """Show so many rows a page, from the first page on."""
    HistoryAddress.change(size=size, after=None, before=None)


def open_feed(feed_id: uuid.UUID | None) -> None:
    """Open the feed, or go back to the list."""
    HistoryAddress.change(feed=feed_id, compared=())


def show_requests(endings: Iterable[str] = ()) -> None:
    """List the requests that ended in one of these ways, or all requests."""
    HistoryAddress.change(requests=tuple(endings), **_FIRST_PAGE)


def show_captions() -> None:
    """List captions."""
    HistoryAddress.change(requests=None, **_FIRST_PAGE)


def compare(feed_ids: Iterable[uuid.UUID]) -> None:
    """Put feeds side by side, or go back to the list."""
    HistoryAddress.change(compared=tuple(feed_ids), feed=None)
