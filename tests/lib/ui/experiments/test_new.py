"""A form becomes an experiment; what is wrong with it costs nothing and loses nothing."""

from __future__ import annotations

import pytest

from lib.domain.brief import Brief
from lib.store.batches import rows
from lib.store.experiments import definitions
from lib.studio import Studio
from tests.lib.ui.experiments.conftest import OpenPage
from tests.support import generating


@pytest.mark.parametrize("language", ["KO", "EN"])
def test_a_form_becomes_an_experiment_that_a_batch_writes(
    open_experiments: OpenPage, studio: Studio, brief: Brief, language: str
) -> None:
    generating.write(studio, brief)
    page = open_experiments(view="new", lang=language)
    page.press("briefs_from_history")
    page.fill(experiment_name="첫 줄", variant_1_gpt_prompt="질문으로 시작해 주세요.").run()
    page.press("start_experiment")
    with studio.database.tenant("acme") as db:
        [experiment] = definitions.newest(db, "acme", 5)
        assert experiment.batch_id is not None
        written = rows.page(db, "acme", experiment.batch_id, limit=10)
    assert [row.brief["gpt_prompt"] for row in written] == ["질문으로 시작해 주세요.", brief.gpt_prompt]
    assert ("0개를 썼고" if language == "KO" else "0 of 2 captions") in str(page.app.get("progress")[0].proto)


def test_what_is_wrong_is_said_and_what_was_typed_stays(open_experiments: OpenPage, studio: Studio) -> None:
    page = open_experiments(view="new")
    page.fill(variant_1_gpt_prompt="질문으로", variant_2_gpt_prompt="질문으로").run()
    page.press("start_experiment")
    assert "비어 있어요" in page.told()
    assert "1번 시안과 똑같아요" in page.told()
    assert page.field("variant_1_gpt_prompt").value == "질문으로"
    with studio.database.tenant("acme") as db:
        assert definitions.newest(db, "acme", 5) == []
