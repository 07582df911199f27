"""Prices, percents and offers such as 1+1 in a text.

A wrong price or condition in an advertisement is what Article 3 of the Act on Fair Labeling and Advertising is about
(표시·광고의 공정화에 관한 법률 제3조).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lib.domain.findings.fact import ENGLISH, MIXED, NUMBER, SPELLED, Fact, around, compiled, number

_THOUSAND = r"(?:[kK](?![A-Za-z]))?"
_AMOUNT = rf"(?:{MIXED}|{NUMBER}){_THOUSAND}"
"""An amount in figures, also as 17.5K."""
_WON = compiled(
    rf"(?P<sign>₩|\bKRW\s?)(?P<signed>{_AMOUNT})"
    rf"|(?:(?P<low>{_AMOUNT})\s?(?:원\s?)?(?:[~-]|에서)\s?)?"
    rf"(?P<high>(?<![\d,.])(?:{_AMOUNT}))\s?-?(?:원(?!칙|료|두|목|산|조|형|데이|룸|피스|정대|장|앤|플러스"
    rf"|\s?플러스|샷)|won\b|KRW\b)"
    rf"|(?<![가-힣\d])(?P<spelled>{SPELLED})\s?원(?!\s?(?:버스|사례))(?![가-힣]|$)(?=[^가-힣])"
    rf"|(?<![가-힣\d])(?P<spelled_on>{SPELLED})\s?원(?=에|의|짜리|이|으로|부터|까지|씩|도|만|$|할인)",
    re.IGNORECASE,
)
_DOLLAR = compiled(
    rf"(?:US)?\$\s?(?P<signed>{NUMBER}{_THOUSAND})|(?P<high>{NUMBER}{_THOUSAND})\s?(?:달러|dollars?\b|USD\b)",
    re.IGNORECASE,
)
_BARE = compiled(
    r"(?:단돈|가격[은:]?|특가|판매가|정가|할인가|only|just|for|now"
    r"|price[:d]?(?: at)?)\s?(?P<high>\d{1,3}(?:,\d{3})+)(?![\d,.]|\s?[가-힣A-Za-z%])",
    re.IGNORECASE,
)
_ALONE = compiled(r"(?<![\d,.+-])(?P<high>\d{1,3}(?:,\d{3})+)(?![\d,.]|\s?[가-힣A-Za-z%~-])")
"""An amount without its currency, as menus have it; it may also be a number of anything."""
_WON_SIGN = compiled(r"원|₩|won\b|KRW", re.IGNORECASE)
_DOLLAR_SIGN = compiled(r"\$|달러|dollar|USD", re.IGNORECASE)
_THOUSANDS = compiled(r"\d,\d{3}")
"""What a text has where the expressions above can match; most texts have none of it."""
_ABOUT = compiled(r"^\s?(?:[도이]\s?(?:채\s)?안|[이가]?\s?넘[는은었던나]|미만|이내|정도|쯤|꼴|남짓|어치|의 행복|사례)")
_ABOUT_BEFORE = compiled(
    r"(?:(?<![가-힣])(?:약|대략|거의)|under|below|less than|about|around|nearly|almost)\s*₩?$", re.IGNORECASE
)

_BAND = compiled(r"^\s?대(?![박신비여출상표])")
"""A price in a band: 4만 원대 is 40,000 to 49,999 won."""

_PERCENT = compiled(
    rf"(?:(?P<low>{NUMBER})\s?%?\s?[~-]\s?)?(?P<value>{NUMBER})\s?(?:%|퍼센트|프로(?![가-힣])|percent\b)"
)
_PERCENT_SIGN = compiled("%|퍼센트|프로|percent")
_HALF = compiled(r"반값|반\s?가격|절반\s?가격|\bhalf[ -]?(?:price|off)\b", re.IGNORECASE)

_COUNT = r"(?:[1-9]|하나|원|투|one|two|three)"
_OFFER = compiled(
    rf"(?<![\w+.])(?P<buy>{_COUNT})\s?(?:\+|플러스|\bplus\b)\s?(?P<free>{_COUNT})(?![\d+]|\.\d|\s?=)"
    r"|\bbuy (?P<buy_en>one|two|three|[1-9]),? get (?P<free_en>one|two|[1-9])\b|\b(?P<bogo>BOGO)\b"
    r"|(?P<one>하나|두 ?개|2개) 사(?:면|시면) (?:하나|한 ?개|1개)(?:를|가)? ?(?:더|덤)",
    re.IGNORECASE,
)
_OFFERED = {"하나": 1, "원": 1, "투": 2, "두개": 2, "두 개": 2, "2개": 2} | ENGLISH


def read(text: str) -> Iterator[Fact]:
    """The prices (won or dollars), percents and offers of a text."""
    for pattern, signs, currency in (
        (_WON, _WON_SIGN, "won"),
        (_DOLLAR, _DOLLAR_SIGN, "usd"),
        (_BARE, _THOUSANDS, "won"),
        (_ALONE, _THOUSANDS, "won"),
    ):
        for match in pattern.finditer(text) if signs.search(text) else ():
            before, after = around(text, match.start(), match.end(), 12, 10)
            if _ABOUT.match(after) or _ABOUT_BEFORE.search(before):
                continue
            names = match.groupdict()
            if names.get("low"):
                high, low = _amount(match["high"]), _amount(match["low"])
                yield Fact("money", (currency, _raised(low, high)), match.start("low"), match.end("low"), match["low"])
                start = match.start("high")
                yield Fact("money", (currency, high), start, match.end(), text[start : match.end()])
                continue
            amount = next(value for name, value in names.items() if value and name != "sign")
            if (names.get("spelled") or names.get("spelled_on")) and _amount(amount) < 100:  # 사원, 구원, 일원: words
                continue
            if _BAND.match(after):
                yield Fact("band", _band(_amount(amount)), match.start(), match.end(), match[0], sure=currency == "won")
            elif _amount(amount):  # a delivery for 0원 is free
                is_sure = pattern is not _ALONE
                yield Fact("money", (currency, _amount(amount)), match.start(), match.end(), match[0], is_sure)
    for match in _PERCENT.finditer(text) if _PERCENT_SIGN.search(text) else ():
        value = number(match["value"])
        before, after = around(text, match.start(), match.end(), 12, 6)
        if _ABOUT_BEFORE.search(before) or re.match(r"\s?(?:가까이|가량|정도|쯤|남짓|이\s?넘)", after):
            continue
        if match["low"]:
            yield Fact("percent", number(match["low"]), match.start("low"), match.end("low"), match["low"], value < 100)
        start = match.start("value")
        yield Fact("percent", value, start, match.end(), text[start : match.end()], sure=value < 100)
    for match in _HALF.finditer(text):
        yield Fact("percent", 50.0, match.start(), match.end(), match[0])
    for match in _OFFER.finditer(text):
        yield Fact("offer", _offer(match), match.start(), match.end(), match[0])


def _amount(text: str) -> float:
    return number(text[:-1]) * 1_000 if text[-1] in "kK" else number(text)


def _raised(low: float, high: float) -> float:
    """The lower end of a range that leaves its unit to the upper one: 3~5만 원."""
    for unit in (10_000, 1_000):
        if low < 100 <= unit <= high and low * unit <= high:
            return low * unit
    return low


def _band(amount: float) -> tuple[float, float]:
    """The lowest price of a band, and the first beyond it: by the last figure that is said."""
    step = 1.0
    while amount and amount % (step * 10) == 0:
        step *= 10
    return amount, amount + step


def _offer(match: re.Match[str]) -> tuple[int, int]:
    def count(word: str) -> int:
        return int(word) if word.isdigit() else _OFFERED[word.lower()]

    if match["bogo"]:
        return 1, 1
    if match["one"]:
        return count(match["one"]), 1
    return count(match["buy"] or match["buy_en"]), count(match["free"] or match["free_en"])
