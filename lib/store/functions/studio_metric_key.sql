-- The key under which a value is counted: '-' for none, '=' and the value, or '~' and its MD5 if it is longer than 255
-- characters.
CREATE OR REPLACE FUNCTION studio_metric_key(told text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN told IS NULL THEN '-' WHEN length(told) <= 255 THEN '=' || told
        ELSE '~' || md5(told) || left(told, 100) END
$$;
