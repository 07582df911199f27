"""What the demo model writes: a caption and hashtags put together from the brief's own words and set phrases.

Sentences of the brief stand between phrases of ``phrases.toml``, chosen by a hash of the request, so that the
same request always gives the same text. Nothing is stated that the brief does not say.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from lib.demo_model import korean
from lib.demo_model.reading import MAX_UNIT, Asked, cut, name_of, phrases, plain, tags, units

T = TypeVar("T")

MAX_LINE = 34
"""A Korean sentence longer than this is broken in two lines where it breathes."""
MOST_CHARACTERS = 2_000
"""No rewriting grows a caption beyond this: hashtags must still fit into Instagram's 2,200."""

_ROOM = {"benefit": 5, "question": 5, "story": 4, "senses": 4, "scene": 3}
"""Lines for product and store together: an angle that argues says more than one that paints."""

_NO_EMOJI = re.compile(
    r"이모(?:지|티콘)\S*\s*(?:없|빼|제외|금지|쓰지|사용하지|넣지)|(?:no|without|avoid|don't use)\s+emoji", re.IGNORECASE
)
_SPONSORED = re.compile(
    r"협찬(?!\s*(?:이\s*)?(?:아[님닙]|없))|유료\s?광고|\bsponsored\b|\bpaid partnership\b", re.IGNORECASE
)
_ONLINE = re.compile(r"온라인|스마트스토어|https?:|www\.|\bonline\b", re.IGNORECASE)
_HOURS = re.compile(r"영업|휴무|\d{1,2}:\d{2}|\bhours\b|\bopen\b|\bclosed\b", re.IGNORECASE)
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]+")


@dataclass(frozen=True)
class Copy:
    """One answer: the text, and tags that each start with ``#``."""

    caption: str
    hashtags: tuple[str, ...]


@dataclass(frozen=True)
class Dice:
    """Choices that follow from a seed and a label alone, in whatever order they are made."""

    seed: str

    def pick(self, options: Sequence[T], label: str) -> T:
        """One of the options; there must be at least one."""
        return options[int(hashlib.sha256(f"{self.seed}/{label}".encode()).hexdigest(), 16) % len(options)]


def compose(content: str, seed: str) -> Copy:
    """The answer to the last message of the user; the same content and seed give the same answer."""
    asked = Asked.read(content)
    if asked.change and asked.previous_caption:
        return _rewritten(asked, seed)
    return Copy(_Text(asked, Dice(seed), _tone(asked)).caption(), hashtags(asked, seed))


def hashtags(asked: Asked, seed: str, count: int | None = None) -> tuple[str, ...]:
    """Four or five tags, or ``count`` of them."""
    return tuple(f"#{tag}" for tag in tags(asked)[: count or Dice(seed).pick((4, 5), "tags")])


def refusal(content: str) -> str:
    """The sentence of a model that declines, in the language asked for."""
    return str(phrases()[Asked.read(content).language]["refusal"])


def _rewritten(asked: Asked, seed: str) -> Copy:
    previous = asked.previous_caption
    tags = hashtags(asked, seed)
    if asked.change == "other_hashtags":
        return Copy(previous, tags)
    if asked.change == "shorter":
        return Copy(_shorter(previous), tags)
    if asked.change == "longer":
        return Copy(_longer(asked, seed), tags)
    tone = "formal" if asked.change == "more_formal" else "warm"
    for throw in range(9):
        text = _Text(asked, Dice(f"{seed}/{throw}"), tone).caption(opener=_tone(asked) == tone)
        if text != previous:
            break
    return Copy(text, tags)


def _shorter(previous: str) -> str:
    """The first line and as much of the rest as half the length allows; a single line loses its last part."""
    lines = [line for line in previous.splitlines() if line.strip()]
    room = max(len(previous) // 2, 1)
    if len(lines) > 1:
        kept = [lines[0]]
        kept += [line for line in (lines[-1],) if len(lines[0]) + len(line) + 2 <= room * 1.3]
        text = "\n\n".join(kept)
        if len(text) < len(previous) * 0.8:
            return text
    sentences = re.split(r"(?<=[.!?])\s+", lines[0] if lines else previous)
    if len(sentences) > 1:
        return sentences[0]
    return cut(lines[0] if lines else previous, room)


def _longer(asked: Asked, seed: str) -> str:
    """The previous text with more of the brief, and closing words, before its last line."""
    text, dice = asked.previous_caption, Dice(seed)
    voice = _Text(asked, dice, _tone(asked))
    *head, last = text.rstrip().split("\n")
    new = [line for line in voice.everything() if re.sub(r"\W", "", line) not in re.sub(r"\W", "", text)]
    wanted = max(len(text) // 2, 20)
    added: list[str] = []
    for line in new:
        if sum(map(len, added)) >= wanted or len(text) + sum(map(len, added)) + len(line) > MOST_CHARACTERS:
            break
        added.append(line)
    if not added:
        return text
    before = "\n".join(head).rstrip()
    return "\n\n".join(filter(None, (before, "\n".join(added), last) if before else (last, "\n".join(added))))


class _Text:
    """One voice speaking about one brief."""

    def __init__(self, asked: Asked, dice: Dice, tone: str) -> None:
        self._asked, self._dice = asked, dice
        self._formal, self._loud = tone in ("formal", "calm"), tone == "energetic"
        self._voice: dict[str, Any] = phrases()[asked.language][tone]
        self._korean = asked.language == "ko"
        self._emoji = not _NO_EMOJI.search(asked.gpt_prompt)
        self._name = name_of(asked)
        self._units = units(asked.product_description)
        self._ad_copy = cut(plain(asked.refined_ad_copy_eng), MAX_UNIT)
        if not self._korean and self._ad_copy and all(map(korean.has_hangul, self._units)):
            self._units, self._ad_copy = units(asked.refined_ad_copy_eng), ""
        self._kind = _kind(asked.angle, dice)

    def caption(self, *, opener: bool = False) -> str:
        """Three to eight lines that say something, in paragraphs."""
        store = self._store()
        paragraphs = [[self._hook()], self._quote(), self._body(_ROOM[self._kind] - len(store)), store, [self._close()]]
        if self._kind == "story":
            paragraphs[-1].insert(0, self._say("extra", "extra"))
        if opener:
            paragraphs.insert(0, [self._voice["opener"]])
        if sponsored := _SPONSORED.search(f"{self._asked.product_description}\n{self._asked.gpt_prompt}"):
            paragraphs[0][0] = f"[{sponsored[0]}] {paragraphs[0][0]}"
        return "\n\n".join("\n".join(map(self._finished, lines)) for lines in paragraphs if lines)

    def everything(self) -> list[str]:
        """All there is to say beyond a first line."""
        intro = [self._say("intro", "longer")] if self._name else []
        return [self._finished(line) for line in (*self._body(12), *self._store(), *intro, *self._voice["extra"])]

    def _finished(self, line: str) -> str:
        bare = line if self._emoji else _EMOJI.sub("", line).strip()
        return bare if self._korean else bare[:1].upper() + bare[1:]

    def _say(self, kind: str, label: str) -> str:
        return str(self._dice.pick(self._voice[kind], label)).format(n=korean.Noun(self._name or ""))

    def _sign(self, label: str, fitting: Sequence[str] = ()) -> str:
        signs = self._voice["signs"]
        return f" {self._dice.pick(fitting or signs, label)}" if signs else ""

    def _hook(self) -> str:
        told = f"{self._asked.product_description} {self._asked.refined_ad_copy_eng}".lower()
        fitting = [emoji for emoji, words in phrases()["emoji"].items() if _holds(words, told)]
        if self._quotes_first():
            hook = self._ad_copy
        elif self._name:
            hook = self._say(self._kind, "hook")
        else:
            hook = self._voice["nameless"][list(phrases()["angles"]).index(self._kind)]
        return hook + self._sign("hook", fitting)

    def _quotes_first(self) -> bool:
        """Whether the English ad copy opens the caption: in English, from the one angle that it is written for."""
        return bool(self._ad_copy) and not self._korean and self._kind == "benefit"

    def _quote(self) -> list[str]:
        if not self._ad_copy or self._quotes_first() or self._dice.pick((True, False), "quote"):
            return []
        return [f"“{self._ad_copy}”"]

    def _close(self) -> str:
        store = self._asked.store_information
        return self._say("close_visit" if store and not _ONLINE.search(store) else "close", "close") + self._sign(
            "close"
        )

    def _body(self, most: int) -> list[str]:
        """Sentences as lines, phrases as a list; at least one line where the product has a name."""
        lines: list[str] = []
        listed = [unit for unit in self._units if unit != self._name and not self._is_sentence(unit)]
        if len(listed) > 2 and not any(" " in phrase for phrase in listed):
            lines, listed = [f"{self._voice['bullet']} {' · '.join(listed)}"], []
        for unit in self._units:
            new = self._sentence(unit) if self._is_sentence(unit) else self._phrase(unit) if unit in listed else []
            if len(lines) + len(new) <= most:
                lines += new
        return lines or ([self._say("intro", "intro")] if self._name else [])

    def _is_sentence(self, unit: str) -> bool:
        return korean.is_sentence(unit) if korean.has_hangul(unit) else len(unit.split()) > 4

    def _phrase(self, unit: str) -> list[str]:
        bare = unit.rstrip(".!? ")
        if self._name and bare.endswith(self._name) and korean.has_hangul(unit):
            return self._sentence(f"{bare}입니다{unit[len(bare) :].strip()}")
        return [f"{self._voice['bullet']} {unit}"]

    def _sentence(self, unit: str) -> list[str]:
        if not korean.has_hangul(unit):
            return [unit if unit[-1] in "!?…" else f"{unit}."]
        said = korean.polite(unit.rstrip(".!? "), formal=self._formal)
        mark = unit[-1] if unit[-1] in "!?" else "!" if self._loud else "."
        return _breathing(said if said.endswith("…") else said + mark)

    def _store(self) -> list[str]:
        lines: list[str] = []
        for unit in units(self._asked.store_information, whole_lines=True)[:2]:
            if korean.is_sentence(unit):
                lines += self._sentence(unit)
            elif self._voice["signs"]:
                lines.append(f"{'🕒' if lines and _HOURS.search(unit) else '📍'} {unit}")
            else:
                lines.append(unit)
        return lines[:3]


def _tone(asked: Asked) -> str:
    """The voice that the brief's tone asks for: the one whose word comes first in it, or the warm one."""
    told = asked.tone_style.lower()
    places = {tone: [told.find(word) for word in words if word in told] for tone, words in phrases()["tones"].items()}
    named = {tone: min(found) for tone, found in places.items() if found}
    return min(named, key=lambda tone: named[tone]) if named else "warm"


def _kind(angle: str, dice: Dice) -> str:
    kinds: dict[str, list[str]] = phrases()["angles"]
    named = next((kind for kind, words in kinds.items() if _holds(words, angle.lower())), None)
    return named or dice.pick(list(kinds), f"kind{angle}")


def _holds(words: Sequence[str], text: str) -> bool:
    return any(word in text for word in words)


def _breathing(sentence: str) -> list[str]:
    """The sentence in one or two lines, broken behind the comma or connective that is nearest to its middle."""
    if len(sentence) <= MAX_LINE:
        return [sentence]
    breaks = [m.end() for m in re.finditer(r"(?:,|[가-힣](?:고|며|서|면|도록|지만)) ", sentence)]
    breaks = [at for at in breaks if 8 <= at <= len(sentence) - 8]
    if not breaks:
        return [sentence]
    at = min(breaks, key=lambda place: abs(place - len(sentence) // 2))
    return [sentence[:at].rstrip(), sentence[at:]]
