"""The demo model's hashtags: the product, the place, the shop and what it is made of, each angle in its own order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lib.demo.model import korean
from lib.demo.model.reading import Request, kind_of, name_of, phrases, units

MOST_LETTERS = 8
"""Korean tags of longer names are made of their last words."""

_DISTRICT = re.compile(r"([가-힣]{2,4}(?:동|읍|역|구|시장|거리|마을|해변))(?=에서|에|의|\d|[^가-힣]|$)")
_NO_DISTRICT = re.compile(
    r"운동|활동|이동|감동|자동|수동|행동|공동|친구|가구|문구|.*(?:지역|구역|영역|입구|출구|비상구|창구)"
)
_ONLINE = re.compile(r"온라인|스마트스토어|https?:|www\.|\bonline\b", re.IGNORECASE)
_SHOP_WORDS = re.compile(
    r"(?:Bakery|Caf[eé]|Coffee|Roasters?|Studio|Shop|Store|House|Books|Kitchen|Florist|Market|Bar|Deli)$"
)
_CAPITALISED = re.compile(r"[A-Z][\w'é-]*(?: (?:& )?[A-Z][\w'é-]*)*")
_NO_PLACE = re.compile(
    r"(?:Road|Rd|Street|St|Avenue|Ave|Lane|Floor|Open|Closed|Daily|Hours|AM|PM|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?"
    r"|Mon|Tue|Wed|Thu|Fri|Sat|Sun)$"
)
_ADDED = re.compile(r"(?:\S+ ){0,2}(?:넣|섞|블렌딩|올[려리린]|채[워운]|곁들|얹|더[해한했]|쓴|썼|씁|사용|조합)")
_MADE = re.compile(r"(?:\S+ )?(?:만든|만들|빚|구[운워웠]|굽|내[린려렸]|지은|끓|담근|짠|짜)")
_INGREDIENT = re.compile(
    r"\b(?:with|from) ((?:[A-Za-z]+ )?[a-z]{3,})(?=[.,;!]| (?:and|from|for|in|at|to|that|which)\b|$)"
)


def tags(request: Request, angle: str, take: int) -> list[str]:
    """Words that make a hashtag, without ``#``, the best for the angle first; none of the previous ones."""
    voice = phrases()[request.language]
    words, rest = _words(request), _nouns(request)
    offset = list(phrases()["angles"]).index(angle) + take
    nouns = [*rest[offset % len(rest) :], *rest[: offset % len(rest)]] if rest else []
    candidates = list(_filled(voice["tags"][angle], words, nouns))
    candidates += [word for word in (words.get("n"), words.get("p")) if word] + nouns
    used = re.findall(r"\w+", request.previous_hashtags.lower()) if request.change == "other_hashtags" else []
    close = [tag for templates in voice["tags"].values() for tag in _filled(templates, words, nouns)]
    listed = dict.fromkeys(tag.lower() for tag in [*candidates, *close, *voice["fallback_tags"]])
    return [tag for tag in listed if len(tag) > 1 and not tag.isdigit() and tag not in used]


def _filled(templates: list[str], words: dict[str, str], nouns: list[str]) -> Iterator[str]:
    """The templates whose words there are, each with another noun."""
    unused = iter(nouns)
    for template in templates:
        needed = re.findall(r"\{(\w+)\}", template)
        values = dict(words)
        if "noun" in needed and (noun := next(unused, None)):
            values["noun"] = noun
        if all(name in values for name in needed):
            yield template.format(**values)


def _words(request: Request) -> dict[str, str]:
    """What the templates may name: of n, m, p, shop, s and t those that the brief tells."""
    name = name_of(request) or ""
    slots = {"n": _joined(name)} if re.fullmatch(r"[\w\s-]+", name) else {}
    if slots and request.language == "ko":
        words = name.split()
        ends = [_joined(" ".join(words[at:])) for at in range(len(words))]
        slots["n"] = next((end for end in ends if len(end) <= MOST_LETTERS), ends[-1])
        short = slots["n"] if words[-1] in _listed("ko", "not_for_tags") or len(words[-1]) < 2 else words[-1]
        slots |= {"m": short} if len(short) <= MOST_LETTERS - 2 else {}
    if request.language == "en" and korean.has_hangul(slots.get("n", "")):
        del slots["n"]
    slots |= {key: word for key, word in kind_of(request).get(request.language, {}).items() if key in "ts"}
    if request.store_information and not _ONLINE.search(request.store_information):
        korean_store = korean.has_hangul(request.store_information)
        if request.language == "ko" and korean_store:
            slots |= {"p": place} if (place := _korean_place(request.store_information)) else {}
            slots |= {"shop": shop} if (shop := _korean_shop(request.store_information)) else {}
        elif not korean_store:
            slots |= _english_store(request.store_information)
    return {key: word for key, word in slots.items() if word}


def _listed(language: str, name: str) -> list[str]:
    """The words of a list of words."""
    return str(phrases()[language][name]).split()


def _joined(words: str) -> str:
    return re.sub(r"\W", "", words)


def _korean_place(store: str) -> str | None:
    """The part of town that people search for, or else the city."""
    districts = [word for word in _DISTRICT.findall(store) if not _NO_DISTRICT.fullmatch(word)]
    small = [word for word in districts if not word.endswith("구")]
    if small:
        return str(small[0].removesuffix("읍"))
    named = re.findall("[가-힣]+", store)
    areas, cities = (
        [name for name in _listed("ko", kind) if any(word.startswith(name) for word in named)]
        for kind in ("areas", "cities")
    )
    return next(iter([*areas, *districts, *cities]), None)


def _korean_shop(store: str) -> str | None:
    """The shop's name: a short phrase without figures that is neither an address nor a sentence."""
    parts = re.split(r"[,\n./|()·:]|\s-\s|\d[\d-]*(?:번지|층|호)?(?=\s)", store)
    for part in (re.sub(r"^(?:상호|매장|가게)(?:명)?\s*", "", piece).strip() for piece in parts):
        words = part.split()
        own_words = [word for word in words if not (_DISTRICT.fullmatch(word) or word in _listed("ko", "cities"))]
        shop = "".join(own_words)
        if not 2 < len(shop) <= 12 or re.search(r"\d", part) or korean.is_sentence(part) or len(own_words) > 3:
            continue
        if re.search(r"[로길시군]$|층|휴무|영업|매일|평일|주말|출구|주차|역\s|에서|근처|골목|건물", part):
            continue
        return _joined(shop)
    return None


def _english_store(store: str) -> dict[str, str]:
    named = [name for name in _CAPITALISED.findall(store) if not _NO_PLACE.search(name)]
    shop = next((name for name in named if _SHOP_WORDS.search(name)), None)
    place = next((name for name in named if name != shop and len(name) > 3), None)
    slots = {"shop": _joined(shop)} if shop else {}
    return slots | ({"p": _joined(re.sub(r"-(?:dong|gu|ro)\b", "", place))} if place else {})


def _nouns(request: Request) -> list[str]:
    """What the product is made of or with, as far as the brief's grammar tells: qualities make poor tags."""
    sentences, name = units(request.product_description), name_of(request) or ""
    if request.language == "ko":
        ingredients = [
            noun for at, unit in enumerate(sentences) for noun in _korean_ingredients(unit, presents=at == 0)
        ]
        last = name.split()[-1:] if " " in name else []
        return [
            noun
            for noun in dict.fromkeys([*ingredients, *last])
            if noun not in (*_listed("ko", "not_for_tags"), name, *name.split()[:-1])
        ]
    left_out = _listed("en", "not_for_tags")
    sources = ". ".join([*sentences, request.refined_ad_copy_eng])
    given = [
        [word for word in phrase.lower().split() if word not in left_out] for phrase in _INGREDIENT.findall(sources)
    ]
    kind_words = [word for kind in phrases()["kinds"] for word in kind["words"] if not korean.has_hangul(word)]
    plain = [word for word in kind_words if re.search(rf"\b{word}\b", sources.lower()) and word not in name]
    listed = dict.fromkeys(map(_joined, [*map("".join, given), *plain]))
    return [word for word in listed if len(word) > 2]


def _korean_ingredients(unit: str, *, presents: bool) -> list[str]:
    """Nouns that the phrase adds, mixes or makes something of; where it presents the product all but qualities."""
    words = re.findall(r"[가-힣]+", unit)
    kind_words = {word for kind in phrases()["kinds"] for word in kind["words"]}
    ingredients = []
    for at, word in enumerate(words):
        noun, rest = korean.noun(word), " ".join(words[at + 1 :])
        if noun is None or noun in _listed("ko", "not_for_tags") or re.search(r"[해산]$", noun):
            continue
        quality = word != noun and word[-1] in "이가은는에"
        added = word[-1] in "을를와과" and word != noun and _ADDED.search(rest)
        made = word.endswith("로") and word != noun and _MADE.match(rest)
        if added or made or noun in kind_words or (presents and not quality):
            ingredients.append(noun)
    return ingredients
