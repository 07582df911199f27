-- Queue the attempts that a statement wrote, changed or deleted, to be counted at the next look at the figures. Writers
-- only append to the queue, so they never wait for each other. One trigger per statement and not per row, for the sake
-- of bulk loads.
CREATE OR REPLACE FUNCTION studio_count_attempts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    -- A row trigger of somebody's may change a row, or take it away, before this hears that it was inserted.
    IF TG_OP <> 'INSERT' AND pg_trigger_depth() > 1 THEN
        PERFORM set_config('app.changed_within', 'on', true);
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
        SELECT tenant_id, 'attempt', attempt_id, created_at FROM new_rows WHERE tenant_id <> '' AND outcome IS NOT NULL;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
        SELECT tenant_id, 'attempt', attempt_id, created_at FROM old_rows WHERE tenant_id <> '' AND outcome IS NOT NULL;
    ELSE
        WITH before AS (
            SELECT tenant_id, attempt_id AS row_id, created_at, latency_ms, model_name, outcome, error_code,
                studio_reported_usage(token_usage, response) AS usage, response ->> 'service_tier' AS tier
            FROM old_rows WHERE tenant_id <> '' AND outcome IS NOT NULL
        ), after AS (
            SELECT tenant_id, attempt_id AS row_id, created_at, latency_ms, model_name, outcome, error_code,
                studio_reported_usage(token_usage, response) AS usage, response ->> 'service_tier' AS tier
            FROM new_rows WHERE tenant_id <> '' AND outcome IS NOT NULL
        )
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
        SELECT DISTINCT tenant_id, 'attempt', row_id, created_at FROM (
            (TABLE before EXCEPT ALL TABLE after) UNION ALL (TABLE after EXCEPT ALL TABLE before)
        ) AS changed;
    END IF;
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
