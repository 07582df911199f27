"""What the pairs of an experiment say, in sentences that a team can repeat."""

from __future__ import annotations

import math

from lib.domain.experiments.evidence import least_wins
from lib.experiments.standings import Duel, Standings
from lib.ui.core import numbers
from lib.ui.core.words import say


def progress(state: Standings) -> str:
    """How many pairs are closed, of all."""
    return say("experiments.pairs", closed=state.closed, pairs=state.closed + state.open)


def headline(state: Standings) -> str:
    """The verdict on the experiment as a whole, in one sentence."""
    if not state.duels:
        return say("experiments.no_pairs_of_share" if state.experiment.batch_id is None else "experiments.no_pairs")
    if len(state.variants) == 2:
        return of_duel(state.duels[0])
    if winner := state.winner:
        return say("experiments.winner", variant=winner)
    if leader := state.leader:
        return say("experiments.leads_unproven", variant=leader)
    return say("experiments.unknown_short")


def evidence(e: float) -> str:
    """``E`` as a reader sees it, with one decimal where it is near the limits of the rule."""
    if math.isinf(e):
        return "∞"
    return numbers.amount(round(e)) if e >= 100 else f"{e:.1f}"


def of_duel(duel: Duel) -> str:
    """The verdict on two variants, in one sentence."""
    verdict = duel.verdict
    ahead, behind = (duel.first, duel.second) if verdict.won >= verdict.lost else (duel.second, duel.first)
    if verdict.known:
        return say("experiments.difference", ahead=ahead, behind=behind)
    if verdict.standing == "leaning":
        return say("experiments.leaning", ahead=ahead, behind=behind)
    pairs = verdict.won + verdict.lost
    least = least_wins(pairs)
    if least is None:
        return say("experiments.unknown_early", pairs=pairs)
    return say("experiments.unknown", pairs=pairs, least=least, share=f"{least / pairs:.0%}")
