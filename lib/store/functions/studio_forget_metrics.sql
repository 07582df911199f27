-- Empty everything that was counted when somebody truncates instagram_feeds; the next look at the figures counts what
-- is left.
CREATE OR REPLACE FUNCTION studio_forget_metrics() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    TRUNCATE studio_metric_changes, studio_metric_facts, studio_metric_cells, studio_metric_latencies,
        studio_metric_states, studio_metric_changed_days;
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_forget_metrics FROM PUBLIC;

CREATE OR REPLACE TRIGGER studio_forget_metrics AFTER TRUNCATE ON instagram_feeds
    FOR EACH STATEMENT EXECUTE FUNCTION studio_forget_metrics();
