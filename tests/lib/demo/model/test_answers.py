"""The answer's protocol, whole and streamed, and each way in which it can end."""

from __future__ import annotations

import json
import re

import openai

from lib.demo.model import DemoModel
from lib.demo.model.answers import tokens
from lib.domain.caption import Caption
from tests.support.demo_briefs import (
    request,
    streamed,
    written,
)


def test_the_real_client_reads_a_whole_answer_that_says_it_is_the_demo(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(**request())
    assert (completion.model, completion.system_fingerprint, completion.object) == (
        "demo",
        "fp_demo",
        "chat.completion",
    )
    assert completion._request_id is not None
    assert completion._request_id.startswith("req_demo_")
    assert completion.choices[0].finish_reason == "stop"


def test_a_stream_brings_the_same_text_and_usage_as_the_whole_answer(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(**request(seed=1))
    stream = streamed(client, seed=1)
    assert stream["content"] == whole.choices[0].message.content
    assert stream["usage"] == whole.usage
    assert stream["finish_reason"] == "stop"
    assert stream["models"] == {"demo"}


def test_a_stream_carries_usage_only_for_those_who_ask(client: openai.OpenAI) -> None:
    assert streamed(client, stream_options=openai.omit)["usage"] is None


def test_a_streamed_body_is_intact_frames_that_end_with_done_however_it_is_cut(demo: DemoModel) -> None:
    chunks = list(demo.respond(request(stream=True)).chunks)
    assert any(0x80 <= chunk[0] < 0xC0 for chunk in chunks), "no chunk starts inside a letter, as networks have it"
    *frames, last, rest = b"".join(chunks).split(b"\n\n")
    assert (last, rest) == (b"data: [DONE]", b"")
    assert len(frames) > 20
    assert {json.loads(frame.removeprefix(b"data: "))["object"] for frame in frames} == {"chat.completion.chunk"}


def test_tokens_are_counted_from_what_was_received_and_produced(client: openai.OpenAI) -> None:
    asked = request()
    completion = client.chat.completions.create(**asked)
    usage = completion.usage
    assert usage is not None
    assert usage.prompt_tokens == sum(tokens(message["content"]) for message in asked["messages"])
    assert usage.completion_tokens == tokens(completion.choices[0].message.content or "")
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.prompt_tokens_details is not None
    assert usage.prompt_tokens_details.cached_tokens == 0
    assert tokens("가나다라") == 3


def test_an_answer_longer_than_the_tokens_allowed_is_cut_there(client: openai.OpenAI) -> None:
    choice = client.chat.completions.create(**request(max_completion_tokens=64)).choices[0]
    assert choice.finish_reason == "length"
    assert 60 <= tokens(choice.message.content or "") <= 64


def test_a_refusal_is_told_apart_from_content(client: openai.OpenAI) -> None:
    message = client.chat.completions.create(**request(model="demo-refused")).choices[0].message
    assert message.content is None
    assert message.refusal == streamed(client, model="demo-refused")["refusal"]
    assert message.refusal


def test_an_incomplete_stream_ends_without_a_reason_and_without_usage(client: openai.OpenAI) -> None:
    stream = streamed(client, model="demo-incomplete")
    assert stream["content"]
    assert (stream["finish_reason"], stream["usage"]) == (None, None)


def test_a_nul_and_a_lone_surrogate_really_arrive(client: openai.OpenAI) -> None:
    assert "\x00" in written(client, model="demo-nul")["instagram_ad_copy"]
    assert "\ud83d" in written(client, model="demo-surrogate")["instagram_ad_copy"]


def test_a_nan_stands_in_the_usage(demo: DemoModel) -> None:
    assert b'"total_tokens": NaN' in b"".join(demo.respond(request(model="demo-nan")).chunks)


def test_too_much_is_too_much_in_every_respect(client: openai.OpenAI) -> None:
    caption = written(client, model="demo-over_limit")["instagram_ad_copy"]
    problems = {problem.code for problem in Caption.compose(caption, []).problems()}
    assert len(problems) == 2, problems
    assert len(caption) > 2200
    assert len(set(re.findall(r"#\w+", caption))) > 5
    assert len(written(client, model="demo-many_tags")["hashtags"]) == 9
