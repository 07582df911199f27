-- The hashtags of a feed: those of its hashtag field, however they are separated, and those in its caption. At most
-- 64, because an entry of an index has a largest size.
CREATE OR REPLACE FUNCTION studio_hashtags(hashtags text, caption text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT DISTINCT tag FROM (
        SELECT regexp_split_to_table(hashtags, '[\s#＃,，、;]+') AS tag
        UNION ALL
        SELECT (regexp_matches(caption, '[#＃]([^][\s#＃@,，、;.!?…"''(){}<>:/\\|~`%$^&*+=·-]+)', 'g'))[1]
    ) AS tags WHERE tag <> '' ORDER BY tag LIMIT 64
$$;
