"""Which feeds of a tenant are wanted, and a place in the list, newest first."""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from dataclasses import dataclass

from lib.errors import InvalidFilter, Problem


@dataclass(frozen=True)
class FeedFilter:
    """``since`` and ``until`` are aware: since <= created_at < until; what is None means any."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    job_id: uuid.UUID | None = None
    overlay_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Cursor:
    """A place in the list."""

    created_at: dt.datetime | None
    feed_id: uuid.UUID

    def encode(self) -> str:
        """For a URL."""
        return (
            base64.urlsafe_b64encode(f"{self.created_at and self.created_at.isoformat()} {self.feed_id}".encode())
            .decode()
            .rstrip("=")
        )

    @classmethod
    def decode(cls, told: str) -> Cursor:
        """Raises :class:`lib.errors.InvalidFilter`."""
        try:
            at, feed_id = base64.urlsafe_b64decode(told + "=" * (-len(told) % 4)).decode().split(" ")
            return cls(dt.datetime.fromisoformat(at), uuid.UUID(feed_id))
        except ValueError as error:
            raise InvalidFilter([Problem("cursor", "unreadable", {"detail": told[:80]})]) from error
