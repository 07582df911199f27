"""Token counts are found where servers put them, and counts that contradict each other are unknown."""

from __future__ import annotations

from typing import Any

import pytest

from lib.domain.answer.usage import joined_usage, read_usage, usage_in

USAGE = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}


@pytest.mark.parametrize(
    "completion",
    [
        {"usage": USAGE},
        {"choices": [{"usage": USAGE}]},
        {"x_groq": {"usage": USAGE}},
        {"usage": None, "choices": [{"usage": USAGE}]},
        {"usage": {}, "x_groq": {"usage": USAGE}},
        {"usage": [USAGE]},
        {"result": {"usage": USAGE}},
        {"x_openrouter": {"usage": USAGE}},
        {"metadata": {"usage": USAGE}},
        {"choices": [{"message": {"usage": USAGE}}]},
        {"choices": [{"delta": {"usage": USAGE}}]},
        {"usage": dict.fromkeys(USAGE, 0), "choices": [None, {"usage": USAGE}]},
    ],
)
def test_the_usage_is_found_wherever_it_stands(completion: Any) -> None:
    assert read_usage(completion) == USAGE


@pytest.mark.parametrize(
    "completion", [None, 7, {}, {"usage": 7}, {"usage": {}}, {"usage": {"prompt_tokens": 0}}, {"choices": 3}]
)
def test_where_nothing_is_counted_it_is_unknown(completion: Any) -> None:
    assert usage_in(completion) is None
    assert read_usage(completion) is None


@pytest.mark.parametrize(
    ("usage", "read"),
    [
        ({"input_tokens": 100, "output_tokens": 50, "total_tokens": 150}, USAGE),
        ({"prompt_tokens": "100", "completion_tokens": 50.0, "total_tokens": "150"}, USAGE),
        (USAGE | {"cached_tokens": 40}, USAGE | {"prompt_tokens_details": {"cached_tokens": 40}}),
        (USAGE | {"prompt_cache_hit_tokens": 64}, USAGE | {"prompt_tokens_details": {"cached_tokens": 64}}),
        (USAGE | {"prompt_tokens_details": {"cached_tokens": 3}, "cached_tokens": 40},
         USAGE | {"prompt_tokens_details": {"cached_tokens": 3}}),
        (USAGE | {"total_tokens": None}, USAGE | {"total_tokens": None}),
        ({"total_tokens": 150}, {"total_tokens": 150}),
        ({"promptTokens": 100, "completionTokens": 50, "totalTokens": 150}, USAGE),
        ({"PromptTokens": 100, "CompletionTokens": 50, "TotalTokens": 150}, USAGE),
        ({"prompt-tokens": 100, "completion-tokens": 50, "total-tokens": 150}, USAGE),
        ({"input": 100, "output": 50, "total": 150}, USAGE),
        ({"input_token_count": 100, "generated_token_count": 50}, {"prompt_tokens": 100, "completion_tokens": 50}),
        ({"promptTokenCount": 100, "candidatesTokenCount": 50, "totalTokenCount": 150}, USAGE),
        ({"tokens": {"input_tokens": 100, "output_tokens": 50}}, {"prompt_tokens": 100, "completion_tokens": 50}),
        (USAGE | {"input_tokens": 100, "output_tokens": 0}, USAGE),
        ({"input_tokens": 70, "output_tokens": 50, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 10},
         {"prompt_tokens": 100, "prompt_tokens_details": {"cached_tokens": 20, "cache_write_tokens": 10}}),
        (USAGE | {"prompt_tokens": -100}, {"prompt_tokens": None, "completion_tokens": 50}),
        (USAGE | {"completion_tokens": True}, {"prompt_tokens": 100, "completion_tokens": None}),
    ],
)  # fmt: skip
def test_counts_are_read_under_other_names_and_spellings(usage: dict[str, Any], read: dict[str, Any]) -> None:
    result = read_usage({"usage": usage})
    assert result is not None
    assert read.items() <= result.items()


@pytest.mark.parametrize(
    "usage",
    [
        USAGE | {"total_tokens": 430, "reasoning_tokens": 280},
        USAGE | {"total_tokens": 100},
        USAGE | {"total_tokens": 0},
        {"input_tokens": 100, "output_tokens": 50, "total_tokens": 151},
        USAGE | {"input_tokens": 90},
        {"promptTokenCount": 100, "candidatesTokenCount": 50, "thoughtsTokenCount": 280, "totalTokenCount": 430},
    ],
)
def test_counts_that_contradict_each_other_are_unknown(usage: dict[str, Any]) -> None:
    assert usage_in({"usage": usage}) is not None, "something was counted"
    assert read_usage({"usage": usage}) is None


@pytest.mark.parametrize(
    "chunks",
    [
        [{"prompt_tokens": 100}, {"prompt_tokens": 100, "completion_tokens": 9, "total_tokens": 109}, USAGE],
        [USAGE, {"prompt_tokens": 100, "completion_tokens": 0, "total_tokens": 100}],
        [{"prompt_tokens": 100, "total_tokens": 100}, {"completion_tokens": 50}],
        [{"prompt_tokens": 90, "completion_tokens": 0}, {"prompt_tokens": 100}, {"completion_tokens": 50}],
    ],
)
def test_the_counts_of_a_stream_are_the_last_of_each_that_count_something(chunks: list[dict[str, Any]]) -> None:
    usage: dict[str, Any] | None = None
    for chunk in chunks:
        usage = joined_usage(usage, chunk)
    assert usage is not None
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (100, 50)
    assert read_usage({"usage": usage}) is not None
