"""Teams at work through every function, use case and route: nothing of one team reaches another one.

A superuser reads the database beside them. All texts of a team name the team, so that what is returned can be told
apart; a count or a sum is compared with that of a database in which no other team has ever been.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import itertools
import random
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from psycopg2 import errors
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from lib import studio as studios
from lib.access import api_keys
from lib.api.application import api
from lib.demo.samples import TENANT as SAMPLES
from lib.domain.errors import DatabaseUnusable, StudioError
from lib.domain.feed_filter import FeedFilter
from lib.metrics import service
from lib.metrics.figures import View
from lib.store import functions, reconciliation
from lib.store.database import Database
from lib.studio import Studio
from lib.ui.core import cache
from tests.conftest import Postgres, new_database
from tests.support.architecture.tree import Tree
from tests.support.patience import PATIENCE_S
from tests.support.project import ROOT
from tests.support.serving import serving_api
from tests.support.walls import calls, teams
from tests.support.walls.calls import FOR_ALL_TEAMS, NOT_WALKED, UNREACHED, Caller
from tests.support.walls.teams import TEAMS, Superuser, render, without
from tests.support.walls.world import World

WALKED = {name: function for name, function in calls.functions().items() if name not in NOT_WALKED}
OF_STORE = {name: each for name, each in WALKED.items() if next(iter(inspect.signature(each).parameters)) == "db"}
OF_STUDIO = {name: each for name, each in WALKED.items() if name not in OF_STORE}
MODULES = sorted({name.rpartition(".")[0] for name in OF_STORE})
DRAWS = 2
GUARD = "nullif(current_setting('app.tenant_id', true), '') IS NULL"
NOBODY = "nobody-7q"
"""A team without a row."""


_POOLED = ("ThreadPoolExecutor", "AnyIO")
"""Names of threads that go on when their work is done; a pool that a daemon's call fills has daemons."""
_USELESS = (AttributeError, TypeError, LookupError)
"""What a function raises that was given what no caller would give it, such as a generation without attempts."""


class _TakenBackError(Exception):
    """Ends a transaction without a trace."""


def assert_of_nobody_else(world: World, team: str, result: str, given: Any, called: str) -> None:
    """The result names no other team, and no id of another team's that the caller has not named itself or has too."""
    named = repr(given)
    own = {value for of in world.ids.values() for value in of.get(team, [])}
    for other in TEAMS:
        if other != team:
            assert other in named or other not in result, (called, team, result[:2000])
            for column in ("instagram_feed_id", "job_id"):
                for value in {*world.ids[column].get(other, [])} - own:
                    assert str(value) not in result or str(value) in named, (called, team, column, result[:2000])


def with_arguments(function: Callable[..., Any], given: dict[str, Any]) -> Callable[[Any], Any]:
    return lambda db: function(db, **given)


def call_in(world: World, database: Database, team: str, call: Callable[[Any], Any]) -> tuple[str, Any]:
    """What a call returns or raises in a transaction of the team, and what the teams have before it is taken back."""
    result, after = "", None
    try:
        with database.tenant(team) as db:
            try:
                result = render(call(db))
            except StudioError as error:
                result = render(error)
            db.exec_driver_sql("RESET ROLE")
            after = teams.read_snapshot(db.exec_driver_sql(world.superuser.snapshot_sql))
            raise _TakenBackError
    except _TakenBackError:
        pass
    except DBAPIError as error:
        result = f"{type(error.orig).__name__} {str(error.orig).splitlines()[0]}"
    except DatabaseUnusable as error:  # a copy that takes no writing
        result = render(error)
    except _USELESS as error:
        result = f"useless arguments: {error!r}"
    return result, after


def test_every_function_is_walked() -> None:
    """A function whose arguments nobody can make, and a name on the list that is no function any more, fail here."""
    assert set(NOT_WALKED) | FOR_ALL_TEAMS <= set(calls.functions())
    assert len(OF_STORE) > 60
    assert len(OF_STUDIO) > 30


def functions_of(module: str) -> dict[str, Callable[..., Any]]:
    return {name: function for name, function in OF_STORE.items() if name.rpartition(".")[0] == module}


@pytest.mark.parametrize("walls", ["closed", "open"])
@pytest.mark.parametrize("module", MODULES)
def test_no_function_of_the_store_reaches_another_team(world: World, walls: str, module: str) -> None:
    """With the walls closed, the database keeps teams apart; with one role for everything, the conditions alone do."""
    database: Database = getattr(world, walls)
    refused: dict[str, str] = {}
    before, done = world.superuser.snapshot(), set()
    for name, function in functions_of(module).items():
        for draw in range(DRAWS):
            team = TEAMS[draw % len(TEAMS)]
            reach = ((team,), tuple(other for other in TEAMS if other != team))[draw]
            given = world.caller(team, draw, reach=reach).arguments(function)
            result, after = call_in(world, database, team, with_arguments(function, given))
            assert_of_nobody_else(world, team, result, given, name)
            assert after is None or without(after, team) == without(before, team), (name, team, given)
            if after is not None or re.match("(Unique|ForeignKey)Violation", result):
                refused.pop(name, None)
                done.add(name)
            elif name not in done:
                refused[name] = result
    assert refused.keys() <= UNREACHED, "these never came to their end: their arguments are of no use"


@pytest.mark.parametrize("module", MODULES)
def test_naming_a_team_is_not_being_it(world: World, module: str) -> None:
    """In a transaction of one team, what is asked of another one is answered as it is to a team without rows."""
    before = world.superuser.snapshot()
    for name, function in functions_of(module).items():
        if "tenant_id" not in inspect.signature(function).parameters:
            continue
        for draw in range(3):
            team, other = TEAMS[draw % 2], TEAMS[draw % 2 + 1]
            caller = world.caller(team, draw, reach=((team,), (other,))[draw % 2])
            given = {**caller.arguments(function), "tenant_id": other}
            if "filters" in given and draw == 2:
                given["filters"] = FeedFilter()  # which everything of another team would match
            result, after = call_in(world, world.closed, team, with_arguments(function, given))
            if "row-level security" in result:
                continue
            nobody, _ = call_in(world, world.closed, NOBODY, with_arguments(function, {**given, "tenant_id": NOBODY}))
            assert _alike(result) == _alike(nobody), (name, team, given)
            if after is not None:
                assert after == before, (name, team, given)


def _alike(result: str) -> str:
    """The result without what is new in each call: names of teams, ids that were drawn, and the clock."""
    for team in (*TEAMS, NOBODY):
        result = result.replace(team, "team")
    return _without_clock(re.sub(r"UUID\('[^']*'\)|[0-9a-f]{8}-[0-9a-f-]{27}", "…", result))


def _without_clock(result: str) -> str:
    """The result without instants, what is projected from the hour of the day, and what the process numbers."""
    return re.sub(r"datetime\.datetime\([^)]*\)|month=Projection\(.*?\)\)| at 0x[0-9a-f]+|revision=\d+", "…", result)


@pytest.mark.parametrize("module", MODULES)
def test_no_team_waits_for_another_one(world: World, module: str) -> None:
    """While a transaction of one team is open, the same call of another team goes through: locks are a team's own."""
    waiting: list[str] = []
    for name, function in functions_of(module).items():
        given, own = (
            world.caller(team, seed, reach=(team,)).arguments(function) for seed, team in enumerate(TEAMS[:2])
        )

        def call_both(first: Any, call: Any = function, given: Any = given, own: Any = own, name: str = name) -> None:
            call(first, **given)
            with world.open.tenant(TEAMS[1]) as second:
                second.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
                try:
                    call(second, **own)
                except StudioError:
                    pass
                except DBAPIError as error:
                    if isinstance(error.orig, errors.LockNotAvailable):
                        waiting.append(name)
                raise _TakenBackError

        call_in(world, world.open, TEAMS[0], call_both)
    assert waiting == []


@pytest.fixture(scope="module")
def copies(world: World, server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[World]]:
    """The database as it is, and the same without all teams but the first; both to be read only."""
    with with_and_without_others(world, server, tmp_path_factory.mktemp("copies")) as made:
        for copy in made:
            copy.superuser.run(f"ALTER DATABASE {copy.name} SET default_transaction_read_only = on")
            copy.studio.database = copy.open
        yield made


@pytest.mark.parametrize("module", sorted({name.rpartition(".")[0] for name in WALKED}))
def test_what_a_team_reads_is_what_it_would_read_alone(copies: list[World], module: str) -> None:
    """Counts, sums and lists, with the walls open, equal those of a copy from which all other teams are gone."""
    different = {}
    for name, function in WALKED.items():
        if name in FOR_ALL_TEAMS or "Prepared" in str(inspect.signature(function)) or not name.startswith(module):
            continue
        for draw in range(2):
            both = [read_by(copy, TEAMS[0], draw, name, function) for copy in copies]
            if both[0] != both[1]:
                different[name, draw] = both
    assert different == {}


def test_what_a_team_writes_is_what_it_would_write_alone(world: World, server: Postgres, tmp_path: Path) -> None:
    """Each table that a trigger follows is changed in each column, filled and emptied in part, and counted anew."""
    with with_and_without_others(world, server, tmp_path) as copies:
        written = []
        for copy in copies:
            copy.superuser.run("SELECT set_config('app.tenant_id', %s, false)", TEAMS[0])
            rows = [copy.superuser.touch(table, TEAMS[0]) for table in copy.superuser.with_triggers()]
            service.figures(copy.studio, TEAMS[0], View(calls.this_week()))
            reconciliation.reconcile(copy.studio.database)
            written.append({*itertools.chain(*rows, copy.superuser.rows_of(TEAMS[0]))})
    assert written[0] ^ written[1] == set()


@contextlib.contextmanager
def with_and_without_others(world: World, server: Postgres, folder: Path) -> Iterator[list[World]]:
    """Two copies of the database: as it is, and with the rows of the first team alone."""
    with contextlib.ExitStack() as stack:
        made = [stack.enter_context(copy_of(world, server, folder)) for _ in range(2)]
        alone = made[1].superuser
        alone.run("SET session_replication_role = replica")  # no trigger follows
        for table in alone.tables:
            alone.run(f"DELETE FROM {table} WHERE tenant_id <> %s", TEAMS[0])
        alone.run("RESET session_replication_role")
        yield made


@contextlib.contextmanager
def copy_of(world: World, server: Postgres, folder: Path) -> Iterator[World]:
    """A copy of the database, in which the ids of all teams are known."""
    for database in (world.open, world.closed):
        database.close()
    world.superuser.close()  # a database to which somebody is connected cannot be copied
    with new_database(server, world.name) as urls:
        world.superuser = Superuser(world.superuser.url)
        copy = World(server, make_url(urls.owner).database or "", folder)
        copy.ids = world.ids
        yield copy
        copy.close()


def read_by(copy: World, team: str, draw: int, name: str, function: Callable[..., Any]) -> str:
    try:
        given = copy.caller(team, draw, reach=((team,), TEAMS)[draw]).arguments(function)
    except (DBAPIError, DatabaseUnusable):
        return "ReadOnly: its arguments have to be written first"
    if name in OF_STORE:
        result, _ = call_in(copy, copy.open, team, with_arguments(function, given))
    else:
        result = call_studio(copy.studio, function, given)
    return _without_clock(result)


def call_studio(studio: Studio, function: Callable[..., Any], given: dict[str, Any]) -> str:
    first = next(iter(inspect.signature(function).parameters))
    others = set(threading.enumerate())
    try:
        with contextlib.ExitStack() as transaction:
            if "db" in given:
                given = given | {"db": transaction.enter_context(given["db"])}
            result = function(studio.database if first == "database" else studio, **given)
        _wait_for_threads_beside(others)  # they may still write into the result
        return render(result)
    except (StudioError, ValueError) as error:
        return render(error)
    except DBAPIError as error:
        return f"{type(error.orig).__name__} {str(error.orig).splitlines()[0]}"
    except Exception as error:
        return f"useless arguments: {error!r}"
    finally:
        _wait_for_threads_beside(others)


def _wait_for_threads_beside(others: set[threading.Thread]) -> None:
    for thread in set(threading.enumerate()) - others:
        is_own = thread.daemon and not thread.name.startswith(_POOLED)
        if is_own and thread.is_alive():  # what a call sets off in a thread of its own, once it has begun
            thread.join(PATIENCE_S)


def test_no_use_case_reaches_another_team(world: World) -> None:
    refused: dict[str, str] = {}
    done = set()
    for name, function in OF_STUDIO.items():
        for draw in range(DRAWS):
            team = TEAMS[draw % len(TEAMS)]
            world.ids = world.superuser.ids()
            given = world.caller(team, draw, reach=((team,), TEAMS)[draw]).arguments(function)
            before = world.snapshot()
            result = call_studio(world.studio, function, given)
            if "useless" not in result:
                refused.pop(name, None)
                done.add(name)
            elif name not in done:
                refused[name] = result
            if name not in FOR_ALL_TEAMS:
                assert_of_nobody_else(world, team, result, given, name)
                changed = without(world.snapshot(), team, SAMPLES)
                assert changed == without(before, team, SAMPLES), (name, team, given)
    assert world.superuser.mixed_rows() == []
    assert refused.keys() <= UNREACHED, "these never came to their end: their arguments are of no use"


OVER_ALL_TEAMS = {
    "studio_batch_lanes()": "",
    "studio_batches_due()": "",
    "studio_list_tenants()": "",
    "studio_list_unindexed()": "DELETE FROM studio_feed_index",
    "studio_silent_generations(0, 0)": "UPDATE studio_generations SET finished_at = NULL",
    "studio_teams_behind('', '', 'UTC', '', true)": "DELETE FROM studio_metric_states",
    "studio_unknown_tenants('-infinity')": "UPDATE studio_attempts SET outcome = 'unknown'",
}
"""Functions that name teams to who has named none, each with what gives it something to name."""


def test_every_function_over_all_teams_is_tried() -> None:
    guarded = [name for name in functions.names() if GUARD in (functions.FOLDER / f"{name}.sql").read_text("utf-8")]
    assert guarded == [call.partition("(")[0] for call in OVER_ALL_TEAMS]


@pytest.mark.parametrize("call", OVER_ALL_TEAMS)
def test_what_works_over_all_teams_answers_no_use_case_of_one(world: World, call: str) -> None:
    run = world.superuser.run
    run("BEGIN")
    try:
        if statement := OVER_ALL_TEAMS[call]:
            run(statement)
        assert run(f"SELECT * FROM {call}") != []
        run("SELECT set_config('app.tenant_id', %s, true)", TEAMS[0])
        assert run(f"SELECT * FROM {call}") == []
    finally:
        run("ROLLBACK")


@pytest.fixture
def clients(world: World) -> Iterator[dict[str, httpx2.Client]]:
    studios.use(world.studio)
    with serving_api() as address:
        made = {}
        for team in TEAMS:
            key = api_keys.create_key(world.studio, team, f"walk {uuid.uuid4().hex[:8]}").text
            made[team] = httpx2.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_S)
        yield made
        for client in made.values():
            client.close()
    studios.use(None)


def requests_of(world: World, caller: Caller) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """A request to each operation of the API's own document, with ids and names out of the caller's reach."""
    document = api.openapi()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parameters: dict[str, Any] = {}
            address = path
            for parameter in operation.get("parameters", []):
                value = _value_of(caller, document, parameter["name"], parameter["schema"])
                if parameter["in"] == "path":
                    address = address.replace(f"{{{parameter['name']}}}", str(value))
                elif parameter["in"] == "query" and (parameter.get("required") or caller.random.random() < 0.4):
                    parameters[parameter["name"]] = value
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            sent = {"params": parameters} | ({"json": _value_of(caller, document, "body", body)} if body else {})
            yield method.upper(), f"/api{address}", sent


def _value_of(caller: Caller, document: dict[str, Any], name: str, schema: dict[str, Any]) -> Any:
    while "$ref" in schema or "anyOf" in schema:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        else:
            schema = next(each for each in schema["anyOf"] if each.get("type") != "null")
    if name in ("tenant_id", "model"):
        return caller.random.choice(caller.reach) if name == "tenant_id" else "demo"
    column = {"feed_id": "instagram_feed_id"}.get(name, name)
    if column in caller.ids:
        return str(caller.id_of(column))
    if "enum" in schema or "const" in schema:
        return caller.random.choice(schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "object":
        chosen = {
            each: of
            for each, of in schema.get("properties", {}).items()
            if each in schema.get("required", []) or caller.random.random() < 0.3
        }
        return {each: _value_of(caller, document, each, of) for each, of in chosen.items()}
    if schema.get("type") == "array":
        return [_value_of(caller, document, name.removesuffix("s"), schema["items"])]
    by_format = {"date": "2026-11-01", "date-time": "2026-11-01T00:00:00Z", "uuid": str(uuid.uuid4())}
    if schema.get("format") in by_format:
        return by_format[schema["format"]]
    return {"integer": 64, "number": 1.0, "boolean": True}.get(schema.get("type", ""), f"a text of {caller.team}")


def test_no_route_of_the_api_reaches_another_team(world: World, clients: dict[str, httpx2.Client]) -> None:
    world.ids = world.superuser.ids()
    statuses = set()
    for draw in range(DRAWS * 2):
        team = TEAMS[draw % len(TEAMS)]
        caller = world.caller(team, draw, reach=((team,), TEAMS)[draw % 2])
        for method, path, sent in requests_of(world, caller):
            before = world.snapshot()
            answer = clients[team].request(method, path, **sent)
            statuses.add(answer.status_code)
            assert_of_nobody_else(world, team, answer.text, [path, sent], f"{method} {path}")
            assert without(world.snapshot(), team) == without(before, team), (method, path, sent)
    assert {200, 201, 404} <= statuses
    assert world.superuser.mixed_rows() == []


def test_teams_at_work_at_once_on_few_connections_stay_apart(world: World, clients: dict[str, httpx2.Client]) -> None:
    """Six threads on two connections: what one leaves behind on a connection is nothing to the next."""
    world.ids = world.superuser.ids()
    wrong: list[BaseException] = []

    def work(seed: int) -> None:
        drawn = random.Random(seed)
        try:
            for step in range(12):
                team = drawn.choice(TEAMS)
                caller = world.caller(team, seed * 100 + step)
                if step % 3 == 0:
                    method, path, sent = drawn.choice(list(requests_of(world, caller)))
                    answer = clients[team].request(method, path, **sent)
                    assert_of_nobody_else(world, team, answer.text, [path, sent], f"{method} {path}")
                    continue
                name = drawn.choice(sorted({*OF_STUDIO} - FOR_ALL_TEAMS))
                given = caller.arguments(OF_STUDIO[name])
                result = call_studio(world.studio, OF_STUDIO[name], given)
                assert_of_nobody_else(world, team, result, given, name)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert not wrong, wrong[0]
    assert world.superuser.mixed_rows() == []


CACHED = {name: each for name, each in vars(cache).items() if hasattr(each, "clear") and callable(each)}
"""Functions of the pages whose results are kept for all sessions."""


@pytest.mark.parametrize("name", CACHED)
def test_what_is_kept_for_one_team_is_shown_to_no_other(world: World, name: str) -> None:
    """Each team's data may have the same version, and each may ask with the same filter."""
    studios.use(world.studio)
    given = world.caller(TEAMS[0], 0, reach=(TEAMS[0],)).arguments(CACHED[name].__wrapped__)
    given = {"tenant_id": given.get("tenant_id"), **given, "filters": FeedFilter(), "endings": (), "version": 7}
    given = {each: given[each] for each in inspect.signature(CACHED[name].__wrapped__).parameters}
    for team in TEAMS:
        kept = CACHED[name](**{**given, "tenant_id": team})
        assert repr(kept) == repr(CACHED[name].__wrapped__(**{**given, "tenant_id": team})), team
    studios.use(None)


def test_everything_that_is_kept_is_kept_by_team() -> None:
    """What reads the database has the team among the parameters that Streamlit makes the key of."""
    for module in (module for module in Tree(ROOT).modules if "cache" in module.text):
        for function in (node for node in ast.walk(module.syntax) if isinstance(node, ast.FunctionDef)):
            keeps = any("cache" in ast.unparse(each) for each in function.decorator_list)
            if keeps and {"current", "tenant", "tenants", "studio"} & {
                node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in ast.walk(function)
            }:
                names = {parameter.arg for parameter in function.args.args}
                assert names & {"tenant_id", "tenants"}, f"{module.file}: {function.name}"
