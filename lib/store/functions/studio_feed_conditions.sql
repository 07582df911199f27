-- The conditions of a search as SQL text: 'within' is the range of the index that is walked, 'wanted' what else must
-- hold of a row. 'keys' and 'grams' are what the GIN index is asked for. A facet that begins with '!' is one that a
-- feed must not have.
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
