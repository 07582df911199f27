"""A database that somebody else made is adopted as it is, or refused before anything was changed."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from sqlalchemy import make_url

from lib.domain.brief import Brief
from lib.domain.errors import DatabaseBusy, DatabaseRefused
from lib.store import database as database_module
from lib.store import feeds, tenants
from lib.store.database import Database
from lib.store.migrations import VERSION_TABLE, newest
from lib.store.tables import Base
from tests.conftest import RunSql, Urls
from tests.support import commands
from tests.support.adopted import JOBS

NEW_UUID = "CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'"


OVERLAYS = """
CREATE TABLE overlay_layouts (
    overlay_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), proposal_id uuid, job_variants_id uuid, layout jsonb,
    x_ratio numeric, y_ratio numeric, width_ratio numeric, height_ratio numeric, text_margin varchar(50),
    latency_ms float, pk serial, created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now()
);
INSERT INTO overlay_layouts (x_ratio) VALUES (0.5);
"""


BARE_JOBS = "CREATE TABLE jobs (job_id uuid UNIQUE, tenant_id text);"


BARE_OVERLAYS = "CREATE TABLE overlay_layouts (overlay_id uuid PRIMARY KEY);"


FEEDS = """
CREATE TABLE instagram_feeds (
    instagram_feed_id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    job_id UUID REFERENCES jobs(job_id) NULL,
    overlay_id UUID REFERENCES overlay_layouts(overlay_id) NULL,
    tenant_id VARCHAR(255) NOT NULL,
    refined_ad_copy_eng TEXT NOT NULL,
    tone_style TEXT NOT NULL,
    product_description TEXT NOT NULL,
    store_information TEXT NOT NULL,
    gpt_prompt TEXT NOT NULL,
    instagram_ad_copy TEXT NOT NULL,
    hashtags TEXT NOT NULL,
    gpt_model_name VARCHAR(255),
    gpt_max_tokens INTEGER,
    gpt_temperature FLOAT,
    gpt_prompt_used TEXT,
    gpt_response_raw JSONB,
    latency_ms FLOAT,
    token_usage JSONB,
    pk SERIAL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
"""


INDEXES = """
CREATE INDEX idx_instagram_feeds_job_id ON instagram_feeds(job_id);
CREATE INDEX idx_instagram_feeds_overlay_id ON instagram_feeds(overlay_id);
CREATE INDEX idx_instagram_feeds_tenant_id ON instagram_feeds(tenant_id);
CREATE INDEX idx_instagram_feeds_created_at ON instagram_feeds(created_at);
"""


ROWS = """
INSERT INTO instagram_feeds (job_id, tenant_id, refined_ad_copy_eng, tone_style, product_description,
    store_information, gpt_prompt, instagram_ad_copy, hashtags, latency_ms, token_usage, updated_at)
SELECT j.job_id, t, '', '따뜻하게', '밤 라떼', '', '짧게', '가을', '#가을', 800, '{"total_tokens": 3}', '2026-01-01Z'
FROM unnest(ARRAY['acme', 'other']) AS t LEFT JOIN jobs j ON j.tenant_id = t;
"""


ADOPTABLE = {
    "nothing": "",
    "only a pipeline's jobs": JOBS,
    "only the pipeline's tables": JOBS + OVERLAYS,
    "the specification by hand": NEW_UUID + ";" + BARE_JOBS + BARE_OVERLAYS + FEEDS + INDEXES + ROWS,
    "the specification in a pipeline": NEW_UUID + ";" + JOBS + OVERLAYS + FEEDS + INDEXES + ROWS,
    "without indexes": NEW_UUID + ";" + JOBS + OVERLAYS + FEEDS + ROWS,
    "defaults of another name": JOBS + OVERLAYS + FEEDS.replace("uuid_generate_v4", "gen_random_uuid") + ROWS,
    "without foreign keys": FEEDS.replace("uuid_generate_v4", "gen_random_uuid")
    .replace("REFERENCES jobs(job_id)", "")
    .replace("REFERENCES overlay_layouts(overlay_id)", ""),
    "instants that are never null": JOBS
    + OVERLAYS
    + FEEDS.replace("uuid_generate_v4", "gen_random_uuid").replace("CURRENT_TIMESTAMP", "now() NOT NULL"),
    "more columns, more triggers": NEW_UUID
    + ";"
    + JOBS
    + OVERLAYS
    + FEEDS
    + "ALTER TABLE instagram_feeds ADD COLUMN note text, ADD COLUMN edition int NOT NULL DEFAULT 1;"
    + "CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
    + "CREATE TRIGGER stay BEFORE UPDATE ON instagram_feeds FOR EACH ROW EXECUTE FUNCTION stay();"
    + ROWS,
}


CATALOGUE = {
    "columns": "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default,"
    " ordinal_position FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> ALL(%s)",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> ALL(%s)",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE conrelid <> 0 AND connamespace = 'public'::regnamespace AND conrelid::regclass::text <> ALL(%s)",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
    " WHERE NOT tgisinternal AND tgrelid::regclass::text <> ALL(%s)",
    "functions": "SELECT proname, prosrc FROM pg_proc"
    " WHERE pronamespace = 'public'::regnamespace AND proname <> ALL(%s)",
}


TABLES = ("jobs", "overlay_layouts", "instagram_feeds")


def everything(by_hand: RunSql) -> Any:
    """The whole schema but for our own tables, and the rows of the specification's."""
    seen = {name: set(by_hand(query, ["studio_nothing"])) for name, query in CATALOGUE.items()}
    for table in TABLES:
        if by_hand("SELECT to_regclass(%s)", table)[0][0]:
            seen[table] = {row[0] for row in by_hand(f"SELECT t::text FROM {table} t")}
    return seen


@pytest.mark.parametrize("made", ADOPTABLE.values(), ids=ADOPTABLE)
def test_what_exists_is_adopted_without_a_change_and_then_works(
    unmigrated: Database, by_hand: RunSql, made: Any
) -> None:
    if made:
        by_hand(made)
    before = everything(by_hand)
    unmigrated.migrate()
    after = everything(by_hand)
    for kind, found in before.items():
        assert found <= after[kind], kind
        if kind in TABLES:
            assert found == after[kind], kind
    unmigrated.migrate()
    assert everything(by_hand) == after

    indexes = {row[0] for row in by_hand("SELECT indexname FROM pg_indexes WHERE tablename = 'instagram_feeds'")}
    named = {f"idx_instagram_feeds_{column}" for column in ("job_id", "overlay_id", "tenant_id", "created_at")}
    assert named <= indexes
    feed_id = uuid.UUID(by_hand("SELECT uuid_generate_v4()")[0][0])
    with unmigrated.tenant("acme") as db:
        added = feeds.add(
            db,
            "acme",
            feed_id,
            Brief("acme", "", "담백하게", "드립 커피", "", "짧게").inputs(),
            instagram_ad_copy="글",
            hashtags="#글",
        )
        assert added.created_at is not None
        assert added.pk is not None
        assert feeds.newest(db, "acme")[0].hashtags == "#글"
        assert len(feeds.newest(db, "acme")) == len(before.get("instagram_feeds", ())) / 2 + 1
    by_hand("UPDATE instagram_feeds SET hashtags = '#새' WHERE instagram_feed_id = %s", feed_id)
    assert by_hand("SELECT updated_at > created_at FROM instagram_feeds WHERE hashtags = '#새'") == [(True,)]


def test_tables_of_an_adopted_database_keep_their_columns_exactly(unmigrated: Database, by_hand: RunSql) -> None:
    by_hand(ADOPTABLE["the specification in a pipeline"])
    before = everything(by_hand)["columns"]
    unmigrated.migrate()
    ours = [VERSION_TABLE, *(name for name in Base.metadata.tables if name.startswith("studio_"))]
    assert set(by_hand(CATALOGUE["columns"], ours)) == before


def test_the_tenants_of_an_adopted_database_are_known(unmigrated: Database, by_hand: RunSql) -> None:
    by_hand(ADOPTABLE["the specification by hand"])
    unmigrated.migrate()
    with unmigrated.directory() as db:
        assert tenants.list_ids(db) == ["acme", "other"]


def test_a_fresh_table_is_the_specifications(unmigrated: Database, by_hand: RunSql) -> None:
    unmigrated.migrate()
    fresh = {row[:6] for row in by_hand(CATALOGUE["columns"], []) if row[0] == "instagram_feeds"}
    by_hand("DROP TABLE instagram_feeds CASCADE")
    by_hand("CREATE SEQUENCE instagram_feeds_pk_seq AS integer")
    by_hand(FEEDS.replace("SERIAL", "INTEGER DEFAULT nextval('instagram_feeds_pk_seq')"))
    assert {row[:6] for row in by_hand(CATALOGUE["columns"], []) if row[0] == "instagram_feeds"} == fresh


WITHOUT_FEEDS = NEW_UUID + ";" + JOBS + OVERLAYS


REFUSED = {
    "a column is missing": (
        WITHOUT_FEEDS + FEEDS.replace("    token_usage JSONB,\n", ""),
        ("instagram_feeds", "token_usage", "no such column", "jsonb"),
    ),
    "json instead of jsonb": (
        WITHOUT_FEEDS + FEEDS.replace("gpt_response_raw JSONB", "gpt_response_raw JSON"),
        ("instagram_feeds", "gpt_response_raw", "json", "jsonb"),
    ),
    "a shorter text": (
        WITHOUT_FEEDS + FEEDS.replace("gpt_model_name VARCHAR(255)", "gpt_model_name VARCHAR(50)"),
        ("instagram_feeds", "gpt_model_name", "character varying(50)", "character varying(255)"),
    ),
    "an instant without a time zone": (
        WITHOUT_FEEDS + FEEDS.replace("created_at TIMESTAMP WITH TIME ZONE", "created_at TIMESTAMP"),
        ("instagram_feeds", "created_at", "timestamp without time zone", "timestamp with time zone"),
    ),
    "a value that is not always there is demanded": (
        WITHOUT_FEEDS + FEEDS.replace("latency_ms FLOAT", "latency_ms FLOAT NOT NULL"),
        ("instagram_feeds", "latency_ms", "NOT NULL", "NULL allowed"),
    ),
    "a value that is always there may be missing": (
        WITHOUT_FEEDS + FEEDS.replace("hashtags TEXT NOT NULL", "hashtags TEXT"),
        ("instagram_feeds", "hashtags", "NULL allowed", "NOT NULL"),
    ),
    "a column that nobody would fill": (
        WITHOUT_FEEDS + FEEDS + "ALTER TABLE instagram_feeds ADD COLUMN store_id uuid NOT NULL;",
        ("instagram_feeds", "store_id", "NOT NULL without a default", "a default, or NULL allowed"),
    ),
    "a pk that nobody would fill": (
        WITHOUT_FEEDS + FEEDS.replace("pk SERIAL", "pk INTEGER NOT NULL"),
        ("instagram_feeds", "pk", "NOT NULL without a default", "a default, or NULL allowed"),
    ),
    "feeds without a key": (
        WITHOUT_FEEDS + FEEDS.replace("UUID PRIMARY KEY", "UUID NOT NULL"),
        ("instagram_feeds", "instagram_feed_id", "no key", "a primary key or unique"),
    ),
    "jobs without a tenant": (
        "CREATE TABLE jobs (job_id uuid PRIMARY KEY)",
        ("jobs", "tenant_id", "no such column", "character varying(255)"),
    ),
    "jobs whose tenant is a number": (
        "CREATE TABLE jobs (job_id uuid PRIMARY KEY, tenant_id int)",
        ("jobs", "tenant_id", "integer", "character varying(255)"),
    ),
    "jobs with numbers": (
        "CREATE TABLE jobs (job_id bigint PRIMARY KEY, tenant_id text)",
        ("jobs", "job_id", "bigint", "uuid"),
    ),
    "jobs without a key": (
        "CREATE TABLE jobs (job_id uuid, tenant_id text); CREATE UNIQUE INDEX ON jobs (job_id) WHERE tenant_id = 'a';",
        ("jobs", "job_id", "no key", "a primary key or unique"),
    ),
    "overlays without an id": (
        "CREATE TABLE overlay_layouts (id uuid PRIMARY KEY)",
        ("overlay_layouts", "overlay_id", "no such column", "uuid"),
    ),
    "a table of that name that is none": (
        "CREATE VIEW jobs AS SELECT uuid '00000000-0000-0000-0000-000000000001' AS job_id, 'acme' AS tenant_id",
        ("jobs", "job_id", "no key", "a primary key or unique"),
    ),
}


@pytest.mark.parametrize(("made", "named"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_by_name_before_anything_is_changed(
    unmigrated: Database, by_hand: RunSql, made: Any, named: Any
) -> None:
    by_hand(made)
    before = everything(by_hand)
    with pytest.raises(DatabaseRefused) as raised:
        unmigrated.migrate()
    assert raised.value.params == dict(zip(("table", "column", "actual", "expected"), named, strict=True))
    assert all(word in str(raised.value) for word in named)
    assert everything(by_hand) == before


def test_a_table_that_changed_since_is_refused_at_the_next_start(unmigrated: Database, by_hand: RunSql) -> None:
    unmigrated.migrate()
    by_hand("ALTER TABLE instagram_feeds ALTER COLUMN gpt_max_tokens TYPE bigint")
    with pytest.raises(DatabaseRefused, match="gpt_max_tokens"):
        unmigrated.migrate()


def test_processes_that_start_at_once_do_not_get_in_each_others_way(
    empty_database_urls: Urls, by_hand: RunSql, tmp_path: Path
) -> None:
    settings = {"DATABASE_URL": empty_database_urls.app, "DATABASE_OWNER_URL": empty_database_urls.owner}
    command = [sys.executable, "-m", "lib.cli", "migrate"]
    environment = commands.environment(**settings)
    started = [subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE) for _ in range(2)]
    for process in started:
        assert process.communicate()[1] == b""
        assert process.returncode == 0
    assert by_hand("SELECT version_num FROM studio_alembic_version") == [(newest(),)]


def test_threads_that_start_at_once_do_not_get_in_each_others_way(unmigrated: Database, by_hand: RunSql) -> None:
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(unmigrated.migrate) for _ in range(4)]:
            done.result()
    assert by_hand("SELECT version_num FROM studio_alembic_version") == [(newest(),)]


def test_the_command_says_in_one_sentence_why_a_database_is_refused(
    empty_database_urls: Urls, by_hand: RunSql, tmp_path: Path
) -> None:
    by_hand("CREATE TABLE jobs (job_id bigint PRIMARY KEY, tenant_id text)")
    settings = {"DATABASE_URL": empty_database_urls.app, "DATABASE_OWNER_URL": empty_database_urls.owner}
    process = commands.run(tmp_path, "lib.cli", "migrate", **settings)
    assert process.returncode == 1
    assert process.stderr.strip() == ("This database cannot be used. jobs.job_id: found bigint, expected uuid.")


def test_a_table_that_another_program_holds_is_told_and_nothing_is_changed(
    unmigrated: Database, by_hand: RunSql, empty_database_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand("CREATE TABLE jobs (job_id uuid PRIMARY KEY, tenant_id varchar(255))")
    by_hand("CREATE TABLE overlay_layouts (overlay_id uuid PRIMARY KEY)")
    monkeypatch.setattr(database_module, "LOCK_TIMEOUT_S", 1)
    address = make_url(empty_database_urls.owner).set(drivername="postgresql").render_as_string(hide_password=False)
    with contextlib.closing(psycopg2.connect(address)) as other:
        other.cursor().execute("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DatabaseBusy):
            unmigrated.migrate()
    assert by_hand("SELECT to_regclass('instagram_feeds')::text") == [(None,)]
    unmigrated.migrate()
