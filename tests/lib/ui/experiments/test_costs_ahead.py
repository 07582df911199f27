"""What captions will cost is said before they are written."""

from __future__ import annotations

from lib.domain.brief import Brief
from lib.studio import Studio
from tests.lib.ui.experiments.conftest import OpenPage
from tests.support import generating


def test_the_estimate_is_said_with_its_time(open_experiments: OpenPage, studio: Studio, brief: Brief) -> None:
    generating.write(studio, brief)
    page = open_experiments(view="new").press("briefs_from_history")
    page.fill(experiment_name="첫 줄", variant_1_gpt_prompt="질문으로").run()
    assert "예상 비용 $0" in page.told().replace("\\", "")
    assert "예상 시간" in page.told()
