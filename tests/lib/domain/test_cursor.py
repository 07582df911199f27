"""A place in a list survives its way through an address, and a broken one is refused."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.cursor import Cursor
from lib.domain.errors import InvalidFilter

moments = st.integers(-30_000_000_000, 220_000_000_000).map(
    lambda second: dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=second, microseconds=7)
)


@given(moments | st.none(), st.uuids())
def test_a_place_survives_its_way_through_an_address(moment: dt.datetime | None, feed_id: uuid.UUID) -> None:
    place = Cursor(moment, feed_id)
    assert Cursor.decode(place.encode()) == place


@pytest.mark.parametrize("told", ["", "x", "가나다", "AAAA", "a" * 200, "Zm9v" * 9])
def test_a_broken_place_is_refused(told: str) -> None:
    with pytest.raises(InvalidFilter):
        Cursor.decode(told)
