"""What follows from a brief without standing in it: discounts, sums, shares and multiples of its prices.

A price that may be made of those of the brief is no mistake; the words around it say what may be meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise, permutations

from lib.domain.findings import spans
from lib.domain.findings.brief_facts import BriefFacts, counts_of
from lib.domain.findings.context import owner_of, sentence_of, spelled_numbers
from lib.domain.findings.fact import NUMBER, Fact, around, compiled, in_hangul, number
from lib.domain.findings.reading import quantities, times


def follows(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> bool:
    """Whether a fact of ``text``, one of ``facts``, may be made of what the brief says."""
    if fact.kind == "money" and isinstance(fact.value, tuple):
        return _price_follows(brief, fact, text, facts)
    if fact.kind == "percent":
        if 100 - float(str(fact.value)) in [each.value for each in brief.of("percent")]:
            return bool(re.match(r"\s?(?:가격|만\s?(?:내|받|부담|지불)|of the price)", text[fact.end :]))
        if ("degree", fact.value) in [each.value for each in brief.of("measure")]:
            return True  # of alcohol: 6도
        value = float(str(fact.value))
        return brief.has_reduction and any(
            a > b > 0 and (abs((a - b) / a * 100 - value) <= 0.5 or abs(b / a * 100 - value) < 0.01)
            for price, following in _lowered(brief)
            for a, b in permutations(each.value[1] for each in (price, following) if isinstance(each.value, tuple))
        )
    if fact.kind == "measure" and isinstance(fact.value, tuple):
        return _is_several(brief, fact, text, facts)
    if fact.kind == "span" and _TOGETHER.search(around(text, fact.start, fact.end, 8, 0)[0]):
        return True
    if fact.kind == "count" and fact.value in _offered(brief):
        return True
    if fact.kind == "span" and spans.is_exact(fact) and spans.is_sum(fact, brief.of("span")):
        return True
    if fact.kind in ("count", "span"):
        return fact.kind == "count" and (
            fact.value in brief.loose_numbers
            or any(
                each.value == fact.value
                and "piece" in (fact.role, each.role)
                and not {fact.role, each.role} & _NO_PIECES
                for each in brief.of("count")
            )
        )
    if fact.kind == "date" and fact.role == "month" and isinstance(fact.value, tuple):
        return bool(re.search(rf"(?<!\d){fact.value[1]}월", brief.text))
    if fact.kind == "weekday":
        return _weekday_follows(brief, fact)
    if fact.kind == "hour":
        return False
    if fact.kind == "name" or fact.kind == "district":
        return str(fact.value) in brief.text
    if fact.kind == "phone":
        return str(fact.value) in re.sub(r"\D", "", brief.text)
    if fact.kind in ("account", "link"):
        return str(fact.value) in brief.text.lower()
    if fact.kind == "founded":
        return float(str(fact.value)) in brief.numbers
    if fact.kind == "offer" and isinstance(fact.value, tuple):
        return "x".join(map(str, fact.value)) in brief.text
    return False


def _offered(brief: BriefFacts) -> frozenset[int]:
    """How many somebody gets in all where some are free: five of 4+1."""
    return frozenset(sum(each.value) for each in brief.of("offer") if isinstance(each.value, tuple))


def _lowered(brief: BriefFacts) -> Iterator[tuple[Fact, Fact]]:
    """The pairs of prices that may be of one product: neighbours in a sentence, a list price and what is paid now."""
    prices = brief.of("money")
    yield from (pair for pair in pairwise(prices) if not _ENDED.search(brief.text[pair[0].end : pair[1].start]))
    full = None
    for price in prices:
        before, after = around(brief.text, price.start, price.end, 10, 6)
        if _FULL.search(before):
            full = price
        elif full and (_NOW.search(before) or _NOW.search(re.split(r"[,./]", after)[0])):
            yield full, price
            full = None


def _in_sentence(text: str, fact: Fact, facts: list[Fact]) -> Iterator[Fact]:
    """The facts of the sentence of a fact."""
    before, _, after = sentence_of(text, fact).partition(fact.text)
    return (each for each in facts if fact.start - len(before) <= each.start <= fact.end + len(after))


def _savings(brief: BriefFacts) -> frozenset[float]:
    """What a price was lowered by, where the brief says both."""
    pairs = [(full.value, now.value) for full, now in _lowered(brief)]
    return frozenset(a[1] - b[1] for a, b in pairs if isinstance(a, tuple) and isinstance(b, tuple))


def _price_follows(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> bool:
    """Whether a price is made of those of the brief: less a discount, some of it, shared, together."""
    currency, amount = fact.value if isinstance(fact.value, tuple) else ("", 0.0)
    limit = re.match(r"\s?(?:이상|넘)", text[fact.end :])
    near = 1 if currency == "won" else 0.01
    prices = brief.prices_in(currency)
    if currency == "won" and amount >= 1_000 and amount in brief.numbers:
        return True
    if _REDUCTION.match(text[fact.end :]):
        return _is_reduction(brief, amount, prices)
    if limit:
        return False
    percents = brief.percents
    several = (each for each in facts if quantities.in_its_place(each) not in _NO_TIMES and each.role not in _NO_TIMES)
    counts = {count for count in (*counts_of(several), *spelled_numbers(text)) if 2 <= count <= 1_000}
    counts |= {ratio for each in facts if each.kind == "measure" for ratio in _times_of_measure(brief, each)}
    counts |= {size for each in facts if each.kind == "measure" for size in _sizes_at_a_rate(brief, each)}
    counts |= {ratio for each in facts if each.kind == "span" for ratio in _times_of_span(brief, each)}
    multiples = {price * count for price in prices for count in counts}
    sums = _sums(prices - brief.discounts)
    raised = {
        price + more * count
        for more in brief.surcharges
        for price in prices - brief.surcharges
        for count in (1, *counts)
    }
    if amount in raised or any(amount / count in raised for count in counts):
        return True
    if amount in multiples or (amount in sums and _is_added(brief, fact, text, amount)):
        return True
    own = brief.price_of(owner_of(text, fact))
    if (
        own is not None
        and not in_hangul(fact.text)
        and any(abs(own * (100 - off) / 100 - amount) < near for off in percents)
    ):
        return True
    lowered = {whole * (100 - off) / 100 for whole in {*prices, *multiples} for off in percents}
    lowered |= {whole - discount for whole in {*prices, *multiples} for discount in brief.discounts}
    if any(abs(each - amount) < near for each in lowered) and _is_reduced(brief, text):
        return True
    line = sentence_of(text, fact)
    if _SHARED.search(line):
        wholes = _prices_of_thing(brief, fact, text) or prices
        shares = [*((whole, counts | brief.counts) for whole in wholes), *((whole, counts) for whole in sums)]
        if any(abs(whole / part - amount) < near for whole, parts in shares for part in parts if part > 1):
            return True
    if _adds_to_earlier(fact, text, facts, amount, prices):
        return True
    owner = owner_of(text, fact)
    if _SEVERAL.search(line) and (owner is None or owner not in brief.text.lower()) and amount in _combined(brief.paid):
        return True
    parts_of = {price * percent / 100 for price in prices for percent in percents}
    if owner not in brief.prices and (amount in _savings(brief) or amount in parts_of):
        return True
    things = [each for each in _in_sentence(text, fact, facts) if each.kind == "count" and each.role not in _NO_THINGS]
    if amount > max(prices, default=0) and len(things) > 1:
        return True  # two of one thing and one of another
    if _TOGETHER.search(line):
        sums |= frozenset(a + b for a in sums for b in prices)
    lower = prices | {each.value[1] for each in facts if each.kind == "money" and isinstance(each.value, tuple)}
    before, after = around(text, fact.start, fact.end, 14, 14)
    before, after = re.split(r"[.!?]\s", before)[-1], re.split(r"[.!?](?!\d)", after)[0]
    is_difference = _LESS.search(before) or _LESS.search(after)
    is_rest = _DEPOSIT.search(line) and not _DEPOSIT.search(before)
    return bool(is_difference or is_rest) and (
        any(whole - price == amount for whole in (*prices, *sums, *multiples) for price in lower)
        or any(abs(price * percent / 100 - amount) < near for price in prices for percent in percents)
    )


def _prices_of_thing(brief: BriefFacts, fact: Fact, text: str) -> frozenset[float]:
    """The brief's prices in whose clause alone stands a word of the clause of a price: what this is the price of."""
    return frozenset(each.value[1] for each in brief.of_same_thing(fact, text) if isinstance(each.value, tuple))


_NO_TIMES = frozenset(("ahead", "apart", "second", "minute", "age"))
"""Spans by which nothing is multiplied: the three minutes from the station."""


def _times_of_measure(brief: BriefFacts, fact: Fact) -> frozenset[float]:
    """How many times a measure of the brief a measure of the caption is, where that is a whole number."""
    unit, amount = fact.value if isinstance(fact.value, tuple) else ("", 0.0)
    own = (each.value for each in brief.of("measure") if isinstance(each.value, tuple) and each.value[0] == unit)
    return frozenset(amount / size for _, size in own if size and amount % size == 0 and 2 <= amount / size <= 36)


def _adds_to_earlier(fact: Fact, text: str, facts: list[Fact], amount: float, prices: Iterable[float]) -> bool:
    """Whether a price of the brief is added to an earlier one of the caption: 22,800원, 택배비까지 26,800원."""
    before, _ = around(text, fact.start, fact.end, 24, 0)
    is_joined = _TOGETHER.search(sentence_of(text, fact)) or _JOINED.search(re.split(r"[,.!?]", before)[-1])
    earlier = (each.value for each in facts if each.kind == "money" and each.end <= fact.start)
    said = {each[1] for each in earlier if isinstance(each, tuple)}
    return bool(is_joined) and any(amount - price in said for price in prices)


def _sizes_at_a_rate(brief: BriefFacts, fact: Fact) -> list[float]:
    """The figures of a measure for one of which the brief has a price: 24평, where it says 평당 12,000원."""
    figures = re.match(NUMBER, fact.text)
    unit = fact.text[figures.end() :].strip() if figures else ""
    return [number(figures[0])] if figures and unit and f"{unit}당" in brief.text else []


def _times_of_span(brief: BriefFacts, fact: Fact) -> frozenset[float]:
    """How many times a span of the brief a span of the caption is, where that is a whole number."""
    length = quantities.minutes(fact)
    own = (quantities.minutes(each) for each in brief.of("span"))
    return frozenset(length / size for size in own if length and size and length % size == 0 and length > size)


def _is_several(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> bool:
    """Whether a measure is that of several: 500g each, 2kg for four."""
    unit, amount = fact.value if isinstance(fact.value, tuple) else ("", 0.0)
    if (figures := re.match(NUMBER, fact.text)) and number(figures[0]) in brief.loose_numbers:
        return True  # 5mm where the brief says 5
    amounts = {each.value[1] for each in brief.of("measure") if isinstance(each.value, tuple) and each.value[0] == unit}
    counts = {*counts_of(facts), *spelled_numbers(text)}
    if _TOGETHER.search(sentence_of(text, fact)):
        counts |= brief.counts
    if costs_as_several(brief, fact, facts):
        return True
    return any(measure * count == amount for measure in amounts for count in counts if 2 <= count <= 100) or (
        amount in _sums(amounts) and bool(_TOGETHER.search(sentence_of(text, fact)))
    )


def costs_as_several(brief: BriefFacts, fact: Fact, facts: list[Fact]) -> bool:
    """Whether a caption has the price of a measure that is several times the brief's: 500g for 6,400, 100g 1,280."""
    prices = {each.value for each in facts if each.kind == "money" and isinstance(each.value, tuple)}
    own = brief.prices_in("won")
    return any(amount / count in own for count in _times_of_measure(brief, fact) for _, amount in prices)


_SEVERAL = compiled(
    r"둘|셋|넷|하나|(?:두|세|네|다섯) (?:명|분|사람|식구|개|잔|장)|[2-5] ?(?:명|인|개|잔|장)|가족|식구|커플|친구"
    r"|\b(?:two|three|four|both)\b",
    re.IGNORECASE,
)


def _multiplied(prices: Iterable[float]) -> frozenset[float]:
    """What two to four of a thing cost."""
    return frozenset(price * count for price in prices for count in (2, 3, 4))


def _combined(prices: Iterable[float]) -> frozenset[float]:
    """What some of one thing and some of another cost: two adults and a child."""
    distinct = sorted(set(prices))
    if len(distinct) > _ADDED:
        return frozenset()
    some = {price: (price, 2 * price, 3 * price, 4 * price) for price in distinct}
    pairs = ((lower, higher) for lower in distinct for higher in distinct if lower < higher)
    return _multiplied(distinct) | {a + b for lower, higher in pairs for a in some[lower] for b in some[higher]}


def may_be_derived(brief: BriefFacts, fact: Fact, text: str) -> bool:
    """Whether the sentence of a price speaks of what makes others of those of the brief: less, together, for two."""
    line = sentence_of(text, fact)
    is_off = _REDUCTION.match(text[fact.end :]) or _SAVED.search(text[max(0, fact.start - 8) : fact.start])
    return not (is_off and brief.discounts) and any(words.search(line) for words in (_LESS, _TOGETHER, _SEVERAL))


_SAVED = compiled(r"\bsave\s$", re.IGNORECASE)


_TOGETHER = compiled(
    r"따로|각각|함께|같이|모두|전부|합쳐|합하|합계|더하|더해|총|둘 ?다|\+|플러스|together|both|plus|total"
    r"|separately|add",
    re.IGNORECASE,
)
_JOINED = compiled(r"[가-힣](?<![시일월분층])까지|[가-힣](?:이랑|하고)\s|\band (?:a |an |some )?[a-z]{4,}")
"""One thing and another: 빨래에 건조까지, ale and fries."""
_REDUCED = compiled(
    r"할인|특가|쿠폰|세일|혜택|이벤트|얼리|예약|신규|첫|지금|오늘|이번|%|off\b|sale|deal|coupon|save|now", re.IGNORECASE
)


def _is_reduced(brief: BriefFacts, text: str) -> bool:
    """Whether a caption speaks of something taken off, or of the occasion on which the brief does."""
    if len(set(brief.paid)) == 1 or _REDUCED.search(text) or _LESS.search(text):
        return True
    return any(word in text for word in brief.occasions)


_REDUCTION = compiled(r"\s?(?:짜리 |즉시 )?(?:할인(?!가|된)|쿠폰|적립|off\b|discount|coupon)", re.IGNORECASE)


def _is_reduction(brief: BriefFacts, amount: float, prices: Iterable[float]) -> bool:
    """Whether something is taken off by so much: a part of a price, or what two prices differ by."""
    if any(abs(price * percent / 100 - amount) < 1 for price in prices for percent in brief.percents):
        return True
    return not brief.discounts and any(a - b == amount for a in (*prices, *_sums(prices)) for b in prices)


def _is_added(brief: BriefFacts, fact: Fact, text: str, amount: float) -> bool:
    """Whether a sum may be meant: the line says so, or names both things."""
    line = sentence_of(text, fact)
    before, _ = around(text, fact.start, fact.end, 24, 0)
    if _TOGETHER.search(line) or _JOINED.search(re.split(r"[,.!?]", before)[-1]):
        return True
    named = {
        each.value[1]
        for each in brief.of("money")
        if isinstance(each.value, tuple)
        and any(
            (word[:2] if word[0] >= "가" else word[:4].lower()) in line.lower()
            for word in re.findall(r"[가-힣A-Za-z]{2,}", around(brief.text, each.start, 0, 14, 0)[0])[-2:]
        )
    }
    return any(amount - price in named and amount != 2 * price for price in named)


_ENDED = compiled(r"\n|[.!?](?!\d)")
"""A sentence ends, and with it what is told of one product."""
_FULL = compiled(
    r"(?:정[상]?가|원래|기존|소비자가)(?:격|는|은)?\s?:?\s?₩?$|(?:\bwas|regular(?:ly)?|list price:?) ?[₩$]?$",
    re.IGNORECASE,
)
_NOW = compiled(r"할인|특가|판매가|행사가|이벤트|오픈가|지금|이번|오늘|\bnow\b|\bsale\b|only", re.IGNORECASE)
_NO_PIECES = frozenset(("people", "time", "night", "team", "serving", "seat", "animal"))
"""What is never counted as pieces (개)."""
_NO_THINGS = _NO_PIECES | {"kind"}
"""What is counted, and bought as no thing of its own."""
_ADDED = 12
"""So many prices are added up in pairs; of more, nearly every amount is the sum of two."""


def _sums(prices: Iterable[float]) -> frozenset[float]:
    """What two things cost together."""
    distinct = sorted(set(prices))
    return frozenset(a + b for a in distinct for b in distinct if a < b) if len(distinct) <= _ADDED else frozenset()


def _weekday_follows(brief: BriefFacts, fact: Fact) -> bool:
    days = fact.value
    if not isinstance(days, frozenset):
        return False
    said = brief.of("weekday")
    closed = frozenset[int]().union(
        *(each.value for each in said if each.role == "closed" and isinstance(each.value, frozenset))
    )
    opened = frozenset[int]().union(
        *(each.value for each in said if each.role != "closed" and isinstance(each.value, frozenset))
    )
    if fact.role == "closed":
        return bool(days <= closed or (opened and days <= times.ALL_DAYS - opened and not closed))
    if fact.role == "date":
        return False
    if fact.role == "open":
        return (
            days <= (opened - closed)
            or (bool(closed) and days <= times.ALL_DAYS - closed)
            or bool(days == times.ALL_DAYS and not said and re.search(r"매일|연중|daily|every ?day|24시간", brief.text))
        )
    return any(isinstance(each.value, frozenset) and days <= each.value for each in said)


_DEPOSIT = compiled(r"계약금|예약금|선금|deposit", re.IGNORECASE)
"""What is paid first, so that the rest is less."""
_SHARED = compiled(
    r"[개병잔캔팩장달회박인명]당|하나에|한\s?(?:[개병잔캔팩장달번회명]|사람|끼|그릇)|각각|씩|꼴|나누|하루|하룻밤"
    r"|1[회인일박]|(?<![가-힣])월\s|매[달월]|=|\bper \w|\d\s+an? [a-z]|\beach|\bmonthly|a month",
    re.IGNORECASE,
)
_LESS = compiled(
    r"나머지|잔금|할인|싸[게요다]|저렴|절약|아[끼껴꼈낄낀]"
    r"|내[려린렸릴]|빼\s?[고면드서]|보다|가볍|이득|남[는아]|깎"
    r"|낮[아은춰]"
    r"|줄[어여었였]|빠[져지졌진집]|차이|더하|더 내|덜\s|(?:원|^) 더(?![가-힣])"
    r"|\bmore\b|\bsav[ei]|\boff\b|less|cheaper|lower",
    re.IGNORECASE,
)
