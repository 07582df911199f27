-- The text in which tags are looked for: without the characters that clean_text() in lib/domain/brief.py takes out, and
-- with blanks for those that look like one. Few texts hold any, and the look is faster than the change.
CREATE OR REPLACE FUNCTION studio_tag_text(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN value !~ '[\u0001-\u0008\u000E-\u001B\u007F\u200B\u2060\u2800\u3164\uFEFF\uFFA0]' THEN value
        ELSE normalize(regexp_replace(translate(value, E'\u2800\u3164\uFFA0', '   '),
            '[\u0001-\u0008\u000E-\u001B\u007F\u200B\u2060\uFEFF]', '', 'g'), NFC) END
$$;
