-- The token counts of a usage object, of Chat Completions or of Responses (input_tokens), each NULL where it is missing
-- or the counts contradict the total. OFFSET 0 makes PostgreSQL look up each part only once.
-- lib.domain.pricing.Tokens.read reads the same.
CREATE OR REPLACE FUNCTION studio_token_usage(told jsonb)
RETURNS TABLE (prompt integer, cached integer, written integer, completion integer, reasoning integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1 AS $$
    SELECT counts.prompt, studio_token_part(details, counts.cached), studio_token_part(details, counts.written),
        CASE WHEN counts.total IS NULL OR counts.total = counts.prompt + counts.completion THEN counts.completion END,
        studio_token_count(counts.reasoning)
    FROM (
        SELECT coalesce(nullif(told -> 'prompt_tokens', 'null'), told -> 'input_tokens') AS prompt,
            coalesce(nullif(told -> 'completion_tokens', 'null'), told -> 'output_tokens') AS completion,
            coalesce(nullif(told -> 'prompt_tokens_details', 'null'), told -> 'input_tokens_details') AS details,
            coalesce(nullif(told -> 'completion_tokens_details', 'null'), told -> 'output_tokens_details') AS more,
            told -> 'total_tokens' AS total OFFSET 0
    ) AS parts CROSS JOIN LATERAL (
        SELECT studio_token_count(parts.prompt) AS prompt, studio_token_count(parts.completion) AS completion,
            studio_token_count(parts.total) AS total, details -> 'cached_tokens' AS cached,
            details -> 'cache_write_tokens' AS written, more -> 'reasoning_tokens' AS reasoning OFFSET 0
    ) AS counts
$$;
