"""``python -m scripts.migration NAME``: begin the next revision of the database's schema, named in a few words."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from lib.store import migrations


def create(name: str, folder: Path = migrations.FOLDER) -> Path:
    """The new file, numbered after the newest revision. Raises ``ValueError`` for a name that makes no file name."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"{name!r} is no name for a revision: use small letters, digits and _, such as feed_votes.")
    scripts = migrations.scripts(folder)
    number = f"{int(scripts.get_current_head() or 0) + 1:04}"
    script = scripts.generate_revision(number, name.replace("_", " ").capitalize())
    if script is None:
        raise ValueError("Alembic made no revision.")
    return Path(script.path)


def main(arguments: list[str]) -> str | None:
    """Make the file, and say what comes next. Returns None, or the sentence that says what went wrong."""
    try:
        (name,) = arguments
        made = create(name)
    except ValueError as error:
        return f"{error}\nUsage: make migration NAME=feed_votes"
    print(made)
    print("Write its statements and the mapped tables in lib/store/tables/, then run: make test ARGS=tests/lib/store")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
