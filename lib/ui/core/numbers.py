"""Numbers as a reader says them: Korean 만 and 억 or English K and M, money, milliseconds; what is unknown says so."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from lib.ui.core.words import language, say

_UNITS: dict[str, tuple[tuple[float, str], ...]] = {
    "ko": ((1e12, "조"), (1e8, "억"), (1e4, "만")),
    "en": ((1e9, "B"), (1e6, "M"), (1e4, "K")),
}
_DIVISORS = {"B": 1e9, "M": 1e6, "K": 1e3}
_SECOND_MS = 1000
_MINUTE_S = 60


def amount(count: float) -> str:
    """A count, short: 3,210 · 1.2만 · 3.4억."""
    for least, unit in _UNITS[language()]:
        if abs(count) >= least:
            divided = count / _DIVISORS.get(unit, least)
            return f"{divided:,.1f}".removesuffix(".0") + unit
    return f"{count:,.0f}"


def usd(money: Decimal | float | None) -> str:
    """US dollars to the cent, and small ones to two digits that count; None is unknown."""
    if money is None:
        return say("metrics.unknown")
    value = Decimal(money)
    if value == 0 or abs(value) >= 1:
        return f"${value:,.2f}"
    places = 1 - value.adjusted()
    return f"${value:,.{max(2, places)}f}"


def krw(money: Decimal | None, rate: Decimal | None) -> str | None:
    """The same in won, where a rate is given."""
    if money is None or rate is None:
        return None
    won = money * rate
    return f"₩{won:,.0f}" if won == 0 or won >= 1 else f"₩{won:,.2f}"


def milliseconds(value: float | None) -> str:
    """A latency in the unit that people would say it in."""
    if value is None:
        return say("metrics.unknown")
    if value < _SECOND_MS:
        return say("metrics.ms", value=f"{value:,.0f}")
    seconds = value / _SECOND_MS
    if seconds < _MINUTE_S:
        return say("metrics.s", value=f"{seconds:,.1f}")
    return say("metrics.min", value=f"{seconds / _MINUTE_S:,.1f}")


def share(part: int, whole: int) -> str:
    """A share in percent; unknown of nothing."""
    return f"{100 * part / whole:,.1f}%" if whole else say("metrics.unknown")


def change(now: float | Decimal | None, before: float | Decimal | None) -> str | None:
    """How much more it is than before, in percent; None where there is nothing to compare with."""
    if now is None or not before:
        return None
    return f"{100 * (float(now) / float(before) - 1):+,.1f}%"


def day(told: dt.date) -> str:
    """A day, as the language writes it."""
    return say("metrics.day", year=told.year, month=told.month, day=told.day)
