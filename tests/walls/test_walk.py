"""Teams at work through every function, use case and route: nothing of one team reaches another one.

A superuser reads the database beside them. All texts of a team name the team, so that what is returned can be told
apart.
"""

from __future__ import annotations

import ast
import inspect
import random
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from lib import studio as studios
from lib.access import api_keys
from lib.api.application import api
from lib.demo.samples import TENANT as SAMPLES
from lib.domain.feed_filter import FeedFilter
from lib.ui.core import cache
from tests.support.architecture.tree import Tree
from tests.support.patience import PATIENCE_S
from tests.support.project import ROOT
from tests.support.serving import serving_api
from tests.support.walls import calls
from tests.support.walls.calling import assert_of_nobody_else, call_in, call_studio, with_arguments, without_clock
from tests.support.walls.calls import FOR_ALL_TEAMS, NOT_WALKED, UNREACHED, Caller
from tests.support.walls.teams import TEAMS, without
from tests.support.walls.world import World

WALKED = {name: function for name, function in calls.functions().items() if name not in NOT_WALKED}
OF_STORE = {name: each for name, each in WALKED.items() if calls.is_of_store(each)}
OF_STUDIO = {name: each for name, each in WALKED.items() if name not in OF_STORE}
MODULES = sorted({name.rpartition(".")[0] for name in OF_STORE})
DRAWS = 2
NOBODY = "nobody-7q"
"""A team without a row."""


def test_every_function_is_walked() -> None:
    """A function whose arguments nobody can make, and a name on the list that is no function any more, fail here."""
    assert set(NOT_WALKED) | FOR_ALL_TEAMS <= set(calls.functions())
    assert len(OF_STORE) > 60
    assert len(OF_STUDIO) > 30


def functions_of(module: str) -> dict[str, Callable[..., Any]]:
    return {name: function for name, function in OF_STORE.items() if name.rpartition(".")[0] == module}


@pytest.mark.parametrize("module", MODULES)
def test_no_function_of_the_store_reaches_another_team(world: World, module: str) -> None:
    """With the walls closed: ``test_twins.py`` has what holds while they are open."""
    refused: dict[str, str] = {}
    before, done = world.superuser.snapshot(), set()
    for name, function in functions_of(module).items():
        for draw in range(DRAWS):
            team = TEAMS[draw % len(TEAMS)]
            reach = ((team,), tuple(other for other in TEAMS if other != team))[draw]
            given = world.caller(team, draw, reach=reach).arguments(function)
            result, after = call_in(world, world.closed, team, with_arguments(function, given))
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
    return without_clock(re.sub(r"UUID\('[^']*'\)|[0-9a-f]{8}-[0-9a-f-]{27}", "…", result))


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


def test_no_route_tells_another_teams_id_from_one_that_nobody_has(
    world: World, clients: dict[str, httpx2.Client]
) -> None:
    """Status, text and headers are the same, so that nobody learns which ids other teams have."""
    different, missed = [], 0
    for seed in range(3):
        caller = world.caller(TEAMS[0], seed, reach=TEAMS[1:2])
        own = {value for of in world.ids.values() for value in of.get(TEAMS[0], [])}
        foreign = {value for of in world.ids.values() for value in of.get(TEAMS[1], []) if value not in own}
        caller.ids = {
            column: {TEAMS[1]: [value for value in of.get(TEAMS[1], []) if value in foreign]}
            for column, of in world.ids.items()
        }
        nobodys = {value: uuid.uuid5(uuid.NAMESPACE_OID, str(value)) for value in foreign}
        unknown = replace(caller, random=random.Random(seed))
        unknown.ids = {
            column: {team: [nobodys[value] for value in values] for team, values in of.items()}
            for column, of in caller.ids.items()
        }
        for asked, also in zip(requests_of(world, caller), requests_of(world, unknown), strict=True):
            said = [_said(clients[TEAMS[0]].request(method, path, **sent)) for method, path, sent in (asked, also)]
            missed += said[0].startswith("404")
            if said[0] != said[1]:
                different.append((asked, *said))
    assert different == []
    assert missed > 20


def _said(answer: httpx2.Response) -> str:
    if answer.is_success:  # what is new, or the team's own
        return str(answer.status_code)
    headers = {name: value for name, value in answer.headers.items() if name not in ("date", "content-length")}
    return f"{answer.status_code} {_alike(answer.text)} {headers}"


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
