-- Index and count again the feeds of a tenant that were written, changed or deleted while triggers were off: by a restore
-- with --disable-triggers, by logical replication, or by a loader that sets session_replication_role. Such a feed is
-- missing from studio_feed_index, or its row is younger than its entry: a trigger writes both in one transaction. With
-- every_row, the whole index of the tenant is made anew, and its figures are counted from the beginning.
--
-- Returns how many feeds were missing, how many entries were out of date, and how many had no feed any more. It runs as
-- the owner, who alone may write to the index, and does nothing unless the transaction has named this tenant.
CREATE OR REPLACE FUNCTION studio_reconcile_feeds(
    tenant text, every_row boolean, OUT missing bigint, OUT outdated bigint, OUT removed bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    missing := 0;
    outdated := 0;
    removed := 0;
    IF tenant IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '') THEN
        RETURN;
    END IF;
    WITH gone AS (
        DELETE FROM studio_feed_index AS i
        WHERE i.tenant_id = tenant AND NOT EXISTS (
            SELECT FROM instagram_feeds AS f WHERE f.tenant_id = tenant AND f.instagram_feed_id = i.feed_id)
        RETURNING i.feed_id, i.created_at
    ), queued AS (
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
        SELECT tenant, 'feed', gone.feed_id, nullif(gone.created_at, '-infinity') FROM gone
    )
    SELECT count(*) INTO removed FROM gone;
    -- The rows are locked, so that nobody changes one between its reading and the writing of its entry.
    WITH suspect AS MATERIALIZED (
        SELECT f AS feed, i.feed_id AS indexed_id, nullif(i.created_at, '-infinity') AS was_at, i.latency_ms, i.facets,
            i.body, c.kinds
        FROM instagram_feeds AS f
        LEFT JOIN studio_feed_index AS i ON i.tenant_id = tenant AND i.feed_id = f.instagram_feed_id
        LEFT JOIN studio_feed_findings AS c ON c.tenant_id = tenant AND c.feed_id = f.instagram_feed_id
        LEFT JOIN studio_feed_states AS s ON s.tenant_id = tenant AND s.feed_id = f.instagram_feed_id
        WHERE f.tenant_id = tenant AND (
            every_row OR i.feed_id IS NULL OR age(f.xmin) < age(i.xmin) OR age(s.xmin) < age(i.xmin))
        FOR SHARE OF f
    ), fresh AS MATERIALIZED (
        SELECT entry.*, suspect.was_at, suspect.indexed_id IS NULL AS is_missing,
            (entry.created_at, entry.latency_ms, entry.facets || ARRAY(
                SELECT studio_facet(tenant, 'findings:' || kind) FROM unnest(suspect.kinds) AS kind), entry.body)
            IS DISTINCT FROM
            (coalesce(suspect.was_at, '-infinity'), suspect.latency_ms, suspect.facets, suspect.body) AS is_other
        FROM suspect, studio_index_entry(suspect.feed) AS entry
    ), written AS (
        -- Also where nothing differs: the entry is then the younger one.
        INSERT INTO studio_feed_index AS i (tenant_id, feed_id, created_at, latency_ms, facets, body)
        SELECT fresh.tenant_id, fresh.feed_id, fresh.created_at, fresh.latency_ms, fresh.facets, fresh.body FROM fresh
        ON CONFLICT (tenant_id, feed_id) DO UPDATE SET
            created_at = EXCLUDED.created_at, latency_ms = EXCLUDED.latency_ms,
            facets = EXCLUDED.facets, body = EXCLUDED.body
    ), unchecked AS (
        INSERT INTO studio_feed_findings AS f (tenant_id, feed_id, created_at)
        SELECT fresh.tenant_id, fresh.feed_id, fresh.created_at FROM fresh WHERE is_missing OR is_other
        ON CONFLICT (tenant_id, feed_id) DO UPDATE SET findings = NULL
    ), queued AS (
        -- The instants before and after tell on which days the row may have been counted.
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
        SELECT DISTINCT tenant, 'feed', fresh.feed_id, instant
        FROM fresh, unnest(ARRAY[fresh.was_at, nullif(fresh.created_at, '-infinity')]) WITH ORDINALITY AS at (instant, place)
        WHERE NOT (is_missing AND place = 1)
    )
    SELECT count(*) FILTER (WHERE is_missing), count(*) FILTER (WHERE is_other AND NOT is_missing)
    INTO missing, outdated FROM fresh;
    IF every_row THEN
        UPDATE studio_metric_states AS m SET counted_as = '' WHERE m.tenant_id = tenant;
    END IF;
    IF every_row OR missing + outdated + removed > 0 THEN
        INSERT INTO studio_tenant_changes (tenant_id) VALUES (tenant);
    END IF;
END $$;

REVOKE EXECUTE ON FUNCTION studio_reconcile_feeds FROM PUBLIC;
