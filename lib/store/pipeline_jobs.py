"""The pipeline's jobs and overlays: what a generation refers to, and the step of a job that it is.

Both tables may be richer than what we rely on, or poorer. Beyond ``job_id``, ``tenant_id`` and ``overlay_id`` every
column is looked for before it is read or written, and nothing but a job's ``status`` and ``current_step`` is written.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Uuid, bindparam, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InternalError, ProgrammingError

from lib.domain.errors import JobNotFound, JobRefused, OverlayNotFound, OverlayOfAnotherJob
from lib.store.tables import Job, OverlayLayout

STEP = "instagram_feed_gen"
"""What the pipeline calls the step that a generation is."""

VARIANT_TABLES = ("jobs_variants", "job_variants")
"""Where a pipeline keeps which variant belongs to which job (``job_variants_id``, ``job_id``), if it tells at all."""

_RATIOS = ("x_ratio", "y_ratio", "width_ratio", "height_ratio")

_COLUMNS = text("""
    SELECT t.name, a.attname
    FROM unnest(CAST(:tables AS text[])) AS t (name)
    JOIN pg_attribute AS a ON a.attrelid = to_regclass(t.name)
    WHERE a.attnum > 0 AND NOT a.attisdropped
      AND has_column_privilege(a.attrelid, a.attnum, 'SELECT')
""")


def _columns(db: Connection, *tables: str) -> dict[str, set[str]]:
    """The columns that we may read, by table; a table that is not there has none."""
    found: dict[str, set[str]] = {table: set() for table in tables}
    for table, column in db.execute(_COLUMNS, {"tables": list(tables)}):
        found[table].add(column)
    return found


# -- what a generation refers to --------------------------------------------------------------------------------------


def require(db: Connection, tenant_id: str, job_id: uuid.UUID) -> None:
    """Make sure that the tenant has this job. Raises ``JobNotFound``, also for another tenant's."""
    mine = select(Job.job_id).where(Job.tenant_id == tenant_id, Job.job_id == job_id)
    if db.scalar(mine) is None:
        raise JobNotFound(job_id=job_id)


def lock(db: Connection, tenant_id: str, job_id: uuid.UUID) -> bool:
    """Whether the tenant has this job; whoever else begins or ends its step waits until the transaction ends.

    A job is held before the generations that are for it, by everybody, or two would wait for each other.
    """
    held = text("SELECT 1 FROM jobs WHERE tenant_id = :tenant AND job_id = :job FOR NO KEY UPDATE")
    return (
        db.execute(held.bindparams(bindparam("job", job_id, type_=Uuid())), {"tenant": tenant_id}).first() is not None
    )


def require_overlay(db: Connection, tenant_id: str, overlay_id: uuid.UUID, job_id: uuid.UUID | None = None) -> None:
    """Make sure that this overlay exists and, where the pipeline's tables tell whose it is, that it is the tenant's.

    Raises ``OverlayNotFound``, also for another tenant's, and ``OverlayOfAnotherJob`` where it is
    known to belong to another job than the one named.
    """
    if db.scalar(select(OverlayLayout.overlay_id).where(OverlayLayout.overlay_id == overlay_id)) is None:
        raise OverlayNotFound(overlay_id=overlay_id)
    owners = _owners(db, [overlay_id])
    if overlay_id not in owners:
        return
    owner = owners[overlay_id]
    mine = select(Job.job_id).where(Job.tenant_id == tenant_id, Job.job_id == owner)
    if db.scalar(mine) is None:
        raise OverlayNotFound(overlay_id=overlay_id)
    if job_id and owner != job_id:
        raise OverlayOfAnotherJob(overlay_id=overlay_id, job_id=job_id)


def _owners(db: Connection, overlay_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """The job of each overlay of which the pipeline's tables tell it: by a ``job_id`` of its own, or by its variant."""
    known = _columns(db, "overlay_layouts", *VARIANT_TABLES)
    if "job_id" in known["overlay_layouts"]:
        statement = "SELECT overlay_id, job_id FROM overlay_layouts AS o WHERE "
    elif "job_variants_id" in known["overlay_layouts"] and (variants := _variant_table(known)):
        statement = (
            f"SELECT o.overlay_id, v.job_id FROM overlay_layouts AS o "  # noqa: S608 - one of our own two names
            f"JOIN {variants} AS v ON v.job_variants_id = o.job_variants_id WHERE v.job_id IS NOT NULL AND "
        )
    else:
        return {}
    rows = db.execute(
        text(statement + "o.overlay_id = ANY(CAST(:overlays AS uuid[])) AND job_id IS NOT NULL"),
        {"overlays": [str(one) for one in overlay_ids]},
    )
    return {_uuid(overlay): _uuid(job) for overlay, job in rows}


def _variant_table(known: dict[str, set[str]]) -> str | None:
    return next((one for one in VARIANT_TABLES if {"job_variants_id", "job_id"} <= known[one]), None)


def _uuid(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))


# -- the step of a job ------------------------------------------------------------------------------------------------


def begin_step(db: Connection, tenant_id: str, job_id: uuid.UUID) -> None:
    """The job is running this step, as far as its table can say so.

    Writes nothing that stands there already, so that a trigger on the table fires once. Raises
    ``JobRefused`` where the database does not let it; the transaction is over then.
    """
    try:
        _mark(db, tenant_id, job_id, "running")
    except (IntegrityError, DataError, InternalError, ProgrammingError) as error:
        raise JobRefused(job_id=job_id, detail=_told(error)) from error


def end_step(db: Connection, tenant_id: str, job_id: uuid.UUID, *, done: bool) -> str | None:
    """The job's step is done, or failed and may be tried again; no other step of it is touched.

    A job that is done is never made failed by it. Returns what the database said where it does not let it: the answer
    of the model has been paid for, and is stored all the same.
    """
    try:
        with db.begin_nested():
            _mark(db, tenant_id, job_id, "done" if done else "failed")
    except (IntegrityError, DataError, InternalError, ProgrammingError) as error:
        return _told(error)
    return None


def _mark(db: Connection, tenant_id: str, job_id: uuid.UUID, status: Literal["running", "done", "failed"]) -> None:
    there = _columns(db, "jobs")["jobs"]
    new = {"status": status, "current_step": STEP} if status == "running" else {"status": status}
    new = {name: value for name, value in new.items() if name in there}
    if not new:
        return
    where = ["tenant_id = :tenant", "job_id = :job"]
    where.append("(" + " OR ".join(f"{name} IS DISTINCT FROM :{name}" for name in new) + ")")
    if status != "running" and "current_step" in there:
        where.append("current_step = :step")
    if status == "failed":
        where.append("status = 'running'")
    statement = f"UPDATE jobs SET {', '.join(f'{name} = :{name}' for name in new)} WHERE {' AND '.join(where)}"  # noqa: S608
    db.execute(
        text(statement).bindparams(bindparam("job", job_id, type_=Uuid())),
        {"tenant": tenant_id, **new} | ({"step": STEP} if ":step" in statement else {}),
    )


def _told(error: DBAPIError) -> str:
    return str(error.orig).partition("\n")[0][:300]


# -- for people -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PipelineJob:
    """A job as it may be shown; None for what its table does not tell. Times are aware."""

    job_id: uuid.UUID
    status: str | None = None
    current_step: str | None = None
    version: str | None = None
    retry_count: int | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None


@dataclass(frozen=True)
class Overlay:
    """Where text stands on a picture: ratios of its width and height, from the top left; None where it is not told."""

    overlay_id: uuid.UUID
    x_ratio: float | None = None
    y_ratio: float | None = None
    width_ratio: float | None = None
    height_ratio: float | None = None
    layout: Any = None


def recent(db: Connection, tenant_id: str, limit: int = 100) -> list[PipelineJob]:
    """The tenant's jobs, those touched last first."""
    there = _columns(db, "jobs")["jobs"]
    order = [f"{name} DESC NULLS LAST" for name in ("updated_at", "created_at") if name in there]
    return _jobs(db, there, "tenant_id = :tenant", [*order, "job_id"], limit, {"tenant": tenant_id})


def get(db: Connection, tenant_id: str, job_id: uuid.UUID) -> PipelineJob:
    """One job. Raises ``JobNotFound``, also for another tenant's."""
    there = _columns(db, "jobs")["jobs"]
    asked = {"tenant": tenant_id, "job": str(job_id)}
    found = _jobs(db, there, "tenant_id = :tenant AND job_id = CAST(:job AS uuid)", ["job_id"], 1, asked)
    if not found:
        raise JobNotFound(job_id=job_id)
    return found[0]


def overlays(db: Connection, tenant_id: str, job_id: uuid.UUID) -> list[Overlay]:
    """The overlays of a job: those that the pipeline's tables name as its own, and those that its feeds were made for.

    Raises ``JobNotFound``.
    """
    require(db, tenant_id, job_id)
    linked = text(
        "SELECT DISTINCT overlay_id FROM instagram_feeds "
        "WHERE tenant_id = :tenant AND job_id = :job AND overlay_id IS NOT NULL"
    ).bindparams(bindparam("job", job_id, type_=Uuid()))
    ids = {_uuid(one) for one in db.scalars(linked, {"tenant": tenant_id})} | set(_overlays_of(db, job_id))
    return overlays_by_id(db, ids)


def overlays_by_id(db: Connection, ids: Iterable[uuid.UUID]) -> list[Overlay]:
    """These overlays, as far as they exist."""
    there = _columns(db, "overlay_layouts")["overlay_layouts"]
    ratios = [f"CAST({name} AS double precision)" if name in there else "NULL" for name in _RATIOS]
    layout = "layout" if "layout" in there else "NULL"
    statement = (
        f"SELECT overlay_id, {', '.join(ratios)}, {layout} FROM overlay_layouts "  # noqa: S608 - names of our own
        "WHERE overlay_id = ANY(CAST(:overlays AS uuid[])) ORDER BY overlay_id"
    )
    rows = db.execute(text(statement), {"overlays": [str(one) for one in ids]})
    return [Overlay(_uuid(overlay), *rest) for overlay, *rest in rows]


def _overlays_of(db: Connection, job_id: uuid.UUID) -> list[uuid.UUID]:
    known = _columns(db, "overlay_layouts", *VARIANT_TABLES)
    if "job_id" in known["overlay_layouts"]:
        statement = "SELECT overlay_id FROM overlay_layouts WHERE job_id = :job"
    elif "job_variants_id" in known["overlay_layouts"] and (variants := _variant_table(known)):
        statement = (
            f"SELECT o.overlay_id FROM overlay_layouts AS o JOIN {variants} AS v "  # noqa: S608 - our own two names
            "ON v.job_variants_id = o.job_variants_id WHERE v.job_id = :job"
        )
    else:
        return []
    return [_uuid(one) for one in db.scalars(text(statement).bindparams(bindparam("job", job_id, type_=Uuid())))]


def _jobs(
    db: Connection, there: set[str], where: str, order: list[str], limit: int, asked: dict[str, Any]
) -> list[PipelineJob]:
    read = [
        "job_id",
        *(f"CAST({name} AS text)" if name in there else "NULL" for name in ("status", "current_step", "version")),
        "retry_count" if "retry_count" in there else "NULL",
        *(f"CAST({name} AS timestamptz)" if name in there else "NULL" for name in ("created_at", "updated_at")),
    ]
    statement = f"SELECT {', '.join(read)} FROM jobs WHERE {where} ORDER BY {', '.join(order)} LIMIT {limit:d}"  # noqa: S608
    return [PipelineJob(_uuid(job), *rest) for job, *rest in db.execute(text(statement), asked)]
