"""Experiments are the tenant's own, and their feeds say so."""

from __future__ import annotations

import uuid

import pytest

from lib.domain.brief import Brief
from lib.domain.errors import ExperimentNotFound
from lib.store.experiments import definitions, judging
from lib.store.experiments.definitions import Mark
from lib.studio import Studio
from tests.support.experimenting import experiment_of


def test_a_feed_says_which_variant_of_which_experiment_wrote_it(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=1)
    with studio.database.tenant("acme") as db:
        definitions.make_pairs(db, "acme", experiment_id)
        definitions.make_pairs(db, "acme", experiment_id)  # a pair is made once
        [pair_id] = judging.open_pairs(db, "acme", experiment_id, "하나")
        pair = judging.get(db, "acme", pair_id)
        feed_ids = [pair.first_feed_id, pair.second_feed_id, uuid.uuid4()]
        marks = definitions.marks_of(db, "acme", feed_ids)
    assert marks == {
        pair.first_feed_id: Mark(experiment_id, "말투", 1),
        pair.second_feed_id: Mark(experiment_id, "말투", 2),
    }


def test_an_experiment_of_another_team_does_not_exist(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=0, share=20)
    with studio.database.tenant("globex") as db:
        assert definitions.newest(db, "globex", 5) == []
        assert definitions.taking(db, "globex") is None
        with pytest.raises(ExperimentNotFound):
            definitions.get(db, "globex", experiment_id)
    with studio.database.tenant("acme") as db:
        taking = definitions.taking(db, "acme")
        assert taking is not None
        assert taking.experiment_id == experiment_id
        definitions.close(db, "acme", experiment_id, 1)
        assert definitions.taking(db, "acme") is None
