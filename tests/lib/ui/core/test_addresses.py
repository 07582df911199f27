"""Every page's address is read as it was written, and refuses what means nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import fields

import pytest

from lib.domain.cursor import Cursor
from lib.domain.dimensions import MISSING, DimensionValue, Filters
from lib.domain.errors import FeedNotFound, InvalidFilter, JobNotFound, RunNotFound, StudioError
from lib.domain.feed_filter import FeedFilter
from lib.ui.core.addresses import GenerateAddress, HistoryAddress, JobsAddress, MetricsAddress
from lib.ui.core.url_state import Address

ID, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
FULL: list[Address] = [
    GenerateAddress(run=ID, feed=OTHER),
    HistoryAddress(
        filters=FeedFilter(text="녹차 #라떼", job_id=ID, status=None),
        requests=("failed:timeout", "stopped"),
        after=Cursor(dt.datetime(2026, 11, 1, tzinfo=dt.UTC), ID),
        before=Cursor(None, OTHER),
        size=50,
        feed=ID,
        compared=(ID, OTHER),
    ),
    MetricsAddress(
        "custom",
        dt.date(2026, 1, 1),
        dt.date(2026, 2, 1),
        "week",
        True,
        Filters(DimensionValue.of("o3"), MISSING, job=DimensionValue.of(str(ID))),
    ),
    JobsAddress(job=ID),
]


@pytest.mark.parametrize("address", [*FULL, *(type(address)() for address in FULL)], ids=repr)
def test_what_is_written_is_read_again(address: Address) -> None:
    assert type(address).from_query(address.to_query()) == address


@pytest.mark.parametrize("address", FULL, ids=lambda address: type(address).__name__)
def test_the_example_fills_every_field(address: Address) -> None:
    usual = type(address)()
    assert all(getattr(address, field.name) != getattr(usual, field.name) for field in fields(address))
    assert usual.to_query() == {}


def test_all_requests_are_another_address_than_all_captions() -> None:
    assert HistoryAddress(requests=()).to_query() == {"requests": "any"}
    assert HistoryAddress.from_query({"requests": "any"}).requests == ()


@pytest.mark.parametrize(
    ("page", "query", "error"),
    [
        (GenerateAddress, {"run": "<b>"}, RunNotFound),
        (GenerateAddress, {"feed": "1"}, FeedNotFound),
        (HistoryAddress, {"after": "!"}, InvalidFilter),
        (HistoryAddress, {"requests": "DROP TABLE"}, InvalidFilter),
        (HistoryAddress, {"compare": f"{ID},x"}, FeedNotFound),
        (HistoryAddress, {"since": "yesterday"}, InvalidFilter),
        (JobsAddress, {"job": "none"}, JobNotFound),
    ],
)
def test_what_means_nothing_is_an_error_that_names_it(
    page: type[Address], query: dict[str, str], error: type[StudioError]
) -> None:
    with pytest.raises(error):
        page.from_query(query)


def test_choices_that_no_longer_exist_mean_the_usual_one() -> None:
    assert HistoryAddress.from_query({"size": "7"}) == HistoryAddress()
    assert MetricsAddress.from_query({"period": "decade", "slot": "minute", "model": "o3"}) == MetricsAddress()
