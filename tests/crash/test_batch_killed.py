"""A batch is written while its workers are killed and stopped and its database goes away: the quick form.

``make kills`` runs it with 500 rows, a minute's stop, forty seconds of silence, and the app.
"""

from __future__ import annotations

import shutil

from tests.support.batch_kills import Plan, run
from tests.support.clusters import prepared, scratch_folder


def test_every_row_ends_none_is_asked_for_twice_and_the_books_agree() -> None:
    folder = scratch_folder()
    prepared(folder / "postgres")
    plan = Plan(60, answers_after_s=0.1, kills=2, stopped_s=2, silent_s=2, with_app=False)
    outcome = run(plan, folder)
    assert outcome.wrong == []
    assert outcome.statuses.total() == 60
    assert outcome.statuses["written"] > 30
    shutil.rmtree(folder, ignore_errors=True)
