"""How a function is called in a test, and all that is seen of the call: its result as text, and what it changed."""

from __future__ import annotations

import contextlib
import inspect
import itertools
import re
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from lib.domain.errors import StudioError
from lib.store.database import Database
from lib.studio import Studio
from tests.support.patience import PATIENCE_S
from tests.support.walls import teams
from tests.support.walls.teams import TEAMS, Snapshot, render
from tests.support.walls.world import World

_NEW = re.compile(r"datetime\.datetime\([^)]*\)|month=Projection\(.*?\)\)| at 0x[0-9a-f]+|(revision|pk)=\d+|\b\d{16}\b")
_POOLED = ("ThreadPoolExecutor", "AnyIO")
"""Names of threads that go on when their work is done; a pool that a daemon's call fills has daemons."""
_USELESS = (AttributeError, TypeError, LookupError)
"""What a function raises that was given what no caller would give it, such as a generation without attempts."""


class _TakenBackError(Exception):
    """Ends a transaction without a trace."""


def with_arguments(function: Callable[..., Any], given: dict[str, Any]) -> Callable[[Any], Any]:
    """The function that takes nothing but the connection."""
    return lambda db: call_with(function, db, given)


def call_with(function: Callable[..., Any], first: Any, given: dict[str, Any]) -> Any:
    """The result of the function; what it takes as ``*names`` is a list."""
    parameters = list(inspect.signature(function).parameters.values())
    several = next((each.name for each in parameters if each.kind is inspect.Parameter.VAR_POSITIONAL), None)
    if several is None:
        return function(first, **given)
    before = [given[each.name] for each in itertools.takewhile(lambda each: each.name != several, parameters[1:])]
    named = {name: value for name, value in given.items() if name not in [each.name for each in parameters]}
    return function(first, *before, *given[several], **named)


def call_in(
    world: World,
    database: Database,
    team: str,
    call: Callable[[Any], Any],
    look: Callable[[Connection], Any] | None = None,
) -> tuple[str, Any]:
    """What a call returns or raises in a transaction of the team, and what ``look`` sees before it is taken back.

    Without ``look``, what the teams have. None: the statement failed.
    """
    result, after = "", None
    try:
        with database.tenant(team) as db:
            try:
                result = render(call(db))
            except StudioError as error:
                result = render(error)
            _send_what_waits(db)
            db.exec_driver_sql("RESET ROLE")
            after = look(db) if look else snapshot_of(world, db)
            raise _TakenBackError
    except _TakenBackError:
        pass
    except DBAPIError as error:
        result = f"{type(error.orig).__name__} {str(error.orig).splitlines()[0]}"
    except StudioError as error:  # the database takes no writing, or somebody has locked what is asked for
        result = render(error)
    except _USELESS as error:
        result = f"useless arguments: {error!r}"
    return result, after


def _send_what_waits(db: Connection) -> None:
    """Statements that a call leaves to the commit, see ``lib.store.database.at_commit``."""
    connection: Any = db.connection.driver_connection
    for statement in connection.at_commit:
        db.exec_driver_sql(statement.decode().replace("%", "%%"))
    connection.at_commit = ()


def snapshot_of(world: World, db: Connection) -> Snapshot:
    """What all teams have in the middle of a transaction."""
    return teams.read_snapshot(db.exec_driver_sql(world.superuser.snapshot_sql))


def call_studio(studio: Studio, function: Callable[..., Any], given: dict[str, Any]) -> str:
    """What a use case returns or raises, once everything that it set off has ended."""
    first = next(iter(inspect.signature(function).parameters))
    others = set(threading.enumerate())
    try:
        with contextlib.ExitStack() as transaction:
            if "db" in given:
                given = given | {"db": transaction.enter_context(given["db"])}
            result = call_with(function, studio.database if first == "database" else studio, given)
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


def without_clock(result: str) -> str:
    """The result without instants (in microseconds too), projections from the hour of the day, and what is numbered."""
    return _NEW.sub("…", result)


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
