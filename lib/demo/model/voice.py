"""How the demo model speaks: one voice about one brief, from one angle.

Sentences of the brief stand between set phrases of ``ko.toml`` and ``en.toml``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from lib.demo.model import korean
from lib.demo.model.facts import MOST, facts_for, fit, is_figure
from lib.demo.model.reading import MAX_UNIT, Request, kind_of, name_of, phrases, plain, shortened, units
from lib.demo.model.store_facts import in_english
from lib.domain.findings.disclosure import is_due, label
from lib.i18n.words import sections

T = TypeVar("T")

MAX_LINE = 34
"""A Korean sentence longer than this is broken in two lines where it breathes."""
MOST_OF_STORE = 4
"""Sentences and lines about the store that one caption tells."""
MAX_HOOK = 22
"""A longer phrase of the brief is not said in a first line: with the product's name it would not fit."""

_NO_EMOJI = re.compile(
    r"이모(?:지|티콘)\S*\s*(?:없|빼|제외|금지|쓰지|사용하지|넣지)|(?:no|without|avoid|don't use)\s+emoji", re.IGNORECASE
)
_SPONSORED = re.compile(
    r"협찬(?!\s*(?:이\s*)?(?:아[님닙]|없))|유료\s?광고|\bsponsored\b|\bpaid partnership\b", re.IGNORECASE
)
_ONLINE = re.compile(r"온라인|스마트스토어|https?:|www\.|\bonline\b", re.IGNORECASE)
_HOURS = re.compile(r"영업|휴무|평일|\d{1,2}:\d{2}|\d시|\bhours\b|\bopen\b|\bclosed\b", re.IGNORECASE)
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]+")


@dataclass(frozen=True)
class Dice:
    """Choices that follow from a seed and a label alone, in whatever order they are made.

    The next ``take`` of one seed moves on to the next option, so that none comes again before all had their turn.
    """

    seed: str
    take: int = 0

    def pick(self, options: Sequence[T], label: str) -> T:
        """One of the options; there must be at least one."""
        start = int(hashlib.sha256(f"{self.seed}/{label}".encode()).hexdigest(), 16)
        return options[(start + self.take) % len(options)]


class Voice:
    """One voice speaking about one brief."""

    def __init__(self, request: Request, dice: Dice, tone: str) -> None:
        self._request, self._dice = request, dice
        self._formal, self._loud = tone in ("formal", "calm"), tone == "lively"
        self._language: dict[str, Any] = phrases()[request.language]
        self._voice: dict[str, Any] = self._language[tone]
        self._korean = request.language == "ko"
        self._emoji = not _NO_EMOJI.search(request.gpt_prompt)
        self._name = name_of(request)
        self._units = units(request.product_description)
        self._ad_copy = shortened(plain(request.refined_ad_copy_eng), MAX_UNIT)
        if not self._korean and self._ad_copy and all(map(korean.has_hangul, self._units)):
            self._units, self._ad_copy = units(request.refined_ad_copy_eng), ""
        self._kind = angle_of(request, dice)
        self._first = ""

    def caption(self, *, opener: bool = False) -> str:
        """Three lines or more that say something, in paragraphs whose order is the angle's."""
        paragraphs = self._layout()
        if opener:
            paragraphs.insert(0, [self._voice["opener"]])
        if is_due(self._request.sponsorship):
            paragraphs[0][0] = f"{label(self._request.sponsorship, self._request.language)} {paragraphs[0][0]}"
        elif sponsored := _SPONSORED.search(f"{self._request.product_description}\n{self._request.gpt_prompt}"):
            paragraphs[0][0] = f"[{sponsored[0]}] {paragraphs[0][0]}"
        return "\n\n".join("\n".join(map(self._finished, lines)) for lines in paragraphs if lines)

    def _layout(self) -> list[list[str]]:
        """The paragraphs in the angle's order: one for the first of a request's texts, the other for its second."""
        hook, facts, store, quote, close = [self._hook()], self._facts(), self._store(), self._quote(), [self._close()]
        flowing, extra = self._flowing(facts), [self._say("extra", "extra")]
        again = self._dice.take % 2
        match self._kind, again:
            case "benefit", 0:
                return [hook, quote, self._lead() + self._listed(facts), store, close]
            case "benefit", _:
                return [hook, flowing, quote, store, close]
            case "scene", 0:
                return [hook, flowing, quote, store, close]
            case "scene", _:
                return [[*hook, *flowing[:1]], flowing[1:], store, quote, close]
            case "question", 0:
                return [hook, self._lead() + flowing, store, close]
            case "question", _:
                return [hook, self._listed(facts), quote, store, close]
            case "senses", 0:
                return [hook, *self._spaced(facts), quote, store, close]
            case "senses", _:
                return [hook, quote, flowing, store, close]
            case _, 0:
                return [hook, store, flowing, quote, [*extra, *close]]
        return [hook, flowing, extra, quote, store, close]

    def everything(self) -> list[str]:
        """All there is to say beyond a first line."""
        intro = [self._say("intro", "longer")] if self._name else []
        lines = self._flowing([unit for unit in self._units if unit != self._name])
        return [self._finished(line) for line in (*lines, *self._store(), *intro, *self._voice["extra"])]

    def _finished(self, line: str) -> str:
        bare = line if self._emoji else _EMOJI.sub("", line).strip()
        if self._korean:
            return bare
        return re.sub(r"^[a-z]|(?<=[.!?] )[a-z]", lambda small: small[0].upper(), bare)

    def _say(self, kind: str, label: str, options: Sequence[str] | None = None) -> str:
        name = self._name or ""
        noun = name if self._korean else f"our {name}"
        return str(self._dice.pick(options or self._voice[kind], label)).format(n=korean.Noun(noun))

    def _sign(self, label: str, fitting: Sequence[str] = ()) -> str:
        signs = self._voice["signs"]
        return f" {self._dice.pick(fitting or signs, label)}" if signs else ""

    def _hook(self) -> str:
        content = f"{self._request.product_description} {self._request.refined_ad_copy_eng}".lower()
        fitting = [emoji for emoji, words in phrases()["emoji"].items() if _holds(words, content)]
        if self._quotes_first():
            hook = self._ad_copy
        elif self._name:
            group = {} if self._formal else self._language.get(kind_of(self._request).get("group", ""), {})
            openings = [*self._voice["open"][self._kind], *group.get(self._kind, ()), *self._sensed()]
            hook = self._say("open", "hook", openings)
        else:
            hook = self._dice.pick(self._voice["nameless"][self._kind], "hook")
        self._first = hook
        return hook + self._sign("hook", fitting)

    def _sensed(self) -> list[str]:
        """A first line in the brief's own words for what is felt, where it has a short phrase of them."""
        if self._kind != "senses" or not self._korean:
            return []
        felt = [unit for unit in self._units if len(unit) <= MAX_HOOK and not self._is_sentence(unit)]
        felt = [unit for unit in felt if self._name not in (None, unit) and unit not in str(self._name)]
        return [unit.replace("{", "").replace("}", "") + ", {n}" for unit in felt if fit("senses", unit)][:1]

    def _quotes_first(self) -> bool:
        """Whether the English ad copy opens the caption: in English, from the one angle that it is written for."""
        return bool(self._ad_copy) and not self._korean and self._kind == "benefit" and self._dice.take % 2 == 0

    def _quote(self) -> list[str]:
        if not self._ad_copy or self._quotes_first() or self._dice.pick((True, False), "quote"):
            return []
        return [f"“{self._ad_copy}”"]

    def _lead(self) -> list[str]:
        leads = self._language["composed" if self._formal else "soft"]["lead"].get(self._kind)
        return [self._say("lead", "lead", leads)] if leads else []

    def _close(self) -> str:
        store = self._request.store_information
        visit = "close_visit" if store and not _ONLINE.search(store) else "close"
        return self._say("ask" if self._kind == "question" else visit, "close") + self._sign("close")

    def _facts(self) -> list[str]:
        """The units for the angle; the one that says what the product is always among them, first or as the answer."""
        what = next((unit for unit in self._units if self._presents(unit)), None)
        rest = [unit for unit in self._units if unit not in (what, self._name) and not self._first.startswith(unit)]
        content = facts_for(self._kind, rest, MOST[self._kind] - bool(what), self._dice.take)
        if what is None:
            return content
        last = self._kind == "senses" or (self._kind == "question" and self._names(what))
        return [*content, what] if last else [what, *content]

    def _presents(self, unit: str) -> bool:
        """Whether a unit is about the product by its name, and more than the name."""
        name = (self._name or "").lower()
        return bool(name) and unit != self._name and (self._names(unit) or name in unit.lower()[: len(name) + 4])

    def _names(self, unit: str) -> bool:
        return bool(self._name) and korean.has_hangul(unit) and unit.rstrip(".!? ").endswith(str(self._name))

    def _listed(self, facts: Sequence[str]) -> list[str]:
        """The facts as a list: with a mark each, or counted."""
        lines = [self._told(unit) for unit in self._gathered(facts)]
        if len(lines) in (2, 3, 4) and not any(map(is_figure, facts)) and self._dice.pick((True, False), "counting"):
            return [f"{number} {line}" for number, line in zip(self._language["counting"], lines, strict=False)]
        return [f"{self._voice['bullet']} {line}" for line in lines] or self._intro()

    def _flowing(self, facts: Sequence[str]) -> list[str]:
        """The facts as the lines of a text."""
        lines = [line for unit in self._gathered(facts) for line in _breathing(self._told(unit))]
        return lines or self._intro()

    def _spaced(self, facts: Sequence[str]) -> list[list[str]]:
        """The facts as paragraphs of their own, for a text that takes its time."""
        return [self._flowing([unit]) for unit in self._gathered(facts)] or [self._intro()]

    def _intro(self) -> list[str]:
        return [self._say("intro", "intro")] if self._name else []

    def _gathered(self, facts: Sequence[str]) -> list[str]:
        """The facts, with bare words (ingredients, sizes) in one."""
        bare = [unit for unit in facts if " " not in unit and not self._is_sentence(unit)]
        if len(bare) < 3:
            return list(facts)
        return [*(unit for unit in facts if unit not in bare), " · ".join(bare)]

    def _is_sentence(self, unit: str) -> bool:
        return korean.is_sentence(unit) if korean.has_hangul(unit) else len(unit.split()) > 4

    def _told(self, unit: str) -> str:
        """The unit as it is said in this voice."""
        if self._names(unit) and not self._is_sentence(unit):
            bare = unit.rstrip(".!? ")
            unit = f"{bare}입니다{unit[len(bare) :].strip()}"
        if not self._is_sentence(unit) and (korean.has_hangul(unit) or len(unit.split()) < 3):
            return unit
        if not korean.has_hangul(unit):
            return unit if unit[-1] in "!?…" else f"{unit}."
        said = korean.polite(unit.rstrip(".!? "), formal=self._formal)
        mark = unit[-1] if unit[-1] in "!?" else "!" if self._loud else "."
        return said if said.endswith("…") else said + mark

    def _store(self) -> list[str]:
        """What the brief says of the store; its hours and days off are told from every angle."""
        lines: list[str] = []
        for fact in units(self._request.store_information, whole_lines=True)[:MOST_OF_STORE]:
            unit = fact if self._korean else self._finished(in_english(fact))
            if korean.is_sentence(unit):
                lines += _breathing(self._told(unit))
            elif self._voice["signs"]:
                lines.append(f"{'🕒' if lines and _HOURS.search(fact) else '📍'} {unit}")
            else:
                lines.append(unit)
        return lines


def tone_of(request: Request) -> str:
    """The voice of a tone: of a preset of the form, else the one whose word comes first in it, else the warm one."""
    preset = next((name for name, word in sections()["tone"].items() if request.tone_style in word.values()), None)
    if preset:
        return str(phrases()["presets"][preset])
    text = request.tone_style.lower()
    places = {tone: [text.find(word) for word in words if word in text] for tone, words in phrases()["tones"].items()}
    first = {tone: min(positions) for tone, positions in places.items() if positions}
    return min(first, key=lambda tone: first[tone]) if first else "warm"


def angle_of(request: Request, dice: Dice) -> str:
    """The angle that the request names, or any where it names none."""
    angle = request.angle
    kinds: dict[str, list[str]] = phrases()["angles"]
    named = next((kind for kind, words in kinds.items() if _holds(words, angle.lower())), None)
    return named or dice.pick(list(kinds), f"kind{angle}")


def _holds(words: Sequence[str], text: str) -> bool:
    return any(word in text for word in words)


def _breathing(sentence: str) -> list[str]:
    """The sentence in one or two lines, broken behind the comma or connective that is nearest to its middle."""
    if len(sentence) <= MAX_LINE or not korean.has_hangul(sentence):
        return [sentence]
    breaks = [m.end() for m in re.finditer(r"(?:,|[가-힣](?:고|며|서|면|도록|지만)) ", sentence)]
    breaks = [at for at in breaks if 8 <= at <= len(sentence) - 8]
    if not breaks:
        return [sentence]
    at = min(breaks, key=lambda place: abs(place - len(sentence) // 2))
    return [sentence[:at].rstrip(), sentence[at:]]
