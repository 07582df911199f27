"""Every function of the app that reads or writes for a team, found by its first parameter, and arguments for it.

A new function is walked without being named anywhere: its arguments are made by the names and types of its parameters.
"""

from __future__ import annotations

import collections
import collections.abc
import dataclasses
import datetime as dt
import enum
import functools
import importlib
import inspect
import itertools
import random
import re
import types
import typing
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from lib.batches import drafts
from lib.batches.columns import FIELDS
from lib.batches.drafts import Draft
from lib.batches.sheet_reader import Sheet, SheetRow
from lib.demo.samples.rows import Rows
from lib.domain.brief import Brief, GenerationOptions
from lib.domain.completion import Answer, Outcome
from lib.domain.cursor import Cursor
from lib.domain.dimensions import DimensionValue, Filters
from lib.domain.errors import StudioError
from lib.domain.feed_filter import FeedFilter
from lib.domain.periods import Period
from lib.experiments.design import Design
from lib.exports.background import Write
from lib.generation.generate import Prepared
from lib.generation.request import GenerationRequest
from lib.i18n import words
from lib.metrics.figures import View
from lib.store import feeds, generations
from lib.store.batches import batches
from lib.store.batches.batches import Batch
from lib.store.experiments.definitions import Variant
from lib.store.feeds import Feed
from lib.store.generations import Generation
from lib.studio import Studio
from tests.support import generating
from tests.support.patience import PATIENCE_S
from tests.support.project import ROOT

FIRST_PARAMETERS = ("db", "studio", "database")
"""What a function begins with that reads or writes rows."""

NOT_WALKED = {
    "lib.store.adoption.check": "the owner runs it, before there are walls",
    "lib.store.grants.give": "the owner runs it, and it reads rights alone",
    "lib.store.walls.working_role": "the owner runs it, and it reads roles alone",
    "lib.store.walls.build": "the owner runs it: it raises the walls",
    "lib.store.database.at_commit": "it sends what its callers say, which are walked",
    "lib.store.database.statement_timeout": "it sets how long a statement may take",
    "lib.generation.recovery.recovery_worker": "a thread that calls the functions of its module, which are walked",
    "lib.generation.submit.slot": "it counts the places of a process",
    "lib.studio.use": "it puts another Studio in the place of the process's own",
}
FOR_ALL_TEAMS = {
    "lib.store.reconciliation.reconcile",
    "lib.generation.recovery.recover",
    "lib.generation.recovery.offer_forgotten",
    "lib.generation.recovery.write_off",
    "lib.generation.recovery.fetch_stored_answers",
}
"""What the server does by itself, for each team in turn."""
UNREACHED = {
    "lib.generation.submit.prepare_chosen",
    "lib.generation.pacing.wait",
    "lib.metrics.service.last",
}
"""Functions whose statements the walk does not reach yet: it cannot make what they need. The list only shrinks."""
_ELSEWHERE = ("domain", "ui", "api", "i18n", "llm", "demo", "embedded_postgres", "store/migrations", "store/functions")
"""What has no connection of its own: pages and routes call the functions that are walked."""


def functions(*folders: str) -> dict[str, Callable[..., Any]]:
    """The public functions below these folders of ``lib`` (none: all) that begin with a connection or the Studio."""
    found: dict[str, Callable[..., Any]] = {}
    for file in sorted((ROOT / "lib").rglob("*.py")):
        below = file.relative_to(ROOT / "lib").as_posix()
        if below.startswith(_ELSEWHERE) or (folders and not below.startswith(folders)) or file.name == "cli.py":
            continue
        name = ".".join(Path("lib", below).with_suffix("").parts).removesuffix(".__init__")
        for attribute, function in vars(importlib.import_module(name)).items():
            if inspect.isfunction(function) and function.__module__ == name and not attribute.startswith("_"):
                first = next(iter(inspect.signature(function).parameters), "")
                if first in FIRST_PARAMETERS:
                    found[f"{name}.{attribute}"] = function
    return found


def is_of_store(function: Callable[..., Any]) -> bool:
    """Whether it works in the transaction of its caller."""
    return next(iter(inspect.signature(function).parameters)) == "db"


@dataclass
class Caller:
    """A team that calls: ``ids`` are those of all teams, by column and team; ``reach`` the teams whose ids it names."""

    studio: Studio
    team: str
    ids: dict[str, dict[str, list[Any]]]
    reach: tuple[str, ...]
    random: random.Random
    rows: dict[str, list[dict[str, Any]]] = dataclasses.field(default_factory=dict)
    """Rows of the caller's by table."""
    row: dict[str, Any] = dataclasses.field(default_factory=dict)
    """The row out of which arguments are taken that have the name of a column."""

    def rows_for(self, function: Callable[..., Any], kinds: Collection[tuple[str, str]]) -> list[dict[str, Any]]:
        """Rows of each table that has columns of the parameters' names, of the function's module if there are some.

        The first ones of a table are different by the columns that ``kinds`` names with it, such as its status. The
        tables take turns.
        """
        names = {_column(name) for name in inspect.signature(function).parameters} - {"tenant_id"}
        names |= {part for name in names for part in _PLACES.get(name, ())}
        for kind in typing.get_type_hints(function).values():
            if dataclasses.is_dataclass(kind) and kind not in _BY_CLASS:
                names |= {_column(field.name) for field in dataclasses.fields(kind)} - {"tenant_id"}
        module = inspect.getmodule(function)
        named = {*_OF_SQL.findall(inspect.getsource(module or function))}
        named |= {getattr(each, "__tablename__", "") for each in vars(module).values()}
        having = {table for table, rows in self.rows.items() if rows and names & rows[0].keys()}
        chosen: list[list[dict[str, Any]]] = []
        for table in sorted(named & having or having):
            rows = self.random.sample(self.rows[table], len(self.rows[table]))
            columns = [column for of, column in kinds if of == table]
            different = [*{tuple(map(row.get, columns)): row for row in rows}.values()]
            chosen.append(different + [row for row in rows if row not in different])
        return [row for turn in itertools.zip_longest(*chosen) for row in turn if row]

    def arguments(self, function: Callable[..., Any]) -> dict[str, Any]:
        """A value for every parameter after the first; one that has a default is left out now and then.

        Raises ``LookupError`` for a parameter that nobody knows how to make.
        """
        hints = typing.get_type_hints(function)
        name = f"{function.__module__}.{function.__name__}"
        fresh = _FRESH if function.__name__.startswith("add") and name not in _ADDS_TO_WHAT_EXISTS else {}
        given: dict[str, Any] = {}
        for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                given |= _COLUMNS.get(f"{function.__module__}.{function.__name__}", _no_columns)(self)
            elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                given[name] = [self.value(name, hints.get(name, Any))]
            elif hints.get(name) is Generation and fresh:
                given[name] = replace(self.generation(), generation_id=self.new_id(), idempotency_key=None)
            elif name in fresh:
                given[name] = fresh[name](self)
            elif parameter.default is inspect.Parameter.empty or name == "timeout_s" or self.random.random() < 0.5:
                given[name] = self.value(name, hints.get(name, Any))
        return given

    def value(self, name: str, kind: Any) -> Any:
        """A value for a parameter or a field of this name and type."""
        either = typing.get_args(kind) if typing.get_origin(kind) in (typing.Union, types.UnionType) else ()
        of = [each for each in (kind, *either) if each in _BY_CLASS]
        if of:
            return _BY_CLASS[of[0]](self)
        if typing.get_origin(kind) is typing.Literal:
            return self.random.choice(typing.get_args(kind))
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            return self._by_type(name, kind)
        column, several = _column(name), typing.get_origin(kind) in _MANY
        if (value := self._of_row(column)) is not None:
            return [value, *([self.id_of(column)] if column in self.ids else [])] if several else value
        if name in _BY_NAME:
            return _BY_NAME[name](self)
        if column in self.ids:
            return list(dict.fromkeys(self.id_of(column) for _ in range(10))) if several else self.id_of(column)
        return self._by_type(name, kind)

    def _of_row(self, column: str) -> Any:
        if column in _PLACES and {*_PLACES[column]} <= self.row.keys():
            return tuple(self.row[part] for part in _PLACES[column])
        value = self.row.get(column, self.row.get("feed_id") if column == "instagram_feed_id" else None)
        is_key = column in self.ids or column in _PARTS_OF_KEYS
        return value if column != "tenant_id" and (is_key or self.random.random() < 0.5) else None

    def drawn(self, usual: Any, *others: Any) -> Any:
        """What is usual, or among twins, where a function is called with row after row, one of these."""
        return self.random.choice((usual, *others)) if self.rows else usual

    def id_of(self, column: str) -> Any:
        """An id out of this column, of one of the teams in reach."""
        ids = self.ids[column].get(self.random.choice(self.reach), [])
        return self.random.choice(ids) if ids else self.new_id()

    def new_id(self) -> uuid.UUID:
        """An id that nothing has yet."""
        return uuid.UUID(int=self.random.getrandbits(128), version=4)

    def feed(self) -> Feed:
        """A feed of the caller's, under the id of one in reach."""
        with self.studio.database.tenant(self.team) as db:
            own = self.random.choice(feeds.newest(db, self.team, 50))
        return replace(own, instagram_feed_id=self.id_of("instagram_feed_id"))

    def generation(self) -> Generation:
        """A generation of the caller's, under the id of one in reach."""
        with self.studio.database.tenant(self.team) as db:
            own = generations.newest(db, self.team)
        assert own is not None
        return replace(own, generation_id=self.id_of("generation_id"))

    def draft(self) -> Draft:
        """A new table of the caller's that is being prepared."""
        return drafts.create_blank(self.studio, self.team, [f"column {place}" for place in range(len(FIELDS))])

    def batch(self) -> Batch:
        """A batch of the caller's."""
        with self.studio.database.tenant(self.team) as db:
            return batches.page(db, self.team).rows[0]

    def brief(self) -> Brief:
        """A brief of the caller's."""
        return brief_of(self.team)

    def request(self) -> GenerationRequest:
        """A request of the caller's, for a job in reach."""
        return generating.request(self.brief(), GenerationOptions("demo", job_id=self.id_of("job_id")), another=True)

    def prepared(self) -> Prepared:
        """A generation of the caller's on record."""
        return generating.recorded(self.studio, self.brief())

    def filter(self) -> FeedFilter:
        """A filter that teams have in common, or one by a job in reach."""
        return self.random.choice(
            [
                FeedFilter(),
                FeedFilter(status="live"),
                FeedFilter(text=self.random.choice(("말차", *self.reach))),
                FeedFilter(job_id=self.id_of("job_id")),
                FeedFilter(model="demo", favourite=self.random.random() < 0.3),
                FeedFilter(source="pipeline"),
            ]
        )

    def filters(self) -> Filters:
        """Every row, or those of an experiment or a model that teams have in common."""
        of_experiment = DimensionValue.of(str(self._of_row("experiment_id") or self.id_of("experiment_id")))
        of_model = DimensionValue.of("demo")
        return self.random.choice((Filters(), Filters(experiment=of_experiment), Filters(model=of_model)))

    def _by_type(self, name: str, kind: Any) -> Any:
        origin, of = typing.get_origin(kind), typing.get_args(kind)
        if origin in (typing.Union, types.UnionType):
            if type(None) in of and self.random.random() < 0.3:
                return None
            return self._by_type(name, next(each for each in of if each is not type(None)))
        if origin is typing.Literal:
            return self.random.choice(of)
        if origin is tuple and Ellipsis not in of:
            return tuple(self.value("", each) for each in of)
        if name == "rows" and origin in _MANY and typing.get_origin(of[0]) is collections.abc.Mapping:
            return _samples(self.team)
        if origin in _MANY:
            return [self.value(name.removesuffix("s"), of[0] if of else Any) for _ in range(2)]
        if origin in (dict, collections.abc.Mapping) and of[0] is uuid.UUID:
            return {self.id_of("instagram_feed_id"): self.value("status", of[1])}
        if origin in (dict, collections.abc.Mapping) or kind in (dict, Any):
            return {}
        if origin is collections.abc.Callable:
            return lambda *_: self.team
        if kind in _BY_TYPE:
            return _BY_TYPE[kind](self)
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return self.random.choice(list(kind))
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            hints = typing.get_type_hints(kind)
            needed = [
                field
                for field in dataclasses.fields(kind)
                if field.init and field.default is field.default_factory is dataclasses.MISSING
            ]
            return kind(**{field.name: self.value(field.name, hints[field.name]) for field in needed})
        raise LookupError(f"{name}: {kind}")


def brief_of(team: str) -> Brief:
    """A brief whose every text names the team."""
    return Brief(
        team, f"Slow mornings {team}", f"따뜻하게 {team}", f"말차 라떼 {team}", f"성수동 {team}", f"짧게 {team}"
    )


@functools.cache
def _samples(team: str) -> list[Mapping[str, Any]]:
    return list(Rows(team, 2).rows())


def this_week() -> Period:
    """The days around today, in any zone."""
    today = dt.datetime.now(dt.UTC).date()
    return Period(today - dt.timedelta(days=5), today + dt.timedelta(days=1))


SOMEBODY = "somebody"
"""A person of this name is in each team."""
SOMEBODY_ELSE = "somebody else"
"""A person of this name is, among twins, in the other teams."""
_MANY = (list, set, tuple, collections.abc.Sequence, collections.abc.Collection, collections.abc.Iterable)
_OF_SQL = re.compile(r"\b(?:studio_[a-z_]+|instagram_feeds|jobs)\b")
_PLACES = {"place": ("number", "variant"), "filter": ("experiment_id",)}
"""Columns out of which a parameter is made."""
_PARTS_OF_KEYS = ("number", "version", "variant", "model", "name", "starts_on", "heading")


def _column(parameter: str) -> str:
    """The column that a parameter is a value of, or several ones."""
    name = {"statuses": "status", "outcomes": "outcome"}.get(parameter, parameter.removesuffix("s"))
    return _ALIASES.get(name, name)


_ALIASES = {"feed_id": "instagram_feed_id", "parent_feed_id": "instagram_feed_id"}
_BY_NAME: dict[str, Callable[[Caller], Any]] = {
    "db": lambda caller: caller.studio.database.tenant(caller.team),
    "tenant_id": lambda caller: caller.team,
    "tenants": lambda caller: [caller.team],
    "inputs": lambda caller: caller.brief().inputs(),
    "briefs": lambda caller: {number: brief_of(team).inputs() for number, team in enumerate(caller.reach)},
    "status": lambda caller: caller.random.choice(("approved", "archived", "draft")),
    "moved_to": lambda caller: caller.random.choice(("approved", "archived", "draft")),
    "since": lambda caller: dt.datetime.now(dt.UTC) - dt.timedelta(days=2),
    "seen": lambda caller: None,
    "idempotency_key": lambda caller: "the same key",
    "keys": lambda caller: ["the same key", *(f"the same key {number}" for number in range(1, 6))],
    "name": lambda caller: "pipeline",
    "choice": lambda caller: "left",
    "person": lambda caller: caller.random.choice(
        (SOMEBODY, SOMEBODY_ELSE if caller.rows else f"somebody of {caller.team}")
    ),
    "zone": lambda caller: dt.UTC,
    "time_zone": lambda caller: "Asia/Seoul",
    "threads": lambda caller: None,
    "view_of": lambda caller: lambda *_: View(this_week()),
    "overlay_id": lambda caller: None,
    "pairs": lambda caller: [(caller.id_of("job_id"), None) for _ in range(10)],
    "over": lambda caller: None,
    "model": lambda caller: "demo",
    "source": lambda caller: "page",
    "change": lambda caller: "shorter",
    "kind": lambda caller: "feed",
    "dimension": lambda caller: "model",
    "granularity": lambda caller: "day",
    "outcome": lambda caller: "failed",
    "ended": lambda caller: {"outcome": "stopped", "latency_ms": 5.0},
    "restored": lambda caller: None,
    "scopes": lambda caller: ["read", "write"],
    "most": lambda caller: caller.drawn(100, 1),
    "limit": lambda caller: caller.drawn(50, 1),
    "number": lambda caller: caller.random.choice((1, 2, 9)),
    "version": lambda caller: 1,
    "variant": lambda caller: 1,
    "place": lambda caller: (1, 1),
    "secret_hash": lambda caller: caller.random.randbytes(32),
    "instagram_ad_copy": lambda caller: f"새 글 {caller.team}",
    "text": lambda caller: f"새 글 {caller.team}",
    "hashtags": lambda caller: "#말차",
    "payload": lambda caller: {"model": "demo", "messages": []},
    "request": lambda caller: {"model": "demo", "messages": []},
    "progress": lambda caller: None,
    "headings": lambda caller: collections.defaultdict(lambda: "heading", words.listed("en", "export")),
    "values": lambda caller: collections.defaultdict(lambda: "value"),
    "file_format": lambda caller: "jsonl",
    "timeout_s": lambda caller: 0.0,
    "patience_s": lambda caller: PATIENCE_S,
    "days": lambda caller: 7,
    "query": lambda caller: {"of": caller.team},
}
_COLUMNS: dict[str, Callable[[Caller], dict[str, Any]]] = {
    "lib.store.attempts.settle": lambda caller: {"outcome": "stopped", "latency_ms": 5.0},
    "lib.feeds.editing.change": lambda caller: {
        "instagram_ad_copy": f"새 글 {caller.team}",
        "favourite": True,
        "job_id": caller.id_of("job_id"),
    },
    "lib.store.batches.batches.add": lambda caller: {
        "name": caller.team,
        "source": "page",
        "columns": [],
        "fingerprint": caller.team,
    },
    "lib.store.batches.batches.change": lambda caller: {"name": caller.team},
    "lib.store.batches.request_files.change_open": lambda caller: {"is_limited": True},
}
"""What a function takes as further keywords."""


def _no_columns(_caller: Caller) -> dict[str, Any]:
    return {}


_ADDS_TO_WHAT_EXISTS = ("lib.store.batches.rows.add",)
_FRESH: dict[str, Callable[[Caller], Any]] = {
    "feed_id": lambda caller: caller.new_id(),
    "attempt_id": lambda caller: caller.new_id(),
    "key_id": lambda caller: caller.new_id().hex[:20],
    "batch_id": lambda caller: caller.new_id(),
}
"""What is new in a function that adds a row."""
_BY_TYPE: dict[Any, Callable[[Caller], Any]] = {
    str: lambda caller: f"a text of {caller.team} {caller.random.getrandbits(30)}",
    int: lambda caller: 3,
    float: lambda caller: 1.0,
    bool: lambda caller: caller.random.random() < 0.5,
    bytes: lambda caller: b"bytes",
    uuid.UUID: lambda caller: caller.new_id(),
    Decimal: lambda caller: Decimal(1),
    dt.datetime: lambda caller: dt.datetime.now(dt.UTC),
    dt.date: lambda caller: dt.datetime.now(dt.UTC).date(),
    dt.tzinfo: lambda caller: dt.UTC,
}
_BY_CLASS: dict[Any, Callable[[Caller], Any]] = {
    Brief: lambda caller: caller.brief(),
    Feed: lambda caller: caller.feed(),
    Generation: lambda caller: caller.generation(),
    Prepared: lambda caller: caller.prepared(),
    GenerationOptions: lambda caller: GenerationOptions("demo", job_id=caller.id_of("job_id")),
    GenerationRequest: lambda caller: caller.request(),
    Design: lambda caller: Design(
        name=caller.team,
        briefs=[caller.brief()],
        options=GenerationOptions("demo"),
        variants=[Variant(number, {"gpt_prompt": f"{number} {caller.team}"}) for number in (1, 2)],
    ),
    Draft: lambda caller: replace(caller.draft(), draft_id=caller.id_of("draft_id")),
    Sheet: lambda caller: Sheet((SheetRow(1, ("product", "tone")), SheetRow(2, (caller.team, "warm")))),
    Batch: lambda caller: replace(caller.batch(), batch_id=caller.id_of("batch_id")),
    Write: lambda caller: lambda path, **_: path.write_text(caller.team),
    View: lambda caller: View(this_week()),
    StudioError: lambda caller: StudioError(),
    Period: lambda caller: this_week(),
    FeedFilter: lambda caller: caller.filter(),
    Filters: lambda caller: caller.filters() if caller.rows else Filters(),
    Answer: lambda caller: Answer(Outcome.STOPPED),
    Cursor: lambda caller: Cursor(dt.datetime.now(dt.UTC), caller.new_id()),
}
