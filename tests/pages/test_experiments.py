"""The page of experiments belongs to the team in its address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib.domain.brief import Brief
from lib.studio import Studio
from tests.support.experimenting import experiment_of


def test_another_teams_experiment_is_not_shown(open_page: Callable[..., Any], studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=1)
    page = open_page("experiments.py", tenant_id="globex", experiment=str(experiment_id))
    assert "그런 실험이 없어요" in page.told("error")
    assert "말투" not in page.told()
