-- The conditions of a search as SQL text: 'within' is the range of the index that is walked, 'wanted' what else must
-- hold of a row, and 'near' what the GIN index is asked for beside 'keys'. A facet that begins with '!' is one that a
-- feed must not have.
--
-- Without 'respelled', every word must stand in the row as it is written. With it, rows are wanted that have every word,
-- but not all of them as written: it holds for each word null, or a regular expression of its other spellings
-- ('pattern') and of each spelling what the index knows it by ('spellings'); see lib/domain/search/terms.py.
CREATE OR REPLACE FUNCTION studio_feed_conditions(
    tenant text, facets text[], words text[], since timestamptz, until timestamptz,
    latency_from double precision, latency_to double precision, respelled jsonb,
    OUT within text, OUT wanted text, OUT keys integer[], OUT near text
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    found text[] := ARRAY(
        SELECT 'strpos(i.body, ' || quote_literal(studio_searched(word)) || ') > 0'
        FROM unnest(words) WITH ORDINALITY AS given (word, place) ORDER BY place);
BEGIN
    keys := ARRAY(SELECT studio_facet(tenant, CASE WHEN facet LIKE '#%' THEN studio_folded(facet) ELSE facet END)
                  FROM unnest(facets) AS facet WHERE facet NOT LIKE '!%');
    near := (
        SELECT string_agg('(' || either || ')', ' AND ') FROM (
            SELECT string_agg('studio_grams(i.tenant_id, i.body) @> ' || quote_literal(grams), ' OR ') AS either
            FROM unnest(words) WITH ORDINALITY AS given (word, place)
            CROSS JOIN LATERAL jsonb_array_elements_text(
                coalesce(respelled -> (place - 1)::int -> 'spellings', jsonb_build_array(studio_searched(word)))
            ) AS spelling
            CROSS JOIN LATERAL (SELECT ARRAY(SELECT DISTINCT studio_word_grams(tenant, spelling)) AS grams) AS hashed
            GROUP BY place HAVING bool_and(grams <> '{}') ORDER BY place
        ) AS alternatives);
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
        CASE WHEN respelled IS NULL THEN nullif(array_to_string(found, ' AND '), '')
            ELSE 'NOT (' || array_to_string(found, ' AND ') || ') AND ' || (
                SELECT string_agg('(' || concat_ws(' OR ', condition,
                    'i.body ~ ' || quote_literal(respelled -> (place - 1)::int ->> 'pattern')) || ')', ' AND ' ORDER BY place)
                FROM unnest(found) WITH ORDINALITY AS given (condition, place)) END);
END $$;
