"""The pipeline's jobs and overlays: what a generation refers to, and the step of a job that it carries out.

Both tables may have more columns than this app needs, or fewer. ``job_id``, ``tenant_id`` and ``overlay_id`` exist;
every other column is looked up in the catalogue before it is read or written. Of a pipeline's job only ``status`` and
``current_step`` are ever written; a batch has a job of its own.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Double,
    Select,
    TableClause,
    Text,
    Update,
    Uuid,
    bindparam,
    cast,
    column,
    insert,
    null,
    or_,
    select,
    table,
    text,
    update,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InternalError, ProgrammingError
from sqlalchemy.types import TypeEngine

from lib.domain.errors import JobNotFound, JobRefused, OverlayNotFound, OverlayOfAnotherJob
from lib.store.tables import InstagramFeed, Job, OverlayLayout

STEP = "instagram_feed_gen"
"""What the pipeline calls the step that a generation is."""

VARIANT_TABLES = ("jobs_variants", "job_variants")
"""The tables in which a pipeline may record the job of a variant, in ``job_variants_id`` and ``job_id``."""

_IDS = ("job_id", "overlay_id", "job_variants_id")
_RATIOS = ("x_ratio", "y_ratio", "width_ratio", "height_ratio")

_COLUMNS = text("""
    SELECT t.name, a.attname
    FROM unnest(CAST(:tables AS text[])) AS t (name)
    JOIN pg_attribute AS a ON a.attrelid = to_regclass(t.name)
    WHERE a.attnum > 0 AND NOT a.attisdropped
      AND has_column_privilege(a.attrelid, a.attnum, 'SELECT')
""")


_HAS_JOB = select(Job.job_id).where(Job.tenant_id == bindparam("tenant"), Job.job_id == bindparam("job", type_=Uuid()))


def _tables(db: Connection, *names: str) -> list[TableClause]:
    """These tables with the columns that the app may read; a table that does not exist has none."""
    columns: dict[str, list[str]] = {name: [] for name in names}
    for name, column_name in db.execute(_COLUMNS, {"tables": list(names)}):
        columns[name].append(column_name)
    return [table(name, *(column(each, Uuid() if each in _IDS else None) for each in columns[name])) for name in names]


def _jobs(db: Connection) -> TableClause:
    return _tables(db, Job.__tablename__)[0]


def _optional(source: TableClause, name: str, as_type: TypeEngine[Any] | None = None) -> ColumnElement[Any]:
    """The column, as this type if one is given, or NULL where the table has no such column."""
    if name not in source.c:
        return null()
    return source.c[name] if as_type is None else cast(source.c[name], as_type)


# -- what a generation refers to --------------------------------------------------------------------------------------


def require(db: Connection, tenant_id: str, job_id: uuid.UUID) -> None:
    """Make sure that the tenant has this job. Raises ``JobNotFound``, also for another tenant's."""
    if not _has_job(db, tenant_id, job_id):
        raise JobNotFound(job_id=job_id)


def lock(db: Connection, tenant_id: str, job_id: uuid.UUID) -> bool:
    """Lock the job until the transaction ends, so that nobody else begins or ends its step; False if there is none.

    Every caller locks a job before the generations that are for it. Otherwise two could wait for each other.
    """
    statement = select(Job.job_id).where(Job.tenant_id == tenant_id, Job.job_id == job_id)
    return db.execute(statement.with_for_update(key_share=True)).first() is not None


def require_overlay(db: Connection, tenant_id: str, overlay_id: uuid.UUID, job_id: uuid.UUID | None = None) -> None:
    """Make sure that this overlay exists and, if the pipeline's tables name its job, that the job is the tenant's.

    Raises ``OverlayNotFound``, also for another tenant's, and ``OverlayOfAnotherJob`` if the overlay belongs to
    another job than ``job_id``.
    """
    if db.scalar(select(OverlayLayout.overlay_id).where(OverlayLayout.overlay_id == overlay_id)) is None:
        raise OverlayNotFound(overlay_id=overlay_id)
    links = _overlay_jobs(db)
    owner = None if links is None else db.scalar(select(links.c.job_id).where(links.c.overlay_id == overlay_id))
    if owner is None:
        return
    if not _has_job(db, tenant_id, owner):
        raise OverlayNotFound(overlay_id=overlay_id)
    if job_id and owner != job_id:
        raise OverlayOfAnotherJob(overlay_id=overlay_id, job_id=job_id)


def unlinkable(
    db: Connection, tenant_id: str, pairs: Iterable[tuple[uuid.UUID | None, uuid.UUID | None]]
) -> dict[tuple[uuid.UUID | None, uuid.UUID | None], Literal["job_id", "overlay_id"]]:
    """The pairs of a job and an overlay to which nothing of the tenant's can be linked, and which of the two is why.

    The rules are those of :func:`require` and :func:`require_overlay`, looked up for all pairs at once.
    """
    pairs = set(pairs)
    overlay_ids = [overlay_id for _, overlay_id in pairs if overlay_id]
    overlays = set(db.scalars(select(OverlayLayout.overlay_id).where(OverlayLayout.overlay_id.in_(overlay_ids))))
    links = _overlay_jobs(db)
    owners: dict[uuid.UUID, uuid.UUID] = {}
    if links is not None:
        owned = select(links.c.overlay_id, links.c.job_id).where(links.c.overlay_id.in_(overlay_ids))
        owners = {row.overlay_id: row.job_id for row in db.execute(owned)}
    job_ids = {job_id for job_id, _ in pairs if job_id} | set(owners.values())
    jobs = set(db.scalars(select(Job.job_id).where(Job.tenant_id == tenant_id, Job.job_id.in_(job_ids))))
    wrong: dict[tuple[uuid.UUID | None, uuid.UUID | None], Literal["job_id", "overlay_id"]] = {}
    for job_id, overlay_id in pairs:
        owner = owners.get(overlay_id) if overlay_id else None
        if job_id and job_id not in jobs:
            wrong[job_id, overlay_id] = "job_id"
        elif overlay_id and (
            overlay_id not in overlays or (owner and (owner not in jobs or owner != (job_id or owner)))
        ):
            wrong[job_id, overlay_id] = "overlay_id"
    return wrong


def _has_job(db: Connection, tenant_id: str, job_id: uuid.UUID) -> bool:
    return db.scalar(_HAS_JOB, {"tenant": tenant_id, "job": job_id}) is not None


def _overlay_jobs(db: Connection) -> Any:
    """Which overlay is whose: a subquery of ``overlay_id`` and ``job_id``; None if the pipeline's tables do not say.

    An overlay names its job itself, or it names its variant, whose table names the job.
    """
    overlays, *variant_tables = _tables(db, OverlayLayout.__tablename__, *VARIANT_TABLES)
    if "job_id" in overlays.c:
        return select(overlays.c.overlay_id, overlays.c.job_id).where(overlays.c.job_id.is_not(None)).subquery()
    variants = next((each for each in variant_tables if {"job_variants_id", "job_id"} <= set(each.c.keys())), None)
    if variants is None or "job_variants_id" not in overlays.c:
        return None
    return (
        select(overlays.c.overlay_id, variants.c.job_id)
        .join_from(overlays, variants, variants.c.job_variants_id == overlays.c.job_variants_id)
        .where(variants.c.job_id.is_not(None))
        .subquery()
    )


def add(db: Connection, tenant_id: str) -> tuple[uuid.UUID | None, str | None]:
    """Add a job that is running this step, and return its id; or None and the database's reason if it refuses.

    A pipeline's table may need what only the pipeline knows, or may take rows from nobody else.
    """
    jobs = _jobs(db)
    job_id = uuid.uuid4()
    values = {"job_id": job_id, "tenant_id": tenant_id, "status": "running", "current_step": STEP}
    try:
        with db.begin_nested():
            db.execute(insert(jobs).values({name: value for name, value in values.items() if name in jobs.c}))
    except (IntegrityError, DataError, InternalError, ProgrammingError) as error:
        return None, _first_line(error)
    return job_id, None


# -- the step of a job ------------------------------------------------------------------------------------------------


def begin_step(db: Connection, tenant_id: str, job_id: uuid.UUID) -> None:
    """Record that the job is running this step, as far as its table has columns for it.

    Writes no value that the row has already, so that a trigger of the pipeline fires once. Raises ``JobRefused`` if
    the database refuses the change; the transaction is over then.
    """
    try:
        _set_status(db, tenant_id, job_id, "running")
    except (IntegrityError, DataError, InternalError, ProgrammingError) as error:
        raise JobRefused(job_id=job_id, detail=_first_line(error)) from error


def end_step(db: Connection, tenant_id: str, job_id: uuid.UUID, *, done: bool) -> str | None:
    """Record that the job's step is done, or has failed and may be tried again. Other steps are not touched.

    A job that is done never becomes failed by this. Returns the database's reason if it refuses the change, else None:
    the model's answer has been paid for and is stored in any case.
    """
    try:
        with db.begin_nested():
            _set_status(db, tenant_id, job_id, "done" if done else "failed")
    except (IntegrityError, DataError, InternalError, ProgrammingError) as error:
        return _first_line(error)
    return None


def _set_status(
    db: Connection, tenant_id: str, job_id: uuid.UUID, status: Literal["running", "done", "failed"]
) -> None:
    jobs = _jobs(db)
    values = {"status": status, "current_step": STEP} if status == "running" else {"status": status}
    values = {name: value for name, value in values.items() if name in jobs.c}
    if not values:
        return
    change: Update = update(jobs).where(jobs.c.tenant_id == tenant_id, jobs.c.job_id == job_id).values(values)
    change = change.where(or_(*(jobs.c[name].is_distinct_from(value) for name, value in values.items())))
    if status != "running" and "current_step" in jobs.c:
        change = change.where(jobs.c.current_step == STEP)
    if status == "failed":
        change = change.where(jobs.c.status == "running")
    db.execute(change)


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).partition("\n")[0][:300]


# -- for people -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PipelineJob:
    """A job as a page shows it; None for what its table does not have. Times are aware."""

    job_id: uuid.UUID
    status: str | None = None
    current_step: str | None = None
    version: str | None = None
    retry_count: int | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None


@dataclass(frozen=True)
class Overlay:
    """Where text lies on a picture: ratios of its width and height, from the top left; None where unknown."""

    overlay_id: uuid.UUID
    x_ratio: float | None = None
    y_ratio: float | None = None
    width_ratio: float | None = None
    height_ratio: float | None = None
    layout: Any = None


def recent(db: Connection, tenant_id: str, limit: int = 100) -> list[PipelineJob]:
    """The tenant's jobs, the most recently changed first, at most ``limit``."""
    jobs = _jobs(db)
    newest = [jobs.c[name].desc().nulls_last() for name in ("updated_at", "created_at") if name in jobs.c]
    statement = _as_shown(jobs).where(jobs.c.tenant_id == tenant_id).order_by(*newest, jobs.c.job_id).limit(limit)
    return [PipelineJob(*row) for row in db.execute(statement)]


def get(db: Connection, tenant_id: str, job_id: uuid.UUID) -> PipelineJob:
    """One job. Raises ``JobNotFound``, also for another tenant's."""
    jobs = _jobs(db)
    statement = _as_shown(jobs).where(jobs.c.tenant_id == tenant_id, jobs.c.job_id == job_id)
    row = db.execute(statement).first()
    if row is None:
        raise JobNotFound(job_id=job_id)
    return PipelineJob(*row)


def overlays(db: Connection, tenant_id: str, job_id: uuid.UUID) -> list[Overlay]:
    """The overlays of a job: those that the pipeline's tables assign to it, and those of the feeds made for it.

    Raises ``JobNotFound``, also for another tenant's job.
    """
    require(db, tenant_id, job_id)
    of_feeds = select(InstagramFeed.overlay_id).where(
        InstagramFeed.tenant_id == tenant_id, InstagramFeed.job_id == job_id, InstagramFeed.overlay_id.is_not(None)
    )
    ids: set[Any] = set(db.scalars(of_feeds.distinct()))
    links = _overlay_jobs(db)
    if links is not None:
        ids |= set(db.scalars(select(links.c.overlay_id).where(links.c.job_id == job_id)))
    return overlays_by_id(db, ids)


def overlays_by_id(db: Connection, ids: Iterable[uuid.UUID]) -> list[Overlay]:
    """The overlays that exist among these ids, in the order of their ids."""
    [layouts] = _tables(db, OverlayLayout.__tablename__)
    ratios = (_optional(layouts, name, Double()) for name in _RATIOS)
    statement: Select[Any] = select(layouts.c.overlay_id, *ratios, _optional(layouts, "layout"))
    statement = statement.where(layouts.c.overlay_id.in_(list(ids))).order_by(layouts.c.overlay_id)
    return [Overlay(*row) for row in db.execute(statement)]


def _as_shown(jobs: TableClause) -> Select[Any]:
    return select(
        jobs.c.job_id,
        *(_optional(jobs, name, Text()) for name in ("status", "current_step", "version")),
        _optional(jobs, "retry_count"),
        *(_optional(jobs, name, DateTime(timezone=True)) for name in ("created_at", "updated_at")),
    )
