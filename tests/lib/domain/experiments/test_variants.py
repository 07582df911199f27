"""Which briefs an experiment takes, which variant they get, and what a variant changes."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace

import pytest

from lib.domain.brief import Brief, GenerationOptions
from lib.domain.errors import InvalidBrief
from lib.domain.experiments import variants

EXPERIMENT = uuid.UUID(int=17)
KEYS = [f"brief {number}" for number in range(4_000)]


def test_a_variant_changes_its_fields_and_no_other(brief: Brief) -> None:
    changed, options = variants.apply({"gpt_prompt": "짧게", "temperature": 0.2}, brief, GenerationOptions("demo"))
    assert changed == replace(brief, gpt_prompt="짧게")
    assert options == GenerationOptions("demo", temperature=0.2)
    assert variants.apply({"job_id": "x", "tenant_id": "globex"}, brief, options) == (brief, options)


def test_a_change_that_no_brief_may_have_is_refused(brief: Brief) -> None:
    for changes in ({"gpt_prompt": ""}, {"temperature": 3.0}, {"model": " "}):
        with pytest.raises(InvalidBrief):
            variants.apply(changes, brief, GenerationOptions("demo"))


def test_a_brief_has_one_key_whatever_a_variant_changes_in_it(brief: Brief) -> None:
    key = variants.brief_key(brief)
    assert variants.brief_key(replace(brief, gpt_prompt="x", tone_style="y")) == key
    assert variants.brief_key(replace(brief, product_description="z")) != key
    assert variants.brief_key(replace(brief, tenant_id="globex")) != key


def test_an_experiment_takes_its_share_and_gives_each_variant_as_many() -> None:
    taken = [key for key in KEYS if variants.is_taken(EXPERIMENT, key, 30)]
    assert len(taken) / len(KEYS) == pytest.approx(0.3, abs=0.03)
    counted = Counter(variants.variant_of(EXPERIMENT, key, 3) for key in taken)
    assert sorted(counted) == [1, 2, 3]
    assert min(counted.values()) > len(taken) / 3 * 0.85
    assert [variants.variant_of(EXPERIMENT, key, 3) for key in KEYS[:8]] == [1, 3, 2, 3, 1, 3, 2, 2], "in any process"


def test_a_larger_share_takes_the_same_briefs_and_more() -> None:
    few, many = ({key for key in KEYS if variants.is_taken(EXPERIMENT, key, share)} for share in (10, 40))
    assert few < many
    assert not any(variants.is_taken(EXPERIMENT, key, 0) for key in KEYS)
    assert all(variants.is_taken(EXPERIMENT, key, 100) for key in KEYS)
