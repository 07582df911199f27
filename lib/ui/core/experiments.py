"""The experiments of a team as other pages name them: by name and variant, instead of by id."""

from __future__ import annotations

from lib.domain.dimensions import DimensionValue
from lib.ui.core import cache, session
from lib.ui.core.words import say


def values(tenant_id: str) -> list[DimensionValue]:
    """The team's newest experiments, each followed by its variants, as figures are filtered by them."""
    return [
        DimensionValue.of(text)
        for experiment_id, _, variants in cache.experiments(tenant_id)
        for text in (experiment_id, *(f"{experiment_id}:{variant}" for variant in variants))
    ]


def label(value: DimensionValue) -> str:
    """The name of an experiment, with the variant if one is meant; the id where the session's team has no such one."""
    experiment_id, _, variant = value.text.partition(":")
    names = {each_id: name for each_id, name, _ in cache.experiments(session.tenant_id())}
    name = names.get(experiment_id, experiment_id)
    return f"{name} · {say('experiments.variant', variant=variant)}" if variant else name
