"""The database and the disk: away, full, or not as the specification has them."""

from __future__ import annotations

from lib.domain.errors.base import StudioError


class DatabaseAway(StudioError):
    """The database cannot be reached, or does not answer in time."""

    code = "database_away"
    status = 503
    retryable = True


class DatabaseUnusable(DatabaseAway):
    """The database or the way to it refuses us: wrong password, missing right, unknown host; ``detail`` says which."""

    code = "database_unusable"


class DatabaseUrlUnreadable(StudioError):
    """``DATABASE_URL`` is not the address of a PostgreSQL database."""

    code = "database_url_unreadable"


class DatabaseBusy(StudioError):
    """A migration waited too long for a lock that another program holds."""

    code = "database_busy"
    status = 503
    retryable = True


class FiguresBeingCounted(StudioError):
    """A tenant's figures are being counted, and no earlier ones are at hand; the counting goes on by itself."""

    code = "figures_being_counted"
    status = 503
    retryable = True


class DatabaseRefused(StudioError):
    """The existing tables of a database do not fit the specification, so nothing was changed."""

    code = "database_refused"


class DatabaseNotStarted(StudioError):
    """The embedded PostgreSQL did not start; ``detail`` holds the last lines of its log."""

    code = "database_not_started"
    status = 503


class AnswerKept(StudioError):
    """An answer arrived and the database is away. The answer is in the spool, and recovery stores it."""

    code = "answer_kept"
    status = 503


class AnswerSetAside(StudioError):
    """A paid answer arrived and the database has no record of its request. The answer is set aside in the spool."""

    code = "answer_set_aside"
    status = 503


class NoRoom(StudioError):
    """The spool cannot be written, so no request was sent."""

    code = "no_room"
    status = 507
    retryable = True
