-- A tag without the characters that join and vary its emoji, composed (NFC): what two spellings of it have in common.
-- Left out at its beginning is what would make another character of the # before it.
CREATE OR REPLACE FUNCTION studio_visible_tag(tag text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN tag !~ '[\u0300-\u036F\u200C\u200D\u20D0-\u20F0\uFE00-\uFE0F\U0001F3FB-\U0001F3FF]' THEN tag
        ELSE normalize(translate(regexp_replace(
            tag, '^[\u0300-\u036F\u200C\u200D\u20D0-\u20F0\uFE00-\uFE0F\U0001F3FB-\U0001F3FF]+', ''
        ), E'\u200C\u200D\uFE0F', ''), NFC) END
$$;
