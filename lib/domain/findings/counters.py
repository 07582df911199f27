"""What a text counts by words that are no units: 3,200컷, 42 countries."""

from __future__ import annotations

from collections.abc import Iterator

from lib.domain.findings.fact import NATIVE, NATIVE_WORD, NUMBER, PARTICLE, Fact, compiled, number

_COUNTER = compiled(
    rf"(?:(?<![\d.,/+:A-Za-z-])(?P<n>{NUMBER})\s?|(?<![가-힣])(?!둘 다)(?P<native>{NATIVE_WORD})\s)"
    rf"(?P<ko>[가-힣]{{1,3}}?){PARTICLE}"
    rf"|(?<![\d.,/+:A-Za-z-])(?P<of>{NUMBER})[ -](?P<en>[a-z]{{4,20}})\b"
)
_NO_COUNTERS = frozenset(
    [
        "원",
        "천",
        "만",
        "억",
        "백",
        "십",
        "시",
        "분",
        "초",
        "월",
        "일",
        "년",
        "주",
        "달",
        "세",
        "살",
        "대",
        "층",
        "동",
        "길",
        "로",
        "번지",
        "배",
        "점",
        "등",
        "차",
        "탄",
        "부",
        "절",
        "말",
        "번째",
        "째",
        "세기",
        "학년",
        "반",
        "프로",
        "점대",
        "시간",
        "개",
        "평",
        "호",
        "번",
        "박",
        "인",
        "명",
    ]
)


def counters_in(text: str, facts: list[Fact]) -> Iterator[Fact]:
    """The numbers of a text before a word that is no unit, with the word as role."""
    inside = bytearray(len(text))
    for fact in facts:
        inside[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
    for match in _COUNTER.finditer(text):
        word = match["ko"] or match["en"].removesuffix("s")
        if word not in _NO_COUNTERS and not any(inside[match.start() : match.end()]):
            end = match.end("ko") if match["ko"] else match.end("en")
            value = float(NATIVE[match["native"]]) if match["native"] else number(match["n"] or match["of"])
            yield Fact("count", value, match.start(), end, text[match.start() : end], role=word)
