-- A token count out of JSON that any program may have written: NULL for everything that is not a whole number from 0
-- to 1,000,000,000, and never an error.
CREATE OR REPLACE FUNCTION studio_token_count(told jsonb) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(told) = 'number' THEN
        CASE WHEN told::numeric BETWEEN 0 AND 1000000000 AND scale(told::numeric) = 0 THEN told::integer END END
$$;
