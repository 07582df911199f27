-- Queue the states that a statement wrote, changed or deleted, to be counted at the next look at the figures. Writers
-- only append to the queue, so they never wait for each other. One trigger per statement and not per row, for the sake
-- of bulk loads.
CREATE OR REPLACE FUNCTION studio_count_feed_states() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
        SELECT tenant_id, 'feed', feed_id FROM new_rows WHERE tenant_id <> '';
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
        SELECT tenant_id, 'feed', feed_id FROM old_rows WHERE tenant_id <> '';
    ELSE
        WITH before AS (
            SELECT tenant_id, feed_id AS row_id, status FROM old_rows WHERE tenant_id <> ''
        ), after AS (
            SELECT tenant_id, feed_id AS row_id, status FROM new_rows WHERE tenant_id <> ''
        )
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
        SELECT DISTINCT tenant_id, 'feed', row_id FROM (
            (TABLE before EXCEPT ALL TABLE after) UNION ALL (TABLE after EXCEPT ALL TABLE before)
        ) AS changed;
    END IF;
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_count_feed_states FROM PUBLIC;

CREATE OR REPLACE TRIGGER studio_count_insert AFTER INSERT ON studio_feed_states
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION studio_count_feed_states();

CREATE OR REPLACE TRIGGER studio_count_delete AFTER DELETE ON studio_feed_states
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION studio_count_feed_states();

CREATE OR REPLACE TRIGGER studio_count_update AFTER UPDATE ON studio_feed_states
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION studio_count_feed_states();
