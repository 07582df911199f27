"""The address form of a :class:`FeedFilter`: short names and texts that a person can read, share and correct."""

from __future__ import annotations

import datetime as dt
import json
import math
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from lib.domain.errors import InvalidFilter, Problem
from lib.domain.feed_filter import (
    EXCLUDED_BY,
    FIRST_YEAR,
    LAST_YEAR,
    LIVE,
    MAX_EXCLUDED,
    MAX_LATENCY_MS,
    MAX_MODEL,
    UNKNOWN,
    FeedFilter,
    WeekHour,
    is_storable,
)

MAX_SHOWN = 80
"""Characters of an unreadable value that its error repeats."""


def to_query(filters: FeedFilter) -> dict[str, str]:
    """The filter as parameters of an address, by name; what is not set is left out.

    :func:`from_query` reads them again. A filter for :data:`LIVE` writes no status; one for every status writes
    ``status=any``.
    """
    query = {
        name: _WRITE[type(value)](value)
        for name, field in _FIELDS.items()
        if not ((value := getattr(filters, field)) is None or value is False or value in ("", ()))
    }
    if filters.status == LIVE:
        del query["status"]
    elif filters.status is None:
        query["status"] = "any"
    return query


def from_query(query: Mapping[str, str]) -> FeedFilter:
    """The filter that these parameters name; parameters of other names are ignored.

    Without a status it is a filter for :data:`LIVE`; ``status=any`` means archived feeds too. Raises
    ``InvalidFilter`` with every unreadable value.
    """
    problems, fields = [], dict[str, Any](status=LIVE)
    for name, field in _FIELDS.items():
        text = query.get(name, "")
        if not text:
            continue
        try:
            fields[field] = _READ.get(field, str)(text)
        except ValueError:
            problems.append(Problem(field, "unreadable", {"value": text[:MAX_SHOWN]}))
    if problems:
        raise InvalidFilter(problems)
    if fields["status"] == "any":
        fields["status"] = None
    return FeedFilter(**fields)


def read_instant(text: str) -> dt.datetime:
    """The instant of an ISO 8601 text with any offset, in UTC. Raises ``ValueError``."""
    moment = dt.datetime.fromisoformat(text.replace(" ", "+"))  # a blank is what an unescaped plus becomes
    if moment.tzinfo is None or not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise ValueError(text)
    return moment.astimezone(dt.UTC)  # PostgreSQL takes no offset of sixteen hours or more


def write_instant(moment: dt.datetime) -> str:
    """The instant as ISO 8601 in UTC, ending in ``Z``."""
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _id(text: str) -> uuid.UUID | str:
    return UNKNOWN if text == UNKNOWN else uuid.UUID(text)


def _milliseconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < MAX_LATENCY_MS:
        raise ValueError(text)
    return value


def _milliseconds_or_infinite(text: str) -> float:
    return math.inf if text == "inf" else _milliseconds(text)


def _excluded(text: str) -> tuple[str, ...]:
    try:
        facets = json.loads(text)
    except RecursionError as error:
        raise ValueError(text) from error
    if not isinstance(facets, list) or len(facets) > MAX_EXCLUDED:
        raise ValueError(text)
    for facet in facets:
        if not isinstance(facet, str) or not is_storable(facet) or len(facet) > MAX_MODEL + 10:
            raise ValueError(text)
        if facet.partition(":")[0] not in EXCLUDED_BY:
            raise ValueError(text)
    return tuple(facets)


_FIELDS = {
    "since": "since",
    "until": "until",
    "model": "model",
    "tone": "tone",
    "job": "job_id",
    "overlay": "overlay_id",
    "tag": "hashtag",
    "status": "status",
    "favourite": "favourite",
    "source": "source",
    "prompt": "prompt_version",
    "experiment": "experiment",
    "latency_from": "latency_from_ms",
    "latency_to": "latency_to_ms",
    "hour": "week_hour",
    "findings": "findings",
    "not": "none_of",
    "q": "text",
}
"""The names in an address, and the fields that they stand for."""
NAMES = tuple(_FIELDS)
"""Every parameter that :func:`to_query` may write."""

_READ: dict[str, Callable[[str], Any]] = {
    "since": read_instant,
    "until": read_instant,
    "job_id": _id,
    "overlay_id": _id,
    "favourite": lambda text: text == "1",
    "latency_from_ms": _milliseconds,
    "latency_to_ms": _milliseconds_or_infinite,
    "week_hour": WeekHour.parse,
    "none_of": _excluded,
}
_WRITE: dict[type, Callable[[Any], str]] = {
    dt.datetime: write_instant,
    bool: lambda _: "1",
    float: repr,
    int: str,
    str: str,
    uuid.UUID: str,
    WeekHour: str,
    tuple: lambda facets: json.dumps(facets, ensure_ascii=False),
}
