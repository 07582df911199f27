-- The usage object of a caption or a request: its own, or the one in the raw answer of the model if it has none.
-- lib.domain.pricing.reported_usage does the same.
CREATE OR REPLACE FUNCTION studio_reported_usage(token_usage jsonb, answer jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(token_usage) = 'object' AND token_usage <> '{}' THEN token_usage
        WHEN jsonb_typeof(answer -> 'usage') = 'object' THEN answer -> 'usage'
        ELSE token_usage END
$$;
