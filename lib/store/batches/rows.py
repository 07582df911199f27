"""The rows of batches: one row of ``studio_batch_rows`` per caption."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, literal, select, text, tuple_, update

from lib.domain.batches.rows import NewRow, RowStatus
from lib.domain.exchange import storable
from lib.store.tables import BatchRow as Table
from lib.store.tables import InstagramFeed

Place = tuple[int, int]
"""A row's number in its file, from 1, and the number of its variant, from 1."""


@dataclass(frozen=True)
class Row:
    """One row of a batch with its caption, if it has one. ``studio_batch_rows`` says what each field means."""

    tenant_id: str
    batch_id: uuid.UUID
    number: int
    variant: int
    reference: str | None
    uploaded: list[str | None]
    brief: dict[str, Any]
    options: dict[str, Any]
    model: str
    status: RowStatus
    error_code: str | None
    error_params: dict[str, Any] | None
    generation_id: uuid.UUID | None
    instagram_feed_id: uuid.UUID | None
    tries: int
    not_before: dt.datetime | None
    cost_usd: Decimal | None
    without_cost: int
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    instagram_ad_copy: str | None = None
    """The caption of the row's feed as it is now; None where it has none, or the feed was deleted."""
    hashtags: str | None = None

    @property
    def place(self) -> Place:
        """The row's number in its batch, and its variant."""
        return self.number, self.variant


@dataclass(frozen=True)
class Failure:
    """One reason of which rows have no caption."""

    code: str
    count: int
    params: dict[str, Any]
    """Of the error, as most of these rows have them."""
    varies: bool
    """Whether others of them have other ones."""


_OF_TABLE = [Table.__table__.c[item.name] for item in fields(Row) if item.name in Table.__table__.c]
_CAPTION = (InstagramFeed.instagram_ad_copy, InstagramFeed.hashtags)
_WITH_CAPTION: Select[Any] = select(*_OF_TABLE, *_CAPTION).outerjoin(
    InstagramFeed,
    (InstagramFeed.tenant_id == Table.tenant_id) & (InstagramFeed.instagram_feed_id == Table.instagram_feed_id),
)
_ADD = text("""
    INSERT INTO studio_batch_rows (tenant_id, batch_id, number, variant, reference, uploaded, brief, options, model)
    SELECT :tenant, :batch, number, variant, reference, uploaded, brief, options, options ->> 'model'
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r (number integer, variants integer, reference text, uploaded jsonb, brief jsonb, options jsonb),
        generate_series(1, r.variants) AS variant
""")


def add(db: Connection, tenant_id: str, batch_id: uuid.UUID, new: Iterable[NewRow]) -> None:
    """Store the rows of a new batch, numbered from 1 in their order; each variant is a row of its own."""
    rows = [
        {
            "number": number,
            "variants": row.variants,
            "reference": row.reference,
            "uploaded": storable(list(row.uploaded)),
            "brief": row.brief.recorded(),
            "options": row.options.as_json(),
        }
        for number, row in enumerate(new, 1)
    ]
    db.execute(_ADD, {"tenant": tenant_id, "batch": batch_id, "rows": json.dumps(rows, ensure_ascii=False)})


def page(
    db: Connection,
    tenant_id: str,
    batch_id: uuid.UUID,
    *,
    after: Place = (0, 0),
    limit: int = 100,
    statuses: Collection[RowStatus] = (),
) -> list[Row]:
    """At most ``limit`` rows with their captions, in the order of the file, from behind the place ``after`` on.

    ``statuses``: only rows that have one of these; empty: all.
    """
    statement = _WITH_CAPTION.where(
        Table.tenant_id == tenant_id,
        Table.batch_id == batch_id,
        tuple_(Table.number, Table.variant) > tuple_(literal(after[0]), literal(after[1])),
    )
    if statuses:
        statement = statement.where(Table.status.in_(statuses))
    statement = statement.order_by(Table.number, Table.variant).limit(limit)
    return [Row(*row) for row in db.execute(statement)]


def has_variants(db: Connection, tenant_id: str, batch_id: uuid.UUID) -> bool:
    """Whether a row of the file asks for more than one caption."""
    mine = (Table.tenant_id == tenant_id, Table.batch_id == batch_id, Table.variant > 1)
    return db.execute(select(Table.number).where(*mine).limit(1)).first() is not None


def newest(db: Connection, tenant_id: str, batch_id: uuid.UUID, limit: int = 20) -> list[Row]:
    """The rows that ended last, with their captions, the last one first."""
    statement = _WITH_CAPTION.where(
        Table.tenant_id == tenant_id, Table.batch_id == batch_id, Table.finished_at.is_not(None)
    )
    statement = statement.order_by(Table.finished_at.desc()).limit(limit)
    return [Row(*row) for row in db.execute(statement)]


def get(db: Connection, tenant_id: str, batch_id: uuid.UUID, place: Place) -> Row | None:
    """One row with its caption, or None if the batch has none at this place."""
    statement = _WITH_CAPTION.where(
        Table.tenant_id == tenant_id,
        Table.batch_id == batch_id,
        Table.number == place[0],
        Table.variant == place[1],
    )
    row = db.execute(statement).first()
    return Row(*row) if row else None


_FAILURES = text("""
    SELECT part, code, count(*), mode() WITHIN GROUP (ORDER BY params), count(DISTINCT params) > 1
    FROM studio_batch_rows CROSS JOIN LATERAL (
        SELECT CASE WHEN :by_variant THEN CAST(options -> 'experiment' ->> 'variant' AS integer) ELSE 0 END,
               coalesce(error_code, 'unknown'), coalesce(error_params, '{}')
    ) AS of (part, code, params)
    WHERE tenant_id = :tenant AND batch_id = ANY(CAST(:batches AS uuid[])) AND status IN ('failed', 'unknown')
    GROUP BY part, code ORDER BY count(*) DESC, code
""")


def failures(db: Connection, tenant_id: str, batch_id: uuid.UUID) -> list[Failure]:
    """Why rows of a batch have no caption, the most frequent reason first."""
    return _failures(db, tenant_id, [batch_id], by_variant=False).get(0, [])


def failures_by_variant(db: Connection, tenant_id: str, batch_ids: Collection[uuid.UUID]) -> dict[int, list[Failure]]:
    """Why rows of these batches of an experiment have no caption, by its variant, the most frequent reason first."""
    return _failures(db, tenant_id, batch_ids, by_variant=True)


def _failures(
    db: Connection, tenant_id: str, batch_ids: Collection[uuid.UUID], *, by_variant: bool
) -> dict[int, list[Failure]]:
    counted: dict[int, list[Failure]] = {}
    params = {"tenant": tenant_id, "batches": list(map(str, batch_ids)), "by_variant": by_variant}
    for part, *failure in db.execute(_FAILURES, params):
        counted.setdefault(part, []).append(Failure(*failure))
    return counted


def have(db: Connection, tenant_id: str, batch_id: uuid.UUID, *statuses: RowStatus) -> bool:
    """Whether any row of the batch has one of these statuses."""
    mine = (Table.tenant_id == tenant_id, Table.batch_id == batch_id, Table.status.in_(statuses))
    return bool(db.scalar(select(select(Table.number).where(*mine).exists())))


_CANCEL = (
    update(Table)
    .where(Table.tenant_id == bindparam("tenant"), Table.batch_id == bindparam("batch"), Table.status == "waiting")
    .values(status="cancelled", finished_at=func.clock_timestamp())
)


def cancel_waiting(db: Connection, tenant_id: str, batch_id: uuid.UUID) -> int:
    """Let no row that is waiting be sent any more; returns how many. What is running goes on."""
    return db.execute(_CANCEL, {"tenant": tenant_id, "batch": batch_id}).rowcount


def retry(
    db: Connection,
    tenant_id: str,
    batch_id: uuid.UUID,
    statuses: Collection[RowStatus],
    places: Collection[Place] | None = None,
) -> int:
    """Let the rows that have one of these statuses wait for another try; returns how many.

    ``places``: only these rows; None: all. Each is a generation of its own then, because what was sent before may have
    been billed.
    """
    chosen = select(Table.number, Table.variant).where(
        Table.tenant_id == tenant_id, Table.batch_id == batch_id, Table.status.in_(statuses)
    )
    if places is not None:
        chosen = chosen.where(tuple_(Table.number, Table.variant).in_(list(places)))
    # A row whose answer arrives at this moment is passed over, and not waited for.
    chosen = chosen.with_for_update(skip_locked=True)
    statement = update(Table).where(
        Table.tenant_id == tenant_id, Table.batch_id == batch_id, tuple_(Table.number, Table.variant).in_(chosen)
    )
    values = {
        "status": "waiting",
        "tries": Table.tries + 1,
        "generation_id": None,
        "error_code": None,
        "error_params": None,
        "not_before": None,
        "finished_at": None,
    }
    return db.execute(statement.values(values)).rowcount
