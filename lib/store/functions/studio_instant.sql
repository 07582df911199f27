-- An instant within the years 1000 to 9000, which every program can read. Any other instant becomes '-infinity' and
-- sorts last, as if the row had none.
CREATE OR REPLACE FUNCTION studio_instant(told timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN told >= '1000-01-01 00:00+00' AND told < '9000-01-01 00:00+00' THEN told ELSE '-infinity' END
$$;
