"""What the closed pairs of two variants prove, by a rule that stays true however often somebody looks.

A pair is two captions of one brief; it is won, lost or tied once, by the majority of its votes, when it is closed.
Votes on one pair are correlated, so pairs are counted and never votes. Ties say nothing about which is better.

``E`` weighs the pairs against "both are preferred alike": it is the likelihood ratio of a uniform mixture of all
preferences over 50 %, ``2^(w+l) * Beta(w+1, l+1)``. Under "alike" it is a martingale that begins at 1, so by Ville's
inequality it ever reaches 20 in at most one of 20 tests, at whatever moment somebody looks. The interval is the
confidence sequence of the same mixture: the preferences ``p`` for which ``Beta(w+1, l+1) / (p^w * (1-p)^l)`` is below
20. So it leaves 50 % exactly when ``E`` reaches 20.

Sources: J. Ville, "Étude critique de la notion de collectif" (1939); H. Robbins, "Statistical methods related to the
law of the iterated logarithm" (1970); G. Shafer, "Testing by betting" (2021); A. Ramdas and others, "Game-theoretic
statistics and safe anytime-valid inference" (2023).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, islice
from typing import Literal

THRESHOLD = 20
"""``E`` at which a difference is known: wrong in at most one of 20 tests."""
LEANING = 3
"""``E`` from which the pairs lean to one side, without proof."""

Standing = Literal["difference", "leaning", "unknown"]


@dataclass(frozen=True)
class Verdict:
    """What so many closed pairs say about the first variant against the second; ties are left out."""

    won: int
    lost: int
    e: float
    """The evidence against "both are preferred alike"; 1 without pairs, infinite beyond a double."""

    @property
    def low(self) -> float:
        """The lower end of the interval of the first variant's preference, from 0 to 1."""
        return _bound(self.won, self.lost, low=True)

    @property
    def high(self) -> float:
        """The upper end of the interval of the first variant's preference, from 0 to 1."""
        return _bound(self.won, self.lost, low=False)

    @property
    def known(self) -> bool:
        """Whether there is a difference: ``e`` has reached :data:`THRESHOLD`."""
        return self.e >= THRESHOLD

    @property
    def standing(self) -> Standing:
        """``difference``, ``leaning`` (to one side, not known) or ``unknown``."""
        return "difference" if self.known else "leaning" if self.e >= LEANING else "unknown"

    @property
    def share(self) -> float | None:
        """The part of the pairs that the first variant won, from 0 to 1; None without pairs."""
        return self.won / (self.won + self.lost) if self.won + self.lost else None


def majority(choices: Iterable[str]) -> str:
    """The result of a pair's votes: ``first``, ``second``, or ``tie`` where both have as many."""
    counted = Counter(choices)
    ahead = counted["first"] - counted["second"]
    return "first" if ahead > 0 else "second" if ahead < 0 else "tie"


def verdict(won: int, lost: int) -> Verdict:
    """The verdict on closed pairs that the first variant won and lost. Raises ValueError for a count below 0."""
    if won < 0 or lost < 0:
        raise ValueError(f"pairs won and lost are counts: {won}, {lost}")
    return Verdict(won, lost, _exp(_log_e(won, lost, 0.5)))


@lru_cache(maxsize=10_000)
def least_wins(pairs: int) -> int | None:
    """The fewest wins among so many pairs that prove a difference; None if even all of them would not."""
    if _log_e(pairs, 0, 0.5) < math.log(THRESHOLD):
        return None
    return next(won for won in range(pairs // 2, pairs + 1) if _log_e(won, pairs - won, 0.5) >= math.log(THRESHOLD))


@lru_cache(maxsize=1_000)
def power(pairs: int, preference: float) -> float:
    """The part of tests, from 0 to 1, that find a true preference within so many pairs without ties.

    ``preference`` is the chance, from 0 to 1, that a pair is won. A test that looks after every closed pair is meant,
    and one that finds the wrong side does not count. It is exact.
    """
    return next(islice(_detected(preference), pairs, None))


@lru_cache(maxsize=100)
def pairs_needed(preference: float, chance: float) -> int:
    """The fewest pairs within which this part of tests, from 0 to 1, find a true preference over 50 %."""
    return next(pairs for pairs, detected in enumerate(_detected(preference)) if detected >= chance)


def _detected(preference: float) -> Iterator[float]:
    """The part of tests that have found the preference when so many pairs are closed: 0, 1, 2, ..."""
    alive, detected = {0: 1.0}, 0.0
    for closed in count(1):
        yield detected
        least = least_wins(closed)
        following: dict[int, float] = {}
        for won, chance in alive.items():
            following[won + 1] = following.get(won + 1, 0.0) + chance * preference
            following[won] = following.get(won, 0.0) + chance * (1 - preference)
        if least is not None:
            detected += sum(chance for won, chance in following.items() if won >= least)
            following = {won: chance for won, chance in following.items() if closed - least < won < least}
        alive = following


def _log_e(won: int, lost: int, preference: float) -> float:
    """The logarithm of ``Beta(won+1, lost+1)`` over the likelihood of the pairs if ``preference`` were true."""
    log_beta = math.lgamma(won + 1) + math.lgamma(lost + 1) - math.lgamma(won + lost + 2)
    return log_beta - won * math.log(preference) - lost * math.log1p(-preference)


def _exp(log: float) -> float:
    try:
        return math.exp(log)
    except OverflowError:
        return math.inf


def _bound(won: int, lost: int, *, low: bool) -> float:
    """An end of the interval: where the evidence against a preference falls below the threshold.

    It falls from either end towards ``won / (won + lost)``.
    """
    if (won if low else lost) == 0:
        return 0.0 if low else 1.0
    outside, inside = (0.0 if low else 1.0), won / (won + lost)
    for _ in range(50):  # halves: to less than 1e-15
        middle = (outside + inside) / 2
        if _log_e(won, lost, middle) >= math.log(THRESHOLD):
            outside = middle
        else:
            inside = middle
    return inside
