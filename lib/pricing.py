"""Tokens, model, service tier and date become US dollars, or None: a price that is not known is never 0.

Prices are those of ``genai-prices`` (pinned, its updater off), which keeps their history: the price in force at the
time of the call counts.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lib.settings import is_demo

_STANDARD_TIERS = (None, "auto", "default")


def cost_usd(
    model: str | None, usage: Mapping[str, Any] | None, at: dt.datetime, *, service_tier: str | None = None
) -> Decimal | None:
    """What the call cost in USD at the prices of ``at`` (aware), or None where model, tier or tokens are unknown.

    ``usage`` is OpenAI's: ``cached_tokens`` and ``cache_write_tokens`` are part of ``prompt_tokens``, and
    ``reasoning_tokens`` part of ``completion_tokens``; neither is added a second time.
    """
    if model is None or not isinstance(usage, Mapping):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if not isinstance(prompt, int) or not isinstance(completion, int):
        return None
    if is_demo(model):
        return Decimal(0)  # by definition: it runs inside this process
    if prompt <= 0:
        return None  # no request is without a prompt: a server that reports this does not count
    from genai_prices import Usage, calc_price  # 0.35 s to import, and a page without prices need not wait for it

    details = usage.get("prompt_tokens_details") or {}
    if not isinstance(details, Mapping):
        return None
    standard = service_tier in _STANDARD_TIERS
    context = {} if standard else {"service_tier": str(service_tier)}
    try:
        counted = Usage(
            input_tokens=prompt,
            output_tokens=completion,
            cache_read_tokens=details.get("cached_tokens") or None,
            cache_write_tokens=details.get("cache_write_tokens") or None,
        )
        price = calc_price(
            counted, model, provider_id="openai", genai_request_timestamp=at, price_context=context or None
        )
    except (LookupError, ValueError):  # no such model, or counts that are none or contradict each other
        return None
    if not standard:
        known = {variant.when.get("service_tier") for variant in price.model.price_variants or ()}
        if service_tier not in known:
            return None  # the library would silently charge the standard rate
    return Decimal(price.total_price)


def at_most_usd(request: Mapping[str, Any], at: dt.datetime) -> Decimal | None:
    """The most that a request may have cost whose answer never came: its estimated prompt and all tokens it allowed.

    The prompt is estimated at one token per three bytes of UTF-8, more than any current tokenizer makes of Korean or
    English text.
    """
    sent = json.dumps(request.get("messages", []), ensure_ascii=False).encode()
    usage = {"prompt_tokens": -(-len(sent) // 3), "completion_tokens": request.get("max_completion_tokens")}
    return cost_usd(request.get("model"), usage, at)
