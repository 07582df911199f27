"""The words around a fact: what it is the price or the number of, and what stands beside it."""

from __future__ import annotations

import re
from functools import lru_cache

from lib.domain.findings import loanwords
from lib.domain.findings.fact import ENGLISH, NATIVE, NATIVE_WORD, Fact, around, compiled, in_hangul

_EMOJI = "\U0001f000-\U0001faff\u2600-\u27bf"
"""Pictures, which end a sentence as a full stop does."""


def sentence_of(text: str, fact: Fact) -> str:
    """The sentence of a fact on its line: at most 100 characters on each side."""
    ends = rf"[\n!?{_EMOJI}]|\.(?!\d)"
    before, after = text[max(0, fact.start - 100) : fact.start], text[fact.end : fact.end + 100]
    return re.split(ends, before)[-1] + fact.text + re.split(ends, after)[0]


def clause_of(text: str, fact: Fact) -> str:
    """The part of a fact's sentence between two commas."""
    before, after = around(text, fact.start, fact.end, 60, 30)
    return CLAUSE_END.split(before)[-1] + fact.text + CLAUSE_END.split(after)[0]


CLAUSE_END = compiled(rf"[!?;\n{_EMOJI}]|/(?!\d)|[.,](?!\d)")


_SPELLED = compiled(
    rf"(?<![가-힣])({NATIVE_WORD})(?=\s|개|병|잔|장|명|판|이[면서])"
    rf"|\b({'|'.join(ENGLISH)})\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=8)
def spelled_numbers(text: str) -> frozenset[float]:
    """The numbers that a text says in words."""
    spelled = {NATIVE[match[1]] if match[1] else ENGLISH[match[2].lower()] for match in _SPELLED.finditer(text)}
    return frozenset(spelled | ({2} if _COUPLE.search(text) else set()))


_COUPLE = compiled(r"커플|\bcouples?\b", re.IGNORECASE)


_OWNER = compiled(
    r"(?<![\d가-힣A-Za-z,.])(\d+[가-힣A-Za-z]+|[가-힣A-Za-z]{2,})\s*(?:[:：=]|(?<=[가-힣])(?:은|는|이"
    r"|가))?(?:\s(?:are|is|at|for|from|only|just|now)){0,2}\s*[-·(]?\s*[₩$]?$"
)
OPENING = compiled(r"(?:^|[.!?\n/])\s*$")
_NO_OWNER = frozenset(
    [
        "하루",
        "매일",
        "오늘",
        "단돈",
        "가격",
        "정가",
        "할인가",
        "특가",
        "판매가",
        "각각",
        "모두",
        "전부",
        "오직",
        "최대",
        "최소",
        "으로",
        "에서",
        "only",
        "just",
        "for",
        "now",
        "price",
        "from",
        "at",
        "the",
    ]
)


_ASIDE = compiled(r"\s?(?:\([^()\n]{1,20}\)|(?<=[가-힣]\s)(?:추가|별도))\s?$")
"""What stands between a thing and its price: 10kg(28~32과) 72,000원, 잼 만들기 추가 8,000원."""


def owner_of(text: str, fact: Fact) -> str | None:
    """The word right before a price, without its particle: what costs so much."""
    before = text[max(0, fact.start - 40) : fact.start].rpartition("\n")[2]
    match = _OWNER.search(_ASIDE.sub(" ", before)[-20:])
    if not match:
        return None
    word = re.sub(r"(?<=[가-힣]{2}|\d[가-힣])(?:은|는|이|가)$", "", match[1]).lower()
    return None if word in _NO_OWNER else word


@lru_cache(maxsize=256)
def words_of(clause: str) -> frozenset[str]:
    """The words of a clause that may name a thing, without particles: those in Hangul by their first two syllables."""
    words = re.findall(r"[가-힣]{2,}|[A-Za-z]{3,}", clause)
    return frozenset(word[:2] if word[0] >= "가" else word.lower() for word in words) - _NO_CONTEXT


def shares_context(text: str, fact: Fact, other_text: str, other: Fact) -> bool:
    """Whether a word beside the one fact stands beside the other one too, by its first syllables, or in translation."""
    mine, theirs = _beside(text, fact), _beside(other_text, other)
    if in_hangul(fact.text) != in_hangul(other.text) and any(
        loanwords.same(word, own) for word in mine if word.isascii() for own in theirs if not own.isascii()
    ):
        return True
    return bool(_context(mine) & _context(theirs))


def _beside(text: str, fact: Fact) -> list[str]:
    """The words beside a fact, and the one right before it with a blank at its end."""
    before = text[max(0, fact.start - 12) : fact.start].rpartition("\n")[2]
    after = text[fact.end : fact.end + (18 if fact.text.isascii() else 10)].partition("\n")[0]
    last = re.search(r"([가-힣A-Za-z]+)\s?$", before)
    around_it = f"{before} {after}"
    words = _WORD.findall(around_it) + _SYLLABLE.findall(around_it)
    return [word for word in words if word not in _NO_NOUNS] + ([f"{last[1]} "] if last else [])


_WORD = compiled(r"[가-힣]{2,}|[A-Za-z]{4,}")
_SYLLABLE = compiled(r"(?<![가-힣])[가-힣](?=[은는이가을를]? )")
_NO_NOUNS = frozenset(
    "한두세네첫단딱더꼭이그저수등및또다안못잘약총각전후내때것분번개명원시일월년주달날데만점곳중외간씩뒤앞옆위밑속밖매큰새온참늘꽤왜"
)
"""Words of one syllable that name nothing."""


def _context(words: list[str]) -> frozenset[str]:
    beside = {word for word in words if word.endswith(" ")}
    starts = {word[:2] if word[0] >= "가" else word[:4].lower() for word in words if word not in beside}
    return frozenset(starts) - _NO_CONTEXT | beside


_NO_CONTEXT = frozenset(
    ("하루", "매일", "오늘", "우리", "저희", "정말", "지금", "이상", "동안", "정도", "따뜻", "맛있")
)
