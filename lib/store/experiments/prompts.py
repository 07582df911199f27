"""The team's library of instructions, version by version, and which of them is the default since when and why."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from lib.domain.errors import PromptNotFound
from lib.store.tables import DefaultPrompt as DefaultTable
from lib.store.tables import Prompt as Table


@dataclass(frozen=True)
class Prompt:
    """A version of an instruction."""

    prompt_id: uuid.UUID
    version: int
    name: str
    text: str
    person: str | None
    created_at: dt.datetime


@dataclass(frozen=True)
class Default:
    """A decision on the team's default; ``prompt_id`` is None where the product's own was chosen again."""

    number: int
    prompt_id: uuid.UUID | None
    version: int | None
    experiment_id: uuid.UUID | None
    evidence: dict[str, Any] | None
    person: str | None
    created_at: dt.datetime


_COLUMNS = [Table.__table__.c[name] for name in Prompt.__dataclass_fields__]
_DEFAULT_COLUMNS = [DefaultTable.__table__.c[name] for name in Default.__dataclass_fields__]
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('studio_prompts ' || :tenant, 0))")


def lock(db: Connection, tenant_id: str) -> None:
    """Let no other transaction number a version or a decision of this tenant until this one ends."""
    db.execute(_LOCK, {"tenant": tenant_id})


def add(db: Connection, tenant_id: str, prompt_id: uuid.UUID, name: str, words: str, person: str | None) -> Prompt:
    """Store the next version of the prompt, the first one of a new id, and return it; :func:`lock` comes before."""
    number = select(func.coalesce(func.max(Table.version), 0) + 1).where(
        Table.tenant_id == tenant_id, Table.prompt_id == prompt_id
    )
    values = {"tenant_id": tenant_id, "prompt_id": prompt_id, "name": name, "text": words, "person": person}
    new = insert(Table).values(values | {"version": number.scalar_subquery()}).returning(*_COLUMNS)
    return Prompt(*db.execute(new).one())


def get(db: Connection, tenant_id: str, prompt_id: uuid.UUID, version: int) -> Prompt:
    """One version. Raises ``PromptNotFound``."""
    mine = (Table.tenant_id == tenant_id, Table.prompt_id == prompt_id, Table.version == version)
    row = db.execute(select(*_COLUMNS).where(*mine)).first()
    if row is None:
        raise PromptNotFound(prompt_id=prompt_id, version=version)
    return Prompt(*row)


def newest(db: Connection, tenant_id: str) -> list[Prompt]:
    """The newest version of each prompt, by name."""
    statement = select(*_COLUMNS).where(Table.tenant_id == tenant_id).ext(distinct_on(Table.prompt_id))
    rows = db.execute(statement.order_by(Table.prompt_id, Table.version.desc()))
    return sorted((Prompt(*row) for row in rows), key=lambda prompt: (prompt.name, prompt.prompt_id))


def versions(db: Connection, tenant_id: str, prompt_id: uuid.UUID) -> list[Prompt]:
    """All versions of a prompt, newest first."""
    mine = (Table.tenant_id == tenant_id, Table.prompt_id == prompt_id)
    return [Prompt(*row) for row in db.execute(select(*_COLUMNS).where(*mine).order_by(Table.version.desc()))]


def set_default(
    db: Connection,
    tenant_id: str,
    prompt_id: uuid.UUID | None,
    version: int | None,
    *,
    person: str | None,
    experiment_id: uuid.UUID | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> None:
    """Record a decision on the team's default; :func:`lock` comes before."""
    number = select(func.coalesce(func.max(DefaultTable.number), 0) + 1).where(DefaultTable.tenant_id == tenant_id)
    values = {
        "tenant_id": tenant_id,
        "number": number.scalar_subquery(),
        "prompt_id": prompt_id,
        "version": version,
        "experiment_id": experiment_id,
        "evidence": evidence,
        "person": person,
    }
    db.execute(insert(DefaultTable).values(values))


def defaults(db: Connection, tenant_id: str, limit: int = 50) -> list[Default]:
    """The decisions on the team's default, newest first, at most ``limit``."""
    statement = select(*_DEFAULT_COLUMNS).where(DefaultTable.tenant_id == tenant_id)
    return [Default(*row) for row in db.execute(statement.order_by(DefaultTable.number.desc()).limit(limit))]


def default(db: Connection, tenant_id: str) -> Prompt | None:
    """The team's default instruction; None where it is the product's own."""
    latest = defaults(db, tenant_id, 1)
    if not latest or latest[0].prompt_id is None or latest[0].version is None:
        return None
    return get(db, tenant_id, latest[0].prompt_id, latest[0].version)
