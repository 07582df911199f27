-- Queue the captions whose generations a statement wrote, changed or deleted, to be counted at the next look at the
-- figures. Writers only append to the queue, so they never wait for each other. One trigger per statement and not per
-- row, for the sake of bulk loads.
CREATE OR REPLACE FUNCTION studio_count_generations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
        SELECT tenant_id, 'feed', instagram_feed_id FROM new_rows
        WHERE tenant_id <> '' AND instagram_feed_id IS NOT NULL;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
        SELECT tenant_id, 'feed', instagram_feed_id FROM old_rows
        WHERE tenant_id <> '' AND instagram_feed_id IS NOT NULL;
    ELSE
        WITH before AS (
            SELECT tenant_id, instagram_feed_id AS row_id, source, prompt_version FROM old_rows
            WHERE tenant_id <> '' AND instagram_feed_id IS NOT NULL
        ), after AS (
            SELECT tenant_id, instagram_feed_id AS row_id, source, prompt_version FROM new_rows
            WHERE tenant_id <> '' AND instagram_feed_id IS NOT NULL
        )
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
        SELECT DISTINCT tenant_id, 'feed', row_id FROM (
            (TABLE before EXCEPT ALL TABLE after) UNION ALL (TABLE after EXCEPT ALL TABLE before)
        ) AS changed;
    END IF;
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_count_generations FROM PUBLIC;

CREATE OR REPLACE TRIGGER studio_count_insert AFTER INSERT ON studio_generations
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION studio_count_generations();

CREATE OR REPLACE TRIGGER studio_count_delete AFTER DELETE ON studio_generations
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION studio_count_generations();

CREATE OR REPLACE TRIGGER studio_count_update AFTER UPDATE ON studio_generations
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION studio_count_generations();
