"""One page of a list that is read newest first, and the places from which the list goes on."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

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


def page_of(
    execute: Callable[[Select[Any]], Iterable[Any]],
    listed: Select[Any],
    to_row: Callable[..., Row],
    order: tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any]],
    limit: int,
    *,
    after: Cursor | None,
    before: Cursor | None,
) -> Page[Row]:
    """The page of a statement's rows that :func:`to_page` tells; ``execute`` runs a statement.

    ``order`` are the columns of a place, the instant and the id; a row has them as attributes.
    """
    newer = before is not None
    if place := before or after:
        at, there = tuple_(*order), tuple_(literal(place.created_at), literal(place.feed_id))
        listed = listed.where(at > there if newer else at < there)
    ordered = listed.order_by(*(order if newer else (column.desc() for column in order))).limit(limit + 1)
    rows = [to_row(*row) for row in execute(ordered)]
    place_of = operator.attrgetter(*(column.key for column in order))
    return to_page(rows[::-1] if newer else rows, limit, lambda row: Cursor(*place_of(row)), after=after, before=before)
