"""One page of a list leads on and back exactly where the list goes on."""

from __future__ import annotations

import datetime as dt
import uuid

from lib.domain.cursor import Cursor
from lib.store.pagination import to_page

PLACES = [Cursor(dt.datetime(2026, 11, day, tzinfo=dt.UTC), uuid.UUID(int=day)) for day in range(9, 0, -1)]


def own(place: Cursor) -> Cursor:
    return place


def test_the_first_page_leads_to_older_rows_only() -> None:
    page = to_page(PLACES[:4], 3, own, after=None, before=None)
    assert (page.rows, page.newer, page.older) == (PLACES[:3], None, PLACES[2])


def test_the_last_page_leads_to_newer_rows_only() -> None:
    page = to_page(PLACES[6:], 3, own, after=PLACES[5], before=None)
    assert (page.rows, page.newer, page.older) == (PLACES[6:], PLACES[6], None)


def test_a_page_of_newer_rows_drops_the_row_that_is_too_many_at_its_newer_end() -> None:
    page = to_page(PLACES[2:6], 3, own, after=None, before=PLACES[6])
    assert (page.rows, page.newer, page.older) == (PLACES[3:6], PLACES[3], PLACES[5])


def test_the_newest_page_reached_from_below_leads_to_older_rows_only() -> None:
    page = to_page(PLACES[:2], 3, own, after=None, before=PLACES[2])
    assert (page.rows, page.newer, page.older) == (PLACES[:2], None, PLACES[1])


def test_without_rows_the_list_leads_nowhere() -> None:
    page = to_page(list[Cursor](), 3, own, after=None, before=None)
    assert (page.rows, page.newer, page.older) == ([], None, None)
