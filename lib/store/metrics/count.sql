-- Counts the oldest waiting changes of some tenants: reads the rows as they are now, compares them with what they were
-- counted as, and adds the difference to the totals and the latencies of their days.
--
-- It counts nothing if it returns models without a tariff: the caller takes the statement back, adds their tariffs and
-- starts again.
--
-- Every look-up of a row is a LATERAL with OFFSET 0 and equality on all columns of one unique index, so PostgreSQL reads
-- one row at a time by that index. Nobody knows how many changes wait, and a plan for a wrong number would read whole
-- tables; LIMIT 1 would make it believe that the first of many rows is soon found without an index. Behind row-level
-- security it also looks for nothing that a function makes of a row: a day is made before, not in the look-up.

-- 1. The tenants, and their oldest changes out of the queue, but none that came after the caller began.
WITH teams AS MATERIALIZED (
    SELECT tenant, zone, newest,
        EXISTS (SELECT FROM studio_generations WHERE tenant_id = tenant) AS has_generations,
        EXISTS (SELECT FROM studio_feed_states WHERE tenant_id = tenant) AS has_states,
        EXISTS (SELECT FROM studio_metric_facts WHERE tenant_id = tenant AND kind = 'deleted') AS has_deleted
    FROM unnest(CAST(:tenants AS text[]), CAST(:zones AS text[]), CAST(:newest AS bigint[]))
        AS team (tenant, zone, newest)
),
taken AS (
    DELETE FROM studio_metric_changes WHERE ctid = ANY(ARRAY(
        SELECT place FROM teams CROSS JOIN LATERAL (
            SELECT ctid AS place FROM studio_metric_changes WHERE tenant_id = tenant AND entry <= newest
            ORDER BY entry LIMIT :most
        ) AS oldest
    ))
    RETURNING tenant_id AS tenant, kind, row_id, is_new AND :trust_new AS is_new, created_at, model, tier, tone, job_id,
        latency_ms, prompt, cached, written, completion, reasoning
),

-- 2. Rows that may have been counted before, each once, with the instants at which their changes say that they stood.
changed AS MATERIALIZED (
    SELECT tenant, kind, row_id, array_agg(created_at) AS instants FROM taken WHERE NOT is_new
    GROUP BY tenant, kind, row_id
),

-- Captions that came and went since the last count: only their change is left to say what was spent on them.
brief AS MATERIALIZED (
    SELECT DISTINCT ON (tenant, row_id) tenant, row_id, created_at, model, tier, prompt, cached, written, completion,
        reasoning
    FROM (
        SELECT taken.*, zone, has_deleted, instants
        FROM taken JOIN changed USING (tenant, kind, row_id) JOIN teams USING (tenant)
        WHERE is_new AND kind = 'feed' OFFSET 0  -- the other new rows need no look-up of their own
    ) AS came
    WHERE NOT studio_feed_exists(row_id) AND NOT EXISTS (
        SELECT FROM studio_metric_facts AS facts
        WHERE has_deleted AND facts.tenant_id = tenant AND facts.kind = 'deleted' AND facts.row_id = came.row_id
    ) AND NOT EXISTS (
        SELECT FROM (
            SELECT DISTINCT CASE WHEN instant >= :first AND instant < :last THEN (instant AT TIME ZONE zone)::date
                ELSE CAST(:undated AS date) END AS on_day
            FROM unnest(instants) AS instant OFFSET 0
        ) AS possible, studio_metric_facts AS facts
        WHERE facts.tenant_id = tenant AND facts.day = on_day AND facts.kind = 'feed' AND facts.row_id = came.row_id
    )
),

-- 3. What each row says. New rows bring that with their change; of the others the row itself is looked up, and
--    "exists" is NULL where it is gone. The blank after tenant_id keeps PostgreSQL from the indexes of the tenant,
--    which it takes for as good as the primary key while the tenant's statistics are old.
captions AS (
    SELECT tenant, kind, row_id, true AS is_new, NULL AS instants, true AS exists, created_at, model, tier, tone,
        job_id, latency_ms, prompt, cached, written, completion, reasoning
    FROM taken
    WHERE is_new AND kind = 'feed' AND NOT EXISTS (
        SELECT FROM changed
        WHERE changed.tenant = taken.tenant AND changed.kind = taken.kind AND changed.row_id = taken.row_id)
    UNION ALL
    SELECT changed.tenant, changed.kind, changed.row_id, false, instants, feed.*
    FROM changed LEFT JOIN LATERAL (
        SELECT true, created_at, nullif(studio_value(gpt_model_name), '-'),
            left(gpt_response_raw ->> 'service_tier', 100), nullif(studio_value(tone_style), '-'), job_id, latency_ms,
            usage.*
        FROM instagram_feeds, studio_token_usage(studio_reported_usage(token_usage, gpt_response_raw)) AS usage
        WHERE instagram_feed_id = changed.row_id AND tenant_id || '' = changed.tenant OFFSET 0
    ) AS feed ON true
    WHERE changed.kind = 'feed'
),
rows_now AS (
    SELECT captions.*, coalesce(generation.source, 'pipeline') AS source, generation.prompt_version, NULL AS outcome,
        coalesce(state.status IN ('approved', 'posted'), false) AS kept,
        generation.has_attempts IS NOT TRUE AS spent  -- else its attempts are what was spent
    FROM captions JOIN teams USING (tenant)
    LEFT JOIN LATERAL (
        SELECT source, prompt_version, EXISTS (
            SELECT FROM studio_attempts
            WHERE tenant_id = captions.tenant AND generation_id = studio_generations.generation_id
        ) AS has_attempts
        FROM studio_generations
        WHERE has_generations AND tenant_id = captions.tenant AND instagram_feed_id = captions.row_id OFFSET 0
    ) AS generation ON true
    LEFT JOIN LATERAL (
        SELECT status FROM studio_feed_states
        WHERE has_states AND tenant_id = captions.tenant AND feed_id = captions.row_id OFFSET 0
    ) AS state ON true
    UNION ALL
    -- Requests of this app to a model, with what their generation says.
    SELECT changed.tenant, changed.kind, changed.row_id, false, instants, attempt.exists AND generation.exists,
        attempt.created_at, attempt.model, attempt.tier, generation.tone, NULL, attempt.latency_ms,
        attempt.prompt, attempt.cached, attempt.written, attempt.completion, attempt.reasoning,
        generation.source, generation.prompt_version, attempt.outcome, false,
        attempt.prompt IS NOT NULL OR attempt.outcome <> ALL(CAST(:free AS text[]))
    FROM changed
    LEFT JOIN LATERAL (
        SELECT true AS exists, generation_id, created_at,
            nullif(studio_value(coalesce(model_name, request ->> 'model')), '-') AS model,
            left(response ->> 'service_tier', 100) AS tier, latency_ms, usage.*,
            CASE WHEN outcome = 'failed' THEN concat('failed:', error_code) ELSE outcome END AS outcome
        FROM studio_attempts, studio_token_usage(studio_reported_usage(token_usage, response)) AS usage
        WHERE tenant_id = changed.tenant AND attempt_id = changed.row_id AND outcome IS NOT NULL OFFSET 0
    ) AS attempt ON true
    LEFT JOIN LATERAL (
        SELECT true AS exists, nullif(studio_value(brief ->> 'tone_style'), '-') AS tone, source, prompt_version
        FROM studio_generations
        WHERE tenant_id = changed.tenant AND generation_id = attempt.generation_id OFFSET 0
    ) AS generation ON true
    WHERE changed.kind = 'attempt'
    UNION ALL
    -- What was spent on rows that are deleted by now: only the counted row itself is left to say it.
    SELECT tenant, kind, row_id, true, NULL, true, created_at, model, tier, NULL, NULL, NULL, prompt, cached, written,
        completion, reasoning, NULL, NULL, NULL, false, true
    FROM taken WHERE is_new AND kind = 'deleted' AND NOT studio_feed_exists(row_id)  -- or it is back
    UNION ALL
    SELECT tenant, 'deleted', row_id, true, NULL, true, created_at, model, tier, NULL, NULL, NULL, prompt, cached,
        written, completion, reasoning, NULL, NULL, NULL, false, true
    FROM brief
    UNION ALL
    SELECT changed.tenant, changed.kind, changed.row_id, false, instants, deleted.exists, deleted.created_at,
        deleted.model, deleted.tier, NULL, NULL, NULL, deleted.prompt, deleted.cached, deleted.written,
        deleted.completion, deleted.reasoning, NULL, NULL, NULL, false, true
    FROM changed JOIN teams USING (tenant) JOIN LATERAL (
        SELECT true AS exists, facts.* FROM (
            SELECT DISTINCT CASE WHEN instant >= :first AND instant < :last THEN (instant AT TIME ZONE zone)::date
                ELSE CAST(:undated AS date) END AS on_day
            FROM unnest(instants) AS instant OFFSET 0
        ) AS possible, studio_metric_facts AS facts
        WHERE facts.tenant_id = changed.tenant AND facts.day = on_day AND facts.kind = 'deleted'
            AND facts.row_id = changed.row_id OFFSET 0
    ) AS deleted ON true
    WHERE changed.kind = 'deleted'
),

-- 4. Read them for counting: the local time, and only latencies and usages that are usable. An instant before the first
--    or after the last possible day belongs to the day of undated rows. MATERIALIZED, so that a tariff is looked up by
--    what was made here: see above.
read AS MATERIALIZED (
    SELECT rows_now.*, zone, coalesce(tier, 'default') AS tariff_tier,
        CASE WHEN created_at >= :first AND created_at < :last THEN created_at AT TIME ZONE zone END AS local,
        CASE WHEN latency_ms >= 0 AND latency_ms < 'infinity' THEN latency_ms END AS usable_ms,
        coalesce(completion >= 0 AND cached + written <= prompt, false) AS is_usable
    FROM rows_now JOIN teams USING (tenant)
),

-- 5. Price them, and make of each what it is to be counted as on its day. "days" are all days on which it may have been
--    counted before.
counted AS MATERIALIZED (
    SELECT tenant, read.exists, is_new, kind, row_id, coalesce(local::date, :undated) AS day,
        CASE WHEN NOT is_new THEN ARRAY(
            SELECT coalesce(local::date, :undated)
            UNION
            SELECT CASE WHEN instant >= :first AND instant < :last THEN (instant AT TIME ZONE zone)::date
                ELSE :undated END
            FROM unnest(instants) AS instant
        ) END AS days,
        CASE WHEN local IS NOT NULL THEN extract(hour FROM local) ELSE 0 END::smallint AS hour,
        CASE WHEN local IS NOT NULL THEN created_at END AS created_at,
        read.model, tier, tone, source, prompt_version, outcome, job_id, kept,
        usable_ms AS latency_ms,
        width_bucket(usable_ms, CAST(:edges AS double precision[]))::smallint AS bin,
        CASE WHEN is_usable THEN prompt END AS prompt, CASE WHEN is_usable THEN read.cached END AS cached,
        CASE WHEN is_usable THEN read.written END AS written, CASE WHEN is_usable THEN completion END AS completion,
        CASE WHEN is_usable AND reasoning <= completion THEN reasoning END AS reasoning,
        CASE WHEN is_usable AND local IS NOT NULL THEN (prompt - read.cached - read.written) * tariff.input
            + read.cached * tariff.cached + read.written * tariff.written + completion * tariff.output END AS cost,
        spent,
        is_usable AND read.model IS NOT NULL AND is_listed IS NULL AS lacks_tariff
    FROM read LEFT JOIN LATERAL (
        SELECT true AS is_listed, input, cached, written, output FROM studio_metric_tariffs AS tariff
        WHERE tariff.tenant_id = tenant AND tariff.model = read.model AND tariff.tier = tariff_tier
            AND read.created_at >= tariff.starts_at AND read.created_at < tariff.ends_at
            AND read.prompt > tariff.prompt_over AND read.prompt <= tariff.prompt_to OFFSET 0
    ) AS tariff ON true
),

-- 6. The models and tiers whose tariffs are not known yet. If there are any, nothing is counted.
missing AS MATERIALIZED (
    SELECT tenant, model, tier FROM (
        SELECT DISTINCT tenant, model, coalesce(tier, 'default') AS tier FROM counted WHERE lacks_tariff
    ) AS met WHERE NOT EXISTS (
        SELECT FROM studio_metric_tariffs AS tariff
        WHERE tariff.tenant_id = met.tenant AND tariff.model = met.model AND tariff.tier = met.tier)
),

-- 7. Keep those that are counted differently from before: those that were never counted, and beside them those whose
--    facts ("known") are others, on several days if changes of one row were taken in the wrong order. Ten thousand new
--    rows are not written down once more here and in step 10 (NOT MATERIALIZED): that would take longer than to read them
--    twice.
recounted AS MATERIALIZED (
    SELECT counted.*, known,
        known IS NULL OR day <> ALL(ARRAY(SELECT fact.day FROM unnest(known) AS fact)) AS is_added
    FROM counted CROSS JOIN LATERAL (
        SELECT array_agg(fact) AS known FROM unnest(days) AS possible (day) CROSS JOIN LATERAL (
            SELECT facts AS fact FROM studio_metric_facts AS facts
            WHERE facts.tenant_id = counted.tenant AND facts.day = possible.day AND facts.kind = counted.kind
                AND facts.row_id = counted.row_id OFFSET 0
        ) AS stored
    ) AS facts
    WHERE NOT is_new AND NOT EXISTS (SELECT FROM missing) AND (
        CASE WHEN known IS NULL THEN counted.exists ELSE counted.exists IS NULL
        OR known IS DISTINCT FROM ARRAY[ROW(
            CAST(tenant AS varchar), kind, row_id, day, hour, created_at, model, tier, tone, source, prompt_version,
            outcome, job_id, kept, latency_ms, bin, prompt, cached, written, completion, reasoning, cost, spent
        )::studio_metric_facts] END)
),
difference AS NOT MATERIALIZED (
    SELECT *, NULL::studio_metric_facts[] AS known, true AS is_added FROM counted
    WHERE is_new AND counted.exists AND NOT EXISTS (SELECT FROM missing)
    UNION ALL
    TABLE recounted
),
outdated AS MATERIALIZED (
    SELECT recounted.exists, recounted.day AS is_on, fact.*
    FROM recounted CROSS JOIN LATERAL unnest(known) AS fact
),

-- 8. What was spent on a row stays spent when the row is deleted, though not when it only moved to another tenant.
--    Of a deleted row no words are kept.
deleted AS MATERIALIZED (
    SELECT * FROM outdated WHERE outdated.exists IS NULL AND spent AND kind <> 'deleted'
        AND NOT studio_feed_exists(row_id)
),

-- A caption that is inserted again under its id is no longer deleted, on whatever day it stood before.
returned AS MATERIALIZED (
    SELECT facts.* FROM difference JOIN teams USING (tenant) CROSS JOIN LATERAL (
        SELECT * FROM studio_metric_facts AS facts
        WHERE facts.tenant_id = difference.tenant AND facts.kind = 'deleted'
            AND facts.row_id = difference.row_id OFFSET 0
    ) AS facts
    WHERE has_deleted AND difference.exists AND difference.kind = 'feed'
),

-- 9. Store what the rows are counted as now.
added AS (
    INSERT INTO studio_metric_facts (
        tenant_id, kind, row_id, day, hour, created_at, model, tier, tone, source, prompt_version, outcome, job_id,
        kept, latency_ms, bin, prompt, cached, written, completion, reasoning, cost, spent
    )
    SELECT tenant, kind, row_id, day, hour, created_at, model, tier, tone, source, prompt_version, outcome, job_id,
        kept, latency_ms, bin, prompt, cached, written, completion, reasoning, cost, spent
    FROM difference WHERE difference.exists AND is_added
),
altered AS (
    UPDATE studio_metric_facts AS facts SET
        hour = now.hour, created_at = now.created_at, model = now.model, tier = now.tier, tone = now.tone,
        source = now.source, prompt_version = now.prompt_version, outcome = now.outcome, job_id = now.job_id,
        kept = now.kept, latency_ms = now.latency_ms, bin = now.bin, prompt = now.prompt, cached = now.cached,
        written = now.written, completion = now.completion, reasoning = now.reasoning, cost = now.cost,
        spent = now.spent
    FROM recounted AS now
    WHERE now.exists AND NOT is_added AND facts.tenant_id = now.tenant
        AND facts.day = now.day AND facts.kind = now.kind AND facts.row_id = now.row_id
),
removed AS (
    DELETE FROM studio_metric_facts AS facts USING outdated AS old
    WHERE (old.exists IS NULL OR old.day <> old.is_on) AND facts.tenant_id = old.tenant_id
        AND facts.day = old.day AND facts.kind = old.kind AND facts.row_id = old.row_id
),
restored AS (
    DELETE FROM studio_metric_facts AS facts USING returned
    WHERE facts.tenant_id = returned.tenant_id AND facts.day = returned.day AND facts.kind = returned.kind
        AND facts.row_id = returned.row_id
),
kept_as_deleted AS (
    INSERT INTO studio_metric_facts (
        tenant_id, kind, row_id, day, hour, created_at, model, tier, kept, prompt, cached, written, completion,
        reasoning, cost, spent
    )
    SELECT tenant_id, 'deleted', row_id, day, hour, created_at, model, tier, false, prompt, cached, written, completion,
        reasoning, cost, true
    FROM deleted ON CONFLICT DO NOTHING
),

-- 10. The difference itself: what the rows are counted as now, less what they were counted as.
signed AS NOT MATERIALIZED (
    SELECT 1 AS sign, tenant, kind, day, hour, model, tone, source, prompt_version, outcome, spent, kept, latency_ms,
        bin, prompt, cached, written, completion, reasoning, cost
    FROM difference WHERE difference.exists
    UNION ALL
    SELECT -1, tenant_id, kind, day, hour, model, tone, source, prompt_version, outcome, spent, kept, latency_ms, bin,
        prompt, cached, written, completion, reasoning, cost
    FROM outdated
    UNION ALL
    SELECT -1, tenant_id, kind, day, hour, model, tone, source, prompt_version, outcome, spent, kept, latency_ms, bin,
        prompt, cached, written, completion, reasoning, cost
    FROM returned
    UNION ALL
    SELECT 1, tenant_id, 'deleted', day, hour, model, NULL, NULL, NULL, NULL, true, false, NULL, NULL,
        prompt, cached, written, completion, reasoning, cost
    FROM deleted
),

-- 11. Add up rows that are alike, and then by each dimension: most changes are of few hours and few models.
alike AS MATERIALIZED (
    SELECT tenant, kind, day, hour, model, tone, source, prompt_version, outcome, spent, sum(sign) AS rows,
        coalesce(sum(sign) FILTER (WHERE kept), 0) AS kept,
        coalesce(sum(sign) FILTER (WHERE bin IS NOT NULL), 0) AS timed,
        coalesce(sum(sign * latency_ms::numeric), 0) AS latency_sum,
        min(latency_ms) FILTER (WHERE sign = 1) AS latency_min,
        max(latency_ms) FILTER (WHERE sign = 1) AS latency_max,
        min(latency_ms) FILTER (WHERE sign = -1) AS gone_min,
        max(latency_ms) FILTER (WHERE sign = -1) AS gone_max,
        coalesce(sum(sign) FILTER (WHERE prompt IS NOT NULL), 0) AS used,
        coalesce(sum(sign * prompt::bigint), 0) AS prompt, coalesce(sum(sign * cached::bigint), 0) AS cached,
        coalesce(sum(sign * written::bigint), 0) AS written,
        coalesce(sum(sign * completion::bigint), 0) AS completion,
        coalesce(sum(sign * reasoning::bigint), 0) AS reasoning,
        coalesce(sum(sign) FILTER (WHERE cost IS NOT NULL), 0) AS priced, coalesce(sum(sign * cost), 0) AS cost
    FROM signed GROUP BY tenant, kind, day, hour, model, tone, source, prompt_version, outcome, spent
),
by_value AS MATERIALIZED (
    SELECT tenant, kind, day, facet, value, sum(rows) AS rows, sum(kept) AS kept, sum(timed) AS timed,
        sum(latency_sum) AS latency_sum, min(latency_min) AS latency_min, max(latency_max) AS latency_max,
        min(gone_min) AS gone_min, max(gone_max) AS gone_max, sum(used) AS used, sum(prompt) AS prompt,
        sum(cached) AS cached, sum(written) AS written, sum(completion) AS completion,
        sum(reasoning) AS reasoning, sum(priced) AS priced, sum(cost) AS cost
    FROM alike CROSS JOIN LATERAL
        studio_metric_dimensions(kind, model, tone, source, prompt_version, hour, outcome, spent)
    GROUP BY tenant, kind, day, facet, value
),
totals AS (
    INSERT INTO studio_metric_cells AS cells (
        tenant_id, kind, facet, day, value, latency_min, latency_max, rows, kept, timed, latency_sum, used, prompt,
        cached, written, completion, reasoning, priced, cost
    )
    SELECT tenant, kind, facet, day, value,
        CASE WHEN facet NOT IN ('hour', 'spent') THEN latency_min END,
        CASE WHEN facet NOT IN ('hour', 'spent') THEN latency_max END,
        rows, kept, timed, latency_sum, used, prompt, cached, written, completion, reasoning, priced, cost
    FROM by_value
    ON CONFLICT (tenant_id, kind, facet, day, value) DO UPDATE SET
        latency_min = least(cells.latency_min, excluded.latency_min),
        latency_max = greatest(cells.latency_max, excluded.latency_max),
        rows = cells.rows + excluded.rows, kept = cells.kept + excluded.kept, timed = cells.timed + excluded.timed,
        latency_sum = cells.latency_sum + excluded.latency_sum, used = cells.used + excluded.used,
        prompt = cells.prompt + excluded.prompt, cached = cells.cached + excluded.cached,
        written = cells.written + excluded.written, completion = cells.completion + excluded.completion,
        reasoning = cells.reasoning + excluded.reasoning, priced = cells.priced + excluded.priced,
        cost = cells.cost + excluded.cost
),

-- The days whose totals must be added up over all tenants again.
changed_days AS (
    INSERT INTO studio_metric_changed_days (tenant_id, kind, day) SELECT DISTINCT tenant, kind, day FROM by_value
),

-- 12. The latencies by bin, of days, weeks and months: a histogram is one row, and only its bins that changed are
--     merged into it. Weeks are read of the whole alone.
binned AS MATERIALIZED (
    SELECT tenant, kind, day, model, tone, source, prompt_version, outcome, bin, sum(sign) AS rows
    FROM signed WHERE bin IS NOT NULL
    GROUP BY tenant, kind, day, model, tone, source, prompt_version, outcome, bin HAVING sum(sign) <> 0
),
histograms AS (
    INSERT INTO studio_metric_latencies AS latencies (tenant_id, kind, facet, span, begins, value, bins, counts)
    SELECT tenant, kind, facet, span, begins, value, array_agg(bin ORDER BY bin), array_agg(rows ORDER BY bin)
    FROM (
        SELECT tenant, kind, facet, span, begins, value, bin, sum(rows)::integer AS rows
        FROM (
            SELECT tenant, kind, day, bin, facet, value, sum(rows) AS rows
            FROM (
                SELECT tenant, kind, day, model, tone, source, prompt_version, outcome,
                    array_agg(bin) AS bins, array_agg(rows) AS counts
                FROM binned GROUP BY tenant, kind, day, model, tone, source, prompt_version, outcome
            ) AS alike CROSS JOIN LATERAL
                studio_metric_dimensions(kind, model, tone, source, prompt_version, 0::smallint, outcome, false)
                CROSS JOIN LATERAL unnest(bins, counts) AS histogram (bin, rows)
            WHERE facet <> 'hour' GROUP BY tenant, kind, day, bin, facet, value
        ) AS of_days CROSS JOIN LATERAL (VALUES
            ('day', day),
            (CASE facet WHEN 'all' THEN 'week' END, date_trunc('week', day::timestamp)::date),
            ('month', date_trunc('month', day::timestamp)::date)
        ) AS spans (span, begins) WHERE span IS NOT NULL
        GROUP BY tenant, kind, facet, span, begins, value, bin
    ) AS of_spans GROUP BY tenant, kind, facet, span, begins, value
    ON CONFLICT (tenant_id, kind, facet, span, begins, value) DO UPDATE SET (bins, counts) = (
        SELECT coalesce(array_agg(bin ORDER BY bin), '{}'), coalesce(array_agg(rows ORDER BY bin), '{}') FROM (
            SELECT bin, sum(rows)::integer AS rows FROM (
                SELECT unnest(latencies.bins) AS bin, unnest(latencies.counts) AS rows
                UNION ALL
                SELECT unnest(excluded.bins), unnest(excluded.counts)
            ) AS both_histograms GROUP BY bin HAVING sum(rows) <> 0
        ) AS merged
    )
)

-- 13. The models and tiers that lack a tariff, and the days whose shortest or longest latency was taken away, so that
--     the next one must be found.
SELECT
    ARRAY(SELECT jsonb_build_array(tenant, model, tier) FROM missing) AS models_without_tariff,
    ARRAY(
        SELECT DISTINCT jsonb_build_array(tenant, kind, day) FROM by_value CROSS JOIN LATERAL (
            SELECT latency_min, latency_max FROM studio_metric_cells AS cells
            WHERE cells.tenant_id = tenant AND cells.kind = by_value.kind AND cells.facet = by_value.facet
                AND cells.day = by_value.day AND cells.value = by_value.value OFFSET 0
        ) AS before
        WHERE facet NOT IN ('hour', 'spent') AND (gone_min <= before.latency_min OR gone_max >= before.latency_max)
    ) AS days_without_extremes
