"""A place in a list that is read newest first, as text for an address."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import uuid
from dataclasses import dataclass

from lib.domain.errors import InvalidFilter, Problem
from lib.domain.feed_filter_url import read_instant, write_instant

_SIMILAR = "~"


@dataclass(frozen=True)
class Cursor:
    """A place in the list: the feed beside which it goes on. ``created_at`` is None where that feed has none.

    ``similar`` is True among the feeds that a search lists last, because they spell its words otherwise.
    """

    created_at: dt.datetime | None
    feed_id: uuid.UUID
    similar: bool = False

    def encode(self) -> str:
        """The place as it stands in an address."""
        moment = "" if self.created_at is None else write_instant(self.created_at)
        place = (_SIMILAR if self.similar else "") + moment
        return base64.urlsafe_b64encode(self.feed_id.bytes + place.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """The place that an address names. Raises ``InvalidFilter``."""
        try:
            both = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            place = both[16:].decode()
            moment = place.removeprefix(_SIMILAR)
            return cls(read_instant(moment) if moment else None, uuid.UUID(bytes=both[:16]), place != moment)
        except (ValueError, binascii.Error) as error:
            raise InvalidFilter([Problem("cursor", "unreadable", {"value": text[:80]})]) from error
