"""Telephone numbers, addresses, accounts and districts in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lib.domain.findings.fact import Fact, compiled
from lib.domain.findings.links import links_at

_PHONE = compiled(
    r"(?<![\d-])(?:\+82[\s.-]?\(?0?\)?(?P<abroad>\d{1,3})[\s.-]?"
    r"|\(?(?P<area>0\d{1,3})\)?[\s.-]?)(?P<mid>\d{3,4})[\s.-]?(?P<end>\d{4})(?![\d-])"
    r"|(?<![\d-])(?P<rep>1[568]\d\d)-(?P<rest>\d{4})(?![\d-])"
)
_ROAD = compiled(
    r"(?P<road>[가-힣]{1,8}\d*(?:대로|(?<!으)로|길))\s?(?P<lane>\d+(?:가"
    r"|번)?길)?\s?(?P<number>\d{1,4}(?:-\d{1,3})?)(?![\d/:.]\d|\d|\s?(?:번\s?출구|원|%|개|명|분|시|월|층|인|잔"
    r"|종|가지|년|일|도|살|세(?![가-힣])|편|곳|장|권|병|마리|회|박|번|등|위|점|배|초|킬로|미터|보|바퀴|,\d{3}|\.\d|대\b|k?m(?![A-Za-z])))(?:번지"
    r"|호)?"
)
_ROAD_EN = compiled(
    r"(?<![\w-])(?P<number>\d{1,4}(?:-\d{1,3})?),?\s(?P<road>[A-Z][A-Za-z]+(?:\s?\d+)?-?(?:daero|ro|gil|-ro"
    r"|-gil))\b(?:\s?(?P<lane>\d+-gil))?"
)
_EXIT = compiled(r"(?<!\d)(?P<a>\d{1,2})\s?번\s?출구|\b[Ee]xit\s?(?:[Nn]o\.?\s?)?(?P<b>\d{1,2})\b")
_ORDINAL = {"first": 1, "second": 2, "third": 3, "fourth": 4, "ground": 1}
_FLOOR = compiled(
    r"(?P<under>지하\s?|\bB)(?P<a>\d{1,2})\s?(?:층|F\b|(?![\w층]))|(?<![\dB])(?P<b>\d{1,2})\s?(?:층(?!짜리"
    r"|\s?구조|\s?케이크)|F\b)"
    r"|\b(?:(?P<word>(?i:first|second|third|fourth|ground))|(?P<c>\d{1,2})(?:st|nd|rd|th))[ -][Ff]loor\b"
)
_FLOORS = compiled(r"(?<![\d.,/-])(?P<low>\d{1,2})\s?[~,·-]\s?\d{1,2}\s?층")
_LINE = compiled(r"(?<!\d)(?P<line>[1-9])호선")
_STATION = compiled(r"(?<![가-힣])(?P<name>[가-힣]{1,8})역(?=\s?\d{1,2}\s?번\s?출구)")
_ROOM = compiled(r"(?<![\d제-])(?P<room>\d{2,4})호(?=[^가-힣]|$|로|에|입|예|이)")
_BUILDING = compiled(r"(?<![A-Za-z가-힣])(?P<letter>[A-Z])동(?=[^가-힣]|$|에|으로|로|입|예|이)")
_HANDLE = compiled(r"(?<![A-Za-z0-9._%+-])@(?P<name>[A-Za-z0-9._]*[A-Za-z0-9_])")


def read(text: str) -> Iterator[Fact]:
    """Telephone numbers, street addresses, exits, floors and accounts."""
    for match in _PHONE.finditer(text):
        if match["rep"]:
            digits = match["rep"] + match["rest"]
        else:
            digits = (f"0{match['abroad']}" if match["abroad"] else match["area"]) + match["mid"] + match["end"]
        yield Fact("phone", digits, match.start(), match.end(), match[0])
    for pattern in (_ROAD, _ROAD_EN):
        for match in pattern.finditer(text):
            number = match["number"] + (f"/{re.sub(r'[^0-9]', '', match['lane'])}" if match["lane"] else "")
            yield Fact("address", number, match.start(), match.end(), match[0], role=_road(match["road"]))
    for match in _EXIT.finditer(text):
        yield Fact("exit", int(match["a"] or match["b"]), match.start(), match.end(), match[0])
    for match in _FLOOR.finditer(text):
        level = (
            -int(match["a"])
            if match["under"]
            else _ORDINAL[match["word"].lower()]
            if match["word"]
            else int(match["b"] or match["c"])
        )
        yield Fact("floor", level, match.start(), match.end(), match[0])
    for match in _FLOORS.finditer(text):
        yield Fact("floor", int(match["low"]), match.start(), match.end("low"), match["low"])
    for match in _LINE.finditer(text):
        yield Fact("line", int(match["line"]), match.start(), match.end(), match[0])
    for match in _ROOM.finditer(text):
        yield Fact("room", int(match["room"]), match.start(), match.end(), match[0])
    for match in _BUILDING.finditer(text):
        yield Fact("room", match["letter"], match.start(), match.end(), match[0], role="building")
    for match in _STATION.finditer(text):
        yield Fact("station", match["name"], match.start(), match.end(), match[0])
    for start, link in links_at(text):
        yield Fact("link", _host(link), start, start + len(link), link)
    for match in _HANDLE.finditer(text):
        yield Fact("account", match["name"].lower(), match.start(), match.end(), match[0])


def _host(link: str) -> str:
    return re.split(r"[/?#]", re.sub(r"^(?:https?://)?(?:www\.)?", "", link.lower()))[0]


def _road(name: str) -> str:
    return re.sub(r"\s", "", name)


# -- districts --------------------------------------------------------------------------------------------------------

_DISTRICTS = (
    "종로 명동 을지로 광화문 북촌 서촌 삼청 익선 인사동 혜화 대학로 이태원 한남 해방촌 경리단 용산 "
    "성수 서울숲 뚝섬 건대 왕십리 망원 연남 연희 합정 상수 홍대 신촌 이대 상암 마포 공덕 여의도 "
    "영등포 문래 당산 신림 사당 방배 서래마을 강남 역삼 신사 가로수길 압구정 청담 삼성동 잠실 "
    "송리단길 석촌 방이 천호 노원 수유 성북 안암 회기 목동 구로 가산 신도림 판교 분당 정자동 수원 "
    "행궁동 광교 동탄 일산 파주 김포 부천 인천 송도 부평 안양 평촌 과천 의정부 하남 미사 용인 "
    "성남 가평 양평 춘천 강릉 속초 양양 원주 대전 유성 세종 청주 천안 전주 한옥마을 군산 광주 "
    "여수 순천 목포 대구 동성로 수성못 경주 황리단길 포항 안동 부산 서면 전포 해운대 광안리 남포 "
    "기장 영도 울산 창원 진주 통영 거제 남해 제주 애월 서귀포 성산 협재 함덕 월정리 중문 "
)
_DISTRICT = compiled(
    rf"(?<![가-힣])(?P<name>{'|'.join(sorted(_DISTRICTS.split(), key=len, reverse=True))})(?P<kind>동|구|시|역|군|읍|면"
    rf"|도)?(?=[^가-힣]|에서|에|의|점|골목|본점|카페|거리|역|까지|으로|로|은|는|이|가|을|를)"
)


def read_districts(text: str) -> Iterator[Fact]:
    """Well-known districts and towns of Korea."""
    for match in _DISTRICT.finditer(text):
        yield Fact("district", match["name"].removesuffix("동"), match.start("name"), match.end("name"), match["name"])


_OWN = compiled(
    r"^(?:동|구|시)?\s?(?:본점|지점|점(?![가-힣])|매장|골목|에서 (?:만나|기다|열|뵈)|으로 오|로 오|에 (?:오"
    r"|있는|위치|문을)|의? ?(?:작은 )?(?:카페|빵집|베이커리|공방|식당|책방|서점|꽃집|가게|스튜디오|맛집))"
)


def is_shops_own(text: str, fact: Fact) -> bool:
    """Whether the words after a district say that the shop is there."""
    return bool(_OWN.match(text[fact.end :]))
