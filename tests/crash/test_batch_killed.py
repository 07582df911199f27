"""A batch is written while its workers are killed and stopped and its database goes away: the quick form.

It is the batch of an experiment, which must have its pairs all the same. ``make kills`` runs a plain one with 500 rows,
a minute's stop, forty seconds of silence, and the app.
"""

from __future__ import annotations

import shutil

from tests.support.batch_kills import Plan, run
from tests.support.clusters import prepared, scratch_folder


def test_every_row_ends_none_is_asked_for_twice_and_books_and_pairs_agree() -> None:
    folder = scratch_folder()
    prepared(folder / "postgres")
    plan = Plan(60, variants=2, answers_after_s=0.1, at_once=4, kills=2, stopped_s=2, silent_s=2, with_app=False)
    outcome = run(plan, folder)
    assert outcome.wrong == []
    assert outcome.statuses.total() == 60
    assert outcome.statuses["written"] > 30
    shutil.rmtree(folder, ignore_errors=True)
