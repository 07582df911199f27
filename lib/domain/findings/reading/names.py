"""Names that a caption spells otherwise than its brief: compared by the letters of their syllables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from lib.domain.findings.fact import Fact, compiled

SHOPS = (
    "베이커리|로스터스|로스터리|브런치|다이닝|플라워|스튜디오|스토어|키친|식당|분식|국밥|포차|카페|커피|빵집"
    "|책방|서점|서재|꽃집|공방|상회|상점|마켓|농원|농장|목장"
    "|약국|치과|의원|한의원|병원|학원|헤어|네일|살롱|호텔|펜션|스테이|요가|필라테스|하우스|당|점"
)
_QUOTED = compiled(r"['\"“‘「『《<](?P<name>[^'\"‘’“”「」『』《》<>\n]{2,24})['\"”’」』》>]")
_LABELLED = compiled(
    r"(?:상호명?|매장명|가게\s?이름|브랜드명?|업체명|제품명|상품명|이름|shop|store|brand|caf[eé]"
    r"|name)\s*[:：]\s*(?P<name>[^\n,.(/|]{2,24})",
    re.IGNORECASE,
)
_SHOP = compiled(rf"(?<![가-힣A-Za-z])(?P<name>(?P<stem>[가-힣A-Za-z]{{2,8}})(?P<shop>{SHOPS}))(?![가-힣]{{3}})")
_LATIN = compiled(r"\b(?P<name>[A-Z][A-Za-z0-9'&]{3,}(?: [A-Z][A-Za-z0-9'&]+){0,3})\b")
_OPENING = compiled(r"^\s*(?P<name>[가-힣]{3,12})\s?(?:\(|,|·|-\s|/|\|)")
_BEFORE_QUOTE = compiled(rf"(?:{SHOPS}|가게|매장|브랜드|shop|cafe|bakery|store|studio|restaurant)[ ,]?$", re.IGNORECASE)
_PLAIN = frozenset(
    [
        "동네",
        "우리",
        "작은",
        "시장",
        "골목",
        "주말",
        "단골",
        "신상",
        "예쁜",
        "감성",
        "디저트",
        "브런치",
        "베이커리",
        "북",
        "애견",
        "수제",
        "무인",
        "로컬",
        "핫플",
        "맛집",
        "전통",
    ]
)


def read_names(text: str) -> Iterator[Fact]:
    """What a brief calls a shop, a brand or a product."""
    patterns = (_QUOTED, _LABELLED, _SHOP, _LATIN)
    for match in (match for pattern in patterns for match in pattern.finditer(text)):
        name = match["name"].strip()
        if not re.search(r"\d\d", name):
            yield Fact("name", name, match.start("name"), match.start("name") + len(name), name)
    for line in text.split("\n"):
        if opening := _OPENING.match(line):
            yield Fact("name", opening["name"], opening.start("name"), opening.end("name"), opening["name"])


_MODEL = compiled(
    r"(?<![\w-])(?!AM|PM|D|B\d|TOP|NO)(?P<line>[A-Z]{1,4}-?|[A-Z][A-Za-z]{2,}\s)(?P<number>\d{1,4})(?![A-Za-z\d%]|[,.:+~-]\d)"
)
"""A model of a line of products: V9, KF94, WH-1000, Buds 3."""


def other_models(text: str, brief: str) -> Iterator[tuple[Fact, str]]:
    """The models of a caption of whose line the brief has one other model only, which the caption does not name."""
    own: dict[str, set[str]] = {}
    for match in _MODEL.finditer(brief):
        own.setdefault(match["line"], set()).add(match[0])
    named = {match[0] for match in _MODEL.finditer(text)}
    for match in _MODEL.finditer(text):
        models = own.get(match["line"], set())
        if len(models) == 1 and not models & named:
            yield Fact("name", match[0], match.start(), match.end(), match[0]), next(iter(models))


_ITEM = r"[가-힣A-Za-z]{1,12}"
_ITEMS = compiled(rf"(?<![가-힣A-Za-z]){_ITEM}(?P<sign>\s?[,·/]\s?){_ITEM}(?:(?P=sign){_ITEM}){{1,6}}")
"""Three things in a row, or more, with one sign between them: 블랙·화이트·라일락."""


_MOST_ROWS = 20


def other_items(text: str, brief: str) -> Iterator[tuple[Fact, str]]:
    """The one item of a row of a caption that is another than in the brief's row of as many items."""
    rows = list(dict.fromkeys(tuple(re.findall(_ITEM, row[0])) for row in _ITEMS.finditer(brief)))[:_MOST_ROWS]
    for match in _ITEMS.finditer(text):
        items = [(item[0], match.start() + item.start()) for item in re.finditer(_ITEM, match[0])]
        for row in rows:
            left = [own for own in row if not any(item.startswith(own) for item, _ in items)]
            others = [(item, at) for item, at in items if not any(item.startswith(own) for own in row)]
            if len(row) == len(items) and len(left) == len(others) == 1:
                item, at = others[0]
                item = re.sub(r"(?<=..)(?:까지|부터|에서|[은는이가을를에도만])$", "", item)
                if item.isascii() == left[0].isascii() and _squeezed(item) not in _squeezed(brief):
                    yield Fact("name", item, at, at + len(item), item), left[0]


_TITLES = (
    "원장|작가|대표|디자이너|셰프|쉐프|강사|선생님|감독|팀장|교수|배우|가수|박사|코치|트레이너|바리스타|실장|점장|관장"
    "|소장|매니저|파티시에|밴드|트리오|님"
)
_SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진지엄채원천방공현함변염여추도석선설길연"
    "위표명"
)
_NAME = rf"[{_SURNAMES}][가-힣]{{2}}"
_PERSON = compiled(
    rf"(?<![가-힣])(?P<before>{_NAME})\s(?P<of>{_TITLES})(?![가-힣]{{3}})"
    rf"|(?<![가-힣])(?P<title>{_TITLES})[ :](?P<after>{_NAME})(?![가-힣]{{2}})"
)
"""A person with a title: 원장 정다은, 백희정 작가."""


def other_persons(text: str, brief: str) -> Iterator[tuple[Fact, str]]:
    """The persons of a caption who have the title and almost the name of the brief's one person of that title."""
    own: dict[str, set[str]] = {}
    for match in _PERSON.finditer(brief):
        own.setdefault(match["of"] or match["title"], set()).add(match["before"] or match["after"])
    for match in _PERSON.finditer(text):
        names = own.get(match["of"] or match["title"], set())
        group = "before" if match["before"] else "after"
        name = match[group]
        if len(names) == 1 and name not in brief:
            brief_name = next(iter(names))
            if sum(a == b for a, b in zip(name, brief_name, strict=True)) == len(name) - 1:
                yield Fact("name", name, match.start(group), match.end(group), name), brief_name


def misspelt(text: str, names: list[str], brief: str) -> Iterator[tuple[Fact, str]]:
    """The names of a caption that are almost, and not quite, one of the brief's, each with the brief's own."""
    squeezed = _squeezed(brief)
    yield from other_models(text, brief)
    yield from other_items(text, brief)
    yield from other_persons(text, brief)
    for match in _QUOTED.finditer(text):
        name = match["name"].strip()
        if _squeezed(name) in squeezed:
            continue
        likely = next((own for own in names if _is_near(name, own, quoted=True)), None)
        if likely is None and _BEFORE_QUOTE.search(text[: match.start()]):
            own_names = [
                own.group("name") for own in _QUOTED.finditer(brief) if _BEFORE_QUOTE.search(brief[: own.start()])
            ]
            likely = own_names[0] if len(own_names) == 1 and _script(own_names[0]) == _script(name) else None
        if likely:
            start = match.start("name")
            yield Fact("name", name, start, start + len(name), name), likely
    starts = {latin: [match.start() for match in words.finditer(text)] for latin, words in _WORD_STARTS.items()}
    for own in names:
        for start, word in _windows(text, starts[own[0].isascii()], len(own)):
            if _is_near(word, own, quoted=False) and _squeezed(word) not in squeezed:
                yield Fact("name", word, start, start + len(word), word), own
    shops = {match["shop"]: match for match in _SHOP.finditer(brief)}
    for match in _SHOP.finditer(text):
        own_shop = shops.get(match["shop"])
        if not own_shop or len(match["shop"]) < 2 or match["stem"] in _PLAIN or own_shop["stem"] in _PLAIN:
            continue
        same_size = len(match["stem"]) == len(own_shop["stem"]) and match["stem"][0] == own_shop["stem"][0]
        if same_size and _squeezed(match["name"]) not in squeezed:
            yield Fact("name", match["name"], match.start(), match.end("name"), match["name"]), own_shop["name"]


_WORD_STARTS = {True: compiled("(?<![A-Za-z])[A-Za-z]"), False: compiled("(?<![가-힣])[가-힣]")}
"""Where words begin, in Latin letters and in Hangul."""


def _windows(text: str, starts: list[int], size: int) -> Iterator[tuple[int, str]]:
    """The stretches of a name's length that begin where a word begins; one of Latin letters ends with a word, too."""
    for start in starts:
        word, following = text[start : start + size], text[start + size : start + size + 1]
        if (
            len(word) == size
            and "\n" not in word
            and not (word[0].isascii() and following.isascii() and following.isalpha())
        ):
            yield start, word


def _is_near(word: str, own: str, *, quoted: bool) -> bool:
    if len(_signs(own).intersection(word.lower())) < min(len(own), 4) - 2:
        return False
    first, second = _letters(word), _letters(own)
    if first == second or _script(word) != _script(own):
        return False
    if not word[0].isascii():
        size = len(_squeezed(own))
        if size < (2 if quoted else 3):
            return False
        # A last syllable that differs may be a particle.
        if not quoted and _squeezed(word)[:-1] == _squeezed(own)[:-1] and (size < _LONG or word[-1] in _PARTICLES):
            return False
        differ = sum(a != b for a, b in zip(_squeezed(word), _squeezed(own), strict=False))
        if size >= _LONG and differ == 1 and len(_squeezed(word)) == size:
            return True
        return _distance(first, second) <= (2 if size >= _LONG else 1)
    if len(first) < 6 or (sorted(first) == sorted(second) and not quoted and len(first) < 8):
        return False
    return (
        word.lower() != own.lower()
        and _distance(first.lower(), second.lower()) == 1
        and first.lower().rstrip("s") != second.lower().rstrip("s")
    )


_LONG = 4
"""So many syllables are a name of its own, even if one of them is another."""
_PARTICLES = "은는이가을를에의도만로와과나랑요"


@lru_cache(maxsize=512)
def _signs(name: str) -> frozenset[str]:
    return frozenset(name.lower())


def _letters(word: str) -> str:
    return unicodedata.normalize("NFD", _squeezed(word))


def _squeezed(word: str) -> str:
    return "".join(word.split()).lower()


def _script(word: str) -> bool:
    return word[0].isascii()


def _distance(first: str, second: str) -> int:
    """Letters to be changed, put in or taken out (Levenshtein)."""
    if abs(len(first) - len(second)) > 2:
        return 3
    row = list(range(len(second) + 1))
    for at, letter in enumerate(first, 1):
        before, row[0] = row[0], at
        for place, other in enumerate(second, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != other))
    return row[-1]
