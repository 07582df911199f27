"""Whether a sponsored post says so: clearly, where everybody sees it, in words that name the benefit.

The Fair Trade Commission's guidelines on recommendations (추천·보증 등에 관한 표시·광고 심사지침, Q&A of December
2025): the economic interest stands in the title or the first part, not behind "더 보기", not among later hashtags, in
words that tell what was given. By its own examples not clear enough: 체험단, 체험후기, #AD, Sponsored by, Partner,
컬래버레이션, 파트너십, Thanks to, and what is only conditional (받을 수 있음). That foreign words are unclear in a
Korean post is its rule of the same language (언어 동일성).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lib.domain.brief import Brief, Sponsorship
from lib.domain.caption import Caption
from lib.domain.errors import Problem
from lib.domain.feed_fold import fold
from lib.domain.findings.fact import Finding, around, compiled, narrow
from lib.domain.hashtags import MAX_USERNAME, discloses, hashtags_in

LABELS: dict[str, dict[str, str]] = {
    "payment": {"ko": "[유료 광고]", "en": "[Paid advertisement]"},
    "product": {"ko": "[협찬: 제품 제공]", "en": "[Ad: product provided for free]"},
    "discount": {"ko": "[광고: 할인 제공]", "en": "[Ad: discount received]"},
    "affiliate": {"ko": "[광고: 판매 수수료 받음]", "en": "[Ad: commission earned on sales]"},
}
"""What stands in the first line, by kind and language of the caption."""


def _any(*words: str) -> re.Pattern[str]:
    return compiled("|".join(words), re.IGNORECASE | re.MULTILINE)


_AD_KO = (
    r"유료\s?광고",
    r"(?<![가-힣])광고(?:입니다|이에요|예요|임(?![가-힣])|글|\s?포함)",
    r"(?:(?<=[#\[(|ㅣ<【「『〈《])\s?|^)광고(?=\s*[\])|ㅣ:/·>】」』〉》-]|\s*$)",
    r"^광고(?=\s?[\u2190-\u2bff\U0001f000-\U0001faff])",
    r"^[^\w\n]{1,4}광고(?=[^\w\s,.!?~]|\s[^\w\s,.!?~(\[])",
    r"(?<=#)광고(?![가-힣])",
    r"\badvertisement\b",
)
_GIVEN = (
    r"(?:제공|지원)"
    r"(?!\s?(?:해(?!\s?(?:주[셔셨신시었]|준|줬))|합니다|하[고는니]|드[려립리]|받(?:으[세시실십]|[기는을])|중|!))"
)
"""Given to whoever posts, and not to the readers (할인 쿠폰 제공!)."""
_TAKEN = r"받(?:았|은|습니다|음(?![가-힣])|고(?!\s?싶)|아(?!\s?(?:가|갈|보|볼|봐)))"
"""Received by whoever posts; not what readers may come for (받아 보세요)."""
_FREE = r"무[상료](?:로|으로)?"
_COMMISSION = r"(?:earn|receive|get)s? (?:an? )?(?:\w+ )?commission"
_CLEAR = {
    "payment": _any(
        *_AD_KO,
        r"협찬|광고비|대가성\s?(?:글|게시|콘텐츠|포스팅)",
        r"(?:원?고료|대가|제작비|출연료|활동비|돈|제작\s?지원|금전적\s?지원|소정의\s?\S{1,5}?)[을를]?\s?(?:지급\s?|지원\s?|제공\s?)?받",
        r"paid (?:ad|advertisement|partnership|promotion)\b|paid (?:me|us) (?:to|for)\b",
        r"(?:was|were|am|are|got) paid (?:to|for|by)\b",
    ),
    "product": _any(
        *_AD_KO,
        r"협찬|제공\s?받(?!으[세시실십]|[기는])",
        rf"(?:제품|상품|서비스|식사|숙박|이용권)\S{{0,2}}\s?(?:{_FREE}\s?)?(?:{_GIVEN}|{_TAKEN})",
        rf"(?:지원|{_FREE}\s?(?:협찬|증정)?)\s?{_TAKEN}",
        r"\b(?:received|provided|sent|gave|got|gifted|offered) (?:\w+ ){1,6}(?:for free|free of charge)\b",
        r"(?:product|item|meal|stay|service)s? (?:\w+ )?(?:provided|received|gifted)",
        r"(?:free|gifted) (?:product|item|meal|stay)",
    ),
    "discount": _any(
        *_AD_KO,
        "협찬",
        rf"할인\s?(?:쿠폰|권|코드)?\S{{0,2}}\s?(?:{_GIVEN}|(?:혜택을?\s?)?받(?:았|은|음(?![가-힣])|[아고]\s?(?:작성"
        rf"|구[매입](?!하)|방문(?!하)|다녀[온왔]|산|쓴|간|본|\S{{0,3}}[했았었왔갔봤썼샀]|\S{{1,3}}한\s?(?:후기|글|리뷰))))",
        r"discount (?:received|provided)|received a discount",
        r"(?:got|received|given) (?:an? )?\d+% (?:off|discount) (?:for|to|in exchange)\b",
    ),
    "affiliate": _any(
        *_AD_KO,
        r"수수료\S{0,2}\s?(?:를\s?)?(?:지급\s?|제공\s?)?(?:받(?!을\s?수)|지급)|제휴\s?(?:링크|광고|마케팅)",
        rf"수익\S{{0,2}}\s?(?:일부\S?\s?)?{_TAKEN}",
        rf"(?<!may )(?<!might )(?<!can )(?<!could ){_COMMISSION}|commission earned",
    ),
}
_LABEL = compiled("|".join(re.escape(text) for words in LABELS.values() for text in words.values()))
_UNCLEAR = _any(
    r"체험단|체험\s?후기|서포터[즈스]|[앰엠][버배]서더|(?:컬|콜|꼴)(?:래버|라보)\S*|파트너십|파트너스|홍보[성글]|기자단",
    r"선물\s?받|초대(?:해\s?주|받|로\s)",
    r"(?:수수료|혜택|대가)\S*\s?(?:지급\s?|제공\s?)?받을\s?수",
    r"(?:일주일|한\s?달|\d+일)\s?(?:동안|간)\s?사용해\s?(?:보|봤)",
    r"#?\bAD\b|\bSponsored(?: by)?\b|\bPartner(?:ship)?\b|\bCollab(?:oration)?\b|\bThanks to\b|\bAmbassador\b|\bPR\b",
    rf"\bgifted\b(?! (?:product|item|meal|stay))|\b(?:may|might|can|could) {_COMMISSION}",
)
_UNCLEAR_CASED = compiled(r"^#?(?:ad|pr)$")

_SAID: tuple[tuple[Sponsorship, re.Pattern[str]], ...] = (
    (
        "affiliate",
        _any(
            r"제휴\s?(?:링크|마케팅|수수료)|(?<!소정의 )수수료를?\s?(?:지급\s?)?받|쿠팡\s?파트너스|파트너스\s?활동",
            r"(?:판매|공구|공동구매)\s?(?:수수료|수익(?=\S{0,2}\s?(?:일부|받|배분))"
            r"(?![^\n.!?]{0,30}(?:기부|후원|돕|나눔|환원|전달|쓰[여입])))",
            r"affiliate(?!d)|earn(?:s|ing)? (?:a )?commission|commission earned",
        ),
    ),
    (
        "payment",
        _any(
            r"유료\s?(?:광고|협찬|파트너십)|#광고(?![가-힣])|광고\s?표[시기](?!등|판)",
            r"광고글(?!\s?(?:처럼|같|느낌|티|스|냄새|[이로]\s?(?:아니|보이|안)))",
            r"광고성\s?(?:글|게시|포스팅|콘텐츠)|(?:협업|협찬|인플루언서)\s?광고|브랜디드\s?콘텐츠",
            r"(?<!드라마 )(?<!예능 )(?<!방송 )\bPPL\b(?!로\s?(?:나[온와왔]|유명|화제))",
            r"기자단(?!\s?(?:초청|간담|투어|모집|대상))|협업\s?(?:게시물|포스트|글)",
            r"광고비|원고료|대가를?\s?받|제작비\S?\s?(?:지원|제공)|소정의\s?(?:수수료|비용|금액)\S?\s?(?:지급\s?)?받",
            r"(?:글|포스팅|게시물|콘텐츠)[은는]\s?광고(?:입니다|예요|이에요)",
            r"paid (?:ad|partnership|post|promotion|collab|to (?:post|promote|review|write))|brand deal",
            r"sponsor(?:ed\b|ship)|commissioned (?:post|content|review)",
            r"(?:this|post|reel|caption) is an? ad\b",
        ),
    ),
    (
        "discount",
        _any(
            r"할인을?\s?(?:제공\s?받[아고]|받[아고]\s?(?:작성|방문했|구매했|구입했|다녀|썼|쓴))|할인\s?협찬",
            "discount in exchange",
        ),
    ),
    (
        "product",
        _any(
            r"(?<!드라마 )(?<!예능 )(?<!방송 )(?<!연예인 )(?<!드라마에 )(?<!방송에 )"
            r"협\s?찬(?!사(?:$|[^가-힣]|[는가의]))(?<![을를] 협찬(?=합니다|해요|하고 있|했))",
            r"체험단|서포터즈|스폰서|앰[버배]서더(?!\s?(?:호텔|서울|풀만))|ambassador(?!\s?(?:hotel|seoul|pullman))",
            r"(?:브랜드|업체|본사|광고주)\S{0,2}(?:에게|에게서|로부터|에서)\s?\S{0,6}\s?"
            r"(?:받|제공|보내\s?(?:준|주신)\s?(?:제품|상품|선물))",
            r"(?:제품|상품|식사|숙박|음료|메뉴|체험|이용권|무[상료])\S{0,3}\s?(?:제공|지원)\s?받|제공\s?받(?:[아고았]|은\s?(?:후기|글|리뷰))",
            r"무상\s?(?:제공|지원|증정)|(?:업체|브랜드|본사)\s?제공\s?(?:제품|상품)",
            r"in exchange for (?:an? )?(?:honest |free )?(?:review|post|meal|product|stay|service)",
            r"(?:received|got) (?:an? )?free (?:product|item|meal|stay)|gifted (?:product|by|me|us)",
            r"PR (?:package|box|패키지|박스)|#AD\b",
        ),
    ),
)
_DENIED = _any(
    r"내돈내산(?!이?\s?아[님니])|[노비]협찬|(?:광고|협찬)[이은는도]?\s?(?:아[님닙니닌]|없[이는어음])",
    r"\b(?:not|isn't|no) (?:an? )?(?:paid )?(?:ad|advertisement|sponsored|sponsorship)\b",
)
"""What says that nothing was given."""
_WORD_END = re.compile("[가-힣]*")
_NOT_BEFORE = _any(r"(?:^|\s)(?:[비노무]|노\s)$|(?:not|\bno|isn't) (?:an? )?$|\bnon-?$|never ")
_NOT_AFTER = _any(
    r"(?:^|\s)내돈내산|^\S{0,3}(?:을|으실)\s?수",
    r"^\s?\S{0,3}\s?(?:(?:필요\s?)?없|아님|아닌|아닙|아니|불가|안\s?(?:받|함)|지\s?않|모집|금지|문의|거절|제안|사절)",
)


def _is_meant(text: str, match: re.Match[str]) -> bool:
    """Whether the words around do not deny what the match says."""
    before, after = around(text, match.start(), match.end(), 8, 8)
    return not _NOT_BEFORE.search(before) and not _NOT_AFTER.search(after)


def said_in(text: str) -> tuple[Sponsorship, str] | None:
    """The kind of benefit that a brief's words speak of, and the word; None where they speak of none."""
    text = narrow(text)
    for kind, words in _SAID:
        for match in words.finditer(text):
            if _is_meant(text, match):
                return kind, text[match.start() : _WORD_END.match(text, match.end()).end()]  # type: ignore[union-attr]
    return None


def question(brief: Brief) -> Problem | None:
    """What the brief's author is asked: the words speak of a sponsor, and nobody said what was given for the post."""
    said = None if brief.sponsorship else said_in("\n".join(brief.inputs().values()))
    return Problem("sponsorship", "sponsorship_unsaid", {"word": said[1]}) if said else None


def is_due(sponsorship: str | None) -> bool:
    """Whether the post has to say that it is sponsored."""
    return sponsorship is not None and sponsorship in LABELS


def label(sponsorship: str, language: str | None) -> str:
    """The words that stand in the first line."""
    return LABELS[sponsorship]["en" if language == "en" else "ko"]


def stands_first(text: str, sponsorship: str) -> bool:
    """Whether the first line says clearly what was given, before the fold and not by a later hashtag alone."""
    return _shown(text, sponsorship, min(len(text.partition("\n")[0]), _visible(text, "x" * MAX_USERNAME)))


def ensured(text: str, sponsorship: str | None, language: str | None) -> str:
    """The text with the clear word in its first line; as it is where it has one, or needs none."""
    if sponsorship is None or not is_due(sponsorship) or not text or stands_first(text, sponsorship):
        return text
    return f"{label(sponsorship, language)} {text}"


def ensured_caption(caption: Caption, sponsorship: str | None, language: str | None) -> Caption:
    """The caption with the clear word in its first line; its hashtags and the parked ones stay as they are."""
    text = ensured(caption.text, sponsorship, language)
    return caption if text == caption.text else replace(caption, text=text)


def taken_away(before: Caption, after: Caption, sponsorship: str | None, *, account: str = "") -> str | None:
    """The clear word that a change takes away, or hides; None where one is still seen, or none was."""
    was, now = (
        next(check(each.text, each.hashtag_field, sponsorship, account=account), None) for each in (before, after)
    )
    if sponsorship is None or was or not now:
        return None
    match = next(_clear(before.text, sponsorship), None)
    return before.text[match.start() : match.end()] if match else f"#{before.hashtags[0]}"


def check(text: str, hashtags: str, sponsorship: str | None, *, account: str = "") -> Iterator[Finding]:
    """What is wrong with the disclosure of a post that is due: at most one finding, the gravest."""
    if sponsorship is None or not is_due(sponsorship):
        return
    if _shown(text, sponsorship, _visible(text, account)):
        if denied := _DENIED.search(narrow(text)):
            start, end = denied.span()
            yield Finding("disclosure", "disclosure_denied", start=start, end=end, text=text[start:end])
        return
    clear = next(_clear(text, sponsorship), None)
    unclear = next(_unclear(text), None)
    tags = hashtags_in(hashtags)
    late = next((tag for tag in tags if discloses(tag)), None)
    shown = fold(f"{text}\n\n{hashtags}", account).visible
    if late and tags[0] == late and len(shown) >= len(text) + 2 + len(late) + 1 and not hashtags_in(text):
        return
    params = {"label": label(sponsorship, _language(text))}
    if clear:
        code = "disclosure_late_tag" if _only_a_later_tag(text, clear) else "disclosure_folded"
        yield Finding(
            "disclosure",
            code,
            start=clear.start(),
            end=clear.end(),
            text=text[clear.start() : clear.end()],
            params=params,
        )
    elif late:
        at = hashtags.index(late) - 1
        yield Finding(
            "disclosure", "disclosure_late_tag", "hashtags", at, at + len(late) + 1, f"#{late}", params=params
        )
    elif unclear:
        yield Finding(
            "disclosure",
            "disclosure_unclear",
            start=unclear.start(),
            end=unclear.end(),
            text=text[unclear.start() : unclear.end()],
            params=params,
        )
    elif odd := next((tag for tag in tags if _UNCLEAR.fullmatch(tag) or _UNCLEAR_CASED.match(tag)), None):
        at = hashtags.index(f"#{odd}")
        yield Finding("disclosure", "disclosure_unclear", "hashtags", at, at + len(odd) + 1, f"#{odd}", params=params)
    else:
        yield Finding("disclosure", "disclosure_missing", params=params)


def _language(text: str) -> str:
    return "ko" if len(re.findall("[가-힣]", text)) * 3 > len(re.findall("[A-Za-z]", text)) else "en"


def _visible(text: str, account: str) -> int:
    return len(fold(text, account).visible)


def _shown(text: str, sponsorship: str, visible: int) -> bool:
    """Whether a clear word stands in the first so many characters, and not as a later hashtag."""
    return any(clear.end() <= visible and not _only_a_later_tag(text, clear) for clear in _clear(text, sponsorship))


def _clear(text: str, sponsorship: str) -> Iterator[re.Match[str]]:
    """The words of a text that say clearly what was given, in their order."""
    text = narrow(text)
    matches = sorted((*_LABEL.finditer(text), *_CLEAR[sponsorship].finditer(text)), key=re.Match.start)
    for match in matches:
        if _LABEL.fullmatch(match[0]) or _is_meant(text, match):
            yield match


def _unclear(text: str) -> Iterator[re.Match[str]]:
    for match in _UNCLEAR.finditer(narrow(text)):
        if match[0].lower() in ("ad", "pr") and not match[0].isupper():
            continue
        yield match


def _only_a_later_tag(text: str, clear: re.Match[str]) -> bool:
    """Whether the word is a hashtag of the text that is not its first."""
    if text[max(0, clear.start() - 1) : clear.start()] != "#":
        return False
    return bool(hashtags_in(text[: clear.start() - 1]))
