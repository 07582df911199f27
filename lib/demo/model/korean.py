"""Just enough Korean for the demo model: particles by the final consonant, polite endings, nouns for tags.

Rules of thumb, not a grammar: where a form is ambiguous it is left as it was written, because a sentence in another
register reads better than a broken one.
"""

from __future__ import annotations

import re

from lib.i18n.particles import particle

_FIRST, _LAST, _CODAS = 0xAC00, 0xD7A3, 28
_CODA_LETTERS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_VOWEL_LETTERS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_HANGUL = re.compile("[가-힣]")
_NOUNS_IN_DA = ("바다", "소다", "사이다", "판다", "베란다", "캐나다", "람바다", "수다", "부다")
_NOUNS_IN_YO = ("필요", "수요", "고요", "개요", "주요", "가요", "담요", "중요", "동요", "민요", "소요", "토요")
_NOMINAL = re.compile(r"[을를로도] \S+[함됨]$")
"""A predicate cut to a noun, as in lists (예약제로 운영함), but not a noun of that sound (사물함)."""
_STEMS = ("하", "되", "크", "쁘", "르", "시", "싸", "차", "세", "프", "지", "치", "리")
"""Open last syllables of the stems that stand before 다 in ordinary descriptions (진하다, 크다, 예쁘다, 고르다)."""

_SOFT_OPEN = {
    "합": "해", "됩": "돼", "립": "려", "칩": "쳐", "킵": "켜", "집": "져", "닙": "녀", "줍": "줘", "옵": "와",
    "봅": "봐", "갑": "가", "냅": "내", "납": "나", "춥": "춰", "둡": "둬", "웁": "워", "씁": "써", "큽": "커",
    "쁩": "뻐", "듭": "들어", "눕": "눠",
}  # fmt: skip
"""The syllable before 니다 and what it is before 요, where there is only one likely verb behind it."""

_SOFT_CLOSED = "ㄱㄲㅁㅈㅊㅌㅍㄵㄶㄺㄻㄼㄿㅀㅄㅆ"
"""Final consonants whose stems are regular before 어요/아요; ㅂ, ㄷ, ㅅ and ㅎ may change and are left alone."""

_FORMAL_ENDS = {
    "해요": "합니다", "돼요": "됩니다", "드려요": "드립니다", "예요": "입니다", "이에요": "입니다", "줘요": "줍니다",
    "골라요": "고릅니다", "만들어요": "만듭니다", "구워요": "굽습니다", "올려요": "올립니다", "내려요": "내립니다",
    "보내요": "보냅니다",
}  # fmt: skip

_MODIFIERS = re.compile(
    r"(?:[가-힣]{2,}(?:한|된|던)|[가-힣]*(?:만든|담은|살린|넣은|구운|내린|쓴|위한|같은|좋은|많은|깊은|높은|낮은|얇은|넓은|작은"
    r"|밝은|맑은|짙은|젊은|볶은|말린|갓|단|새로운|가벼운|부드러운|고운|따뜻한|하는|되는|드는|시는|리는|있는|없는|않은|주는|내는"
    r"|나는|오는|어울리는|즐기는|쉬는|굽는|볶는|빚는|만드는|끓이는|먹는|마시는|쓰는|찾는|담는|짓는|찌는|튀기는|달콤한|구수한|녹는))$"
)
_NOT_NOUNS = re.compile(
    r"(?:[가-힣]*(?:하게|하고|해서|하며|하여|으며|면서|도록|지만|어서|아서|습니다|니다|어요|아요|해요|에요|예요|까지|처럼|보다|마다"
    r"|같이|스럽게|롭게|만큼|다면|려면|라도|든지|거나|이나|이며|이고|으면|시면|하면|되면)|.*[다요죠]|듬뿍|가득|그대로|직접|함께|매일|매번|아주|정말|더욱|가장"
    r"|모두|바로|오직|다시|항상|천천히|따로|모든|저희|우리|여러분|이번|가능|사용|없이|위해|통해|대한|동안|하나|오늘|지금|물론|그리고"
    r"|하지만|또한|특히|않고|않는|줄이고|살려|만들어|담아|골라|넣어|매장|정도|경우|때문|무료|이용|시간|정성|사람|것들|용량|이상|이하|오래|통째|매주|매달|한정"
    r"|[가-힣]*(?:할|될|즐길|누릴|느낄|드릴))$"
)
_ENDINGS = "고어아여게려"
"""Last syllables that are mostly verb endings; the exceptions are nouns."""
_NOUNS_IN_ENDINGS = ("광고", "최고", "창고", "연어", "장어", "문어", "광어", "육아", "꽃게", "대게", "가게")
_NOUNS_IN_I = (
    "종이", "고양이", "어린이", "호랑이", "원숭이", "볶이", "걸이", "놀이", "맞이", "먹이", "높이", "깊이", "길이",
)  # fmt: skip
_PARTICLES = ("으로부터", "에서는", "에서", "에게", "으로", "부터", "까지", "이라는", "라는")


def has_hangul(text: str) -> bool:
    """Whether there is a Hangul syllable anywhere in the text."""
    return bool(_HANGUL.search(text))


def coda(char: str) -> str:
    """The final consonant of a Hangul syllable, or "" when it is open or no syllable at all."""
    point = ord(char)
    return _CODA_LETTERS[(point - _FIRST) % _CODAS].strip() if _FIRST <= point <= _LAST else ""


class Noun(str):
    """A word that takes its particle in a format string: ``"{n:은/는}"``."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return str(self) + (particle(self, spec) if spec else "")


def is_sentence(text: str) -> bool:
    """Whether the text ends in a predicate (…다, …요, …죠, …까) and not in a noun."""
    bare = re.sub(r"[^가-힣]+$", "", text)
    if _NOMINAL.search(bare):
        return True
    return bare.endswith(("다", "요", "죠", "니까")) and not bare.endswith((*_NOUNS_IN_DA, *_NOUNS_IN_YO))


def polite(sentence: str, *, formal: bool) -> str:
    """The sentence in 합니다 (``formal``) or 해요, as far as its last word can be turned without a doubt."""
    lifted = _lifted(sentence)
    return _to_formal(lifted) if formal else _to_soft(lifted)


def _lifted(sentence: str) -> str:
    """A plain sentence (볶는다, 좋다, 한다) in the formal register, which is regular; any other as it is."""
    if _NOMINAL.search(sentence):
        return sentence[:-1] + _with_coda(sentence[-1], "ㅂ") + "니다"
    if not is_sentence(sentence) or not sentence.endswith("다") or sentence.endswith("니다"):
        return sentence
    stem = sentence[:-1]
    last, before = stem[-1:], stem[-2:-1]
    final = coda(last)
    if last == "는" and coda(before):
        return stem[:-1] + "습니다"
    if final in ("ㄴ", "ㄹ") or (not final and last in _STEMS):
        return stem[:-1] + _with_coda(last, "ㅂ") + "니다"
    if last == "이" and coda(before):
        return stem[:-1] + "입니다"
    return stem + "습니다" if final else sentence


def _to_soft(sentence: str) -> str:
    if sentence.endswith("입니다"):
        noun = sentence[:-3]
        return noun + particle(noun, "이에요/예요")
    if sentence.endswith("습니다"):
        stem = sentence[:-3]
        last = stem[-1:]
        if coda(last or " ") in tuple(_SOFT_CLOSED) or last in ("좋", "넣", "놓", "쌓"):
            bright = _vowel(last) in "ㅏㅗ" and coda(last) != "ㅆ"
            return stem + ("아요" if bright else "어요")
        return sentence
    if sentence.endswith("니다") and sentence[-3:-2] in _SOFT_OPEN:
        return sentence[:-3] + _SOFT_OPEN[sentence[-3]] + "요"
    return sentence


def _to_formal(sentence: str) -> str:
    for soft in sorted(_FORMAL_ENDS, key=len, reverse=True):
        if sentence.endswith(soft):
            return sentence.removesuffix(soft) + _FORMAL_ENDS[soft]
    if sentence.endswith(("아요", "어요")) and coda(sentence[-3:-2] or " ") not in ("", "ㄹ"):
        return sentence[:-2] + "습니다"
    return sentence


def _with_coda(syllable: str, final: str) -> str:
    open_point = ord(syllable) - (ord(syllable) - _FIRST) % _CODAS
    return chr(open_point + _CODA_LETTERS.index(final))


def _vowel(syllable: str) -> str:
    return _VOWEL_LETTERS[(ord(syllable) - _FIRST) // _CODAS % len(_VOWEL_LETTERS)]


def is_modifier(word: str) -> bool:
    """Whether the word only describes the next one (만든, 신선한, 어울리는)."""
    return bool(_MODIFIERS.search(word))


def nouns(text: str) -> list[str]:
    """The nouns of a text in their order, as far as they can be told; numbers and what they count are left out."""
    return [stem for word in re.findall(r"\b[가-힣]+\b", text) if (stem := noun(word))]


def noun(word: str) -> str | None:
    """The noun in one written word, its particle taken off; None where that would be a guess."""
    if not re.fullmatch("[가-힣]{2,12}", word) or (word[-1] in _ENDINGS and not word.endswith(_NOUNS_IN_ENDINGS)):
        return None
    bare = _without_particle(word)
    # a noun may itself end in these (제주도, 불만), so such a word is neither cut nor trusted
    doubtful = bare == word and word[-1] in "도만" and len(word) > 2
    if len(bare) < 2 or doubtful or any(is_modifier(form) or _NOT_NOUNS.fullmatch(form) for form in (word, bare)):
        return None
    return bare


def _without_particle(word: str) -> str:
    for end in _PARTICLES:
        if word.endswith(end):
            return word.removesuffix(end)
    bare, last = word[:-1], word[-1]
    final = coda(bare[-1])
    fits = (last in "을은과" and final) or (last in "를는와" and not final) or (last == "로" and final in ("", "ㄹ"))
    fits = fits or (last in "의에" and len(bare) > 1)
    subject = (len(bare) > 1 or last == "이") and bool(final) == (last == "이") and not word.endswith(_NOUNS_IN_I)
    return bare if fits or (last in "이가" and subject) else word
