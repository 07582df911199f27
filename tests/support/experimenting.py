"""Experiments for tests: variants over so many briefs, written by the demo model."""

from __future__ import annotations

import uuid
from dataclasses import replace

from lib.domain.brief import Brief, ExperimentMark, GenerationOptions
from lib.store.experiments import definitions
from lib.store.experiments.definitions import Experiment, Variant
from lib.studio import Studio
from tests.support import generating

STARTED_BY = "민지"


def experiment_of(
    studio: Studio, brief: Brief, *, briefs: int = 3, variants: int = 2, votes: int = 1, share: int = 0
) -> uuid.UUID:
    """The id of a new experiment of the brief's tenant, started by :data:`STARTED_BY`, with its captions written."""
    experiment = Experiment(brief.tenant_id, uuid.uuid4(), "말투", votes, share, None, STARTED_BY)
    ways = [Variant(number, {"gpt_prompt": f"방법 {number}"}) for number in range(1, variants + 1)]
    with studio.database.tenant(brief.tenant_id) as db:
        definitions.add(db, experiment, ways)
    for number in range(1, briefs + 1):
        for variant in range(1, variants + 1):
            options = GenerationOptions(
                "demo", experiment=ExperimentMark(experiment.experiment_id, variant, str(number))
            )
            generating.write(studio, replace(brief, product_description=f"빵 {number}"), options)
    return experiment.experiment_id
