-- The dimensions that a caption or a request is added up by, with its value of each: once in the whole ('all'), once
-- in what was spent, and once in each dimension that the metrics page groups by.
CREATE OR REPLACE FUNCTION studio_metric_dimensions(
    kind text, model text, tone text, source text, prompt_version text, hour smallint, outcome text, spent boolean
) RETURNS TABLE (facet text, value text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 7 AS $$
    SELECT dimension.facet, dimension.value FROM (VALUES
        ('all', ''),
        ('spent', CASE WHEN spent THEN '' END),
        ('model', studio_metric_key(model)),
        ('tone', studio_metric_key(tone)),
        ('source', studio_metric_key(source)),
        ('prompt', studio_metric_key(prompt_version)),
        ('hour', CASE WHEN kind = 'feed' THEN lpad(hour::text, 2, '0') END),
        ('outcome', CASE WHEN kind = 'attempt' THEN studio_metric_key(outcome) END)
    ) AS dimension (facet, value) WHERE dimension.value IS NOT NULL
$$;
