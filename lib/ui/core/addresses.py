"""The addresses of the pages: a dataclass each, from which every link to the page is made."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from lib.domain import feed_filter_url
from lib.domain.batches.rows import ROW_STATUSES
from lib.domain.cursor import Cursor
from lib.domain.dimensions import FILTERED, MISSING, DimensionValue, Filters
from lib.domain.errors import (
    BatchNotFound,
    DraftNotFound,
    ExperimentNotFound,
    FeedNotFound,
    InvalidFilter,
    JobNotFound,
    Problem,
    RunNotFound,
    StudioError,
)
from lib.domain.feed_filter import LIVE, FeedFilter
from lib.domain.periods import FIRST_DAY, GRANULARITIES, LAST_DAY, Granularity
from lib.ui.core.url_state import Address, Params, param

MAX_SHOWN = 80
"""Characters of an unreadable parameter that its error repeats: an id has 36."""


def _id(error: type[StudioError], name: str) -> Callable[[str], uuid.UUID]:
    """Reads an id; a text that is none raises this error with the text under this name."""

    def read(text: str) -> uuid.UUID:
        try:
            return uuid.UUID(text.strip())
        except ValueError:
            raise error(**{name: text[:MAX_SHOWN]}) from None

    return read


_feed_id = _id(FeedNotFound, "feed_id")

RUN, FEED = "run", "feed"
"""The parameters of a run and of an open feed."""


@dataclass(frozen=True)
class GenerateAddress(Address):
    """The run or the feed beside the form."""

    path: ClassVar[str] = ""
    file: ClassVar[str] = "generate.py"
    run: Annotated[uuid.UUID | None, param(RUN, _id(RunNotFound, "run_id"), of_team=True)] = None
    feed: Annotated[uuid.UUID | None, param(FEED, _feed_id, of_team=True)] = None


SIZES = (20, 50)
MAX_COMPARED = 4
ANY_ENDING = "any"
"""Requests, however they ended."""
_ENDINGS = re.compile("[a-z_]+:?[a-z_]*(,[a-z_]+:?[a-z_]*)*")


_LIVE_FEEDS = FeedFilter(status=LIVE)
_OF_TEAM = ("job", "overlay", "experiment")
"""The filters that name what another team does not have."""


def _size(text: str) -> int:
    return next((size for size in SIZES if str(size) == text), SIZES[0])


def _feed_ids(text: str) -> tuple[uuid.UUID, ...]:
    return tuple(dict.fromkeys(_feed_id(part) for part in text.split(",") if part))[:MAX_COMPARED]


def _endings(text: str) -> tuple[str, ...]:
    if not _ENDINGS.fullmatch(text):
        raise InvalidFilter([Problem("requests", "unreadable", {"value": text[:MAX_SHOWN]})])
    return () if text == ANY_ENDING else tuple(dict.fromkeys(text.split(",")))


def _write_endings(endings: tuple[str, ...]) -> str:
    return ",".join(endings) or ANY_ENDING


def _write_ids(ids: tuple[uuid.UUID, ...]) -> str:
    return ",".join(map(str, ids))


@dataclass(frozen=True)
class HistoryAddress(Address):
    """A stretch of the list, one feed, or several feeds side by side.

    ``requests`` are the endings of the requests that are listed instead of feeds: empty for all of them, None where
    feeds are listed.
    """

    path: ClassVar[str] = "history"
    file: ClassVar[str] = "history.py"
    filters: Annotated[
        FeedFilter,
        Params(feed_filter_url.NAMES, feed_filter_url.from_query, feed_filter_url.to_query, _OF_TEAM),
    ] = _LIVE_FEEDS
    requests: Annotated[tuple[str, ...] | None, param("requests", _endings, _write_endings)] = None
    after: Annotated[Cursor | None, param("after", Cursor.decode, Cursor.encode, of_team=True)] = None
    before: Annotated[Cursor | None, param("before", Cursor.decode, Cursor.encode, of_team=True)] = None
    size: Annotated[int, param("size", _size)] = SIZES[0]
    feed: Annotated[uuid.UUID | None, param(FEED, _feed_id, of_team=True)] = None
    compared: Annotated[tuple[uuid.UUID, ...], param("compare", _feed_ids, _write_ids, of_team=True)] = ()


PERIODS = ("today", "7d", "30d", "90d", "365d", "month", "last_month", "custom")
DEFAULT_PERIOD = "30d"


def _period(text: str) -> str:
    return text if text in PERIODS else DEFAULT_PERIOD


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return min(max(day, FIRST_DAY), LAST_DAY)


def _granularity(text: str) -> Granularity | None:
    return next((granularity for granularity in GRANULARITIES if granularity == text), None)


def write_value(value: DimensionValue) -> str:
    """A value of a dimension as an address spells it; :func:`read_value` reads it again."""
    if value == MISSING:
        return "-"
    return f"~{value.digest}{value.text}" if value.kind == "hashed" else f"={value.text}"


def read_value(text: str) -> DimensionValue | None:
    """The value that this text spells; None where it spells none."""
    if text == "-":
        return MISSING
    if text.startswith("~"):
        return DimensionValue("hashed", text[33:], text[1:33])
    return DimensionValue.of(text[1:]) if text.startswith("=") else None


def _read_filters(query: Mapping[str, str]) -> Filters:
    return Filters(**{dimension: read_value(query.get(dimension, "")) for dimension in FILTERED})


def _write_filters(filters: Filters) -> dict[str, str]:
    return {dimension: write_value(value) for dimension, value in filters.given().items()}


_ALL_ROWS = Filters()


@dataclass(frozen=True)
class MetricsAddress(Address):
    """The period and the filters of the figures; ``first`` and ``last`` are days of a custom period."""

    path: ClassVar[str] = "metrics"
    file: ClassVar[str] = "metrics.py"
    period: Annotated[str, param("period", _period)] = DEFAULT_PERIOD
    first: Annotated[dt.date | None, param("first", _day, dt.date.isoformat)] = None
    last: Annotated[dt.date | None, param("last", _day, dt.date.isoformat)] = None
    slot: Annotated[Granularity | None, param("slot", _granularity)] = None
    all_teams: Annotated[bool, param("all", lambda text: text == "1", lambda _: "1")] = False
    filters: Annotated[Filters, Params(FILTERED, _read_filters, _write_filters, ("job", "experiment"))] = _ALL_ROWS


EXPERIMENT_VIEWS = ("results", "judge", "new", "prompts")


def _experiment_view(text: str) -> str:
    return text if text in EXPERIMENT_VIEWS else EXPERIMENT_VIEWS[0]


@dataclass(frozen=True)
class ExperimentsAddress(Address):
    """The list of experiments, or what is shown of one: its results, or pairs to judge."""

    path: ClassVar[str] = "experiments"
    file: ClassVar[str] = "experiments.py"
    experiment: Annotated[
        uuid.UUID | None, param("experiment", _id(ExperimentNotFound, "experiment_id"), of_team=True)
    ] = None
    view: Annotated[str, param("view", _experiment_view)] = EXPERIMENT_VIEWS[0]


@dataclass(frozen=True)
class JobsAddress(Address):
    """The job that is shown."""

    path: ClassVar[str] = "jobs"
    file: ClassVar[str] = "jobs.py"
    job: Annotated[uuid.UUID | None, param("job", _id(JobNotFound, "job_id"), of_team=True)] = None


BATCH_VIEWS = ("review",)
_PLACE = re.compile(r"(\d{1,9})\.(\d{1,4})")


def _batch_view(text: str) -> str | None:
    return text if text in BATCH_VIEWS else None


def _row_status(text: str) -> str | None:
    return text if text in ROW_STATUSES else None


def _place(text: str) -> tuple[int, int] | None:
    match = _PLACE.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def _write_place(place: tuple[int, int] | None) -> str:
    return "{}.{}".format(*place) if place else ""


@dataclass(frozen=True)
class BatchesAddress(Address):
    """A batch, a sheet that was uploaded and not started, or the list of batches.

    ``from_row`` is the place (number and variant) behind which the rows of a batch are listed, ``row`` the one that is
    reviewed, ``status`` the only status of the rows that are listed; ``after`` is a place in the list of batches.
    """

    path: ClassVar[str] = "batches"
    file: ClassVar[str] = "batches.py"
    batch: Annotated[uuid.UUID | None, param("batch", _id(BatchNotFound, "batch_id"), of_team=True)] = None
    draft: Annotated[uuid.UUID | None, param("draft", _id(DraftNotFound, "draft_id"), of_team=True)] = None
    view: Annotated[str | None, param("view", _batch_view, of_team=True)] = None
    status: Annotated[str | None, param("row_status", _row_status, of_team=True)] = None
    row: Annotated[tuple[int, int] | None, param("row", _place, _write_place, of_team=True)] = None
    from_row: Annotated[tuple[int, int] | None, param("from_row", _place, _write_place, of_team=True)] = None
    after: Annotated[Cursor | None, param("older", Cursor.decode, Cursor.encode, of_team=True)] = None
