-- A part of a token count, such as the cached tokens: 0 where the usage does not mention it, NULL where it says
-- something that is no count.
CREATE OR REPLACE FUNCTION studio_token_part(details jsonb, part jsonb) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN coalesce(jsonb_typeof(details), 'null') NOT IN ('null', 'object') THEN NULL
        WHEN coalesce(jsonb_typeof(part), 'null') = 'null' THEN 0
        ELSE studio_token_count(part) END
$$;
