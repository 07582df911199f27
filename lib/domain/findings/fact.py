"""A fact that a text states, and the finding that a check of a caption makes: each with its place in the text."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Literal, get_args

Kind = Literal["facts", "disclosure", "language"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Field = Literal["instagram_ad_copy", "hashtags"]


@dataclass(frozen=True)
class Finding:
    """Something in a caption that a person should look at; ``finding.<code>`` in the words files is its sentence.

    ``start`` and ``end`` count code points of the stored ``field``; both are None where something is missing.
    ``brief`` is what the brief says in its place, empty if it says nothing.
    """

    kind: Kind
    code: str
    field: Field = "instagram_ad_copy"
    start: int | None = None
    end: int | None = None
    text: str = ""
    brief: str = ""
    params: dict[str, Any] = dataclasses.field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a text.

    Two texts state the same fact where ``kind`` is equal and the values agree. ``sure`` tells whether the words around
    it leave no doubt that it is a fact of the offer and not of a scene ("3 o'clock, time for a break").
    """

    kind: str
    value: Hashable
    start: int
    end: int
    text: str
    sure: bool = True
    role: str = ""


_WIDTHS = str.maketrans(
    {
        **{chr(0xFF01 + at): chr(0x21 + at) for at in range(94)},
        "〜": "~",
        "∼": "~",
        "－": "-",
        "–": "-",
        "—": "-",
        "−": "-",
    }
    | {"\u00a0": " ", "\u3000": " ", "￦": "₩", "’": "'", "‘": "'"}
)


_ANY_WIDE = re.compile(f"[{''.join(map(chr, _WIDTHS))}]")


def narrow(text: str) -> str:
    """The text with full-width signs, dashes and blanks in their plain form, each still one character."""
    return _ANY_WIDE.sub(lambda wide: _WIDTHS[ord(wide[0])], text)


def compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """The regular expression, in which a word of Latin letters ends before Hangul too: 8pm까지, PPL이에요."""
    return re.compile(pattern.replace(r"\b", r"(?a:\b)"), flags)


def around(text: str, start: int, end: int, before: int, after: int) -> tuple[str, str]:
    """What stands before and after a stretch on its own line: at most so many characters."""
    left = text[max(0, start - before) : start].rpartition("\n")[2]
    return left, text[end : end + after].partition("\n")[0]


def in_hangul(text: str) -> bool:
    """Whether a text has a syllable of Hangul: 6,900원, and not ₩6,900."""
    return bool(_HANGUL.search(text))


_HANGUL = re.compile("[가-힣]")
PARTICLE = r"(?=$|[^가-힣]|[은는이가을를의에도만로씩]|와|과|까지|부터|으로|이나|짜리|보다|마다|정도|에서|이면|면)"
"""What may follow a noun of one syllable, so that it is not the beginning of another word."""


# -- numbers ----------------------------------------------------------------------------------------------------------

_UNITS = {"십": 10, "백": 100, "천": 1_000}
_LARGE = {"만": 10_000, "억": 100_000_000}
_DIGITS = {digit: number for number, digit in enumerate("일이삼사오육칠팔구", 1)}
_ONES_NATIVE = ("", "한 하나", "두 둘", "세 셋 석", "네 넷 넉", "다섯", "여섯", "일곱", "여덟", "아홉")
_TENS_NATIVE = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_HUNDREDS = {"백": 100, "이백": 200, "삼백": 300, "사백": 400, "오백": 500}
NATIVE = (
    {"스무": 20}
    | _HUNDREDS
    | {
        f"{ten}{unit}": tens * 10 + digit
        for tens, ten in enumerate(_TENS_NATIVE)
        for digit, words in enumerate(_ONES_NATIVE)
        for unit in words.split() or [""]
        if ten or unit
    }
)
"""Korean's own numerals, and hundreds, as they stand before what is counted."""
_TENS_PATTERN = "|".join(filter(None, _TENS_NATIVE))
_ONES_PATTERN = "|".join(sorted(" ".join(_ONES_NATIVE).split(), key=len, reverse=True))
NATIVE_WORD = rf"(?:{_TENS_PATTERN})?(?:{_ONES_PATTERN})|{_TENS_PATTERN}|스무|{'|'.join(_HUNDREDS)}"
"""One of :data:`NATIVE`."""
_FIRST_ENGLISH = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS_ENGLISH = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ENGLISH = (
    {
        word: number
        for number, word in (*enumerate(_FIRST_ENGLISH, start=1), *zip(range(20, 100, 10), _TENS_ENGLISH, strict=True))
    }
    | {
        f"{ten}-{digit}": tens + number
        for tens, ten in zip(range(20, 100, 10), _TENS_ENGLISH, strict=True)
        for number, digit in enumerate(_FIRST_ENGLISH[:9], start=1)
    }
    | {f"{digit} hundred": 100 * number for number, digit in enumerate(("a", *_FIRST_ENGLISH[1:9]), start=1)}
)

NUMBER = r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,9})?|\d{1,12}(?:\.\d{1,9})?"
"""A number in digits, with or without separated thousands; bounded, because a row of digits has very many parts."""
MIXED = rf"(?:(?:{NUMBER})\s?[십백천만억](?:\s(?=\d))?){{1,6}}(?:{NUMBER})?"
"""Digits with Korean units: 6천9백, 1만 2천, 1만2,000, 2.5만."""
SPELLED = r"[이삼사오육칠팔구]?[십백천만](?:\s?[일이삼사오육칠팔구]?[십백천만]){0,8}(?:[일이삼사오육칠팔구])?"
"""A number in Sino-Korean words: 만, 오천, 만 이천, 삼만오천."""
_PART = re.compile(rf"({NUMBER})?\s?([십백천만억])?")


def number(text: str) -> float:
    """The value of a :data:`NUMBER`, :data:`MIXED` or :data:`SPELLED`."""
    if text.isascii():
        return float(text.replace(",", ""))
    spelled = re.sub("[일이삼사오육칠팔구]", lambda digit: str(_DIGITS[digit[0]]), re.sub(r"\s", "", text))
    total = section = 0.0
    for match in _PART.finditer(spelled):
        if not match[0]:
            continue
        value = float(match[1].replace(",", "")) if match[1] else 1.0
        if match[2] in _LARGE:
            section += value if match[1] else 0.0
            total += (section or 1.0) * _LARGE[match[2]]
            section = 0.0
        else:
            section += value * _UNITS.get(match[2] or "", 1)
    return round(total + section, 6)
