"""The words of sample captions, put together once: shops, products, and the sentences that a caption is joined from."""

from __future__ import annotations

import random
import re
import string
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product as every
from pathlib import Path
from typing import Any

from lib.demo.model.korean import Noun
from lib.i18n.words import sections

_PRICES = (
    "3,500", "4,800", "5,500", "6,200", "8,900", "12,000", "18,500", "24,000", "32,000", "45,000", "59,000", "89,000",
)  # fmt: skip
STORES = 60
"""Shops a tenant looks after."""

Texts = tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """A line of business: its products with what is said of each, and the variants of each sentence."""

    products: tuple[tuple[Noun, Texts], ...]
    body: tuple[Texts, ...]
    specs: Texts
    tags: Texts
    copies: Texts
    emoji: Texts


@dataclass(frozen=True)
class Store:
    """An invented shop: what the team knows of it, and the line that a caption tells of it."""

    kind: int
    information: str
    line: str
    place: str
    tags: Texts


@dataclass(frozen=True)
class Vocabulary:
    """Everything that does not depend on the tenant."""

    kinds: tuple[Kind, ...]
    tones: tuple[tuple[str, Texts], ...]
    """The presets of the form in both languages, and a few that a person typed; each with its first lines."""
    wishes: Texts
    common: tuple[Texts, ...]
    closes: Texts
    tags: Texts
    thoughts: Texts


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary of ``vocabulary.toml``, every sentence in all its variants."""
    table = _toml()
    common, openers = table["common"], table["openers"]
    tones = {tone: preset for preset, word in sections()["tone"].items() for tone in word.values()} | table["own_tones"]
    shuffled = random.Random(0)  # noqa: S311 - the order of sentences is no secret
    return Vocabulary(
        kinds=tuple(_kind(kind, shuffled) for kind in table["kinds"]),
        tones=tuple((tone, tuple(openers[preset])) for tone, preset in tones.items()),
        wishes=tuple(table["wishes"]),
        common=tuple(_variants(template, common, shuffled) for template in common["body"]),
        closes=tuple(close for template in common["close"] for close in _variants(template, common, shuffled)),
        tags=_tags(table["common_tags"]),
        thoughts=tuple(table["thoughts"]),
    )


def stores(seed: str) -> list[Store]:
    """The shops of one tenant, the same for the same seed."""
    table, drawn = _toml(), random.Random(seed)  # noqa: S311 - invented shops are no secret
    kinds = table["kinds"]
    return [_store(drawn, table["store"], at % len(kinds), kinds[at % len(kinds)]["name"]) for at in range(STORES)]


@cache
def _toml() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "vocabulary.toml").read_text("utf-8"))


def _tags(words: Sequence[str]) -> Texts:
    return tuple(f"#{word}" for word in words)


def _store(drawn: random.Random, store: dict[str, list[str]], kind: int, kind_name: str) -> Store:
    place, street, first, second = (drawn.choice(store[part]) for part in ("places", "streets", "first", "second"))
    name = first + second + drawn.choice(["", "", drawn.choice(store["second"])])
    hours, extra = drawn.choice(store["hours"]), drawn.choice(store["extras"])
    tag_place = re.sub(r"\s", "", place)
    return Store(
        kind,
        f"{place} {street}의 {kind_name} '{name}'. {hours}, {extra}.",
        f"📍 {name} · {place} {street}",
        place,
        _tags((tag_place, f"{tag_place}{kind_name.replace(' ', '')}", name)),
    )


def _kind(table: dict[str, Any], shuffled: random.Random) -> Kind:
    slots = {**_toml()["common"], **table}
    names = [Noun(f"{mod} {item}") for mod, item in every(table["mods"], table["items"])]
    return Kind(
        products=tuple((name, _descriptions(name, table)) for name in names),
        body=tuple(_variants(template, slots, shuffled) for template in table["body"]),
        specs=tuple(template.format(won=price) for template, price in every(table["spec"], _PRICES)),
        tags=_tags(table["tags"]),
        copies=tuple(table["copies"]),
        emoji=tuple(table["emoji"]),
    )


def _descriptions(name: Noun, table: dict[str, Any]) -> Texts:
    drawn = random.Random(name)  # noqa: S311 - what is said of a product is no secret
    return tuple(f"{name}. {drawn.choice(table['adj'])} {drawn.choice(table['thing'])}." for _ in range(2))


def _variants(template: str, slots: Mapping[str, Sequence[str]], shuffled: random.Random) -> Texts:
    """The sentence with every filling of its slots, in no order."""
    names = sorted({name for _, name, _, _ in string.Formatter().parse(template) if name})
    filled = [
        template.format(**dict(zip(names, map(Noun, values), strict=True)))
        for values in every(*(slots[name] for name in names))
    ]
    shuffled.shuffle(filled)
    return tuple(filled)
