"""The words of sample captions, put together once: shops, products, and the sentences that a caption is joined from.

Everything is kept as UTF-8, because a million rows are joined from it.
"""

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
from typing import Any, NamedTuple

from lib.demo.model.korean import Noun
from lib.i18n.words import sections

_PRICES = (
    "3,500", "4,800", "5,500", "6,200", "8,900", "12,000", "18,500", "24,000", "32,000", "45,000", "59,000", "89,000",
)  # fmt: skip
_PARTICLES = ("", "이/가", "을/를", "은/는", "이에요/예요")
STORES = 60
"""Shops a tenant looks after."""


class Piece(NamedTuple):
    """A text and how many characters it has."""

    utf8: bytes
    characters: int


class Opener(NamedTuple):
    """A first line around its product; ``{p}`` in it is the shop's place."""

    before: str
    particle: int
    """An index of the product's forms."""
    after: str


@dataclass(frozen=True)
class Product:
    """Something that is advertised; ``forms`` are its name with each particle that a first line may need."""

    forms: tuple[str, ...]
    descriptions: tuple[bytes, ...]


@dataclass(frozen=True)
class Kind:
    """A line of business: ``body`` and ``common`` hold the variants of one sentence in each of their lists."""

    name: str
    products: tuple[Product, ...]
    body: tuple[tuple[Piece, ...], ...]
    specs: tuple[Piece, ...]
    tags: tuple[bytes, ...]
    copies: tuple[bytes, ...]
    emoji: tuple[bytes, ...]


@dataclass(frozen=True)
class Store:
    """An invented shop: what the team knows of it, and the line that a caption tells of it."""

    kind: int
    information: bytes
    line: Piece
    place: str
    tags: tuple[bytes, ...]


@dataclass(frozen=True)
class Vocabulary:
    """Everything that does not depend on the tenant."""

    kinds: tuple[Kind, ...]
    tones: tuple[tuple[bytes, tuple[Opener, ...]], ...]
    """The presets of the form in both languages, and a few that a person typed; each with its first lines."""
    wishes: tuple[bytes, ...]
    common: tuple[tuple[Piece, ...], ...]
    closes: tuple[Piece, ...]
    tags: tuple[bytes, ...]


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary of ``vocabulary.toml``, every sentence in all its variants."""
    table = _toml()
    common = table["common"]
    openers = {preset: tuple(map(_opener, lines)) for preset, lines in table["openers"].items()}
    tones = {tone: preset for preset, word in sections()["tone"].items() for tone in word.values()} | table["own_tones"]
    shuffled = random.Random(0)  # noqa: S311 - the order of sentences is no secret
    return Vocabulary(
        kinds=tuple(_kind(kind, shuffled) for kind in table["kinds"]),
        tones=tuple((tone.encode(), openers[preset]) for tone, preset in tones.items()),
        wishes=tuple(wish.encode() for wish in table["wishes"]),
        common=tuple(_variants(template, common, shuffled) for template in common["body"]),
        closes=tuple(piece for template in common["close"] for piece in _variants(template, common, shuffled)),
        tags=tuple(f"#{tag}".encode() for tag in table["common_tags"]),
    )


def stores(seed: str) -> list[Store]:
    """The shops of one tenant, the same for the same seed."""
    table, drawn = _toml(), random.Random(seed)  # noqa: S311 - invented shops are no secret
    store = table["store"]
    return [_store(drawn, store, kind, table["kinds"][kind]["name"]) for kind in _round(len(table["kinds"]))]


def piece(text: str) -> Piece:
    """The text with its length."""
    return Piece(text.encode(), len(text))


@cache
def _toml() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "vocabulary.toml").read_text("utf-8"))


def _round(kinds: int) -> list[int]:
    return [at % kinds for at in range(STORES)]


def _store(drawn: random.Random, store: dict[str, list[str]], kind: int, kind_name: str) -> Store:
    place, street = drawn.choice(store["places"]), drawn.choice(store["streets"])
    name = (
        drawn.choice(store["first"])
        + drawn.choice(store["second"])
        + drawn.choice(["", "", drawn.choice(store["second"])])
    )
    hours, extra = drawn.choice(store["hours"]), drawn.choice(store["extras"])
    tag_place = re.sub(r"\s", "", place)
    return Store(
        kind,
        f"{place} {street}의 {kind_name} '{name}'. {hours}, {extra}.".encode(),
        piece(f"📍 {name} · {place} {street}"),
        place,
        tuple(f"#{tag}".encode() for tag in (tag_place, f"{tag_place}{kind_name.replace(' ', '')}", name)),
    )


def _kind(table: dict[str, Any], shuffled: random.Random) -> Kind:
    slots = {**_toml()["common"], **table}
    return Kind(
        name=table["name"],
        products=tuple(_product(Noun(f"{mod} {item}"), table) for mod, item in every(table["mods"], table["items"])),
        body=tuple(_variants(template, slots, shuffled) for template in table["body"]),
        specs=tuple(piece(template.format(won=price)) for template, price in every(table["spec"], _PRICES)),
        tags=tuple(f"#{tag}".encode() for tag in table["tags"]),
        copies=tuple(copy.encode() for copy in table["copies"]),
        emoji=tuple(sign.encode() for sign in table["emoji"]),
    )


def _product(name: Noun, table: dict[str, Any]) -> Product:
    drawn = random.Random(name)  # noqa: S311 - what is said of a product is no secret
    return Product(
        tuple(format(name, particle) for particle in _PARTICLES),
        tuple(
            f"{name}. {drawn.choice(table['adj'])} {drawn.choice(table['thing'])}. "
            f"{drawn.choice(table['spec']).format(won=drawn.choice(_PRICES))}.".encode()
            for _ in range(2)
        ),
    )


def _variants(template: str, slots: Mapping[str, Sequence[str]], shuffled: random.Random) -> tuple[Piece, ...]:
    """The sentence with every filling of its slots, in no order."""
    names = sorted({name for _, name, _, _ in string.Formatter().parse(template) if name})
    filled = [
        piece(template.format(**dict(zip(names, map(Noun, values), strict=True))))
        for values in every(*(slots[name] for name in names))
    ]
    shuffled.shuffle(filled)
    return tuple(filled)


def _opener(template: str) -> Opener:
    match = re.fullmatch(r"(.*)\{n(?::([^}]+))?\}(.*)", template)
    if not match:
        raise ValueError(f"a first line without its product: {template}")
    return Opener(match[1], _PARTICLES.index(match[2] or ""), match[3])
