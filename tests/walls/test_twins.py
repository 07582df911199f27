"""With the walls open, what a team reads and writes is what it would read and write if it were alone.

Two copies of a database are compared: in one, other teams have rows with the same ids as the team's, and other values;
in the other one they have none. So each condition of a statement has to keep teams apart by itself, as it must where a
managed database gives only one role.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import inspect
import itertools
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import DBAPIError

from lib.domain.errors import DatabaseUnusable, StudioError
from lib.metrics import service, settings
from lib.metrics.figures import View
from lib.store import functions, reconciliation, tenant_changes
from lib.store.database import Database
from lib.store.metrics.settings import MetricSettings, Price
from tests.conftest import Postgres, new_database
from tests.support.walls import calls, twins
from tests.support.walls.calling import call_in, call_studio, call_with, with_arguments, without_clock
from tests.support.walls.calls import FOR_ALL_TEAMS, NOT_WALKED, Caller
from tests.support.walls.teams import TEAMS, Superuser, read_snapshot, without
from tests.support.walls.twins import TEAM
from tests.support.walls.world import World

WALKED = {name: function for name, function in calls.functions().items() if name not in NOT_WALKED}
OF_STORE = {name: each for name, each in WALKED.items() if calls.is_of_store(each)}
OF_STUDIO = {name: each for name, each in WALKED.items() if name not in OF_STORE and name not in FOR_ALL_TEAMS}
MOST_ROWS = 20
"""Rows out of which a function of the store gets its arguments, one after another."""
FOR_A_PROCESS = {"lib.store.traffic.processes.see": "each process records itself, for all teams"}
"""What no two teams ever call with the same row."""
GUARD = "nullif(current_setting('app.tenant_id', true), '') IS NULL"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ELSEWHERE = "a team of neither copy"
_NO_SUCH_ROW = {"ForeignKeyViolation", "InFailedSqlTransaction"}
"""A row of the customer's names a job that the copy without other teams has not."""
_WRITTEN_TO = "SELECT relname FROM pg_stat_xact_user_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(\+00(:00)?|Z)?|(?<=_left.: )[\d.]+|\b\d{16}\b")
"""Instants, in microseconds too, and what flows into a bucket as time passes."""

OVER_ALL_TEAMS = [
    ("studio_batch_lanes()", "", True),
    (
        "studio_batch_lanes()",
        "UPDATE studio_batch_rows SET status = 'waiting',"
        " not_before = CASE WHEN tenant_id = %s THEN now() + interval '1 hour' END",
        False,
    ),
    ("studio_batches_due()", "", True),
    ("studio_batches_due()", "UPDATE studio_batches SET economy = true, ended_at = NULL, status = 'running'", True),
    ("studio_batches_due()", "DELETE FROM studio_batch_rows WHERE tenant_id = %s", True),
    ("studio_list_tenants()", "", True),
    ("studio_list_unindexed()", "DELETE FROM studio_feed_index WHERE tenant_id = %s", True),
    ("studio_list_unindexed()", "DELETE FROM studio_feed_index WHERE tenant_id <> %s", True),
    (
        "studio_list_unindexed()",
        "DELETE FROM studio_feed_index WHERE tenant_id = %s; UPDATE studio_feed_index SET latency_ms = latency_ms",
        True,
    ),
    (
        "studio_list_unindexed()",
        "DELETE FROM studio_feed_index AS i WHERE tenant_id = %s AND NOT EXISTS ("
        "SELECT FROM instagram_feeds AS f WHERE f.tenant_id = i.tenant_id AND f.instagram_feed_id = i.feed_id);"
        "UPDATE studio_feed_index SET latency_ms = latency_ms WHERE tenant_id = %s; SAVEPOINT younger;"
        "UPDATE studio_feed_states SET favourite = favourite WHERE tenant_id <> %s",
        False,
    ),
    ("studio_silent_generations(0, 0)", "UPDATE studio_generations SET finished_at = NULL", True),
    ("studio_teams_behind('', '', 'UTC', '', true)", "DELETE FROM studio_metric_states WHERE tenant_id = %s", True),
    (
        "studio_teams_behind('counting', 'edition', 'UTC', '', true)",
        "DELETE FROM studio_metric_changes WHERE tenant_id = %s;"
        "UPDATE studio_tenant_settings SET time_zone = CASE WHEN tenant_id = %s THEN 'UTC' ELSE 'Asia/Seoul' END;"
        "UPDATE studio_metric_states SET counted_as = 'counting · UTC ' || studio_zone_rules('UTC') || ' · edition'",
        False,
    ),
    ("studio_unknown_tenants('-infinity')", "UPDATE studio_attempts SET outcome = 'unknown'", True),
]
"""Functions that name teams to who has named none, each with what is changed first, and whether the team is named."""


def modules_of(functions: dict[str, Any]) -> list[str]:
    return sorted({name.rpartition(".")[0] for name in functions})


class Copy(World):
    """A copy, what the teams have in it, and the ids that rows had before anything was called."""

    def __init__(self, server: Postgres, name: str, folder: Path) -> None:
        super().__init__(server, name, folder)
        self.before = self.superuser.snapshot()
        self.known = {str(value) for of in self.ids.values() for values in of.values() for value in values}
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.everything = [
            (kind, row_id, created_at)
            for kind, table, column in (
                ("feed", "instagram_feeds", "instagram_feed_id"),
                ("attempt", "studio_attempts", "attempt_id"),
            )
            for row_id, created_at in self.superuser.run(f"SELECT {column}::text, created_at FROM {table}")
        ]
        """Captions and requests of all teams: kind, id, instant."""
        url = make_url(self.url).update_query_dict({"options": "-cdefault_transaction_read_only=on"})
        self.read_only = Database(url.render_as_string(hide_password=False), pool_size=2)
        self.studio.database = self.open

    def callers(self, function: Callable[..., Any], most: int, team: str = TEAM) -> list[Caller]:
        """The team, or another one, with arguments out of rows of the team's, and with any ids at last."""
        caller = self.caller(team, 0)
        caller.rows = self.rows
        rows = caller.rows_for(function, twins.VALUES)[:most]
        return [
            replace(caller, row=row, reach=((TEAM,), TEAMS)[draw % 2], random=random.Random(f"{team} {draw}"))
            for draw, row in enumerate([*rows, *[{}] * (1 if len(rows) >= most else 2 if rows else 8)])
        ]

    def changes(self, db: Connection) -> tuple[list[str], set[tuple[str, str]]]:
        """The team's rows in the tables that the transaction has changed, and where it has changed others' rows."""
        written = sorted({*db.exec_driver_sql(_WRITTEN_TO).scalars()} & self.superuser.tables.keys())
        if not written:
            return [], set()
        after = read_snapshot(db.exec_driver_sql(Superuser.snapshot_sql_of(written)))
        changed = {key for key, _ in after.items() ^ self.before.items() if key[0] in written}
        rows = [
            db.exec_driver_sql(self.superuser.rows_sql(table), (TEAM,)).scalars()
            for table, team in sorted(changed)
            if team == TEAM
        ]
        return self.comparable(itertools.chain(*rows)), {key for key in changed if key[1] != TEAM}

    def comparable(self, rows: Iterable[str]) -> list[str]:
        """Rows without instants and without the ids that were drawn for them."""
        return sorted(
            _INSTANT.sub("…", _UUID.sub(lambda of: of[0] if of[0] in self.known else "new", row)) for row in rows
        )


@pytest.fixture(scope="module")
def copies(
    server: Postgres, twinned: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Copy, Copy]]:
    """The team among its twins, and alone."""
    with new_database(server, twinned[0]) as among, new_database(server, twinned[1]) as alone:
        folder = tmp_path_factory.mktemp("twins")
        made = tuple(Copy(server, make_url(urls.owner).database or "", folder) for urls in (among, alone))
        rows = twins.focused(made[0].superuser)
        for copy in made:
            copy.ids, copy.known, copy.rows = made[0].ids, made[0].known, rows
        yield made[0], made[1]
        for copy in made:
            copy.close()


@pytest.mark.parametrize("module", modules_of(OF_STORE))
def test_a_function_of_the_store_does_what_it_would_do_alone(copies: tuple[Copy, Copy], module: str) -> None:
    different = {}
    for name, function in OF_STORE.items():
        if name.rpartition(".")[0] != module:
            continue
        for draw, callers in enumerate(zip(*(copy.callers(function, MOST_ROWS) for copy in copies), strict=True)):
            seen: list[tuple[list[str], list[str]]] = []
            for copy, caller in zip(copies, callers, strict=True):
                given = caller.arguments(function)
                result, after = call_in(copy, copy.open, TEAM, with_arguments(function, given), copy.changes)
                own, others = after or ([], set())
                assert others == set(), (name, given)
                seen.append((copy.comparable(parts_of(result)), own))
            if seen[0] != seen[1] and not _NO_SUCH_ROW & {*seen[1][0]}:
                different[name, draw] = unlike(*seen)
    assert different == {}


def parts_of(result: str) -> list[str]:
    """The result without the clock and the order, which PostgreSQL promises only where a statement asks for it."""
    return sorted(re.split(r"[\s,(){}\[\]]+", without_clock(result)))


def unlike(one: tuple[list[str], list[str]], other: tuple[list[str], list[str]]) -> list[str]:
    """What either has more of than the other one."""
    return [
        f"{sign} {line}"
        for has, lacks in zip(one, other, strict=True)
        for sign, lines in (("+", Counter(has) - Counter(lacks)), ("-", Counter(lacks) - Counter(has)))
        for line in lines.elements()
    ]


@pytest.mark.parametrize("module", modules_of(OF_STUDIO))
def test_a_use_case_answers_as_it_would_alone(copies: tuple[Copy, Copy], module: str) -> None:
    """On databases that take no writing, so that what is drawn for new rows does not tell them apart."""
    different = {}
    for name, function in OF_STUDIO.items():
        if name.rpartition(".")[0] != module or "Prepared" in str(inspect.signature(function)):
            continue
        for draw, callers in enumerate(zip(*(copy.callers(function, 2) for copy in copies), strict=True)):
            seen = [answer_of(copy, caller, function) for copy, caller in zip(copies, callers, strict=True)]
            if parts_of(seen[0]) != parts_of(seen[1]):
                different[name, draw] = unlike(*((parts_of(each), []) for each in seen))
    assert different == {}


def answer_of(copy: Copy, caller: Caller, function: Callable[..., Any]) -> str:
    copy.studio.database = copy.read_only
    try:
        given = caller.arguments(function)
        return without_clock(call_studio(copy.studio, function, given))
    except (DBAPIError, DatabaseUnusable):
        return "its arguments have to be written first"
    finally:
        copy.studio.database = copy.open


@pytest.mark.parametrize("module", modules_of(OF_STORE))
def test_no_team_waits_for_another_one(copies: tuple[Copy, Copy], module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another team's transaction of the same call is open, a call does what it does otherwise."""
    monkeypatch.setattr(tenant_changes, "MOST_ROWS", 0)  # so that the rows are added up, under a lock
    copy, different = copies[0], {}
    for name, function in OF_STORE.items():
        if name.rpartition(".")[0] != module or name in FOR_A_PROCESS:
            continue
        pairs = zip(copy.callers(function, 1), copy.callers(function, 1, TEAMS[0]), strict=True)
        for draw, callers in enumerate(pairs):
            own, other = (caller.arguments(function) for caller in callers)

            seen: list[Any] = []

            def call(db: Connection, function: Any = function, own: Any = own) -> Any:
                db.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
                return call_with(function, db, own)

            def call_both(first: Any, function: Any = function, other: Any = other, call: Any = call) -> None:
                with contextlib.suppress(StudioError):
                    call_with(function, first, other)
                observe(call)

            def observe(call: Any, seen: list[Any] = seen) -> None:
                result, after = call_in(copy, copy.open, TEAM, call, copy.changes)
                seen.append((copy.comparable(parts_of(result)), after[0] if after else []))

            observe(call)
            call_in(copy, copy.open, TEAMS[0], call_both)
            if seen[0] != seen[-1]:  # there is one where the other team's call failed
                different[name, draw] = unlike(seen[0], seen[-1])
    assert different == {}


def test_what_a_team_counts_and_stores_is_what_it_would_alone(
    server: Postgres, twinned: tuple[str, str], tmp_path: Path
) -> None:
    """Each table that a trigger follows is changed in each column, filled and emptied in part; then all is counted."""
    with new_database(server, twinned[0]) as among, new_database(server, twinned[1]) as alone:
        both = [Copy(server, make_url(urls.owner).database or "", tmp_path) for urls in (among, alone)]
        both[1].known, both[1].everything = both[0].known, both[0].everything
        for number, step in enumerate(STEPS):
            told = [step(copy) for copy in both]
            assert unlike(*((parts_of(str(each)), []) for each in told)) == [], number
            rows = [copy.comparable(copy.superuser.rows_of(TEAM)) for copy in both]
            assert unlike(*((each, []) for each in rows)) == [], number
            assert without(both[0].snapshot(), TEAM) == without(both[0].before, TEAM), number
        for copy in both:
            copy.close()


def _figures(copy: Copy) -> str:
    return without_clock(repr(service.figures(copy.studio, TEAM, View(calls.this_week()))))


def _touch(copy: Copy) -> list[list[str]]:
    copy.superuser.run("SELECT set_config('app.tenant_id', %s, false)", TEAM)
    return [copy.superuser.touch(table, TEAM) for table in copy.superuser.with_triggers()]


def _mend_of_all_teams(copy: Copy) -> str:
    mended = reconciliation.reconcile(copy.open)
    copy.before = copy.snapshot()
    return str(mended[TEAM])


def _count_what_others_own(copy: Copy) -> None:
    """Wait to be counted: every caption and every request of all teams, as if it were the team's."""
    copy.superuser.run(
        "INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at) SELECT %s, kind, row_id, created_at"
        " FROM unnest(%s::text[], %s::uuid[], %s::timestamptz[]) AS waiting (kind, row_id, created_at)",
        TEAM, *map(list, zip(*copy.everything, strict=True)),
    )  # fmt: skip


def _count_again(copy: Copy) -> None:
    copy.superuser.run(
        "INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)"
        " SELECT tenant_id, kind, row_id, created_at FROM studio_metric_facts WHERE tenant_id = %s",
        TEAM,
    )


def _delete_requests(copy: Copy) -> None:
    """Every other one, which is not counted before all is counted from the beginning."""
    copy.superuser.run(
        "DELETE FROM studio_attempts WHERE tenant_id = %s AND ascii(right(attempt_id::text, 1)) %% 2 = 0", TEAM
    )


def _mend_from_the_beginning(copy: Copy) -> str:
    copy.superuser.run("SELECT set_config('app.tenant_id', %s, false)", TEAM)
    return str(copy.superuser.run("SELECT studio_reconcile_feeds(%s, true)", TEAM))


def _let_a_caption_come_and_go(copy: Copy, name: str) -> None:
    """Between two counts; where there are others, one has counted one of this id, and waits to count it again."""
    run = copy.superuser.run
    counted = (
        "SELECT min(row_id::text)::uuid FROM studio_metric_facts AS m JOIN instagram_feeds AS i"
        " ON i.tenant_id = m.tenant_id AND i.instagram_feed_id = m.row_id WHERE m.tenant_id = %s AND m.kind = 'feed'"
    )
    run(
        "INSERT INTO instagram_feeds SELECT (jsonb_populate_record(f, jsonb_build_object('instagram_feed_id', md5(%s)"
        f"::uuid))).* FROM instagram_feeds AS f WHERE instagram_feed_id = ({counted})",
        name, TEAM,
    )  # fmt: skip
    run("DELETE FROM instagram_feeds WHERE instagram_feed_id = md5(%s)::uuid", name)
    if any(team == TEAMS[0] for _, team in copy.before):
        run(
            "INSERT INTO studio_metric_facts SELECT (jsonb_populate_record(f, jsonb_build_object("
            "'tenant_id', %s, 'row_id', md5(%s)::uuid, 'kind', other, 'prompt', 999))).*"
            " FROM unnest(ARRAY['feed', 'deleted']) AS other, studio_metric_facts AS f"
            f" WHERE tenant_id = %s AND row_id = ({counted})",
            TEAMS[0], name, TEAM, TEAM,
        )  # fmt: skip
        run(
            "INSERT INTO studio_metric_changes (tenant_id, kind, row_id, is_new) VALUES (%s, 'deleted', md5(%s)::uuid,"
            " true)",
            TEAMS[0], name,
        )  # fmt: skip
        copy.before = copy.snapshot()


def _delete_every_caption(copy: Copy) -> None:
    run = copy.superuser.run
    run("CREATE UNLOGGED TABLE kept AS SELECT * FROM instagram_feeds WHERE tenant_id = %s", TEAM)
    run("DELETE FROM instagram_feeds WHERE tenant_id = %s", TEAM)


def _bring_them_back(copy: Copy) -> None:
    """Where there are others, what was spent on captions of these ids is remembered for them too."""
    run = copy.superuser.run
    run("INSERT INTO instagram_feeds SELECT * FROM kept")
    if any(team == TEAMS[0] for _, team in copy.before):
        run(
            "INSERT INTO studio_metric_facts SELECT (jsonb_populate_record(f, jsonb_build_object('tenant_id', %s))).*"
            " FROM studio_metric_facts AS f WHERE tenant_id = %s AND kind = 'deleted' ON CONFLICT DO NOTHING",
            TEAMS[0],
            TEAM,
        )
        copy.before = copy.snapshot()


def _give_a_caption_away(copy: Copy) -> None:
    """A caption gets another id, and then one another team: index and checks follow, and leave nothing behind."""
    run = copy.superuser.run
    first = "(SELECT min(instagram_feed_id::text)::uuid FROM instagram_feeds WHERE tenant_id = %s)"
    run(f"UPDATE instagram_feeds SET instagram_feed_id = md5('new')::uuid WHERE instagram_feed_id = {first}", TEAM)
    given = f"UPDATE instagram_feeds SET tenant_id = %s WHERE instagram_feed_id = {first} RETURNING instagram_feed_id"
    [(feed_id,)] = run(given, ELSEWHERE, TEAM)
    for table in ("studio_feed_index", "studio_feed_findings"):
        of_feed = f"SELECT tenant_id FROM {table} WHERE feed_id = %s AND tenant_id IN (%s, %s)"
        assert run(of_feed, feed_id, TEAM, ELSEWHERE) == [(ELSEWHERE,)], table
    assert run("SELECT count(*) FROM studio_tenants WHERE tenant_id = %s", ELSEWHERE) == [(1,)]
    assert without(copy.snapshot(), TEAM, ELSEWHERE) == without(copy.before, TEAM)
    run("DELETE FROM instagram_feeds WHERE tenant_id = %s", ELSEWHERE)
    copy.before = copy.snapshot()


STEPS: list[Callable[[Copy], Any]] = [
    _figures,
    _give_a_caption_away,
    _touch,
    _figures,
    lambda copy: _let_a_caption_come_and_go(copy, "counted"),
    _figures,
    _count_again,
    _figures,
    _count_what_others_own,
    _figures,
    _mend_of_all_teams,
    _mend_from_the_beginning,
    lambda copy: settings.set_price(
        copy.studio, TEAM, Price("demo", dt.date(2026, 1, 1), Decimal(9), Decimal(9), Decimal(9))
    ),
    _figures,
    lambda copy: _let_a_caption_come_and_go(copy, "counted again"),
    _delete_requests,
    lambda copy: settings.save_settings(copy.studio, TEAM, MetricSettings("Europe/Paris")),
    _figures,
    _delete_every_caption,
    _figures,
    _bring_them_back,
    _figures,
]


@pytest.mark.parametrize(("call", "first", "is_named"), OVER_ALL_TEAMS)
def test_what_works_over_all_teams_says_of_a_team_what_it_would_say_alone(
    copies: tuple[Copy, Copy], call: str, first: str, is_named: bool
) -> None:
    seen = []
    for copy in copies:
        run = copy.superuser.run
        run("BEGIN; SET LOCAL session_replication_role = replica")
        try:
            if first:
                run(first, *[TEAM] * first.count("%s"))
            seen.append(
                without_clock(
                    repr([row for row in run(f"SELECT t::text FROM {call} AS t ORDER BY 1") if TEAM in row[0]])
                )
            )
            run("SELECT set_config('app.tenant_id', %s, true)", TEAM)
            assert run(f"SELECT * FROM {call}") == [], "a transaction that has named a team gets no answer"
        finally:
            run("ROLLBACK")
    assert seen[0] == seen[1]
    assert (seen[0] != "[]") is is_named


def test_every_function_over_all_teams_is_tried() -> None:
    guarded = [name for name in functions.names() if GUARD in (functions.FOLDER / f"{name}.sql").read_text("utf-8")]
    assert guarded == sorted({call.partition("(")[0] for call, *_ in OVER_ALL_TEAMS})
