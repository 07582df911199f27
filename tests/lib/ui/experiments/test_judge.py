"""Judging is blind, by name, and can be taken back."""

from __future__ import annotations

from lib.domain.brief import Brief
from lib.experiments import judging, standings
from lib.studio import Studio
from tests.lib.ui.experiments.conftest import OpenPage
from tests.support.experimenting import experiment_of


def test_a_voter_needs_a_name_and_sees_nothing_of_the_variants(
    open_experiments: OpenPage, studio: Studio, brief: Brief
) -> None:
    experiment_id = experiment_of(studio, brief, briefs=2)
    page = open_experiments(view="judge", experiment=str(experiment_id))
    assert "내 이름" in page.told("info")
    page.fill(person="하나").run()
    assert "방법" not in page.told()
    assert "시안" not in page.told()
    page.press("vote_left").press("vote_tie")
    assert "모두 골랐어요" in page.told()
    state = standings.read(studio, "acme", experiment_id)
    assert (state.closed, state.open, state.duels[0].tied) == (2, 0, 1)


def test_a_choice_can_be_taken_back(open_experiments: OpenPage, studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=1, votes=3)
    page = open_experiments(view="judge", experiment=str(experiment_id)).fill(person="하나").run()
    page.press("vote_right")
    assert judging.progress(studio, "acme", experiment_id, "하나").judged == 1
    page.press("take_back")
    assert judging.progress(studio, "acme", experiment_id, "하나").judged == 0
    assert page.has("vote_right")
