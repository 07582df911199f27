"""Numbers for readers: counts, money, latencies, shares. None, a value that is not known, is said to be unknown."""

from __future__ import annotations

import math
from decimal import Decimal

from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent

from lib.domain.brief import Language
from lib.i18n.words import say

COMPACT_FROM = 10_000
"""Smaller counts are written out: 3,210 is as short as 3.2K, and Korean has no short form that people use."""

_SECOND_MS = 1000
_LONGEST_MS = 1e15
"""Longer values, which only a mistake can be, are written with an exponent: Babel cannot write them out."""
_UNITS = (("s", 1, 60), ("min", 60, 3_600), ("h", 3_600, math.inf))
"""Units of a latency from a second on: how many seconds each has, and below how many it is used."""


def amount(language: Language, count: float) -> str:
    """A count, short: 3,210, then 1.2만 and 3.4억 or 12.3K and 340M."""
    if abs(count) < COMPACT_FROM:
        return format_decimal(count, "#,##0", locale=language)
    return format_compact_decimal(count, locale=language, fraction_digits=1)


def usd(language: Language, money: Decimal | float | None) -> str:
    """US dollars to the cent; less than a dollar to two significant digits."""
    if money is None:
        return say(language, "value.unknown")
    value = Decimal(money)
    decimals = 2 if value == 0 or abs(value) >= 1 else max(2, 1 - value.adjusted())
    return format_currency(value, "USD", f"$#,##0.{'0' * decimals}", locale=language, currency_digits=False)


def krw(language: Language, money: Decimal | None, rate: Decimal | None) -> str | None:
    """US dollars in won, at so many won a dollar; None if the money or the rate is not known."""
    if money is None or rate is None:
        return None
    won = money * rate
    pattern = "₩#,##0" if won == 0 or won >= 1 else "₩#,##0.00"
    return format_currency(won, "KRW", pattern, locale=language, currency_digits=False)


def milliseconds(language: Language, value: float | None) -> str:
    """A latency given in ms, written in ms, seconds, minutes or hours."""
    if value is None:
        return say(language, "value.unknown")
    if value < _SECOND_MS:
        return say(language, "value.ms", value=format_decimal(value, "#,##0", locale=language))
    seconds = value / _SECOND_MS
    unit, size_s = next((unit, size_s) for unit, size_s, below_s in _UNITS if seconds < below_s)
    pattern = "#,##0.0" if value < _LONGEST_MS else "0.0E0"
    return say(language, f"value.{unit}", value=format_decimal(seconds / size_s, pattern, locale=language))


def share(language: Language, part: int, whole: int) -> str:
    """The part in percent of the whole; unknown if the whole is 0."""
    return format_percent(part / whole, "#,##0.0%", locale=language) if whole else say(language, "value.unknown")


def change(language: Language, now: float | Decimal | None, before: float | Decimal | None) -> str | None:
    """The growth from before to now in percent, with its sign; None if there is nothing to compare with."""
    if now is None or not before:
        return None
    return format_percent(float(now) / float(before) - 1, "+#,##0.0%;-#,##0.0%", locale=language)
