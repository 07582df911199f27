-- Add up the totals and the latencies of changed days over all teams but those of sample data, and store them under the
-- empty name, which no team can have; the dimension 'tenant' says what part each team has. At most so many days are
-- added up, each from what the teams were counted as, so that nothing depends on what was stored before. Returns how
-- many days of teams are left, or NULL if another transaction is adding up. The function runs as the owner, because it
-- reads the totals of all teams; it tells a number only. A transaction that has named one team changes nothing.
CREATE OR REPLACE FUNCTION studio_add_up_teams(most integer, sample text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    days date[];
BEGIN
    IF nullif(current_setting('app.tenant_id', true), '') IS NOT NULL THEN
        RETURN 0;
    END IF;
    IF NOT pg_try_advisory_xact_lock(hashtextextended('studio_metrics:', 0)) THEN
        RETURN NULL;
    END IF;
    days := ARRAY(SELECT day FROM studio_metric_changed_days GROUP BY day ORDER BY day DESC LIMIT most);
    IF days = '{}' THEN
        RETURN 0;
    END IF;
    PERFORM set_config('work_mem', '64MB', true);
    DELETE FROM studio_metric_changed_days WHERE day = ANY(days);

    WITH of_teams AS (
        SELECT * FROM studio_metric_cells
        WHERE day = ANY(days) AND tenant_id <> '' AND tenant_id <> sample AND NOT starts_with(tenant_id, sample || '-')
    ),
    added AS MATERIALIZED (
        SELECT kind, facet, day, value, sum(rows) AS rows, sum(kept) AS kept, sum(timed) AS timed,
            sum(latency_sum) AS latency_sum, min(latency_min) AS latency_min, max(latency_max) AS latency_max,
            sum(used) AS used, sum(prompt) AS prompt, sum(cached) AS cached, sum(written) AS written,
            sum(completion) AS completion, sum(reasoning) AS reasoning, sum(priced) AS priced, sum(cost) AS cost
        FROM of_teams GROUP BY kind, facet, day, value
        UNION ALL
        SELECT kind, 'tenant', day, '=' || tenant_id, rows, kept, timed, latency_sum, latency_min, latency_max, used,
            prompt, cached, written, completion, reasoning, priced, cost
        FROM of_teams WHERE facet = 'all'
    ),
    gone AS (
        DELETE FROM studio_metric_cells AS cells WHERE tenant_id = '' AND day = ANY(days) AND NOT EXISTS (
            SELECT FROM added WHERE added.kind = cells.kind AND added.facet = cells.facet AND added.day = cells.day
                AND added.value = cells.value
        )
    )
    INSERT INTO studio_metric_cells AS cells (
        tenant_id, kind, facet, day, value, rows, kept, timed, latency_sum, latency_min, latency_max, used, prompt,
        cached, written, completion, reasoning, priced, cost
    )
    SELECT '', added.* FROM added
    ON CONFLICT (tenant_id, kind, facet, day, value) DO UPDATE SET
        rows = excluded.rows, kept = excluded.kept, timed = excluded.timed, latency_sum = excluded.latency_sum,
        latency_min = excluded.latency_min, latency_max = excluded.latency_max, used = excluded.used,
        prompt = excluded.prompt, cached = excluded.cached, written = excluded.written,
        completion = excluded.completion, reasoning = excluded.reasoning, priced = excluded.priced,
        cost = excluded.cost
    WHERE cells IS DISTINCT FROM excluded;

    -- Days first, then the weeks and months of which they are.
    FOR step IN 1..2 LOOP
        WITH changed AS MATERIALIZED (
            SELECT DISTINCT span, begins FROM unnest(days) AS changed (day) CROSS JOIN LATERAL (VALUES
                ('day', day), ('week', date_trunc('week', day::timestamp)::date),
                ('month', date_trunc('month', day::timestamp)::date)
            ) AS spans (span, begins) WHERE (span = 'day') = (step = 1)
        ),
        bars AS (
            SELECT kind, facet, stored.span, stored.begins, value, bin, bar.rows,
                CASE facet WHEN 'all' THEN '=' || tenant_id END AS team
            FROM changed JOIN studio_metric_latencies AS stored USING (span, begins)
            CROSS JOIN LATERAL unnest(bins, counts) AS bar (bin, rows)
            WHERE step = 1 AND tenant_id <> '' AND tenant_id <> sample AND NOT starts_with(tenant_id, sample || '-')
            UNION ALL
            SELECT kind, facet, changed.span, changed.begins, value, bin, bar.rows, NULL
            FROM changed JOIN studio_metric_latencies AS stored ON tenant_id = '' AND stored.span = 'day'
                AND stored.begins >= changed.begins AND stored.begins < changed.begins + ('1 ' || changed.span)::interval
            CROSS JOIN LATERAL unnest(bins, counts) AS bar (bin, rows)
            WHERE step = 2 AND (changed.span = 'month' OR facet = 'all')
        ),
        added AS MATERIALIZED (
            SELECT kind, facet, span, begins, value, array_agg(bin ORDER BY bin) AS bins,
                array_agg(rows ORDER BY bin) AS counts
            FROM (
                SELECT kind, facet, span, begins, value, bin, sum(rows)::integer AS rows FROM bars
                GROUP BY kind, facet, span, begins, value, bin
                UNION ALL
                SELECT kind, 'tenant', span, begins, team, bin, rows FROM bars WHERE team IS NOT NULL
            ) AS summed GROUP BY kind, facet, span, begins, value
        ),
        gone AS (
            DELETE FROM studio_metric_latencies AS stored USING changed
            WHERE tenant_id = '' AND stored.span = changed.span AND stored.begins = changed.begins AND NOT EXISTS (
                SELECT FROM added WHERE added.kind = stored.kind AND added.facet = stored.facet
                    AND added.span = stored.span AND added.begins = stored.begins AND added.value = stored.value
            )
        )
        INSERT INTO studio_metric_latencies AS stored (tenant_id, kind, facet, span, begins, value, bins, counts)
        SELECT '', added.* FROM added
        ON CONFLICT (tenant_id, kind, facet, span, begins, value)
            DO UPDATE SET bins = excluded.bins, counts = excluded.counts
            WHERE (stored.bins, stored.counts) IS DISTINCT FROM (excluded.bins, excluded.counts);
    END LOOP;

    -- The time in microseconds: no version comes back after a TRUNCATE or a restore.
    INSERT INTO studio_metric_states AS states (tenant_id, counted_as, version)
    VALUES ('', '', extract(epoch FROM clock_timestamp()) * 1000000)
    ON CONFLICT (tenant_id) DO UPDATE SET version = greatest(states.version + 1, excluded.version);
    RETURN (SELECT count(*) FROM studio_metric_changed_days);
END $$;

REVOKE EXECUTE ON FUNCTION studio_add_up_teams FROM PUBLIC;
