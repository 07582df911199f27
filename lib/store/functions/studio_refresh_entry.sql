-- Write a feed's index entry anew. Where the row is younger than its entry, it was changed while triggers were off: it is
-- counted anew as well, because studio_reconcile_feeds, which goes by the same sign, will not see it in the younger entry.
CREATE OR REPLACE FUNCTION studio_refresh_entry(tenant text, feed uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
    WITH fresh AS MATERIALIZED (
        SELECT entry.*, i.created_at AS was_at, age(f.xmin) < age(i.xmin) AS is_younger
        FROM instagram_feeds AS f
        JOIN studio_feed_index AS i ON i.tenant_id = f.tenant_id AND i.feed_id = f.instagram_feed_id,
            studio_index_entry(f) AS entry
        WHERE f.tenant_id = tenant AND f.instagram_feed_id = feed
    ), queued AS (
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
        SELECT DISTINCT tenant, 'feed', fresh.feed_id, nullif(instant, '-infinity')
        FROM fresh, unnest(ARRAY[fresh.was_at, fresh.created_at]) AS instant
        WHERE fresh.is_younger
    )
    UPDATE studio_feed_index AS i SET
        created_at = fresh.created_at, latency_ms = fresh.latency_ms, facets = fresh.facets, body = fresh.body
    FROM fresh WHERE i.tenant_id = tenant AND i.feed_id = feed
$$;

REVOKE EXECUTE ON FUNCTION studio_refresh_entry FROM PUBLIC;
