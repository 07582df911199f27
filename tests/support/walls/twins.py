"""Other teams whose every row bears the ids of one team's, so that a statement without its team finds a row too many.

One team gets more rows first: variants of its own, in every status, some of which name captions and jobs of another
team's. Then each other team gets a twin of each of them, with other values: the first team's lie before the team's own
rows in the table and in every index, the last team's behind them. So they are found both where the first row counts and
where the last one does.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any, get_args

from lib.domain.batches.request_file import FileStatus
from lib.domain.batches.rows import RowStatus
from lib.domain.batches.rows import Status as BatchStatus
from lib.domain.completion import Outcome
from lib.domain.feed_filter import Status
from tests.support.walls.calls import SOMEBODY_ELSE
from tests.support.walls.teams import TEAMS, Superuser

TEAM = TEAMS[1]
"""The team that the others are twins of."""
VARIANTS = 5
CUSTOMERS = ("instagram_feeds", "jobs")
"""Tables whose ids no two teams can have in common."""
_FACTS = "studio_metric_facts"
"""Of a counted caption that is another team's by now, nothing is remembered: no variant of these names one."""
VALUES: dict[tuple[str, str], tuple[Any, ...]] = {
    ("studio_batches", "status"): get_args(BatchStatus),
    ("studio_batches", "economy"): (True, False),
    ("studio_batch_rows", "status"): get_args(RowStatus),
    ("studio_request_files", "status"): get_args(FileStatus),
    ("studio_feed_states", "status"): get_args(Status),
    ("studio_generations", "outcome"): (None, "written", "failed", "unknown"),
    ("studio_attempts", "outcome"): (None, *(each.value for each in Outcome)),
    ("studio_experiment_pairs", "result"): (None, "first", None, "second", None, "tie"),
}
"""What a column can hold, one after another among the variants and the twins of a row."""
_SENT = "UPDATE studio_attempts SET process_id = attempt_id WHERE tenant_id = %s AND ascii(attempt_id::text) %% 2 = 0"
"""A process sends every other request of the team's."""
_BROUGHT = """
    WITH own AS (
        SELECT batch_id, number, variant, row_number() OVER (ORDER BY batch_id, number, variant) AS place
        FROM studio_batch_rows WHERE tenant_id = %s
    ),
    captions AS (
        SELECT instagram_feed_id, row_number() OVER (ORDER BY instagram_feed_id) AS place
        FROM instagram_feeds WHERE tenant_id = %s
    )
    UPDATE studio_batch_rows AS r SET instagram_feed_id = captions.instagram_feed_id
    FROM own JOIN captions ON captions.place = 3 * own.place - 2
    WHERE r.tenant_id = %s AND (r.batch_id, r.number, r.variant) = (own.batch_id, own.number, own.variant)
"""
"""Rows of the team's batches have brought every third caption, so that their variants bring others."""
_OPEN = "UPDATE studio_experiment_pairs SET result = NULL WHERE tenant_id = %s"
"""The team's pairs are open."""
_PAIRS_OF_OTHERS = """
    INSERT INTO studio_experiment_pairs (
        tenant_id, pair_id, experiment_id, brief_key, first_variant, second_variant, first_feed_id, second_feed_id)
    SELECT %s, gen_random_uuid(), experiment_id, 'the same', 1, 2, experiment_id, experiment_id
    FROM studio_experiments WHERE tenant_id = %s
"""
"""Another team has the pair that is still to be made of the team's captions."""
_PAIRS_ELSEWHERE = """
    WITH own AS (
        SELECT pair_id, experiment_id, row_number() OVER (ORDER BY pair_id) AS place, count(*) OVER () AS pairs
        FROM studio_experiment_pairs WHERE tenant_id = %s
    )
    UPDATE studio_experiment_pairs AS p SET experiment_id = following.experiment_id, brief_key = p.pair_id::text
    FROM own JOIN own AS following ON following.place = own.place %% own.pairs + 1
    WHERE p.tenant_id = %s AND p.pair_id = own.pair_id
"""
"""A third team has each pair in another experiment."""
_ASKED_FOR = """
    UPDATE studio_generations SET options = jsonb_set(options, '{experiment,person}', to_jsonb(%s::text))
    WHERE tenant_id = %s AND options -> 'experiment' ->> 'person' IS NOT NULL
"""
"""Somebody else has asked for another team's captions."""
_JOBS_OF_OTHERS = """
    WITH layout AS (INSERT INTO overlay_layouts DEFAULT VALUES RETURNING overlay_id),
    captions AS (
        SELECT instagram_feed_id, row_number() OVER (ORDER BY instagram_feed_id) AS place
        FROM instagram_feeds WHERE tenant_id = %s
    ),
    named AS (SELECT job_id, row_number() OVER (ORDER BY job_id) AS place FROM jobs WHERE tenant_id = %s)
    UPDATE instagram_feeds AS f SET job_id = named.job_id, overlay_id = layout.overlay_id
    FROM layout, captions JOIN named USING (place) WHERE f.instagram_feed_id = captions.instagram_feed_id
"""
"""Captions of another team name the team's jobs, and an overlay for them."""
_FILES_OF_OTHERS = """
    INSERT INTO studio_request_files (tenant_id, file_id, batch_id, model, most)
    SELECT DISTINCT ON (a.process_id) b.tenant_id, a.process_id, b.batch_id, 'demo', 1
    FROM studio_attempts AS a, studio_batches AS b
    WHERE a.tenant_id = %s AND b.tenant_id = %s AND a.process_id IS NOT NULL
"""
"""Another team has files with the ids of the processes that send the team's requests."""
_REQUESTS_OF_OTHERS = """
    WITH open AS (
        SELECT attempt_id, row_number() OVER (ORDER BY attempt_id) AS place
        FROM studio_attempts WHERE tenant_id = %s AND outcome IS NULL
    ),
    files AS (
        SELECT file_id, row_number() OVER (ORDER BY file_id) AS place FROM studio_request_files WHERE tenant_id = %s
    )
    UPDATE studio_attempts AS a SET process_id = files.file_id FROM open JOIN files USING (place)
    WHERE a.tenant_id = %s AND a.attempt_id = open.attempt_id
"""
"""Open requests of a third team are of the team's files."""
_MODELS = """
    UPDATE studio_attempts SET request = request || jsonb_build_object('model', (
        SELECT max(model) FROM studio_model_limits WHERE tenant_id = %s))
    WHERE tenant_id = %s AND process_id IS NOT NULL AND outcome IS NULL
"""
"""What processes send for the team asks a model of its own."""
_LIMITS = """
    UPDATE studio_model_limits AS l SET requests_a_minute = 600, tokens_a_minute = NULL, at_once = (
        SELECT greatest(1, count(*) + bool_or(process_id IS NULL)::integer) FROM studio_attempts AS a
        WHERE a.tenant_id = l.tenant_id AND a.outcome IS NULL AND a.request ->> 'model' = l.model)
    WHERE l.tenant_id = %s
"""
"""The team may send no more to the model of its processes, and to the other one not if others' requests counted too."""
_EXTREMES = "UPDATE studio_metric_cells SET timed = 0 WHERE tenant_id = %s"
"""Another team has the shortest latency of days without one, which is not the team's to mend."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DAY = dt.timedelta(days=1)

Row = dict[str, Any]


def make(superuser: Superuser) -> None:
    """Put the rows into the database; none of its triggers follows."""
    superuser.run("SET session_replication_role = replica")
    superuser.run(_SENT, TEAM)
    superuser.run(_BROUGHT, TEAM, TEAM, TEAM)
    superuser.run(_OPEN, TEAM)
    feeds, jobs = (
        {team: [row[column] for row in _rows(superuser, table, team)] for team in TEAMS}
        for table, column in zip(CUSTOMERS, ("instagram_feed_id", "job_id"), strict=True)
    )
    rows = {table: [row for team in TEAMS for row in _rows(superuser, table, team)] for table in CUSTOMERS}
    for row in rows["instagram_feeds"]:
        row["updated_at"] = rows["instagram_feeds"][0]["updated_at"]  # who has seen one may name another one
    others = {value for team in TEAMS if team != TEAM for value in feeds[team]}
    ids = {number: _foreign(feeds, number) | _foreign(jobs, number) for number in range(1, VARIANTS + 1)}
    first, last = (team for team in TEAMS if team != TEAM)
    twins: dict[str, list[Row]] = {}
    for table in superuser.tables:
        if table in CUSTOMERS:
            continue
        own = [row for row in _rows(superuser, table, TEAM) if table != _FACTS or row["row_id"] not in others]
        variants = [
            _variant(superuser, table, row, number, number + VARIANTS * at, {} if table == _FACTS else ids[number])
            for number in range(1, VARIANTS + 1)
            for at, row in enumerate(own)
        ]
        # Others alone have every fourth of the variants, the last one among them, and numbers beyond the team's.
        rows[table] = _with_captions_once(own + [row for at, row in enumerate(reversed(variants)) if at % 4])
        twins[table] = [*own, *variants, *_beyond(superuser, table, own + variants, feeds[TEAM])]
        superuser.run(f"DELETE FROM {table} WHERE tenant_id <> ''")
        _insert(superuser, table, [_twin(superuser, table, row, first, 1) for row in twins[table]])
    for table in CUSTOMERS:  # whose order is that of the teams
        superuser.run(f"DELETE FROM {table}")
    for table, own in rows.items():
        _insert(superuser, table, own)
    for table, own in twins.items():
        _insert(superuser, table, [_twin(superuser, table, row, last, 2) for row in own])
    superuser.run(_FILES_OF_OTHERS, TEAM, TEAMS[0])
    superuser.run(_PAIRS_OF_OTHERS, TEAMS[0], TEAM)
    superuser.run(_PAIRS_ELSEWHERE, TEAM, TEAMS[2])
    superuser.run(_ASKED_FOR, SOMEBODY_ELSE, TEAMS[0])
    superuser.run(_REQUESTS_OF_OTHERS, TEAMS[2], TEAM, TEAMS[2])
    superuser.run(_JOBS_OF_OTHERS, TEAMS[0], TEAM)
    superuser.run(_MODELS, TEAM, TEAM)
    superuser.run(_LIMITS, TEAM)
    superuser.run(_EXTREMES, TEAMS[0])
    superuser.run("RESET session_replication_role")


def remove(superuser: Superuser) -> None:
    """Leave no rows but the team's."""
    superuser.run("SET session_replication_role = replica")
    for table in superuser.tables:
        superuser.run(f"DELETE FROM {table} WHERE tenant_id <> %s", TEAM)
    superuser.run("RESET session_replication_role")


def _rows(superuser: Superuser, table: str, team: str) -> list[Row]:
    return [
        row
        for (row,) in superuser.run(f"SELECT to_jsonb(t) FROM {table} AS t WHERE tenant_id = %s ORDER BY t::text", team)
    ]


def _insert(superuser: Superuser, table: str, rows: list[Row]) -> None:
    columns = ", ".join(superuser.stored(table))
    superuser.run(
        f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
        f" SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %s) ON CONFLICT DO NOTHING",
        json.dumps(rows),
    )


def _foreign(ids: dict[str, list[str]], number: int) -> dict[str, str]:
    """Other ids for the team's own: of the first team's rows for odd numbers, of the team's next rows for even ones."""
    own, others = ids[TEAM], ids[TEAMS[0] if number % 2 else TEAM]
    return {value: others[(place + number // 2) % len(others)] for place, value in enumerate(own)}


def _with_captions_once(rows: list[Row]) -> list[Row]:
    """The rows, of which none names a caption that one before it names: else the database could take either."""
    named: set[str] = set()
    once = []
    for row in rows:
        feed_id = row.get("instagram_feed_id")
        once.append(row | {"instagram_feed_id": None} if feed_id in named else row)
        named |= {feed_id} if feed_id else set()
    return once


def _beyond(superuser: Superuser, table: str, rows: list[Row], feed_ids: list[str]) -> list[Row]:
    """Rows of the same ids with the numbers that the team gives next and of each of its captions, by somebody else."""
    key = _key_of(superuser, table)
    others: dict[str, Callable[[Any], Any]] = {
        "number": lambda value: value + VARIANTS + 1,
        "version": lambda value: value + VARIANTS + 1,
        "variant": lambda value: value + VARIANTS + 1,
        "person": lambda _: SOMEBODY_ELSE,
    }
    changed = [name for name in key if name in others]
    beyond = [row | {name: others[name](row[name]) for name in changed} for row in rows if changed]
    beyond += [row | {"feed_id": feed_id} for row in rows[:1] if "feed_id" in key for feed_id in feed_ids]
    return [row | {"person": SOMEBODY_ELSE} if "person" in row else row for row in beyond]


def _key_of(superuser: Superuser, table: str) -> list[str]:
    """The columns of the key beside the team; of what is counted, none."""
    return [
        name
        for name in superuser.tables[table]
        if superuser.is_key(table, name) and name != "tenant_id" and not table.startswith("studio_metric")
    ]


def _variant(superuser: Superuser, table: str, row: Row, number: int, steps: int, ids: dict[str, str]) -> Row:
    """Another row of the same team, with ids of its own, which variants of other tables share, or with another key.

    ``steps`` is how far it goes on in :data:`VALUES`.
    """
    key = _key_of(superuser, table)
    has_id = any(superuser.tables[table][name] == "uuid" or name == "key_id" for name in key)
    changed: Row = json.loads(
        _UUID.sub(lambda of: ids.get(of[0]) or str(uuid.uuid5(uuid.UUID(of[0]), str(number))), json.dumps(row))
    )
    for column, kind in superuser.tables[table].items():
        value = changed[column]
        if (table, column) in VALUES:
            changed[column] = _following(VALUES[table, column], value, steps)
        elif column in ("idempotency_key", "key_id") and value:
            changed[column] = f"{value} {number}"
        elif superuser.is_identity(table, column):
            changed[column] = value + 1_000_000 * number
        elif column in key and not has_id:
            changed[column] = _other_key(value, kind, number)
        elif superuser.is_key(table, column):
            continue
        elif kind == "boolean":
            changed[column] = bool(number % 2)
        elif column.endswith(("_at", "_until", "not_before")) and superuser.may_be_null(table, column):
            changed[column] = None if number % 2 else _shifted(value, 0)
    return changed


def _other_key(value: Any, kind: str, number: int) -> Any:
    if kind == "date":
        return (dt.date.fromisoformat(value) + number * _DAY).isoformat()
    return value + number if isinstance(value, int) else f"{value} {number}"


def _twin(superuser: Superuser, table: str, row: Row, team: str, place: int) -> Row:
    """The row of another team with the same ids: the first team's is found where the row is, the last one's is not."""
    changed: Row = json.loads(json.dumps(row).replace(TEAM, team))
    for column, kind in superuser.tables[table].items():
        value = changed[column]
        if superuser.is_key(table, column):
            continue
        if (table, column) in VALUES:
            changed[column] = _following(VALUES[table, column], value, place)
        elif change := _CHANGES.get(kind):
            changed[column] = change(value, place, team)
            if place == 2 and superuser.may_be_null(table, column) and (value or column != "idempotency_key"):
                changed[column] = None if value is not None else change(_BEFORE.get(kind), place, team)
    return changed


def _following(values: tuple[Any, ...], value: Any, steps: int) -> Any:
    return values[((values.index(value) if value in values else 0) + steps) % len(values)]


def _shifted(value: str | None, place: int) -> str:
    """An instant a day earlier for the first team, and a day later for the last."""
    if value is None or "infinity" in value:
        return (dt.datetime.now(dt.UTC) - _DAY).isoformat()
    return (dt.datetime.fromisoformat(value) + (0, -1, 1)[place] * _DAY).isoformat()


def _number(value: Any, place: int, _team: str) -> Any:
    return value if value is None else float(value) + place if isinstance(value, float) else int(value) + place


def _document(value: Any, place: int, team: str) -> Any:
    if isinstance(value, dict):
        return {name: _following_in(of, place) for name, of in value.items()} | {"of": team}
    return [*value, team] if isinstance(value, list) else value


def _following_in(value: Any, place: int) -> Any:
    if isinstance(value, dict):
        return {name: _following_in(of, place) for name, of in value.items()}
    return value + place if type(value) is int else value


_BEFORE: dict[str, Any] = {"jsonb": {}, "text": "", "integer": 1, "bigint": 1, "smallint": 1, "numeric": 1}
_CHANGES: dict[str, Callable[[Any, int, str], Any]] = {
    **dict.fromkeys(("integer", "smallint", "bigint", "numeric", "double precision"), _number),
    **dict.fromkeys(
        ("text", "character varying"),
        lambda value, place, team: value if place == 1 or value is None else f"{value} of {team}"[:80],
    ),
    "boolean": lambda value, place, team: value if place == 2 else not value,
    "timestamp with time zone": lambda value, place, team: _shifted(value, place) if value or place == 2 else value,
    "jsonb": _document,
    "bytea": lambda value, place, team: value and "\\x" + team.encode().hex(),
    "text[]": lambda value, place, team: value if value is None else [*value, team],
}


def focused(superuser: Superuser) -> dict[str, list[Row]]:
    """The rows of the team by table, for arguments that belong together; ids are UUIDs."""
    return {table: list(_read(superuser, table)) for table in superuser.tables}


def _read(superuser: Superuser, table: str) -> Iterator[Row]:
    kinds = superuser.tables[table]
    for row in _rows(superuser, table, TEAM):
        yield {
            name: _READ.get(kinds[name], lambda same: same)(value) if value else value
            for name, value in row.items()
            if name in kinds and kinds[name] in (*_PLAIN, *_READ)
        }


_PLAIN = ("text", "character varying", "integer", "smallint", "boolean")
_READ: dict[str, Callable[[Any], Any]] = {"uuid": uuid.UUID, "date": dt.date.fromisoformat}
