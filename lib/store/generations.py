"""Generations: one row of ``studio_generations`` per requested caption, stored before the model is called."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Uuid, bindparam, delete, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB

from lib.store import attempts
from lib.store.tables import Attempt as AttemptTable
from lib.store.tables import DeletedGeneration as Deleted
from lib.store.tables import Generation as Table
from lib.store.tables import InstagramFeed


@dataclass(frozen=True)
class Generation:
    """One requested caption; ``outcome`` and ``finished_at`` are None while it is being written."""

    tenant_id: str
    generation_id: uuid.UUID
    run_id: uuid.UUID
    variant: int
    source: str
    idempotency_key: str | None
    fingerprint: str
    brief: dict[str, Any]
    options: dict[str, Any]
    prompt_version: str
    parent_feed_id: uuid.UUID | None
    change: str | None
    instagram_feed_id: uuid.UUID | None = None
    created_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    outcome: str | None = None


_COLUMNS = [Table.__table__.c[name] for name in Generation.__dataclass_fields__]
_ADD = text("""
    WITH added AS (
        INSERT INTO studio_generations (
            tenant_id, generation_id, run_id, variant, source, idempotency_key, fingerprint, brief, options,
            prompt_version, parent_feed_id, change
        ) VALUES (
            :tenant_id, :generation_id, :run_id, :variant, :source, :idempotency_key, :fingerprint, :brief, :options,
            :prompt_version, :parent_feed_id, :change
        )
        ON CONFLICT ON CONSTRAINT studio_generations_idempotency_key DO NOTHING
        RETURNING tenant_id, generation_id
    )
    INSERT INTO studio_attempts (tenant_id, attempt_id, generation_id, number, request, process_id)
    SELECT tenant_id, :attempt_id, generation_id, 1, :request, :process_id FROM added
""").bindparams(
    *(bindparam(name, type_=JSONB()) for name in ("brief", "options", "request")),
    *(
        bindparam(name, type_=Uuid())
        for name in ("generation_id", "run_id", "parent_feed_id", "attempt_id", "process_id")
    ),
)
_SETTLED = attempts.SETTLE.returning(AttemptTable.generation_id).cte("settled")
_END = (
    update(Table)
    .where(Table.tenant_id == bindparam("of_tenant"), Table.generation_id == _SETTLED.c.generation_id)
    .values(
        outcome=bindparam("new_outcome"),
        instagram_feed_id=bindparam("feed_id", type_=Uuid()),
        finished_at=func.clock_timestamp(),
    )
)
_FINISH = (
    update(Table)
    .where(Table.tenant_id == bindparam("tenant"), Table.generation_id == bindparam("generation"))
    .values(finished_at=func.clock_timestamp())
)


def add(
    db: Connection,
    new: Generation,
    attempt_id: uuid.UUID,
    request: dict[str, Any],
    process_id: uuid.UUID | None = None,
) -> bool:
    """Store a generation with its first attempt in one round trip; False if the tenant has used its key before."""
    params = {name: getattr(new, name) for name in Generation.__dataclass_fields__ if name not in _SET_LATER}
    params |= {"attempt_id": attempt_id, "request": request, "process_id": process_id}
    return db.execute(_ADD, params).rowcount == 1


_SET_LATER = ("instagram_feed_id", "created_at", "finished_at", "outcome")


def get(db: Connection, tenant_id: str, generation_id: uuid.UUID) -> Generation | None:
    """The generation, or None if the tenant has none of this id."""
    return _first(db, Table.tenant_id == tenant_id, Table.generation_id == generation_id)


def lock(db: Connection, tenant_id: str, generation_id: uuid.UUID) -> Generation | None:
    """The generation, locked until the transaction ends, or None if the tenant has none of this id."""
    mine = (Table.tenant_id == tenant_id, Table.generation_id == generation_id)
    row = db.execute(select(*_COLUMNS).where(*mine).with_for_update()).first()
    return Generation(**row._mapping) if row else None


def by_key(db: Connection, tenant_id: str, idempotency_key: str) -> Generation | None:
    """The generation of this idempotency key, or None."""
    return _first(db, Table.tenant_id == tenant_id, Table.idempotency_key == idempotency_key)


def lock_key(db: Connection, tenant_id: str, idempotency_key: str) -> Generation | None:
    """The generation of this idempotency key, locked until the transaction ends, or None."""
    mine = (Table.tenant_id == tenant_id, Table.idempotency_key == idempotency_key)
    row = db.execute(select(*_COLUMNS).where(*mine).with_for_update()).first()
    return Generation(**row._mapping) if row else None


def reopen(db: Connection, tenant_id: str, generation_id: uuid.UUID) -> None:
    """Mark a finished generation as unfinished, because another attempt follows."""
    mine = (Table.tenant_id == tenant_id, Table.generation_id == generation_id)
    db.execute(update(Table).where(*mine).values(outcome=None, finished_at=None))


def unfinished_of_job(db: Connection, tenant_id: str, job_id: uuid.UUID, source: str) -> Generation | None:
    """The unfinished generation for a pipeline's job from this ``source``, or None."""
    return _first(
        db,
        Table.tenant_id == tenant_id,
        Table.finished_at.is_(None),
        Table.source == source,
        Table.options["job_id"].astext == str(job_id),
    )


def of_feed(db: Connection, tenant_id: str, feed_id: uuid.UUID) -> Generation | None:
    """The generation that wrote the feed, or None if another program wrote it."""
    return _first(db, Table.tenant_id == tenant_id, Table.instagram_feed_id == feed_id)


def newest(db: Connection, tenant_id: str) -> Generation | None:
    """The tenant's latest generation, or None."""
    statement = select(*_COLUMNS).where(Table.tenant_id == tenant_id).order_by(Table.created_at.desc()).limit(1)
    row = db.execute(statement).first()
    return Generation(**row._mapping) if row else None


@dataclass(frozen=True)
class Recent:
    """A generation in a short list: what it was about, and the caption it brought, if any."""

    run_id: uuid.UUID
    variant: int
    created_at: dt.datetime
    outcome: str | None
    instagram_feed_id: uuid.UUID | None
    product_description: str
    instagram_ad_copy: str | None


LONGEST_TEXT = 5_000
"""Characters of a caption in a short list."""


def recent(db: Connection, tenant_id: str, limit: int = 10) -> list[Recent]:
    """The tenant's latest generations, newest first, at most ``limit``; captions are cut (:data:`LONGEST_TEXT`)."""
    statement = (
        select(
            Table.run_id,
            Table.variant,
            Table.created_at,
            Table.outcome,
            Table.instagram_feed_id,
            Table.brief["product_description"].astext,
            func.left(InstagramFeed.instagram_ad_copy, LONGEST_TEXT),
        )
        .join(
            InstagramFeed,
            (InstagramFeed.tenant_id == tenant_id) & (InstagramFeed.instagram_feed_id == Table.instagram_feed_id),
            isouter=True,
        )
        .where(Table.tenant_id == tenant_id)
        .order_by(Table.created_at.desc(), Table.variant)
        .limit(limit)
    )
    return [Recent(*row) for row in db.execute(statement)]


def recent_briefs(db: Connection, tenant_id: str, limit: int) -> list[dict[str, Any]]:
    """The briefs of the tenant's latest generations as recorded, newest first, at most ``limit``; some may repeat."""
    statement = select(Table.brief).where(Table.tenant_id == tenant_id).order_by(Table.created_at.desc()).limit(limit)
    return list(db.scalars(statement))


def of_run(db: Connection, tenant_id: str, run_id: uuid.UUID) -> list[Generation]:
    """The variants of one run, in their order."""
    statement = select(*_COLUMNS).where(Table.tenant_id == tenant_id, Table.run_id == run_id).order_by(Table.variant)
    return [Generation(**row._mapping) for row in db.execute(statement)]


def end(
    db: Connection, tenant_id: str, attempt_id: uuid.UUID, feed_id: uuid.UUID | None, ended: dict[str, Any]
) -> bool:
    """Settle the attempt and finish its generation in one round trip; False if the attempt was settled before."""
    return bool(db.execute(_END, attempts.settling(tenant_id, attempt_id, ended) | {"feed_id": feed_id}).rowcount)


def unfinished(db: Connection, tenant_id: str, *, before: dt.datetime) -> list[Generation]:
    """The unfinished generations that were stored before an instant (aware)."""
    statement = select(*_COLUMNS).where(
        Table.tenant_id == tenant_id, Table.finished_at.is_(None), Table.created_at < before
    )
    return [Generation(**row._mapping) for row in db.execute(statement)]


def finish(
    db: Connection, tenant_id: str, generation_id: uuid.UUID, *, outcome: str, feed_id: uuid.UUID | None
) -> None:
    """Store how the generation ended and which feed it wrote, if any."""
    values = {"outcome": outcome, "instagram_feed_id": feed_id}
    db.execute(_FINISH, {"tenant": tenant_id, "generation": generation_id, **values})


def children(db: Connection, tenant_id: str, feed_id: uuid.UUID) -> list[Generation]:
    """The generations derived from the feed, oldest first, including those that failed."""
    statement = select(*_COLUMNS).where(Table.tenant_id == tenant_id, Table.parent_feed_id == feed_id)
    return [Generation(**row._mapping) for row in db.execute(statement.order_by(Table.created_at))]


def finished(db: Connection, tenant_id: str, generation_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """The ids of ended generations among these; the others are being written, or are not on record."""
    mine = (Table.tenant_id == tenant_id, Table.generation_id.in_(generation_ids), Table.finished_at.is_not(None))
    return set(db.scalars(select(Table.generation_id).where(*mine)))


def delete_of_feed(db: Connection, tenant_id: str, feed_id: uuid.UUID) -> list[uuid.UUID]:
    """Delete the generation that wrote the feed, and its attempts; returns its id, if there is one.

    A trigger remembers for 30 days that it was deleted, as it does whoever deletes a generation that has ended.
    """
    mine = (Table.tenant_id == tenant_id, Table.instagram_feed_id == feed_id)
    return list(db.scalars(delete(Table).where(*mine).returning(Table.generation_id)))


def deleted(db: Connection, tenant_id: str, generation_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """The ids of generations among these that were deleted after they had ended, and are not back from a backup."""
    mine = (Deleted.tenant_id == tenant_id, Deleted.generation_id.in_(generation_ids))
    is_back = exists().where(Table.tenant_id == tenant_id, Table.generation_id == Deleted.generation_id)
    return set(db.scalars(select(Deleted.generation_id).where(*mine, ~is_back)))


def _first(db: Connection, *where: Any) -> Generation | None:
    row = db.execute(select(*_COLUMNS).where(*where)).first()
    return Generation(**row._mapping) if row else None
