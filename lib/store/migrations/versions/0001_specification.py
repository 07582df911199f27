"""The specification's table, and of the pipeline's tables as much as it refers to; whatever exists stays as it is."""

from alembic import op
from sqlalchemy import text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JOBS = """
CREATE TABLE IF NOT EXISTS jobs (
    job_id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    tenant_id VARCHAR(255) NOT NULL,
    status TEXT,
    current_step TEXT,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP
)
"""

OVERLAY_LAYOUTS = """
CREATE TABLE IF NOT EXISTS overlay_layouts (
    overlay_id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    layout JSONB,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP
)
"""

INSTAGRAM_FEEDS = """
CREATE TABLE instagram_feeds (
    instagram_feed_id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    job_id UUID REFERENCES jobs (job_id),
    overlay_id UUID REFERENCES overlay_layouts (overlay_id),
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
    gpt_temperature DOUBLE PRECISION,
    gpt_prompt_used TEXT,
    gpt_response_raw JSONB,
    latency_ms DOUBLE PRECISION,
    token_usage JSONB,
    pk INTEGER DEFAULT nextval('instagram_feeds_pk_seq'),
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP
)
"""

# clock_timestamp(), not now(): a transaction that began earlier but updates later must not set the clock back, and
# two changes in one transaction must not look like one to somebody who compares updated_at.
TOUCH = """
CREATE OR REPLACE FUNCTION studio_touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = pg_catalog.clock_timestamp();
    RETURN NEW;
END
$$
"""


def upgrade() -> None:
    make_uuid_generate_v4_callable()
    op.execute(JOBS)
    op.execute(OVERLAY_LAYOUTS)
    if not exists("SELECT to_regclass('instagram_feeds')"):
        op.execute("CREATE SEQUENCE instagram_feeds_pk_seq AS integer")
        op.execute(INSTAGRAM_FEEDS)
        op.execute("ALTER SEQUENCE instagram_feeds_pk_seq OWNED BY instagram_feeds.pk")
    for column in ("job_id", "overlay_id", "tenant_id", "created_at"):
        op.execute(f"CREATE INDEX IF NOT EXISTS idx_instagram_feeds_{column} ON instagram_feeds ({column})")
    op.execute(TOUCH)
    op.execute(
        "CREATE OR REPLACE TRIGGER studio_touch_updated_at BEFORE UPDATE ON instagram_feeds "
        "FOR EACH ROW EXECUTE FUNCTION studio_touch_updated_at()"
    )


def make_uuid_generate_v4_callable() -> None:
    callable_now = "SELECT to_regprocedure('uuid_generate_v4()')"
    if exists(callable_now):
        return
    if exists("SELECT 1 FROM pg_available_extensions WHERE name = 'uuid-ossp'"):
        # Inside a block of its own: a role that may not create extensions must not lose the whole migration.
        op.execute(
            """
            DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
            EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN NULL; END $$
            """
        )
    if not exists(callable_now):
        op.execute("CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'")


def exists(query: str) -> bool:
    return op.get_bind().scalar(text(query)) is not None
