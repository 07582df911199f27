CREATE TABLE studio_feed_states (
    tenant_id VARCHAR(255) NOT NULL,
    feed_id UUID NOT NULL,
    status TEXT NOT NULL DEFAULT 'draft',
    favourite BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, feed_id)
);

CREATE TABLE studio_feed_moves (
    tenant_id VARCHAR(255) NOT NULL,
    feed_id UUID NOT NULL,
    number INTEGER NOT NULL,
    from_status TEXT NOT NULL,
    to_status TEXT NOT NULL,
    note TEXT NOT NULL,
    person TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (tenant_id, feed_id, number)
);

CREATE TABLE studio_feed_versions (
    tenant_id VARCHAR(255) NOT NULL,
    feed_id UUID NOT NULL,
    number INTEGER NOT NULL,
    instagram_ad_copy TEXT NOT NULL,
    hashtags TEXT NOT NULL,
    kind TEXT NOT NULL,
    restored INTEGER,
    person TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (tenant_id, feed_id, number)
);

CREATE TABLE studio_feed_index (
    tenant_id VARCHAR(255) NOT NULL,
    feed_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    latency_ms DOUBLE PRECISION,
    facets INTEGER[] NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant_id, feed_id)
);

CREATE FUNCTION studio_folded(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT lower(normalize(words, NFC)) $$;

CREATE FUNCTION studio_facet(tenant text, facet text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT hashtext((tenant || E'\x01' || facet) COLLATE "C") $$;

CREATE FUNCTION studio_value(told text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(btrim(normalize(told, NFC), E' \t\n\r\f\u00a0\u3000'), ''), '-')
$$;

CREATE FUNCTION studio_instant(told timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN told >= '1000-01-01 00:00+00' AND told < '9000-01-01 00:00+00' THEN told ELSE '-infinity' END
$$;

CREATE FUNCTION studio_week(moment timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT 'week:' || floor(date_part('epoch', moment) / 604800) $$;

CREATE FUNCTION studio_grams(tenant text, body text) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(hashtext((tenant || gram) COLLATE "C")), '{}') FROM (
        SELECT string_to_table(body, NULL) AS gram
        UNION ALL
        SELECT string_to_table(regexp_replace(body, '(..)', E'\\1\x01', 'g'), E'\x01')
        UNION ALL
        SELECT string_to_table(regexp_replace(substr(body, 2), '(..)', E'\\1\x01', 'g'), E'\x01')
    ) AS grams
$$;

CREATE FUNCTION studio_word_grams(tenant text, word text) RETURNS SETOF integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT hashtext((tenant || substr(word, place, least(2, length(word)))) COLLATE "C")
    FROM generate_series(1, greatest(1, length(word) - 1)) AS place
$$;

CREATE FUNCTION studio_hashtags(hashtags text, caption text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT DISTINCT tag FROM (
        SELECT regexp_split_to_table(hashtags, '[\s#＃,，、;]+') AS tag
        UNION ALL
        SELECT (regexp_matches(caption, '[#＃]([^][\s#＃@,，、;.!?…"''(){}<>:/\\|~`%$^&*+=·-]+)', 'g'))[1]
    ) AS tags WHERE tag <> '' ORDER BY tag LIMIT 64
$$;

CREATE FUNCTION studio_index_entry(feed instagram_feeds) RETURNS SETOF studio_feed_index
LANGUAGE sql STABLE AS $$
    SELECT feed.tenant_id, feed.instagram_feed_id, studio_instant(feed.created_at), feed.latency_ms,
        ARRAY(
            SELECT studio_facet(feed.tenant_id, facet)
            FROM unnest(ARRAY[
                studio_week(studio_instant(feed.created_at)),
                'model:' || studio_value(feed.gpt_model_name),
                'tone:' || studio_value(feed.tone_style),
                'job:' || coalesce(feed.job_id::text, '-'),
                'overlay:' || coalesce(feed.overlay_id::text, '-'),
                'source:' || coalesce(made.source, 'pipeline'),
                'prompt:' || coalesce(made.prompt_version, '-'),
                'status:' || coalesce(state.status, 'draft'),
                CASE WHEN state.status = 'archived' THEN NULL ELSE 'live' END,
                CASE WHEN state.favourite THEN 'favourite' END
            ]) AS facet WHERE facet IS NOT NULL
            UNION ALL
            SELECT studio_facet(feed.tenant_id, '#' || tag)
            FROM studio_hashtags(studio_folded(feed.hashtags), studio_folded(feed.instagram_ad_copy)) AS tag
        ),
        studio_folded(concat_ws(E'\x02', feed.instagram_ad_copy, feed.product_description,
            feed.refined_ad_copy_eng, feed.store_information))
    FROM (SELECT) AS one
    LEFT JOIN studio_feed_states AS state
        ON state.tenant_id = feed.tenant_id AND state.feed_id = feed.instagram_feed_id
    LEFT JOIN LATERAL (
        SELECT source, prompt_version FROM studio_generations
        WHERE tenant_id = feed.tenant_id AND instagram_feed_id = feed.instagram_feed_id LIMIT 1
    ) AS made ON true
$$;

INSERT INTO studio_feed_index SELECT entry.* FROM instagram_feeds AS feed, studio_index_entry(feed) AS entry;

CREATE INDEX studio_generations_children
    ON studio_generations (tenant_id, parent_feed_id) WHERE parent_feed_id IS NOT NULL;

CREATE INDEX studio_feed_index_newest
    ON studio_feed_index (tenant_id, created_at DESC, feed_id DESC);

CREATE INDEX studio_feed_index_keys ON studio_feed_index USING gin (facets, studio_grams(tenant_id, body))
    WITH (fastupdate = on, gin_pending_list_limit = 512);

CREATE FUNCTION studio_index_feed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    named text := current_setting('app.tenant_id', true);
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM set_config('app.tenant_id', OLD.tenant_id, true);
        -- A feed that goes to another tenant leaves behind who changed it here, and why: not theirs to know.
        IF TG_OP = 'DELETE' OR (OLD.tenant_id, OLD.instagram_feed_id) <> (NEW.tenant_id, NEW.instagram_feed_id) THEN
            DELETE FROM studio_feed_index WHERE tenant_id = OLD.tenant_id AND feed_id = OLD.instagram_feed_id;
            DELETE FROM studio_feed_states WHERE tenant_id = OLD.tenant_id AND feed_id = OLD.instagram_feed_id;
            DELETE FROM studio_feed_moves WHERE tenant_id = OLD.tenant_id AND feed_id = OLD.instagram_feed_id;
            DELETE FROM studio_feed_versions WHERE tenant_id = OLD.tenant_id AND feed_id = OLD.instagram_feed_id;
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM set_config('app.tenant_id', NEW.tenant_id, true);
        INSERT INTO studio_feed_index SELECT entry.* FROM studio_index_entry(NEW) AS entry
        ON CONFLICT (tenant_id, feed_id) DO UPDATE SET
            created_at = EXCLUDED.created_at, latency_ms = EXCLUDED.latency_ms,
            facets = EXCLUDED.facets, body = EXCLUDED.body;
    END IF;
    PERFORM set_config('app.tenant_id', coalesce(named, ''), true);
    RETURN NULL;
END $$;

CREATE TRIGGER studio_index_new_feed AFTER INSERT OR DELETE ON instagram_feeds
    FOR EACH ROW EXECUTE FUNCTION studio_index_feed();

CREATE TRIGGER studio_index_changed_feed AFTER UPDATE ON instagram_feeds FOR EACH ROW
    WHEN ((OLD.tenant_id, OLD.instagram_feed_id, OLD.created_at, OLD.latency_ms, OLD.gpt_model_name, OLD.tone_style,
           OLD.job_id, OLD.overlay_id, OLD.hashtags, OLD.instagram_ad_copy, OLD.product_description,
           OLD.refined_ad_copy_eng, OLD.store_information)
          IS DISTINCT FROM
          (NEW.tenant_id, NEW.instagram_feed_id, NEW.created_at, NEW.latency_ms, NEW.gpt_model_name, NEW.tone_style,
           NEW.job_id, NEW.overlay_id, NEW.hashtags, NEW.instagram_ad_copy, NEW.product_description,
           NEW.refined_ad_copy_eng, NEW.store_information))
    EXECUTE FUNCTION studio_index_feed();

CREATE FUNCTION studio_forget_feeds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    TRUNCATE studio_feed_index, studio_feed_states, studio_feed_moves, studio_feed_versions;
    RETURN NULL;
END $$;

CREATE TRIGGER studio_forget_feeds AFTER TRUNCATE ON instagram_feeds
    FOR EACH STATEMENT EXECUTE FUNCTION studio_forget_feeds();

CREATE FUNCTION studio_index_state() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    named text := current_setting('app.tenant_id', true);
BEGIN
    PERFORM set_config('app.tenant_id', NEW.tenant_id, true);
    UPDATE studio_feed_index AS i SET facets = entry.facets
    FROM instagram_feeds AS feed, studio_index_entry(feed) AS entry
    WHERE feed.tenant_id = NEW.tenant_id AND feed.instagram_feed_id = NEW.feed_id
        AND i.tenant_id = NEW.tenant_id AND i.feed_id = NEW.feed_id;
    PERFORM set_config('app.tenant_id', coalesce(named, ''), true);
    RETURN NULL;
END $$;

CREATE TRIGGER studio_index_state AFTER INSERT OR UPDATE ON studio_feed_states
    FOR EACH ROW EXECUTE FUNCTION studio_index_state();

CREATE FUNCTION studio_keep_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    named text := current_setting('app.tenant_id', true);
    newest integer;
BEGIN
    PERFORM set_config('app.tenant_id', NEW.tenant_id, true);
    SELECT max(number) INTO newest FROM studio_feed_versions
    WHERE tenant_id = NEW.tenant_id AND feed_id = NEW.instagram_feed_id;
    IF newest IS NULL THEN
        newest := 1;
        INSERT INTO studio_feed_versions
        VALUES (NEW.tenant_id, NEW.instagram_feed_id, newest, OLD.instagram_ad_copy, OLD.hashtags, 'original',
                NULL, NULL, coalesce(OLD.created_at, OLD.updated_at, clock_timestamp()));
    END IF;
    INSERT INTO studio_feed_versions
    VALUES (NEW.tenant_id, NEW.instagram_feed_id, newest + 1, NEW.instagram_ad_copy, NEW.hashtags,
            CASE WHEN current_setting('app.change', true) IN ('edit', 'restore')
                 THEN current_setting('app.change', true) ELSE 'outside' END,
            nullif(current_setting('app.restored', true), '')::integer,
            nullif(current_setting('app.person', true), ''), clock_timestamp());
    PERFORM set_config('app.tenant_id', coalesce(named, ''), true);
    RETURN NULL;
END $$;

CREATE TRIGGER studio_keep_version AFTER UPDATE ON instagram_feeds FOR EACH ROW
    WHEN (OLD.tenant_id = NEW.tenant_id AND OLD.instagram_feed_id = NEW.instagram_feed_id
          AND (OLD.instagram_ad_copy, OLD.hashtags) IS DISTINCT FROM (NEW.instagram_ad_copy, NEW.hashtags))
    EXECUTE FUNCTION studio_keep_version();

DELETE FROM studio_feed_index AS old WHERE NOT EXISTS (
    SELECT FROM instagram_feeds WHERE tenant_id = old.tenant_id AND instagram_feed_id = old.feed_id);

INSERT INTO studio_feed_index SELECT entry.* FROM instagram_feeds AS feed, studio_index_entry(feed) AS entry
WHERE age(feed.xmin) <= age('{oldest}'::xid)
ON CONFLICT (tenant_id, feed_id) DO UPDATE SET
    created_at = EXCLUDED.created_at, latency_ms = EXCLUDED.latency_ms,
    facets = EXCLUDED.facets, body = EXCLUDED.body;

CREATE FUNCTION studio_feed_conditions(
    tenant text, facets text[], words text[], since timestamptz, until timestamptz,
    latency_from double precision, latency_to double precision,
    OUT within text, OUT wanted text, OUT keys integer[], OUT grams integer[]
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    folded CONSTANT text[] := ARRAY(SELECT studio_folded(word) FROM unnest(words) AS word WHERE word <> '');
BEGIN
    keys := ARRAY(SELECT studio_facet(tenant, CASE WHEN facet LIKE '#%' THEN studio_folded(facet) ELSE facet END)
                  FROM unnest(facets) AS facet);
    grams := ARRAY(SELECT DISTINCT gram FROM unnest(folded) AS word, studio_word_grams(tenant, word) AS gram);
    within := concat_ws(' AND ',
        'i.tenant_id = ' || quote_literal(tenant),
        'i.created_at >= ' || quote_literal(since),
        'i.created_at < ' || quote_literal(until));
    wanted := concat_ws(' AND ',
        'true',
        'i.facets @> ' || quote_literal(nullif(keys, '{}')),
        'i.latency_ms >= ' || quote_literal(latency_from),
        'i.latency_ms < ' || quote_literal(latency_to),
        (SELECT string_agg('strpos(i.body, ' || quote_literal(word) || ') > 0', ' AND ')
         FROM unnest(folded) AS word));
END $$;

CREATE FUNCTION studio_find_feeds(
    tenant text, facets text[], words text[], since timestamptz, until timestamptz,
    latency_from double precision, latency_to double precision,
    from_at timestamptz, from_id uuid, newer boolean, most integer
) RETURNS TABLE (feed_id uuid, created_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20  -- taken for a thousand, whole tables would be joined to a page
SET search_path = pg_catalog, {schema}, pg_temp SET work_mem = '64MB' SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    step CONSTANT integer := 1000;
    few CONSTANT integer := 3000;
    direction CONSTANT text := CASE WHEN newer THEN 'ASC' ELSE 'DESC' END;
    side CONSTANT text := CASE WHEN newer THEN '>' ELSE '<' END;
    told record;
    beyond text := 'true';
    found_by text;
    last_seen record;
    found_now bigint;
    found_all bigint := 0;
    walked bigint := 0;
    ids uuid[];
    moments timestamptz[];
    moment timestamptz;
    week double precision;
    weeks integer := 1;
BEGIN
    IF tenant IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '') THEN
        RETURN;
    END IF;
    IF from_id IS NOT NULL THEN
        beyond := format('(i.created_at, i.feed_id) %s (%L, %L)', side, coalesce(from_at, '-infinity'), from_id);
    END IF;
    IF facets = '{live}' AND cardinality(words) = 0 AND NOT newer
        AND coalesce(since, until) IS NULL AND coalesce(latency_from, latency_to) IS NULL
    THEN  -- what everybody opens, with a plan that is made once a connection
        RETURN QUERY SELECT i.feed_id, i.created_at FROM (
            SELECT * FROM studio_feed_index AS i WHERE i.tenant_id = tenant AND (i.created_at, i.feed_id) < (
                CASE WHEN from_id IS NULL THEN 'infinity' ELSE coalesce(from_at, '-infinity') END,
                coalesce(from_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
            ORDER BY i.created_at DESC, i.feed_id DESC LIMIT step
        ) AS i WHERE i.facets @> ARRAY[studio_facet(tenant, 'live')]
        ORDER BY i.created_at DESC, i.feed_id DESC LIMIT most;
        GET DIAGNOSTICS found_all = ROW_COUNT;
        IF found_all >= most THEN
            RETURN;
        END IF;
        most := most - found_all;  -- more is archived than not: go on after those
        EXECUTE format($last$
            SELECT i.created_at, i.feed_id FROM studio_feed_index AS i WHERE i.tenant_id = %L AND %s
            ORDER BY i.created_at DESC, i.feed_id DESC OFFSET %s LIMIT 1
        $last$, tenant, beyond, step - 1) INTO last_seen;
        IF last_seen.feed_id IS NULL THEN
            RETURN;
        END IF;
        beyond := format('(i.created_at, i.feed_id) < (%L, %L)', last_seen.created_at, last_seen.feed_id);
        found_all := 0;
    END IF;
    told := studio_feed_conditions(tenant, facets, words, since, until, latency_from, latency_to);
    LOOP
        RETURN QUERY EXECUTE format($walk$
            SELECT i.feed_id, i.created_at FROM (
                SELECT * FROM studio_feed_index AS i WHERE %1$s AND %2$s
                ORDER BY i.created_at %3$s, i.feed_id %3$s LIMIT %4$s
            ) AS i WHERE %5$s ORDER BY i.created_at %3$s, i.feed_id %3$s LIMIT %6$s
        $walk$, told.within, beyond, direction, step, told.wanted, most - found_all);
        GET DIAGNOSTICS found_now = ROW_COUNT;
        found_all := found_all + found_now;
        walked := walked + step;
        EXIT WHEN found_all >= most;
        EXECUTE format($last$
            SELECT i.created_at, i.feed_id FROM studio_feed_index AS i WHERE %1$s AND %2$s
            ORDER BY i.created_at %3$s, i.feed_id %3$s OFFSET %4$s LIMIT 1
        $last$, told.within, beyond, direction, step - 1) INTO last_seen;
        EXIT WHEN last_seen.feed_id IS NULL;
        beyond := format('(i.created_at, i.feed_id) %s (%L, %L)', side, last_seen.created_at, last_seen.feed_id);
        CONTINUE WHEN cardinality(told.keys || told.grams) = 0 OR found_all * 5 * step >= most * walked;

        -- From here on it is the GIN index alone: OFFSET 0 keeps the planner from reading another one beside it.
        found_by := 'SELECT * FROM studio_feed_index AS i WHERE ' || concat_ws(' AND ',
            'i.facets @> ' || quote_literal(nullif(told.keys, '{}')),
            'studio_grams(i.tenant_id, i.body) @> ' || quote_literal(nullif(told.grams, '{}')));
        EXECUTE format($few$
            SELECT array_agg(i.feed_id), array_agg(i.created_at) FROM (
                SELECT i.feed_id, i.created_at FROM (%s OFFSET 0) AS i WHERE %s AND %s AND %s LIMIT %s
            ) AS i
        $few$, found_by, told.within, beyond, told.wanted, few + 1) INTO ids, moments;
        IF coalesce(cardinality(ids), 0) <= few THEN
            RETURN QUERY EXECUTE format($sort$
                SELECT * FROM unnest($1, $2) AS i (feed_id, created_at)
                ORDER BY i.created_at %1$s, i.feed_id %1$s LIMIT %2$s
            $sort$, direction, most - found_all) USING ids, moments;
            RETURN;
        END IF;
        LOOP
            EXECUTE format('SELECT %s(i.created_at) FROM studio_feed_index AS i WHERE %s AND %s',
                CASE WHEN newer THEN 'min' ELSE 'max' END, told.within, beyond) INTO moment;
            EXIT WHEN moment IS NULL;
            week := floor(date_part('epoch', moment) / 604800);
            RETURN QUERY EXECUTE format($weeks$
                SELECT i.feed_id, i.created_at FROM (%s AND i.facets && %L::integer[] OFFSET 0) AS i
                WHERE %s AND %s AND %s ORDER BY i.created_at %6$s, i.feed_id %6$s LIMIT %7$s
            $weeks$, found_by, ARRAY(
                SELECT studio_facet(tenant, 'week:' || (week + CASE WHEN newer THEN ahead ELSE -ahead END))
                FROM generate_series(0, weeks - 1) AS ahead
            ), told.within, beyond, told.wanted, direction, most - found_all);
            GET DIAGNOSTICS found_now = ROW_COUNT;
            found_all := found_all + found_now;
            EXIT WHEN found_all >= most;
            beyond := format('i.created_at %s %L', CASE WHEN newer THEN '>=' ELSE '<' END, CASE
                WHEN isfinite(moment)
                    THEN to_timestamp((week + CASE WHEN newer THEN weeks ELSE 1 - weeks END) * 604800)
                WHEN newer THEN '1000-01-01 00:00+00'
                ELSE '-infinity' END);
            weeks := least(4, 2 * weeks);
        END LOOP;
        RETURN;
    END LOOP;
END $$;

CREATE FUNCTION studio_count_feeds(
    tenant text, facets text[], words text[], since timestamptz, until timestamptz,
    latency_from double precision, latency_to double precision, most integer
) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp SET work_mem = '64MB' AS $$
DECLARE
    told record;
    counted bigint;
BEGIN
    IF tenant IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '') THEN
        RETURN 0;
    END IF;
    told := studio_feed_conditions(tenant, facets, words, since, until, latency_from, latency_to);
    IF facets = '{live}' AND cardinality(words) = 0 AND coalesce(latency_from, latency_to) IS NULL THEN
        -- All but the archived, as the difference of two that an index counts: it need not look at a row for that.
        EXECUTE format('SELECT count(*) FROM studio_feed_index AS i WHERE %s', told.within) INTO counted;
        RETURN counted - studio_count_feeds(tenant, '{status:archived}', words, since, until, NULL, NULL, NULL);
    END IF;
    EXECUTE format('SELECT count(*) FROM (SELECT FROM studio_feed_index AS i WHERE %s LIMIT %L) AS i', concat_ws(
        ' AND ', told.within, told.wanted,
        'studio_grams(i.tenant_id, i.body) @> ' || quote_literal(nullif(told.grams, '{}'))), most) INTO counted;
    RETURN counted;
END $$;

REVOKE EXECUTE ON FUNCTION studio_find_feeds FROM PUBLIC;

REVOKE EXECUTE ON FUNCTION studio_count_feeds FROM PUBLIC;

REVOKE EXECUTE ON FUNCTION studio_index_feed FROM PUBLIC;

REVOKE EXECUTE ON FUNCTION studio_forget_feeds FROM PUBLIC;

REVOKE EXECUTE ON FUNCTION studio_index_state FROM PUBLIC;

REVOKE EXECUTE ON FUNCTION studio_keep_version FROM PUBLIC;
