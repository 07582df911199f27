"""What is read of pairs and votes."""

from __future__ import annotations

from lib.domain.brief import Brief
from lib.store.experiments import definitions, judging
from lib.studio import Studio
from tests.support.experimenting import experiment_of


def test_results_count_each_two_variants_and_keep_open_pairs_apart(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=2, variants=3)
    with studio.database.tenant("acme") as db:
        definitions.make_pairs(db, "acme", experiment_id)
        assert judging.results(db, "acme", experiment_id) == {(1, 2): {None: 2}, (1, 3): {None: 2}, (2, 3): {None: 2}}
        pair_ids = judging.open_pairs(db, "acme", experiment_id, "하나")
        judging.close(db, "acme", pair_ids[0], "second")
        judging.close(db, "acme", pair_ids[0], "first")  # closed once
        assert judging.get(db, "acme", pair_ids[0]).result == "second"
        progress = judging.progress(db, "acme", experiment_id, "하나")
        assert (progress.judged, progress.left) == (0, 5)
    with studio.database.tenant("globex") as db:
        assert judging.results(db, "globex", experiment_id) == {}
