-- Queue the feeds that a statement wrote, changed or deleted, to be counted at the next look at the figures. Writers
-- only append to the queue, so they never wait for each other. One trigger per statement and not per row, for the sake
-- of bulk loads.
CREATE OR REPLACE FUNCTION studio_count_instagram_feeds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    -- A row trigger of somebody's may change a row, or take it away, before this hears that it was inserted.
    IF TG_OP <> 'INSERT' AND pg_trigger_depth() > 1 THEN
        PERFORM set_config('app.changed_within', 'on', true);
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO studio_metric_changes (
            tenant_id, kind, row_id, is_new, created_at, model, tier, tone, job_id, latency_ms, prompt, cached, written,
            completion, reasoning
        )
        SELECT tenant_id, 'feed', instagram_feed_id, current_setting('app.changed_within', true) IS DISTINCT FROM 'on',
            created_at, nullif(studio_value(gpt_model_name), '-'), left(gpt_response_raw ->> 'service_tier', 100),
            nullif(studio_value(tone_style), '-'), job_id, latency_ms, usage.*
        FROM new_rows, studio_token_usage(studio_reported_usage(token_usage, gpt_response_raw)) AS usage
        WHERE tenant_id <> '';
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
        SELECT tenant_id, 'feed', instagram_feed_id, created_at FROM old_rows WHERE tenant_id <> '';
    ELSE
        WITH before AS (
            SELECT tenant_id, instagram_feed_id AS row_id, created_at, latency_ms, gpt_model_name, tone_style, job_id,
                studio_reported_usage(token_usage, gpt_response_raw) AS usage,
                gpt_response_raw ->> 'service_tier' AS tier
            FROM old_rows WHERE tenant_id <> ''
        ), after AS (
            SELECT tenant_id, instagram_feed_id AS row_id, created_at, latency_ms, gpt_model_name, tone_style, job_id,
                studio_reported_usage(token_usage, gpt_response_raw) AS usage,
                gpt_response_raw ->> 'service_tier' AS tier
            FROM new_rows WHERE tenant_id <> ''
        )
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
        SELECT DISTINCT tenant_id, 'feed', row_id, created_at FROM (
            (TABLE before EXCEPT ALL TABLE after) UNION ALL (TABLE after EXCEPT ALL TABLE before)
        ) AS changed;
    END IF;
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_count_instagram_feeds FROM PUBLIC;

CREATE OR REPLACE TRIGGER studio_count_insert AFTER INSERT ON instagram_feeds
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION studio_count_instagram_feeds();

CREATE OR REPLACE TRIGGER studio_count_delete AFTER DELETE ON instagram_feeds
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION studio_count_instagram_feeds();

CREATE OR REPLACE TRIGGER studio_count_update AFTER UPDATE ON instagram_feeds
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION studio_count_instagram_feeds();
