"""What an experiment took of other captions becomes pairs: the same briefs in its other variants."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from lib.domain import errors
from lib.domain.brief import Brief
from lib.experiments import counterparts, judging, standings
from lib.generation.submit import submit
from lib.store.batches import batches, rows
from lib.store.batches.rows import Failure
from lib.store.experiments import definitions
from lib.store.experiments import judging as store
from lib.store.experiments.definitions import Experiment, Variant
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support import generating
from tests.support.batching import work_through

CHANGES: tuple[dict[str, Any], ...] = ({"gpt_prompt": "질문으로"}, {"temperature": 0.2}, {"tone_style": "차분하게"})


@pytest.fixture
def experiment_id(studio: Studio, brief: Brief) -> uuid.UUID:
    """An experiment without briefs of its own that takes every caption: each variant changes something else."""
    new = Experiment(brief.tenant_id, uuid.uuid4(), "말투", 1, 100, None, "민지")
    with studio.database.tenant(brief.tenant_id) as db:
        definitions.add(db, new, [Variant(number, changes) for number, changes in enumerate(CHANGES, 1)])
    return new.experiment_id


def test_what_was_taken_is_written_in_the_other_variants_and_judged(
    studio: Studio, brief: Brief, experiment_id: uuid.UUID
) -> None:
    for number in range(6):
        generating.write(studio, replace(brief, product_description=f"빵 {number}"))
    assert standings.read(studio, "acme", experiment_id).duels == []  # a brief has one variant: nothing to compare
    lacking = counterparts.missing(studio, "acme", experiment_id)
    assert len(lacking) == 12
    for row in lacking:
        mark = row.options.experiment
        assert mark is not None
        expected = {  # what the caller had asked for with what the variant changes, and nothing of another variant
            1: ("질문으로", None, brief.tone_style),
            2: (brief.gpt_prompt, 0.2, brief.tone_style),
            3: (brief.gpt_prompt, None, "차분하게"),
        }
        assert (row.brief.gpt_prompt, row.options.temperature, row.brief.tone_style) == expected[mark.variant]
    batch_id = counterparts.write(studio, "acme", experiment_id)
    assert counterparts.missing(studio, "acme", experiment_id) == []  # they are being written
    with pytest.raises(errors.InvalidExperiment):
        counterparts.write(studio, "acme", experiment_id)
    work_through(studio, batch_id)
    state = standings.read(studio, "acme", experiment_id)
    assert [(duel.first, duel.second, duel.open) for duel in state.duels] == [(1, 2, 6), (1, 3, 6), (2, 3, 6)]
    assert counterparts.missing(studio, "acme", experiment_id) == []
    assert judging.next_pair(studio, "acme", experiment_id, "하나") is not None
    with pytest.raises(errors.ExperimentNotFound):
        counterparts.missing(studio, "globex", experiment_id)


def test_who_asked_for_a_caption_that_was_taken_is_not_counted_on_it(
    studio: Studio, brief: Brief, experiment_id: uuid.UUID
) -> None:
    request = generating.request(brief)
    assert replace(request, person="하나").fingerprint == request.fingerprint
    submit(studio, replace(request, person="하나")).wait()
    work_through(studio, counterparts.write(studio, "acme", experiment_id))
    counted = []
    while pair := judging.next_pair(studio, "acme", experiment_id, "하나"):
        counted.append(judging.vote(studio, "acme", pair.pair_id, "하나", "left"))
    assert sorted(counted) == [False, False, True]  # the pair of the two others holds no caption of theirs


def test_a_row_that_failed_is_offered_again_and_a_closed_experiment_offers_nothing(
    studio: Studio, brief: Brief, experiment_id: uuid.UUID, as_owner: RunSql
) -> None:
    generating.write(studio, brief)
    first = counterparts.write(studio, "acme", experiment_id)
    as_owner("UPDATE studio_batch_rows SET status = 'failed', error_code = 'refused'")
    as_owner("UPDATE studio_batches SET status = 'done', ended_at = now()")
    assert len(counterparts.missing(studio, "acme", experiment_id)) == 2
    second = counterparts.write(studio, "acme", experiment_id)
    assert second != first
    with studio.database.tenant("acme") as db:
        assert [each.batch_id for each in batches.of_experiment(db, "acme", experiment_id)] == [first, second]
        failures = rows.failures_by_variant(db, "acme", [first])
        assert list(failures.values()) == [[Failure("refused", 1, {}, varies=False)]] * 2
        assert store.results(db, "acme", experiment_id) == {}
        definitions.close(db, "acme", experiment_id, None)
    with pytest.raises(errors.ExperimentClosed):
        counterparts.write(studio, "acme", experiment_id)
