-- The ids of the feeds that match a filter, newest first, from one place on. It runs as the owner and returns nothing
-- unless the transaction has named this tenant: array containment is not leakproof, so no index would serve it under
-- row-level security. It knows three ways, each for where it is fastest. A common value is met soon by walking along
-- the newest rows. A rare value has so few rows that all of them are taken from the index. A value that is common, but
-- not of late, is looked for week by week.
--
-- With 'respelled' (see studio_feed_conditions) it returns those that spell a word otherwise, and with 'exact_too' first
-- those that have every word as written: for a rare word one look at the rows that the index knows tells both apart.
CREATE OR REPLACE FUNCTION studio_find_feeds(
    tenant text, facets text[], words text[], since timestamptz, until timestamptz,
    latency_from double precision, latency_to double precision,
    from_at timestamptz, from_id uuid, newer boolean, most integer, respelled jsonb DEFAULT NULL, exact_too boolean DEFAULT false
) RETURNS TABLE (feed_id uuid, created_at timestamptz, is_respelled boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20  -- taken for a thousand, whole tables would be joined to a page
SET search_path = pg_catalog, {schema}, pg_temp SET work_mem = '64MB' SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    step CONSTANT integer := 1000;
    few CONSTANT integer := 3000;
    direction CONSTANT text := CASE WHEN newer THEN 'ASC' ELSE 'DESC' END;
    side CONSTANT text := CASE WHEN newer THEN '>' ELSE '<' END;
    all_respelled CONSTANT boolean := respelled IS NOT NULL AND NOT exact_too;
    told record;
    otherwise record;
    wanted text;
    or_spelled text;
    beyond text := 'true';
    found_by text;
    last_seen record;
    found_now bigint;
    found_all bigint := 0;
    walked bigint := 0;
    ids uuid[];
    moments timestamptz[];
    respellings boolean[];
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
        RETURN QUERY SELECT i.feed_id, i.created_at, false FROM (
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
    told := studio_feed_conditions(
        tenant, facets, words, since, until, latency_from, latency_to, CASE WHEN NOT exact_too THEN respelled END);
    wanted := concat_ws(' AND ', told.others, told.worded);
    IF exact_too THEN
        otherwise := studio_feed_conditions(tenant, facets, words, since, until, latency_from, latency_to, respelled);
        or_spelled := CASE WHEN otherwise.near = told.near THEN otherwise.spelled END;
    END IF;
    LOOP
        RETURN QUERY EXECUTE format($walk$
            SELECT i.feed_id, i.created_at, %7$L::boolean FROM (
                SELECT * FROM studio_feed_index AS i WHERE %1$s AND %2$s
                ORDER BY i.created_at %3$s, i.feed_id %3$s LIMIT %4$s
            ) AS i WHERE %5$s ORDER BY i.created_at %3$s, i.feed_id %3$s LIMIT %6$s
        $walk$, told.within, beyond, direction, step, wanted, most - found_all, all_respelled);
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
        CONTINUE WHEN cardinality(told.keys) = 0 AND told.near IS NULL AND coalesce(latency_from, latency_to) IS NULL OR found_all * 5 * step >= most * walked;

        -- From here on it is the GIN index alone: OFFSET 0 keeps the planner from reading another one beside it.
        found_by := 'SELECT * FROM studio_feed_index AS i WHERE ' || concat_ws(' AND ',
            'i.facets @> ' || quote_literal(nullif(told.keys, '{}')),
            told.near,
            CASE WHEN cardinality(told.keys) = 0 AND told.near IS NULL THEN concat_ws(' AND ',
                'i.tenant_id = ' || quote_literal(tenant),
                'i.latency_ms >= ' || quote_literal(latency_from),
                'i.latency_ms < ' || quote_literal(latency_to)) END);
        EXECUTE format($few$
            SELECT array_agg(i.feed_id), array_agg(i.created_at), array_agg(NOT i.is_worded) FROM (
                SELECT i.feed_id, i.created_at, i.is_worded FROM (
                    SELECT i.*, coalesce(%s, false) AS is_worded FROM (%s OFFSET 0) AS i WHERE %s AND %s OFFSET 0
                ) AS i WHERE CASE WHEN i.is_worded THEN %s ELSE %s END LIMIT %s
            ) AS i
        $few$, told.worded, found_by, told.within, told.others, beyond, coalesce(or_spelled, 'false'),
            few + 1) INTO ids, moments, respellings;
        IF coalesce(cardinality(ids), 0) <= few THEN
            RETURN QUERY EXECUTE format($sort$
                SELECT i.feed_id, i.created_at, i.is_respelled OR %3$L::boolean
                FROM unnest($1, $2, $3) AS i (feed_id, created_at, is_respelled)
                ORDER BY i.is_respelled, i.created_at %1$s, i.feed_id %1$s LIMIT %2$s
            $sort$, direction, most - found_all, all_respelled) USING ids, moments, respellings;
            IF or_spelled IS NOT NULL THEN
                RETURN;
            END IF;
            found_all := found_all + coalesce(cardinality(ids), 0);
            EXIT;
        END IF;
        LOOP
            EXECUTE format('SELECT %s(i.created_at) FROM studio_feed_index AS i WHERE %s AND %s',
                CASE WHEN newer THEN 'min' ELSE 'max' END, told.within, beyond) INTO moment;
            EXIT WHEN moment IS NULL;
            week := floor(date_part('epoch', moment) / 604800);
            RETURN QUERY EXECUTE format($weeks$
                SELECT i.feed_id, i.created_at, %8$L::boolean FROM (%1$s AND i.facets && %2$L::integer[] OFFSET 0) AS i
                WHERE %3$s AND %4$s AND %5$s ORDER BY i.created_at %6$s, i.feed_id %6$s LIMIT %7$s
            $weeks$, found_by, ARRAY(
                SELECT studio_facet(tenant, 'week:' || (week + CASE WHEN newer THEN ahead ELSE -ahead END))
                FROM generate_series(0, weeks - 1) AS ahead
            ), told.within, beyond, wanted, direction, most - found_all, all_respelled);
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
        EXIT;
    END LOOP;
    IF exact_too AND found_all < most THEN
        RETURN QUERY SELECT i.feed_id, i.created_at, true FROM studio_find_feeds(
            tenant, facets, words, since, until, latency_from, latency_to, NULL, NULL, newer, (most - found_all)::integer,
            respelled) AS i;
    END IF;
END $$;

REVOKE EXECUTE ON FUNCTION studio_find_feeds FROM PUBLIC;
