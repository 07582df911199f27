"""Korean particles follow the sound of what stands before them: Hangul, Latin letters and words, digits, units, signs.

으로 follows a consonant other than ㄹ, 로 a vowel and ㄹ (한글 맞춤법). Capitals are read by their names (L 엘, M 엠),
figures by their reading (3 삼, 10 십), units in full (% 퍼센트, kg 킬로그램). What stands in brackets is read too,
emoji are not. Four capitals and more that can be pronounced are a word (SALE 세일, but MBTI 엠비티아이).
"""

from __future__ import annotations

import re
import unicodedata

_FIRST, _LAST, _CODAS, _RIEUL = 0xAC00, 0xD7A3, 28, 8
_SILENT = re.compile(r"(?:[^\w%‰+±&]|_)+$")
_AMOUNT = re.compile(r"(?P<currency>[$€£₩￦])\s?\d[\d,.]*$")
_CURRENCIES = {"$": "", "€": "", "£": "", "₩": "ㄴ", "￦": "ㄴ"}
_UNIT = re.compile(
    r"\d\s?(?P<unit>(?-i:kg|Kg|KG|mg|g|m)|ml|l|cm|mm|km|oz|kcal|gb|mb|tb|kw|w|°c|%|‰|m2|\+|±)$", re.IGNORECASE
)
_UNITS = {"kg": "ㅁ", "mg": "ㅁ", "g": "ㅁ"}
"""Those that end in a consonant; the others end in a vowel (미터, 리터, 퍼센트, 플러스). 5G and 3M are names."""
_DIGITS = {"0": "ㅇ", "1": "ㄹ", "2": "", "3": "ㅁ", "4": "", "5": "", "6": "ㄱ", "7": "ㄹ", "8": "ㄹ", "9": ""}
_LETTERS = {"L": "ㄹ", "M": "ㅁ", "N": "ㄴ", "R": "ㄹ"}
_CAPITALS = re.compile(
    r"(?=.{4})(?:[BCFGP][LR]|[DT]R|S[CKLMNPTW]|S[PT]R|[CTWS]H|QU|[B-DF-HJ-NP-TV-Z])?[AEIOUY](?!.*[^AEIOUY]{4}).*"
    r"(?<=[AEIOUY])(?:[B-DF-HJ-NP-TV-XZ]|[LNR][B-DF-HJ-NP-TV-Z]|[CFPS]T|CK|[CST]H|SK|SS|LL|[B-DF-HJ-NP-TV-Z]S)?"
)
"""Capitals that read as a word, by how it begins and ends."""
_STOPPED = (
    "club|web|bag|lab|pub|mug|big|good|shop|pop|chic|pic|music|basic|classic|magic|picnic|clinic|tonic|organic|chocolate"
    "|chocolat|croissant|tiktok"
)
_SHORT_STOP = re.compile(
    rf"(?:^|[^aeiouy])(?:[aeiou](?:p|t|(?<!che)ck)|oo[kt]|[aeiou]pp|[ao]b)$|(?:{_STOPPED})$", re.IGNORECASE
)
_WORD = re.compile(_STOPPED, re.IGNORECASE)
"""Words that are words in capitals too, however short: K-POP."""
_OPEN_STOP = re.compile(r"(?:set|kit|net|hit|bat|knit|unit|credit|diet|dot)$", re.IGNORECASE)


def particle(word: str, pair: str) -> str:
    """The one of two particles, such as ``은/는``, that follows the word: the first after a consonant."""
    closed, opened = pair.split("/")
    coda = final_sound(word)
    return opened if not coda or (coda == "ㄹ" and closed == "으로") else closed


_PAIRS = {each: pair for pair in ("은/는", "이/가", "을/를", "과/와", "으로/로") for each in pair.split("/")}
_PARTICLE = re.compile(rf"(?:{'|'.join(sorted(_PAIRS, key=len, reverse=True))})(?![가-힣])")


def followed(word: str, text: str) -> str:
    """The word, and the text that goes on behind it: a particle with which that begins takes the word's sound."""
    match = _PARTICLE.match(text)
    return word + (particle(word, _PAIRS[match[0]]) + text[match.end() :] if match else text)


def final_sound(word: str) -> str:
    """The consonant that the word ends in when it is read aloud: ``ㄹ``, another one, or empty after a vowel."""
    bare = _SILENT.sub("", unicodedata.normalize("NFKC", word))
    if not bare:
        return ""
    if amount := _AMOUNT.search(bare):
        return _CURRENCIES[amount["currency"]]
    if unit := _UNIT.search(bare):
        return _UNITS.get(unit["unit"].lower(), "")
    last = bare[-1]
    if _FIRST <= ord(last) <= _LAST:
        coda = (ord(last) - _FIRST) % _CODAS
        return "ㄹ" if coda == _RIEUL else "ㄱ" if coda else ""
    if last.isdecimal():
        return _of_number(bare)
    if last.isascii() and last.isalpha():
        return _of_latin(re.search(r"[A-Za-z]+$", bare)[0])  # type: ignore[index]
    return ""


def _of_number(text: str) -> str:
    digits = re.search(r"[\d,.]+$", text)[0]  # type: ignore[index]
    if "." in digits or not digits.endswith("0") or digits == "0":
        return _DIGITS.get(digits[-1], "")
    return "ㄱ"  # 십, 백, 천, 만, 억: all end in a consonant, and none in ㄹ


def _of_latin(word: str) -> str:
    lowered = word.lower()
    is_spelled = word.isupper() and not (_CAPITALS.fullmatch(word) or _WORD.fullmatch(word))
    if is_spelled or len(word) == 1 or not re.search("[aeiouy]", lowered):
        return _LETTERS.get(word[-1].upper(), "")
    if re.search(r"(?:[^aeiou]le|[aeiou]l+e?|rl)$", lowered):
        return "ㄹ"
    if re.search(r"(?:[aeiourly]m|[aeiouyr]n|gn|ng|[aeiouy](?:m|n)e|mm|nn)$", lowered):
        return "ㅁ"
    if _OPEN_STOP.search(lowered):
        return ""
    return "ㄱ" if _SHORT_STOP.search(lowered) else ""
