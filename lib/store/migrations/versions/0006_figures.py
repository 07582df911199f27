"""From a figure to its rows: long tones found by their hash, requests by how they ended; and counting for less."""

import importlib

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# What is longer than 60 characters does not stand for itself (MAX_VALUE of feed_filter): an address may not be long.
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
metrics = importlib.import_module("lib.store.migrations.versions.0004_metrics")


def changed(name: str, *changes: tuple[str, str]) -> str:
    """The function as an earlier revision made it, but for these changes."""
    earlier = (*history.KEYS, *history.LOOKUPS, metrics.QUEUE)
    [made] = [one for one in earlier if f"CREATE FUNCTION {name}(" in one]
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

QUEUE = changed(
    "{function}",
    (
        "text[];\n    BEGIN",
        """text[];
    BEGIN
        -- A row trigger of somebody's may change a row, or take it away, before this hears that it was inserted.
        IF TG_OP <> 'INSERT' AND pg_trigger_depth() > 1 THEN
            PERFORM set_config('app.changed_within', 'on', true);
        END IF;""",
    ),
    (
        ")\n            SELECT tenant_id, '{kind}', {row_id} FROM new_rows",
        ", {told})\n            SELECT tenant_id, '{kind}', {row_id}, {new} FROM new_rows",
    ),
    (
        ")\n                SELECT this_tenant, '{kind}', {row_id} FROM new_rows",
        ", {told})\n                SELECT this_tenant, '{kind}', {row_id}, {new} FROM new_rows",
    ),
    (
        ")\n                SELECT this_tenant, '{kind}', {row_id} FROM old_rows",
        ", created_at)\n                SELECT this_tenant, '{kind}', {row_id}, created_at FROM old_rows",
    ),
    (
        ")\n                SELECT DISTINCT this_tenant, '{kind}', row_id FROM (",
        ", created_at)\n                SELECT DISTINCT this_tenant, '{kind}', row_id, created_at FROM (",
    ),
)
OF_NEW_ROWS = {
    "instagram_feeds": {
        "told": "is_new, created_at, model, tier, tone, job_id, latency_ms, token_usage",
        "new": "current_setting('app.changed_within', true) IS DISTINCT FROM 'on', created_at, gpt_model_name, "
        "left(gpt_response_raw ->> 'service_tier', 100), tone_style, job_id, latency_ms, token_usage",
    },
    "studio_attempts": {"told": "created_at", "new": "created_at"},
}


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
    for watched in metrics.WATCHED:
        if of_new_rows := OF_NEW_ROWS.get(watched["table"]):
            function = f"studio_count_{watched['table'].removeprefix('studio_')}"
            queue = QUEUE.format(function=function, schema=schema, **watched, **of_new_rows)
            db.exec_driver_sql(queue.replace("%", "%%"))
