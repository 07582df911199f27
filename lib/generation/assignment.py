"""A running experiment takes its share of the team's other captions: each brief always gets the same variant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lib.domain.brief import ExperimentMark
from lib.domain.experiments import variants
from lib.generation.request import GenerationRequest
from lib.store.experiments import definitions


def assigned(db: Any, request: GenerationRequest) -> GenerationRequest:
    """The request as the variant has it that takes it, marked as the experiment's; or the request as it is.

    A caption that is rewritten from another one stays as it is asked for. ``db`` is a transaction of the request's
    tenant.
    """
    if request.parent or request.options.experiment:
        return request
    tenant_id = request.brief.tenant_id
    experiment = definitions.taking(db, tenant_id)
    if experiment is None:
        return request
    key = variants.brief_key(request.brief)
    if not variants.is_taken(experiment.experiment_id, key, experiment.share):
        return request
    offered = definitions.variants_of(db, tenant_id, experiment.experiment_id)
    number = variants.variant_of(experiment.experiment_id, key, len(offered))
    changes = offered[number - 1].changes
    brief, options = variants.apply(changes, request.brief, request.options)
    given = variants.given(changes, request.brief, request.options)
    mark = ExperimentMark(experiment.experiment_id, number, key, given, request.person)
    return replace(
        request, brief=brief, options=replace(options, experiment=mark), given_fingerprint=request.fingerprint
    )
