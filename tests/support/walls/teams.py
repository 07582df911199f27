"""Three teams with rows in every table, whose texts each name their team, and what a superuser sees of them."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psycopg2
from psycopg2 import sql

from lib.access import api_keys
from lib.batches import creation, drafts
from lib.batches.columns import FIELDS
from lib.demo.model import DemoModel
from lib.domain.batches.rows import NewRow
from lib.domain.brief import GenerationOptions
from lib.domain.errors import Refused, StudioError
from lib.domain.progress import Count
from lib.exports.background import Export
from lib.feeds import editing, workflow
from lib.generation.submit import Submission
from lib.metrics import settings
from lib.store.batches import request_files
from lib.store.metrics.settings import MetricSettings, Price
from lib.studio import Studio
from tests.support import generating
from tests.support.patience import PATIENCE_S
from tests.support.walls.calls import SOMEBODY, brief_of

TEAMS = ("acme-7q", "beta-7q", "gamma-7q")
"""Their names are in all that is written for them, and are found in nothing else."""
CUSTOMERS = ("job_id", "overlay_id")
"""Ids of rows that only the customer makes."""

_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, NULL), a.attidentity <> '' OR a.attgenerated <> '',
        a.attidentity <> '' OR a.atthasdef AND a.attname <> 'tenant_id',
        a.attidentity <> '' OR a.atthasdef AND EXISTS (
            SELECT FROM pg_attrdef WHERE adrelid = c.oid AND adnum = a.attnum
            AND pg_get_expr(adbin, adrelid) LIKE 'nextval%'),
        a.attnotnull,
        EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary AND a.attnum = ANY (indkey))
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
      AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'tenant_id' AND NOT attisdropped)
    ORDER BY c.relname, a.attnum
"""

_WITH_IDS = """
    SELECT DISTINCT conrelid::regclass::text
    FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
    WHERE contype = 'p' AND conrelid::regclass::text = ANY (%s) AND conrelid::regclass::text LIKE 'studio%%'
      AND (atttypid = 'uuid'::regtype OR attname = 'key_id')
    ORDER BY 1
"""
"""Tables of ours whose key has an id in it."""
_KEYS = {"model": "demo", "person": SOMEBODY}
_FIRST_OF_YEAR = dt.date(2026, 1, 1)
_NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)

Snapshot = dict[tuple[str, str], tuple[int, str]]
"""How many rows a table has of a team, and a hash of all of them."""


class Superuser:
    """A connection that sees every row, beside the app."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._db = psycopg2.connect(url)
        self._db.autocommit = True
        columns = self.run(_COLUMNS)
        self.tables: dict[str, dict[str, str]] = {}
        """The tables with a tenant: their columns with their types."""
        self._generated, self._filled_in, self._identities, self._not_null, self._keys = (
            {(table, column) for table, column, _, *kinds in columns if kinds[place]} for place in range(5)
        )
        for table, column, kind, *_ in columns:
            self.tables.setdefault(table, {})[column] = kind
        self._ids_sql = " UNION ".join(
            f"SELECT '{column}', tenant_id::text, {column}::text FROM {table} WHERE {column} IS NOT NULL"
            for table, columns in self.tables.items()
            for column, kind in columns.items()
            if kind == "uuid" or column == "key_id"
        )
        self.snapshot_sql = self.snapshot_sql_of(self.tables)

    @staticmethod
    def snapshot_sql_of(tables: Iterable[str]) -> str:
        """The statement for :func:`read_snapshot`."""
        return " UNION ALL ".join(
            f"SELECT '{table}', tenant_id::text, count(*), md5(string_agg(md5(t::text), '' ORDER BY md5(t::text)))"
            f" FROM {table} AS t GROUP BY tenant_id"
            for table in tables
        )

    def run(self, statement: str | sql.Composable, *values: Any) -> list[Any]:
        """Run a statement, committed at once, and return its rows."""
        with self._db.cursor() as cursor:
            cursor.execute(statement, tuple(str(v) if isinstance(v, uuid.UUID) else v for v in values) or None)
            return cursor.fetchall() if cursor.description else []

    def stored(self, table: str) -> list[str]:
        """The columns of the table that are not made of others."""
        made = self._generated - self._identities
        return [column for column in self.tables[table] if (table, column) not in made]

    def is_identity(self, table: str, column: str) -> bool:
        """Whether the database numbers it."""
        return (table, column) in self._identities

    def is_key(self, table: str, column: str) -> bool:
        """Whether it is a part of the primary key."""
        return (table, column) in self._keys

    def may_be_null(self, table: str, column: str) -> bool:
        """Whether a row may have none."""
        return (table, column) not in self._not_null

    def snapshot(self) -> Snapshot:
        """What all teams have now."""
        return read_snapshot(self.run(self.snapshot_sql))

    def ids(self) -> dict[str, dict[str, list[Any]]]:
        """The ids of all rows, by column and team."""
        ids: dict[str, dict[str, list[Any]]] = {}
        for column, team, value in sorted(self.run(self._ids_sql)):
            listed = ids.setdefault(column, {}).setdefault(team, [])
            listed.append(value if column == "key_id" else uuid.UUID(value))
        return ids

    def make_twins(self) -> None:
        """Give every other team rows under the first team's ids, whose texts name that other team.

        So a statement that looks for an id alone finds a row too many, in each table whose key begins with the team.
        """
        self.run("SET session_replication_role = replica")
        for (table,) in self.run(_WITH_IDS, list(self.tables)):
            columns = [name for name in self.tables[table] if (table, name) not in self._generated]
            unlike = (
                '{"instagram_feed_id": null, "parent_feed_id": null, "job_id": null, "idempotency_key": null,'
                ' "response_body": null, "options": {"model": "demo"}}'
            )
            names = ", ".join(columns)
            for team in TEAMS[1:]:
                self.run(
                    f"INSERT INTO {table} ({names}) SELECT {names} FROM (SELECT (jsonb_populate_record(NULL::{table},"
                    f" replace(to_jsonb(t)::text, '{TEAMS[0]}', '{team}')::jsonb || '{unlike}')).* FROM {table} AS t"
                    f" WHERE tenant_id = '{TEAMS[0]}') AS twin ON CONFLICT DO NOTHING"
                )
        self.run("RESET session_replication_role")

    def fill_empty_tables(self, *but: str) -> None:
        """Put a row of each team into each table that has none yet, with made up values where it has no defaults.

        Its ids are those of the team's rows in other tables, where there are some, so that they belong together.
        """
        self.run("SET session_replication_role = replica")
        filled, ids = set(self.snapshot()), self.ids()
        for table in self.tables:
            for team in TEAMS:
                if (table, team) not in filled and table not in but:
                    known = {column: of[team][0] for column, of in ids.items() if team in of and column != "key_id"}
                    feeds = itertools.cycle(ids["instagram_feed_id"][team])
                    known |= {column: next(feeds) for column in self.tables[table] if column.endswith("feed_id")}
                    self.run(self.insert_sql(table, team, known))
        self.run("RESET session_replication_role")

    def insert_sql(self, table: str, team: str, known: Mapping[str, Any] = MappingProxyType({})) -> sql.Composable:
        """The INSERT of a row of the team with made up values: ids of the same name are the same in every table.

        A text of a key is the same for every team, as names of models and people can be.
        """
        values = {
            name: str(known.get(name) or uuid.uuid5(uuid.NAMESPACE_OID, team + name))
            if kind == "uuid"
            else _KEYS.get(name, "the same")
            if name != "tenant_id" and kind in ("text", "character varying") and self.is_key(table, name)
            else _MADE_UP.get(kind, _nothing)(team)
            for name, kind in self.tables[table].items()
            if (table, name) not in self._filled_in
        }
        return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(
                sql.SQL("{}::{}").format(sql.Literal(value), sql.SQL(self.tables[table][name]))
                for name, value in values.items()
            ),
        )

    def with_triggers(self) -> list[str]:
        """The tables with a tenant whose changes a trigger follows."""
        rows = self.run(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY (%s) ORDER BY 1",
            list(self.tables),
        )
        return [table for (table,) in rows]

    def touch(self, table: str, team: str) -> list[str]:
        """Change each column of the team's rows, add one, and delete every other one; returns what was refused."""
        changed = {
            "text": "{0} || 'x'",
            "character varying": "{0} || 'x'",
            "boolean": "NOT {0}",
            "jsonb": "{0} || '{{}}'",
        }
        changed |= {"text[]": "{0} || ARRAY['price']"} | dict.fromkeys(_NUMBERS, "{0} + 1")
        statements: list[str | sql.Composable] = [
            f"UPDATE {table} SET {name} = {changed[kind].format(name)} WHERE tenant_id = '{team}'"
            for name, kind in self.tables[table].items()
            if kind in changed and name not in ("tenant_id", "time_zone") and (table, name) not in self._generated
        ]
        if not any((table, name) in self._filled_in for name, kind in self.tables[table].items() if kind == "uuid"):
            statements.append(self.insert_sql(table, team))  # else its id would be drawn
        if table != "jobs":  # which another team's caption may name: the owner's key refuses then
            statements.append(
                f"DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM (SELECT t.ctid, row_number() OVER"
                f" (ORDER BY t::text) FROM {table} AS t WHERE tenant_id = '{team}') AS numbered"
                " WHERE row_number % 2 = 0)"
            )
        refused = []
        for statement in statements:
            try:
                self.run(statement)
            except psycopg2.IntegrityError as error:
                refused.append(f"{statement} {error.pgcode}")
        return refused

    def rows_sql(self, table: str) -> str:
        """The statement that reads a team's rows of a table as text, without what the database numbers."""
        numbered = [column for of, column in sorted(self._identities) if of == table]
        row = f"(to_jsonb(t) - '{{{','.join(numbered)}}}'::text[])::text"
        return f"SELECT '{table} ' || {row} FROM {table} AS t WHERE tenant_id = %s"

    def rows_of(self, team: str) -> list[str]:
        """All rows of a team as text."""
        return [row for table in self.tables for (row,) in self.run(self.rows_sql(table), team)]

    def mixed_rows(self) -> list[tuple[str, str, str]]:
        """Rows of one team that hold another one's name or ids: table, team, row."""
        ids = self.ids()
        own = {team: {value for of in ids.values() for value in of.get(team, [])} for team in TEAMS}
        foreign = {
            team: [other for other in TEAMS if other != team]
            + [
                str(value)
                for column in ("instagram_feed_id", "feed_id", "job_id")
                for other, values in ids.get(column, {}).items()
                if other != team
                for value in values
                if value not in own[team]
            ]
            for team in TEAMS
        }
        return [
            (table, team, row[:300])
            for table in self.tables
            for team, row in self.run(f"SELECT tenant_id::text, t::text FROM {table} AS t")
            if any(name in row for name in foreign.get(team, []))
        ]

    def close(self) -> None:
        """Leave."""
        self._db.close()


def read_snapshot(rows: Iterable[Any]) -> Snapshot:
    """The rows of :attr:`Superuser.snapshot_sql`."""
    return {(table, team): (count, digest) for table, team, count, digest in rows}


def without(snapshot: Snapshot, *teams: str) -> Snapshot:
    """What all other teams have."""
    return {key: value for key, value in snapshot.items() if key[1] not in teams}


_NUMBERS = ("integer", "smallint", "bigint", "numeric", "double precision")


def _nothing(_team: str) -> None: ...


def _id_of(team: str, column: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, team + column))


def _document(team: str) -> str:
    return f'{{"of": "{team}"}}'


_MADE_UP: dict[str, Callable[[str], Any]] = {
    "text": str,
    "character varying": str,
    "jsonb": _document,
    "integer": lambda team: 1,
    "smallint": lambda team: 1,
    "bigint": lambda team: 1,
    "numeric": lambda team: 1,
    "double precision": lambda team: 1.0,
    "smallint[]": lambda team: [1],
    "integer[]": lambda team: [1],
    "boolean": lambda team: False,
    "date": lambda team: _FIRST_OF_YEAR,
    "timestamp with time zone": lambda team: _NOON,
    "text[]": lambda team: [team],
    "bytea": lambda team: team.encode(),
}


def settle(studio: Studio, demo: DemoModel, superuser: Superuser) -> None:
    """Let each team use everything once: rows in every table, with names and keys that the teams have in common."""
    for place, team in enumerate(TEAMS):
        brief = brief_of(team)
        jobs = [
            superuser.run("INSERT INTO jobs (tenant_id) VALUES (%s) RETURNING job_id", team)[0][0] for _ in range(2)
        ]
        options = GenerationOptions("demo", job_id=uuid.UUID(jobs[0]))
        feed = generating.write(studio, brief, options, source="pipeline", idempotency_key="the same key")
        feed = editing.edit(studio, feed, f"고친 말차 {team}", "#말차", person=team)
        generating.write(studio, brief, source="page", parent=feed, change="shorter", run_id=uuid.uuid4())
        workflow.move(studio, team, [feed.instagram_feed_id], "approved", note=f"note of {team}", person=team)
        workflow.set_favourite(studio, team, feed.instagram_feed_id, favourite=True)
        demo.behaviours.append("refused")
        with contextlib.suppress(Refused):
            generating.write(studio, brief, source="page")
        generating.recorded(studio, brief, options, source="pipeline", another=True).entry.release()
        for row in range(place * 3 + 4):  # each has another number of rows, so that a count tells them apart
            superuser.run(
                "INSERT INTO instagram_feeds (tenant_id, refined_ad_copy_eng, tone_style, product_description,"
                " store_information, gpt_prompt, instagram_ad_copy, hashtags, gpt_model_name, latency_ms, job_id,"
                " token_usage) VALUES (%s, %s, %s, '말차', '', '', %s, '#말차', %s, %s, %s,"
                """ '{"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}')""",
                *(team, f"copy {team}", f"tone {team}", f"말차 글 {row} {team}", f"model {team}", 100 + row, jobs[1]),
            )
        api_keys.create_key(studio, team, "pipeline")
        settings.save_settings(studio, team, MetricSettings(budget_usd=Decimal(10 + place)))
        settings.set_price(studio, team, Price("demo", _FIRST_OF_YEAR, Decimal(1), Decimal(1), Decimal(2 + place)))
        drafts.create_blank(studio, team, [f"column {place}" for place in range(len(FIELDS))])
        batch_id = creation.create(studio, team, [NewRow(brief, GenerationOptions("demo"))], source="page", name=team)
        with studio.database.tenant(team) as db:
            request_files.add(db, team, batch_id, "demo", 10)
        settings.save_view(studio, team, "the same view", {"of": team})
        creation.create(studio, team, [NewRow(brief, GenerationOptions("demo"))], source="experiment", name=team)


def render(value: Any) -> str:
    """All that a result holds as text, what it produces later and the files that it wrote included."""
    if isinstance(value, Submission):
        try:
            return repr(value.wait(0))
        except StudioError as error:
            return render(error)
    if isinstance(value, Export):
        assert value.finished.wait(PATIENCE_S)
        return value.path.read_text("utf-8") if value.path else render(value.error)
    if isinstance(value, Count):
        assert value.wait(PATIENCE_S)
        return repr(value.tenants)
    if isinstance(value, contextlib.AbstractContextManager):
        return type(value).__name__
    if isinstance(value, BaseException):
        return f"{type(value).__name__} {value} {getattr(value, 'params', '')}"
    if isinstance(value, Iterator):
        return repr([render(each) for each in value])
    if isinstance(value, Path):
        return value.read_text("utf-8")
    return repr(value)
