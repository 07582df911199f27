"""From a figure to its rows: long tones found by their hash, requests by how they ended; and counting for less."""

import importlib

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# What is longer than 60 characters does not stand for itself (lib.feed_filter.MAX_VALUE): an address may not be long.
FOUND_BY = """
    CREATE FUNCTION studio_found_by(told text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE WHEN length(value) <= 60 THEN value ELSE '~' || md5(value) END
        FROM (SELECT studio_value(told)) AS one (value)
    $$
"""
KEY = """
    CREATE OR REPLACE FUNCTION studio_metric_key(told text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE WHEN told IS NULL THEN '-' WHEN length(told) <= 255 THEN '=' || told
            ELSE '~' || md5(told) || left(told, 100) END
    $$
"""

history = importlib.import_module("lib.store.migrations.versions.0003_history")


def changed(name: str, *changes: tuple[str, str]) -> str:
    """The function as 0003 made it, but for these changes."""
    [made] = [one for one in (*history.KEYS, *history.LOOKUPS) if f"CREATE FUNCTION {name}(" in one]
    for before, after in (("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"), *changes):
        if made.count(before) != 1:
            raise ValueError(f"{name} is another one than this revision changes")
        made = made.replace(before, after)
    return made


ENTRY = changed(
    "studio_index_entry",
    ("'tone:' || studio_value(feed.tone_style)", "'tone:' || studio_found_by(feed.tone_style)"),
)
# A facet that begins with an exclamation mark is one that a feed must not have.
CONDITIONS = changed(
    "studio_feed_conditions",
    ("FROM unnest(facets) AS facet);", "FROM unnest(facets) AS facet WHERE facet NOT LIKE '!%');"),
    (
        "'i.facets @> ' || quote_literal(nullif(keys, '{}')),",
        """'i.facets @> ' || quote_literal(nullif(keys, '{}')),
            'NOT i.facets && ' || quote_literal(nullif(ARRAY(
                SELECT studio_facet(tenant, substr(facet, 2)) FROM unnest(facets) AS facet WHERE facet LIKE '!%'
            ), '{}')),""",
    ),
)
# Rare latencies are few enough to take all of them from an index, as what the GIN index knows.
FIND = changed(
    "studio_find_feeds",
    (
        "CONTINUE WHEN cardinality(told.keys || told.grams) = 0 OR",
        """CONTINUE WHEN cardinality(told.keys || told.grams) = 0 AND coalesce(latency_from, latency_to) IS NULL OR""",
    ),
    (
        "'studio_grams(i.tenant_id, i.body) @> ' || quote_literal(nullif(told.grams, '{}')));",
        """'studio_grams(i.tenant_id, i.body) @> ' || quote_literal(nullif(told.grams, '{}')),
                CASE WHEN cardinality(told.keys || told.grams) = 0 THEN concat_ws(' AND ',
                    'i.tenant_id = ' || quote_literal(tenant),
                    'i.latency_ms >= ' || quote_literal(latency_from),
                    'i.latency_ms < ' || quote_literal(latency_to)) END);""",
    ),
)
LATENCY = "CREATE INDEX studio_feed_index_latency ON studio_feed_index (tenant_id, latency_ms)"
AGAIN = """
    UPDATE studio_feed_index AS i SET facets = entry.facets
    FROM instagram_feeds AS feed, studio_index_entry(feed) AS entry
    WHERE length(feed.tone_style) > 60
        AND i.tenant_id = feed.tenant_id AND i.feed_id = feed.instagram_feed_id
"""
INDEX = """
    CREATE INDEX studio_attempts_ended
        ON studio_attempts (tenant_id, outcome, created_at DESC, attempt_id DESC)
"""


# -- cheaper counting ------------------------------------------------------------------------------------------------

# A histogram a row instead of a bin a row: three in all for each that was one bin in two hundred. Weeks and months are
# kept beside the days, so that a long period is read from few of them. All is counted anew at the next look.
LATENCIES = (
    "TRUNCATE studio_metric_latencies",
    """
    ALTER TABLE studio_metric_latencies
        DROP CONSTRAINT studio_metric_latencies_pkey, DROP COLUMN day, DROP COLUMN bin, DROP COLUMN rows,
        ADD COLUMN span TEXT NOT NULL, ADD COLUMN begins DATE NOT NULL,
        ADD COLUMN bins SMALLINT[] NOT NULL, ADD COLUMN counts INTEGER[] NOT NULL,
        ADD PRIMARY KEY (tenant_id, kind, facet, span, begins, value)
    """,
)

# One index instead of two. What is written of late is counted of late, so new facts go where the last ones went; by
# their ids alone each went somewhere else, and counting cost more the more facts there were.
FACTS = (
    "TRUNCATE studio_metric_facts, studio_metric_cells, studio_metric_states",
    "DROP INDEX studio_metric_facts_day",
    """
    ALTER TABLE studio_metric_facts
        DROP CONSTRAINT studio_metric_facts_pkey, ADD PRIMARY KEY (tenant_id, day, kind, row_id)
    """,
)

# What an inserted row says comes with its change: as long as there is no other change of it, nobody needs to read the
# row, nor to look for what it was counted as before. Of other changes it is the instants before and after, which tell
# on which days the row may have been counted.
NEW_ROWS = """
    ALTER TABLE studio_metric_changes
        ADD COLUMN is_new BOOLEAN NOT NULL DEFAULT false,
        ADD COLUMN created_at TIMESTAMPTZ,
        ADD COLUMN model TEXT,
        ADD COLUMN tier TEXT,
        ADD COLUMN tone TEXT,
        ADD COLUMN job_id UUID,
        ADD COLUMN latency_ms DOUBLE PRECISION,
        ADD COLUMN token_usage JSONB
"""
# What a usage says, each NULL where it says none. OFFSET 0: each part is looked up once.
USAGE = """
    CREATE FUNCTION studio_token_usage(told jsonb)
    RETURNS TABLE (prompt integer, cached integer, written integer, completion integer, reasoning integer)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1 AS $$
        SELECT studio_token_count(of_it.prompt), studio_token_part(of_it.details, parts.cached),
            studio_token_part(of_it.details, parts.written), studio_token_count(of_it.completion),
            studio_token_count(parts.reasoning)
        FROM (
            SELECT told -> 'prompt_tokens' AS prompt, told -> 'completion_tokens' AS completion,
                told -> 'prompt_tokens_details' AS details, told -> 'completion_tokens_details' AS more OFFSET 0
        ) AS of_it CROSS JOIN LATERAL (
            SELECT details -> 'cached_tokens' AS cached, details -> 'cache_write_tokens' AS written,
                more -> 'reasoning_tokens' AS reasoning OFFSET 0
        ) AS parts
    $$
"""

# As in 0004, but for what is told of the rows.
QUEUE = """
    CREATE OR REPLACE FUNCTION {function}() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
    #variable_conflict use_column
    DECLARE
        named text := current_setting('app.tenant_id', true);
        this_tenant text;
        all_tenants text[];
    BEGIN
        -- A row trigger of somebody's may change a row, or take it away, before this hears that it was inserted.
        IF TG_OP <> 'INSERT' AND pg_trigger_depth() > 1 THEN
            PERFORM set_config('app.changed_within', 'on', true);
        END IF;
        -- Without row-level security there is nothing to be named: one statement for all, which is what writers pay.
        IF TG_OP = 'INSERT' AND NOT row_security_active('studio_metric_changes') THEN
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id, {told})
            SELECT tenant_id, '{kind}', {row_id}, {new} FROM new_rows WHERE tenant_id <> '' AND {counts};
            RETURN NULL;
        END IF;
        IF TG_OP = 'INSERT' THEN
            all_tenants := ARRAY(SELECT DISTINCT tenant_id FROM new_rows);
        ELSIF TG_OP = 'DELETE' THEN
            all_tenants := ARRAY(SELECT DISTINCT tenant_id FROM old_rows);
        ELSE
            all_tenants := ARRAY(SELECT tenant_id FROM old_rows UNION SELECT tenant_id FROM new_rows);
        END IF;
        FOREACH this_tenant IN ARRAY all_tenants LOOP
            CONTINUE WHEN this_tenant = '';  -- nobody's, and shown to nobody
            PERFORM set_config('app.tenant_id', this_tenant, true);
            IF TG_OP = 'INSERT' THEN
                INSERT INTO studio_metric_changes (tenant_id, kind, row_id, {told})
                SELECT this_tenant, '{kind}', {row_id}, {new} FROM new_rows WHERE tenant_id = this_tenant AND {counts};
            ELSIF TG_OP = 'DELETE' THEN
                INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
                SELECT this_tenant, '{kind}', {row_id}, created_at FROM old_rows
                WHERE tenant_id = this_tenant AND {counts};
            ELSE
                INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
                SELECT DISTINCT this_tenant, '{kind}', row_id, created_at FROM (
                    (SELECT {row_id} AS row_id, {measured} FROM old_rows WHERE tenant_id = this_tenant AND {counts}
                     EXCEPT ALL
                     SELECT {row_id}, {measured} FROM new_rows WHERE tenant_id = this_tenant AND {counts})
                    UNION ALL
                    (SELECT {row_id}, {measured} FROM new_rows WHERE tenant_id = this_tenant AND {counts}
                     EXCEPT ALL
                     SELECT {row_id}, {measured} FROM old_rows WHERE tenant_id = this_tenant AND {counts})
                ) AS changed;
            END IF;
        END LOOP;
        PERFORM set_config('app.tenant_id', coalesce(named, ''), true);
        RETURN NULL;
    END $$
"""
WATCHED = (
    {
        "function": "studio_count_instagram_feeds",
        "kind": "feed",
        "row_id": "instagram_feed_id",
        "told": "is_new, created_at, model, tier, tone, job_id, latency_ms, token_usage",
        "new": "current_setting('app.changed_within', true) IS DISTINCT FROM 'on', created_at, gpt_model_name, "
        "left(gpt_response_raw ->> 'service_tier', 100), tone_style, job_id, "
        "latency_ms, token_usage",
        "measured": "created_at, latency_ms, gpt_model_name, tone_style, job_id, token_usage, "
        "gpt_response_raw ->> 'service_tier' AS tier",
        "counts": "true",
    },
    {
        "function": "studio_count_attempts",
        "kind": "attempt",
        "row_id": "attempt_id",
        "told": "created_at",
        "new": "created_at",
        "measured": "created_at, latency_ms, model_name, outcome, error_code, token_usage, "
        "response ->> 'service_tier' AS tier",
        "counts": "outcome IS NOT NULL",
    },
)


def upgrade() -> None:
    db = op.get_bind()
    schema = db.scalar(text("SELECT quote_ident(current_schema())"))
    for statement in (
        FOUND_BY,
        KEY,
        ENTRY,
        AGAIN,
        CONDITIONS,
        LATENCY,
        FIND,
        INDEX,
        *LATENCIES,
        *FACTS,
        NEW_ROWS,
        USAGE,
    ):
        db.exec_driver_sql(statement.replace("{schema}", schema).replace("%", "%%"))
    for watched in WATCHED:
        db.exec_driver_sql(QUEUE.format(schema=schema, **watched).replace("%", "%%"))
