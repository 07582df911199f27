"""Captions that were written from the same brief before."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ARRAY, Connection, Text, any_, bindparam, func, select

from lib.domain.brief import INPUTS
from lib.store.tables import InstagramFeed

_SEPARATOR = "\x1f"
"""Parts the inputs of a brief: no text that is stored holds this control character."""


@dataclass(frozen=True)
class Written:
    """A stored caption, and when it was written (aware)."""

    feed_id: uuid.UUID
    created_at: dt.datetime


def of_briefs(
    db: Connection, tenant_id: str, briefs: Mapping[int, Mapping[str, str]], since: dt.datetime
) -> dict[int, Written]:
    """The tenant's newest caption since an instant (aware) that was written from each brief, by the brief's number."""
    digests = {number: _digest(brief) for number, brief in briefs.items()}
    if not digests:
        return {}
    columns = [InstagramFeed.__table__.c[name] for name in INPUTS]
    digest = func.md5(func.concat_ws(_SEPARATOR, *columns))
    statement = (
        select(digest, InstagramFeed.instagram_feed_id, InstagramFeed.created_at)
        .where(InstagramFeed.tenant_id == tenant_id, InstagramFeed.created_at >= since)
        .where(digest == any_(bindparam("digests", list(set(digests.values())), ARRAY(Text))))
        .order_by(InstagramFeed.created_at)
    )
    newest = {row[0]: Written(row[1], row[2]) for row in db.execute(statement)}
    return {number: newest[each] for number, each in digests.items() if each in newest}


def _digest(brief: Mapping[str, str]) -> str:
    """What PostgreSQL's ``md5`` says of the inputs, put together in the same way."""
    text = _SEPARATOR.join(brief[name] for name in INPUTS)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
