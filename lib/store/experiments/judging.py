"""Pairs of captions, the votes on them, and what the closed pairs say."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, text, update

from lib.domain.errors import PairNotFound
from lib.store.tables import ExperimentPair as Table
from lib.store.tables import Vote as VoteTable


@dataclass(frozen=True)
class Pair:
    """Two captions of one brief; ``result`` is ``first``, ``second`` or ``tie``, None while the pair is open."""

    pair_id: uuid.UUID
    experiment_id: uuid.UUID
    brief_key: str
    first_variant: int
    second_variant: int
    first_feed_id: uuid.UUID
    second_feed_id: uuid.UUID
    result: str | None
    closed_at: dt.datetime | None


@dataclass(frozen=True)
class Text:
    """A caption as it was before anybody changed it."""

    instagram_ad_copy: str
    hashtags: str


@dataclass(frozen=True)
class Progress:
    """How far a person is: the pairs of an experiment that they have judged, and those that they can judge."""

    judged: int
    left: int


_COLUMNS = [Table.__table__.c[name] for name in Pair.__dataclass_fields__]

# Pairs without votes come before pairs with votes. Among equals each person gets an order of their own, so that two
# people who judge at once do not judge the same pair. A pair of which a caption is gone is not handed out.
_OPEN = text("""
    SELECT pair.pair_id FROM studio_experiment_pairs AS pair
    WHERE pair.tenant_id = :tenant AND pair.experiment_id = :experiment AND pair.result IS NULL
        AND NOT EXISTS (SELECT FROM studio_experiment_votes AS vote
            WHERE vote.tenant_id = :tenant AND vote.pair_id = pair.pair_id AND lower(vote.person) = lower(:person))
        AND 2 = (SELECT count(*) FROM instagram_feeds AS feed WHERE feed.tenant_id = :tenant
            AND feed.instagram_feed_id IN (pair.first_feed_id, pair.second_feed_id))
    ORDER BY (SELECT count(*) FROM studio_experiment_votes AS vote
        WHERE vote.tenant_id = :tenant AND vote.pair_id = pair.pair_id AND vote.counts),
        md5(pair.pair_id::text || :person)
""")
_RESULTS = text("""
    SELECT pair.first_variant, pair.second_variant, pair.result, count(*)
    FROM studio_experiment_pairs AS pair
    WHERE pair.tenant_id = :tenant AND pair.experiment_id = :experiment
        AND (pair.result IS NOT NULL OR 2 = (SELECT count(*) FROM instagram_feeds AS feed
            WHERE feed.tenant_id = :tenant AND feed.instagram_feed_id IN (pair.first_feed_id, pair.second_feed_id)))
    GROUP BY pair.first_variant, pair.second_variant, pair.result
""")
_TEXTS = text("""
    SELECT feed.instagram_feed_id, coalesce(version.instagram_ad_copy, feed.instagram_ad_copy),
        coalesce(version.hashtags, feed.hashtags)
    FROM instagram_feeds AS feed
    LEFT JOIN studio_feed_versions AS version ON version.tenant_id = :tenant
        AND version.feed_id = feed.instagram_feed_id AND version.number = 1
    WHERE feed.tenant_id = :tenant AND feed.instagram_feed_id IN (:first, :second)
""")
_WROTE = text("""
    SELECT EXISTS (SELECT FROM studio_feed_versions
        WHERE tenant_id = :tenant AND feed_id IN (:first, :second) AND lower(person) = lower(:person))
    OR EXISTS (SELECT FROM studio_generations
        WHERE tenant_id = :tenant AND instagram_feed_id IN (:first, :second)
            AND lower((options -> 'experiment') ->> 'person') = lower(:person))
""")


def _by(person: str) -> ColumnElement[bool]:
    """Whether a vote is the person's, who may write their name in capitals on one device and not on another."""
    return func.lower(VoteTable.person) == func.lower(person)


def get(db: Connection, tenant_id: str, pair_id: uuid.UUID, *, lock: bool = False) -> Pair:
    """One pair, locked until the transaction ends with ``lock``. Raises ``PairNotFound``."""
    statement = select(*_COLUMNS).where(Table.tenant_id == tenant_id, Table.pair_id == pair_id)
    row = db.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise PairNotFound(pair_id=pair_id)
    return Pair(*row)


def open_pairs(db: Connection, tenant_id: str, experiment_id: uuid.UUID, person: str) -> list[uuid.UUID]:
    """The pairs that the person can judge, in the order in which they are handed out."""
    return list(db.scalars(_OPEN, {"tenant": tenant_id, "experiment": experiment_id, "person": person}))


def texts(db: Connection, tenant_id: str, pair: Pair) -> tuple[Text, Text]:
    """Both captions as they were before anybody changed them. Raises ``PairNotFound`` where one is deleted."""
    params = {"tenant": tenant_id, "first": pair.first_feed_id, "second": pair.second_feed_id}
    stored = {feed_id: Text(*row) for feed_id, *row in db.execute(_TEXTS, params)}
    try:
        return stored[pair.first_feed_id], stored[pair.second_feed_id]
    except KeyError:
        raise PairNotFound(pair_id=pair.pair_id) from None


def has_written(db: Connection, tenant_id: str, pair: Pair, person: str) -> bool:
    """Whether the person has asked for one of the captions, or has changed its text."""
    params = {"tenant": tenant_id, "first": pair.first_feed_id, "second": pair.second_feed_id, "person": person}
    return bool(db.scalar(_WROTE, params))


def add_vote(
    db: Connection,
    tenant_id: str,
    pair_id: uuid.UUID,
    person: str,
    *,
    choice: str,
    reasons: Sequence[str],
    counts: bool,
) -> bool:
    """Store a vote on a pair that the caller has locked; False where the person has voted on it before."""
    mine = (VoteTable.tenant_id == tenant_id, VoteTable.pair_id == pair_id, _by(person))
    if db.scalar(select(func.count()).where(*mine)):
        return False
    values = {"tenant_id": tenant_id, "pair_id": pair_id, "person": person, "choice": choice, "counts": counts}
    db.execute(insert(VoteTable).values(values | {"reasons": list(reasons)}))
    return True


def withdraw_vote(db: Connection, tenant_id: str, pair_id: uuid.UUID, person: str) -> bool:
    """Delete the person's vote on a pair that the caller has locked; False where there is none."""
    mine = (VoteTable.tenant_id == tenant_id, VoteTable.pair_id == pair_id, _by(person))
    return db.execute(delete(VoteTable).where(*mine)).rowcount == 1


def choices(db: Connection, tenant_id: str, pair_id: uuid.UUID) -> list[str]:
    """The votes on the pair that count."""
    mine = (VoteTable.tenant_id == tenant_id, VoteTable.pair_id == pair_id, VoteTable.counts)
    return list(db.scalars(select(VoteTable.choice).where(*mine)))


def close(db: Connection, tenant_id: str, pair_id: uuid.UUID, result: str) -> None:
    """Close an open pair with its result. A closed one stays as it is."""
    mine = (Table.tenant_id == tenant_id, Table.pair_id == pair_id, Table.result.is_(None))
    db.execute(update(Table).where(*mine).values(result=result, closed_at=func.clock_timestamp()))


def results(db: Connection, tenant_id: str, experiment_id: uuid.UUID) -> dict[tuple[int, int], dict[str | None, int]]:
    """How many pairs of each two variants have each result; None is the key of the open ones.

    An open pair of which a caption is gone is not counted: it will never be closed.
    """
    counted: dict[tuple[int, int], dict[str | None, int]] = {}
    for first, second, result, count in db.execute(_RESULTS, {"tenant": tenant_id, "experiment": experiment_id}):
        counted.setdefault((first, second), {})[result] = count
    return counted


def pairs(db: Connection, tenant_id: str, experiment_id: uuid.UUID) -> list[Pair]:
    """All pairs, the open ones last."""
    mine = (Table.tenant_id == tenant_id, Table.experiment_id == experiment_id)
    return [Pair(*row) for row in db.execute(select(*_COLUMNS).where(*mine).order_by(Table.closed_at, Table.pair_id))]


def progress(db: Connection, tenant_id: str, experiment_id: uuid.UUID, person: str) -> Progress:
    """How far the person is."""
    mine = select(Table.pair_id).where(Table.tenant_id == tenant_id, Table.experiment_id == experiment_id)
    judged = select(func.count()).where(VoteTable.tenant_id == tenant_id, _by(person), VoteTable.pair_id.in_(mine))
    return Progress(db.scalar(judged) or 0, len(open_pairs(db, tenant_id, experiment_id, person)))


def votes(db: Connection, tenant_id: str, experiment_id: uuid.UUID) -> list[tuple[Pair, str, str, list[str], bool]]:
    """Every vote with its pair: pair, person, choice, reasons, and whether it counts; for an export."""
    statement = (
        select(*_COLUMNS, VoteTable.person, VoteTable.choice, VoteTable.reasons, VoteTable.counts)
        .join(VoteTable, (VoteTable.tenant_id == tenant_id) & (VoteTable.pair_id == Table.pair_id))
        .where(Table.tenant_id == tenant_id, Table.experiment_id == experiment_id)
        .order_by(VoteTable.created_at)
    )
    width = len(_COLUMNS)
    return [(Pair(*row[:width]), *row[width:]) for row in db.execute(statement)]
