"""A new experiment: the same briefs in two to five variants, written by a batch; and how it is closed."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from lib.batches import control, creation
from lib.domain.batches.rows import NewRow
from lib.domain.brief import Brief, ExperimentMark, GenerationOptions, clean
from lib.domain.errors import ExperimentClosed, InvalidBrief, InvalidExperiment, Problem
from lib.domain.experiments import variants
from lib.experiments import standings
from lib.experiments.prompts import MAX_NAME
from lib.store.batches import batches
from lib.store.experiments import definitions, prompts
from lib.store.experiments.definitions import Experiment, Variant
from lib.studio import Studio

LEAST_VARIANTS, MOST_VARIANTS = 2, 5
VOTES_PER_PAIR = (1, 3, 5)
"""Odd, so that a majority is found unless somebody finds both alike."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Design:
    """What an experiment compares, checked once.

    Of briefs that every variant would write in the same words the first one stays: each pair is of a brief of its own.
    Raises ``InvalidExperiment`` with every problem at once; the fields of a variant are named ``variants.2.model``.
    """

    name: str
    briefs: Sequence[Brief]
    options: GenerationOptions
    variants: Sequence[Variant]
    votes_per_pair: int = 1
    share: int = 0
    """Percent of the team's other captions that the experiment takes while it is open."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", clean(self.name).replace("\n", " "))
        problems = []
        if not self.name:
            problems.append(Problem("experiment_name", "missing"))
        if len(self.name) > MAX_NAME:
            problems.append(Problem("experiment_name", "too_long", {"length": len(self.name), "most": MAX_NAME}))
        if not LEAST_VARIANTS <= len(self.variants) <= MOST_VARIANTS:
            problems.append(Problem("variants", "out_of_range", {"least": LEAST_VARIANTS, "most": MOST_VARIANTS}))
        if self.votes_per_pair not in VOTES_PER_PAIR:
            offered = ", ".join(map(str, VOTES_PER_PAIR))
            problems.append(Problem("votes_per_pair", "not_offered", {"offered": offered}))
        problems += _problems_of_share(self.share)
        if not self.briefs and not self.share:
            problems.append(Problem("briefs", "missing"))
        problems += self._problems_of_variants()
        if problems:
            raise InvalidExperiment(problems)
        different: dict[Any, Brief] = {}
        for brief in self.briefs:
            different.setdefault(
                tuple(variants.apply(each.changes, brief, self.options) for each in self.variants), brief
            )
        object.__setattr__(self, "briefs", list(different.values()))

    def rows(self, experiment_id: uuid.UUID) -> list[NewRow]:
        """The rows of its batch: each brief in each variant, so that pairs come early."""
        rows = []
        for number, brief in enumerate(self.briefs, 1):
            for variant in self.variants:
                changed, options = variants.apply(variant.changes, brief, self.options)
                mark = ExperimentMark(experiment_id, variant.variant, str(number))
                reference = f"{self.name} {number}-{variant.variant}"
                rows.append(NewRow(changed, dataclasses.replace(options, experiment=mark), reference=reference))
        return rows

    def _problems_of_variants(self) -> list[Problem]:
        problems = []
        sample = self.briefs[0] if self.briefs else Brief("-", "", "-", "-", "", "-")
        seen: dict[tuple[Brief, GenerationOptions], int] = {}
        for variant in self.variants:
            try:
                made = variants.apply(variant.changes, sample, self.options)
            except InvalidBrief as error:
                problems += [
                    dataclasses.replace(problem, field=f"variants.{variant.variant}.{problem.field}")
                    for problem in error.problems
                ]
                continue
            if made in seen:
                problems.append(Problem(f"variants.{variant.variant}", "same_as_another", {"other": seen[made]}))
            seen.setdefault(made, variant.variant)
        return problems


def start(
    studio: Studio,
    tenant_id: str,
    experiment_id: uuid.UUID,
    design: Design,
    *,
    person: str | None,
    limit_usd: Decimal | None = None,
    estimated_usd: Decimal | None = None,
) -> uuid.UUID:
    """Store the experiment and the batch that writes its captions; returns its id.

    Repeating it with the same id stores nothing twice. Raises what :func:`lib.batches.creation.create` raises, with
    nothing stored.
    """
    batch_id = None
    if design.briefs:
        batch_id = creation.create(
            studio,
            tenant_id,
            design.rows(experiment_id),
            source="experiment",
            name=design.name,
            limit_usd=limit_usd,
            estimated_usd=estimated_usd,
            idempotency_key=f"experiment:{experiment_id}",
        )
    new = Experiment(tenant_id, experiment_id, design.name, design.votes_per_pair, design.share, batch_id, person)
    with studio.database.tenant(tenant_id) as db:
        definitions.add(db, new, design.variants)
    return experiment_id


def set_share(studio: Studio, tenant_id: str, experiment_id: uuid.UUID, share: int) -> None:
    """Let an open experiment take so many percent of the team's other captions.

    Raises ``ExperimentNotFound``, ``ExperimentClosed`` and ``InvalidExperiment``.
    """
    if problems := _problems_of_share(share):
        raise InvalidExperiment(problems)
    with studio.database.tenant(tenant_id) as db:
        _open(definitions.get(db, tenant_id, experiment_id, lock=True))
        definitions.set_share(db, tenant_id, experiment_id, share)


def close(
    studio: Studio,
    tenant_id: str,
    experiment_id: uuid.UUID,
    *,
    winner: int | None,
    make_default: bool = False,
    person: str | None,
) -> None:
    """Close the experiment, with the winner that somebody chose (None: none), and perhaps make it the default.

    What its batches have not sent is not sent any more.

    The winner's instruction becomes the team's default: the version of the library that it is, or a new prompt under
    the experiment's name. The record keeps the verdict of that moment. A winner that changes no instruction leaves the
    default as it is. Raises ``ExperimentNotFound``, ``ExperimentClosed``, and ``InvalidExperiment`` for a winner that
    is none of its variants.
    """
    state = standings.read(studio, tenant_id, experiment_id)
    chosen = next((variant for variant in state.variants if variant.variant == winner), None)
    if winner is not None and chosen is None:
        raise InvalidExperiment([Problem("winner", "out_of_range", {"least": 1, "most": len(state.variants)})])
    with studio.database.tenant(tenant_id) as db:
        _open(definitions.get(db, tenant_id, experiment_id, lock=True))
        definitions.close(db, tenant_id, experiment_id, winner)
        for batch in batches.of_experiment(db, tenant_id, experiment_id):
            control.cancel_open(db, batch)
        if chosen is None or not make_default or "gpt_prompt" not in chosen.changes:
            return
        prompts.lock(db, tenant_id)
        prompt_id, version = chosen.prompt_id, chosen.prompt_version
        if prompt_id is None or version is None:
            added = prompts.add(
                db, tenant_id, uuid.uuid4(), state.experiment.name, chosen.changes["gpt_prompt"], person
            )
            prompt_id, version = added.prompt_id, added.version
        prompts.set_default(
            db,
            tenant_id,
            prompt_id,
            version,
            person=person,
            experiment_id=experiment_id,
            evidence=_evidence(state, chosen.variant),
        )


def _problems_of_share(share: int) -> list[Problem]:
    return [] if 0 <= share <= 100 else [Problem("share", "out_of_range", {"least": 0, "most": 100})]


def _evidence(state: standings.Standings, winner: int) -> Mapping[str, Any]:
    """The verdict on the winner against each other variant, as it was when it was chosen."""
    duels = [duel for duel in state.duels if winner in (duel.first, duel.second)]
    return {
        "winner": winner,
        "proven": state.winner == winner,
        "against": [
            {
                "variant": duel.second if duel.first == winner else duel.first,
                "won": duel.of(winner).won,
                "lost": duel.of(winner).lost,
                "tied": duel.tied,
                "e": min(duel.of(winner).e, 1e300),  # JSON knows no infinity
            }
            for duel in duels
        ],
    }


def _open(experiment: Experiment) -> Experiment:
    if experiment.closed_at:
        raise ExperimentClosed(experiment_id=experiment.experiment_id)
    return experiment
