"""Reading more rows than fit into memory: a server-side cursor within a tenant's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, Select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement, Executable

AT_A_TIME = 500
"""Rows that are fetched in one round trip, and all that are held."""


def stream(db: Connection, statement: Select[Any], at_a_time: int = AT_A_TIME) -> Iterator[Row[Any]]:
    """The rows of a statement as they were when the first was asked for; only ``at_a_time`` are ever in memory.

    They end with the transaction of ``db``. SQLAlchemy's own ``stream_results`` needs a transaction that psycopg2
    began, and ours begins with a statement (:func:`lib.store.database._name_the_tenant`).
    """
    cursor = f"studio_export_{uuid.uuid4().hex}"
    db.execute(_Declare(cursor, statement))
    fetch = text(f"FETCH FORWARD {at_a_time:d} FROM {cursor}").columns(*statement.selected_columns)
    while rows := db.execute(fetch).all():
        yield from rows
    db.exec_driver_sql(f"CLOSE {cursor}")


class _Declare(Executable, ClauseElement):
    """``DECLARE`` for a statement with its parameters."""

    inherit_cache = False

    def __init__(self, cursor: str, statement: Select[Any]) -> None:
        self.cursor, self.statement = cursor, statement


@compiles(_Declare)
def _declare(element: _Declare, compiler: SQLCompiler, **options: Any) -> str:
    return f"DECLARE {element.cursor} NO SCROLL CURSOR FOR {compiler.process(element.statement, **options)}"
