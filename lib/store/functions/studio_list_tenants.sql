-- Every tenant that has a feed or is in the directory, also those that only other programs know: at most so many, the
-- first ones by name, and only those whose name contains a text, whatever its case, the one of that name before all. The index of feeds is read from
-- tenant to tenant by its primary key, and no further than needed. The function runs as the owner, because the app may
-- not read the index, and because a tenant is chosen before a transaction can name one. A transaction that has named one
-- gets no answer.
CREATE OR REPLACE FUNCTION studio_list_tenants(part text DEFAULT '', most integer DEFAULT NULL) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, {schema}, pg_temp AS $$
    WITH RECURSIVE indexed AS (
        (SELECT tenant_id, 1 AS place FROM studio_feed_index ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT i.tenant_id FROM studio_feed_index AS i
                WHERE i.tenant_id > indexed.tenant_id ORDER BY i.tenant_id LIMIT 1), place + 1
        FROM indexed WHERE indexed.tenant_id IS NOT NULL AND (part <> '' OR most IS NULL OR place <= most)
    ), written AS (
        (SELECT tenant_id, 1 AS place FROM instagram_feeds ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT f.tenant_id FROM instagram_feeds AS f
                WHERE f.tenant_id > written.tenant_id ORDER BY f.tenant_id LIMIT 1), place + 1
        FROM written WHERE written.tenant_id IS NOT NULL AND (part <> '' OR most IS NULL OR place <= most)
    )
    SELECT tenant_id FROM (
        SELECT tenant_id FROM indexed UNION SELECT tenant_id FROM written UNION SELECT tenant_id FROM studio_tenants
    ) AS every (tenant_id)
    WHERE tenant_id <> '' AND strpos(lower(tenant_id), lower(part)) > 0
        AND nullif(current_setting('app.tenant_id', true), '') IS NULL
    ORDER BY tenant_id <> part, tenant_id LIMIT most
$$;

REVOKE EXECUTE ON FUNCTION studio_list_tenants FROM PUBLIC;
