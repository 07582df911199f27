"""What the demo model understands of a request: its fields, the product's sentences, its name and its kind.

Rules of thumb without a dictionary: what cannot be told is left out, never guessed.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lib.demo.model import korean
from lib.domain.brief import MAX_CHARS, clean
from lib.i18n.particles import particle

MAX_UNIT = 120
"""Longer sentences are cut at a blank: a caption is read on a telephone."""
MAX_NAME = 22
"""A longer name of a product loses its first words in a first line."""

_NOT_NAMING = re.compile(
    r"(?:\s+\S*\d\S*)?\s+(?:듬뿍|가득|그대로|사용|함유|포함|(?:행사|이벤트|할인|출시|판매|예약)(?:\s*중|\s*시작)?)$"
)
"""What may follow a product's name in a phrase."""
_SHOPS = re.compile(
    r"(?:카페|가게|매장|식당|서점|책방|꽃집|빵집|농장|공방|브랜드|호텔|스튜디오|베이커리|집|팀|회사|사장님)$"
)
"""Whoever says "our" of these speaks of themselves, not of the product."""
_CONTRAST = re.compile(r"\S+[은는] [^,]+,\s*\S+[은는] \S+")
"""Two halves of one phrase (겉은 바삭, 속은 촉촉)."""
_NAMED_IN = (
    re.compile(r"(.+?)(?:입니다|이에요|예요|이다)$"),
    re.compile(r"(.+?)[을를] (?:소개|준비|판매|선보)"),
    re.compile(r"(.+?)[이가] (?:나왔|출시|돌아왔|도착)"),
)
"""Sentences whose beginning is the product."""


@cache
def phrases() -> dict[str, Any]:
    """The word lists of ``phrases.toml``, and under ``ko`` and ``en`` what is said in each language."""

    def table(name: str) -> dict[str, Any]:
        return tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))

    return table("phrases.toml") | {language: table(f"{language}.toml") for language in ("ko", "en")}


@dataclass(frozen=True)
class Request:
    """What the last message of the user holds; anything but the JSON of ``lib/prompt.py`` is taken as a product."""

    language: str
    angle: str = ""
    refined_ad_copy_eng: str = ""
    tone_style: str = ""
    product_description: str = ""
    store_information: str = ""
    gpt_prompt: str = ""
    change: str = ""
    previous_caption: str = ""
    previous_hashtags: str = ""
    passage: str = ""
    brief_says: str = ""
    sponsorship: str = ""

    @classmethod
    def read(cls, content: str) -> Request:
        """The request in the text of a message; never raises."""
        try:
            fields = json.loads(content)
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            fields = {"product_description": content[: MAX_CHARS["product_description"]]}
        given = {name: clean(fields[name]) for name in cls.__dataclass_fields__ if isinstance(fields.get(name), str)}
        if given.get("language") not in ("ko", "en"):
            product = given.get("product_description", "")
            given["language"] = "ko" if korean.has_hangul(product) or not product else "en"
        return cls(**given)


def units(text: str, *, whole_lines: bool = False) -> list[str]:
    """The sentences and phrases of a field; phrases in a row are one unit each, unless the lines are kept whole."""
    return list(dict.fromkeys(_split(text, whole_lines)))


def _split(text: str, whole_lines: bool) -> Iterator[str]:
    for line in text.splitlines():
        for part in re.split(r"(?<=[.!?])\s+|(?<=다\.)(?=\S)", line):
            unit = plain(part).removesuffix(".")
            phrases = [unit]
            listing = not whole_lines and korean.has_hangul(unit) and not korean.is_sentence(unit)
            if listing and not _CONTRAST.match(unit):
                phrases = re.split(r"\s*(?:,(?!\d)|/|·|;|:(?=\s))\s*", unit)
            yield from (shortened(phrase, MAX_UNIT) for phrase in phrases if re.search(r"\w", phrase))


def plain(text: str) -> str:
    """A line without list marks, a label such as 상품명: or the sign that would make a hashtag of a word."""
    bare = re.sub(r"^[\s\-–•·*▪✔\ufe0f]+", "", text).replace("#", "").replace("＃", "").strip()
    return re.sub(r"^(?:상품명|제품명|상품|제품|이름|product|name)\s*[:：]\s*", "", bare, flags=re.IGNORECASE)


def name_of(request: Request) -> str | None:
    """What the product is called, as far as the brief's first words tell; None where it would be a guess."""
    sentences = units(request.product_description)
    if not sentences:
        return None
    first = sentences[0]
    if not korean.has_hangul(first):
        return _english_name(first)
    if request.language == "en":
        return None
    bare = re.sub(r"^(?:우리|저희) ", "", first.rstrip(".!?… "))
    bare = re.sub(r"(?<=\S)\s+[\d,]+(?:천|만)?\s?원.*$", "", bare)
    if not korean.is_sentence(bare):
        return _trimmed(_NOT_NAMING.sub("", bare))
    topic = re.match(r"((?:\S+ ){0,3}?\S*[가-힣A-Za-z0-9])(은|는) ", bare)
    if topic and topic[2] == particle(topic[1], "은/는") and not _describes(topic[1] + topic[2]):
        ours = bare != first.rstrip(".!?… ")
        return None if ours and (" " not in topic[1] or _SHOPS.search(topic[1])) else _trimmed(topic[1])
    said = next((match for pattern in _NAMED_IN if (match := pattern.match(bare))), None)
    return _trimmed(said[1]) if said else None


def _describes(words: str) -> bool:
    last = words.rsplit(maxsplit=1)[-1]
    return korean.is_modifier(last) or last in ("우리는", "저희는", "저는", "이는")


def _trimmed(phrase: str) -> str | None:
    """The words of a phrase that name something: what follows its last description, not too long to be said twice."""
    words = phrase.split()
    described = [at for at, word in enumerate(words[:-1]) if korean.is_modifier(word) or word.endswith("의")]
    words = words[described[-1] + 1 :] if described else words
    while len(words) > 1 and len(" ".join(words)) > MAX_NAME:
        words = words[1:]
    name = " ".join(words)
    return name if 1 < len(name) <= MAX_NAME else None


def _english_name(phrase: str) -> str | None:
    head = re.split(
        r"\s+(?:is|are|was|were|made|with|from|that|which|by|for|in|on|at|of|to|and|brewed|baked|roasted|–|—|-)\s|[,:;(]",
        phrase,
        maxsplit=1,
        flags=re.IGNORECASE,
    )[0].rstrip(".!? ")
    words = re.sub(r"(?i)^(?:our|the|an?) ", "", head).split()
    if not words or len(words) > 5 or words[0].lower() in ("we", "i", "it", "you", "this", "these", "they", "every"):
        return None
    is_called = len(words) == 1 and re.match(rf"{re.escape(words[0])} (?:is|are) ", phrase)
    if is_called or any(word[:1].isupper() for word in words[1:]) or words[0].isupper():
        return " ".join(words)
    return " ".join([words[0].lower(), *words[1:]])


def shortened(text: str, most: int) -> str:
    """The text in at most so many characters, cut at a blank and marked as cut."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip(" ,") + ("…" if most > 1 else "")


def kind_of(request: Request) -> dict[str, Any]:
    """What kind of thing the brief is about, as ``phrases.toml`` has it; empty where no word tells."""
    for text in (request.product_description, request.store_information, request.refined_ad_copy_eng):
        for kind in phrases()["kinds"]:
            if any(word in text.lower() for word in kind["words"]):
                return dict(kind)
    return {}
