"""DATABASE_URL as people write it: each usual form becomes a URL that psycopg2 takes, or a sentence says why not."""

from __future__ import annotations

import re

import psycopg2
from psycopg2 import extensions
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from lib.domain.errors import DatabaseUrlUnreadable

EXPECTED = "postgresql://user:password@host:5432/database"
_DRIVER = "postgresql+psycopg2"  # a bare postgresql:// would be psycopg 3 to SQLAlchemy 2.1
_OF_OTHER_DRIVERS = frozenset(
    ("pgbouncer", "connection_limit", "pool_timeout", "socket_timeout", "statement_cache_size")
)
"""Parameters of Prisma and asyncpg that say how their own client behaves; ours needs none of them."""


def read(text: str) -> URL:
    """The URL of ``text``, which may be a URL of any driver, libpq's ``key=value`` form, or a JDBC URL.

    Quotes around it (of an .env file) are taken off; Prisma's and asyncpg's parameters are translated or left out.
    Raises ``DatabaseUrlUnreadable``, which never repeats the password.
    """
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1].strip()
    text = re.sub(r"^postgres(?=://)", "postgresql", text.removeprefix("jdbc:"))
    if "://" not in text:
        return _key_value(text)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise DatabaseUrlUnreadable(reason="it is no URL", expected=EXPECTED) from error
    if url.get_backend_name() != "postgresql":
        raise DatabaseUrlUnreadable(reason=f"it is of {url.get_backend_name()}, not of PostgreSQL", expected=EXPECTED)
    return _translated(url.set(drivername=_DRIVER))


def _key_value(text: str) -> URL:
    try:
        given = extensions.parse_dsn(text or "=")
    except psycopg2.ProgrammingError as error:
        raise DatabaseUrlUnreadable(reason="it is no URL", expected=EXPECTED) from error
    port = given.pop("port", None)
    return URL.create(
        _DRIVER,
        username=given.pop("user", None),
        password=given.pop("password", None),
        host=given.pop("host", None),
        port=int(port) if port and port.isdecimal() else None,
        database=given.pop("dbname", None),
        query=given,
    )


def _translated(url: URL) -> URL:
    query = {name: value if isinstance(value, str) else value[-1] for name, value in url.query.items()}
    ssl, schema = query.pop("ssl", None), query.pop("schema", None)
    if ssl is not None:
        query.setdefault("sslmode", {"true": "require", "false": "disable"}.get(ssl.lower(), ssl))
    if schema not in (None, "public"):
        raise DatabaseUrlUnreadable(reason=f"the tables are in the schema public, not in {schema}", expected=EXPECTED)
    query = {name: value for name, value in query.items() if name not in _OF_OTHER_DRIVERS}
    for name, value in query.items():
        try:
            extensions.parse_dsn(extensions.make_dsn(**{name: value}))
        except psycopg2.ProgrammingError as error:
            raise DatabaseUrlUnreadable(reason=f"PostgreSQL has no parameter {name}", expected=EXPECTED) from error
    return url.set(query=query)
