"""How an experiment stands: each two variants against each other, who leads, and who has won."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.domain.experiments.evidence import Verdict, verdict
from lib.store.experiments import definitions
from lib.store.experiments import judging as store
from lib.store.experiments.definitions import Experiment, Variant
from lib.studio import Studio

LEAST_PAIRS = 100
"""Closed pairs from which strengths are drawn."""
RESAMPLES = 200
_ROUNDS = 50

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Duel:
    """The pairs of two variants; won and lost are the first one's."""

    first: int
    second: int
    verdict: Verdict
    tied: int
    open: int

    def of(self, variant: int) -> Verdict:
        """The verdict as this one of the two sees it."""
        return self.verdict if variant == self.first else verdict(self.verdict.lost, self.verdict.won)


@dataclass(frozen=True)
class Strength:
    """How strong a variant is by the model of Bradley and Terry: its part of all strengths, from 0 to 1."""

    share: float
    low: float
    high: float
    """Where 95 % of the resampled strengths lie."""


@dataclass(frozen=True)
class Standings:
    """An experiment with its variants and what the closed pairs say."""

    experiment: Experiment
    variants: Sequence[Variant]
    duels: Sequence[Duel]
    strengths: Mapping[int, Strength]
    """Empty below :data:`LEAST_PAIRS` closed pairs, and for two variants, whose duel says it all."""

    @property
    def leader(self) -> int | None:
        """The variant that leads: it won the largest part of its pairs; None without a closed pair or with a tie."""
        shares = {variant.variant: self._share(variant.variant) for variant in self.variants}
        most = max((share for share in shares.values() if share is not None), default=None)
        best = [variant for variant, share in shares.items() if share is not None and share == most]
        return best[0] if len(best) == 1 else None

    @property
    def winner(self) -> int | None:
        """The leader, if it is proven to be preferred to each other variant; None: not known."""
        leader = self.leader
        if leader is None:
            return None
        against = [duel.of(leader) for duel in self.duels if leader in (duel.first, duel.second)]
        proven = all(each.known and each.won > each.lost for each in against)
        return leader if proven and len(against) == len(self.variants) - 1 else None

    @property
    def closed(self) -> int:
        """The closed pairs, ties included."""
        return sum(duel.verdict.won + duel.verdict.lost + duel.tied for duel in self.duels)

    @property
    def open(self) -> int:
        """The pairs that wait for votes."""
        return sum(duel.open for duel in self.duels)

    def _share(self, variant: int) -> float | None:
        against = [duel.of(variant) for duel in self.duels if variant in (duel.first, duel.second)]
        won, decided = sum(each.won for each in against), sum(each.won + each.lost for each in against)
        return won / decided if decided else None


def read(studio: Studio, tenant_id: str, experiment_id: uuid.UUID) -> Standings:
    """How the experiment stands now. Raises ``ExperimentNotFound``."""
    with studio.database.tenant(tenant_id) as db:
        experiment = definitions.get(db, tenant_id, experiment_id)
        if experiment.closed_at is None:
            definitions.make_pairs(db, tenant_id, experiment_id)
        variants = definitions.variants_of(db, tenant_id, experiment_id)
        counted = store.results(db, tenant_id, experiment_id)
    duels = [
        Duel(
            first,
            second,
            verdict(results.get("first", 0), results.get("second", 0)),
            results.get("tie", 0),
            results.get(None, 0),
        )
        for (first, second), results in sorted(counted.items())
    ]
    return Standings(experiment, variants, duels, strengths(duels, len(variants)))


def strengths(duels: Sequence[Duel], variants: int) -> dict[int, Strength]:
    """The strengths of more than two variants, by variant, with intervals from resampled pairs; empty for fewer pairs.

    R. A. Bradley and M. E. Terry, "Rank analysis of incomplete block designs" (1952), fitted by the steps of
    D. R. Hunter, "MM algorithms for generalized Bradley-Terry models" (2004). A tie is half a win for each. Each
    variant gets half a win and half a loss more, so that one that never lost has a strength.
    """
    kinds = {
        (duel.first - 1, duel.second - 1, wins): count
        for duel in duels
        for wins, count in ((1.0, duel.verdict.won), (0.0, duel.verdict.lost), (0.5, duel.tied))
        if count
    }
    closed = sum(kinds.values())
    if closed < LEAST_PAIRS or variants < 3:
        return {}
    counts = np.array(list(kinds.values()))
    generator = np.random.default_rng(closed)  # the same picture for the same pairs
    samples = np.vstack([counts, generator.multinomial(closed, counts / closed, RESAMPLES)])
    fitted = _fit(list(kinds), samples, variants)
    low, high = np.quantile(fitted[1:], (0.025, 0.975), axis=0)
    return {
        variant + 1: Strength(float(fitted[0, variant]), float(low[variant]), float(high[variant]))
        for variant in range(variants)
    }


def _fit(kinds: Sequence[tuple[int, int, float]], samples: Matrix, variants: int) -> Matrix:
    """The strengths for each row of ``samples``, which says how many pairs of each kind there are.

    A kind is the places of both variants, and how much of a win such a pair is for the first one.
    """
    wins = np.zeros((len(samples), variants, variants))
    for (first, second, won), counts in zip(kinds, samples.T, strict=True):
        wins[:, first, second] += won * counts
        wins[:, second, first] += (1 - won) * counts
    met = wins + wins.transpose(0, 2, 1)
    strength = np.full((len(samples), variants), 1 / variants)
    for _ in range(_ROUNDS):
        both = strength[:, :, None] + strength[:, None, :]
        strength = (0.5 + wins.sum(axis=2)) / ((met / both).sum(axis=2) + 1 / (strength + 1 / variants))
        strength /= strength.sum(axis=1, keepdims=True)
    return strength
