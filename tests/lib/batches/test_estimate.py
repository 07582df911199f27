"""What a batch will take is told with its basis, and what is not known stays unknown."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from lib.batches import estimate as estimates
from lib.batches.estimate import Estimate
from lib.domain import pricing
from lib.generation.submit import GenerationRequest, submit
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import new_rows

USAGE = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}


def of(studio: Studio, model: str, count: int = 100, variants: int = 1) -> Estimate:
    return estimates.estimate(studio, "acme", new_rows(count, model=model, variants=variants))


def write(studio: Studio, as_owner: RunSql, model: str, count: int, tenant: str = "acme") -> None:
    """Captions of the demo model that look as if this model had written each in 2 s."""
    for row in new_rows(count, tenant):
        submit(studio, GenerationRequest(brief=row.brief, options=row.options, source="page")).wait()
    as_owner("UPDATE studio_generations SET options = options || jsonb_build_object('model', %s::text)", model)
    as_owner(
        "UPDATE instagram_feeds SET gpt_model_name = %s, latency_ms = 2000, token_usage = "
        """'{"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}'""",
        model,
    )


def test_the_teams_own_last_captions_are_the_basis(studio: Studio, as_owner: RunSql) -> None:
    write(studio, as_owner, "gpt-5-mini", 3)
    estimate = of(studio, "gpt-5-mini", variants=2)
    one = pricing.cost_usd("gpt-5-mini", USAGE, dt.datetime.now(dt.UTC))
    assert one
    [model] = estimate.models
    assert (model.basis, model.seen, model.captions) == ("own_captions", 3, 200)
    assert estimate.cost_usd == one * 200
    assert estimate.seconds == 200 * 2 / studio.settings.requests_at_once
    assert not estimate.is_of_prompts_alone


def test_the_captions_of_another_team_or_model_are_none(studio: Studio, as_owner: RunSql) -> None:
    write(studio, as_owner, "gpt-5-mini", 3, tenant="rival")
    [model] = of(studio, "gpt-5-mini").models
    assert (model.basis, model.seconds_each) == ("prompt_tokens", None)


def test_without_captions_the_price_and_the_prompts_tokens_are_the_basis(studio: Studio) -> None:
    estimate = of(studio, "gpt-5-mini")
    assert estimate.is_of_prompts_alone
    assert estimate.seconds is None
    assert estimate.cost_usd
    assert estimate.most_usd
    assert 0 < estimate.cost_usd < estimate.most_usd


def test_a_price_that_is_not_known_makes_the_whole_unknown(studio: Studio) -> None:
    rows = [*new_rows(2, model="gpt-5-mini"), *new_rows(1, model="my-own-model")]
    estimate = estimates.estimate(studio, "acme", rows)
    assert [model.basis for model in estimate.models] == ["prompt_tokens", "unknown"]
    assert (estimate.cost_usd, estimate.most_usd, estimate.seconds, estimate.captions) == (None, None, None, 3)


def test_the_demo_model_is_free(studio: Studio) -> None:
    [model] = of(studio, "demo").models
    assert (model.basis, model.cost_usd, model.most_usd) == ("demo", Decimal(0), Decimal(0))
