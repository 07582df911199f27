-- Adds up the counted rows of some tenants in several ways at once. Each way is a grouping: a kind of rows, a facet
-- (model, tone, ...), days, and the unit of time of its buckets. A grouping has several rows in "sought" if it is of
-- several kinds, or if its histogram is put together from months and the days beside them.
--
-- The empty tenant stands for all of them together, which are stored like one, with the dimension "tenant" besides.
-- Whole days are read from the daily totals. What those cannot tell (single hours, jobs, filters) is added up from the
-- counted rows, which are read once for all groupings. OFFSET 0 lets PostgreSQL find a grouping's rows by the index,
-- where it would read all rows of the tenants instead.
WITH sought AS MATERIALIZED (
    SELECT * FROM unnest(
        CAST(:number AS integer[]), CAST(:kind AS text[]), CAST(:facet AS text[]), CAST(:first AS date[]),
        CAST(:last AS date[]), CAST(:unit AS text[]), CAST(:span AS text[]), CAST(:from_rows AS boolean[]),
        CAST(:most AS integer[]), CAST(:by_rows AS boolean[])
    ) AS sought (number, kind, facet, first, last, unit, span, from_rows, most, by_rows)
),

-- 1. The captions and requests of the experiment that is asked for, or of one of its variants.
experimental AS MATERIALIZED (
    SELECT generation_id, instagram_feed_id FROM studio_generations
    WHERE tenant_id = ANY(:rows_of)
        AND (options -> 'experiment') ->> 'id' = split_part(substr(:experiment, 2), ':', 1)
        AND split_part(substr(:experiment, 2), ':', 2) IN ('', (options -> 'experiment') ->> 'variant')
),
experimental_rows AS MATERIALIZED (
    SELECT instagram_feed_id AS row_id FROM experimental WHERE instagram_feed_id IS NOT NULL
    UNION ALL
    SELECT attempt_id FROM experimental JOIN studio_attempts USING (generation_id) WHERE tenant_id = ANY(:rows_of)
),

-- 2. The counted rows. A column that no grouping asks for is left out: also the day, if all groupings are of the same
--    days and none has buckets.
needed AS MATERIALIZED (
    SELECT min(first) AS first, max(last) AS last, 'tenant' = ANY(:facet) AS tenant, 'spent' = ANY(:facet) AS spent,
        bool_or(facet = 'hour' OR unit = 'hour') AS hour,
        bool_or(unit <> 'all') OR count(DISTINCT (first, last)) > 1 AS day
    FROM sought WHERE from_rows
),
narrowed AS MATERIALIZED (
    SELECT kind, CASE WHEN needed.tenant THEN tenant_id END AS tenant_id,
        CASE WHEN needed.day THEN facts.day ELSE needed.first END AS day,
        CASE WHEN needed.hour THEN facts.hour ELSE 0 END AS hour,
        CASE WHEN needed.spent THEN facts.spent END AS spent, kept, latency_ms, bin, prompt, cached, written,
        completion, reasoning, cost, CASE WHEN 'model' = ANY(:facet) THEN model END AS model,
        CASE WHEN 'tone' = ANY(:facet) THEN tone END AS tone,
        CASE WHEN 'source' = ANY(:facet) THEN source END AS source,
        CASE WHEN 'prompt' = ANY(:facet) THEN prompt_version END AS prompt_version,
        CASE WHEN 'outcome' = ANY(:facet) THEN outcome END AS outcome,
        CASE WHEN 'job' = ANY(:facet) THEN job_id::text END AS job_id
    FROM needed CROSS JOIN studio_metric_facts AS facts
    WHERE tenant_id = ANY(:rows_of)
        AND facts.day >= (SELECT needed.first FROM needed) AND facts.day <= (SELECT needed.last FROM needed)
        AND (CAST(:model AS text) IS NULL OR studio_metric_key(model) = :model)
        AND (CAST(:tone AS text) IS NULL OR studio_metric_key(tone) = :tone)
        AND (CAST(:source AS text) IS NULL OR studio_metric_key(source) = :source)
        AND (CAST(:prompt AS text) IS NULL OR studio_metric_key(prompt_version) = :prompt)
        AND (CAST(:job AS text) IS NULL OR studio_metric_key(job_id::text) = :job)
        AND (CAST(:experiment AS text) IS NULL OR row_id IN (SELECT row_id FROM experimental_rows))
),

-- 3. The totals that are read. Of a grouping with "most", those of the whole besides: what the shown values leave of it
--    are the others, whose totals are not added up.
stored AS MATERIALIZED (
    SELECT number, most, unit, is_whole, team, kind, CASE WHEN is_whole OR is_team THEN 'all' ELSE facet END AS facet,
        CASE WHEN is_team AND NOT is_whole THEN '=' || team END AS team_value, first, last
    FROM sought CROSS JOIN unnest(CAST(:tenants AS text[])) AS team
    CROSS JOIN LATERAL (SELECT facet = 'tenant' AND team <> '' AS is_team) AS dimension
    JOIN (VALUES (false), (true)) AS reading (is_whole) ON most IS NOT NULL OR NOT is_whole
    WHERE span IS NULL AND NOT from_rows
),

-- 4. The values that are shown by their names: the most expensive or the most frequent ones, and always "none". They
--    are ranked by their cost to a billionth of a dollar, because exact sums of many values take twice as long.
ranked AS MATERIALIZED (
    SELECT number, value, round(sum(cost) * 1e9) AS cost, sum(rows) AS rows FROM (
        SELECT number, coalesce(team_value, value) AS value, cost::double precision AS cost, rows::integer AS rows
        FROM stored CROSS JOIN LATERAL (
            SELECT value, cost, rows FROM studio_metric_cells
            WHERE tenant_id = team AND kind = stored.kind AND facet = stored.facet AND day BETWEEN first AND last
            OFFSET 0
        ) AS cells
        WHERE most IS NOT NULL AND NOT is_whole
        UNION ALL
        SELECT number, CASE facet WHEN 'model' THEN studio_metric_key(model) WHEN 'tone' THEN studio_metric_key(tone)
                WHEN 'source' THEN studio_metric_key(source) WHEN 'prompt' THEN studio_metric_key(prompt_version)
                WHEN 'outcome' THEN studio_metric_key(outcome) WHEN 'job' THEN studio_metric_key(job_id)
                WHEN 'tenant' THEN '=' || tenant_id END,
            cost::double precision, 1
        FROM sought JOIN narrowed ON narrowed.kind = sought.kind AND day BETWEEN first AND last
        WHERE span IS NULL AND from_rows AND most IS NOT NULL
    ) AS parts GROUP BY number, value
),
named AS MATERIALIZED (
    SELECT number, facet, value
    FROM (SELECT DISTINCT number, facet, most, by_rows FROM sought WHERE most IS NOT NULL) AS way CROSS JOIN LATERAL (
        SELECT value FROM ranked WHERE ranked.number = way.number
        ORDER BY value = '-' DESC, CASE WHEN way.by_rows THEN 0 ELSE cost END DESC NULLS LAST, rows DESC,
            value COLLATE "C"
        LIMIT way.most
    ) AS shown
),

-- 5. Counted rows that are alike, together: by the keys of their values, or by '+' for all that are not shown. So a
--    facet has the same named values in all groupings that are added up from rows.
alike AS MATERIALIZED (
    SELECT tenant_id, kind, day, hour, spent, model, tone, source, prompt_version, outcome, job_id,
        count(*) AS rows, count(*) FILTER (WHERE kept) AS kept, count(latency_ms) AS timed,
        sum(latency_ms::numeric) AS latency_sum, min(latency_ms) AS latency_min, max(latency_ms) AS latency_max,
        count(prompt) AS used, sum(prompt) AS prompt, sum(cached) AS cached, sum(written) AS written,
        sum(completion) AS completion, sum(reasoning) AS reasoning, count(cost) AS priced, sum(cost) AS cost
    FROM (
        SELECT kind, day, hour, spent, kept, latency_ms, prompt, cached, written, completion, reasoning, cost,
            CASE WHEN 'tenant' = ANY(:facet) THEN CASE
                WHEN 'tenant' <> ALL(:ranked)
                    OR ('tenant', '=' || tenant_id) IN (SELECT facet, value FROM named)
                THEN '=' || tenant_id ELSE '+' END END AS tenant_id,
            CASE WHEN 'model' = ANY(:facet) THEN CASE
                WHEN 'model' <> ALL(:ranked)
                    OR ('model', studio_metric_key(model)) IN (SELECT facet, value FROM named)
                THEN studio_metric_key(model) ELSE '+' END END AS model,
            CASE WHEN 'tone' = ANY(:facet) THEN CASE
                WHEN 'tone' <> ALL(:ranked)
                    OR ('tone', studio_metric_key(tone)) IN (SELECT facet, value FROM named)
                THEN studio_metric_key(tone) ELSE '+' END END AS tone,
            CASE WHEN 'source' = ANY(:facet) THEN CASE
                WHEN 'source' <> ALL(:ranked)
                    OR ('source', studio_metric_key(source)) IN (SELECT facet, value FROM named)
                THEN studio_metric_key(source) ELSE '+' END END AS source,
            CASE WHEN 'prompt' = ANY(:facet) THEN CASE
                WHEN 'prompt' <> ALL(:ranked)
                    OR ('prompt', studio_metric_key(prompt_version)) IN (SELECT facet, value FROM named)
                THEN studio_metric_key(prompt_version) ELSE '+' END END AS prompt_version,
            CASE WHEN 'outcome' = ANY(:facet) THEN CASE
                WHEN 'outcome' <> ALL(:ranked)
                    OR ('outcome', studio_metric_key(outcome)) IN (SELECT facet, value FROM named)
                THEN studio_metric_key(outcome) ELSE '+' END END AS outcome,
            CASE WHEN 'job' = ANY(:facet) THEN CASE
                WHEN 'job' <> ALL(:ranked)
                    OR ('job', studio_metric_key(job_id)) IN (SELECT facet, value FROM named)
                THEN studio_metric_key(job_id) ELSE '+' END END AS job_id
        FROM narrowed
    ) AS shown
    GROUP BY tenant_id, kind, day, hour, spent, model, tone, source, prompt_version, outcome, job_id
),
-- Few groupings want the hours; the others add up a day at once.
alike_days AS MATERIALIZED (
    SELECT tenant_id, kind, day, 0 AS hour, spent, model, tone, source, prompt_version, outcome, job_id,
        sum(rows)::bigint AS rows, sum(kept)::bigint AS kept, sum(timed)::bigint AS timed,
        sum(latency_sum) AS latency_sum, min(latency_min) AS latency_min, max(latency_max) AS latency_max,
        sum(used)::bigint AS used, sum(prompt)::bigint AS prompt, sum(cached)::bigint AS cached,
        sum(written)::bigint AS written, sum(completion)::bigint AS completion, sum(reasoning)::bigint AS reasoning,
        sum(priced)::bigint AS priced, sum(cost) AS cost
    FROM alike WHERE (SELECT hour FROM needed)
    GROUP BY tenant_id, kind, day, spent, model, tone, source, prompt_version, outcome, job_id
),
alike_at AS (
    SELECT true AS with_hours, alike.* FROM alike
    UNION ALL
    SELECT false, alike_days.* FROM alike_days
    UNION ALL
    SELECT false, alike.* FROM alike WHERE NOT (SELECT hour FROM needed)
),

-- 6. The sums of the totals by bucket and value, and those of all other values. 1 January 2001 was a Monday.
totals AS MATERIALIZED (
    SELECT number, unit, first, last, has_others, is_whole, bucket, key, sum(rows)::bigint AS rows,
        sum(kept)::bigint AS kept, sum(timed)::bigint AS timed, sum(latency_sum) AS latency_sum,
        min(latency_min) AS latency_min, max(latency_max) AS latency_max, sum(used)::bigint AS used,
        sum(prompt)::bigint AS prompt, sum(cached)::bigint AS cached, sum(written)::bigint AS written,
        sum(completion)::bigint AS completion, sum(reasoning)::bigint AS reasoning, sum(priced)::bigint AS priced,
        sum(cost) AS cost
    FROM (
        SELECT number, unit, first, last, most IS NOT NULL AS has_others, is_whole,
            CASE unit WHEN 'all' THEN NULL WHEN 'day' THEN day
                WHEN 'week' THEN day - ((day - DATE '2001-01-01') % 7 + 7) % 7
                WHEN 'weekday' THEN DATE '2001-01-01' + ((day - DATE '2001-01-01') % 7 + 7) % 7
                ELSE date_trunc(unit, day::timestamp)::date END AS bucket,
            coalesce(team_value, value) AS key, rows, kept, timed, latency_sum, latency_min, latency_max, used, prompt,
            cached, written, completion, reasoning, priced, cost
        FROM stored CROSS JOIN LATERAL (
            SELECT day, value, rows, kept, timed, latency_sum, latency_min, latency_max, used, prompt, cached, written,
                completion, reasoning, priced, cost
            FROM studio_metric_cells
            WHERE tenant_id = team AND kind = stored.kind AND facet = stored.facet AND day BETWEEN first AND last
            OFFSET 0
        ) AS cells
        WHERE most IS NULL OR is_whole OR (number, coalesce(team_value, value)) IN (SELECT number, value FROM named)
    ) AS parts GROUP BY number, unit, first, last, has_others, is_whole, bucket, key
),
others AS MATERIALIZED (
    SELECT number, bucket, CASE unit WHEN 'all' THEN first ELSE greatest(first, bucket) END AS since,
        CASE unit WHEN 'all' THEN last ELSE least(last, (bucket + ('1 ' || unit)::interval)::date - 1) END AS until,
        sum(sign * rows)::bigint AS rows, sum(sign * kept)::bigint AS kept, sum(sign * timed)::bigint AS timed,
        sum(sign * latency_sum) AS latency_sum,
        min(latency_min) FILTER (WHERE is_whole) AS latency_min,
        max(latency_max) FILTER (WHERE is_whole) AS latency_max,
        min(latency_min) FILTER (WHERE NOT is_whole) <= min(latency_min) FILTER (WHERE is_whole)
            OR max(latency_max) FILTER (WHERE NOT is_whole) >= max(latency_max) FILTER (WHERE is_whole) AS is_named,
        sum(sign * used)::bigint AS used, sum(sign * prompt)::bigint AS prompt, sum(sign * cached)::bigint AS cached,
        sum(sign * written)::bigint AS written, sum(sign * completion)::bigint AS completion,
        sum(sign * reasoning)::bigint AS reasoning, sum(sign * priced)::bigint AS priced, sum(sign * cost) AS cost
    FROM totals CROSS JOIN LATERAL (SELECT CASE WHEN is_whole THEN 1 ELSE -1 END AS sign) AS part
    WHERE has_others GROUP BY number, unit, first, last, bucket HAVING sum(sign * rows) <> 0
)
SELECT number, bucket AS starts_on, 0 AS at_hour, key, CAST(NULL AS smallint[]) AS bins,
    CAST(NULL AS integer[]) AS counts, rows, kept, timed, latency_sum, latency_min, latency_max, used, prompt, cached,
    written, completion, reasoning, priced, cost
FROM totals WHERE NOT is_whole AND rows <> 0
UNION ALL
-- Where a shown value has the shortest or the longest latency of the whole, that of the others is looked for.
SELECT number, bucket, 0, '+', CAST(NULL AS smallint[]), CAST(NULL AS integer[]), rows, kept, timed, latency_sum,
    CASE WHEN is_named THEN shortest ELSE latency_min END, CASE WHEN is_named THEN longest ELSE latency_max END,
    used, prompt, cached, written, completion, reasoning, priced, cost
FROM others CROSS JOIN LATERAL (
    SELECT min(latency_min) AS shortest, max(latency_max) AS longest
    FROM stored CROSS JOIN LATERAL (
        SELECT value, latency_min, latency_max FROM studio_metric_cells
        WHERE tenant_id = team AND kind = stored.kind AND facet = stored.facet AND day BETWEEN since AND until
        OFFSET 0
    ) AS cells
    WHERE others.is_named AND stored.number = others.number AND NOT stored.is_whole
        AND (stored.number, coalesce(team_value, value)) NOT IN (SELECT number, value FROM named)
) AS extremes
UNION ALL
SELECT number, starts_on, at_hour, key, CAST(NULL AS smallint[]), CAST(NULL AS integer[]),
    sum(rows)::bigint, sum(kept)::bigint, sum(timed)::bigint, coalesce(sum(latency_sum), 0), min(latency_min),
    max(latency_max), sum(used)::bigint, coalesce(sum(prompt), 0)::bigint, coalesce(sum(cached), 0)::bigint,
    coalesce(sum(written), 0)::bigint, coalesce(sum(completion), 0)::bigint,
    coalesce(sum(reasoning), 0)::bigint, sum(priced)::bigint, coalesce(sum(cost), 0)
FROM (
    SELECT number, CASE unit WHEN 'all' THEN NULL WHEN 'hour' THEN day WHEN 'day' THEN day
            WHEN 'weekday' THEN DATE '2001-01-01' + ((day - DATE '2001-01-01') % 7 + 7) % 7
            ELSE date_trunc(unit, day::timestamp)::date END AS starts_on,
        CASE unit WHEN 'hour' THEN hour ELSE 0 END AS at_hour,
        CASE facet WHEN 'model' THEN model WHEN 'tone' THEN tone WHEN 'source' THEN source
            WHEN 'prompt' THEN prompt_version WHEN 'outcome' THEN outcome WHEN 'job' THEN job_id
            WHEN 'tenant' THEN tenant_id WHEN 'hour' THEN lpad(hour::text, 2, '0') ELSE '' END AS key,
        rows, kept, timed, latency_sum, latency_min, latency_max, used, prompt, cached, written, completion, reasoning,
        priced, cost
    FROM sought JOIN alike_at AS alike ON with_hours = (facet = 'hour' OR unit = 'hour') AND alike.kind = sought.kind
        AND day BETWEEN first AND last AND (facet <> 'spent' OR spent)
    WHERE span IS NULL AND from_rows
) AS parts GROUP BY number, starts_on, at_hour, key HAVING sum(rows) <> 0

-- 7. The histograms of latencies, of all values or of those that are asked for: as they are stored, several of a
-- bucket, or made of the rows.
UNION ALL
SELECT number, CASE unit WHEN 'all' THEN NULL WHEN 'hour' THEN begins WHEN 'day' THEN begins
        ELSE date_trunc(unit, begins::timestamp)::date END,
    0, value, bins, counts, 0, 0, 0, 0, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0
FROM sought CROSS JOIN unnest(CAST(:tenants AS text[])) AS team CROSS JOIN LATERAL (
    SELECT CASE WHEN sought.facet = 'tenant' AND team <> '' THEN 'all' ELSE sought.facet END AS stored_as OFFSET 0
) AS way CROSS JOIN LATERAL (
    SELECT begins, CASE stored_as WHEN sought.facet THEN value ELSE '=' || team END AS value, bins, counts
    FROM studio_metric_latencies AS stored
    WHERE tenant_id = team AND kind = sought.kind AND stored.span = sought.span
        AND begins BETWEEN sought.first AND sought.last AND facet = stored_as
        AND (stored_as = 'all' OR value = ANY(:values))
    OFFSET 0
) AS stored
WHERE span IS NOT NULL AND NOT from_rows AND (value = '' OR value = ANY(:values))
UNION ALL
SELECT number, starts_on, at_hour, value, array_agg(bin), array_agg(latencies), 0, 0, 0, 0, NULL, NULL,
    0, 0, 0, 0, 0, 0, 0, 0
FROM (
    SELECT number, CASE unit WHEN 'all' THEN NULL WHEN 'hour' THEN day WHEN 'day' THEN day
            ELSE date_trunc(unit, day::timestamp)::date END AS starts_on,
        CASE unit WHEN 'hour' THEN hour ELSE 0 END AS at_hour,
        CASE facet WHEN 'model' THEN studio_metric_key(model) WHEN 'tone' THEN studio_metric_key(tone)
            WHEN 'source' THEN studio_metric_key(source) WHEN 'prompt' THEN studio_metric_key(prompt_version)
            WHEN 'job' THEN studio_metric_key(job_id) WHEN 'tenant' THEN '=' || tenant_id ELSE '' END AS value,
        bin, count(*)::integer AS latencies
    FROM sought JOIN narrowed ON narrowed.kind = sought.kind AND day BETWEEN first AND last AND bin IS NOT NULL
    WHERE span IS NOT NULL AND from_rows
    GROUP BY 1, 2, 3, 4, 5
) AS histograms
WHERE value = '' OR value = ANY(:values)
GROUP BY 1, 2, 3, 4
