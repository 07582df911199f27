"""JSON lines with everything: every column as it is stored, and what this app knows beside it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import IO, Any

from lib.exports.columns import STORED, FeedLike, cost_usd, origin


def write(file: IO[bytes], feeds: Iterable[FeedLike], headings: Mapping[str, str], _zone: dt.tzinfo) -> None:
    """One object a line; what is no finite number is null, money is a string so that no digit is lost."""
    for feed in feeds:
        told = {
            "ai_generated": True,
            "ai_notice": headings["value_ai_generated"],
            "origin": origin(feed),
            **{name: getattr(feed, name) for name in STORED},
            "cost_usd": cost_usd(feed),
            **{
                member: getattr(feed, name)
                for member, name in (("state", "status"), ("favourite", "favourite"), ("versions", "versions"))
                if hasattr(feed, name)
            },
        }
        file.write(_json(told).encode() + b"\n")


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_told)
    except ValueError:  # PostgreSQL's doubles may be NaN
        return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, default=_told)


def _told(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"there is no telling a {type(value).__name__} in JSON")


def _finite(value: Any) -> Any:
    """The value without NaN and infinities, which JSON has no word for."""
    if isinstance(value, Mapping):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
