"""How else a searched word may be spelled: in another spacing, by its first consonants, as a number written otherwise.

The database looks for words as they are written first. Then it looks for these spellings: by what its index knows them
by (``studio_word_grams``), and with a regular expression that Python and PostgreSQL read alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from lib.domain.findings.fact import MIXED, NUMBER, SPELLED, number

IGNORED = " \t.,·()-'’"
"""What the index leaves out of every text, as ``studio_grams`` does."""
LEAST_INITIALS = 2
"""One consonant alone begins a word of nearly every text."""
LEAST_PHONE = 7
"""Figures from which on a number may be a telephone number."""
MOST_GAPPED = 60
"""Characters of a word up to which its spacing may differ: names, not sentences."""

_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS_AND_ENDINGS = 588
"""Syllables of Unicode that begin with the same consonant."""
_ALONE = {code: 0xE000 + code % 0x1000 for code in range(0x3131, 0x3164)}
_BACK = {private: code for code, private in _ALONE.items()}
_WIDE = re.compile(
    "[\u00a0\u2000-\u200a\u2024-\u2026\u202f\u2460-\u24ff\u3000\u3200-\u33ff\uff01-\uffee\U0001d400-\U0001d7ff]"
)
_BLANK = "[ ·'’()-]{0,2}"
_AMOUNT = re.compile(rf"₩?(?P<figures>{MIXED}|(?!0)(?:{NUMBER}))(?:\s?원|won)?|(?P<words>{SPELLED})원")
_LEAST_AMOUNT, _MOST_AMOUNT = 1_000, 99_999_999
"""What is read as an amount: fewer figures are written in one way, more are a telephone number."""
_FIGURES = "일이삼사오육칠팔구"


@dataclass(frozen=True)
class Term:
    """A searched word. ``pattern`` is None where it is spelled in one way only.

    ``spellings`` are what the index knows the word by, one of which a text must have.
    """

    word: str
    pattern: str | None = None
    spellings: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """A regular expression of all its spellings, as written first."""
        return "|".join(filter(None, (re.escape(searched(self.word)), self.pattern)))


def searched(text: str) -> str:
    """The text in the form in which it is looked for, as ``studio_searched`` makes it."""
    if not _WIDE.search(text):
        return unicodedata.normalize("NFC", text).lower()
    return unicodedata.normalize("NFKC", text.translate(_ALONE)).translate(_BACK).lower()


_WORD = re.compile(
    r"[\"“”„](?P<phrase>\s*[^\"“”„#＃\s][^\"“”„#＃]*)[\"“”„](?!\S)"
    rf"|(?P<amount>(?:(?:{NUMBER})\s?[백천만억]\s?){{1,4}}(?:(?:{NUMBER})\s?)?원?|(?:{NUMBER})\s원)(?!\S)|\S+"
)


def words_of(text: str) -> Iterator[str]:
    """The words of a search: what stands between blanks, a phrase in quotation marks, an amount with its blanks."""
    for match in _WORD.finditer(text):
        yield (match["phrase"] or match[0]).strip()


@lru_cache(maxsize=1_024)
def term(word: str) -> Term:
    """The word with its other spellings."""
    spelled = searched(word)
    joined = spelled.translate(dict.fromkeys(map(ord, IGNORED)))
    if any(letter in _INITIALS for letter in spelled):
        return _by_initials(word, joined)
    if value := _amount(spelled):
        amount = _by_amount(word, value, joined)
        is_phone = spelled.isdecimal() and len(spelled) >= LEAST_PHONE
        return replace(amount, pattern=f"{amount.pattern}|{_gapped(spelled)}") if is_phone else amount
    if not 2 <= len(joined) <= MOST_GAPPED:
        return Term(word)
    return Term(word, _gapped(spelled), (joined,))


def _amount(spelled: str) -> int | None:
    match = _AMOUNT.fullmatch(spelled)
    value = number(match["figures"] or match["words"]) if match else 0.0
    return int(value) if value % 1 == 0 and _LEAST_AMOUNT <= value <= _MOST_AMOUNT else None


def _gapped(spelled: str) -> str:
    """Blanks may stand between any two letters; between figures only what separates those of a number."""
    letters = [
        letter for at, letter in enumerate(spelled)
        if letter not in IGNORED or (letter == "." and re.match(r"\d\.\d", spelled[max(0, at - 1) :]))
    ]  # fmt: skip
    is_phone = sum(letter.isdigit() for letter in letters) >= LEAST_PHONE
    pattern = ""
    for before, letter in zip(["", *letters], letters, strict=False):
        if before.isdigit() and letter.isdigit():
            pattern += r"[-,. )]{0,2}" if is_phone else r"(?:,|-|\.(?=\d{3}))?"
        elif before and before != "." != letter:
            pattern += _BLANK
        pattern += re.escape(letter)
    return pattern


def _by_initials(word: str, joined: str) -> Term:
    """A word in which syllables may be told by their first consonant."""
    letters, runs = [], [""]
    for letter in joined:
        if letter in _INITIALS:
            place = _INITIALS.index(letter)
            first = 0xAC00 + place * _VOWELS_AND_ENDINGS
            letters.append(f"[{letter}{chr(first)}-{chr(first + _VOWELS_AND_ENDINGS - 1)}]")
            runs[-1] += chr(0x1100 + place)
        elif "가" <= letter <= "힣":
            letters.append(letter)
            runs[-1] += chr(0x1100 + (ord(letter) - 0xAC00) // _VOWELS_AND_ENDINGS)
        else:
            letters.append(re.escape(letter))
            runs.append("")
    longest = max(runs, key=len)
    return Term(word, _BLANK.join(letters), (longest,)) if len(longest) >= LEAST_INITIALS else Term(word)


def _by_amount(word: str, value: int, joined: str) -> Term:
    """An amount in figures, with Korean units, and in Korean words: 49,000, 4만9천, 4만 9,000, 4.9만, 사만구천."""
    man, rest = divmod(value, 10_000)
    figures = [str(value)]
    if man:
        figures.append(f"{man}만{rest or ''}")
    if rest % 100 == 0 and man < 10_000:
        figures += [f"{value / 10_000:g}만"] if man else []
        units = [(rest // 1_000, "천"), (rest % 1_000 // 100, "백")]
        small = "".join(f"{count}{unit}" for count, unit in units if count)
        figures.append((f"{man}만" if man else "") + small)
        in_words = "".join((_FIGURES[count - 1] if count > 1 else "") + unit for count, unit in units if count)
        if man < 10:
            figures.append((f"{_FIGURES[man - 1] if man > 1 else ''}만" if man else "") + in_words)
    written = dict.fromkeys([joined, *figures])
    pattern = "|".join(map(_spaced, written))
    spellings = tuple(dict.fromkeys(each.replace(".", "") for each in written))
    return Term(word, rf"(?<![\d.,])(?:{pattern})(?!\d|,\d)", spellings)


def _spaced(figures: str) -> str:
    """The amount with a comma before each three figures, or none, and a blank after each Korean unit, or none."""
    with_commas = re.sub(r"\d(?=(?:\d{3})+(?!\d))", r"\g<0>,?", figures)
    return re.sub(r"[만천백](?=.)", r"\g<0> ?", re.escape(with_commas).replace(r",\?", ",?"))
