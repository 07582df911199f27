-- The hashtags of a feed: those of its hashtag field, however they are separated, and those in its caption, read as
-- lib/domain/hashtags.py reads them. At most 64, because an entry of an index has a largest size.
CREATE OR REPLACE FUNCTION studio_hashtags(hashtags text, caption text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT DISTINCT tag FROM (
        -- Signs within a tag of the field are left out: it is a list of tags, not a text.
        SELECT studio_visible_tag(CASE WHEN written !~ ('[' || studio_hashtag_ends() || ']') THEN written
            ELSE normalize(regexp_replace(
                written, '(?![' || studio_text_emoji() || ']\uFE0F)[' || studio_hashtag_ends() || ']', '', 'g'
            ), NFC) END) AS tag
        FROM regexp_split_to_table(studio_tag_text(hashtags),
            '[\u0009-\u000D\u001C-\u0020\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000#＃,，、;]+') AS written
        UNION ALL
        -- In a text the rule is Instagram's own, (?<!&)#(\w+), and emoji. Without constraints the search is faster.
        SELECT studio_visible_tag(substr(match[1], 2))
        FROM regexp_matches(studio_tag_text(caption),
            '&?#(?:[^' || studio_hashtag_ends() || ']|[' || studio_text_emoji() || ']\uFE0F)+', 'g') AS match
        WHERE match[1] ~ '^#[^\u0300-\u036F\u200C\u200D\u20D0-\u20F0\uFE00-\uFE0F\U0001F3FB-\U0001F3FF]'
    ) AS tags WHERE tag <> '' ORDER BY tag LIMIT 64
$$;
