"""The request and the answer of a sample row."""

from __future__ import annotations

import json

from tests.support.sample_rows import Row


def test_token_counts_add_up_and_are_missing_now_and_then(rows: list[Row]) -> None:
    used = [row["token_usage"] for row in rows]
    told = [usage for usage in used if usage is not None]
    assert 0.95 * len(rows) < len(told) < len(rows)
    assert any("prompt_tokens_details" not in usage for usage in told)
    for usage in told:
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
        assert usage.get("prompt_tokens_details", {}).get("cached_tokens", 0) <= usage["prompt_tokens"]
        assert usage.get("completion_tokens_details", {}).get("reasoning_tokens", 0) < usage["completion_tokens"]
    assert any(usage.get("prompt_tokens_details", {}).get("cached_tokens") for usage in told)
    assert any(usage.get("completion_tokens_details", {}).get("reasoning_tokens") for usage in told)


def test_the_answer_is_a_chat_completion_that_holds_the_caption(rows: list[Row]) -> None:
    for row in rows[::7]:
        raw = row["gpt_response_raw"]
        assert 2000 <= len(json.dumps(raw, ensure_ascii=False).encode()) <= 4096
        assert raw["object"] == "chat.completion"
        assert raw["created"] == int(row["created_at"].timestamp())
        assert raw["model"] == (row["gpt_model_name"] or "unnamed")
        assert raw.get("usage") == row["token_usage"]
        content = json.loads(raw["choices"][0]["message"]["content"])
        assert content == {"instagram_ad_copy": row["instagram_ad_copy"], "hashtags": row["hashtags"].split()}


def test_the_prompt_is_the_one_that_is_sent(rows: list[Row]) -> None:
    inputs = ("refined_ad_copy_eng", "tone_style", "product_description", "store_information", "gpt_prompt")
    for row in rows[::100]:
        system, user = json.loads(row["gpt_prompt_used"])
        assert system["role"] == "system"
        sent = json.loads(user["content"])
        assert {name: sent[name] for name in inputs} == {name: row[name] for name in inputs}
