"""What a call cost, worked out by hand from the published prices per million tokens.

gpt-5: 1.25 in, 0.125 cached, 10 out; flex half, priority double. o3: 10 in, 40 out, from 2025-06-10 2 in, 8 out.
gpt-6-luna: 0.1 in, 0.01 cached, 0.125 written to the cache, 0.5 out (OpenAI's pricing page, by genai-prices).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.pricing import (
    ALWAYS,
    OwnPrice,
    Tokens,
    at_most_usd,
    cost_usd,
    known_models,
    reported_usage,
    tariffs,
    token_counts,
)

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
PLAIN = {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100}


def usage(cached: int = 0, reasoning: int = 0, written: int = 0) -> dict[str, Any]:
    details = {"cached_tokens": cached, "cache_write_tokens": written}
    return PLAIN | {
        "prompt_tokens_details": details,
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }


def test_a_call_costs_its_prompt_and_its_completion() -> None:
    assert cost_usd("gpt-5", PLAIN, NOW) == Decimal("0.002250")  # 1000 x 1.25 + 100 x 10 = 2250 millionths
    assert cost_usd("gpt-5", usage(), NOW) == Decimal("0.002250")


def test_cached_tokens_are_part_of_the_prompt_and_not_added_to_it() -> None:
    assert cost_usd("gpt-5", usage(cached=800), NOW) == Decimal("0.001350")  # 200 x 1.25 + 800 x 0.125 + 100 x 10


def test_tokens_written_to_the_cache_are_part_of_the_prompt_too() -> None:
    # 700 x 0.1 + 200 x 0.01 + 100 x 0.125 + 100 x 0.5
    assert cost_usd("gpt-6-luna", usage(cached=200, written=100), NOW) == Decimal("0.0001345")


def test_reasoning_is_part_of_the_completion_and_not_added_to_it() -> None:
    assert cost_usd("gpt-5", usage(reasoning=90), NOW) == cost_usd("gpt-5", PLAIN, NOW)


def test_the_price_in_force_on_the_day_counts() -> None:
    before, after = dt.datetime(2025, 6, 9, 12, tzinfo=dt.UTC), dt.datetime(2025, 6, 11, tzinfo=dt.UTC)
    assert cost_usd("o3", PLAIN, before) == Decimal("0.014")  # 1000 x 10 + 100 x 40
    assert cost_usd("o3", PLAIN, after) == Decimal("0.0028")  # 1000 x 2 + 100 x 8


def test_a_dated_snapshot_costs_what_its_model_costs() -> None:
    assert cost_usd("gpt-5-2025-08-07", PLAIN, NOW) == cost_usd("gpt-5", PLAIN, NOW)


@pytest.mark.parametrize(
    ("model", "priced_as"),
    [
        ("openai/gpt-5", "gpt-5"),
        ("openai/gpt-4o-mini", "gpt-4o-mini"),
        ("gpt-5-2031-02-03", "gpt-5"),
        ("openai/gpt-4o-mini-20310203", "gpt-4o-mini"),
    ],
)
def test_a_model_behind_a_provider_or_with_a_date_costs_what_the_model_costs(model: str, priced_as: str) -> None:
    assert cost_usd(model, PLAIN, NOW) == cost_usd(priced_as, PLAIN, NOW) is not None
    own = [OwnPrice(priced_as, ALWAYS, Decimal(1), Decimal(1), Decimal(1))]
    assert cost_usd(model, PLAIN, NOW, own=own) == Decimal("0.0011")
    own.append(OwnPrice(model, ALWAYS, Decimal(2), Decimal(2), Decimal(2)))
    assert cost_usd(model, PLAIN, NOW, own=own) == Decimal("0.0022")  # the very name goes first


@given(
    st.just("gpt-5") | st.sampled_from(known_models()),
    st.sampled_from(["flex", "priority", "batch"]),
    st.integers(0, 1_500),
)
def test_a_tier_before_its_price_begins_is_unknown_and_never_the_standard_price(
    model: str, tier: str, day: int
) -> None:
    at = dt.datetime(2023, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=day)
    standard, cost = (cost_usd(model, PLAIN, at, service_tier=name) for name in (None, tier))
    assert cost is None or cost != standard
    if model == "gpt-5":
        assert (cost is None) == (at < GPT_5_TIERS[tier])


GPT_5_TIERS = {
    "flex": dt.datetime(2026, 10, 12, tzinfo=dt.UTC),
    "priority": dt.datetime(2026, 10, 12, tzinfo=dt.UTC),
    "batch": dt.datetime(2026, 10, 14, tzinfo=dt.UTC),
}
"""The day from which the library knows each tier's price of gpt-5."""


def test_a_usage_of_the_responses_api_is_read_and_one_in_the_raw_answer_is_found() -> None:
    responses = {"input_tokens": 1_000, "output_tokens": 100, "input_tokens_details": {"cached_tokens": 800}}
    assert Tokens.read(responses) == Tokens(1_000, 100, 800)
    assert reported_usage(None, {"usage": responses}) == responses
    assert reported_usage({}, {"usage": responses}) == responses
    assert reported_usage(PLAIN, {"usage": responses}) == PLAIN
    assert reported_usage([1], {"usage": 2}) == [1]
    assert Tokens.read(PLAIN | {"total_tokens": 4_300}) is None  # contradicts itself


@pytest.mark.parametrize("model", [None, "", "our-own-llama", "gpt-99"])
def test_a_model_nobody_knows_costs_nobody_knows_what(model: str | None) -> None:
    assert cost_usd(model, PLAIN, NOW) is None


@pytest.mark.parametrize(
    ("usage", "total", "cached"),
    [
        ({"input_tokens": 3, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 1}}, 7, 1),
        ({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 9}, 9, None),
        ({"prompt_tokens": 3, "completion_tokens": -4}, None, None),
        ({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": "many"}, None, None),
        ({"prompt_tokens_details": []}, None, None),
        (None, None, None),
        ([3, 4], None, None),
    ],
)
def test_counts_are_shown_under_one_name_each(usage: Any, total: int | None, cached: int | None) -> None:
    counts = token_counts(usage)
    assert (counts["total"], counts["cached"]) == (total, cached)


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        {"prompt_tokens": 1_000},
        {"completion_tokens": 100},
        {"prompt_tokens": None, "completion_tokens": 100},
        {"prompt_tokens": "1000", "completion_tokens": 100},
        {"prompt_tokens": 10.5, "completion_tokens": 100},
        {"prompt_tokens": -1, "completion_tokens": 100},
        {"prompt_tokens": True, "completion_tokens": 100},
        PLAIN | {"prompt_tokens_details": [800]},
        PLAIN | {"prompt_tokens_details": {"cached_tokens": "800"}},
        PLAIN | {"prompt_tokens_details": {"cached_tokens": 1_001}},
        [1_000, 100],
        "1100",
    ],
)
def test_usage_that_cannot_be_read_is_an_unknown_cost_and_no_error(told: Any) -> None:
    assert cost_usd("gpt-5", told, NOW) is None


def test_the_demo_model_costs_nothing_by_definition() -> None:
    for model in ("demo", "demo-slow"):
        cost = cost_usd(model, PLAIN, NOW)
        assert cost is not None
        assert cost == 0
    assert cost_usd("demo", None, NOW) is None
    assert cost_usd("democracy-1", PLAIN, NOW) is None


@pytest.mark.parametrize(
    ("tier", "cost"),
    [
        (None, "0.002250"),
        ("auto", "0.002250"),
        ("default", "0.002250"),
        ("flex", "0.001125"),
        ("priority", "0.004500"),
    ],
)
def test_the_service_tier_has_prices_of_its_own(tier: str | None, cost: str) -> None:
    assert cost_usd("gpt-5", PLAIN, NOW, service_tier=tier) == Decimal(cost)


@pytest.mark.parametrize("tier", ["scale", "of-next-year", ""])
def test_a_tier_nobody_knows_is_not_charged_as_the_standard_one(tier: str) -> None:
    assert cost_usd("gpt-5", PLAIN, NOW, service_tier=tier) is None


def test_a_request_costs_at_most_its_bytes_and_all_the_tokens_it_allowed() -> None:
    request = {"model": "gpt-5", "messages": [], "max_completion_tokens": 4_000}
    assert at_most_usd(request, NOW) == Decimal("0.04000125")  # "[]" is one token: 1 x 1.25 + 4000 x 10


def test_each_hangul_syllable_is_estimated_at_a_token_at_least() -> None:
    request = {"model": "gpt-5", "messages": [{"role": "user", "content": "빵" * 3_000}], "max_completion_tokens": 100}
    most = at_most_usd(request, NOW)
    assert most is not None
    assert most > Decimal("0.00475")  # 3000 x 1.25 + 100 x 10


def test_what_cannot_be_estimated_is_unknown_and_not_zero() -> None:
    assert at_most_usd({"model": "gpt-5", "messages": []}, NOW) is None
    assert at_most_usd({"model": "our-own-llama", "messages": [], "max_completion_tokens": 9}, NOW) is None
    assert at_most_usd({}, NOW) is None
    assert at_most_usd({"model": "demo", "messages": [], "max_completion_tokens": 4_000}, NOW) == 0


# -- rates ----------------------------------------------------------------------------------------------------------

USED = st.builds(
    lambda prompt, cached, written, completion: Tokens(
        prompt, completion, min(cached, prompt), min(written, prompt - min(cached, prompt))
    ),
    st.sampled_from([1, 1_000, 200_000, 272_000, 272_001, 1_000_000]) | st.integers(1, 2_000_000),
    st.integers(0, 300_000),
    st.integers(0, 1_000),
    st.integers(0, 100_000),
)
OWN = (
    OwnPrice("our-own-llama", dt.datetime(2026, 3, 1, tzinfo=dt.UTC), Decimal(2), Decimal("0.5"), Decimal("3.25")),
    OwnPrice("our-own-llama", dt.datetime(2026, 6, 1, tzinfo=dt.UTC), Decimal(1), Decimal("0.1"), Decimal(3)),
    OwnPrice("gpt-5", dt.datetime(2026, 9, 1, tzinfo=dt.UTC), Decimal(1), Decimal(1), Decimal(1)),
)


def as_usage(tokens: Tokens) -> dict[str, Any]:
    details = {"cached_tokens": tokens.cached, "cache_write_tokens": tokens.cache_write}
    return {
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.completion,
        "prompt_tokens_details": details,
    }


@given(
    model=st.sampled_from([*known_models(), "our-own-llama", "demo", "gpt-99", "gpt-5-2025-08-07"]),
    tier=st.sampled_from([None, "default", "flex", "priority", "batch", "of-next-year"]),
    at=st.integers(0, 2_000).map(lambda days: dt.datetime(2022, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=days)),
    tokens=USED,
)
def test_a_tariff_says_of_every_call_what_its_price_says(
    model: str, tier: str | None, at: dt.datetime, tokens: Tokens
) -> None:
    [tariff] = [
        one
        for one in tariffs(model, tier, OWN)
        if one.starts_at <= at < one.ends_at and one.prompt_over < tokens.prompt <= one.prompt_to
    ]
    assert tariff.cost(tokens) == cost_usd(model, as_usage(tokens), at, service_tier=tier, own=OWN)


def test_every_model_of_the_library_has_tariffs() -> None:
    assert {"gpt-5", "gpt-6-luna", "o3", "gpt-4o-mini"} <= set(known_models())
    for model in known_models():
        assert tariffs(model, None)


def test_long_prompts_cost_more_where_the_model_says_so() -> None:
    short, long = ({"prompt_tokens": count, "completion_tokens": 0} for count in (272_000, 272_001))
    dear, cheap = cost_usd("gpt-5.4", long, NOW), cost_usd("gpt-5.4", short, NOW)
    assert dear is not None
    assert cheap is not None
    assert dear > Decimal("1.9") * cheap


def test_a_batch_costs_half() -> None:
    assert cost_usd("gpt-5", PLAIN, NOW, service_tier="batch") == Decimal("0.001125")
    assert cost_usd("gpt-5", PLAIN, NOW, service_tier="batch", own=OWN) == Decimal("0.00055")
    agreed = [dataclasses.replace(OWN[2], economy_percent=Decimal(80))]
    assert cost_usd("gpt-5", PLAIN, NOW, service_tier="batch", own=agreed) == Decimal("0.00088")
    assert cost_usd("gpt-5", PLAIN, NOW, service_tier="flex", own=agreed) == Decimal("0.0011")


def test_an_own_price_holds_from_its_instant_on_and_goes_before_the_librarys() -> None:
    may, june, july = (dt.datetime(2026, month, 1, tzinfo=dt.UTC) for month in (5, 6, 7))
    assert cost_usd("our-own-llama", PLAIN, may, own=OWN) == Decimal("0.002325")  # 1000 x 2 + 100 x 3.25
    assert cost_usd("our-own-llama", PLAIN, june, own=OWN) == Decimal("0.0013")  # 1000 x 1 + 100 x 3
    assert cost_usd("our-own-llama", PLAIN, dt.datetime(2026, 2, 1, tzinfo=dt.UTC), own=OWN) is None
    assert cost_usd("gpt-5", PLAIN, july, own=OWN) == Decimal("0.002250")
    assert cost_usd("gpt-5", PLAIN, NOW, own=OWN) == Decimal("0.0011")


def test_more_tokens_than_anybody_can_send_are_none() -> None:
    assert cost_usd("gpt-5", {"prompt_tokens": 10**9 + 1, "completion_tokens": 0}, NOW) is None
    assert Tokens.read({"prompt_tokens": 10**30, "completion_tokens": 0}) is None


def test_reasoning_that_exceeds_the_completion_is_not_told() -> None:
    told = Tokens.read(PLAIN | {"completion_tokens_details": {"reasoning_tokens": 101}})
    assert told is not None
    assert told.reasoning is None
