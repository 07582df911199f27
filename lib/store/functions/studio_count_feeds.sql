-- How many feeds match a filter, at most 'most' if that is given. It runs as the owner and counts nothing unless the
-- transaction has named this tenant (see studio_find_feeds).
CREATE OR REPLACE FUNCTION studio_count_feeds(
    tenant text, facets text[], words text[], since timestamptz, until timestamptz,
    latency_from double precision, latency_to double precision, most integer, respelled jsonb DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp SET work_mem = '64MB' AS $$
DECLARE
    told record;
    counted bigint;
BEGIN
    IF tenant IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '') THEN
        RETURN 0;
    END IF;
    told := studio_feed_conditions(tenant, facets, words, since, until, latency_from, latency_to, respelled);
    IF facets = '{live}' AND cardinality(words) = 0 AND coalesce(latency_from, latency_to) IS NULL THEN
        -- All but the archived, as the difference of two that an index counts: it need not look at a row for that.
        EXECUTE format('SELECT count(*) FROM studio_feed_index AS i WHERE %s', told.within) INTO counted;
        RETURN counted - studio_count_feeds(tenant, '{status:archived}', words, since, until, NULL, NULL, NULL);
    END IF;
    EXECUTE format('SELECT count(*) FROM (SELECT FROM studio_feed_index AS i WHERE %s LIMIT %L) AS i', concat_ws(
        ' AND ', told.within, told.others, told.worded, told.near), most) INTO counted;
    RETURN counted;
END $$;

REVOKE EXECUTE ON FUNCTION studio_count_feeds FROM PUBLIC;
