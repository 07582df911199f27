"""Experiments have names on other pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib.domain.brief import Brief
from lib.studio import Studio
from tests.support.experimenting import experiment_of


def test_the_metrics_page_is_filtered_by_experiment_and_variant(
    open_page: Callable[..., Any], studio: Studio, brief: Brief
) -> None:
    experiment_id = experiment_of(studio, brief, briefs=1)
    page = open_page("metrics.py", tenant_id="acme", lang="KO", experiment=f"={experiment_id}:2")
    assert "실험: 말투 · 시안 2" in page.field("drop_experiment").label.replace("\\", "")
    assert not page.app.exception
