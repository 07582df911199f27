"""An experiment is closed with a winner, which becomes the default."""

from __future__ import annotations

import uuid

from lib.demo.model import DemoModel
from lib.domain.brief import Brief, GenerationOptions
from lib.experiments import design, judging, prompts
from lib.experiments.design import Design
from lib.store.batches import batches
from lib.store.experiments import definitions
from lib.store.experiments.definitions import Variant
from lib.studio import Studio
from tests.lib.ui.experiments.conftest import OpenPage
from tests.support import generating
from tests.support.batching import work_through
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


def test_a_variant_whose_model_fails_says_why_and_wins_nothing(
    open_experiments: OpenPage, studio: Studio, brief: Brief
) -> None:
    made = Design(
        name="모델",
        briefs=[brief],
        options=GenerationOptions("demo"),
        variants=[Variant(1, {}), Variant(2, {"temperature": 0.2}), Variant(3, {"model": "demo-refused"})],
    )
    experiment_id = design.start(studio, "acme", uuid.uuid4(), made, person="민지")
    with studio.database.tenant("acme") as db:
        [batch] = batches.of_experiment(db, "acme", experiment_id)
    work_through(studio, batch.batch_id)
    page = open_experiments(experiment=str(experiment_id))
    assert "시안 3번은 쓴 글이 없어서" in page.told("warning")
    assert "글 3개 가운데 2개를 썼고 1개는" in str(page.app.get("progress")[0].proto)
    assert "닫힌 쌍 0개 / 전체 1개" in page.told()
    assert f"experiment={experiment_id}%3A3" in str([link.proto for link in page.app.get("page_link")])


def test_what_the_experiment_took_is_made_into_pairs(
    open_experiments: OpenPage, studio: Studio, brief: Brief, demo: DemoModel
) -> None:
    experiment_id = experiment_of(studio, brief, briefs=0, share=100)
    generating.write(studio, brief)
    page = open_experiments(experiment=str(experiment_id))
    page.app.session_state["share"] = True
    page.run().press("write_counterparts")
    with studio.database.tenant("acme") as db:
        [batch] = batches.of_experiment(db, "acme", experiment_id)
        assert definitions.get(db, "acme", experiment_id).closed_at is None
    work_through(studio, batch.batch_id)
    assert len(demo.requests) == 2
    assert "닫힌 쌍 0개 / 전체 1개" in open_experiments(experiment=str(experiment_id)).told()
