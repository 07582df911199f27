"""The text of an answer is found wherever a server puts it, and a stream becomes the answer that it would have been."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from lib.domain.answer.message import answer_piece, assembled, text_of, texts_in
from lib.domain.completion import caption_in


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("글", "글"),
        (None, ""),
        (7, ""),
        ([{"type": "text", "text": "앞"}, {"type": "output_text", "text": "뒤"}], "앞뒤"),
        ([{"type": "thinking", "thinking": "음"}, {"type": "reasoning", "text": "음"}, "글", None, 7], "글"),
        ({"text": "글"}, "글"),
        ({"instagram_ad_copy": "글"}, '{"instagram_ad_copy": "글"}'),
        ({}, ""),
    ],
)
def test_content_of_any_shape_is_read_as_text(content: Any, text: str) -> None:
    assert text_of(content) == text


def test_the_likeliest_text_comes_first() -> None:
    message = {"reasoning_content": "생각", "content": "글", "tool_calls": [{"function": {"arguments": "호출"}}]}
    assert texts_in({"choices": [{"message": message}]}) == ["글", "호출", "생각"]


CAPTION = {"instagram_ad_copy": "글", "hashtags": []}
ELSEWHERE: dict[str, Any] = {
    "in a second choice": {"choices": [{"message": {"content": ""}}, {"message": {"content": json.dumps(CAPTION)}}]},
    "in a choice that is no list": {"choices": {"message": {"content": json.dumps(CAPTION)}}},
    "in a message that is a text": {"choices": [{"message": json.dumps(CAPTION)}]},
    "in a text with annotations": {"choices": [{"message": {"content": [{"text": {"value": json.dumps(CAPTION)}}]}}]},
    "in a part of JSON": {"choices": [{"message": {"content": [{"type": "json", "json": CAPTION}]}}]},
    "in a part of a tool": {"choices": [{"message": {"content": [{"type": "tool_use", "input": CAPTION}]}}]},
    "in choices by number": {"choices": {"0": {"message": {"content": json.dumps(CAPTION)}}}},
    "in a call that is no list": {"choices": [{"message": {"tool_calls": {"function": {"arguments": CAPTION}}}}]},
    "in a call without a function": {"choices": [{"message": {"tool_calls": [{"name": "f", "input": CAPTION}]}}]},
    "in a custom tool": {"choices": [{"message": {"tool_calls": [{"custom": {"input": json.dumps(CAPTION)}}]}}]},
    "in a list in a list": {"choices": [{"message": {"content": [[{"text": json.dumps(CAPTION)}]]}}]},
    "in details of reasoning": {"choices": [{"message": {"reasoning_details": [{"text": json.dumps(CAPTION)}]}}]},
    "in a transcript": {"choices": [{"message": {"content": None, "audio": {"transcript": json.dumps(CAPTION)}}}]},
    "as the answer itself": CAPTION,
    "of the Responses API": {"output": [{"content": [{"type": "output_text", "text": json.dumps(CAPTION)}]}]},
    "of Anthropic": {"content": [{"type": "text", "text": json.dumps(CAPTION)}]},
    "of Gemini": {"candidates": [{"content": {"parts": [{"text": json.dumps(CAPTION)}]}}]},
    "of Cloudflare": {"result": {"response": CAPTION}, "success": True},
    "of a gateway's envelope": {"statusCode": 200, "body": json.dumps({"choices": [{"text": json.dumps(CAPTION)}]})},
}


@pytest.mark.parametrize("answer", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_the_caption_is_found_wherever_a_server_puts_it(answer: Any) -> None:
    found = caption_in(answer)
    assert found is not None
    assert found.text == "글"


def test_an_answer_of_any_size_is_searched_in_bounded_time() -> None:
    began = time.process_time()
    for answer in ([{"n": number, "text": "x"} for number in range(300_000)], {"a": ["글" * 10_000_000]}):
        assert caption_in(answer) is None
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "deltas",
    [
        [{"text": "가"}, {"text": "나"}],
        [{"delta": {"reasoning_details": [{"text": "가"}]}}, {"delta": {"reasoning_details": [{"text": "나"}]}}],
        [{"message": {"content": "가나"}}],
        [{"delta": {"tool_calls": {"function": {"arguments": "가"}}}}, {"delta": {"tool_calls": [{"input": "나"}]}}],
    ],
)
def test_a_stream_of_another_spelling_is_put_together(deltas: list[dict[str, Any]]) -> None:
    assert texts_in(assembled({"choices": [delta]} for delta in deltas)) == ["가나"]


@pytest.mark.parametrize("name", ["reasoning_text", "output_text", "text", "parsed"])
def test_a_caption_is_found_in_a_stream_whatever_its_member_is_called(name: str) -> None:
    text = json.dumps(CAPTION)
    found = caption_in(assembled({"choices": [{"delta": {name: text[at : at + 9]}}]} for at in range(0, len(text), 9)))
    assert found is not None
    assert found.text == "글"


@pytest.mark.parametrize("odd", [None, 7, {}, {"choices": 3}, {"choices": [7]}, {"choices": [{"message": 3}]}])
def test_an_answer_of_another_shape_has_no_text(odd: Any) -> None:
    assert texts_in(odd) == []


def test_a_stream_becomes_one_answer() -> None:
    chunks: list[dict[str, Any]] = [
        {"id": "c", "model": "m", "choices": [{"delta": {"content": "가", "reasoning": "음"}}]},
        {"choices": [{"delta": {"content": [{"type": "text", "text": "나"}], "reasoning": "…"}}]},
        {"choices": [{"delta": {}}], "usage": {"prompt_tokens": 1}},
        {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": "{"}}]}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]}}]},
        {"choices": [{"delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 0}},
    ]
    answer = assembled(chunks)
    assert answer is not None
    [choice] = answer["choices"]
    assert (answer["id"], answer["model"], answer["usage"]) == ("c", "m", {"prompt_tokens": 1})
    assert choice["finish_reason"] == "stop"
    assert choice["message"] == {
        "role": "assistant",
        "content": "가나",
        "refusal": None,
        "reasoning": "음…",
        "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": "{}"}}],
    }
    assert assembled([]) is None


def test_a_watcher_sees_the_answer_and_not_the_thought() -> None:
    assert answer_piece({"content": "가"}) == "가"
    assert answer_piece({"tool_calls": [{"function": {"arguments": "나"}}]}) == "나"
    assert answer_piece({"reasoning_content": "음", "content": None}) == ""
