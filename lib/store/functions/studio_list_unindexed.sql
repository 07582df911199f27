-- The tenants with feeds that were written, changed or deleted while triggers were off, by the signs that
-- studio_reconcile_feeds goes by, which then mends them one by one: one look at all rows instead of one for each tenant.
-- It runs as the owner, because the app may not read the index. A transaction that has named a tenant gets no answer.
CREATE OR REPLACE FUNCTION studio_list_unindexed() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, {schema}, pg_temp AS $$
    SELECT DISTINCT coalesce(f.tenant_id, i.tenant_id)
    FROM instagram_feeds AS f
    FULL JOIN studio_feed_index AS i ON i.tenant_id = f.tenant_id AND i.feed_id = f.instagram_feed_id
    LEFT JOIN studio_feed_states AS s ON s.tenant_id = i.tenant_id AND s.feed_id = i.feed_id
    WHERE (f.tenant_id IS NULL OR i.tenant_id IS NULL OR age(f.xmin) < age(i.xmin) OR age(s.xmin) < age(i.xmin))
        AND coalesce(f.tenant_id, i.tenant_id) <> ''
        AND nullif(current_setting('app.tenant_id', true), '') IS NULL
        AND nullif(current_setting('app.tenant_ids', true), '') IS NULL
$$;

REVOKE EXECUTE ON FUNCTION studio_list_unindexed FROM PUBLIC;
