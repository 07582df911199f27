"""A place in a list that is read newest first, as text for an address."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import uuid
from dataclasses import dataclass

from lib.domain.errors import InvalidFilter, Problem
from lib.domain.feed_filter_url import read_instant, write_instant


@dataclass(frozen=True)
class Cursor:
    """A place in the list: the feed beside which it goes on. ``created_at`` is None where that feed has none."""

    created_at: dt.datetime | None
    feed_id: uuid.UUID

    def encode(self) -> str:
        """The place as it stands in an address."""
        moment = b"" if self.created_at is None else write_instant(self.created_at).encode()
        return base64.urlsafe_b64encode(self.feed_id.bytes + moment).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """The place that an address names. Raises ``InvalidFilter``."""
        try:
            both = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            moment = both[16:].decode()
            return cls(read_instant(moment) if moment else None, uuid.UUID(bytes=both[:16]))
        except (ValueError, binascii.Error) as error:
            raise InvalidFilter([Problem("cursor", "unreadable", {"value": text[:80]})]) from error
