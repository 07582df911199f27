"""A key in use keeps its meaning: from release to release, and when the server's defaults change."""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from lib.domain.brief import Brief, GenerationOptions
from lib.domain.errors import KeyReused
from lib.generation import submit
from lib.generation.request import GenerationRequest
from lib.store.generations import Generation
from lib.studio import Studio
from tests.support.generating import request, write

BRIEF = Brief(
    "acme",
    "Slow mornings, warm bread.",
    "따뜻하고 친근하게",
    "저온에서 하루 숙성한 통밀 식빵",
    "연남동 골목의 작은 빵집 '온기'",
    "짧은 문장으로 줄을 나눠 써 주세요.",
)
GIVEN = GenerationOptions("gpt-6-luna", "en", 0.5, 2_000)
FIRST_RELEASE = {
    GenerationOptions("demo"): "41f4fda0c011c1604222b7cd1b745b14eb35fdecd06b934eaec9a51cf41110ea",
    GIVEN: "cea442d0a5184482ccfb75acfa6bc3934ced08455b941ba2ebb0a2a753aeac9f",
}
"""What the first releases stored for these requests."""
THIS_RELEASE = {
    GenerationOptions("demo"): "76f70a52b1b1130ab4166d854e46a88165ed22e7b64a15d598aab3309ebab915",
    GIVEN: "2ed69c6b664ae004a3e23e4d703511235b9f9c029c0562445a280d65ea1d475b",
}
"""What this release stores for them."""


@dataclass(frozen=True)
class NextOptions(GenerationOptions):
    """The options of a later release, which knows one more."""

    reasoning: str | None = None


def earlier(options: GenerationOptions, fingerprint: str) -> Generation:
    return dataclasses.replace(submit._generation(request(BRIEF, options)), fingerprint=fingerprint)


def of_next_release(options: GenerationOptions, **more: Any) -> GenerationRequest:
    return request(BRIEF, NextOptions(**dataclasses.asdict(options), **more))


@pytest.mark.parametrize("options", FIRST_RELEASE)
def test_a_key_of_the_first_release_is_known_again(options: GenerationOptions) -> None:
    stored = earlier(options, FIRST_RELEASE[options])
    assert request(BRIEF, options).is_same_as(stored)
    assert of_next_release(options).is_same_as(stored)
    assert not of_next_release(options, reasoning="high").is_same_as(stored)
    assert not request(BRIEF, dataclasses.replace(options, language="ko", max_tokens=99)).is_same_as(stored)
    assert not request(BRIEF, options, variant=2).is_same_as(stored)
    assert not request(dataclasses.replace(BRIEF, tone_style="calm"), options).is_same_as(stored)


@pytest.mark.parametrize("options", THIS_RELEASE)
def test_a_key_of_this_release_is_known_again_by_a_release_with_more_options(options: GenerationOptions) -> None:
    stored = earlier(options, THIS_RELEASE[options])
    assert request(BRIEF, options).fingerprint == stored.fingerprint
    assert of_next_release(options).is_same_as(stored)
    assert not of_next_release(options, reasoning="high").is_same_as(stored)


@pytest.mark.parametrize("releases", [FIRST_RELEASE, None], ids=["first release", "this release"])
def test_another_default_model_is_the_same_request_only_for_who_named_none(
    releases: dict[GenerationOptions, str] | None,
) -> None:
    unnamed = request(BRIEF, GenerationOptions("demo"), model_is_default=True)
    stored = earlier(unnamed.options, releases[unnamed.options] if releases else unnamed.fingerprint)
    assert request(BRIEF, GenerationOptions("demo-slow"), model_is_default=True).is_same_as(stored)
    assert not request(BRIEF, GenerationOptions("demo-slow")).is_same_as(stored)


@pytest.mark.parametrize(
    "more",
    [
        {"variant": 2},
        {"parent": "feed", "change": "shorter"},
        {"parent": "feed"},
    ],
    ids=str,
)
def test_what_a_caption_is_derived_from_belongs_to_the_request(studio: Studio, more: dict[str, Any]) -> None:
    feed = write(studio, BRIEF)
    if "parent" in more:
        more = more | {"parent": feed}
    assert request(BRIEF, **more).fingerprint != request(BRIEF).fingerprint
    other = dataclasses.replace(feed, instagram_feed_id=uuid.uuid4())
    if "parent" in more:
        assert request(BRIEF, **more | {"parent": other}).fingerprint != request(BRIEF, **more).fingerprint


def test_options_recorded_by_a_newer_release_are_read_without_what_only_it_knows() -> None:
    recorded = NextOptions("demo", job_id=uuid.UUID(int=1), reasoning="high").as_json()
    assert GenerationOptions.from_json(recorded) == GenerationOptions("demo", job_id=uuid.UUID(int=1))
    assert NextOptions.from_json(GIVEN.as_json()) == NextOptions(**dataclasses.asdict(GIVEN))


def test_a_key_whose_generation_an_earlier_release_recorded_brings_its_feed(studio: Studio, as_owner: Any) -> None:
    feed = write(studio, BRIEF, idempotency_key="k")
    as_owner("UPDATE studio_generations SET fingerprint = %s", FIRST_RELEASE[GenerationOptions("demo")])
    assert write(studio, BRIEF, idempotency_key="k") == feed
    with pytest.raises(KeyReused):
        write(studio, BRIEF, GenerationOptions("demo", "en"), idempotency_key="k")
