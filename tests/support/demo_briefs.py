"""Briefs for the demo model, and how the real client asks it for captions of them."""

from __future__ import annotations

import json
from typing import Any

import openai

from lib.demo.model.copywriting import Copy, compose
from lib.domain.brief import Brief, Language
from lib.domain.prompt import ANGLES, RESPONSE_FORMATS, messages

JSON = dict[str, Any]


MARMALADE = Brief(
    tenant_id="my-team",
    refined_ad_copy_eng="Taste the sunshine of Jeju.",
    tone_style="따뜻하고 감성적인",
    product_description="제주 한라봉으로 만든 수제 마멀레이드. 설탕을 줄이고 과육을 듬뿍 살렸습니다. "
    "240g 유리병에 담아 드립니다.",
    store_information="제주시 애월읍 하늘길 12\n매일 10:00-19:00, 화요일 휴무",
    gpt_prompt="인스타그램 피드 글을 써 주세요.",
)


BREAD = Brief(
    tenant_id="my-team",
    refined_ad_copy_eng="Bread worth waking up for",
    tone_style="witty and playful",
    product_description="Sourdough loaf made with rye from a local mill. We let it rest overnight. "
    "Crisp crust, soft crumb.",
    store_information="Harbour Bakery, open from 8",
    gpt_prompt="Write an Instagram caption.",
)


def brief(**fields: str) -> Brief:
    return Brief(**{**MARMALADE.__dict__, **fields})


def request(**more: Any) -> JSON:
    asked = {"model": "demo", "messages": messages(MARMALADE, "ko"), "max_completion_tokens": 4000}
    return {**asked, "response_format": RESPONSE_FORMATS[0], **more}


def streamed(client: openai.OpenAI, **more: Any) -> JSON:
    """The whole of a stream as the client put it together from its chunks."""
    whole: JSON = {"content": "", "refusal": "", "finish_reason": None, "usage": None, "models": set()}
    stream_options = more.pop("stream_options", {"include_usage": True})
    for chunk in client.chat.completions.create(**request(**more), stream=True, stream_options=stream_options):
        whole["models"].add(chunk.model)
        whole["usage"] = chunk.usage or whole["usage"]
        for choice in chunk.choices:
            whole["content"] += choice.delta.content or ""
            whole["refusal"] += choice.delta.refusal or ""
            whole["finish_reason"] = choice.finish_reason or whole["finish_reason"]
    return whole


def written(client: openai.OpenAI, **more: Any) -> JSON:
    content = client.chat.completions.create(**request(**more)).choices[0].message.content
    assert content is not None
    answer: JSON = json.loads(content)
    assert set(answer) == {"instagram_ad_copy", "hashtags"}
    return answer


def caption_for(asked: Brief, language: Any = "ko", **more: Any) -> str:
    return compose(messages(asked, language, **more)[-1]["content"], "seed").caption


def taken(asked: Brief, language: Language, variant: int, take: int = 0) -> Copy:
    told = messages(asked, language, variant=variant)
    return compose(told[-1]["content"], f"seed {variant}", take)


ROLL = brief(
    refined_ad_copy_eng="Salted butter roll, baked before the city wakes.",
    product_description="매일 새벽에 굽는 소금빵. 프랑스산 버터를 넣고 저온에서 하루 숙성했습니다. "
    "겉은 바삭, 속은 촉촉. 3,500원",
    store_information="서울 마포구 망원동 123-4 하루베이커리\n매일 08:00-19:00, 월요일 휴무",
)


BUTTER_ROLL = Brief(
    **{
        **BREAD.__dict__,
        "product_description": "Salted butter roll baked every dawn with French butter. The dough rests overnight at a "
        "low temperature. Crisp outside, soft inside.",
        "store_information": "Haru Bakery, Mangwon-dong, Seoul\nDaily 8:00-19:00, closed on Mondays",
    }
)


VARIANTS = range(1, len(ANGLES) + 1)
