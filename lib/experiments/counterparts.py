"""Captions that an experiment took of others become pairs: their briefs are written in its other variants, too."""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal

from lib.batches import creation
from lib.domain.batches.rows import NewRow
from lib.domain.brief import Brief, ExperimentMark, GenerationOptions
from lib.domain.errors import ExperimentClosed, InvalidExperiment, Problem
from lib.domain.experiments import variants
from lib.store.batches import batches
from lib.store.experiments import definitions
from lib.studio import Studio

MOST_BRIEFS = 200
"""Briefs that are completed at once, the oldest first."""


def missing(studio: Studio, tenant_id: str, experiment_id: uuid.UUID) -> list[NewRow]:
    """The rows that would write what the oldest of these briefs lack; none while the experiment is being written.

    Raises ``ExperimentNotFound``.
    """
    with studio.database.tenant(tenant_id) as db:
        experiment = definitions.get(db, tenant_id, experiment_id)
        offered = definitions.variants_of(db, tenant_id, experiment_id)
        if not all(batch.is_ended for batch in batches.of_experiment(db, tenant_id, experiment_id)):
            return []
        lacking = definitions.lacking(db, tenant_id, experiment_id, len(offered), MOST_BRIEFS)
    rows = []
    for written, recorded_brief, recorded_options in lacking:
        taken = GenerationOptions.from_json(recorded_options)
        mark = taken.experiment
        if mark is None or mark.given is None:
            continue
        brief, options = variants.apply(
            mark.given,
            Brief(tenant_id, **recorded_brief),
            replace(taken, job_id=None, overlay_id=None, experiment=None),  # the job has its caption
        )
        for variant in offered:
            if variant.variant not in written:
                changed, chosen = variants.apply(variant.changes, brief, options)
                own = ExperimentMark(experiment_id, variant.variant, mark.brief)
                reference = f"{experiment.name} {variant.variant}"
                rows.append(NewRow(changed, replace(chosen, experiment=own), reference=reference))
    return rows


def write(
    studio: Studio, tenant_id: str, experiment_id: uuid.UUID, *, estimated_usd: Decimal | None = None
) -> uuid.UUID:
    """Have :func:`missing` written by a batch; returns its id, also when two people press at once.

    Raises ``ExperimentNotFound``, ``ExperimentClosed``, ``InvalidExperiment`` where nothing is missing, and what
    :func:`lib.batches.creation.create` raises.
    """
    with studio.database.tenant(tenant_id) as db:
        experiment = definitions.get(db, tenant_id, experiment_id)
        earlier = len(batches.of_experiment(db, tenant_id, experiment_id))
    if experiment.closed_at:
        raise ExperimentClosed(experiment_id=experiment_id)
    rows = missing(studio, tenant_id, experiment_id)
    if not rows:
        raise InvalidExperiment([Problem("briefs", "missing")])
    return creation.create(
        studio,
        tenant_id,
        rows,
        source="experiment",
        name=experiment.name,
        estimated_usd=estimated_usd,
        idempotency_key=f"experiment:{experiment_id}:{earlier}",
    )
