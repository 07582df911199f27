-- Queue the attempts that a statement wrote, changed or deleted, to be counted at the next look at the figures.
-- Writers only append to the queue, so they never wait for each other. One trigger per statement and not per row, for
-- the sake of bulk loads.
CREATE OR REPLACE FUNCTION studio_count_attempts() RETURNS trigger
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
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
        SELECT tenant_id, 'attempt', attempt_id, created_at FROM new_rows WHERE tenant_id <> '' AND outcome IS NOT NULL;
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
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
            SELECT this_tenant, 'attempt', attempt_id, created_at FROM new_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL;
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
            SELECT this_tenant, 'attempt', attempt_id, created_at FROM old_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL;
        ELSE
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
            SELECT DISTINCT this_tenant, 'attempt', row_id, created_at FROM (
                (SELECT attempt_id AS row_id, created_at, latency_ms, model_name, outcome, error_code, studio_reported_usage(token_usage, response) AS usage, response ->> 'service_tier' AS tier FROM old_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL
                 EXCEPT ALL
                 SELECT attempt_id, created_at, latency_ms, model_name, outcome, error_code, studio_reported_usage(token_usage, response) AS usage, response ->> 'service_tier' AS tier FROM new_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL)
                UNION ALL
                (SELECT attempt_id, created_at, latency_ms, model_name, outcome, error_code, studio_reported_usage(token_usage, response) AS usage, response ->> 'service_tier' AS tier FROM new_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL
                 EXCEPT ALL
                 SELECT attempt_id, created_at, latency_ms, model_name, outcome, error_code, studio_reported_usage(token_usage, response) AS usage, response ->> 'service_tier' AS tier FROM old_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL)
            ) AS changed;
        END IF;
    END LOOP;
    PERFORM set_config('app.tenant_id', coalesce(named, ''), true);
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_count_attempts FROM PUBLIC;

CREATE OR REPLACE TRIGGER studio_count_insert AFTER INSERT ON studio_attempts
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION studio_count_attempts();

CREATE OR REPLACE TRIGGER studio_count_delete AFTER DELETE ON studio_attempts
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION studio_count_attempts();

CREATE OR REPLACE TRIGGER studio_count_update AFTER UPDATE ON studio_attempts
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION studio_count_attempts();
