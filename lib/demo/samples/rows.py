"""Rows of sample data for ``instagram_feeds``, in the order of time, ten thousand a second and more.

A row depends on the tenant, the seed, how many there are to be and ``until``: any part of them can be made by itself,
so that several processes make a million between them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from lib.demo.samples import answer, caption
from lib.demo.samples.texts import STORES, Texts, stores, vocabulary
from lib.demo.samples.traffic import MODELS, REASONS, Call, Timeline

COLUMNS = (
    "instagram_feed_id", "job_id", "overlay_id", "tenant_id", "refined_ad_copy_eng", "tone_style",
    "product_description", "store_information", "gpt_prompt", "instagram_ad_copy", "hashtags", "gpt_model_name",
    "gpt_max_tokens", "gpt_temperature", "gpt_prompt_used", "gpt_response_raw", "latency_ms", "token_usage",
    "created_at", "updated_at",
)  # fmt: skip
"""All of the specification's but ``pk``, which the database gives."""

_NULLABLE = ("job_id", "overlay_id", "gpt_model_name", "gpt_temperature", "latency_ms", "token_usage")
CSV_OPTIONS = f"FORMAT csv, DELIMITER E'\\x1f', QUOTE E'\\x01', FORCE_NULL ({', '.join(_NULLABLE)}), ENCODING 'UTF8'"
"""How COPY reads :meth:`Rows.csv`: no text of ours holds these two characters, so nothing needs escaping."""

ROWS_A_JOB = 40
"""One job of the pipeline for each so many rows; about one row in eight belongs to one."""
SLIPS = 8
"""One caption in so many names another price than its brief, if it names one: else the check had nothing to show."""
_BLOCK = 1000
_Row = Texts
"""A value for each column, empty where it is NULL: no sample text is empty."""
_BOUNDARY = "\x01\x1f\x01"
NULL = ""


class Rows:
    """The ``count`` sample rows of one tenant up to ``until`` (aware; now when not given)."""

    def __init__(
        self, tenant_id: str, count: int, *, seed: int = 1, until: dt.datetime | None = None, linked: bool = False
    ) -> None:
        self.tenant_id, self.count, self.seed = tenant_id, count, seed
        self._linked = linked
        """Whether some rows name a job and an overlay of :meth:`job_id` and :meth:`overlay_id`."""
        self._name = f"{seed}/{tenant_id}"
        self._timeline = Timeline(until or dt.datetime.now(dt.UTC), seed)
        self._stores = stores(self._name)
        self._words = vocabulary()

    @property
    def jobs(self) -> int:
        """How many jobs the linked rows name, and as many overlays."""
        return -(-self.count // ROWS_A_JOB)

    def job_id(self, number: int) -> uuid.UUID:
        """The id of one of the :attr:`jobs`, counted from 0."""
        return uuid.UUID(self._id("job", number))

    def overlay_id(self, number: int) -> uuid.UUID:
        """The id of one of the overlays, counted from 0."""
        return uuid.UUID(self._id("overlay", number))

    def csv(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The rows from ``start`` to before ``stop`` as COPY reads them with :data:`CSV_OPTIONS`, in UTF-8."""
        return (f"\x01{_BOUNDARY.join(row)}\x01\n".encode() for row in self._between(start, stop))

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[dict[str, Any]]:
        """The rows from ``start`` to before ``stop``, each with a value for each of :data:`COLUMNS`."""
        return (_read(row) for row in self._between(start, stop))

    def _between(self, start: int, stop: int | None) -> Iterator[_Row]:
        stop = self.count if stop is None else min(stop, self.count)
        for block in range(start // _BLOCK, -(-stop // _BLOCK)):
            first = block * _BLOCK
            yield from islice(self._block(block), max(0, start - first), max(0, stop - first))

    def _block(self, number: int) -> Iterator[_Row]:
        first = number * _BLOCK
        size = min(_BLOCK, self.count - first)
        rng = np.random.default_rng([self.seed, zlib.crc32(self.tenant_id.encode()), number])
        calls = self._timeline.calls(rng, first, size, self.count)
        idents = rng.bytes(16 * size).hex()
        dice = rng.integers(0, 1 << 30, (size, 12)).tolist()
        for at, (call, drawn) in enumerate(zip(calls, dice, strict=True)):
            yield self._row(first + at, idents[32 * at : 32 * at + 32], call, drawn)

    def _row(self, number: int, ident: str, call: Call, drawn: list[int]) -> _Row:
        words, roll = self._words, iter(drawn).__next__
        store = self._stores[_skewed(roll(), STORES)]
        kind = words.kinds[store.kind]
        name, descriptions = kind.products[_skewed(roll(), len(kind.products))]
        tone, openers = words.tones[roll() % len(words.tones)]
        sentences, tags = self.more(number, roll())
        opener = openers[roll() % len(openers)]
        text = caption.caption(words, kind, store, name, opener, sentences, roll(), roll())
        hashtags = caption.hashtags(words, kind, store, tags, roll())
        chance = roll()
        facts = caption.facts(text, store, other_prices=chance % SLIPS == 0)
        inputs = (
            kind.copies[roll() % len(kind.copies)],
            tone,
            f"{descriptions[roll() % len(descriptions)]} {facts}".rstrip(),
            store.information,
            words.wishes[roll() % len(words.wishes)],
        )
        linked = self._linked and chance % 8 == 0
        job, usage, model = number // ROWS_A_JOB, answer.usage(call, chance), MODELS[call.model]
        return (
            _uuid(ident),
            self._id("job", job) if linked else NULL,
            self._id("overlay", job) if linked and chance % 3 else NULL,
            self.tenant_id,
            *inputs,
            text,
            hashtags,
            model or NULL,
            "2000" if REASONS[call.model] else "800",
            NULL if REASONS[call.model] else "0.7",
            answer.prompt_used(inputs, chance),
            answer.raw(ident, call, text, hashtags, usage, chance),
            f"{call.latency_ms:.1f}" if chance % 211 else NULL,
            json.dumps(usage) if usage else NULL,
            call.created,
            call.updated,
        )

    def more(self, number: int, drawn: int) -> tuple[list[str], Texts]:  # noqa: ARG002 - for subclasses
        """Sentences and tags that a subclass adds to a row; none here."""
        return [], ()

    def _id(self, what: str, number: int) -> str:
        return _uuid(hashlib.md5(f"{self._name}/{what}/{number}".encode(), usedforsecurity=False).hexdigest())


def _uuid(ident: str) -> str:
    """32 hexadecimal digits as those of a UUID of version 4."""
    return f"{ident[:12]}4{ident[13:16]}8{ident[17:]}"


def _skewed(drawn: int, among: int) -> int:
    """An index of which the first come up most: some shops and products are advertised more than others."""
    share = drawn / (1 << 30)
    return int(share * share * among)


_READ: dict[str, Any] = {
    "instagram_feed_id": uuid.UUID,
    "job_id": uuid.UUID,
    "overlay_id": uuid.UUID,
    "gpt_max_tokens": int,
    "gpt_temperature": float,
    "gpt_response_raw": json.loads,
    "latency_ms": float,
    "token_usage": json.loads,
    "created_at": dt.datetime.fromisoformat,
    "updated_at": dt.datetime.fromisoformat,
}


def _read(row: _Row) -> dict[str, Any]:
    return {name: None if not value else _READ.get(name, str)(value) for name, value in zip(COLUMNS, row, strict=True)}
