r"""The language of a caption: the one that was asked for, one level of speech, and no traces of code.

Levels of speech are told by the endings of sentences (합쇼체 습니다, 해요체 요, 해체 어/아/야, 해라체 다), and only
where an ending leaves no doubt; a tokenizer would need a model of 88 MB for the rest.
"""

from __future__ import annotations

import html.entities
import json
import re
from collections.abc import Iterator

import regex

from lib.domain.findings.fact import Finding

# -- traces of code ---------------------------------------------------------------------------------------------------

_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*(?!\*)|(?<!\w)__(?=\S)(.+?)(?<=\S)__(?![A-Za-z\d_])")
_ITALIC = re.compile(r"(?<![^\s\"'“‘(\[])\*(?=\w)([^*\n]{1,60})(?<=[\w.!?])\*(?![*\dA-Za-z])")
_STRUCK = re.compile(r"(?<!\w)~~(?=[^~\n]*\d)(?=\S)[^~\n]{1,60}(?<=\S)~~")
"""Figures that are struck out; around words, tildes are an ornament (~~오픈~~)."""
_TABLE = re.compile(r"^\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)+\|?[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}[ \t]+(?=\S)", re.MULTILINE)
_QUOTED = re.compile(r"^(?:>[ \t]*){0,3}>[ \t]+(?=[^\s<])", re.MULTILINE)
_CHECK_BOX = re.compile(r"^[-*+][ \t]+\[[ xX]\](?=[ \t])", re.MULTILINE)
_CODE = re.compile(r"```(?:\w*[ \t]*\n)?|`([^`\n]{1,80})`")
_CODE_BREAK = re.compile(r"(?<!\\)(?:\\r)?\\n|(?<!\\)\\t")
_NAMED = "|".join(name for name in html.entities.html5 if name.endswith(";"))
_ENTITY = re.compile(rf"&(?:{_NAMED}|#\d{{2,6}};|#x[0-9a-fA-F]{{2,5}};)")
_ESCAPE = re.compile(
    r"(?<!\\)(?:\\(?:\"|u(?:d[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|(?!d[89a-f]|00[01])[0-9a-f]{4})))+", re.IGNORECASE
)
"""Characters as JSON writes them: \\" and \\u2764, pairs of surrogates included."""
_BREAK_TAG = re.compile(r"<br\s*/?>|</p>\s*<p>", re.IGNORECASE)
_COMMENT = re.compile(r"[ \t]*<!--[^<>]*-->")
_TAG = re.compile(r"</?(?:b|i|u|p|em|strong|span|div|h[1-6]|ul|ol|li|a)(?:\s[^<>\n]*)?/?>", re.IGNORECASE)
_LINK = re.compile(r"\[([^\[\]\n]{1,80})\]\((?:https?://|/)[^()\s]+\)")

_TRACES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("markdown", _BOLD),
    ("markdown", _ITALIC),
    ("markdown", _STRUCK),
    ("markdown", _TABLE),
    ("markdown", _HEADING),
    ("markdown", _QUOTED),
    ("markdown", _CHECK_BOX),
    ("markdown", _CODE),
    ("markdown", _LINK),
    ("code_break", _CODE_BREAK),
    ("html", _ENTITY),
    ("html", _ESCAPE),
    ("html", _BREAK_TAG),
    ("html", _COMMENT),
    ("html", _TAG),
)
_UNMENDED = (_LINK, _STRUCK, _TABLE, _CHECK_BOX)
"""Traces that stand for more than one thing: a price that is struck out is no price any more."""


def mended(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without the traces of code that stand for one thing only, and the kinds that were mended.

    Stars and underscores of bold type and italics, signs of code, headings, quotes, written-out line breaks, entities,
    comments and tags of HTML.
    """
    kinds = tuple(dict.fromkeys(kind for kind, pattern in _TRACES if pattern not in _UNMENDED and pattern.search(text)))
    if not kinds:
        return text, ()
    text = _BREAK_TAG.sub("\n", _CODE_BREAK.sub(lambda trace: " " if trace[0].endswith("t") else "\n", text))
    text = _CODE.sub(lambda code: code[1] or "", text)
    text = _BOLD.sub(lambda bold: bold[1] or bold[2], _TAG.sub("", _COMMENT.sub("", text)))
    text = _HEADING.sub("", _QUOTED.sub("", text))
    text = _ITALIC.sub(lambda italic: italic[1], text)
    text = _ESCAPE.sub(lambda escape: str(json.loads(f'"{escape[0].replace("U", "u")}"')), text)
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]).replace("\u00a0", " "), text), kinds


def _traces(text: str) -> Iterator[Finding]:
    for kind, pattern in _TRACES:
        for match in pattern.finditer(text):
            yield Finding("language", kind, start=match.start(), end=match.end(), text=match[0])


# -- another language -------------------------------------------------------------------------------------------------

_HANGUL = re.compile("[가-힣]")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")
_NEUTRAL = re.compile(r"https?://\S+|www\.\S+|[@#]\S+|\S+@\S+")
_SENTENCE = re.compile(r"[^\n.!?。！？]+[.!?。！？~♡]*")
_QUOTES = re.compile(r"[\"“”「」『』][^\"“”「」『』\n]*[\"“”「」『』]|(?<![A-Za-z])['‘](?=\S)[^'‘’\n]*['’](?![A-Za-z])")
"""What is quoted; an apostrophe begins no quotation."""
_STRAY = regex.compile(
    r"(?:(?![\p{Script=Hangul}\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}])\p{L}[\p{M}]*)+", regex.VERSION1
)
_RUNS = {
    "ko": re.compile(r"[A-Za-z'’]+(?:,?[ \t]+[A-Za-z'’]+){5,}"),
    "en": re.compile(r"[가-힣]+(?:,?[ \t]+[가-힣]+){2,}"),
}
"""Words of another language within a sentence: more than a name has."""
_TRANSLATED = {
    "ko": re.compile(r"\b(?:daily|closed|opening|hours|weekdays|weekends|every day)\b", re.IGNORECASE),
    "en": re.compile(r"매일|평일|주말|휴무|영업|오전|오후|[월화수목금토일]요일|\d시|부터|까지|쉬어|쉽니다"),
}
"""What tells hours and days in the brief's language: unlike a name or a slogan it is said in the caption's."""
_COMMON_HAN = frozenset(
    "新無美特大小中上下男女日月火水木金土韓英前後左右春夏秋冬東西南北山川心人愛福喜壽茶酒味香花秘祝賀高低生老少名家王女皇"
)
_GREEK = re.compile("[\u0391-\u03c9]")
_FACE = re.compile(r"[(（][^()（）\n가-힣A-Za-z]{1,14}[)）]")


def _languages(text: str, language: str, brief: str) -> Iterator[Finding]:
    plain = _NEUTRAL.sub(lambda neutral: " " * len(neutral[0]), text)
    hangul = len(_HANGUL.findall(plain))
    latin = sum(map(len, _LATIN_WORD.findall(plain)))
    if (language == "ko" and latin >= 30 and hangul * 12 < latin) or (
        language == "en" and hangul >= 10 and hangul > latin
    ):
        code = "other_language"
        yield Finding("language", code, start=0, end=len(text), text=text[:80], params={"language": language})
        return
    lowered = " ".join(brief.lower().split())
    marked = bytearray(len(plain))
    unquoted = _QUOTES.sub(lambda quote: " " * len(quote[0]), plain)
    for match in _SENTENCE.finditer(unquoted):
        sentence = match[0].strip()
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        stray = _in_other_language(sentence, language)
        is_own = " ".join(re.sub(r"^\W+|\W+$", "", sentence.lower()).split()) in lowered
        if stray and not (is_own and not _TRANSLATED[language].search(sentence)):
            end = start + len(sentence)
            marked[start:end] = b"\1" * len(sentence)
            yield Finding(
                "language",
                "other_sentence",
                start=start,
                end=end,
                text=text[start:end],
                params={"language": language},
            )
    for match in _RUNS[language].finditer(unquoted):
        if (
            not marked[match.start()]
            and _is_foreign(match[0], language)
            and " ".join(match[0].lower().split()) not in lowered
        ):
            yield Finding(
                "language",
                "other_sentence",
                start=match.start(),
                end=match.end(),
                text=match[0],
                params={"language": language},
            )


def _in_other_language(sentence: str, language: str) -> bool:
    pattern = _HANGUL if language == "ko" else _LATIN_WORD
    return not pattern.search(sentence) and _is_foreign(sentence, language)


def _is_foreign(words: str, language: str) -> bool:
    """Whether words of another language are more than a name."""
    if language == "en":
        return len(_HANGUL.findall(words)) >= 8
    latin = _LATIN_WORD.findall(words)
    return len(latin) >= 5 and sum(not word[0].isupper() or word in ("I", "The", "A") for word in latin) >= 3


def _scripts(text: str, brief: str) -> Iterator[Finding]:
    faces = [face.span() for face in _FACE.finditer(text)]
    for match in _STRAY.finditer(text):
        run = match[0]
        if run in brief or any(start <= match.start() < end for start, end in faces):
            continue
        is_word = len(run) == 2 and re.match("[하한해했]", text[match.end() : match.end() + 1])
        if set(run) <= _COMMON_HAN and len(run) <= 2 and not is_word:
            continue
        beside = text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]
        if len(run) == 1 and (_GREEK.match(run) or not re.search("[가-힣A-Za-z]", beside)):
            continue  # a sign (+α), a face or an ornament
        yield Finding("language", "stray_script", start=match.start(), end=match.end(), text=run)


# -- levels of speech -------------------------------------------------------------------------------------------------

_FORMAL = re.compile(r"(?:니다|니까|십시오)$")
_COURTEOUS = re.compile(r"(?:세요|까요|나요|가요|고요|군요|네요)$")
"""Requests, questions and asides that stand beside 합쇼체 as well."""
_POLITE = re.compile(r"(?:[가-힣]요|[가-힣]죠)$")


def _syllables(*codas: int) -> str:
    """All syllables that end in one of these final consonants, by their place in Unicode's order."""
    return "".join(chr(code) for coda in codas for code in range(0xAC00 + coda, 0xD7A4, 28))


_NIEUN, _RIEUL, _BIEUP, _SSANG_SIOS = 4, 8, 17, 20
_OF_ADJECTIVES = (5, 6, 9, 11, _BIEUP, 18, 25, 26, 27)
"""ㄵ, ㄶ, ㄺ, ㄼ, ㅂ, ㅄ, ㅌ, ㅍ, ㅎ: only stems end so before 다 (맑다, 넓다, 춥다, 없다, 같다, 깊다, 좋다)."""
_ADJECTIVES = (
    "고소|진|달콤|촉촉|바삭|따뜻|따끈|포근|든든|시원|상큼|담백|쫀득|향긋|깔끔|신선|특별|완벽|충분|행복|편안|가능|유명|다양|풍부|부족|은은"
    "|달달|새콤|새콤달콤|매콤|말랑|폭신|아늑|조용|한적|소중|궁금|심심|완전|확실|간단|튼튼|산뜻|개운|뿌듯|훌륭"
)
_PLAIN = re.compile(
    rf"(?:거야|(?!털)[{_syllables(_RIEUL)}]게|(?![빨달술])[{_syllables(_RIEUL)}]래|해\s?봐|와\s?봐|가\s?봐|먹어\s?봐|[아어]\s?봐"
    rf"|(?:또|꼭|곧|이따|내일)\s봐|(?:꼭|얼른|빨리|같이|어서|놀러)\s와|줘|[{_syllables(_SSANG_SIOS)}]어|없어|좋아|같아|싶어|몰라|어때|하자|가자|먹자"
    rf"|놀자|보자|만나자|잖아|거든|[가-힣]이야|최고야|해라|해둬|챙겨|(?:추천|사랑|환영|부탁|미안|축하|기대|{_ADJECTIVES})해|고마워|반가워"
    rf"|(?<![저수청])렴|[가-힣]니\?|(?<!자)냐\?|(?:[알좋맞없렇쁘]|[가-힣]하|[{_syllables(_SSANG_SIOS)}])지\?)$"
)
"""Endings of 해체: a promise in ㄹ게 (not the crab 털게), a past tense in ㅆ어, requests and what else is no noun."""
_GOES_ON = re.compile(
    r"(?:[있없]어|좋아|같아|싶어|몰라|해|[와봐줘겨](?=\n(?:[주줘줬보봐본드계있온오두놓])))\n(?=[^\n])"
)
"""What may lead to the next line in any level of speech: 향이 좋아 / 자꾸 찾게 돼요, 챙겨 / 드려요."""
_NARRATIVE = re.compile(
    rf"(?<!니)(?:[{_syllables(_NIEUN, _SSANG_SIOS, *_OF_ADJECTIVES)}]다|(?<![을를]\s)(?:{_ADJECTIVES})하다|더라"
    rf"|(?<![가-힣])[달길멀]다|[{''.join(map(_syllables, range(1, 28)))}]이다)$"
)
"""Endings of 해라체 (나왔다, 굽는다, 고소하다), but no verb as dictionaries and slogans have it (마음을 전하다)."""
_NOUNS_IN_DA = re.compile(r"(?:판|베란|혼|우간|르완|완|린|칸)다$")
_SET_PHRASES = re.compile(
    r"^(?:안녕하세요|감사합니다|고맙습니다|축하합니다|반갑습니다|죄송합니다|어서\s?오세요|여보세요|필요|수요"
    r"|(?:쉽|쉬어\s?갑|휴무입|부탁드립|바랍|환영합|사랑합)니다"
    r"|개요|담요|가요|고요|중요|주요|동요|민요|토요|소요|요요)$"
)
_LAST_WORD = re.compile(r"([가-힣][가-힣\s]*)[^가-힣]*$")
_SPEECH = re.compile(r"[^\n.!?~♡…]+")

LEVELS = ("formal", "polite", "plain", "courteous")
_LEVEL_WORDS = (
    ("plain", re.compile("반말")),
    ("formal", re.compile("합니다체|합쇼체|하십시오체|습니다체")),
    ("polite", re.compile("해요체|요체")),
)


def asked_level(tone: str) -> str | None:
    """The level of speech that a tone or an instruction asks for; None where it names none, or several."""
    levels = [
        level
        for level, words in _LEVEL_WORDS
        if words.search(tone) and not re.search(rf"(?:{words.pattern})\S*\s?(?:금지|말고|쓰지|빼고|않)", tone)
    ]
    return levels[0] if len(levels) == 1 else None


def sentences_by_level(text: str) -> list[tuple[str, int, int]]:
    """The sentences whose ending tells a level, each with its place; ``narrative`` is 해라체.

    The first sentence may tell in 해라체 as a headline (겨울이 왔다).
    """
    text = _QUOTES.sub(lambda quote: "\0" * len(quote[0]), _NEUTRAL.sub(lambda neutral: "\0" * len(neutral[0]), text))
    first = len(text) - len(text.lstrip())
    levels = []
    for match in _SPEECH.finditer(text):
        sentence = match[0].rstrip(" \t)]}>;:,\0")
        ending = _LAST_WORD.search(sentence)
        if not ending or ending.end() - len(ending[0]) + len(ending[1].rstrip()) < len(sentence) - 3:
            continue
        words = ending[1].rstrip()
        goes_on = _GOES_ON.search(f"{words}{text[match.end() : match.end() + 2]}")
        asks = text[match.end() : match.end() + 1] == "?"
        last = words.split()[-1]
        if _SET_PHRASES.match(last) or _SET_PHRASES.match(words):
            continue
        level = (
            "formal"
            if _FORMAL.search(last)
            else "courteous"
            if _COURTEOUS.search(last) or (asks and _POLITE.search(last))
            else "polite"
            if len(last) > 1 and _POLITE.search(last)
            else "plain"
            if not goes_on and _PLAIN.search(words + ("?" if asks and words.endswith(("니", "지", "냐")) else ""))
            else "narrative"
            if match.start() > first and _is_narrative(words, text[match.end() : match.end() + 1])
            else None
        )
        if level:
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            levels.append((level, start, match.start() + len(sentence)))
    return levels


def _is_narrative(words: str, sign: str) -> bool:
    """Whether a sentence tells in 해라체; an exclamation (맛있다!) stands in every level of speech."""
    return sign in ("", "\n", ".") and bool(_NARRATIVE.search(words)) and not _NOUNS_IN_DA.search(words)


def _speech(text: str, tone: str) -> Iterator[Finding]:
    sentences = sentences_by_level(text)
    narrated = [each for each in sentences if each[0] == "narrative"]
    if len(narrated) == 1 and not text.startswith(".", narrated[0][2]):
        sentences.remove(narrated[0])  # one line without a stop is a slogan
    said = [("plain" if level == "narrative" else level, start, end) for level, start, end in sentences]
    asks_beside = all(level != "plain" for level, _, _ in sentences)  # 보세요 stands beside 해라체 too
    due = asked_level(tone)
    counts = {level: sum(each[0] == level for each in said) for level in LEVELS}
    against = [each for each in said if due == "plain" or each[0] != "courteous"]
    is_met = due is None or counts[due] or (due == "polite" and counts["courteous"])  # 오세요 is 해요체 too
    if against and not is_met:
        level, start, end = against[0]
        yield Finding(
            "language",
            "speech_not_asked",
            start=start,
            end=end,
            text=text[start:end],
            params={"due": due, "level": level},
        )
        return
    main = due or max(LEVELS[:3], key=lambda level: (counts[level], level != "plain"))
    is_strict = main == "plain" and not asks_beside
    others = [each for each in said if each[0] != main and (is_strict or each[0] != "courteous")]
    plain_beside = main == "plain" or any(each[0] == "plain" for each in others)
    if not others or not counts[main] or (not plain_beside and (counts[main] < 2 or len(others) * 3 < len(said))):
        return
    for level, start, end in others:
        if plain_beside and main != "plain" and level != "plain":
            continue  # 합쇼 beside 해요 is the smaller matter
        yield Finding(
            "language",
            "mixed_speech",
            start=start,
            end=end,
            text=text[start:end],
            params={"level": level, "main": main},
        )


def check(text: str, language: str | None, *, brief: str = "", tone: str = "") -> Iterator[Finding]:
    """What a reader of the language that was asked for would stumble over; ``language`` None: it is not known."""
    yield from _traces(text)
    if language:
        yield from _languages(text, language, brief)
    yield from _scripts(text, brief)
    if language != "en":
        yield from _speech(text, tone)
