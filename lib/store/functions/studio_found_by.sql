-- The value under which a filter finds a row. A value of more than 60 characters (MAX_VALUE in
-- lib/domain/feed_filter.py) is replaced by its MD5, because an address may not be long.
CREATE OR REPLACE FUNCTION studio_found_by(told text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN length(value) <= 60 THEN value ELSE '~' || md5(value) END
    FROM (SELECT studio_value(told)) AS one (value)
$$;
