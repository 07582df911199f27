"""The owner of the tables can change, move and drop them, and whatever they do is in lists and searches."""

from __future__ import annotations

import contextlib
import math
import random
import string
import time
import unicodedata
from typing import Any

import psycopg2
import pytest
from psycopg2 import extensions
from sqlalchemy import make_url

from lib.domain.errors import DatabaseRefused
from lib.domain.feed_filter import FeedFilter
from lib.store import feed_listing, feed_versions, feeds
from lib.store.database import Database
from tests.conftest import Connections, InsertBySql, RunSql, Urls
from tests.support.removal import REMOVAL

COLUMNS = "tenant_id, refined_ad_copy_eng, tone_style, product_description, store_information, gpt_prompt, hashtags"


def texts(database: Database, **filters: Any) -> Any:
    with database.tenant("acme") as db:
        return sorted(row.instagram_ad_copy for row in feed_listing.page(db, "acme", FeedFilter(**filters)).rows)


@pytest.mark.parametrize(
    ("column", "new_type", "fits"),
    [
        ("instagram_ad_copy", "varchar", True),
        ("gpt_model_name", "text", True),
        ("tenant_id", "text", True),
        ("tone_style", "varchar(100)", False),
        ("hashtags", "varchar(2000)", False),
        ("latency_ms", "numeric", False),
        ("gpt_max_tokens", "bigint", False),
    ],
)
def test_the_type_of_a_column_can_be_changed_and_other_programs_write_on(
    database: Database,
    database_urls: Urls,
    as_owner: RunSql,
    of_owner: Connections,
    insert_by_sql: InsertBySql,
    column: Any,
    new_type: Any,
    fits: Any,
) -> None:
    feed_id = insert_by_sql(instagram_ad_copy="처음", gpt_model_name="m")
    as_owner(f"ALTER TABLE instagram_feeds ALTER COLUMN {column} TYPE {new_type}")
    of_owner.close()  # PostgreSQL refuses a session's own plans for the old type: who has written connects anew
    as_owner("UPDATE instagram_feeds SET instagram_ad_copy = '다음'")
    insert_by_sql(instagram_ad_copy="새 글", gpt_model_name="m", latency_ms=12.5)
    assert texts(database, text="다음") == ["다음"]
    assert texts(database, model="m") == ["다음", "새 글"]
    with database.tenant("acme") as db:
        assert [version.kind for version in feed_versions.of_feed(db, "acme", feed_id)] == ["outside", "original"]
    with contextlib.nullcontext() if fits else pytest.raises(DatabaseRefused, match=column):
        database.migrate()


def test_a_column_can_be_added_and_dropped_again(
    database: Database, as_owner: RunSql, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql(instagram_ad_copy="처음")
    as_owner("ALTER TABLE instagram_feeds ADD COLUMN campaign text DEFAULT 'c', ADD COLUMN clicks int")
    feed_id = insert_by_sql(instagram_ad_copy="다음", campaign="d")
    as_owner("UPDATE instagram_feeds SET clicks = 1")
    as_owner("ALTER TABLE instagram_feeds DROP COLUMN campaign")
    as_owner("UPDATE instagram_feeds SET instagram_ad_copy = '고침' WHERE instagram_feed_id = %s", feed_id)
    assert texts(database) == ["고침", "처음"]
    with database.tenant("acme") as db:
        assert feeds.get(db, "acme", feed_id).instagram_ad_copy == "고침"


def test_after_the_documented_removal_the_table_can_be_dropped(
    database: Database, as_owner: RunSql, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql(instagram_ad_copy="내 글")
    as_owner(REMOVAL)
    left = as_owner("SELECT relname FROM pg_class WHERE relname LIKE 'studio%'")
    left += as_owner("SELECT proname FROM pg_proc WHERE proname LIKE 'studio%'")
    left += as_owner("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'studio%'")
    left += as_owner("SELECT policyname FROM pg_policies")
    left += as_owner("SELECT relname FROM pg_class WHERE relrowsecurity")
    assert left == []
    insert_by_sql(instagram_ad_copy="다음 글")
    assert as_owner("SELECT count(*) FROM instagram_feeds") == [(2,)]
    as_owner("DROP TABLE instagram_feeds")


def test_a_database_that_was_cleared_is_adopted_anew(
    database: Database, as_owner: RunSql, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql(instagram_ad_copy="내 글")
    as_owner(REMOVAL)
    database.migrate()
    assert texts(database, text="내 글") == ["내 글"]


@pytest.mark.parametrize("signs", ["가나다라마바사아자차카타파하 이그저오늘은커피빵맛집", string.ascii_letters])
def test_a_caption_of_a_million_characters_takes_little_more_than_twice_its_time_without_us(
    database: Database, as_owner: RunSql, signs: Any
) -> None:
    """Where nothing waits for a disk, as here, the row itself takes least."""
    text = "".join(random.Random(7).choices(signs, k=1_000_000))
    most, fastest = 2.5, {"DISABLE": math.inf, "ENABLE": math.inf}
    for number in range(1, 21):  # another process may hold the machine up in the middle of any of them
        for triggers in ("DISABLE", "ENABLE"):
            as_owner(f"ALTER TABLE instagram_feeds {triggers} TRIGGER USER")
            began = time.perf_counter()
            as_owner(f"INSERT INTO instagram_feeds ({COLUMNS}, instagram_ad_copy) "
                     "VALUES ('acme', '', 't', '', '', '', '', %s)", text)  # fmt: skip
            fastest[triggers] = min(fastest[triggers], time.perf_counter() - began)
        if number >= 5 and fastest["ENABLE"] < most * fastest["DISABLE"]:
            break
    assert fastest["ENABLE"] < most * fastest["DISABLE"]
    assert texts(database)


def test_the_beginning_of_a_long_text_is_searched(database: Database, insert_by_sql: InsertBySql) -> None:
    insert_by_sql(instagram_ad_copy="처음" + "가" * 4_990 + "끝" + "나" * 100_000)
    assert len(texts(database, text="처음")) == len(texts(database, text="끝")) == 1


def test_copy_merge_and_truncate_are_followed(database: Database, database_urls: Urls, as_owner: RunSql) -> None:
    url = make_url(database_urls.owner).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg2.connect(url) as db, db.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE rows AS SELECT '복사 ' || n AS copy FROM generate_series(1, 3) AS n")
        cursor.execute(f"INSERT INTO instagram_feeds ({COLUMNS}, instagram_ad_copy) "
                       "SELECT 'acme', '', 't', '', '', '', '', copy FROM rows WHERE copy = '복사 1'")  # fmt: skip
        if db.server_version >= 150_000:  # the first that has MERGE
            cursor.execute("MERGE INTO instagram_feeds AS f USING rows ON f.instagram_ad_copy = rows.copy "
                           "WHEN MATCHED THEN UPDATE SET instagram_ad_copy = '합침' "
                           f"WHEN NOT MATCHED THEN INSERT ({COLUMNS}, instagram_ad_copy) "
                           "VALUES ('acme', '', 't', '', '', '', '', rows.copy)")  # fmt: skip
        else:
            cursor.execute("UPDATE instagram_feeds SET instagram_ad_copy = '합침'")
            cursor.execute(f"INSERT INTO instagram_feeds ({COLUMNS}, instagram_ad_copy) "
                           "SELECT 'acme', '', 't', '', '', '', '', copy FROM rows WHERE copy <> '복사 1'")  # fmt: skip
    db.close()
    assert texts(database) == ["복사 2", "복사 3", "합침"]
    as_owner("TRUNCATE instagram_feeds CASCADE")
    assert texts(database) == []


def test_serializable_transactions_of_writers_do_not_fail_because_of_us(
    database: Database, database_urls: Urls
) -> None:
    url = make_url(database_urls.owner).set(drivername="postgresql").render_as_string(hide_password=False)
    connections = [psycopg2.connect(url) for _ in range(2)]
    for number, db in enumerate(connections):
        db.set_session(isolation_level=extensions.ISOLATION_LEVEL_SERIALIZABLE)
        with db.cursor() as cursor:
            cursor.execute(f"INSERT INTO instagram_feeds ({COLUMNS}, instagram_ad_copy) "
                           "VALUES ('acme', '', 't', '', '', '', '', %s)", (f"글 {number}",))  # fmt: skip
    for db in connections:
        db.commit()
        db.close()
    assert texts(database) == ["글 0", "글 1"]


def test_a_decomposed_text_is_found_though_it_is_stored_as_it_came(
    database: Database, insert_by_sql: InsertBySql
) -> None:
    insert_by_sql(instagram_ad_copy=unicodedata.normalize("NFD", "한강 야경"))
    assert len(texts(database, text="한강")) == 1
