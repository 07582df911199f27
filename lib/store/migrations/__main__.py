"""``python -m lib.store.migrations``: bring the database of DATABASE_URL to the newest schema."""

from __future__ import annotations

import sys

from lib.errors import StudioError
from lib.settings import Settings
from lib.store.database import Database


def main() -> str | None:
    """Migrate; the returned sentence is what went wrong."""
    settings = Settings.from_environment()
    if settings.database_url is None:
        sys.stdout.write("DATABASE_URL is not set: the embedded database is brought up to date when the app starts.\n")
        return None
    database = Database(settings.database_url, settings.database_owner_url)
    try:
        database.migrate()
    except StudioError as error:
        return str(error)
    finally:
        database.close()
    sys.stdout.write("The database has the newest schema.\n")
    return None


if __name__ == "__main__":
    sys.exit(main())
