CREATE FUNCTION studio_found_by(told text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN length(value) <= 60 THEN value ELSE '~' || md5(value) END
    FROM (SELECT studio_value(told)) AS one (value)
$$;

CREATE OR REPLACE FUNCTION studio_metric_key(told text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN told IS NULL THEN '-' WHEN length(told) <= 255 THEN '=' || told
        ELSE '~' || md5(told) || left(told, 100) END
$$;

CREATE OR REPLACE FUNCTION studio_index_entry(feed instagram_feeds) RETURNS SETOF studio_feed_index
LANGUAGE sql STABLE AS $$
    SELECT feed.tenant_id, feed.instagram_feed_id, studio_instant(feed.created_at), feed.latency_ms,
        ARRAY(
            SELECT studio_facet(feed.tenant_id, facet)
            FROM unnest(ARRAY[
                studio_week(studio_instant(feed.created_at)),
                'model:' || studio_value(feed.gpt_model_name),
                'tone:' || studio_found_by(feed.tone_style),
                'job:' || coalesce(feed.job_id::text, '-'),
                'overlay:' || coalesce(feed.overlay_id::text, '-'),
                'source:' || coalesce(made.source, 'pipeline'),
                'prompt:' || coalesce(made.prompt_version, '-'),
                'status:' || coalesce(state.status, 'draft'),
                CASE WHEN state.status = 'archived' THEN NULL ELSE 'live' END,
                CASE WHEN state.favourite THEN 'favourite' END
            ]) AS facet WHERE facet IS NOT NULL
            UNION ALL
            SELECT studio_facet(feed.tenant_id, '#' || tag)
            FROM studio_hashtags(studio_folded(feed.hashtags), studio_folded(feed.instagram_ad_copy)) AS tag
        ),
        studio_folded(concat_ws(E'\x02', feed.instagram_ad_copy, feed.product_description,
            feed.refined_ad_copy_eng, feed.store_information))
    FROM (SELECT) AS one
    LEFT JOIN studio_feed_states AS state
        ON state.tenant_id = feed.tenant_id AND state.feed_id = feed.instagram_feed_id
    LEFT JOIN LATERAL (
        SELECT source, prompt_version FROM studio_generations
        WHERE tenant_id = feed.tenant_id AND instagram_feed_id = feed.instagram_feed_id LIMIT 1
    ) AS made ON true
$$;

UPDATE studio_feed_index AS i SET facets = entry.facets
FROM instagram_feeds AS feed, studio_index_entry(feed) AS entry
WHERE length(feed.tone_style) > 60
    AND i.tenant_id = feed.tenant_id AND i.feed_id = feed.instagram_feed_id;

CREATE OR REPLACE FUNCTION studio_feed_conditions(
    tenant text, facets text[], words text[], since timestamptz, until timestamptz,
    latency_from double precision, latency_to double precision,
    OUT within text, OUT wanted text, OUT keys integer[], OUT grams integer[]
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    folded CONSTANT text[] := ARRAY(SELECT studio_folded(word) FROM unnest(words) AS word WHERE word <> '');
BEGIN
    keys := ARRAY(SELECT studio_facet(tenant, CASE WHEN facet LIKE '#%' THEN studio_folded(facet) ELSE facet END)
                  FROM unnest(facets) AS facet WHERE facet NOT LIKE '!%');
    grams := ARRAY(SELECT DISTINCT gram FROM unnest(folded) AS word, studio_word_grams(tenant, word) AS gram);
    within := concat_ws(' AND ',
        'i.tenant_id = ' || quote_literal(tenant),
        'i.created_at >= ' || quote_literal(since),
        'i.created_at < ' || quote_literal(until));
    wanted := concat_ws(' AND ',
        'true',
        'i.facets @> ' || quote_literal(nullif(keys, '{}')),
        'NOT i.facets && ' || quote_literal(nullif(ARRAY(
            SELECT studio_facet(tenant, substr(facet, 2)) FROM unnest(facets) AS facet WHERE facet LIKE '!%'
        ), '{}')),
        'i.latency_ms >= ' || quote_literal(latency_from),
        'i.latency_ms < ' || quote_literal(latency_to),
        (SELECT string_agg('strpos(i.body, ' || quote_literal(word) || ') > 0', ' AND ')
         FROM unnest(folded) AS word));
END $$;

CREATE INDEX studio_feed_index_latency ON studio_feed_index (tenant_id, latency_ms);

CREATE OR REPLACE FUNCTION studio_find_feeds(
    tenant text, facets text[], words text[], since timestamptz, until timestamptz,
    latency_from double precision, latency_to double precision,
    from_at timestamptz, from_id uuid, newer boolean, most integer
) RETURNS TABLE (feed_id uuid, created_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20  -- taken for a thousand, whole tables would be joined to a page
SET search_path = pg_catalog, {schema}, pg_temp SET work_mem = '64MB' SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    step CONSTANT integer := 1000;
    few CONSTANT integer := 3000;
    direction CONSTANT text := CASE WHEN newer THEN 'ASC' ELSE 'DESC' END;
    side CONSTANT text := CASE WHEN newer THEN '>' ELSE '<' END;
    told record;
    beyond text := 'true';
    found_by text;
    last_seen record;
    found_now bigint;
    found_all bigint := 0;
    walked bigint := 0;
    ids uuid[];
    moments timestamptz[];
    moment timestamptz;
    week double precision;
    weeks integer := 1;
BEGIN
    IF tenant IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '') THEN
        RETURN;
    END IF;
    IF from_id IS NOT NULL THEN
        beyond := format('(i.created_at, i.feed_id) %s (%L, %L)', side, coalesce(from_at, '-infinity'), from_id);
    END IF;
    IF facets = '{live}' AND cardinality(words) = 0 AND NOT newer
        AND coalesce(since, until) IS NULL AND coalesce(latency_from, latency_to) IS NULL
    THEN  -- what everybody opens, with a plan that is made once a connection
        RETURN QUERY SELECT i.feed_id, i.created_at FROM (
            SELECT * FROM studio_feed_index AS i WHERE i.tenant_id = tenant AND (i.created_at, i.feed_id) < (
                CASE WHEN from_id IS NULL THEN 'infinity' ELSE coalesce(from_at, '-infinity') END,
                coalesce(from_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
            ORDER BY i.created_at DESC, i.feed_id DESC LIMIT step
        ) AS i WHERE i.facets @> ARRAY[studio_facet(tenant, 'live')]
        ORDER BY i.created_at DESC, i.feed_id DESC LIMIT most;
        GET DIAGNOSTICS found_all = ROW_COUNT;
        IF found_all >= most THEN
            RETURN;
        END IF;
        most := most - found_all;  -- more is archived than not: go on after those
        EXECUTE format($last$
            SELECT i.created_at, i.feed_id FROM studio_feed_index AS i WHERE i.tenant_id = %L AND %s
            ORDER BY i.created_at DESC, i.feed_id DESC OFFSET %s LIMIT 1
        $last$, tenant, beyond, step - 1) INTO last_seen;
        IF last_seen.feed_id IS NULL THEN
            RETURN;
        END IF;
        beyond := format('(i.created_at, i.feed_id) < (%L, %L)', last_seen.created_at, last_seen.feed_id);
        found_all := 0;
    END IF;
    told := studio_feed_conditions(tenant, facets, words, since, until, latency_from, latency_to);
    LOOP
        RETURN QUERY EXECUTE format($walk$
            SELECT i.feed_id, i.created_at FROM (
                SELECT * FROM studio_feed_index AS i WHERE %1$s AND %2$s
                ORDER BY i.created_at %3$s, i.feed_id %3$s LIMIT %4$s
            ) AS i WHERE %5$s ORDER BY i.created_at %3$s, i.feed_id %3$s LIMIT %6$s
        $walk$, told.within, beyond, direction, step, told.wanted, most - found_all);
        GET DIAGNOSTICS found_now = ROW_COUNT;
        found_all := found_all + found_now;
        walked := walked + step;
        EXIT WHEN found_all >= most;
        EXECUTE format($last$
            SELECT i.created_at, i.feed_id FROM studio_feed_index AS i WHERE %1$s AND %2$s
            ORDER BY i.created_at %3$s, i.feed_id %3$s OFFSET %4$s LIMIT 1
        $last$, told.within, beyond, direction, step - 1) INTO last_seen;
        EXIT WHEN last_seen.feed_id IS NULL;
        beyond := format('(i.created_at, i.feed_id) %s (%L, %L)', side, last_seen.created_at, last_seen.feed_id);
        CONTINUE WHEN cardinality(told.keys || told.grams) = 0 AND coalesce(latency_from, latency_to) IS NULL OR found_all * 5 * step >= most * walked;

        -- From here on it is the GIN index alone: OFFSET 0 keeps the planner from reading another one beside it.
        found_by := 'SELECT * FROM studio_feed_index AS i WHERE ' || concat_ws(' AND ',
            'i.facets @> ' || quote_literal(nullif(told.keys, '{}')),
            'studio_grams(i.tenant_id, i.body) @> ' || quote_literal(nullif(told.grams, '{}')),
            CASE WHEN cardinality(told.keys || told.grams) = 0 THEN concat_ws(' AND ',
                'i.tenant_id = ' || quote_literal(tenant),
                'i.latency_ms >= ' || quote_literal(latency_from),
                'i.latency_ms < ' || quote_literal(latency_to)) END);
        EXECUTE format($few$
            SELECT array_agg(i.feed_id), array_agg(i.created_at) FROM (
                SELECT i.feed_id, i.created_at FROM (%s OFFSET 0) AS i WHERE %s AND %s AND %s LIMIT %s
            ) AS i
        $few$, found_by, told.within, beyond, told.wanted, few + 1) INTO ids, moments;
        IF coalesce(cardinality(ids), 0) <= few THEN
            RETURN QUERY EXECUTE format($sort$
                SELECT * FROM unnest($1, $2) AS i (feed_id, created_at)
                ORDER BY i.created_at %1$s, i.feed_id %1$s LIMIT %2$s
            $sort$, direction, most - found_all) USING ids, moments;
            RETURN;
        END IF;
        LOOP
            EXECUTE format('SELECT %s(i.created_at) FROM studio_feed_index AS i WHERE %s AND %s',
                CASE WHEN newer THEN 'min' ELSE 'max' END, told.within, beyond) INTO moment;
            EXIT WHEN moment IS NULL;
            week := floor(date_part('epoch', moment) / 604800);
            RETURN QUERY EXECUTE format($weeks$
                SELECT i.feed_id, i.created_at FROM (%s AND i.facets && %L::integer[] OFFSET 0) AS i
                WHERE %s AND %s AND %s ORDER BY i.created_at %6$s, i.feed_id %6$s LIMIT %7$s
            $weeks$, found_by, ARRAY(
                SELECT studio_facet(tenant, 'week:' || (week + CASE WHEN newer THEN ahead ELSE -ahead END))
                FROM generate_series(0, weeks - 1) AS ahead
            ), told.within, beyond, told.wanted, direction, most - found_all);
            GET DIAGNOSTICS found_now = ROW_COUNT;
            found_all := found_all + found_now;
            EXIT WHEN found_all >= most;
            beyond := format('i.created_at %s %L', CASE WHEN newer THEN '>=' ELSE '<' END, CASE
                WHEN isfinite(moment)
                    THEN to_timestamp((week + CASE WHEN newer THEN weeks ELSE 1 - weeks END) * 604800)
                WHEN newer THEN '1000-01-01 00:00+00'
                ELSE '-infinity' END);
            weeks := least(4, 2 * weeks);
        END LOOP;
        RETURN;
    END LOOP;
END $$;

CREATE INDEX studio_attempts_ended
    ON studio_attempts (tenant_id, outcome, created_at DESC, attempt_id DESC);

TRUNCATE studio_metric_latencies;

ALTER TABLE studio_metric_latencies
    DROP CONSTRAINT studio_metric_latencies_pkey, DROP COLUMN day, DROP COLUMN bin, DROP COLUMN rows,
    ADD COLUMN span TEXT NOT NULL, ADD COLUMN begins DATE NOT NULL,
    ADD COLUMN bins SMALLINT[] NOT NULL, ADD COLUMN counts INTEGER[] NOT NULL,
    ADD PRIMARY KEY (tenant_id, kind, facet, span, begins, value);

TRUNCATE studio_metric_facts, studio_metric_cells, studio_metric_states;

DROP INDEX studio_metric_facts_day;

ALTER TABLE studio_metric_facts
    DROP CONSTRAINT studio_metric_facts_pkey, ADD PRIMARY KEY (tenant_id, day, kind, row_id);

ALTER TABLE studio_metric_changes
    ADD COLUMN is_new BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN created_at TIMESTAMPTZ,
    ADD COLUMN model TEXT,
    ADD COLUMN tier TEXT,
    ADD COLUMN tone TEXT,
    ADD COLUMN job_id UUID,
    ADD COLUMN latency_ms DOUBLE PRECISION,
    ADD COLUMN token_usage JSONB;

CREATE FUNCTION studio_token_usage(told jsonb)
RETURNS TABLE (prompt integer, cached integer, written integer, completion integer, reasoning integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1 AS $$
    SELECT studio_token_count(of_it.prompt), studio_token_part(of_it.details, parts.cached),
        studio_token_part(of_it.details, parts.written), studio_token_count(of_it.completion),
        studio_token_count(parts.reasoning)
    FROM (
        SELECT told -> 'prompt_tokens' AS prompt, told -> 'completion_tokens' AS completion,
            told -> 'prompt_tokens_details' AS details, told -> 'completion_tokens_details' AS more OFFSET 0
    ) AS of_it CROSS JOIN LATERAL (
        SELECT details -> 'cached_tokens' AS cached, details -> 'cache_write_tokens' AS written,
            more -> 'reasoning_tokens' AS reasoning OFFSET 0
    ) AS parts
$$;

CREATE OR REPLACE FUNCTION studio_count_instagram_feeds() RETURNS trigger
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
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id, is_new, created_at, model, tier, tone, job_id, latency_ms, token_usage)
        SELECT tenant_id, 'feed', instagram_feed_id, current_setting('app.changed_within', true) IS DISTINCT FROM 'on', created_at, gpt_model_name, left(gpt_response_raw ->> 'service_tier', 100), tone_style, job_id, latency_ms, token_usage FROM new_rows WHERE tenant_id <> '' AND true;
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
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id, is_new, created_at, model, tier, tone, job_id, latency_ms, token_usage)
            SELECT this_tenant, 'feed', instagram_feed_id, current_setting('app.changed_within', true) IS DISTINCT FROM 'on', created_at, gpt_model_name, left(gpt_response_raw ->> 'service_tier', 100), tone_style, job_id, latency_ms, token_usage FROM new_rows WHERE tenant_id = this_tenant AND true;
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
            SELECT this_tenant, 'feed', instagram_feed_id, created_at FROM old_rows WHERE tenant_id = this_tenant AND true;
        ELSE
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
            SELECT DISTINCT this_tenant, 'feed', row_id, created_at FROM (
                (SELECT instagram_feed_id AS row_id, created_at, latency_ms, gpt_model_name, tone_style, job_id, token_usage, gpt_response_raw ->> 'service_tier' AS tier FROM old_rows WHERE tenant_id = this_tenant AND true
                 EXCEPT ALL
                 SELECT instagram_feed_id, created_at, latency_ms, gpt_model_name, tone_style, job_id, token_usage, gpt_response_raw ->> 'service_tier' AS tier FROM new_rows WHERE tenant_id = this_tenant AND true)
                UNION ALL
                (SELECT instagram_feed_id, created_at, latency_ms, gpt_model_name, tone_style, job_id, token_usage, gpt_response_raw ->> 'service_tier' AS tier FROM new_rows WHERE tenant_id = this_tenant AND true
                 EXCEPT ALL
                 SELECT instagram_feed_id, created_at, latency_ms, gpt_model_name, tone_style, job_id, token_usage, gpt_response_raw ->> 'service_tier' AS tier FROM old_rows WHERE tenant_id = this_tenant AND true)
            ) AS changed;
        END IF;
    END LOOP;
    PERFORM set_config('app.tenant_id', coalesce(named, ''), true);
    RETURN NULL;
END $$;

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
                (SELECT attempt_id AS row_id, created_at, latency_ms, model_name, outcome, error_code, token_usage, response ->> 'service_tier' AS tier FROM old_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL
                 EXCEPT ALL
                 SELECT attempt_id, created_at, latency_ms, model_name, outcome, error_code, token_usage, response ->> 'service_tier' AS tier FROM new_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL)
                UNION ALL
                (SELECT attempt_id, created_at, latency_ms, model_name, outcome, error_code, token_usage, response ->> 'service_tier' AS tier FROM new_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL
                 EXCEPT ALL
                 SELECT attempt_id, created_at, latency_ms, model_name, outcome, error_code, token_usage, response ->> 'service_tier' AS tier FROM old_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL)
            ) AS changed;
        END IF;
    END LOOP;
    PERFORM set_config('app.tenant_id', coalesce(named, ''), true);
    RETURN NULL;
END $$;
