"""The page shows what its address names, to the team that it belongs to."""

from __future__ import annotations

from tests.lib.ui.experiments.conftest import OpenPage


def test_an_empty_list_says_what_to_do_next(open_experiments: OpenPage) -> None:
    page = open_experiments()
    assert "아직 실험이 없어요" in page.told()
    page.press("new_experiment")
    assert page.has("start_experiment")
