"""What leads from a figure to its rows: long tones found by their hash, and requests by how they ended."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# What is longer than 255 characters does not stand for itself (lib.feed_filter.MAX_VALUE).
FOUND_BY = """
    CREATE FUNCTION studio_found_by(told text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE WHEN length(value) <= 255 THEN value ELSE '~' || md5(value) END
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

# As in 0003, but for the tone.
ENTRY = """
    CREATE OR REPLACE FUNCTION studio_index_entry(feed instagram_feeds) RETURNS SETOF studio_feed_index
    LANGUAGE sql STABLE AS $$
        SELECT feed.tenant_id, feed.instagram_feed_id, studio_instant(feed.created_at), feed.latency_ms,
            ARRAY(
                SELECT studio_facet(feed.tenant_id, facet)
                FROM unnest(ARRAY[
                    studio_week(studio_instant(feed.created_at)),
                    'model:' || studio_value(feed.gpt_model_name),
                    'tone:' || studio_found_by(feed.tone_style),
                    'job:' || coalesce(feed.job_id::text, '-'),
                    'overlay:' || coalesce(feed.overlay_id::text, '-'),
                    'source:' || coalesce(made.source, 'pipeline'),
                    'prompt:' || coalesce(made.prompt_version, '-'),
                    'status:' || coalesce(state.status, 'draft'),
                    CASE WHEN state.status = 'archived' THEN NULL ELSE 'live' END,
                    CASE WHEN state.favourite THEN 'favourite' END
                ]) AS facet WHERE facet IS NOT NULL
                UNION ALL
                SELECT studio_facet(feed.tenant_id, '#' || tag)
                FROM studio_hashtags(studio_folded(feed.hashtags), studio_folded(feed.instagram_ad_copy)) AS tag
            ),
            studio_folded(concat_ws(E'\\x02', feed.instagram_ad_copy, feed.product_description,
                feed.refined_ad_copy_eng, feed.store_information))
        FROM (SELECT) AS one
        LEFT JOIN studio_feed_states AS state
            ON state.tenant_id = feed.tenant_id AND state.feed_id = feed.instagram_feed_id
        LEFT JOIN LATERAL (
            SELECT source, prompt_version FROM studio_generations
            WHERE tenant_id = feed.tenant_id AND instagram_feed_id = feed.instagram_feed_id LIMIT 1
        ) AS made ON true
    $$
"""
AGAIN = """
    UPDATE studio_feed_index AS i SET facets = entry.facets
    FROM instagram_feeds AS feed, studio_index_entry(feed) AS entry
    WHERE length(feed.tone_style) > 255
        AND i.tenant_id = feed.tenant_id AND i.feed_id = feed.instagram_feed_id
"""
INDEX = """
    CREATE INDEX studio_attempts_ended
        ON studio_attempts (tenant_id, outcome, created_at DESC, attempt_id DESC)
"""


def upgrade() -> None:
    for statement in (FOUND_BY, KEY, ENTRY, AGAIN, INDEX):
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))
