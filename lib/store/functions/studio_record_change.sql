-- Record in studio_tenant_changes that a statement changed a tenant's data, whichever program ran it. Caches use the
-- number of a tenant's changes as a part of their keys. Each transaction adds one row per tenant it changed: updating
-- one row per tenant instead would make its writers wait for each other.
CREATE OR REPLACE FUNCTION studio_record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    this_tenant text;
    all_tenants text[];
BEGIN
    -- The table of jobs belongs to the pipeline, which must be able to write to it whatever becomes of its columns.
    IF TG_TABLE_NAME = 'jobs' AND NOT EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = TG_RELID AND attname = 'tenant_id' AND NOT attisdropped)
    THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        all_tenants := ARRAY(SELECT DISTINCT tenant_id FROM new_rows);
    ELSIF TG_OP = 'DELETE' THEN
        all_tenants := ARRAY(SELECT DISTINCT tenant_id FROM old_rows);
    ELSIF TG_OP = 'UPDATE' THEN
        all_tenants := ARRAY(SELECT tenant_id FROM old_rows UNION SELECT tenant_id FROM new_rows);
    ELSE  -- before a TRUNCATE: the primary key is read from tenant to tenant
        WITH RECURSIVE found AS (
            (SELECT tenant_id FROM studio_feed_index ORDER BY tenant_id LIMIT 1)
            UNION ALL
            SELECT (SELECT i.tenant_id FROM studio_feed_index AS i
                    WHERE i.tenant_id > found.tenant_id ORDER BY i.tenant_id LIMIT 1)
            FROM found WHERE found.tenant_id IS NOT NULL
        )
        SELECT array_agg(tenant_id) FILTER (WHERE tenant_id IS NOT NULL) INTO all_tenants FROM found;
    END IF;
    FOREACH this_tenant IN ARRAY coalesce(all_tenants, '{}') LOOP
        CONTINUE WHEN length(this_tenant) NOT BETWEEN 1 AND 255 OR this_tenant IS NULL
            OR this_tenant = current_setting('app.recorded_tenant', true);  -- by this transaction already
        INSERT INTO studio_tenant_changes (tenant_id) VALUES (this_tenant);
        -- A tenant that is new is put into the directory. Of two transactions that write for it first, the second one
        -- does not wait for the first one.
        IF NOT EXISTS (SELECT FROM studio_tenants WHERE tenant_id = this_tenant)
            AND pg_try_advisory_xact_lock(hashtextextended('studio_tenants ' || this_tenant, 0))
        THEN
            INSERT INTO studio_tenants (tenant_id) VALUES (this_tenant) ON CONFLICT DO NOTHING;
        END IF;
        PERFORM set_config('app.recorded_tenant', this_tenant, true);
    END LOOP;
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_record_change FROM PUBLIC;

DO $$
DECLARE
    watched text;
BEGIN
    FOREACH watched IN ARRAY ARRAY[
        'instagram_feeds', 'studio_feed_states', 'studio_generations', 'studio_attempts', 'studio_prices',
        'studio_tenant_settings', 'studio_saved_views', 'studio_api_keys', 'studio_experiments',
        'studio_experiment_votes', 'studio_default_prompts', 'studio_feed_results', 'jobs'
    ] LOOP
        CONTINUE WHEN to_regclass(watched) IS NULL; -- a revision that loads this may come before the table's own
        BEGIN
            EXECUTE format('CREATE OR REPLACE TRIGGER studio_record_insert AFTER INSERT ON %I
                REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_record_change()', watched);
            EXECUTE format('CREATE OR REPLACE TRIGGER studio_record_update AFTER UPDATE ON %I
                REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
                FOR EACH STATEMENT EXECUTE FUNCTION studio_record_change()', watched);
            EXECUTE format('CREATE OR REPLACE TRIGGER studio_record_delete AFTER DELETE ON %I
                REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_record_change()', watched);
        EXCEPTION WHEN insufficient_privilege OR wrong_object_type OR feature_not_supported THEN
            -- A pipeline's jobs may belong to a role that lets nobody else make triggers, or be of a kind that takes
            -- none. The pages then show changes of jobs up to 30 s late.
            IF watched <> 'jobs' THEN
                RAISE;
            END IF;
        END;
    END LOOP;
END $$;

CREATE OR REPLACE TRIGGER studio_record_truncate BEFORE TRUNCATE ON instagram_feeds
    FOR EACH STATEMENT EXECUTE FUNCTION studio_record_change();
