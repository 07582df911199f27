"""A look-up by id reads by the id, although the statistics are a day old and know nothing of the team.

Every function of the store is called for a team that came after the statistics, beside another one with nearly all
rows, and each of its statements is explained.
"""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event

from tests.support.walls import calls, twins
from tests.support.walls.calling import call_in, call_with
from tests.support.walls.calls import Caller
from tests.support.walls.teams import Superuser
from tests.support.walls.twins import TEAM
from tests.support.walls.world import World

OF_STORE = {
    name: function
    for name, function in calls.functions().items()
    if name not in calls.NOT_WALKED and calls.is_of_store(function)
}
UNREACHED = {
    "lib.store.tenants.as_stored",
    "lib.store.batches.column_mappings.remember",
    "lib.store.batches.repeats.of_briefs",
    "lib.store.batches.taking.run",
    "lib.generation.job_links.lock_job",
    "lib.generation.job_links.end_links",
    "lib.generation.batch_row.end",
}
"""Functions that may reach no statement with what is given here. The list only shrinks."""
ROWS = 3_000
"""Of the old team in each table."""
MOST_CALLS = 4
_STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
_OF_FUNCTION = re.compile(r"\b\w+\([^()]*\)")
_LEFT, _RIGHT = re.compile(r"(\w+)\)*(?:::[a-z ]+)?\)* = "), re.compile(r" = \(*(?:ANY \(*)?(?:\w+\.)?(\w+)")
_INDEXES = """
    SELECT c.relname, x.relname, i.indisunique, i.indpred IS NULL AND i.indexprs IS NULL,
        ARRAY(SELECT attname::text FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (number, place)
              JOIN pg_attribute ON attrelid = c.oid AND attnum = number ORDER BY place)
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_class AS x ON x.oid = i.indexrelid
    JOIN pg_am AS m ON m.oid = x.relam AND m.amname = 'btree'
    WHERE c.relname = ANY (%s)
"""


class Plans:
    """Looks at the plans of statements that are about to be executed."""

    def __init__(self, superuser: Superuser) -> None:
        self._indexes = defaultdict[str, list[tuple[bool, list[str]]]](list)
        """By table, of each index of whole rows: whether it is unique, and its columns."""
        for table, _, is_unique, is_whole, columns in superuser.run(_INDEXES, list(superuser.tables)):
            if is_whole:
                self._indexes[table].append((is_unique, columns))
        ((version,),) = superuser.run("SELECT current_setting('server_version_num')::integer")
        self.looks_lists_up = version >= 170000
        """Older servers may filter by a list of ids what an index of the tenant finds."""
        self.explained = 0
        self.wrong = set[str]()

    def explain(self, statement: str, parameters: Any, connection: Any) -> None:
        """Plan a statement, and look at each table that it reads."""
        if not _STATEMENT.match(statement):
            return
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
            ((plan,),) = cursor.fetchone()
        self.explained += 1
        self.wrong |= {wrong for scan in _scans(plan["Plan"]) if (wrong := self._wrong(scan))}

    def _wrong(self, scan: dict[str, Any]) -> str:
        """Why a table should not be read so; nothing if it may be."""
        table, by_index, others = scan["Relation Name"], scan.get("Index Cond", ""), scan.get("Filter", "")
        read_by = _named(by_index)
        fixed = read_by | _named(others if self.looks_lists_up else others.replace(" = ANY ", " IN "))
        fitting = [each for each in self._indexes[table] if fixed.issuperset(each[1])]
        longest = max((len(columns) for _, columns in fitting), default=0)
        is_narrow = any(
            read_by.issuperset(columns) and (is_unique or len(columns) == longest or columns[0] != "tenant_id")
            for is_unique, columns in fitting
        )
        is_whole = not by_index and any(columns[0] == "tenant_id" for _, columns in self._indexes[table])
        if is_whole or (fitting and not is_narrow):
            return f"{table} by {scan.get('Index Name')} with {by_index}, and then {others}"
        return ""


def _scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes that read a table; a bitmap with the conditions of its index."""
    below = [] if plan.get("One-Time Filter") == "false" else plan.get("Plans", [])
    if plan["Node Type"] == "Bitmap Heap Scan":
        yield next((each for each in below if each["Node Type"] == "Bitmap Index Scan"), {}) | plan
    elif "Relation Name" in plan and plan["Node Type"].endswith("Scan"):
        yield plan
    for each in below:
        yield from _scans(each)


def _named(condition: str) -> set[str]:
    """The columns that a condition says to be equal to something; what a function makes of a column is none."""
    plain = _OF_FUNCTION.sub("…", condition)
    return {*_LEFT.findall(plain), *_RIGHT.findall(plain)}


def grow_old(superuser: Superuser) -> None:
    """Give another team many rows in each table, or many teams one each, and let the statistics know nobody else."""
    superuser.fill_empty_tables()
    superuser.run("SET session_replication_role = replica")
    for table, kinds in superuser.tables.items():

        def value(name: str, table: str = table, kinds: Any = kinds) -> str:
            is_key, kind = superuser.is_key(table, name), kinds[name]
            if name == "tenant_id":
                return "'old'" if [key for key in kinds if superuser.is_key(table, key)] != [name] else "'old ' || i"
            if kind == "uuid":
                return "gen_random_uuid()"
            if is_key and kind in ("text", "character varying"):
                return f"left({name} || i, 80)"
            return f"{name} + 1000000 + i" if is_key and kind in ("integer", "bigint") else name

        columns = superuser.stored(table)
        superuser.run(
            f"INSERT INTO {table} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE"
            f" SELECT {', '.join(map(value, columns))}"
            f" FROM (SELECT * FROM {table} WHERE tenant_id = %s LIMIT 1) AS one, generate_series(1, {ROWS}) AS i"
            " ON CONFLICT DO NOTHING",
            TEAM,
        )
    superuser.run("RESET session_replication_role")
    superuser.run("ANALYZE")


@pytest.fixture(scope="module")
def old(world: World) -> World:
    """A team that came after the statistics, beside one that has nearly all rows."""
    grow_old(world.superuser)
    return world


@pytest.fixture(scope="module")
def planned(old: World) -> dict[str, Plans]:
    """What was planned for each function of the store."""
    caller = old.caller(TEAM, 0, reach=(TEAM,))
    caller.rows = twins.focused(old.superuser)
    return {name: plans_of(function, old, caller) for name, function in OF_STORE.items()}


def plans_of(function: Callable[..., Any], world: World, caller: Caller) -> Plans:
    plans = Plans(world.superuser)

    def before(_db: Any, cursor: Any, statement: str, parameters: Any, _context: Any, is_many: bool) -> None:
        plans.explain(statement, parameters[0] if is_many else parameters, cursor.connection)

    def call(db: Connection) -> None:
        db.exec_driver_sql("SELECT 1")  # statements are explained within the transaction that this begins
        event.listen(db, "before_cursor_execute", before)
        call_with(function, db, given)
        connection: Any = db.connection.driver_connection
        for statement in connection.at_commit:
            plans.explain(statement.decode(), None, connection)

    for row in [*caller.rows_for(function, dict(twins.VALUES))[:MOST_CALLS], {}]:
        caller.row = row
        given = caller.arguments(function)
        call_in(world, world.closed, TEAM, call, lambda _: None)
    return plans


def test_every_function_of_the_store_is_planned(planned: dict[str, Plans]) -> None:
    assert {name for name, of in planned.items() if not of.explained} <= UNREACHED <= set(planned)


def test_no_statement_reads_more_of_a_table_than_its_conditions_say(planned: dict[str, Plans]) -> None:
    assert {name: sorted(of.wrong) for name, of in planned.items() if of.wrong} == {}


def test_a_look_up_that_leans_on_statistics_of_teams_is_found(old: World) -> None:
    plans = Plans(old.superuser)
    ids = [str(uuid.UUID(int=number)) for number in range(6)]
    try:
        old.superuser.run("ALTER TABLE studio_generations ALTER tenant_id SET STATISTICS 100")
        old.superuser.run("ANALYZE studio_generations")
        with old.closed.tenant(TEAM) as db:
            by_id = "SELECT FROM studio_generations WHERE tenant_id = %s AND generation_id = ANY (%s::uuid[])"
            plans.explain(by_id, (TEAM, ids), db.connection.driver_connection)
    finally:
        old.superuser.run("ALTER TABLE studio_generations ALTER tenant_id SET STATISTICS 0")
        old.superuser.run("ANALYZE studio_generations")
    assert len(plans.wrong) == plans.looks_lists_up


def test_a_table_that_is_read_whole_is_found(old: World) -> None:
    plans = Plans(old.superuser)
    with old.closed.tenant(TEAM) as db:
        plans.explain(
            "SELECT FROM studio_generations WHERE prompt_version = '1'", None, db.connection.driver_connection
        )
    assert len(plans.wrong) == 1
