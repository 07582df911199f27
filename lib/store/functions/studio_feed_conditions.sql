-- The conditions of a search as SQL text: 'within' is the range of the index that is walked, 'others' what must hold of
-- a row beside its words, 'worded' what must hold of its words, and 'near' what the GIN index is asked for beside
-- 'keys'. A facet that begins with '!' is one that a feed must not have.
--
-- Without 'respelled', every word must stand in the row as it is written. With it, rows are wanted that have every word,
-- but not all of them as written: it holds for each word null, or a regular expression of its other spellings
-- ('pattern') and of each spelling what the index knows it by ('spellings'); see lib/domain/search/terms.py. 'spelled'
-- is the half of that which says so of a row already known not to have all words as written: each look at a text costs
-- about a microsecond, and a word of three syllables is looked for in thousands of them.
CREATE OR REPLACE FUNCTION studio_feed_conditions(
    tenant text, facets text[], words text[], since timestamptz, until timestamptz,
    latency_from double precision, latency_to double precision, respelled jsonb,
    OUT within text, OUT others text, OUT worded text, OUT spelled text, OUT keys integer[], OUT near text
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
    others := concat_ws(' AND ',
        'true',
        'i.facets @> ' || quote_literal(nullif(keys, '{}')),
        'NOT i.facets && ' || quote_literal(nullif(ARRAY(
            SELECT studio_facet(tenant, substr(facet, 2)) FROM unnest(facets) AS facet WHERE facet LIKE '!%'
        ), '{}')),
        'i.latency_ms >= ' || quote_literal(latency_from),
        'i.latency_ms < ' || quote_literal(latency_to));
    worded := concat_ws(' AND ', 'true', nullif(array_to_string(found, ' AND '), ''));
    IF respelled IS NOT NULL THEN
        spelled := (
            SELECT string_agg('(' || concat_ws(' OR ',
                CASE WHEN cardinality(found) > 1 OR pattern IS NULL THEN condition END,
                'i.body ~ ' || quote_literal(pattern)) || ')', ' AND ' ORDER BY place)
            FROM unnest(found) WITH ORDINALITY AS given (condition, place)
            CROSS JOIN LATERAL (SELECT respelled -> (place - 1)::int ->> 'pattern' AS pattern) AS other);
        worded := format('NOT (%s) AND %s', worded, spelled);
    END IF;
END $$;
