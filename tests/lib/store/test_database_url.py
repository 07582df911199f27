"""The forms in which people write DATABASE_URL."""

from __future__ import annotations

import pytest

from lib.domain.errors import DatabaseUrlUnreadable
from lib.store.database_url import read

HOST = "db.example.com:5433/feeds"


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://app:s%40crt@{HOST}",
        f"postgres://app:s%40crt@{HOST}",
        f"postgresql+asyncpg://app:s%40crt@{HOST}",
        f"postgresql+psycopg://app:s%40crt@{HOST}",
        f"'postgresql://app:s%40crt@{HOST}'",
        f' "postgresql://app:s%40crt@{HOST}" ',
        f"jdbc:postgresql://app:s%40crt@{HOST}",
        f"postgresql://app:s%40crt@{HOST}?pgbouncer=true&connection_limit=1&schema=public",
        "host=db.example.com port=5433 dbname=feeds user=app password='s@crt'",
    ],
)
def test_each_usual_form_names_the_same_database(text: str) -> None:
    url = read(text)
    assert (url.username, url.password, url.host, url.port, url.database) == (
        "app",
        "s@crt",
        "db.example.com",
        5433,
        "feeds",
    )
    assert url.drivername == "postgresql+psycopg2"
    assert not url.query


@pytest.mark.parametrize(
    ("ssl", "sslmode"), [("disable", "disable"), ("true", "require"), ("verify-full", "verify-full")]
)
def test_the_ssl_of_another_driver_is_translated(ssl: str, sslmode: str) -> None:
    assert read(f"postgresql+asyncpg://{HOST}?ssl={ssl}").query == {"sslmode": sslmode}


def test_what_libpq_knows_is_kept() -> None:
    assert read(f"postgresql://{HOST}?sslmode=require&target_session_attrs=read-write").query == {
        "sslmode": "require",
        "target_session_attrs": "read-write",
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no URL"),
        ("feeds", "no URL"),
        ("sqlite:///here.db", "sqlite"),
        ("mysql://app:secret@host/db", "mysql"),
        (f"postgresql://app:secret@{HOST}?schema=sales", "schema public, not in sales"),
        (f"postgresql://app:secret@{HOST}?no_such_thing=1", "no parameter no_such_thing"),
        ("postgresql://app:secret@host:port/db", "no URL"),
    ],
)
def test_what_cannot_be_used_is_told_without_the_password(text: str, reason: str) -> None:
    with pytest.raises(DatabaseUrlUnreadable, match=reason) as raised:
        read(text)
    assert "secret" not in str(raised.value)
    assert "postgresql://user:password@host:5432/database" in str(raised.value)
