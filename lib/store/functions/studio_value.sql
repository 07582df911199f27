-- A value that can be filtered by, as a filter spells it: composed and trimmed, '-' where the row has none.
CREATE OR REPLACE FUNCTION studio_value(told text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(btrim(normalize(told, NFC), E' \t\n\r\f\u00a0\u3000'), ''), '-')
$$;
