"""An experiment is closed with a winner, which becomes the default."""

from __future__ import annotations

import uuid

from lib.domain.brief import Brief
from lib.experiments import judging, prompts
from lib.studio import Studio
from tests.lib.ui.experiments.conftest import OpenPage
from tests.support.experimenting import experiment_of


def judged(studio: Studio, experiment_id: uuid.UUID, side: judging.Side = "left") -> None:
    """Have one person judge every pair."""
    while pair := judging.next_pair(studio, "acme", experiment_id, "하나"):
        judging.vote(studio, "acme", pair.pair_id, "하나", side)


def test_the_winner_becomes_the_default_of_the_form_and_the_library_says_why(
    open_experiments: OpenPage, open_page: OpenPage, studio: Studio, brief: Brief
) -> None:
    experiment_id = experiment_of(studio, brief, briefs=2)
    judged(studio, experiment_id)
    page = open_experiments(experiment=str(experiment_id))
    assert "아직 몰라요" in page.told()
    assert "50%" in page.told()
    page.fill(experiment_winner=2).run().press("close_experiment")
    assert "시안 2번을 골라 끝냈어요" in page.told("success")
    assert prompts.default_text(studio, "acme") == "방법 2"
    library = open_experiments(view="prompts")
    assert "기본 지시가" in library.told()
    assert "시안 2 : 시안 1" in library.told()
    assert open_page(tenant_id="acme").field("gpt_prompt").value == "방법 2"
    assert open_page(tenant_id="globex").field("gpt_prompt").value != "방법 2"
