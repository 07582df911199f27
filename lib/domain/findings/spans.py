"""What a span of time is the span of: a warranty, a delivery, a class, the way from the station."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

from lib.domain.findings.agreement import agrees, lasts_as_long, unlimited
from lib.domain.findings.brief_facts import BriefFacts
from lib.domain.findings.fact import Fact, around, compiled
from lib.domain.findings.reading import quantities

_SESSIONS = (
    r"진료|시술|수업|강습|레슨|투어|\btour\b|클래스|상영|공연|관람|소요 ?시간|한 번에|완성|session|class|runs for"
)
_TOPICS = [
    compiled(words, re.IGNORECASE)
    for words in (
        r"보증|워런티|A/S|(?-i:\bAS\b)|무상|무료로 (?:살|고[쳐치]|봐|점검|관리|바꿔)|warranty|guarantee"
        r"|\bcover(?:ed|age|s)\b",
        r"환불|반품|교환|refund|return|\b(?:money|dollar|penny|cent)s? back\b",
        r"주차|발렛|parking",
        r"발송|출고|출발|떠나요|보내[면요 드]|dispatch|\bships?\b",
        r"배송|배달|도착|deliver|arriv",
        r"취소|변경|cancel|reschedul",
        r"유통기한|소비기한|보관|드세요|드셔야|shelf life|keeps for|\b(?:drink|eat) (?:it|them) within",
        r"무이자|할부|installments?",
        r"유효기간|사용 ?기한|(?:안에|이내에?) (?:꼭 )?(?:[쓰써]|사용|사[셔세야])|\bvalid|expire",
        r"충전|배터리|재생|battery|playback",
        _SESSIONS,
        r"사용 ?(?:후|한|했)|[써발라] ?봤|썼|발랐|\b(?:of|after) (?:use|using)",
        r"도보|걸어|걸으면|on foot|walk",
        r"택시|자동차|차로|차 타고|taxi|\bcab\b|by car|driv",
    )
]
"""What a span may be the span of, in the languages of captions."""
_SESSION = compiled(_SESSIONS, re.IGNORECASE)
_THEN = compiled(r"\s?(?:전|뒤|후|이\s?지나|이?\s?늦|late\b|after\b|before\b|into\b)")
_THEN_BEFORE = compiled(r"(?:시작|후|뒤|전)\s?$")


def is_beside_session(text: str, fact: Fact) -> bool:
    """Whether a span is the time before or after something that itself lasts: 수업 5분 전, 공연 후 10분."""
    before, after = around(text, fact.start, fact.end, 12, 12)
    is_then = _THEN.match(after) or _THEN_BEFORE.search(before)
    return bool(is_then and (_SESSION.search(before) or _SESSION.search(after)))


def _topic(text: str, fact: Fact) -> frozenset[int]:
    """The topics that the clause around a span names."""
    before = _CLAUSE.split(text[max(0, fact.start - 30) : fact.start])[-1]
    after = _CLAUSE.split(text[fact.end : fact.end + 30])[0]
    return frozenset(at for at, words in enumerate(_TOPICS) if words.search(before) or words.search(after))


_CLAUSE = compiled(r"[.!?\n,;·()]|(?<!\bA)/")


def day_of_topic(brief: BriefFacts, fact: Fact, text: str) -> str:
    """The brief's one day of the week of what a day of the caption is about, where it is another one: 목요일 발송."""
    topic = _topic(text, fact)
    if not topic or fact.role not in _PLAIN_DAYS or fact.value in [each.value for each in brief.of("weekday")]:
        return ""
    said = [each for each in brief.of("weekday") if each.role in _PLAIN_DAYS and _topic(brief.text, each) == topic]
    return said[0].text if len(said) == 1 else ""


_PLAIN_DAYS = ("", "weekly")


def of_topic(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> Fact | None:
    """The brief's one span of what a span of the caption is about, where it is another one and not said besides."""
    length, topic = quantities.minutes(fact), _topic(text, fact)
    if length is None or not topic or quantities.is_idle(text, fact):
        return None
    place = quantities.in_its_place(fact)
    said = [
        each
        for each in brief.of("span")
        if quantities.minutes(each) is not None
        and quantities.in_its_place(each) == place
        and _topic(brief.text, each) == topic
    ]
    ranged = any(
        re.match(r"\s?[~-]", brief.text[each.end :]) or brief.text[: each.start].endswith(("~", "-")) for each in said
    )
    own = quantities.minutes(said[0]) if len(said) == 1 and not ranged else None
    if own is None or lasts_as_long(fact, said[0]) or max(own, length) > _AS_LONG * min(own, length):
        return None
    is_said = any(agrees(each, said[0]) and _topic(text, each) == topic for each in facts)
    return None if is_said else said[0]


_AS_LONG = 12
"""How many times as long a mistaken span is at most; beyond that it is of something else (5주 beside 2시간)."""


def other_range(brief: BriefFacts, fact: Fact, text: str, facts: list[Fact]) -> str:
    """The brief's one range of what is counted, where a fact ends another one: 3~4시간 beside 2~3시간."""
    said = [
        each
        for each in _ranges(brief.text, brief.facts)
        if each[1].kind == fact.kind and unlimited(each[1].role) == unlimited(fact.role)
    ]
    is_end = any(fact in each for each in _ranges(text, facts))
    if not is_end or len(said) != 1 or fact.value in [each.value for each in said[0]] or quantities.is_idle(text, fact):
        return ""
    return brief.text[said[0][0].start : said[0][1].end]


def _ranges(text: str, facts: list[Fact]) -> list[tuple[Fact, Fact]]:
    """The facts of a text that are the two ends of a range."""
    return [
        (low, high)
        for low, high in pairwise(facts)
        if low.kind == high.kind
        and unlimited(low.role) == unlimited(high.role)
        and _TO.fullmatch(text, low.end, high.start)
    ]


_TO = compiled(r"\s?(?:[~-]|부터|에서)\s?")


def is_within(brief: BriefFacts, fact: Fact) -> bool:
    """Whether an amount is between the two ends of a range of the brief: 93 of 40~100 degrees."""
    value = _figure(fact)
    ranges = [
        pair for pair in _ranges(brief.text, brief.facts) if (pair[0].kind, pair[0].role) == (fact.kind, fact.role)
    ]
    return any(_figure(low) < value < _figure(high) for low, high in ranges)


def _figure(fact: Fact) -> float:
    return float(str(fact.value[1] if isinstance(fact.value, tuple) else fact.value))


_ROUND = frozenset((12, 15, 20, 24, 30, 48, 50, 60, 72, 90, 100, 365))


def is_exact(fact: Fact) -> bool:
    """Whether a span is none that people say of anything: 55 hours, 14 days."""
    return fact.text[0].isdigit() and _figure(fact) > 10 and _figure(fact) not in _ROUND


def is_telling(fact: Fact) -> bool:
    """Whether a span is of a unit in which few people speak of anything else: no minutes of a break, no days."""
    is_always = fact.role == "hour" and _figure(fact) == _DAY_IN_HOURS
    is_long = fact.role == "minute" and _figure(fact) >= _LONG
    return is_long or (fact.role in ("second", "hour", "month", "year") and not is_always)


_LONG = 40
_DAY_IN_HOURS = 24


def may_replace(fact: Fact, said: Fact) -> bool:
    """Whether a span of a caption may stand in the place of one of the brief: alike in length, said of the same."""
    mine, theirs = quantities.minutes(fact), quantities.minutes(said)
    if mine is None or theirs is None or quantities.in_its_place(fact) != quantities.in_its_place(said):
        return False
    return max(mine, theirs) <= _ALIKE * min(mine, theirs)


_ALIKE = 3


def is_sum(fact: Fact, said: list[Fact]) -> bool:
    """Whether a span is as long as two of the brief together: 13 months, one of them free."""
    lengths = [_figure(each) for each in said if each.role == fact.role]
    return any(_figure(fact) == first + second for first, second in combinations(lengths, 2))
