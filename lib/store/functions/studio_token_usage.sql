-- The token counts of a usage object, each NULL where it is missing. OFFSET 0 makes PostgreSQL look up each part only
-- once.
CREATE OR REPLACE FUNCTION studio_token_usage(told jsonb)
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
