"""The last captions with a model are the team's own, newest first."""

from __future__ import annotations

from lib.generation.submit import GenerationRequest, submit
from lib.store.batches import recent_captions
from lib.studio import Studio
from tests.conftest import RunSql
from tests.support.batching import new_rows


def test_the_last_captions_with_a_model_are_the_teams_own(studio: Studio, as_owner: RunSql) -> None:
    for row in [*new_rows(2), *new_rows(1, "rival")]:
        submit(studio, GenerationRequest(brief=row.brief, options=row.options, source="page")).wait()
    as_owner('UPDATE instagram_feeds SET gpt_response_raw = \'{"service_tier": "flex"}\'')
    with studio.database.tenant("acme") as db:
        captions = recent_captions.with_model(db, "acme", "demo")
        assert recent_captions.with_model(db, "acme", "demo-slow") == []
    assert [caption.service_tier for caption in captions] == ["flex", "flex"]
    assert captions[0].created_at > captions[1].created_at
    assert all(caption.token_usage and caption.latency_ms is not None for caption in captions)
