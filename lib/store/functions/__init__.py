"""The current text of every function and trigger in the database, one ``.sql`` file for each function.

The file of a trigger function also makes its triggers and takes away the right to call it. A revision that changes a
function edits its file and loads it. A test compares what the revisions made with the files, so a file that was edited
and never loaded fails it.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

FOLDER = Path(__file__).parent


def names(folder: Path = FOLDER) -> list[str]:
    """The names of all functions that have a file, sorted."""
    return sorted(path.stem for path in folder.glob("*.sql"))


def load(db: Connection, *functions: str, folder: Path = FOLDER) -> None:
    """Make these functions and their triggers what their files say, in the transaction of ``db``.

    ``{schema}`` in a file becomes the schema that holds the tables. PostgreSQL does not check the bodies, because an
    earlier revision may load a function before the tables that it reads exist. Raises ``FileNotFoundError`` for a name
    without a file.
    """
    schema = db.exec_driver_sql(
        "SELECT set_config('check_function_bodies', 'off', true), quote_ident(current_schema())"
    )
    quoted = schema.one()[1]
    for function in functions:
        text = (folder / f"{function}.sql").read_text(encoding="utf-8")
        db.exec_driver_sql(text.replace("{schema}", quoted).replace("%", "%%"))
