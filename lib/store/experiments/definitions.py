"""Experiments as they were defined: their variants, the captions that these wrote, and how they were closed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, bindparam, cast, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from lib.domain.errors import ExperimentNotFound
from lib.store.tables import Experiment as Table
from lib.store.tables import ExperimentVariant as VariantTable
from lib.store.tables import Generation as WrittenTable


@dataclass(frozen=True)
class Variant:
    """One way of writing: what it ``changes`` in a brief and its options, by the names of their fields."""

    variant: int
    changes: dict[str, Any]
    prompt_id: uuid.UUID | None = None
    prompt_version: int | None = None


@dataclass(frozen=True)
class Experiment:
    """An experiment without its variants; ``closed_at`` is None while captions are judged."""

    tenant_id: str
    experiment_id: uuid.UUID
    name: str
    votes_per_pair: int
    share: int
    batch_id: uuid.UUID | None
    person: str | None
    created_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    winner: int | None = None


@dataclass(frozen=True)
class Mark:
    """Which experiment and variant a feed belongs to."""

    experiment_id: uuid.UUID
    name: str
    variant: int


_COLUMNS = [Table.__table__.c[name] for name in Experiment.__dataclass_fields__]
_VARIANT_COLUMNS = [VariantTable.__table__.c[name] for name in Variant.__dataclass_fields__]
_TAKING = (
    select(*_COLUMNS)
    .where(Table.tenant_id == bindparam("tenant"), Table.closed_at.is_(None), Table.share > 0)
    .order_by(Table.created_at.desc())
    .limit(1)
)
_CREATED = ("created_at", "closed_at", "winner")

# Of several captions of a brief and variant the first counts: a later one takes no place in a pair that is judged.
# The captions of a brief are paired within their brief: the planner, which expects one of them, would compare all.
_PAIR = text("""
    WITH captions AS (
        SELECT DISTINCT ON (brief_key, variant) * FROM (
            SELECT (options -> 'experiment') ->> 'brief' AS brief_key,
                ((options -> 'experiment') ->> 'variant')::smallint AS variant, instagram_feed_id AS feed_id, created_at
            FROM studio_generations
            WHERE tenant_id = :tenant AND (options -> 'experiment') ->> 'id' = CAST(:experiment AS text)
                AND instagram_feed_id IS NOT NULL
        ) AS written
        ORDER BY brief_key, variant, created_at, feed_id
    ),
    briefs AS (
        SELECT brief_key, array_agg(variant ORDER BY variant) AS variants, array_agg(feed_id ORDER BY variant) AS feeds
        FROM captions GROUP BY brief_key
    ),
    paired AS (
        SELECT brief_key, variants[one] AS first_variant, variants[other] AS second_variant,
            feeds[one] AS first_feed_id, feeds[other] AS second_feed_id
        FROM briefs, generate_subscripts(variants, 1) AS one, generate_subscripts(variants, 1) AS other
        WHERE one < other
    )
    INSERT INTO studio_experiment_pairs (
        tenant_id, pair_id, experiment_id, brief_key, first_variant, second_variant, first_feed_id, second_feed_id)
    SELECT :tenant, uuid_generate_v4(), CAST(:experiment AS uuid), paired.* FROM paired
    WHERE (brief_key, first_variant, second_variant) NOT IN (
        SELECT brief_key, first_variant, second_variant FROM studio_experiment_pairs
        WHERE tenant_id = :tenant AND experiment_id = CAST(:experiment AS uuid))
    ON CONFLICT DO NOTHING
""")


_LACKING = text("""
    WITH written AS (
        SELECT (options -> 'experiment') ->> 'brief' AS brief_key,
            ((options -> 'experiment') ->> 'variant')::smallint AS variant,
            (options -> 'experiment') ? 'given' AS is_taken, generation_id, generation.created_at
        FROM studio_generations AS generation
        JOIN instagram_feeds AS feed
            ON feed.tenant_id = :tenant AND feed.instagram_feed_id = generation.instagram_feed_id
        WHERE generation.tenant_id = :tenant AND (options -> 'experiment') ->> 'id' = :experiment
    ),
    lacking AS (
        SELECT array_agg(DISTINCT variant) AS variants, min(created_at) AS written_at,
            (array_agg(generation_id ORDER BY created_at) FILTER (WHERE is_taken))[1] AS generation_id
        FROM written GROUP BY brief_key HAVING count(DISTINCT variant) < :variants AND bool_or(is_taken)
    )
    SELECT lacking.variants, generation.brief, generation.options
    FROM lacking JOIN studio_generations AS generation
        ON generation.tenant_id = :tenant AND generation.generation_id = lacking.generation_id
    ORDER BY lacking.written_at, lacking.generation_id LIMIT :most
""")


def add(db: Connection, new: Experiment, variants: Iterable[Variant]) -> None:
    """Store an experiment with its variants; one with the same id stays as it is."""
    values = {name: getattr(new, name) for name in Experiment.__dataclass_fields__ if name not in _CREATED}
    if not db.execute(upsert(Table).values(values).on_conflict_do_nothing()).rowcount:
        return
    ids = {"tenant_id": new.tenant_id, "experiment_id": new.experiment_id}
    db.execute(insert(VariantTable), [ids | vars(variant) for variant in variants])


def get(db: Connection, tenant_id: str, experiment_id: uuid.UUID, *, lock: bool = False) -> Experiment:
    """One experiment, locked until the transaction ends with ``lock``. Raises ``ExperimentNotFound``."""
    statement = select(*_COLUMNS).where(Table.tenant_id == tenant_id, Table.experiment_id == experiment_id)
    row = db.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise ExperimentNotFound(experiment_id=experiment_id)
    return Experiment(*row)


def newest(db: Connection, tenant_id: str, limit: int, offset: int = 0) -> list[Experiment]:
    """The tenant's experiments, newest first, at most ``limit``."""
    statement = select(*_COLUMNS).where(Table.tenant_id == tenant_id)
    statement = statement.order_by(Table.created_at.desc(), Table.experiment_id).limit(limit).offset(offset)
    return [Experiment(*row) for row in db.execute(statement)]


def variants_of(db: Connection, tenant_id: str, experiment_id: uuid.UUID) -> list[Variant]:
    """The variants of an experiment, in their order."""
    mine = (VariantTable.tenant_id == tenant_id, VariantTable.experiment_id == experiment_id)
    return [Variant(*row) for row in db.execute(select(*_VARIANT_COLUMNS).where(*mine).order_by(VariantTable.variant))]


def with_variants(db: Connection, tenant_id: str, limit: int) -> list[tuple[Experiment, list[int]]]:
    """The tenant's newest experiments with the numbers of their variants, at most ``limit``."""
    rows = newest(db, tenant_id, limit)
    statement = select(VariantTable.experiment_id, VariantTable.variant).where(
        VariantTable.tenant_id == tenant_id, VariantTable.experiment_id.in_([row.experiment_id for row in rows])
    )
    numbers: dict[uuid.UUID, list[int]] = {}
    for experiment_id, variant in db.execute(statement):
        numbers.setdefault(experiment_id, []).append(variant)
    return [(row, sorted(numbers.get(row.experiment_id, []))) for row in rows]


def taking(db: Connection, tenant_id: str) -> Experiment | None:
    """The newest open experiment that takes a share of the team's other captions, or None."""
    row = db.execute(_TAKING, {"tenant": tenant_id}).first()
    return Experiment(*row) if row else None


def set_share(db: Connection, tenant_id: str, experiment_id: uuid.UUID, share: int) -> None:
    """Let the experiment take so many percent of the team's other captions."""
    mine = (Table.tenant_id == tenant_id, Table.experiment_id == experiment_id)
    db.execute(update(Table).where(*mine).values(share=share))


def close(db: Connection, tenant_id: str, experiment_id: uuid.UUID, winner: int | None) -> None:
    """Close the experiment: it takes no more captions and no more votes."""
    mine = (Table.tenant_id == tenant_id, Table.experiment_id == experiment_id, Table.closed_at.is_(None))
    db.execute(update(Table).where(*mine).values(closed_at=func.clock_timestamp(), winner=winner, share=0))


def make_pairs(db: Connection, tenant_id: str, experiment_id: uuid.UUID) -> None:
    """Make a pair of each two captions of a brief that variants have written and that are in none yet."""
    db.execute(_PAIR, {"tenant": tenant_id, "experiment": str(experiment_id)})


def captions_by_variant(db: Connection, tenant_id: str, experiment_id: uuid.UUID) -> dict[int, int]:
    """How many captions each variant has written; without an entry, none."""
    mark = WrittenTable.options["experiment"]
    number = mark["variant"].as_integer()
    mine = (WrittenTable.tenant_id == tenant_id, mark["id"].astext == str(experiment_id))
    is_written = WrittenTable.instagram_feed_id.is_not(None)
    rows = db.execute(select(number, func.count()).where(*mine, is_written).group_by(number))
    return {row[0]: row[1] for row in rows}


def lacking(
    db: Connection, tenant_id: str, experiment_id: uuid.UUID, variants: int, most: int
) -> list[tuple[list[int], dict[str, Any], dict[str, Any]]]:
    """Captions that the experiment took of others and that have no counterpart in some of its variants, oldest first.

    Of each such brief: the variants that it has, and brief and options of its caption as they are recorded.
    """
    params = {"tenant": tenant_id, "experiment": str(experiment_id), "variants": variants, "most": most}
    return [(list(row.variants), row.brief, row.options) for row in db.execute(_LACKING, params)]


def marks_of(db: Connection, tenant_id: str, feed_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Mark]:
    """Which of these feeds belong to an experiment, and to which variant of it."""
    mark = WrittenTable.options["experiment"]
    statement = (
        select(WrittenTable.instagram_feed_id, Table.experiment_id, Table.name, mark["variant"].as_integer())
        .join(Table, cast(Table.experiment_id, Text) == mark["id"].astext)
        .where(
            Table.tenant_id == tenant_id,
            WrittenTable.tenant_id == tenant_id,
            WrittenTable.instagram_feed_id.in_(feed_ids),
        )
    )
    return {row[0]: Mark(*row[1:]) for row in db.execute(statement) if row[0]}
