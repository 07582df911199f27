"""JSON lines with every column as it is stored (texts in NFC), and what this app knows beside it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import IO, Any

from lib.exports.columns import STORED, FeedLike, cost_usd, findings_of, origin
from lib.exports.safe_text import composed


def write(file: IO[bytes], feeds: Iterable[FeedLike], headings: Mapping[str, str], _zone: dt.tzinfo) -> None:
    """Write one object a line: NaN and infinity are null, money is a string so that no digit is lost."""
    for feed in feeds:
        line = {
            "ai_generated": True,
            "ai_notice": headings["value_ai_generated"],
            "origin": origin(feed),
            **{name: getattr(feed, name) for name in STORED},
            "cost_usd": cost_usd(feed),
            **{
                member: getattr(feed, name)
                for member, name in (
                    ("state", "status"),
                    ("favourite", "favourite"),
                    ("versions", "versions"),
                )
                if hasattr(feed, name)
            },
            **({"findings": findings_of(feed)} if hasattr(feed, "findings") else {}),
        }
        file.write(_json(line).encode() + b"\n")


def _json(value: Any) -> str:
    try:
        line = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)
        if unicodedata.is_normalized("NFC", line):
            return line
    except ValueError:  # PostgreSQL's doubles may be NaN
        pass
    return json.dumps(_cleaned(value), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    """A value that JSON has no type for, as text or as a mapping. Raises ``TypeError`` for an unknown type."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"JSON lines have no form for a {type(value).__name__}")


def _cleaned(value: Any) -> Any:
    """The value with its texts composed, and null in place of NaN and infinity, which JSON cannot say."""
    if isinstance(value, Mapping):
        return {composed(name): _cleaned(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(element) for element in value]
    if isinstance(value, str):
        return composed(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, int | float) else _cleaned(_plain(value))
