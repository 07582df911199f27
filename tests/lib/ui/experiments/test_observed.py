"""The page shows counts beside the votes and draws no verdict from them."""

from __future__ import annotations

from lib.domain.brief import Brief
from lib.experiments import observations
from lib.store.experiments.feed_results import FeedResult
from lib.studio import Studio
from tests.lib.ui.experiments.conftest import OpenPage
from tests.support.experimenting import experiment_of


def test_counts_are_shown_and_unknown_ones_are_said_to_be_unknown(
    open_experiments: OpenPage, studio: Studio, brief: Brief
) -> None:
    experiment_id = experiment_of(studio, brief, briefs=1)
    [(caption, _), *_] = observations.captions(studio, "acme", experiment_id)
    observations.record(studio, "acme", [FeedResult(caption.feed_id, likes=12)], person=None)
    page = open_experiments(experiment=str(experiment_id))
    page.app.session_state["observed"] = True
    page.run()
    shown = str([table.value.to_dict() for table in page.app.table])
    assert "평균 12 (글 1개)" in shown
    assert "알 수 없음" in shown or "모름" in shown
    assert "가리지 않아요" in page.told()
