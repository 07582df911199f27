"""The columns of an export: the feed's own, who wrote it, what it cost, and that AI wrote it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any, Literal, Protocol

from lib.demo import samples
from lib.domain import pricing
from lib.domain.models import is_demo
from lib.exports.safe_text import composed
from lib.store.feeds import Feed

COLUMNS = (
    "created_at",
    "instagram_ad_copy",
    "hashtags",
    "ai_generated",
    "origin",
    "state",
    "favourite",
    "findings",
    "product_description",
    "refined_ad_copy_eng",
    "tone_style",
    "store_information",
    "gpt_prompt",
    "gpt_model_name",
    "latency_ms",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "cost_usd",
    "gpt_temperature",
    "gpt_max_tokens",
    "tenant_id",
    "job_id",
    "overlay_id",
    "instagram_feed_id",
    "pk",
    "updated_at",
)
"""The columns of CSV and XLSX, in this order. Only JSON lines have the prompt as sent and the raw answer."""

STORED = tuple(field.name for field in fields(Feed))
"""The columns of the specification, which JSON lines have as they are stored."""

_LARGEST = 10**15
"""Spreadsheets lose digits of numbers from here on."""
_FIRST_YEAR = 1900

Cell = str | int | float | Decimal | dt.datetime | None


class HasTexts(Protocol):
    """Anything with the two texts of a caption, in which findings have their places."""

    @property
    def instagram_ad_copy(self) -> str | None: ...
    @property
    def hashtags(self) -> str | None: ...


class FeedLike(Protocol):
    """A feed with every column of the specification; ``status``, ``favourite`` and ``versions`` where it has them."""

    @property
    def instagram_ad_copy(self) -> str: ...
    @property
    def hashtags(self) -> str: ...
    @property
    def gpt_response_raw(self) -> Any: ...
    @property
    def token_usage(self) -> Any: ...
    @property
    def gpt_model_name(self) -> str | None: ...
    @property
    def created_at(self) -> dt.datetime | None: ...


def headings_of(headings: Mapping[str, str], zone: dt.tzinfo) -> Iterator[str]:
    """The first line of a sheet, one heading for each of :data:`COLUMNS`."""
    return (headings[name].format(zone=zone) for name in COLUMNS)


def origin(feed: FeedLike) -> Literal["sample", "demo", "model"]:
    """Who wrote a feed's text: nobody (sample data), the demo model, or a real one."""
    if samples.is_sample(feed):
        return "sample"
    return "demo" if feed.gpt_model_name and is_demo(feed.gpt_model_name) else "model"


def cost_usd(feed: FeedLike) -> Decimal | None:
    """The cost of the feed in USD; None where it is unknown."""
    if feed.created_at is None:
        return None
    raw = feed.gpt_response_raw if isinstance(feed.gpt_response_raw, Mapping) else {}
    return pricing.cost_usd(
        feed.gpt_model_name,
        pricing.reported_usage(feed.token_usage, feed.gpt_response_raw),
        feed.created_at,
        service_tier=raw.get("service_tier"),
        own=getattr(feed, "own_prices", ()),
    )


def findings_of(feed: FeedLike) -> list[dict[str, Any]]:
    """The findings of the feed with their offsets in the composed (NFC) text of the file.

    None where the caller did not fill them in.
    """
    return [_placed(feed, finding) for finding in getattr(feed, "findings", ())]


def findings_text(row: HasTexts, findings: Iterable[dict[str, Any]]) -> str | None:
    """The findings in a cell, one a line, such as ``fact_different (12-18): 4,900원 → 6,900원``."""
    return "\n".join(_in_words(_placed(row, finding)) for finding in findings) or None


def _placed(row: HasTexts, finding: dict[str, Any]) -> dict[str, Any]:
    text, start, end = getattr(row, finding["field"]), finding["start"], finding["end"]
    if start is None or composed(text) == text:
        return finding
    return finding | {"start": len(composed(text[:start])), "end": len(composed(text[:end]))}


def _in_words(finding: dict[str, Any]) -> str:
    place = f" ({finding['start']}-{finding['end']})" if finding["start"] is not None else ""
    said = " → ".join(filter(None, (finding["text"], finding["brief"])))
    return f"{finding['code']}{place}" + (f": {said}" if said else "")


def cells(feed: FeedLike, headings: Mapping[str, str], zone: dt.tzinfo) -> Iterator[Cell]:
    """A value for each of :data:`COLUMNS`."""
    status, favourite = getattr(feed, "status", None), getattr(feed, "favourite", None)
    counts = pricing.token_counts(pricing.reported_usage(feed.token_usage, feed.gpt_response_raw))
    computed: dict[str, Any] = {
        "ai_generated": headings["value_ai_generated"],
        "origin": headings[f"value_{origin(feed)}"],
        "state": headings.get(f"value_{status}", status),
        "favourite": headings["value_favourite"] if favourite else None,
        "findings": findings_text(feed, getattr(feed, "findings", ())),
        **{f"{name}_tokens": count for name, count in counts.items()},
        "cost_usd": cost_usd(feed),
    }
    return (_cell(computed[name] if name in computed else getattr(feed, name), zone) for name in COLUMNS)


def _cell(value: Any, zone: dt.tzinfo) -> Cell:
    """The value as a spreadsheet holds it: a number too large is a text, NaN and infinity are empty."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dt.datetime):
        return _local(value, zone)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value if -_LARGEST < value < _LARGEST else str(value)
    return str(value)


def _local(at: dt.datetime, zone: dt.tzinfo) -> dt.datetime | str:
    """The local time without its zone; a text in years that no spreadsheet knows."""
    try:
        local = at.astimezone(zone).replace(tzinfo=None)
    except OverflowError:  # on the first or last day of the calendar
        return at.isoformat()
    return local if local.year >= _FIRST_YEAR else local.isoformat(" ", "seconds")
