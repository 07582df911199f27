"""What an experiment may compare, the batch that writes it, and what closing it leaves behind."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from lib.domain import errors
from lib.domain.brief import Brief, GenerationOptions
from lib.experiments import design, judging, prompts, standings
from lib.experiments.design import Design
from lib.store.batches import batches, rows
from lib.store.experiments import definitions
from lib.store.experiments import prompts as prompt_store
from lib.store.experiments.definitions import Variant
from lib.studio import Studio
from tests.support.experimenting import experiment_of

WAYS = (Variant(1, {"gpt_prompt": "질문으로 시작해 주세요."}), Variant(2, {"temperature": 0.2}))


def designed(brief: Brief, **more: Any) -> Design:
    values: dict[str, Any] = {
        "name": "첫 줄",
        "briefs": [brief, replace(brief, product_description="소금빵")],
        "options": GenerationOptions("demo"),
        "variants": WAYS,
    }
    return Design(**values | more)


def test_each_brief_is_written_in_each_variant_and_marked(studio: Studio, brief: Brief) -> None:
    experiment_id = design.start(studio, "acme", uuid.uuid4(), designed(brief), person="민지")
    with studio.database.tenant("acme") as db:
        experiment = definitions.get(db, "acme", experiment_id)
        assert experiment.batch_id is not None
        written = rows.page(db, "acme", experiment.batch_id, limit=20)
    marks = [(row.options["experiment"]["brief"], row.options["experiment"]["variant"]) for row in written]
    assert marks == [("1", 1), ("1", 2), ("2", 1), ("2", 2)]
    assert {row.options["experiment"]["id"] for row in written} == {str(experiment_id)}
    assert written[0].brief["gpt_prompt"] == "질문으로 시작해 주세요."
    assert [row.options["temperature"] for row in written] == [None, 0.2, None, 0.2]


def test_a_brief_that_is_the_same_in_every_variant_counts_once(brief: Brief) -> None:
    second = replace(brief, product_description="소금빵")
    other = replace(brief, gpt_prompt="다른 지시")  # another brief only where some variant leaves the instruction
    assert designed(brief, briefs=[brief, second, brief, other]).briefs == [brief, second, other]
    both = (Variant(1, {"gpt_prompt": "질문으로"}), Variant(2, {"gpt_prompt": "느낌표로"}))
    assert designed(brief, briefs=[brief, second, brief, other], variants=both).briefs == [brief, second]


def test_starting_twice_starts_once(studio: Studio, brief: Brief) -> None:
    experiment_id = uuid.uuid4()
    for _ in range(2):
        design.start(studio, "acme", experiment_id, designed(brief), person="민지")
    with studio.database.tenant("acme") as db:
        assert [each.experiment_id for each in definitions.newest(db, "acme", 5)] == [experiment_id]
        assert len(definitions.variants_of(db, "acme", experiment_id)) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "experiment_name"),
        ({"name": "가" * 81}, "experiment_name"),
        ({"variants": WAYS[:1]}, "variants"),
        ({"variants": [Variant(number, {"temperature": number / 10}) for number in range(1, 7)]}, "variants"),
        ({"variants": [WAYS[0], Variant(2, WAYS[0].changes)]}, "variants.2"),
        ({"variants": [WAYS[0], Variant(2, {"temperature": 9})]}, "variants.2.temperature"),
        ({"variants": [WAYS[0], Variant(2, {"gpt_prompt": ""})]}, "variants.2.gpt_prompt"),
        ({"votes_per_pair": 2}, "votes_per_pair"),
        ({"share": 101}, "share"),
        ({"briefs": []}, "briefs"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_it_costs_money(
    brief: Brief, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(errors.InvalidExperiment) as refused:
        designed(brief, **changes)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_the_winner_becomes_the_default_with_its_evidence(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=2)
    while pair := judging.next_pair(studio, "acme", experiment_id, "하나"):
        judging.vote(studio, "acme", pair.pair_id, "하나", "right")
    duel = standings.read(studio, "acme", experiment_id).duels[0]
    design.close(studio, "acme", experiment_id, winner=2, make_default=True, person="민지")
    assert prompts.default_text(studio, "acme") == "방법 2"
    assert prompts.default_text(studio, "globex") is None
    with studio.database.tenant("acme") as db:
        [decision] = prompt_store.defaults(db, "acme")
        assert definitions.get(db, "acme", experiment_id).winner == 2
    assert (decision.experiment_id, decision.person) == (experiment_id, "민지")
    assert decision.evidence is not None
    assert decision.evidence["against"][0] | {"e": 0} == {
        "variant": 1,
        "won": duel.verdict.lost,
        "lost": duel.verdict.won,
        "tied": 0,
        "e": 0,
    }
    with pytest.raises(errors.ExperimentClosed):
        design.close(studio, "acme", experiment_id, winner=1, person="민지")


def test_closing_early_sends_nothing_more(studio: Studio, brief: Brief) -> None:
    experiment_id = design.start(studio, "acme", uuid.uuid4(), designed(brief), person="민지")
    design.close(studio, "acme", experiment_id, winner=None, person="민지")
    with studio.database.tenant("acme") as db:
        [batch] = batches.of_experiment(db, "acme", experiment_id)
        assert batch.status == "cancelled"
        assert {row.status for row in rows.page(db, "acme", batch.batch_id, limit=20)} == {"cancelled"}


def test_a_winner_that_the_experiment_does_not_have_is_refused(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=1)
    with pytest.raises(errors.InvalidExperiment):
        design.close(studio, "acme", experiment_id, winner=7, person=None)
    with pytest.raises(errors.ExperimentNotFound):
        design.close(studio, "globex", experiment_id, winner=None, person=None)
