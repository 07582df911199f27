"""Numbers look as readers of each language write them, and what is unknown is never 0."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lib.i18n import numbers


@pytest.mark.parametrize(
    ("count", "korean", "english"),
    [
        (0, "0", "0"),
        (9_999, "9,999", "9,999"),
        (10_000, "1만", "10K"),
        (12_345, "1.2만", "12.3K"),
        (-12_345, "-1.2만", "-12.3K"),
        (9_999_999, "1000만", "10M"),
        (123_456_789, "1.2억", "123.5M"),
        (1_234_567_890_123, "1.2조", "1.2T"),
    ],
)
def test_a_count_is_short(count: int, korean: str, english: str) -> None:
    assert numbers.amount("ko", count) == korean
    assert numbers.amount("en", count) == english


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Decimal(0), "$0.00"),
        (Decimal("1234.567"), "$1,234.57"),
        (Decimal("0.5"), "$0.50"),
        (Decimal("0.0012345"), "$0.0012"),
        (0.00009, "$0.000090"),
        (Decimal(-2), "-$2.00"),
    ],
)
def test_dollars_keep_two_digits_that_count(money: Decimal | float, written: str) -> None:
    assert numbers.usd("ko", money) == numbers.usd("en", money) == written


def test_won_need_a_rate() -> None:
    assert numbers.krw("ko", Decimal(2), Decimal("1390.5")) == "₩2,781"
    assert numbers.krw("ko", Decimal("0.0001"), Decimal(1400)) == "₩0.14"
    assert numbers.krw("ko", Decimal(2), None) is None
    assert numbers.krw("ko", None, Decimal(1400)) is None


@pytest.mark.parametrize(
    ("value", "korean", "english"),
    [
        (0, "0ms", "0 ms"),
        (999.4, "999ms", "999 ms"),
        (2400, "2.4초", "2.4 s"),
        (90_000, "1.5분", "1.5 min"),
        (21_600_000, "6.0시간", "6.0 h"),
    ],
)
def test_a_latency_is_written_in_the_unit_that_fits(value: float, korean: str, english: str) -> None:
    assert numbers.milliseconds("ko", value) == korean
    assert numbers.milliseconds("en", value) == english


def test_what_is_unknown_says_so() -> None:
    assert numbers.usd("en", None) == numbers.milliseconds("en", None) == numbers.share("en", 0, 0) == "unknown"
    assert numbers.usd("ko", None) == "알 수 없음"


def test_shares_and_changes_are_percentages() -> None:
    assert numbers.share("en", 1, 3) == "33.3%"
    assert numbers.change("en", 1200, 1000) == "+20.0%"
    assert numbers.change("ko", Decimal(1), Decimal(2)) == "-50.0%"
    assert numbers.change("en", 5, 0) is None
    assert numbers.change("en", None, 5) is None
