-- The hashes that a text containing this word has: the pairs of the word, or the character itself if it has only one.
CREATE OR REPLACE FUNCTION studio_word_grams(tenant text, word text) RETURNS SETOF integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT hashtext((tenant || substr(word, place, least(2, length(word)))) COLLATE "C")
    FROM generate_series(1, greatest(1, length(word) - 1)) AS place
$$;
