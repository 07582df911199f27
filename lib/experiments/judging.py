"""Blind judging: pairs are handed out without a word of what they are, and a pair is closed by its majority, once."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lib.domain.errors import ExperimentClosed, PairClosed, PersonMissing
from lib.domain.experiments.evidence import majority
from lib.store.experiments import definitions
from lib.store.experiments import judging as store
from lib.store.experiments.judging import Pair, Progress, Text
from lib.studio import Studio

Side = Literal["left", "right", "tie"]
REASONS = ("catches", "fits_us", "clear", "tags", "too_long", "off_tone")
"""Why a caption was preferred, or the other one was not: chips, none of which has to be pressed."""


@dataclass(frozen=True)
class BlindPair:
    """A pair as a voter sees it. Which caption is which stays on the server."""

    pair_id: uuid.UUID
    left: Text
    right: Text


def is_swapped(pair_id: uuid.UUID, person: str) -> bool:
    """Whether the person sees the pair's second caption on the left: random per voter, and the same at each reload."""
    return bool(hashlib.sha256(f"{pair_id} {person}".encode()).digest()[0] & 1)


def next_pair(studio: Studio, tenant_id: str, experiment_id: uuid.UUID, person: str | None) -> BlindPair | None:
    """The next pair that the person may judge; None when there is none left.

    Pairs without a vote are handed out before those that wait for more. Raises ``PersonMissing``,
    ``ExperimentNotFound`` and ``ExperimentClosed``.
    """
    voter = _voter(person)
    with studio.database.tenant(tenant_id) as db:
        if definitions.get(db, tenant_id, experiment_id).closed_at:
            raise ExperimentClosed(experiment_id=experiment_id)
        definitions.make_pairs(db, tenant_id, experiment_id)
        open_pairs = store.open_pairs(db, tenant_id, experiment_id, voter)
        if not open_pairs:
            return None
        pair = store.get(db, tenant_id, open_pairs[0])
        first, second = store.texts(db, tenant_id, pair)
    left, right = (second, first) if is_swapped(pair.pair_id, voter) else (first, second)
    return BlindPair(pair.pair_id, left, right)


def vote(
    studio: Studio, tenant_id: str, pair_id: uuid.UUID, person: str | None, side: Side, reasons: Sequence[str] = ()
) -> bool:
    """Store one vote and close the pair if it was the last one needed; whether the vote counts.

    The vote of who started the experiment, or asked for or edited one of the captions, is stored and does not count.
    A second vote of a person on a pair changes nothing. Raises ``PersonMissing``, ``PairNotFound`` and
    ``ExperimentClosed``.
    """
    voter = _voter(person)
    with studio.database.tenant(tenant_id) as db:
        pair = store.get(db, tenant_id, pair_id, lock=True)
        experiment = definitions.get(db, tenant_id, pair.experiment_id)
        if experiment.closed_at:
            raise ExperimentClosed(experiment_id=experiment.experiment_id)
        counts = (
            pair.result is None
            and voter.lower() != (experiment.person or "").lower()
            and not store.has_written(db, tenant_id, pair, voter)
        )
        choice = _choice(pair, voter, side)
        offered = [reason for reason in REASONS if reason in reasons]
        if not store.add_vote(db, tenant_id, pair_id, voter, choice=choice, reasons=offered, counts=counts):
            return False
        choices = store.choices(db, tenant_id, pair_id)
        if counts and len(choices) >= experiment.votes_per_pair:
            store.close(db, tenant_id, pair_id, majority(choices))
    return counts


def withdraw(studio: Studio, tenant_id: str, pair_id: uuid.UUID, person: str | None) -> None:
    """Take the person's vote back. Raises ``PairClosed`` where it has closed the pair, which is never opened again."""
    voter = _voter(person)
    with studio.database.tenant(tenant_id) as db:
        if store.get(db, tenant_id, pair_id, lock=True).result:
            raise PairClosed(pair_id=pair_id)
        store.withdraw_vote(db, tenant_id, pair_id, voter)


def progress(studio: Studio, tenant_id: str, experiment_id: uuid.UUID, person: str | None) -> Progress:
    """How many pairs the person has judged and can judge."""
    with studio.database.tenant(tenant_id) as db:
        return store.progress(db, tenant_id, experiment_id, _name(person))


def _choice(pair: Pair, voter: str, side: Side) -> str:
    if side == "tie":
        return "tie"
    return "first" if (side == "left") != is_swapped(pair.pair_id, voter) else "second"


def _voter(person: str | None) -> str:
    if voter := _name(person):
        return voter
    raise PersonMissing


def _name(person: str | None) -> str:
    return " ".join((person or "").split())
