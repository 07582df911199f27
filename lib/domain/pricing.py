"""Tokens, model, service tier and date become US dollars, or None: a price that is not known is never 0.

Prices are those of ``genai-prices`` (pinned, its updater off), which keeps their history: the price in force at the
time of the call counts. A tenant's own prices for its own models go before them from their start on.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lib.domain.models import is_demo

MOST_TOKENS = 1_000_000_000
"""A request that reports more does not count tokens."""
BATCH = "batch"
"""The service tier of a request that went through OpenAI's Batch API."""
ALWAYS = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
FOREVER = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)

ECONOMY_PERCENT = Decimal(50)
"""What the Batch API costs of the usual price, where a team says nothing else of its own price."""

_STANDARD_TIERS = (None, "auto", "default")
_MILLION = 1_000_000
_CHAT = re.compile(r"gpt-\d+(\.\d+|o)?(-(mini|nano|pro|luna|sol|terra|astra))?|o\d(-mini|-pro)?")
"""The models that write captions: none of those for pictures, speech, search and code."""
_DATE = re.compile(r"-\d{4}-?\d{2}-?\d{2}\Z")
"""The date at the end of a snapshot's name."""


@dataclass(frozen=True)
class Tokens:
    """What a request used. ``cached`` and ``cache_write`` are part of ``prompt``, ``reasoning`` of ``completion``."""

    prompt: int
    completion: int
    cached: int = 0
    cache_write: int = 0
    reasoning: int | None = None
    """None where it is not reported, or cannot be read."""

    @classmethod
    def read(cls, usage: Any) -> Tokens | None:
        """The counts of OpenAI's usage object, of Chat Completions or of Responses (``input_tokens``).

        None if a count is missing, is no count, or contradicts another one. The SQL function ``studio_token_usage``
        reads the same.
        """
        if not isinstance(usage, Mapping):
            return None
        prompt_details, completion_details = _details(usage, "prompt", "input"), _details(usage, "completion", "output")
        prompt, completion = _count(_first(usage, "prompt", "input")), _count(_first(usage, "completion", "output"))
        if prompt is None or completion is None or prompt_details is None:
            return None
        cached, cache_write = (
            0 if (part := prompt_details.get(name)) is None else _count(part)
            for name in ("cached_tokens", "cache_write_tokens")
        )
        if cached is None or cache_write is None or cached + cache_write > prompt:
            return None
        if _count(usage.get("total_tokens")) not in (None, prompt + completion):
            return None  # some servers count reasoning apart: what was billed is not known
        reasoning = _count((completion_details or {}).get("reasoning_tokens"))
        if reasoning is not None and reasoning > completion:
            reasoning = None
        return cls(prompt, completion, cached, cache_write, reasoning)


def reported_usage(token_usage: Any, answer: Any) -> Any:
    """The usage object of a caption: its own, or the one in the raw answer of the model if it has none.

    The SQL function ``studio_reported_usage`` does the same.
    """
    if isinstance(token_usage, Mapping) and token_usage:
        return token_usage
    in_answer = answer.get("usage") if isinstance(answer, Mapping) else None
    return in_answer if isinstance(in_answer, Mapping) else token_usage


def token_counts(usage: Any) -> dict[str, int | None]:
    """The counts of a usage object as they are shown: ``prompt``, ``completion``, ``total``, ``cached``, ``reasoning``.

    Each is None where it is missing or no count; a missing total is the sum of its parts.
    """
    usage = usage if isinstance(usage, Mapping) else {}
    prompt, completion = _count(_first(usage, "prompt", "input")), _count(_first(usage, "completion", "output"))
    total = _count(usage.get("total_tokens"))
    if total is None and usage.get("total_tokens") is None and prompt is not None and completion is not None:
        total = prompt + completion
    return {
        "prompt": prompt,
        "completion": completion,
        "total": total,
        "cached": _count((_details(usage, "prompt", "input") or {}).get("cached_tokens")),
        "reasoning": _count((_details(usage, "completion", "output") or {}).get("reasoning_tokens")),
    }


def price_names(model: str) -> tuple[str, ...]:
    """The names under which a model's price is looked up, in this order.

    The name itself, then without ``openai/`` before it, then without a date after it.
    """
    bare = model.removeprefix("openai/")
    return tuple(dict.fromkeys([model, bare, _DATE.sub("", bare)]))


@dataclass(frozen=True)
class OwnPrice:
    """What a tenant says one of its models costs, in USD per million tokens, from an instant (aware) on."""

    model: str
    starts_at: dt.datetime
    input_usd: Decimal
    cached_usd: Decimal
    output_usd: Decimal
    economy_percent: Decimal = ECONOMY_PERCENT
    """What a request through the Batch API costs of it."""


@dataclass(frozen=True)
class Tariff:
    """What a token costs between two instants for prompts of more than ``prompt_over`` up to ``prompt_to`` tokens.

    All four rates are None where the price is unknown, and for no such prompts there is no tariff at all.
    """

    starts_at: dt.datetime
    ends_at: dt.datetime
    prompt_over: int
    prompt_to: int
    input: Decimal | None = None
    cached: Decimal | None = None
    cache_write: Decimal | None = None
    output: Decimal | None = None

    def cost(self, tokens: Tokens) -> Decimal | None:
        """In USD, exactly."""
        if self.input is None or self.cached is None or self.cache_write is None or self.output is None:
            return None
        plain = tokens.prompt - tokens.cached - tokens.cache_write
        prompt = plain * self.input + tokens.cached * self.cached + tokens.cache_write * self.cache_write
        return prompt + tokens.completion * self.output


def cost_usd(
    model: str | None,
    usage: Mapping[str, Any] | None,
    at: dt.datetime,
    *,
    service_tier: str | None = None,
    own: Iterable[OwnPrice] = (),
) -> Decimal | None:
    """What the call cost in USD at the prices of ``at`` (aware), or None where model, tier or tokens are unknown.

    ``usage`` is OpenAI's: ``cached_tokens`` and ``cache_write_tokens`` are part of ``prompt_tokens``, and
    ``reasoning_tokens`` part of ``completion_tokens``; neither is added a second time.
    """
    tokens = Tokens.read(usage)
    if not isinstance(service_tier, str | None):  # other programs may store anything there
        return None
    return None if model is None or tokens is None else _cost(model, tokens, at, service_tier, own)


def tariffs(model: str, service_tier: str | None, own: Iterable[OwnPrice] = ()) -> list[Tariff]:
    """All prices that a model ever had, as rates: what :func:`cost_usd` says of any call, a tariff says too.

    Raises ``ValueError`` for a price that is no rate per token between two instants; a test holds every model against
    it, so that a test notices when ``genai-prices`` is renewed.
    """
    own = [price for price in own if price.model in price_names(model)]
    changes, thresholds = _changes(model)
    starts = sorted({ALWAYS, *changes, *(price.starts_at for price in own)})
    limits = [0, *sorted(thresholds), MOST_TOKENS]
    if is_demo(model):
        limits.insert(0, -1)
    return [
        _tariff(model, service_tier, own, start, end, over, to)
        for start, end in zip(starts, [*starts[1:], FOREVER], strict=True)
        for over, to in itertools.pairwise(limits)
    ]


def known_models() -> list[str]:
    """The chat models that have a price today, by name."""
    from genai_prices import data_snapshot

    now = dt.datetime.now(dt.UTC)
    provider = next(each for each in data_snapshot.get_snapshot().providers if each.id == "openai")
    names = [model.id for model in provider.models if _CHAT.fullmatch(model.id)]
    return [name for name in names if _cost(name, Tokens(_MILLION, _MILLION), now, None, ())]


def edition() -> str:
    """Which prices these are; another edition may know others."""
    return f"genai-prices {importlib.metadata.version('genai-prices')}"


def at_most_usd(
    request: Mapping[str, Any], at: dt.datetime, *, service_tier: str | None = None, own: Iterable[OwnPrice] = ()
) -> Decimal | None:
    """The most that a request may have cost whose answer never came: its estimated prompt and all tokens it allowed.

    The prompt is estimated at one token per three bytes of UTF-8, more than any current tokenizer makes of Korean or
    English text.
    """
    sent = json.dumps(request.get("messages", []), ensure_ascii=False).encode()
    most = request.get("max_completion_tokens") or request.get("max_tokens")
    usage = {"prompt_tokens": -(-len(sent) // 3), "completion_tokens": most}
    return cost_usd(request.get("model"), usage, at, service_tier=service_tier, own=own)


def _cost(
    model: str, tokens: Tokens, at: dt.datetime, service_tier: str | None, own: Iterable[OwnPrice]
) -> Decimal | None:
    mine = _own_price(model, at, own)
    if mine and tokens.prompt:
        share = mine.economy_percent / 100 if service_tier == BATCH else Decimal(1)
        rates = (mine.input_usd, mine.cached_usd, mine.input_usd, mine.output_usd)
        return Tariff(ALWAYS, FOREVER, 0, MOST_TOKENS, *(rate * share / _MILLION for rate in rates)).cost(tokens)
    if is_demo(model):
        return Decimal(0)  # by definition: it runs inside this process
    if tokens.prompt == 0:
        return None  # no request is without a prompt: a server that reports this does not count
    listed = _listed_model(model)
    if listed is None:
        return None
    from genai_prices import Usage, calc_price

    usage = Usage(
        input_tokens=tokens.prompt,
        output_tokens=tokens.completion,
        cache_read_tokens=tokens.cached or None,
        cache_write_tokens=tokens.cache_write or None,
    )
    context = _context(service_tier)
    try:
        price = calc_price(usage, listed[0], provider_id="openai", genai_request_timestamp=at, price_context=context)
    except (LookupError, ValueError):
        return None
    if price.model_price.input_mtok is None:
        return None  # priced by something else than tokens
    for kind, value in (context or {}).items():
        variants = [variant for variant in price.model.price_variants or () if variant.when.get(kind) == value]
        if not any(variant.constraint is None or variant.constraint.active(at) for variant in variants):
            return None  # the library would silently charge the standard rate
    return Decimal(price.total_price)


def _listed_model(model: str) -> tuple[str, Any] | None:
    """The first of the model's names that the library knows, and what it knows; None if it knows none."""
    from genai_prices import data_snapshot  # 0.35 s to import, and a page without prices need not wait for it

    for name in price_names(model):
        try:
            return name, data_snapshot.get_snapshot().find_provider_model(name, None, "openai", None)[1]
        except (LookupError, ValueError):
            continue
    return None


def _own_price(model: str, at: dt.datetime, own: Iterable[OwnPrice]) -> OwnPrice | None:
    """The tenant's price in force for the first of the model's names that has one."""
    own = [price for price in own if price.starts_at <= at]
    for name in price_names(model):
        if prices := [price for price in own if price.model == name]:
            return max(prices, key=lambda price: price.starts_at)
    return None


def _context(service_tier: str | None) -> dict[str, Any] | None:
    """What the library calls the tier."""
    if service_tier in _STANDARD_TIERS:
        return None
    return {"processing": BATCH} if service_tier == BATCH else {"service_tier": service_tier}


def _tariff(
    model: str, tier: str | None, own: list[OwnPrice], start: dt.datetime, end: dt.datetime, over: int, to: int
) -> Tariff:
    """The rates, calculated by asking for prices: a token more of each kind."""

    def cost(completion: int = 0, cached: int = 0, cache_write: int = 0) -> Decimal | None:
        return _cost(model, Tokens(prompt, completion, cached, cache_write), start, tier, own)

    if to == 0:  # only a demo model is asked about a request without a prompt
        return Tariff(start, end, over, to, *[Decimal(0)] * 4)
    prompt = _round_number(over, to)
    plain = cost()
    costs = [plain, cost(cached=prompt), cost(cache_write=prompt), cost(completion=_MILLION)]
    if plain is None or None in costs:
        return Tariff(start, end, over, to)
    rates = [Decimal(each or 0) / prompt for each in costs[:3]] + [(Decimal(costs[3] or 0) - plain) / _MILLION]
    return Tariff(start, end, over, to, *rates)


def _round_number(over: int, to: int) -> int:
    """A number within the limits by which a finite decimal can be divided and stays one.

    Raises ``ValueError`` where there is none.
    """
    candidates: Iterator[int] = (int(10**power) * times for power in range(9, -1, -1) for times in (1, 2, 5))
    number = next((each for each in candidates if over < each <= to), None)
    if number is None:
        raise ValueError(f"no round number of tokens lies between {over} and {to}")
    return number


def _changes(model: str) -> tuple[set[dt.datetime], set[int]]:
    """The instants at which the library's price of a model changes, and the lengths of prompts at which it does."""
    from genai_prices import types

    listed_model = _listed_model(model)
    if listed_model is None:
        return set(), set()
    prices = listed_model[1].prices
    listed = [types.ConditionalPrice(prices=prices)] if isinstance(prices, types.ModelPrice) else prices
    starts: set[dt.datetime] = set()
    thresholds: set[int] = set()
    for price in (*listed, *(listed_model[1].price_variants or ())):
        if isinstance(price.constraint, types.StartDateConstraint):
            starts.add(dt.datetime.combine(price.constraint.start_date, dt.time(), dt.UTC))
        elif price.constraint is not None:
            raise ValueError(f"the price of {model} depends on {price.constraint}, which is no rate per token")
        tiered = [rate for rate in vars(price.prices).values() if isinstance(rate, types.TieredPrices)]
        thresholds |= {tier.start for rate in tiered for tier in rate.tiers}
    return starts, thresholds


def _first(usage: Mapping[str, Any], *names: str) -> Any:
    """The first of these numbers of tokens that is named."""
    return next((value for name in names if (value := usage.get(f"{name}_tokens")) is not None), None)


def _details(usage: Mapping[str, Any], *names: str) -> Mapping[str, Any] | None:
    """The object of details, empty if it is missing; None if it is no object."""
    details = (usage.get(f"{name}_tokens_details") for name in names)
    given: Any = next((value for value in details if value is not None), {})
    return given if isinstance(given, Mapping) else None


def _count(number: Any) -> int | None:
    """A number of tokens; None for anything else."""
    is_count = isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= MOST_TOKENS
    return number if is_count else None
