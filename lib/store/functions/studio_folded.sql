-- Text in the form in which it is compared: lower case and composed (NFC).
CREATE OR REPLACE FUNCTION studio_folded(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT lower(normalize(words, NFC)) $$;
