"""Which feeds are meant: a filter that checks itself. :mod:`lib.domain.feed_filter_url` writes it into an address."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import re
import unicodedata
import uuid
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from lib.domain.brief import clean
from lib.domain.errors import InvalidFilter, Problem
from lib.domain.findings.fact import KINDS
from lib.domain.hashtags import Part, parts, visible
from lib.domain.periods import times_of
from lib.domain.search.terms import Term, term, words_of

Status = Literal["draft", "in_review", "approved", "posted", "archived"]
STATUSES: tuple[Status, ...] = get_args(Status)
"""The status of a caption, from the first to the last. ``archived`` is what the pages call deleted."""

LIVE = "live"
"""Instead of a status: every one but archived."""

SOURCES = ("page", "api", "batch", "experiment", "pipeline")
"""The door a feed came through; ``pipeline`` is every program that wrote its row without us."""

UNKNOWN = "-"
"""The value of a filter for rows that say nothing there."""

FIRST_YEAR, LAST_YEAR = 1000, 9000
"""Between them lies every instant that a feed is listed under; every zone's midnight of them can be told."""

MAX_LATENCY_MS = 1e9

MAX_TEXT = 200
"""Characters of a search: longer ones find nothing, and cost."""

MAX_VALUE = 60
"""Characters up to which a tone stands for itself; a longer one is told by its hash and its beginning."""
MAX_MODEL = 255
"""Characters of a model's name."""

EXCLUDED_BY = ("model", "tone", "job", "source", "prompt")
MAX_EXCLUDED = 50
"""Values that are left out at once."""

MAX_WEEKS = 1_100
"""Of a period whose single hours of the week are asked for: twenty years."""

_EXPERIMENT = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(:[1-9])?"

_Stretch = tuple[dt.datetime | None, dt.datetime | None]
"""From (included) and until (excluded), both aware; None where it does not end."""


@dataclass(frozen=True)
class WeekHour:
    """An hour of the week as a clock of the zone shows it; weekday 0 is Monday. An address says ``1-09-Asia/Seoul``."""

    weekday: int
    hour: int
    zone: str

    def __str__(self) -> str:
        return f"{self.weekday}-{self.hour:02}-{self.zone}"

    @classmethod
    def parse(cls, text: str) -> WeekHour:
        """Read what an address says. Raises ``ValueError``."""
        weekday, hour, zone = text.split("-", 2)
        if weekday not in set("0123456") or not hour.isdecimal() or int(hour) > 23:
            raise ValueError(text)
        if zone not in zoneinfo.available_timezones():
            raise ValueError(text)
        return cls(int(weekday), int(hour), zone)

    def within(self, since: dt.datetime, until: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """Each time that it comes between two instants, the newest first."""
        zone = zoneinfo.ZoneInfo(self.zone)
        day = until.astimezone(zone).date() + dt.timedelta(days=1)
        day -= dt.timedelta(days=(day.weekday() - self.weekday) % 7)
        while day >= since.astimezone(zone).date():
            for begins, ends in reversed(times_of(day, self.hour, self.zone)):
                if max(begins, since) < min(ends, until):
                    yield max(begins, since), min(ends, until)
            day -= dt.timedelta(weeks=1)


@dataclass(frozen=True)
class FeedFilter:
    """Which feeds are meant; a field that is None or empty leaves all of them.

    ``since <= created_at < until`` (aware); ``latency_from_ms <= latency_ms < latency_to_ms``, which may be infinite.
    ``status`` is one of :data:`STATUSES` or :data:`LIVE`. Of ``text`` every word must be found, and a word that begins
    with ``#`` is exactly that hashtag. ``experiment`` is the id of one, or an id, a colon and the number of one of its
    variants. ``findings`` is the kind of findings that a feed must have.
    ``week_hour`` asks for both ends of a period. ``none_of`` are facets that a feed must not have, each one of
    :data:`EXCLUDED_BY`, a colon and the value.

    Raises ``InvalidFilter`` with every problem at once.
    """

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    model: str | None = None
    tone: str | None = None
    job_id: uuid.UUID | Literal["-"] | None = None
    overlay_id: uuid.UUID | Literal["-"] | None = None
    hashtag: str | None = None
    status: str | None = None
    favourite: bool = False
    source: str | None = None
    prompt_version: str | None = None
    experiment: str | None = None
    latency_from_ms: float | None = None
    latency_to_ms: float | None = None
    week_hour: WeekHour | None = None
    findings: str | None = None
    none_of: tuple[str, ...] = ()
    text: str = ""

    def __post_init__(self) -> None:
        problems = []
        for name in ("hashtag", "source", "text"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, clean(value) or ("" if name == "text" else None))
        for name in ("model", "tone", "prompt_version"):
            value = getattr(self, name)
            if value is not None:
                indexed = as_indexed(value)
                object.__setattr__(self, name, (key_of(indexed) if name == "tone" else indexed) or None)
                if not is_storable(value):
                    problems.append(Problem(name, "unreadable", {"value": clean(value)[:80]}))
        if self.hashtag:
            object.__setattr__(self, "hashtag", _tag_of("#" + "".join(self.hashtag.split()).lstrip("#＃")))
        if self.status is not None and self.status not in (*STATUSES, LIVE):
            problems.append(Problem("status", "not_offered", {"offered": ", ".join((*STATUSES, LIVE))}))
        if self.source is not None and self.source not in SOURCES:
            problems.append(Problem("source", "not_offered", {"offered": ", ".join(SOURCES)}))
        if self.experiment is not None and not re.fullmatch(_EXPERIMENT, self.experiment):
            problems.append(Problem("experiment", "unreadable", {"value": clean(self.experiment)[:80]}))
        if self.findings is not None and self.findings not in KINDS:
            problems.append(Problem("findings", "not_offered", {"offered": ", ".join(KINDS)}))
        if self.since and self.until and self.since.tzinfo and self.until.tzinfo and self.since >= self.until:
            problems.append(Problem("until", "before_its_beginning"))
        if self.week_hour:
            if not (self.since and self.until):
                problems.append(Problem("week_hour", "needs_period"))
            elif self.until - self.since > dt.timedelta(weeks=MAX_WEEKS):
                problems.append(Problem("week_hour", "period_too_long", {"most": MAX_WEEKS // 52}))
        if len(self.text) > MAX_TEXT:
            problems.append(Problem("text", "too_long", {"length": len(self.text), "most": MAX_TEXT}))
        problems += [
            Problem(name, "needs_zone")
            for name in ("since", "until")
            if (moment := getattr(self, name)) is not None and moment.tzinfo is None
        ]
        if problems:
            raise InvalidFilter(problems)

    @property
    def words(self) -> list[str]:
        """What must stand in the caption, the hashtags, the product, the ad copy or the store.

        What stands in quotation marks is one word, and so is an amount: 1만 2천 원.
        """
        return [word for word in words_of(self.text) if _tag_of(word) is None]

    @property
    def terms(self) -> list[Term]:
        """The words with their other spellings."""
        return [term(word) for word in self.words]

    @property
    def hashtags(self) -> list[str]:
        """The hashtags that a feed must have, without their sign."""
        return [*filter(None, map(_tag_of, words_of(self.text))), *filter(None, [self.hashtag])]

    @property
    def tone_key(self) -> str | None:
        """What the tone is found by: a long one by its hash alone."""
        return None if self.tone is None else found_by(self.tone)

    @property
    def facets(self) -> list[str]:
        """What must hold exactly, as the index of the database spells it."""
        exact = {
            "model": self.model,
            "tone": self.tone_key,
            "job": self.job_id,
            "overlay": self.overlay_id,
            "source": self.source,
            "prompt": self.prompt_version,
            "experiment": self.experiment,
            "status": None if self.status == LIVE else self.status,
            "findings": self.findings,
        }
        return [
            *(f"{kind}:{value}" for kind, value in exact.items() if value is not None),
            *(f"#{tag}" for tag in self.hashtags),
            *(["favourite"] if self.favourite else []),
            *([LIVE] if self.status == LIVE else []),
            *(f"!{facet}" for facet in self.none_of),
        ]

    @property
    def stretches(self) -> list[_Stretch]:
        """The stretches of time that are meant, the newest first."""
        if self.week_hour and self.since and self.until:
            return list(self.week_hour.within(self.since, self.until))
        return [(self.since, self.until)]

    @property
    def is_narrowed(self) -> bool:
        """Whether it asks for anything beyond what the list shows by itself."""
        return self not in (FeedFilter(), FeedFilter(status=LIVE))

    def without(self, *names: str) -> FeedFilter:
        """The filter with these fields as if nobody had set them."""
        usual = FeedFilter(status=LIVE)
        if {"since", "until"} & set(names):
            names = (*names, "week_hour")  # which is nothing without its period
        return dataclasses.replace(self, **{name: getattr(usual, name) for name in names})


_HASHED = re.compile("~[0-9a-f]{32}")


def key_of(value: str) -> str:
    """What a tone is told by: itself, or where it is longer than :data:`MAX_VALUE` its hash and its beginning.

    The key of a key is that key.
    """
    if len(value) <= MAX_VALUE or _HASHED.match(value):
        return value[: 33 + 40]
    return f"~{hashlib.md5(value.encode(errors='replace'), usedforsecurity=False).hexdigest()}{value[:40].rstrip()}"


def found_by(value: str) -> str:
    """What the index knows a tone, or its key, by: a long one by its hash alone."""
    key = key_of(value)
    hashed = _HASHED.match(key)
    return hashed[0] if hashed else key


def as_indexed(value: str) -> str:
    """The value as the index has it (``studio_value``): NFC, and without blanks around it."""
    return unicodedata.normalize("NFC", value).strip(" \t\n\r\f\u00a0\u3000")


def is_storable(value: str) -> bool:
    """Whether PostgreSQL takes it as a text: it may hold neither NUL nor lone surrogates."""
    return not re.search("[\x00\ud800-\udfff]", value)


def beginning_of(key: str) -> str | None:
    """The first characters of the long value whose key this is; None for the key of a short value."""
    hashed = _HASHED.match(key)
    return key[hashed.end() :] if hashed else None


def _tag_of(word: str) -> str | None:
    """The hashtag, without its sign, that a word of a search asks for, in quotes too; None for a plain word."""
    before, *others = parts(word.replace("＃", "#")) or [Part("text", "")]
    if before.kind == "text" and any(character.isalnum() for character in before.text):
        return None
    return next((visible(part.text[1:]) for part in (before, *others) if part.kind == "hashtag"), None)
