"""An experiment takes its share of other captions: a brief always gets one variant, and keys keep their meaning."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lib.domain import errors
from lib.domain.brief import Brief, GenerationOptions
from lib.generation import assignment
from lib.generation.request import GenerationRequest
from lib.store import generations
from lib.store.experiments import definitions
from lib.studio import Studio
from tests.support import generating
from tests.support.experimenting import experiment_of


def assigned(studio: Studio, request: GenerationRequest) -> GenerationRequest:
    with studio.database.tenant(request.brief.tenant_id) as db:
        return assignment.assigned(db, request)


def test_without_an_experiment_a_request_stays_as_it_is(studio: Studio, brief: Brief) -> None:
    request = generating.request(brief)
    assert assigned(studio, request) is request
    experiment_of(studio, brief, briefs=0)  # one that takes no share
    assert assigned(studio, request) is request


def test_a_brief_always_gets_the_same_variant_and_is_marked(studio: Studio, brief: Brief) -> None:
    experiment_id = experiment_of(studio, brief, briefs=0, share=100)
    request = assigned(studio, generating.request(brief))
    again = assigned(studio, generating.request(replace(brief, gpt_prompt="다른 지시")))
    assert request.options.experiment is not None
    assert again.options.experiment == replace(request.options.experiment, given={"gpt_prompt": "다른 지시"})
    assert request.options.experiment.given == {"gpt_prompt": brief.gpt_prompt}
    assert GenerationOptions.from_json(request.options.as_json()) == request.options
    assert request.options.experiment.id == experiment_id
    assert request.brief.gpt_prompt == again.brief.gpt_prompt == f"방법 {request.options.experiment.variant}"
    assert assigned(studio, generating.request(replace(brief, tenant_id="globex"))).options.experiment is None


def test_a_rewritten_caption_is_not_taken(studio: Studio, brief: Brief) -> None:
    feed = generating.write(studio, brief)
    experiment_of(studio, brief, briefs=0, share=100)
    request = generating.request(brief, parent=feed, change="shorter")
    assert assigned(studio, request) is request


def test_a_key_finds_its_caption_before_and_after_the_experiment(studio: Studio, brief: Brief) -> None:
    before = generating.write(studio, brief, idempotency_key="before")
    experiment_id = experiment_of(studio, brief, briefs=0, share=100)
    during = generating.write(studio, brief, idempotency_key="during")
    assert generating.write(studio, brief, idempotency_key="before") == before
    with pytest.raises(errors.KeyReused):
        generating.write(studio, replace(brief, product_description="다른 빵"), idempotency_key="during")
    with studio.database.tenant("acme") as db:
        marks = definitions.marks_of(db, "acme", [before.instagram_feed_id, during.instagram_feed_id])
        definitions.close(db, "acme", experiment_id, None)
        generation = generations.of_feed(db, "acme", during.instagram_feed_id)
    assert list(marks) == [during.instagram_feed_id]
    assert generation is not None
    assert generation.brief["gpt_prompt"].startswith("방법")
    assert generating.write(studio, brief, idempotency_key="during") == during
