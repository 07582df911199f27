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


def test_briefs_of_a_file_stand_below_those_that_are_there(
    open_experiments: OpenPage, studio: Studio, brief: Brief
) -> None:
    generating.write(studio, brief)
    page = open_experiments(view="new").press("briefs_from_history")
    page.app.file_uploader[0].upload(
        "글감.csv", "상품명;가격;협찬\n식빵;6500;없음\n소금빵;3000;원고료\n".encode("cp949")
    )
    page.run()
    assert "쓰지 않은 열: 가격" in page.told("toast")
    page.fill(experiment_name="첫 줄", variant_1_gpt_prompt="질문으로").run().press("start_experiment")
    with studio.database.tenant("acme") as db:
        [experiment] = definitions.newest(db, "acme", 5)
        assert experiment.batch_id is not None
        written = rows.page(db, "acme", experiment.batch_id, limit=10)
    assert [row.brief["product_description"] for row in written[::2]] == [brief.product_description, "식빵", "소금빵"]
    assert [row.brief.get("sponsorship") for row in written[::2]] == [None, "none", "payment"]
    assert written[3].brief["gpt_prompt"], "the usual instruction stands in for a column that is missing"


def test_a_file_that_holds_no_briefs_says_so_and_changes_nothing(open_experiments: OpenPage) -> None:
    page = open_experiments(view="new")
    page.app.file_uploader[0].upload("가계부.csv", "날짜;금액\n11-29;3000\n".encode())
    page.run()
    assert "글감이 어느 열인지 알 수 없어요" in page.told("error")
