"""One page of a list that is read newest first, and the places from which the list goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, literal, tuple_

from lib.domain.cursor import Cursor

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """The rows, newest first, and the places from which the list goes on; None where it ends."""

    rows: list[Row]
    newer: Cursor | None
    older: Cursor | None


def to_page(
    rows: list[Row], limit: int, place_of: Callable[[Row], Cursor], *, after: Cursor | None, before: Cursor | None
) -> Page[Row]:
    """The page that holds the first ``limit`` of the rows that follow ``after``, or the last that precede ``before``.

    ``rows`` are newest first. If the list goes on, they hold one row more than ``limit``, on the far side.
    """
    newer, more = before is not None, len(rows) > limit
    if more:
        rows = rows[1:] if newer else rows[:limit]
    first, last = (place_of(rows[0]), place_of(rows[-1])) if rows else (None, None)
    has_newer, has_older = (more, bool(rows)) if newer else (after is not None, more)
    return Page(rows, newer=first if has_newer else None, older=last if has_older else None)


def statement(
    listed: Select[Any], order: tuple[Any, Any], limit: int, *, after: Cursor | None, before: Cursor | None
) -> Select[Any]:
    """The statement that reads the rows of :func:`to_page`, newest first, or oldest first where ``before`` is given.

    ``order`` are the columns of a place, the instant and the id.
    """
    newer = before is not None
    if place := before or after:
        at, there = tuple_(*order), tuple_(literal(place.created_at), literal(place.feed_id))
        listed = listed.where(at > there if newer else at < there)
    return listed.order_by(*(order if newer else (column.desc() for column in order))).limit(limit + 1)
