-- The hashes that a text containing this word has: the pairs of the word, or the character itself if it has only one.
-- A word of first consonants alone (U+1100 to U+1112) is looked for by its threes, or by itself if it has two.
CREATE OR REPLACE FUNCTION studio_word_grams(tenant text, word text) RETURNS SETOF integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT hashtext((tenant || substr(joined, place, size)) COLLATE "C")
    FROM (SELECT joined, CASE WHEN joined ~ '^[\u1100-\u1112]{3,}$' THEN 3 ELSE 2 END AS size
          FROM (SELECT translate(word, E' \t.,·()-''’', '') AS joined) AS one) AS forms,
        generate_series(1, greatest(least(1, length(joined)), length(joined) - size + 1)) AS place
$$;
