"""What a variant costs is what the metrics page says, failures included; what is not known is not 0."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from lib.demo.model import DemoModel
from lib.domain.brief import Brief, ExperimentMark, GenerationOptions
from lib.domain.errors import StudioError
from lib.domain.feed_filter import FeedFilter
from lib.experiments import costs
from lib.feeds import workflow
from lib.metrics import service
from lib.store import attempt_listing, feed_listing, generations
from lib.store.experiments import definitions
from lib.studio import Studio
from tests.support import generating
from tests.support.experimenting import experiment_of


def listed(studio: Studio, experiment: str, tenant_id: str = "acme") -> tuple[int | None, int]:
    """How many captions and requests of an experiment, or of a variant, the history lists."""
    filters = FeedFilter(experiment=experiment)
    with studio.database.tenant(tenant_id) as db:
        return feed_listing.count(db, tenant_id, filters), attempt_listing.count(db, tenant_id, filters)


def test_each_variant_has_its_own_captions_and_failures(studio: Studio, demo: DemoModel, brief: Brief) -> None:
    generating.write(studio, brief)  # an ordinary caption is in no variant
    experiment_id = experiment_of(studio, brief, briefs=2)
    demo.behaviours.append("refused")
    options = GenerationOptions("demo", experiment=ExperimentMark(experiment_id, 2, "3"))
    with pytest.raises(StudioError):
        generating.write(studio, replace(brief, product_description="빵 3"), options)
    with studio.database.tenant("acme") as db:
        experiment = definitions.get(db, "acme", experiment_id)
        variants = definitions.variants_of(db, "acme", experiment_id)
        written = [each.instagram_feed_id for each in generations.recent(db, "acme", 10)]
    figures = costs.by_variant(studio, experiment, variants)
    assert {number: each.total.rows for number, each in figures.items()} == {1: 2, 2: 2}
    assert {number: each.requests.rows for number, each in figures.items()} == {1: 2, 2: 3}
    assert figures[2].failed == 1
    assert [listed(studio, f"{experiment_id}:{number}") for number in (1, 2, 3)] == [(2, 2), (2, 3), (0, 0)]
    assert listed(studio, str(experiment_id)) == (4, 5)
    assert listed(studio, str(experiment_id), "globex") == (0, 0)
    whole = service.figures(studio, "acme", costs.view(experiment))
    assert whole.total.rows == 4
    assert whole.requests.rows == 5
    assert whole.spent.usd == sum((each.spent.usd for each in figures.values()), Decimal(0))
    assert costs.cost_per_kept(figures[1]) is None  # nothing is approved yet
    workflow.move(studio, "acme", [feed_id for feed_id in written if feed_id], "approved")
    approved = costs.by_variant(studio, experiment, variants)
    assert [each.total.approved for each in approved.values()] == [2, 2]
    for each in approved.values():
        expected = each.spent.usd / 2 if each.spent.is_comparable and each.spent.priced else None
        assert costs.cost_per_kept(each) == expected
    assert service.figures(studio, "globex", costs.view(replace(experiment, tenant_id="globex"))).total.rows == 0
